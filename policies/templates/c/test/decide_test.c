// The rule, tested without a host; see README.md for how to run it.

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../src/decide.h"

static struct facts facts(enum quality quality, uint64_t ready, uint32_t capacity) {
  return (struct facts){quality, quality != MISSING, ready, capacity};
}

static void check(struct facts facts, uint32_t per_worker, int32_t expected) {
  struct settings settings = {per_worker};
  struct decision decision;
  assert(decide(&settings, &facts, &decision));
  printf("%s\n", decision.reason);
  assert(decision.delta == expected);
}

static void deciding(void) {
  // The backlog is divided and rounded up.
  check(facts(FRESH, 950, 3), 100, 7);
  check(facts(FRESH, 901, 10), 100, 0);
  check(facts(FRESH, 0, 2), 100, -2);
  check(facts(FRESH, 1, 0), 1, 1);
  // A stale reading grows and never shrinks.
  check(facts(STALE, 950, 3), 100, 7);
  check(facts(STALE, 0, 2), 100, 0);
  // The largest numbers are answered.
  check(facts(FRESH, UINT64_MAX, 0), 1, INT32_MAX);
  check(facts(FRESH, 0, UINT32_MAX), 100, INT32_MIN);
  // A missing backlog is no decision.
  struct decision decision;
  assert(!decide(&(struct settings){100}, &(struct facts){.quality = MISSING}, &decision));
  assert(!decide(&(struct settings){100}, &(struct facts){.quality = FRESH}, &decision));
}

// The paths of all problems, each ended by a blank; `=` and the value if there are none.
static void check_settings(const char *json, const char *expected) {
  struct settings settings;
  struct problem problems[PROBLEMS_MOST];
  char told[512] = "";
  size_t count = settings_parse(json, strlen(json), &settings, problems);
  if (count == 0) snprintf(told, sizeof told, "=%u", settings.per_worker);
  for (size_t at = 0; at < count; at++) {
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%s ", problems[at].path);
  }
  printf("%s -> %s\n", json, told);
  assert(strcmp(told, expected) == 0);
}

static void reading_settings(void) {
  check_settings("{}", "=100");
  check_settings(" { \"per_worker\" : 7 } ", "=7");
  check_settings("{\"per_worker\":4294967295}", "=4294967295");
  for (const char **wrong = (const char *[]){"0", "-1", "1.5", "1e3", "4294967296", "true", "null",
                                             "\"7\"", "[7]", "{\"a\":7}", NULL};
       *wrong; wrong++) {
    char json[64];
    snprintf(json, sizeof json, "{\"per_worker\":%s}", *wrong);
    check_settings(json, "per_worker ");
  }
  // Everything wrong is told at once.
  check_settings("{\"a\":{\"per_worker\":[1,{\"b\":2}]},\"per_worker\":true,\"b\":1}",
                 "a per_worker b ");
  // What is no table is refused.
  check_settings("[]", " ");
  check_settings("7", " ");
  check_settings("{", " ");
  check_settings("", " ");
}

int main(void) {
  deciding();
  reading_settings();
  return 0;
}
