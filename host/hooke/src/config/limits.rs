//! `[policies.limits]` and `[policy.NAME.limits]`: what one evaluation of a
//! policy may use at the most.
//! Every limit has a default and a hard cap: for memory, instances, memories and
//! tables what one pooled sandbox holds.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use hooke_control::ids::PolicyName;
use hooke_runtime::{Limit, Limits, Own};
use toml::Spanned;
use toml::de::DeValue;

use super::section::Section;
use super::value::{Expected, Wrong};
use hooke_places::Problems;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const GIB: u64 = 1 << 30;

/// Reads what one policy may use; what is not given is as for `all`.
pub(super) fn read_own(
    section: Section<'_>,
    policy: PolicyName,
    all: &Limits,
    problems: &mut Problems,
) -> Limits {
    let given = Limit::ALL.into_iter().filter(|limit| section.has(&limit.field())).collect();
    let own = Some(Arc::new(Own { policy, limits: given }));
    Limits { own, ..read(section, all, problems) }
}

/// Reads the limits; what is not given is as in `d`.
pub(super) fn read(mut section: Section<'_>, d: &Limits, problems: &mut Problems) -> Limits {
    let (s, p) = (&mut section, problems);
    let limits = Limits {
        wall_time: time(s, "wall_time", d.wall_time, Duration::from_secs(30), p),
        memory: bytes(s, "memory", d.memory, 512 * MIB, p),
        table_elements: count(s, "table_elements", d.table_elements, 100_000, p),
        instances: count(s, "instances", d.instances, 256, p),
        memories: count(s, "memories", d.memories, 8, p),
        tables: count(s, "tables", d.tables, 16, p),
        value_bytes: bytes(s, "value_bytes", d.value_bytes, 16 * MIB, p),
        handles: count(s, "handles", d.handles, 100_000, p),
        host_calls: count(s, "host_calls", d.host_calls, 1_000_000, p),
        log_lines: count(s, "log_lines", d.log_lines, 10_000, p),
        log_bytes: bytes(s, "log_bytes", d.log_bytes, MIB, p),
        log_line_bytes: bytes(s, "log_line_bytes", d.log_line_bytes, 16 * KIB, p),
        staged_actions: count(s, "staged_actions", d.staged_actions, 10_000, p),
        reason_bytes: bytes(s, "reason_bytes", d.reason_bytes, 16 * KIB, p),
        remembered_bytes: bytes(s, "remembered_bytes", d.remembered_bytes, MIB, p),
        file_bytes: bytes(s, "file_bytes", d.file_bytes, 256 * MIB, p),
        compile_time: time(s, "compile_time", d.compile_time, Duration::from_secs(600), p),
        compile_memory: compile_memory(s, d.compile_memory, p),
        own: None,
    };
    section.finish(p);
    limits
}

/// The compiler itself takes some memory, so that too little lets nothing be
/// compiled at all.
fn compile_memory(section: &mut Section<'_>, default: u64, problems: &mut Problems) -> u64 {
    const KEY: &str = "compile_memory";
    const LEAST: u64 = 32 * MIB as u64;
    let Some(Size(given)) = section.optional::<Size>(KEY, problems) else { return default };
    if given < LEAST {
        let shown = |bytes: u64| ByteSize::b(bytes);
        let what = format!("{}.{KEY}: with {} nothing compiles", section.path, shown(given));
        problems.add(section.place(KEY), what, format!("write {} or more", shown(LEAST)));
        return default;
    }
    let most = 64 * GIB;
    within(section, KEY, given, most, ByteSize::b, problems).unwrap_or(default)
}

fn time(
    section: &mut Section<'_>,
    key: &'static str,
    default: Duration,
    cap: Duration,
    problems: &mut Problems,
) -> Duration {
    let given = section.optional::<Duration>(key, problems).unwrap_or(default);
    within(section, key, given, cap, humantime::format_duration, problems).unwrap_or(default)
}

fn count<T: TryFrom<u32>>(
    section: &mut Section<'_>,
    key: &'static str,
    default: T,
    cap: u32,
    problems: &mut Problems,
) -> T {
    let given = section.optional::<u32>(key, problems);
    let kept = given.and_then(|given| within(section, key, given, cap, |n| n, problems));
    kept.and_then(|kept| T::try_from(kept).ok()).unwrap_or(default)
}

fn bytes(
    section: &mut Section<'_>,
    key: &'static str,
    default: usize,
    cap: usize,
    problems: &mut Problems,
) -> usize {
    let Some(Size(given)) = section.optional::<Size>(key, problems) else { return default };
    let shown = |bytes: u64| ByteSize::b(bytes);
    let kept = within(section, key, given, cap as u64, shown, problems);
    kept.and_then(|kept| usize::try_from(kept).ok()).unwrap_or(default)
}

/// The value, unless it is above the hard cap.
fn within<T: PartialOrd + Copy, D: Display>(
    section: &Section<'_>,
    key: &'static str,
    given: T,
    cap: T,
    shown: impl Fn(T) -> D,
    problems: &mut Problems,
) -> Option<T> {
    if given <= cap {
        return Some(given);
    }
    let what = format!("{}.{key}: {} is above the hard cap", section.path, shown(given));
    problems.add(section.place(key), what, format!("write {} or less", shown(cap)));
    None
}

/// An amount of memory: a number of bytes, or text with a unit.
pub(super) struct Size(pub(super) u64);

impl<'a> Expected<'a> for Size {
    const EXAMPLE: &'static str = "\"64 MiB\"";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let wrong = |what: String| Wrong {
            what,
            instead: format!("write bytes as a number, or {}", Self::EXAMPLE),
        };
        let Some(text) = value.get_ref().as_str() else {
            return u64::read(value).map(Self).map_err(|error| wrong(error.what));
        };
        match text.parse::<ByteSize>() {
            Ok(size) => Ok(Self(size.as_u64())),
            Err(error) => Err(wrong(format!("{text:?} is not an amount of memory: {error}"))),
        }
    }
}
