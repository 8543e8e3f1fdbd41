#include <float.h>
#include <inttypes.h>

#include "guest.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

typedef hooke_policy_metrics_statistics_query_t query;
typedef hooke_policy_metrics_statistic_t statistic;

static void put_answer(struct text *text, query *asked) {
  hooke_policy_metrics_list_datapoint_t points;
  hooke_policy_metrics_metrics_error_t error;
  if (!hooke_policy_metrics_statistics(asked, &points, &error)) {
    put_error(text, "statistics", &error);
    return;
  }
  put(text, "statistics ok %zu\n", points.len);
  for (size_t at = 0; at < points.len; at++) {
    put(text, "-");
    put_f64(text, "value", points.ptr[at].value);
    put(text, " samples=%" PRIu32 "\n", points.ptr[at].samples);
  }
  hooke_policy_metrics_list_datapoint_free(&points);
}

// The questions of the README's table.
void put_past(struct text *text, bindings_string_t *profile) {
  const uint64_t odd = (UINT64_C(1) << 53) + 1, late = 1700000000000;
  const bindings_string_t ready = borrowed("ready"), name = borrowed(TEXT), none = borrowed("");
  const hooke_policy_metrics_subject_t asked = {HOOKE_POLICY_METRICS_SUBJECT_PROFILE,
                                                {.profile = *profile}};
  const statistic plain[] = {{.tag = HOOKE_POLICY_METRICS_STATISTIC_SAMPLE_COUNT},
                             {.tag = HOOKE_POLICY_METRICS_STATISTIC_SUM},
                             {.tag = HOOKE_POLICY_METRICS_STATISTIC_AVERAGE},
                             {.tag = HOOKE_POLICY_METRICS_STATISTIC_MINIMUM},
                             {.tag = HOOKE_POLICY_METRICS_STATISTIC_MAXIMUM}};
  const statistic percentile = {HOOKE_POLICY_METRICS_STATISTIC_PERCENTILE, {.percentile = 99.9}};
  const statistic trimmed = {HOOKE_POLICY_METRICS_STATISTIC_TRIMMED_MEAN,
                             {.trimmed_mean = {0.1, DBL_TRUE_MIN}}};
  const statistic other = {HOOKE_POLICY_METRICS_STATISTIC_OTHER, {.other = name}};
  query queries[] = {
      {asked, ready, plain[0], 0, 0, 0},
      {{HOOKE_POLICY_METRICS_SUBJECT_QUEUE, {.queue = name}}, borrowed("arrival-rate"), plain[1],
       UINT64_MAX, UINT64_MAX, UINT32_MAX},
      {{HOOKE_POLICY_METRICS_SUBJECT_VM, {.vm = none}}, none, plain[2], 60000, late, 60},
      {{HOOKE_POLICY_METRICS_SUBJECT_VMS_OF, {.vms_of = *profile}}, borrowed("utilization"),
       plain[3], 1, odd, 1},
      {{HOOKE_POLICY_METRICS_SUBJECT_OTHER, {.other = name}}, name, plain[4], odd, 1,
       UINT32_C(1) << 31},
      {asked, ready, percentile, 60000, late, 3},
      {asked, ready, trimmed, 60000, late, 3},
      {asked, ready, other, 60000, late, 3},
  };
  put(text, "history-ms %" PRIu64 "\n", hooke_policy_metrics_history_ms());
  for (size_t at = 0; at < COUNT(queries); at++) put_answer(text, &queries[at]);
}
