"""Every question about the past that a policy may ask, with its answer as text."""

from wit_world.imports import metrics
from wit_world.imports.metrics import StatisticsQuery as Query

from facts import U32_MAX, U64_MAX, asked

ODD = 2**53 + 1
LATE = 60_000, 1_700_000_000_000, 3


def queries(profile, text):
    """The questions of the README's table."""
    about = metrics.Subject_Profile(profile)
    return [
        Query(about, "ready", metrics.Statistic_SampleCount(), 0, 0, 0),
        Query(
            metrics.Subject_Queue(text),
            "arrival-rate",
            metrics.Statistic_Sum(),
            U64_MAX,
            U64_MAX,
            U32_MAX,
        ),
        Query(metrics.Subject_Vm(""), "", metrics.Statistic_Average(), 60_000, 1_700_000_000_000, 60),
        Query(metrics.Subject_VmsOf(profile), "utilization", metrics.Statistic_Minimum(), 1, ODD, 1),
        Query(metrics.Subject_Other(text), text, metrics.Statistic_Maximum(), ODD, 1, 2**31),
        Query(about, "ready", metrics.Statistic_Percentile(99.9), *LATE),
        Query(about, "ready", metrics.Statistic_TrimmedMean((0.1, 5e-324)), *LATE),
        Query(about, "ready", metrics.Statistic_Other(text), *LATE),
    ]


def text(profile, odd):
    lines = [f"history-ms {metrics.history_ms()}"]
    for query in queries(profile, odd):
        lines += asked("statistics", metrics.statistics, query)
    return "".join(f"{line}\n" for line in lines)
