//! Many evaluations at once, spread over threads. Each is independent of the
//! others; the order of the results is that of the questions.
//!
//! No policy may hold up another for long. Those that answered soon the last
//! time are asked first, and those that ran into their deadline last. A
//! question that takes long all the same no longer counts among the threads
//! asked for: its thread yields to the others, and another begins.

mod lanes;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use rustix::process::{Pid, setpriority_process};

use crate::bound::BoundPolicy;
use crate::evaluation::{Evaluated, Evaluation};
use crate::pace::{LastPace, Pace};
use lanes::Lanes;

/// Threads, beyond those asked for, that may be held up by policies which
/// answer late. Few: all share the processors, and the more there are the later
/// each answers, until it is too late.
const LATE_BESIDE: usize = 4;
/// The same where the next policy answers soon, or never: the one should not
/// wait, and the other is no worse off. Each may hold the memory of a sandbox.
pub(crate) const HELD_UP_BESIDE: usize = 8;
/// How long a question holds its thread up before another begins: twice the
/// grain of the deadline, and a thousand times what a small policy takes.
const PATIENCE: Duration = Duration::from_millis(20);
/// How far a thread that is held up yields to the others, as to `nice`: it gets
/// a tenth of what they get, as the compile worker does.
const YIELDS: i32 = 10;

/// One question to one bound policy.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who is asked.
    pub policy: &'a BoundPolicy,
    /// What is asked.
    pub evaluation: Evaluation,
}

impl Question<'_> {
    fn ask(&self) -> Evaluated {
        self.policy.evaluate(&self.evaluation)
    }

    /// Remembers how soon it answered.
    fn heard(&self, evaluated: &Evaluated) {
        self.pace().set(Pace::of(&evaluated.spent, self.policy.limits().wall_time));
    }

    fn pace(&self) -> &LastPace {
        self.policy.policy().pace()
    }
}

/// Asks all questions, on `threads` threads, and some more for policies that
/// answer late; blocks until the last is answered. The calling thread watches.
pub fn evaluate_all(questions: &[Question<'_>], threads: NonZeroUsize) -> Vec<Evaluated> {
    evaluate_telling(questions, threads, |_, _| ())
}

/// The same, and tells each answer as it comes, with the position of its
/// question. What is told runs on the thread that asked, and holds it up.
pub fn evaluate_telling(
    questions: &[Question<'_>],
    threads: NonZeroUsize,
    tell: impl Fn(usize, &Evaluated) + Sync,
) -> Vec<Evaluated> {
    let batch = Batch::new(questions, threads.get());
    thread::scope(|scope| batch.watch(scope, &tell));
    let answers = batch.into_answers().into_iter();
    answers.map(|answer| answer.expect("every question was answered")).collect()
}

/// All questions, and how far they have come.
struct Batch<'a> {
    questions: &'a [Question<'a>],
    threads: usize,
    progress: Mutex<Progress<'a>>,
    /// Told when a thread ends.
    ended: Condvar,
}

struct Progress<'a> {
    waiting: Lanes<'a>,
    answers: Vec<Option<Evaluated>>,
    /// What is being asked, by the position of the question.
    asked: BTreeMap<usize, Asked>,
    /// Threads that have not ended.
    running: usize,
}

/// One question that is being asked.
struct Asked {
    thread: Pid,
    since: Instant,
    held_up: bool,
}

impl<'a> Batch<'a> {
    fn new(questions: &'a [Question<'a>], threads: usize) -> Self {
        let progress = Progress {
            waiting: Lanes::new(questions),
            answers: questions.iter().map(|_| None).collect(),
            asked: BTreeMap::new(),
            running: 0,
        };
        Self { questions, threads, progress: Mutex::new(progress), ended: Condvar::new() }
    }

    fn into_answers(self) -> Vec<Option<Evaluated>> {
        self.progress.into_inner().unwrap_or_else(PoisonError::into_inner).answers
    }

    fn progress(&self) -> MutexGuard<'_, Progress<'a>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts threads until every question is answered: those asked for, and
    /// one in the place of each that is held up.
    fn watch<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        tell: &'scope (impl Fn(usize, &Evaluated) + Sync),
    ) {
        let mut progress = self.progress();
        loop {
            progress.mark_held_up(self.questions);
            while progress.wants_thread(self.threads) {
                progress.running += 1;
                scope.spawn(|| self.work(tell));
            }
            if progress.running == 0 {
                return;
            }
            let woken = self.ended.wait_timeout(progress, PATIENCE / 2);
            progress = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Asks one question after the other, until none is left for this thread.
    fn work(&self, tell: &impl Fn(usize, &Evaluated)) {
        let _ends = Ends(self);
        let thread = rustix::thread::gettid();
        let mut held_up = false;
        let mut progress = self.progress();
        while let Some(at) = progress.take(held_up, self.threads) {
            progress.asked.insert(at, Asked { thread, since: Instant::now(), held_up: false });
            drop(progress);
            let question = &self.questions[at];
            let evaluated = question.ask();
            question.heard(&evaluated);
            tell(at, &evaluated);
            progress = self.progress();
            progress.answers[at] = Some(evaluated);
            held_up = progress.asked.remove(&at).is_some_and(|asked| asked.held_up);
        }
    }
}

/// Ends a thread, also one that panics.
struct Ends<'b, 'a>(&'b Batch<'a>);

impl Drop for Ends<'_, '_> {
    fn drop(&mut self) {
        self.0.progress().running -= 1;
        self.0.ended.notify_one();
    }
}

impl Progress<'_> {
    /// Takes the next question. A thread that yielded to the others stays slow,
    /// so that it ends, and so does one too many for who would be asked.
    fn take(&mut self, held_up: bool, threads: usize) -> Option<usize> {
        let pace = self.waiting.next_pace()?;
        if held_up || self.running > most(pace, threads) {
            return None;
        }
        self.waiting.take()
    }

    /// Whether a question waits that no thread is there for.
    fn wants_thread(&mut self, threads: usize) -> bool {
        let Some(pace) = self.waiting.next_pace() else { return false };
        let held_up = self.asked.values().filter(|asked| asked.held_up).count();
        let coming = self.running - self.asked.len();
        let enough = (threads + held_up).min(most(pace, threads));
        self.running < enough && coming < self.waiting.len()
    }

    /// Finds the threads that have been at one question for long.
    fn mark_held_up(&mut self, questions: &[Question<'_>]) {
        for (&at, asked) in &mut self.asked {
            if asked.held_up || asked.since.elapsed() < PATIENCE {
                continue;
            }
            asked.held_up = true;
            questions[at].pace().doubt();
            // The others are a little slower where this is not possible.
            let _refused = setpriority_process(Some(asked.thread), YIELDS);
        }
    }
}

/// Threads that there may be when a policy of this pace is asked next.
const fn most(pace: Pace, threads: usize) -> usize {
    threads
        + match pace {
            Pace::Soon | Pace::Doubted | Pace::Unknown | Pace::Tried | Pace::Never => {
                HELD_UP_BESIDE
            }
            Pace::Late => LATE_BESIDE,
        }
}
