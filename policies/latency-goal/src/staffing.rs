//! How many workers, from queueing theory. Numbers in, numbers out.

/// Above this offered load the square root rule stands in for Erlang's formula,
/// whose recursion has a step for each worker.
const RECURSION_LOAD_MOST: f64 = 10_000.0;

/// Workers above the offered load, in its square roots, beyond that limit. Then
/// 2.7 % wait at all (Halfin and Whitt 1981), which is less than may wait long.
const ROOTS_ABOVE: f64 = 2.0;

/// What a division of measured numbers is off by, at the most: a worker is not
/// wanted for a millionth of one.
const NOISE: f64 = 1e-6;

/// The fewest workers with which a message waits longer than `goal_s` with a
/// probability of `late` at the most, when `rate` messages a second come at
/// random and each takes `service_s` seconds (Erlang C: M/M/c). All are finite
/// and not negative, `service_s` and `goal_s` above zero.
pub fn steady(rate: f64, service_s: f64, goal_s: f64, late: f64) -> u32 {
    let load = rate * service_s;
    if load <= 0.0 {
        return 0;
    }
    if load > RECURSION_LOAD_MOST {
        return whole(load + ROOTS_ABOVE * load.sqrt());
    }
    // Erlang B, by its recursion: the share that finds all workers busy, were
    // there no queue.
    let (mut workers, mut blocked) = (0_u32, 1.0_f64);
    loop {
        workers += 1;
        let count = f64::from(workers);
        blocked = load * blocked / (count + load * blocked);
        if count <= load {
            continue;
        }
        let waits = blocked / (1.0 - load / count * (1.0 - blocked));
        let too_long = waits * (-(count - load) * goal_s / service_s).exp();
        if too_long <= late {
            return workers;
        }
    }
}

/// Workers that stand ready, and how soon others would.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ready {
    /// Workers with something in hand, or not known to have nothing.
    pub busy: u32,
    /// Workers with nothing in hand.
    pub idle: u32,
    /// Seconds until a new one serves; 0 if not known.
    pub boot_s: f64,
}

/// The fewest workers that start `waiting` messages within `goal_s`.
///
/// A worker that has work takes another after `service_s` on average, so
/// `goal_s / service_s` of them in time; one that is free takes one at once, so
/// one more, and whole ones. A new one has the time left when it serves; if
/// booting takes more than half of the goal, half: the goal will be missed, and
/// that is how fast it is caught up with.
pub fn backlog(waiting: f64, service_s: f64, goal_s: f64, ready: Ready) -> u32 {
    let each_busy = goal_s / service_s;
    let each_idle = 1.0 + each_busy.floor();
    let left_s = (goal_s - ready.boot_s).max(goal_s / 2.0);
    let each_new = 1.0 + (left_s / service_s).floor();
    let (busy, idle) = (f64::from(ready.busy), f64::from(ready.idle));

    let by_busy = busy * each_busy;
    if waiting <= by_busy {
        return whole(waiting / each_busy);
    }
    let by_idle = idle * each_idle;
    if waiting <= by_busy + by_idle {
        return whole(busy + (waiting - by_busy) / each_idle);
    }
    whole(busy + idle + (waiting - by_busy - by_idle) / each_new)
}

/// Rounded up, but for noise. Casting saturates.
fn whole(workers: f64) -> u32 {
    (workers - workers.max(1.0) * NOISE).ceil() as u32
}
