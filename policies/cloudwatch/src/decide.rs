//! The rule itself: alarms are evaluated, policies that they call for propose a
//! capacity, the largest wins. Pure: it asks for statistics, and nobody else.
//!
//! - Of capacities not below the present one the largest wins; only where there
//!   is none is anything below it considered, and of these too the largest.
//! - Tracking policies ask for fewer workers only if all that may do agree.
//! - While workers are warming nothing is taken away.
//! - Fewer workers rest on a reading of the newest period, never on a gap or on
//!   what was filled into one.

use crate::answers::Answers;
use crate::bounds::{Bounds, Foretold};
use crate::memory::{Activity, Cooldown, Memory, Moving, hash};
use crate::metric::Subject;
use crate::notes::notes;
use crate::propose::{Proposal, Said, Sights, Tracking, called, tracked, warming};
use crate::schedule::{InForce, in_force};
use crate::settings::{Kind, Policy, Settings};
use crate::watch::{Point, Query};

/// All that the rule looks at beside the statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The profile's queues; looked at where the settings name one.
    pub queues: Vec<String>,
    /// How far back readings are kept, in milliseconds.
    pub kept_ms: u64,
}

/// What the profile needs, and what to remember.
#[derive(Debug, Clone, PartialEq)]
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
    ask: impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
) -> Result<Decision, E> {
    let mut answers = Answers::new(settings, ask);
    // Of a queue that is none of the profile's nothing is known. It is asked
    // about all the same: the host tells of queues that nobody has.
    let mut ask = |query: &Query<'_>| {
        let points = answers.ask(query)?;
        Ok(match query.subject {
            Subject::Queue(queue) if !situation.queues.contains(queue) => {
                vec![Point { value: None, samples: 0 }; points.len()]
            }
            Subject::Queue(_) | Subject::Profile | Subject::Machines => points,
        })
    };
    let Situation { now_ms, capacity, serving, booting, draining, .. } = *situation;
    let before_ms = memory.seen.map(|seen| seen.at_ms);
    let enabled = settings.policies.iter().filter(|policy| policy.enabled);
    let warmup_s = enabled.filter_map(Policy::warmup_s).max();
    let keep_ms = u64::from(warmup_s.unwrap_or(0)) * 1_000;
    memory.observe(now_ms, serving, Moving { booting, draining }, keep_ms);
    let mut wishes = Wishes::default();
    by_alarms(settings, situation, &mut memory, &mut ask, &mut wishes)?;
    by_targets(settings, situation, &mut memory, &mut ask, &mut wishes)?;
    let foretold = by_forecast(settings, now_ms, &mut memory, &mut ask, &mut wishes)?;
    let scheduled = in_force(&settings.scheduled, now_ms, before_ms);
    let bounds = Bounds::new(situation, &scheduled, foretold.as_ref());
    wishes.by_schedule(capacity, &scheduled, &bounds);
    let known = hashes(settings);
    memory.alarms.retain(|alarm| known.contains(&alarm.hash));
    let warm = warmup_s.map_or(0, |warmup_s| warming(situation, &memory, warmup_s));
    let (wanted, reason) = match wishes.best(capacity, &bounds, warm) {
        Ok(best) => {
            if let Some(seconds) = best.cooldown_s
                && best.wanted != capacity
            {
                let activity = if best.wanted > capacity { Activity::Out } else { Activity::In };
                memory.cooldown = Cooldown::Underway { activity, at_ms: now_ms, seconds };
            }
            (best.wanted, best.reason(capacity))
        }
        Err(waits) if waits.is_empty() => (capacity, idle(settings, &mut memory)),
        Err(waits) => (capacity, format!("hold: {}", waits.join("; "))),
    };
    Ok(Decision { wanted, reason: reason + &notes(settings, situation), memory })
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
        let unfilled;
        let watch = if alarm.watch.is_longer_than(situation.kept_ms) {
            unfilled = alarm.watch.unfilled();
            &unfilled
        } else {
            &alarm.watch
        };
        let Some(sight) = watch.look(place, situation.now_ms, ask)? else { continue };
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
        // Both look at one metric: it is asked for once.
        let range = track.high.rule.range.max(track.low.rule.range);
        let low = memory.alarm(managed(policy, "low"));
        let points = track.low.points(low, now_ms, range, ask)?;
        let low = points.as_ref().map(|points| track.low.judge(low, now_ms, points));
        let high = memory.alarm(managed(policy, "high"));
        let high = points.as_ref().map(|points| track.high.judge(high, now_ms, points));
        let sights = Sights { high, low };
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

/// The workers that a forecast asks for, if it may.
fn by_forecast<E>(
    settings: &Settings,
    now_ms: u64,
    memory: &mut Memory,
    ask: &mut impl FnMut(&Query<'_>) -> Result<Vec<Point>, E>,
    wishes: &mut Wishes,
) -> Result<Option<Foretold>, E> {
    let predictive = settings.policies.iter().find_map(|policy| match &policy.kind {
        Kind::Predict(predict) if policy.enabled => Some((&policy.name, predict)),
        Kind::Predict(_) | Kind::Simple(_) | Kind::Step(_) | Kind::Track(_) | Kind::Refused => None,
    });
    let Some((name, predict)) = predictive else {
        memory.load = None;
        return Ok(None);
    };
    let load = memory.load.get_or_insert_default();
    match predict.foretell(load, now_ms, ask)? {
        Ok(workers) if predict.scales => {
            let (breach, policy) = (predict.breach, name.clone());
            return Ok(Some(Foretold { workers, breach, policy }));
        }
        Ok(workers) => wishes.waits.push(format!("policy {name} foretells {workers} workers")),
        Err(why) => wishes.waits.push(format!("policy {name}: {why}")),
    }
    Ok(None)
}

impl Wishes {
    /// What the clock and the bounds ask for.
    fn by_schedule(&mut self, capacity: u32, scheduled: &InForce<'_>, bounds: &Bounds) {
        let mut wants = |wanted, why| {
            self.proposals.push(Proposal { wanted, cooldown_s: None, waits: false, why });
        };
        if let Some((desired, action)) = scheduled.desired {
            wants(desired, format!("scheduled action {action}"));
        }
        if capacity < bounds.minimum {
            wants(bounds.minimum, bounds.minimum_why.clone());
        }
        if let Some(why) = &bounds.maximum_why
            && capacity > bounds.maximum
        {
            wants(bounds.maximum, why.clone());
        }
    }

    /// The largest, kept within the bounds; or why there is none.
    fn best(self, capacity: u32, bounds: &Bounds, warming: u32) -> Result<Proposal, Vec<String>> {
        let (fewer, more): (Vec<_>, Vec<_>) =
            self.proposals.into_iter().partition(|proposal| proposal.wanted < capacity);
        let largest = |of: Vec<Proposal>| of.into_iter().rev().max_by_key(|p| p.wanted);
        if let Some(mut best) = largest(more) {
            // Bounds weaken a wish; they never turn it round.
            best.wanted = best.wanted.clamp(capacity, bounds.maximum.max(capacity));
            return Ok(best);
        }
        let mut waits = self.waits;
        let (put_off, now): (Vec<_>, Vec<_>) =
            fewer.into_iter().partition(|proposal| proposal.waits && warming > 0);
        let Some(mut best) = largest(now) else {
            waits.extend(largest(put_off).map(|best| {
                format!("{}: {warming} workers are warming, none is taken away", best.why)
            }));
            return Err(waits);
        };
        best.wanted = best.wanted.clamp(bounds.minimum.min(capacity), capacity);
        Ok(best)
    }
}

impl Proposal {
    fn reason(&self, capacity: u32) -> String {
        let (why, wanted) = (&self.why, self.wanted);
        if wanted == capacity {
            return format!("{why}: hold at {capacity} workers");
        }
        format!("{why}: {capacity} to {wanted} workers")
    }
}

/// Alarms named in a reason, at the most, and as many targets.
const NAMED_MAX: usize = 8;

/// Why nothing is called for.
fn idle(settings: &Settings, memory: &mut Memory) -> String {
    if settings.policies.is_empty() && settings.scheduled.is_empty() {
        return "hold: there is no scaling policy in the settings".to_owned();
    }
    let mut said = Vec::new();
    for alarm in settings.alarms.iter().take(NAMED_MAX) {
        let state = memory.alarm(hash(alarm.name.as_bytes())).state;
        said.push(format!("alarm {} {}", alarm.name, state.as_str()));
    }
    let tracked =
        || settings.policies.iter().filter(|policy| matches!(policy.kind, Kind::Track(_)));
    for policy in tracked().take(NAMED_MAX) {
        let high = memory.alarm(managed(policy, "high")).state;
        let low = memory.alarm(managed(policy, "low")).state;
        let (high, low) = (high.as_str(), low.as_str());
        said.push(format!("target of {}: high {high}, low {low}", policy.name));
    }
    if said.is_empty() {
        return "hold: no policy is called for".to_owned();
    }
    let more = settings.alarms.len() + tracked().count() - said.len();
    if more > 0 {
        said.push(format!("{more} more"));
    }
    format!("hold: {}", said.join(", "))
}
