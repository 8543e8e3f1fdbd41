#include "decide.h"

#include <inttypes.h>
#include <stdio.h>

// The difference, cut to what an answer can hold.
static int32_t difference(uint64_t wanted, uint32_t capacity) {
  if (wanted >= capacity) {
    uint64_t more = wanted - capacity;
    return more < INT32_MAX ? (int32_t)more : INT32_MAX;
  }
  uint64_t fewer = capacity - wanted;
  return fewer <= INT32_MAX ? -(int32_t)fewer : INT32_MIN;
}

bool decide(const struct settings *settings, const struct facts *facts, struct decision *decision) {
  if (facts->quality == MISSING || !facts->ready_known) return false;
  uint64_t each = settings->per_worker;
  uint64_t wanted = facts->ready / each + (facts->ready % each != 0);
  int32_t delta = difference(wanted, facts->capacity);
  bool hold = delta < 0 && facts->quality == STALE;
  decision->delta = hold ? 0 : delta;
  snprintf(decision->reason, sizeof decision->reason,
           "backlog %" PRIu64 " at %" PRIu64 " for each worker wants %" PRIu64
           " workers, there are %" PRIu32 "%s",
           facts->ready, each, wanted, facts->capacity,
           hold ? ": the reading is stale, hold" : "");
  return true;
}
