// The component: carries facts to `decide` and the decision back. Decides
// nothing itself. `bindings.h` is made from the `wit` folder when it is built;
// what a function here hands back is freed by the code beside it.

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bindings.h"
#include "decide.h"
#include "settings.h"

static const char SCHEMA[] = {
#embed "../settings.schema.json"
};

// A text of the host's own, to be freed by it.
static bindings_string_t text_of(const char *text, size_t length) {
  bindings_string_t copy = {NULL, length};
  if (length > 0) {
    copy.ptr = malloc(length);
    if (copy.ptr == NULL) abort();
    memcpy(copy.ptr, text, length);
  }
  return copy;
}

static bindings_string_t text(const char *text) { return text_of(text, strlen(text)); }

static bool missing(const char *why, hooke_policy_types_policy_error_t *error) {
  error->tag = HOOKE_POLICY_TYPES_POLICY_ERROR_MISSING_DATA;
  error->val.missing_data = text(why);
  return false;
}

void exports_hooke_policy_policy_describe(exports_hooke_policy_policy_description_t *ret) {
  ret->name = text("my-policy");
  ret->version = text("0.1.0");
  ret->summary = text("Asks for one worker for each so many messages ready.");
  ret->settings_schema.is_some = true;
  ret->settings_schema.val = text_of(SCHEMA, sizeof SCHEMA);
}

bool exports_hooke_policy_policy_validate_settings(
    bindings_string_t *json, exports_hooke_policy_policy_list_setting_problem_t *err) {
  struct settings settings;
  struct problem problems[PROBLEMS_MOST];
  size_t count = settings_parse((const char *)json->ptr, json->len, &settings, problems);
  bindings_string_free(json);
  if (count == 0) return true;
  err->len = count;
  err->ptr = calloc(count, sizeof *err->ptr);
  if (err->ptr == NULL) abort();
  for (size_t at = 0; at < count; at++) {
    err->ptr[at].path = text(problems[at].path);
    err->ptr[at].message = text(problems[at].message);
  }
  return false;
}

// The settings of this binding; false, and the error, when they are wrong.
static bool read_settings(struct settings *settings, hooke_policy_types_policy_error_t *error) {
  bindings_string_t json;
  struct problem problems[PROBLEMS_MOST];
  hooke_policy_settings_json(&json);
  size_t count = settings_parse((const char *)json.ptr, json.len, settings, problems);
  bindings_string_free(&json);
  if (count == 0) return true;
  char message[sizeof problems];
  size_t used = 0;
  for (size_t at = 0; at < count; at++) {
    const struct problem *problem = &problems[at];
    used += (size_t)snprintf(message + used, sizeof message - used, "%s%s%s%s", at ? "; " : "",
                             problem->path, *problem->path ? ": " : "", problem->message);
    assert(used < sizeof message);
  }
  error->tag = HOOKE_POLICY_TYPES_POLICY_ERROR_INVALID_SETTINGS;
  error->val.invalid_settings = text(message);
  return false;
}

static enum quality quality_of(hooke_policy_types_quality_t quality) {
  switch (quality) {
    case HOOKE_POLICY_TYPES_QUALITY_FRESH: return FRESH;
    case HOOKE_POLICY_TYPES_QUALITY_STALE: return STALE;
    default: return MISSING;
  }
}

// The facts that the rule looks at, asked of the host.
static bool read_facts(bindings_string_t *profile, struct facts *facts) {
  hooke_policy_metrics_backlog_sums_t backlog;
  hooke_policy_metrics_worker_counts_t workers;
  hooke_policy_metrics_metrics_error_t error;
  if (!hooke_policy_metrics_backlog(profile, &backlog, &error) ||
      !hooke_policy_metrics_workers(profile, &workers, &error)) {
    hooke_policy_metrics_metrics_error_free(&error);
    return false;
  }
  *facts = (struct facts){
      .quality = quality_of(backlog.quality),
      .ready_known = backlog.ready.is_some,
      .ready = backlog.ready.val,
      .capacity = workers.capacity,
  };
  return true;
}

bool exports_hooke_policy_policy_evaluate_needs(bindings_string_t *profile,
                                                exports_hooke_policy_policy_needs_t *ret,
                                                exports_hooke_policy_policy_policy_error_t *err) {
  struct settings settings;
  struct facts facts;
  struct decision decision;
  if (!read_settings(&settings, err)) return false;
  if (!read_facts(profile, &facts)) return missing("the site does not have the profile", err);
  if (!decide(&settings, &facts, &decision)) return missing("the backlog is missing", err);
  bindings_string_free(profile);
  ret->delta = decision.delta;
  ret->reason = text(decision.reason);
  return true;
}
