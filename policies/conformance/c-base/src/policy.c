// The guest of the smallest world, by the README of `policies/conformance`.

#include "bindings.h"

void exports_hooke_policy_policy_describe(exports_hooke_policy_policy_description_t *ret) {
  bindings_string_dup(&ret->name, "conformance-base");
  bindings_string_dup(&ret->version, "");
  bindings_string_dup(&ret->summary, "");
  ret->settings_schema.is_some = false;
}

bool exports_hooke_policy_policy_validate_settings(
    bindings_string_t *settings, exports_hooke_policy_policy_list_setting_problem_t *err) {
  bindings_string_free(settings);
  (void)err;
  return true;
}

bool exports_hooke_policy_policy_evaluate_needs(bindings_string_t *profile,
                                                exports_hooke_policy_policy_needs_t *ret,
                                                exports_hooke_policy_policy_policy_error_t *err) {
  (void)err;
  hooke_policy_log_write(HOOKE_POLICY_LOG_LEVEL_INFO, profile);
  bindings_string_free(profile);
  ret->delta = 0;
  hooke_policy_settings_json(&ret->reason);
  return true;
}
