//! What is remembered from one evaluation to the next, and its bytes: compact,
//! with a version and a checksum. Bytes that are not ours read as nothing
//! remembered. Names are kept as hashes, so that the order of the settings does
//! not matter.
//!
//! The layout, whole numbers little-endian: `HCW` and a version; the moment
//! (u64) and the workers that served (u32); what was warned of (u64); arrivals (u8, then u64 moment and
//! u32 workers each); the cooldown (u8 tag, u32 seconds, u64 moment it began or
//! its activity ended); alarms
//! (u16, then u64 name, u8 state, u64 evaluated, u64 fired each); the load (u8,
//! then u64 moment and a history of `hooke_forecast`); a checksum (u64, FNV-1a
//! of all before it).

use hooke_forecast::History;

use crate::alarm::State;
use crate::predict::Load;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    /// When it was last evaluated, and how many workers served then.
    pub seen: Option<Seen>,
    /// Which warnings were told, as a hash of them; 0 is none.
    pub warned: u64,
    /// Workers that began to serve, the oldest first.
    pub arrivals: Vec<Arrival>,
    /// Of simple scaling.
    pub cooldown: Cooldown,
    /// The alarms.
    pub alarms: Vec<Alarm>,
    /// The load that a forecast is made from.
    pub load: Option<Load>,
}

/// The last evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// In milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Workers that served.
    pub serving: u32,
}

/// Workers that began to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When they were first seen to serve.
    pub at_ms: u64,
    /// How many.
    pub workers: u32,
}

/// The cooldown of simple scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cooldown {
    /// None.
    #[default]
    Over,
    /// An activity is under way from this moment on; once it has ended, so many
    /// seconds.
    Underway { activity: Activity, at_ms: u64, seconds: u32 },
    /// Its activity ended at this moment; so many seconds from there.
    Since { at_ms: u64, seconds: u32 },
}

/// What simple scaling started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It ends when no worker boots.
    Out,
    /// It ends when no worker drains.
    In,
}

/// Workers on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moving {
    /// Still to come.
    pub booting: u32,
    /// Leaving.
    pub draining: u32,
}

/// How long an activity is waited for beyond its cooldown: a worker that does
/// not come, or does not leave, is not to end simple scaling.
const ACTIVITY_MS: u64 = 30 * 60 * 1_000;

impl Cooldown {
    /// What it has come to.
    const fn at(self, now_ms: u64, moving: Moving) -> Self {
        let (at_ms, seconds) = match self {
            Self::Over => return self,
            Self::Underway { activity, at_ms, seconds } => {
                let left = match activity {
                    Activity::Out => moving.booting,
                    Activity::In => moving.draining,
                };
                if left == 0 {
                    (now_ms, seconds)
                } else if at_ms > now_ms {
                    // The clock went back: it is waited for anew.
                    return Self::Underway { activity, at_ms: now_ms, seconds };
                } else if now_ms - at_ms < ACTIVITY_MS + seconds as u64 * 1_000 {
                    return self;
                } else {
                    return Self::Over;
                }
            }
            Self::Since { at_ms, seconds } if at_ms <= now_ms => (at_ms, seconds),
            // The clock went back: what was left of it begins anew.
            Self::Since { seconds, .. } => (now_ms, seconds),
        };
        if now_ms - at_ms >= seconds as u64 * 1_000 {
            return Self::Over;
        }
        Self::Since { at_ms, seconds }
    }
}

/// An alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// Of its name.
    pub hash: u64,
    /// As last evaluated.
    pub state: State,
    /// Where the newest period ended that it was evaluated for.
    pub evaluated_ms: u64,
    /// When its actions were last called for; 0 is never.
    pub fired_ms: u64,
}

const MAGIC: &[u8; 4] = b"HCW\x03";

/// Arrivals remembered, at the most: older ones are thrown together.
const ARRIVALS_MAX: usize = 64;

/// FNV-1a.
pub fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Memory {
    /// Reads what [`Memory::encode`] wrote; `None` if it did not.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        if hash(body).to_le_bytes() != checksum {
            return None;
        }
        let mut input = Input(body.strip_prefix(MAGIC)?);
        let seen = Some(Seen { at_ms: input.u64()?, serving: input.u32()? });
        let warned = input.u64()?;
        let count = input.u8()?;
        let arrivals = (0..count)
            .map(|_| Some(Arrival { at_ms: input.u64()?, workers: input.u32()? }))
            .collect::<Option<_>>()?;
        let (tag, seconds, at_ms) = (input.u8()?, input.u32()?, input.u64()?);
        let cooldown = match tag {
            0 => Cooldown::Over,
            1 => Cooldown::Underway { activity: Activity::Out, at_ms, seconds },
            2 => Cooldown::Underway { activity: Activity::In, at_ms, seconds },
            3 => Cooldown::Since { at_ms, seconds },
            _ => return None,
        };
        let count = input.u16()?;
        let alarms = (0..count).map(|_| input.alarm()).collect::<Option<_>>()?;
        let load = match input.u8()? {
            0 => None,
            1 => Some(input.load()?),
            _ => return None,
        };
        input.0.is_empty().then_some(Self { seen, warned, arrivals, cooldown, alarms, load })
    }

    /// Its bytes; none before the first evaluation.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let seen = self.seen?;
        let mut out = MAGIC.to_vec();
        out.extend(seen.at_ms.to_le_bytes());
        out.extend(seen.serving.to_le_bytes());
        out.extend(self.warned.to_le_bytes());
        out.push(u8::try_from(self.arrivals.len()).ok()?);
        for arrival in &self.arrivals {
            out.extend(arrival.at_ms.to_le_bytes());
            out.extend(arrival.workers.to_le_bytes());
        }
        let (tag, seconds, at_ms) = match self.cooldown {
            Cooldown::Over => (0, 0, 0),
            Cooldown::Underway { activity: Activity::Out, at_ms, seconds } => (1, seconds, at_ms),
            Cooldown::Underway { activity: Activity::In, at_ms, seconds } => (2, seconds, at_ms),
            Cooldown::Since { at_ms, seconds } => (3, seconds, at_ms),
        };
        out.push(tag);
        out.extend(u32::to_le_bytes(seconds));
        out.extend(u64::to_le_bytes(at_ms));
        out.extend(u16::try_from(self.alarms.len()).ok()?.to_le_bytes());
        for alarm in &self.alarms {
            out.extend(alarm.hash.to_le_bytes());
            out.push(match alarm.state {
                State::Ok => 0,
                State::Alarm => 1,
                State::InsufficientData => 2,
            });
            out.extend(alarm.evaluated_ms.to_le_bytes());
            out.extend(alarm.fired_ms.to_le_bytes());
        }
        out.push(u8::from(self.load.is_some()));
        if let Some(load) = &self.load {
            out.extend(load.taken_ms.to_le_bytes());
            out.extend(load.history.to_bytes());
        }
        out.extend(hash(&out).to_le_bytes());
        Some(out)
    }

    /// The place of an alarm; one never seen has insufficient data.
    pub fn alarm(&mut self, hash: u64) -> &mut Alarm {
        let place = self.alarms.iter().position(|alarm| alarm.hash == hash);
        let place = place.unwrap_or_else(|| {
            let state = State::InsufficientData;
            self.alarms.push(Alarm { hash, state, evaluated_ms: 0, fired_ms: 0 });
            self.alarms.len() - 1
        });
        &mut self.alarms[place]
    }

    /// Takes in what is seen now. What is remembered of the future is of now:
    /// the clock went back, and nothing may happen sooner or twice for it.
    pub fn observe(&mut self, now_ms: u64, serving: u32, moving: Moving, keep_ms: u64) {
        if self.seen.is_some_and(|seen| seen.at_ms > now_ms) {
            for arrival in &mut self.arrivals {
                arrival.at_ms = arrival.at_ms.min(now_ms);
            }
            for alarm in &mut self.alarms {
                (alarm.evaluated_ms, alarm.fired_ms) = (0, alarm.fired_ms.min(now_ms));
            }
        }
        let more = self.seen.map_or(0, |seen| serving.saturating_sub(seen.serving));
        self.seen = Some(Seen { at_ms: now_ms, serving });
        if more > 0 {
            self.arrivals.push(Arrival { at_ms: now_ms, workers: more });
        }
        self.arrivals.retain(|arrival| now_ms.saturating_sub(arrival.at_ms) < keep_ms);
        if self.arrivals.len() > ARRIVALS_MAX {
            let eldest = self.arrivals.remove(0);
            self.arrivals[0].workers = self.arrivals[0].workers.saturating_add(eldest.workers);
        }
        self.cooldown = self.cooldown.at(now_ms, moving);
    }

    /// Workers serving that began to less than `warmup_s` seconds ago.
    pub fn warming(&self, now_ms: u64, warmup_s: u32) -> u32 {
        let young =
            |arrival: &&Arrival| now_ms.saturating_sub(arrival.at_ms) < u64::from(warmup_s) * 1_000;
        self.arrivals.iter().filter(young).fold(0, |sum, a| sum.saturating_add(a.workers))
    }
}

/// Bytes still to be read.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn load(&mut self) -> Option<Load> {
        let taken_ms = self.u64()?;
        let (history, rest) = self.0.split_at_checked(hooke_forecast::BYTES)?;
        self.0 = rest;
        Some(Load { taken_ms, history: History::from_bytes(history).ok()? })
    }

    fn alarm(&mut self) -> Option<Alarm> {
        Some(Alarm {
            hash: self.u64()?,
            state: match self.u8()? {
                0 => State::Ok,
                1 => State::Alarm,
                2 => State::InsufficientData,
                _ => return None,
            },
            evaluated_ms: self.u64()?,
            fired_ms: self.u64()?,
        })
    }
}
