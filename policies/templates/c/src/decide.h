// The rule itself: facts in, a decision out. Pure: it asks nobody, so that any
// C compiler builds it and `test/decide_test.c` tests it without a host.
//
//   backlog                        answer
//   missing                        no decision: the host holds
//   wants more workers than there  the difference
//   wants fewer, stale             hold: a fresh reading is needed to shrink
//   wants fewer, fresh             the difference
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "settings.h"

// How far the backlog can be trusted.
enum quality { FRESH, STALE, MISSING };

// All that the rule looks at.
struct facts {
  enum quality quality;
  bool ready_known;
  uint64_t ready;     // messages
  uint32_t capacity;  // workers
};

// Workers more or fewer, and why.
struct decision {
  int32_t delta;
  char reason[256];
};

// Returns false, and leaves the decision alone, when the backlog is missing.
bool decide(const struct settings *settings, const struct facts *facts, struct decision *decision);
