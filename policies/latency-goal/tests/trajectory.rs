//! One recorded hour through a queue, the workers being what the policy asks
//! for: what each minute was like, how many messages kept the goal, and how
//! many workers that took beside the least that could do the work at all.
//!
//! Messages take a random time with a mean of 1.5 s, new workers two minutes,
//! the site allows 200. Nothing is known at the start.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use expect_test::expect_file;
use policy_latency_goal::decide::{Quality, Situation, decide};
use policy_latency_goal::learned::Learned;
use policy_latency_goal::past::{BOOT_MINUTES, PEAK_MINUTES, Past, SERVICE_MINUTES};
use policy_latency_goal::settings::Settings;

const GOAL_MS: u64 = 30_000;
const SERVICE_MS: f64 = 1_500.0;
const BOOT_MS: u64 = 120_000;
const WORKERS_MOST: usize = 200;
const STEP_MS: u64 = 100;
const TICK_MS: u64 = 30_000;
const MINUTE_MS: u64 = 60_000;

/// Seeded, so that every run is the same (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    /// An exponentially distributed service time.
    fn service_ms(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = ((self.0 >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        (-uniform.ln() * SERVICE_MS) as u64 + 1
    }
}

/// The means of a metric, minute by minute.
#[derive(Default)]
struct Minutes(Vec<(f64, u32)>);

impl Minutes {
    fn read(&mut self, now_ms: u64, value: f64) {
        self.0.resize((now_ms / MINUTE_MS) as usize + 1, (0.0, 0));
        let (sum, count) = self.0.last_mut().unwrap();
        (*sum, *count) = (*sum + value, *count + 1);
    }

    fn last(&self, minutes: u32) -> Vec<Option<f64>> {
        let means = self.0.iter().map(|(sum, n)| (*n > 0).then(|| sum / f64::from(*n)));
        let mut padded = vec![None; minutes as usize];
        padded.extend(means);
        padded.split_off(padded.len() - minutes as usize)
    }
}

#[derive(Default)]
struct Counts {
    arrived: u64,
    finished: u64,
    late: u64,
    longest_ms: u64,
}

struct World {
    chance: Chance,
    waiting: VecDeque<u64>,
    /// When each worker is free, those that boot among them.
    free_at: BinaryHeap<Reverse<u64>>,
    /// When those that boot will serve.
    boots: Vec<u64>,
    /// When what is in work is finished.
    ends: BinaryHeap<Reverse<u64>>,
    minute: Counts,
    tick: Counts,
    /// Arrival rate, ready, service rate, busy, booting, serving.
    read: [Minutes; 6],
    learned: Learned,
}

impl World {
    fn step(&mut self, now_ms: u64, arrivals: u64) {
        self.boots.retain(|at| *at > now_ms);
        self.waiting.extend((0..arrivals).map(|_| now_ms));
        self.tick.arrived += arrivals;
        while self.ends.peek().is_some_and(|Reverse(end)| *end <= now_ms) {
            self.ends.pop();
            self.tick.finished += 1;
        }
        while let Some(arrived) = self.waiting.front().copied()
            && self.free_at.peek().is_some_and(|Reverse(free)| *free <= now_ms)
        {
            self.waiting.pop_front();
            self.free_at.pop();
            let end = now_ms + self.chance.service_ms();
            self.free_at.push(Reverse(end));
            self.ends.push(Reverse(end));
            let waited = now_ms - arrived;
            self.minute.arrived += 1;
            self.minute.longest_ms = self.minute.longest_ms.max(waited);
            self.minute.late += u64::from(waited > GOAL_MS);
        }
    }

    fn serving(&self) -> usize {
        self.free_at.len() - self.boots.len()
    }

    fn busy(&self) -> usize {
        self.ends.len()
    }

    /// Asks the policy, and does what it says.
    fn ask(&mut self, now_ms: u64) -> (i32, String) {
        let tick_s = TICK_MS as f64 / 1_000.0;
        let rate = self.tick.arrived as f64 / tick_s;
        let values = [
            rate,
            self.waiting.len() as f64,
            self.tick.finished as f64 / tick_s,
            self.busy() as f64,
            self.boots.len() as f64,
            self.serving() as f64,
        ];
        self.tick = Counts::default();
        for (minutes, value) in self.read.iter_mut().zip(values) {
            minutes.read(now_ms, value);
        }
        let [arrival_rate, ready_most, service_rate, busy, booting, serving] = &self.read;
        let past = Past {
            arrival_rate: arrival_rate.last(PEAK_MINUTES),
            ready_most: ready_most.last(PEAK_MINUTES),
            service_rate: service_rate.last(SERVICE_MINUTES),
            busy: busy.last(SERVICE_MINUTES),
            booting: booting.last(BOOT_MINUTES),
            serving: serving.last(BOOT_MINUTES),
        };
        self.learned = Learned::from_bytes(&self.learned.to_bytes()).with(&past);
        let situation = Situation {
            quality: Quality::Fresh,
            age_ms: 0,
            ready: Some(self.waiting.len() as u64),
            arrival_rate: Some(rate),
            capacity: u32::try_from(self.free_at.len()).unwrap(),
            idle: u32::try_from(self.serving() - self.busy()).unwrap(),
            busy: u32::try_from(self.busy()).unwrap(),
            past,
            learned: self.learned,
        };
        let decision = decide(&Settings { start_within_ms: GOAL_MS }, &situation).unwrap();
        self.carry_out(now_ms, decision.delta);
        (decision.delta, decision.reason)
    }

    fn carry_out(&mut self, now_ms: u64, delta: i32) {
        for _ in 0..delta.max(0) {
            if self.free_at.len() < WORKERS_MOST {
                self.free_at.push(Reverse(now_ms + BOOT_MS));
                self.boots.push(now_ms + BOOT_MS);
            }
        }
        for _ in delta..0 {
            // Idle ones only, as the host has it.
            if self.free_at.peek().is_some_and(|Reverse(free)| *free <= now_ms) {
                self.free_at.pop();
            }
        }
    }
}

#[test]
fn an_hour_of_recorded_load() {
    let lines = include_str!("load.csv").lines().filter(|line| !line.starts_with('#'));
    let load: Vec<u64> =
        lines.map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect();
    let mut world = World {
        chance: Chance(98),
        waiting: VecDeque::new(),
        free_at: BinaryHeap::new(),
        boots: Vec::new(),
        ends: BinaryHeap::new(),
        minute: Counts::default(),
        tick: Counts::default(),
        read: Default::default(),
        learned: Learned::default(),
    };
    let mut said = String::from(
        "minute  in/s  least  serving+booting  ready  longest wait  late  wish at its end\n",
    );
    // From when on, messages, those late, workers used, the least.
    let mut sums = [15, 30].map(|from| (from, 0, 0, 0, 0));
    for (minute, arrivals) in load.iter().enumerate() {
        let mut wish = (0, String::new());
        let steps = MINUTE_MS / STEP_MS;
        for step in 0..steps {
            let now_ms = minute as u64 * MINUTE_MS + (step + 1) * STEP_MS;
            world.step(now_ms, arrivals * (step + 1) / steps - arrivals * step / steps);
            if now_ms.is_multiple_of(TICK_MS) {
                wish = world.ask(now_ms - 1);
            }
        }
        let rate = *arrivals as f64 / 60.0;
        let least = (rate * SERVICE_MS / 1_000.0).ceil() as usize;
        let Counts { arrived, late: late_now, longest_ms, .. } = std::mem::take(&mut world.minute);
        let (serving, booting, ready) = (world.serving(), world.boots.len(), world.waiting.len());
        let wait = longest_ms as f64 / 1_000.0;
        let (delta, reason) = wish;
        said += &format!(
            "{minute:6} {rate:5.1} {least:6} {serving:8}+{booting:<7} {ready:6} {wait:11.1} s {late_now:5}  {delta:+} {reason}\n"
        );
        for (_, started, late, used, leasts) in sums.iter_mut().filter(|sum| minute >= sum.0) {
            *started += arrived;
            *late += late_now;
            *used += serving + booting;
            *leasts += least;
        }
    }
    // When what the cold start left behind is done; and no peak any more.
    for (from, started, late, used, leasts) in sums {
        let kept = 100.0 * (started - late) as f64 / started as f64;
        let ratio = used as f64 / leasts as f64;
        said += &format!(
            "from minute {from}: {kept:.2} % started within the goal, {ratio:.2} of the least workers\n"
        );
    }
    expect_file!["trajectory.txt"].assert_eq(&said);
}
