#include "guest.h"

typedef hooke_policy_cloud_refusal_t refusal;
typedef bool action(bindings_string_t *target, bindings_string_t *reason, refusal *err);

static const char *const REFUSALS[] = {"unknown-vm", "unknown-worker", "unknown-image", "wrong-state",
                                       "busy",       "over-limit",     "other"};

static void put_action(struct text *text, const char *name, action *ask, bindings_string_t *target) {
  bindings_string_t why = borrowed("why " TEXT);
  refusal error;
  put(text, "%s ", name);
  put_quoted(text, target);
  if (ask(target, &why, &error)) {
    put(text, " ok\n");
    return;
  }
  put(text, " err ");
  // Every case holds a text.
  put_named(text, REFUSALS[error.tag], &error.val.other);
  put(text, "\n");
  hooke_policy_cloud_refusal_free(&error);
}

static void put_target(struct text *text, bindings_string_t *image, bindings_string_t *vm) {
  put_action(text, "launch", hooke_policy_cloud_launch, image);
  put_action(text, "resume", hooke_policy_cloud_resume, vm);
  put_action(text, "suspend", hooke_policy_cloud_suspend, vm);
  put_action(text, "terminate", hooke_policy_cloud_terminate, vm);
  put_action(text, "start-worker", hooke_policy_cloud_start_worker, vm);
  put_action(text, "stop-worker", hooke_policy_cloud_stop_worker, vm);
}

void put_actions(struct text *text, bindings_string_t *profile) {
  bindings_string_t nobody = borrowed(NOBODY);
  hooke_policy_metrics_list_vm_t vms;
  hooke_policy_metrics_metrics_error_t error;
  put_target(text, &nobody, &nobody);
  if (!hooke_policy_metrics_vms(profile, &vms, &error)) {
    hooke_policy_metrics_metrics_error_free(&error);
    return;
  }
  for (size_t at = 0; at < vms.len; at++) put_target(text, &vms.ptr[at].image, &vms.ptr[at].id);
  hooke_policy_metrics_list_vm_free(&vms);
}
