//! The rule itself: alarms are evaluated, policies that they call for propose a
//! capacity, the largest wins. Pure: it asks for statistics, and nobody else.
//!
//! - Of capacities not below the present one the largest wins; only where there
//!   is none is anything below it considered, and of these too the largest.
//! - Tracking policies ask for fewer workers only if all that may do agree.
//! - While workers are warming nothing is taken away.
//! - Fewer workers rest on a reading of the newest period, never on a gap or on
//!   what was filled into one.

use crate::memory::{Cooldown, Memory, hash};
use crate::propose::{Proposal, Said, Sights, Tracking, called, tracked, warming};
use crate::settings::{Kind, Policy, Settings};
use crate::watch::{Point, Query};

/// All that the rule looks at beside the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// The fewest workers.
    pub minimum: u32,
    /// The most workers.
    pub maximum: u32,
    /// Workers that serve or will.
    pub capacity: u32,
    /// Those that serve.
    pub serving: u32,
    /// Those still to come.
    pub booting: u32,
    /// Workers leaving.
    pub draining: u32,
}

/// What the profile needs, and what to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The capacity that is wanted; the present one holds.
    pub wanted: u32,
    /// Which figure against which setting.
    pub reason: String,
    /// For the next evaluation.
    pub memory: Memory,
}

/// Decides. `ask` answers a question for statistics; its error ends everything.
pub fn decide<E>(
    settings: &Settings,
    situation: &Situation,
    mut memory: Memory,
    mut ask: impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
) -> Result<Decision, E> {
    let Situation { now_ms, serving, booting, draining, .. } = *situation;
    let warmup_s = settings.policies.iter().filter_map(Policy::warmup_s).max();
    let keep_ms = u64::from(warmup_s.unwrap_or(0)) * 1_000;
    memory.observe(now_ms, serving, booting.saturating_add(draining), keep_ms);
    let mut wishes = Wishes::default();
    by_alarms(settings, situation, &mut memory, &mut ask, &mut wishes)?;
    by_targets(settings, situation, &mut memory, &mut ask, &mut wishes)?;
    if situation.capacity < situation.minimum {
        let why = "fewer workers than the minimum".to_owned();
        let wanted = situation.minimum;
        wishes.proposals.push(Proposal { wanted, cooldown_s: None, why });
    }
    let known = hashes(settings);
    memory.alarms.retain(|alarm| known.contains(&alarm.hash));
    let warm = warmup_s.map_or(0, |warmup_s| warming(situation, &memory, warmup_s));
    let (wanted, reason) = match wishes.best(situation, warm) {
        Ok(best) => {
            if let Some(seconds) = best.cooldown_s
                && best.wanted != situation.capacity
            {
                memory.cooldown = Cooldown::Underway { seconds };
            }
            (best.wanted, best.reason(situation))
        }
        Err(why) => (situation.capacity, format!("hold: {}", why.join("; "))),
    };
    let reason = if reason == "hold: " { idle(settings, &mut memory) } else { reason };
    Ok(Decision { wanted, reason, memory })
}

/// What the policies want.
#[derive(Default)]
struct Wishes {
    proposals: Vec<Proposal>,
    waits: Vec<String>,
}

/// Alarms of the settings call for simple and step policies.
fn by_alarms<E>(
    settings: &Settings,
    situation: &Situation,
    memory: &mut Memory,
    ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    wishes: &mut Wishes,
) -> Result<(), E> {
    for alarm in &settings.alarms {
        let place = memory.alarm(hash(alarm.name.as_bytes()));
        let Some(sight) = alarm.watch.look(place, situation.now_ms, ask)? else { continue };
        let actions = alarm.actions.iter().filter(|(on, _)| sight.fires && *on == sight.state);
        for (_, policy) in actions {
            let policy = settings.policies.get(*policy).filter(|policy| policy.enabled);
            match policy.map(|policy| called(policy, alarm, &sight, situation, memory)) {
                Some(Said::Wants(proposal)) => wishes.proposals.push(proposal),
                Some(Said::Waits(why)) => wishes.waits.push(why),
                Some(Said::Nothing) | None => {}
            }
        }
    }
    Ok(())
}

/// Tracking policies, each by its own two alarms.
fn by_targets<E>(
    settings: &Settings,
    situation: &Situation,
    memory: &mut Memory,
    ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    wishes: &mut Wishes,
) -> Result<(), E> {
    let mut fewer = Vec::new();
    let mut all_agree = true;
    for policy in settings.policies.iter().filter(|policy| policy.enabled) {
        let Kind::Track(track) = &policy.kind else { continue };
        let now_ms = situation.now_ms;
        let sights = Sights {
            high: track.high.look(memory.alarm(managed(policy, "high")), now_ms, ask)?,
            low: track.low.look(memory.alarm(managed(policy, "low")), now_ms, ask)?,
        };
        match tracked(&policy.name, track, &sights, situation, memory) {
            Tracking::Out(proposal) => wishes.proposals.push(proposal),
            Tracking::In(proposal) if track.scale_in => fewer.push(proposal),
            Tracking::In(_) => {}
            Tracking::Hold => all_agree &= !track.scale_in,
        }
    }
    if all_agree {
        wishes.proposals.append(&mut fewer);
    } else if let Some(proposal) = fewer.first() {
        wishes.waits.push(format!("{}: others do not agree to fewer workers", proposal.why));
    }
    Ok(())
}

/// What an alarm of a tracking policy is remembered by.
fn managed(policy: &Policy, which: &str) -> u64 {
    hash([policy.name.as_bytes(), b"\0", which.as_bytes()].concat().as_slice())
}

fn hashes(settings: &Settings) -> Vec<u64> {
    let alarms = settings.alarms.iter().map(|alarm| hash(alarm.name.as_bytes()));
    let managed = |policy| [managed(policy, "high"), managed(policy, "low")];
    alarms.chain(settings.policies.iter().flat_map(managed)).collect()
}

impl Wishes {
    /// The largest, kept within the bounds; or why there is none.
    fn best(self, situation: &Situation, warming: u32) -> Result<Proposal, Vec<String>> {
        let Situation { capacity, minimum, maximum, .. } = *situation;
        let (fewer, more): (Vec<_>, Vec<_>) =
            self.proposals.into_iter().partition(|proposal| proposal.wanted < capacity);
        let largest = |of: Vec<Proposal>| of.into_iter().rev().max_by_key(|p| p.wanted);
        if let Some(mut best) = largest(more) {
            // Bounds weaken a wish; they never turn it round.
            best.wanted = best.wanted.clamp(capacity, maximum.max(capacity));
            return Ok(best);
        }
        let mut waits = self.waits;
        let Some(mut best) = largest(fewer) else { return Err(waits) };
        if warming > 0 {
            waits.push(format!("{}: {warming} workers are warming, none is taken away", best.why));
            return Err(waits);
        }
        best.wanted = best.wanted.clamp(minimum.min(capacity), capacity);
        Ok(best)
    }
}

impl Proposal {
    fn reason(&self, situation: &Situation) -> String {
        let Situation { capacity, .. } = *situation;
        let (why, wanted) = (&self.why, self.wanted);
        if wanted == capacity {
            return format!("{why}: hold at {capacity} workers");
        }
        format!("{why}: {capacity} to {wanted} workers")
    }
}

/// Alarms named in a reason, at the most.
const NAMED_MAX: usize = 4;

/// Why nothing is called for.
fn idle(settings: &Settings, memory: &mut Memory) -> String {
    if settings.policies.is_empty() {
        return "hold: there is no scaling policy in the settings".to_owned();
    }
    let mut said = Vec::new();
    for alarm in settings.alarms.iter().take(NAMED_MAX) {
        let state = memory.alarm(hash(alarm.name.as_bytes())).state;
        said.push(format!("alarm {} {}", alarm.name, state.as_str()));
    }
    for policy in settings.policies.iter().take(NAMED_MAX) {
        if let Kind::Track(_) = policy.kind {
            let high = memory.alarm(managed(policy, "high")).state;
            let low = memory.alarm(managed(policy, "low")).state;
            let (high, low) = (high.as_str(), low.as_str());
            said.push(format!("target of {}: high {high}, low {low}", policy.name));
        }
    }
    if said.is_empty() {
        return "hold: no policy is called for".to_owned();
    }
    format!("hold: {}", said.join(", "))
}
