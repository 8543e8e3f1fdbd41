package policy

import (
	"fmt"
	"math"
	"strings"

	metrics "conformance/build/go/imports/hooke_policy_metrics"
	wit "conformance/build/go/wit/types"
)

const odd = 1<<53 + 1

// pastText is every question about the past that a policy may ask, with its
// answer.
func pastText(profile string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "history-ms %d\n", metrics.HistoryMs())
	for _, query := range queries(profile) {
		many(&out, "statistics", metrics.Statistics(query), datapointText)
	}
	return out.String()
}

func datapointText(point metrics.Datapoint) string {
	return fmt.Sprintf("value=%s samples=%d", bits(point.Value), point.Samples)
}

// queries are the questions of the README's table.
func queries(profile string) []metrics.StatisticsQuery {
	asked := metrics.MakeSubjectProfile(profile)
	late := func(statistic metrics.Statistic) metrics.StatisticsQuery {
		return metrics.StatisticsQuery{Subject: asked, Metric: "ready", Statistic: statistic,
			PeriodMs: 60_000, EndMs: 1_700_000_000_000, Count: 3}
	}
	return []metrics.StatisticsQuery{
		{Subject: asked, Metric: "ready", Statistic: metrics.MakeStatisticSampleCount()},
		{Subject: metrics.MakeSubjectQueue(text), Metric: "arrival-rate", Statistic: metrics.MakeStatisticSum(),
			PeriodMs: math.MaxUint64, EndMs: math.MaxUint64, Count: math.MaxUint32},
		{Subject: metrics.MakeSubjectVm(""), Metric: "", Statistic: metrics.MakeStatisticAverage(),
			PeriodMs: 60_000, EndMs: 1_700_000_000_000, Count: 60},
		{Subject: metrics.MakeSubjectVmsOf(profile), Metric: "utilization", Statistic: metrics.MakeStatisticMinimum(),
			PeriodMs: 1, EndMs: odd, Count: 1},
		{Subject: metrics.MakeSubjectOther(text), Metric: text, Statistic: metrics.MakeStatisticMaximum(),
			PeriodMs: odd, EndMs: 1, Count: 1 << 31},
		late(metrics.MakeStatisticPercentile(99.9)),
		late(metrics.MakeStatisticTrimmedMean(wit.Tuple2[float64, float64]{F0: 0.1, F1: math.SmallestNonzeroFloat64})),
		late(metrics.MakeStatisticOther(text)),
	}
}
