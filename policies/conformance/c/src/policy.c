// Says back what it is told, by the README of `policies/conformance`. It
// decides nothing.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

typedef exports_hooke_policy_policy_needs_t needs;
typedef exports_hooke_policy_policy_policy_error_t policy_error;

void exports_hooke_policy_policy_describe(exports_hooke_policy_policy_description_t *ret) {
  bindings_string_dup(&ret->name, "conformance " TEXT);
  bindings_string_dup(&ret->version, "0.1.0+" TEXT);
  bindings_string_dup(&ret->summary, "Says back what it is told: " TEXT ".");
  ret->settings_schema.is_some = true;
  bindings_string_dup(&ret->settings_schema.val, "{\"title\":\"" TEXT "\",\"type\":\"object\"}");
}

// The mode that settings name, or none. Found and not parsed.
static void find_mode(const bindings_string_t *settings, char mode[32]) {
  static const char KEY[] = "\"mode\":\"";
  const char *at = (const char *)settings->ptr, *end = at + settings->len;
  size_t used = 0;
  while (end - at >= (ptrdiff_t)strlen(KEY) && memcmp(at, KEY, strlen(KEY)) != 0) at++;
  if (end - at >= (ptrdiff_t)strlen(KEY)) {
    for (at += strlen(KEY); at < end && *at != '"' && used < 31; at++) mode[used++] = *at;
  }
  mode[used] = '\0';
}

bool exports_hooke_policy_policy_validate_settings(
    bindings_string_t *settings, exports_hooke_policy_policy_list_setting_problem_t *err) {
  char mode[32];
  find_mode(settings, mode);
  if (strcmp(mode, "problems") == 0) {
    err->len = 3;
    err->ptr = calloc(3, sizeof *err->ptr);
    if (err->ptr == NULL) abort();
    bindings_string_dup(&err->ptr[0].path, "");
    bindings_string_dup(&err->ptr[0].message, "whole: " TEXT);
    bindings_string_dup(&err->ptr[1].path, "mode");
    err->ptr[1].message = *settings;
    bindings_string_dup(&err->ptr[2].path, "a." TEXT);
    bindings_string_dup(&err->ptr[2].message, "");
    return false;
  }
  bindings_string_free(settings);
  if (strcmp(mode, "no-problems") != 0) return true;
  *err = (exports_hooke_policy_policy_list_setting_problem_t){NULL, 0};
  return false;
}

static bool answer(needs *ret, int32_t delta, struct text *reason) {
  ret->delta = delta;
  ret->reason = taken(reason);
  return true;
}

// The text of storing these bytes; whether they were too many, and what is not.
static bool put_stored(struct text *text, const void *bytes, size_t length, uint64_t *cap) {
  bindings_list_u8_t list = {(uint8_t *)bytes, length};
  hooke_policy_memory_memory_error_t error;
  if (hooke_policy_memory_store(&list, &error)) {
    put(text, "ok");
    return false;
  }
  bool too_large = error.tag == HOOKE_POLICY_MEMORY_MEMORY_ERROR_TOO_LARGE;
  put(text, "err ");
  if (too_large) {
    *cap = error.val.too_large;
    put(text, "too-large(%" PRIu64 ")", *cap);
  } else {
    put_named(text, "other", &error.val.other);
  }
  hooke_policy_memory_memory_error_free(&error);
  return too_large;
}

// Stores what was said, for the test to read.
static bool remember(const char *mode, struct text *said, needs *ret, policy_error *err) {
  struct text reason = {0}, outcome = {0};
  uint64_t cap;
  put_stored(&outcome, said->ptr, said->length, &cap);
  free(said->ptr);
  if (outcome.length == 2) {
    free(outcome.ptr);
    put(&reason, "%s", mode);
    return answer(ret, 0, &reason);
  }
  put(&reason, "store: %.*s", (int)outcome.length, outcome.ptr);
  free(outcome.ptr);
  err->tag = HOOKE_POLICY_TYPES_POLICY_ERROR_INTERNAL;
  err->val.internal = taken(&reason);
  return false;
}

// An error, after things that it is to undo.
static bool declined(uint8_t tag, const char *mode, policy_error *err) {
  bindings_string_t nobody = borrowed("nobody"), why = borrowed("");
  hooke_policy_cloud_refusal_t refusal;
  struct text said = {0}, ignored = {0};
  uint64_t cap;
  if (!hooke_policy_cloud_launch(&nobody, &why, &refusal)) hooke_policy_cloud_refusal_free(&refusal);
  put_stored(&ignored, "\1", 1, &cap);
  free(ignored.ptr);
  put(&said, "%s: " TEXT, mode);
  err->tag = tag;
  // Every case holds a text.
  err->val.other = taken(&said);
  return false;
}

static void put_store_max(struct text *text) {
  uint64_t length = 65537, cap = 0;
  for (int pass = 0; pass < 2; pass++) {
    uint8_t *bytes = malloc(length > 0 ? length : 1);
    if (bytes == NULL) abort();
    for (uint64_t at = 0; at < length; at++) bytes[at] = (uint8_t)at;
    bool again = put_stored(text, bytes, length, &cap) && pass == 0;
    free(bytes);
    if (!again) return;
    put(text, ", ");
    length = cap;
  }
}

static void log_all(void) {
  for (uint8_t level = 0; level < 4; level++) {
    struct text line = {0};
    put(&line, "%s: " TEXT, LEVELS[level]);
    bindings_string_t said = taken(&line);
    hooke_policy_log_write(level, &said);
    bindings_string_free(&said);
  }
  bindings_string_t empty = borrowed("");
  hooke_policy_log_write(HOOKE_POLICY_LOG_LEVEL_INFO, &empty);
}

static _Noreturn void panic(void) {
  bindings_string_t said = borrowed("panic: " TEXT);
  hooke_policy_log_write(HOOKE_POLICY_LOG_LEVEL_ERROR, &said);
  __builtin_trap();
}

// What needs no more than the mode to be answered.
static bool answer_mode(const char *mode, needs *ret, policy_error *err) {
  static const char *const ERRORS[] = {"invalid-settings", "missing-data", "unsupported", "internal",
                                       "other"};
  struct text reason = {0};
  uint64_t cap;
  for (uint8_t tag = 0; tag < 5; tag++) {
    if (strcmp(mode, ERRORS[tag]) == 0) return declined(tag, mode, err);
  }
  if (strcmp(mode, "low") == 0) return answer(ret, INT32_MIN, &reason);
  if (strcmp(mode, "panic") == 0) panic();
  if (strcmp(mode, "high") == 0) {
    for (int time = 0; time < 1000; time++) put(&reason, "🦀");
    return answer(ret, INT32_MAX, &reason);
  }
  if (strcmp(mode, "store") == 0) {
    put_stored(&reason, NULL, 0, &cap);
  } else if (strcmp(mode, "store-max") == 0) {
    put_store_max(&reason);
  } else if (strcmp(mode, "log") == 0) {
    log_all();
    put(&reason, "log");
  } else {
    err->tag = HOOKE_POLICY_TYPES_POLICY_ERROR_UNSUPPORTED;
    bindings_string_dup(&err->val.unsupported, "no mode");
    return false;
  }
  return answer(ret, 0, &reason);
}

bool exports_hooke_policy_policy_evaluate_needs(bindings_string_t *profile, needs *ret,
                                                policy_error *err) {
  bindings_string_t settings;
  struct text said = {0};
  char mode[32];
  hooke_policy_settings_json(&settings);
  find_mode(&settings, mode);
  bool facts = strcmp(mode, "facts") == 0, actions = strcmp(mode, "cloud") == 0;
  bool past = strcmp(mode, "past") == 0;
  if (facts) put_facts(&said, &settings, profile);
  if (past) put_past(&said, profile);
  if (actions) put_actions(&said, profile);
  bindings_string_free(&settings);
  bindings_string_free(profile);
  return facts || past || actions ? remember(mode, &said, ret, err) : answer_mode(mode, ret, err);
}
