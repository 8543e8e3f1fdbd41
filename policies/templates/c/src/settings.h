// The settings, out of their JSON. Pure, as decide.h is.
#pragma once

#include <stddef.h>
#include <stdint.h>

// What the site can set.
struct settings {
  uint32_t per_worker;  // messages ready for each worker
};

// One thing wrong with the settings: where, as a path of keys joined by dots,
// and what to write instead.
struct problem {
  char path[64];
  char message[128];
};

// More problems than these are not told at once.
enum { PROBLEMS_MOST = 16 };

// Reads the settings, defaults for what is not there; the number of problems.
// With any, the settings must not be used.
size_t settings_parse(const char *json, size_t length, struct settings *settings,
                      struct problem problems[PROBLEMS_MOST]);
