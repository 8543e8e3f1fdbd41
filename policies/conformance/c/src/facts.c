#include <inttypes.h>
#include <string.h>

#include "guest.h"

const char *const LEVELS[4] = {"debug", "info", "warn", "error"};
static const char *const QUALITIES[] = {"fresh", "stale", "missing"};
static const char *const STATES[] = {"pending",   "booting",   "running", "draining",    "suspending",
                                     "suspended", "stopped", "terminating", "failed"};

typedef hooke_policy_metrics_metrics_error_t metrics_error;

static void put_u64(struct text *text, const char *name, bindings_option_u64_t value) {
  if (value.is_some) {
    put(text, " %s=some(%" PRIu64 ")", name, value.val);
  } else {
    put(text, " %s=none", name);
  }
}

static void put_u32(struct text *text, const char *name, bindings_option_u32_t value) {
  put_u64(text, name, (bindings_option_u64_t){value.is_some, value.val});
}

void put_f64(struct text *text, const char *name, bindings_option_f64_t value) {
  uint64_t bits;
  memcpy(&bits, &value.val, sizeof bits);
  if (value.is_some) {
    put(text, " %s=some(%016" PRIx64 ")", name, bits);
  } else {
    put(text, " %s=none", name);
  }
}

static void put_labels(struct text *text, const bindings_list_tuple2_string_string_t *labels) {
  put(text, " labels=[");
  for (size_t at = 0; at < labels->len; at++) {
    if (at > 0) put(text, ",");
    put_quoted(text, &labels->ptr[at].f0);
    put(text, "=");
    put_quoted(text, &labels->ptr[at].f1);
  }
  put(text, "]");
}

void put_error(struct text *text, const char *name, metrics_error *error) {
  put(text, "%s err ", name);
  if (error->tag == HOOKE_POLICY_METRICS_METRICS_ERROR_UNKNOWN_PROFILE) {
    put_named(text, "unknown-profile", &error->val.unknown_profile);
  } else {
    put_named(text, "other", &error->val.other);
  }
  put(text, "\n");
  hooke_policy_metrics_metrics_error_free(error);
}

static void put_queue(struct text *text, const hooke_policy_metrics_queue_t *queue) {
  put(text, "- name=");
  put_quoted(text, &queue->name);
  put(text, " quality=%s age-ms=%" PRIu64, QUALITIES[queue->quality], queue->age_ms);
  put_u64(text, "ready", queue->ready);
  put_u64(text, "unacked", queue->unacked);
  put_u32(text, "consumers", queue->consumers);
  put_f64(text, "arrival-rate", queue->arrival_rate);
  put_f64(text, "service-rate", queue->service_rate);
  put_u64(text, "idle-ms", queue->idle_ms);
  put(text, " own-workers=%" PRIu32, queue->own_workers);
  put_labels(text, &queue->labels);
  put(text, "\n");
}

static void put_vm(struct text *text, const hooke_policy_metrics_vm_t *vm) {
  put(text, "- id=");
  put_quoted(text, &vm->id);
  put(text, " image=");
  put_quoted(text, &vm->image);
  put(text, " state=");
  if (vm->state.tag == HOOKE_POLICY_TYPES_VM_STATE_OTHER) {
    put_named(text, "other", &vm->state.val.other);
  } else {
    put(text, "%s", STATES[vm->state.tag]);
  }
  put(text, " age-ms=%" PRIu64, vm->age_ms);
  put_u64(text, "idle-ms", vm->idle_ms);
  put(text, " vcpus=%" PRIu32, vm->vcpus);
  put_f64(text, "load", vm->load);
  put(text, " workers=%" PRIu32 " workers-all=%" PRIu32, vm->workers, vm->workers_all);
  put_labels(text, &vm->labels);
  put(text, "\n");
}

static void put_vms(struct text *text, const char *name, hooke_policy_metrics_list_vm_t *vms) {
  put(text, "%s ok %zu\n", name, vms->len);
  for (size_t at = 0; at < vms->len; at++) put_vm(text, &vms->ptr[at]);
  hooke_policy_metrics_list_vm_free(vms);
}

static void put_bounds(struct text *text, bindings_string_t *profile) {
  hooke_policy_metrics_worker_bounds_t bounds;
  metrics_error error;
  if (!hooke_policy_metrics_bounds(profile, &bounds, &error)) {
    put_error(text, "bounds", &error);
    return;
  }
  put(text, "bounds ok minimum=%" PRIu32 " maximum=%" PRIu32 "\n", bounds.minimum, bounds.maximum);
}

static void put_backlog(struct text *text, bindings_string_t *profile) {
  hooke_policy_metrics_backlog_sums_t sums;
  metrics_error error;
  if (!hooke_policy_metrics_backlog(profile, &sums, &error)) {
    put_error(text, "backlog", &error);
    return;
  }
  put(text, "backlog ok quality=%s age-ms=%" PRIu64, QUALITIES[sums.quality], sums.age_ms);
  put_u64(text, "ready", sums.ready);
  put_u64(text, "unacked", sums.unacked);
  put_u32(text, "consumers", sums.consumers);
  put_f64(text, "arrival-rate", sums.arrival_rate);
  put_f64(text, "service-rate", sums.service_rate);
  put_u64(text, "idle-ms", sums.idle_ms);
  put(text, "\n");
}

static void put_workers(struct text *text, bindings_string_t *profile) {
  hooke_policy_metrics_worker_counts_t counts;
  metrics_error error;
  if (!hooke_policy_metrics_workers(profile, &counts, &error)) {
    put_error(text, "workers", &error);
    return;
  }
  put(text, "workers ok capacity=%" PRIu32 " serving=%" PRIu32 " booting=%" PRIu32,
      counts.capacity, counts.serving, counts.booting);
  put(text, " draining=%" PRIu32 " idle=%" PRIu32 " busy=%" PRIu32 " unknown=%" PRIu32,
      counts.draining, counts.idle, counts.busy, counts.unknown);
  put(text, " idle-beyond-first=%" PRIu32 "\n", counts.idle_beyond_first);
}

static void put_lists(struct text *text, bindings_string_t *profile) {
  hooke_policy_metrics_list_queue_t queues;
  hooke_policy_metrics_list_vm_t vms;
  metrics_error error;
  if (hooke_policy_metrics_queues(profile, &queues, &error)) {
    put(text, "queues ok %zu\n", queues.len);
    for (size_t at = 0; at < queues.len; at++) put_queue(text, &queues.ptr[at]);
    hooke_policy_metrics_list_queue_free(&queues);
  } else {
    put_error(text, "queues", &error);
  }
  if (hooke_policy_metrics_vms(profile, &vms, &error)) {
    put_vms(text, "vms", &vms);
  } else {
    put_error(text, "vms", &error);
  }
  const uint64_t at_least[2] = {0, UINT64_MAX};
  const uint32_t limit[2] = {UINT32_MAX, 0};
  for (size_t at = 0; at < 2; at++) {
    if (hooke_policy_metrics_idle_vms(profile, at_least[at], limit[at], &vms, &error)) {
      put_vms(text, "idle-vms", &vms);
    } else {
      put_error(text, "idle-vms", &error);
    }
  }
}

static void put_memory(struct text *text) {
  bindings_list_u8_t bytes;
  if (!hooke_policy_memory_load(&bytes)) {
    put(text, "memory none\n");
    return;
  }
  put(text, "memory some(");
  for (size_t at = 0; at < bytes.len; at++) put(text, "%02x", bytes.ptr[at]);
  put(text, ")\n");
  bindings_list_u8_free(&bytes);
}

static void put_site(struct text *text) {
  bindings_string_t site;
  bindings_list_string_t profiles;
  put(text, "now-ms %" PRIu64 "\nsite ", hooke_policy_metrics_now_ms());
  hooke_policy_metrics_site(&site);
  put_quoted(text, &site);
  bindings_string_free(&site);
  hooke_policy_metrics_profiles(&profiles);
  put(text, "\nprofiles %zu\n", profiles.len);
  for (size_t at = 0; at < profiles.len; at++) {
    put(text, "- ");
    put_quoted(text, &profiles.ptr[at]);
    put(text, "\n");
  }
  bindings_list_string_free(&profiles);
}

void put_facts(struct text *text, bindings_string_t *settings, bindings_string_t *profile) {
  put(text, "settings ");
  put_quoted(text, settings);
  put(text, "\nasked ");
  put_quoted(text, profile);
  put(text, "\nenabled");
  for (uint8_t level = 0; level < 4; level++) {
    put(text, " %s=%s", LEVELS[level], hooke_policy_log_enabled(level) ? "true" : "false");
  }
  put(text, "\n");
  put_memory(text);
  put_site(text);
  bindings_string_t nobody = borrowed(NOBODY);
  for (bindings_string_t **each = (bindings_string_t *[]){profile, &nobody, NULL}; *each; each++) {
    put_bounds(text, *each);
    put_backlog(text, *each);
    put_workers(text, *each);
    put_lists(text, *each);
  }
}
