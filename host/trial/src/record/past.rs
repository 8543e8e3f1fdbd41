//! What an evaluation read of the past, as a recording has it: the readings that
//! its questions were answered from, tick by tick.

use hooke_control::ids::{ProfileName, QueueName, VmId};
use hooke_control::units::Timestamp;
use hooke_history::{Metric, Past, Samples, Source};
use serde::{Deserialize, Serialize};

use super::facts::Exact;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct PastLine {
    /// How far back readings were kept.
    keep_ms: u64,
    /// The ticks that were asked about.
    ticks: Vec<u64>,
    series: Vec<SeriesLine>,
    /// Whether it was too much to be written down.
    pub(super) cut: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct SeriesLine {
    of: Of,
    name: String,
    vcpus: u32,
    metric: String,
    /// One for each tick; none where there was no reading.
    values: Vec<Option<Exact>>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Of {
    Queue,
    Profile,
    Vm,
}

impl From<&Past> for PastLine {
    fn from(past: &Past) -> Self {
        Self {
            keep_ms: past.keep_ms,
            ticks: past.ticks.iter().map(|at| at.as_millis()).collect(),
            series: past.series.iter().map(|series| series_line(series, &past.ticks)).collect(),
            cut: past.cut,
        }
    }
}

fn series_line(series: &Samples, ticks: &[Timestamp]) -> SeriesLine {
    let of = match &series.source {
        Source::Queue(_) => Of::Queue,
        Source::Profile(_) => Of::Profile,
        Source::Vm(_) => Of::Vm,
    };
    let mut readings = series.readings.iter().peekable();
    let value = |at: &Timestamp| {
        let reading = readings.next_if(|(read, _)| read == at);
        reading.map(|(_, value)| Exact(*value))
    };
    SeriesLine {
        of,
        name: series.source.name().to_owned(),
        vcpus: series.vcpus,
        metric: series.metric.as_str().to_owned(),
        values: ticks.iter().map(value).collect(),
    }
}

impl TryFrom<PastLine> for Past {
    type Error = String;

    fn try_from(line: PastLine) -> Result<Self, String> {
        let PastLine { keep_ms, ticks, series, cut } = line;
        let ticks: Vec<Timestamp> = ticks.into_iter().map(Timestamp::from_millis).collect();
        let series: Result<_, String> =
            series.into_iter().map(|series| samples(series, &ticks)).collect();
        Ok(Self { keep_ms, series: series?, ticks, cut })
    }
}

fn samples(line: SeriesLine, ticks: &[Timestamp]) -> Result<Samples, String> {
    let metric = Metric::from_name(&line.metric)
        .ok_or_else(|| format!("it names a metric {:?} that there is not", line.metric))?;
    let source = match line.of {
        Of::Queue => Source::Queue(QueueName::from(line.name)),
        Of::Profile => Source::Profile(ProfileName::from(line.name)),
        Of::Vm => Source::Vm(VmId::from(line.name)),
    };
    let read = |(at, value): (&Timestamp, Option<Exact>)| Some((*at, value?.0));
    let readings = ticks.iter().zip(line.values).filter_map(read).collect();
    Ok(Samples { source, vcpus: line.vcpus, metric, readings })
}
