// What is left to do when an assertion fails or `abort` is called: the host's
// log gets the reason, and the evaluation ends. The host then holds.

#include <stdio.h>
#include <string.h>

#include "bindings.h"

static _Noreturn void panic(const char *message) {
  bindings_string_t line = {(uint8_t *)message, strlen(message)};
  hooke_policy_log_write(HOOKE_POLICY_LOG_LEVEL_ERROR, &line);
  __builtin_trap();
}

// Called by `assert`.
_Noreturn void __assert_fail(const char *condition, const char *file, int line,
                             const char *function) {
  char message[512];
  snprintf(message, sizeof message, "%s:%d: %s: assertion failed: %s", file, line, function,
           condition);
  panic(message);
}

_Noreturn void abort(void) { panic("abort was called, perhaps as memory ran out"); }
