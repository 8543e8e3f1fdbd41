//! Endless policies in one batch, or on another thread, with good ones: the
//! good ones all answer, and none as late as a deadline of the others.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hooke_control::answer::Verdict;
use hooke_runtime::{Allocation, BoundPolicy, Limits, Question, evaluate_all, evaluate_telling};

use crate::component;
use crate::house::{House, evaluation, median};

fn house() -> House {
    let sandboxes = NonZeroU32::new(4).unwrap();
    House::new(&Limits::default(), Allocation::Pooled { sandboxes })
}

fn roomy_house() -> House {
    House::new(&Limits::default(), Allocation::for_this_machine())
}

fn endless(house: &House, wall_time: Duration) -> BoundPolicy {
    let limits = Limits { wall_time, ..Limits::default() };
    house.admit(&component::build("endless-evaluate"), &limits).unwrap()
}

#[test]
fn a_batch_with_endless_policies_answers_every_good_one() {
    let house = house();
    let endless = endless(&house, Duration::from_millis(100));
    let questions: Vec<Question<'_>> = (0..102)
        .map(|at| match at {
            0 | 50 => Question { policy: &endless, evaluation: evaluation("ocr") },
            _ => Question { policy: house.neighbour(), evaluation: evaluation("ocr") },
        })
        .collect();
    let answers = evaluate_all(&questions, NonZeroUsize::new(2).unwrap());
    for (question, evaluated) in questions.iter().zip(&answers) {
        let good = question.policy.policy().name() == house.neighbour().policy().name();
        assert_eq!(matches!(evaluated.answer.verdict, Verdict::Wish(_)), good, "{evaluated:?}");
    }
    house.is_as_before("a batch with endless policies");
}

#[test]
fn an_endless_neighbour_on_another_thread_does_not_hold_a_policy_up() {
    let house = house();
    let deadline = Duration::from_millis(500);
    let endless = endless(&house, deadline);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let evaluated = endless.evaluate(&evaluation("ocr"));
                assert!(matches!(evaluated.answer.verdict, Verdict::Failed(_)));
            }
        });
        let started = Instant::now();
        while started.elapsed() < deadline * 3 {
            let took = median(house.neighbour());
            assert!(took < deadline / 5, "{took:?} beside a neighbour with {deadline:?}");
        }
        done.store(true, Ordering::Relaxed);
    });
    house.is_as_before("an endless neighbour");
}

#[test]
fn as_many_as_there_are_places_and_one_more_run_at_once() {
    let house = house();
    for name in ["panic", "memory-bomb", "recursion", "handle-leak", "huge-values"] {
        let policy = house.admit(&component::build(name), &Limits::default()).unwrap();
        thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| (0..10).for_each(|_| drop(policy.evaluate(&evaluation("0")))));
            }
        });
        thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| median(house.neighbour()));
            }
        });
        house.is_as_before(name);
    }
}

/// Endless policies that are strangers to each other and to the host.
fn strangers(house: &House, count: u8, wall_time: Duration) -> Vec<BoundPolicy> {
    let limits = Limits { wall_time, ..Limits::default() };
    let wasm = component::build("endless-evaluate");
    (0..count)
        .map(|mark| {
            // A custom section of its own makes each another policy.
            let wasm = [wasm.as_slice(), &[0, 6, 4, b'm', b'a', b'r', b'k', mark]].concat();
            house.admit(&wasm, &limits).unwrap()
        })
        .collect()
}

/// A hundred good questions, with the others spread among them.
fn among_good<'a>(house: &'a House, others: &'a [BoundPolicy]) -> Vec<Question<'a>> {
    let question = |policy| Question { policy, evaluation: evaluation("ocr") };
    let mut questions = vec![question(house.neighbour()); 100];
    for (at, other) in others.iter().enumerate() {
        questions.insert(at * 100 / others.len(), question(other));
    }
    questions
}

#[test]
fn endless_policies_run_into_their_deadlines_together() {
    let house = roomy_house();
    let deadline = Duration::from_millis(200);
    let others = strangers(&house, 8, deadline);
    let questions = among_good(&house, &others);
    for what in ["never seen before", "known from the last batch"] {
        let started = Instant::now();
        let answers = evaluate_all(&questions, NonZeroUsize::new(2).unwrap());
        let took = started.elapsed();
        let failed = answers.iter().filter(|one| one.spent.over.is_some()).count();
        assert_eq!(failed, others.len());
        assert!(took < deadline * 3, "{took:?} with endless policies {what}");
    }
    house.is_as_before("a batch with many endless policies");
}

#[test]
fn endless_policies_of_the_same_batch_do_not_hold_a_good_one_up() {
    let house = roomy_house();
    let deadline = Duration::from_secs(2);
    let others = strangers(&house, 8, deadline);
    let questions = among_good(&house, &others);
    for what in ["never seen before", "known from the last batch"] {
        let last = Mutex::new(Duration::ZERO);
        let started = Instant::now();
        evaluate_telling(&questions, NonZeroUsize::new(2).unwrap(), |_, evaluated| {
            if let Verdict::Wish(_) = evaluated.answer.verdict {
                let mut last = last.lock().unwrap();
                *last = started.elapsed().max(*last);
            }
        });
        let last = last.into_inner().unwrap();
        assert!(!last.is_zero() && last < deadline / 4, "the last good one after {last:?}, {what}");
    }
}

#[test]
fn a_batch_with_more_endless_policies_than_places_ends() {
    let house = house();
    let others = strangers(&house, 12, Duration::from_millis(50));
    let answers = evaluate_all(&among_good(&house, &others), NonZeroUsize::MIN);
    let good = answers.iter().filter(|one| matches!(one.answer.verdict, Verdict::Wish(_)));
    assert_eq!((good.count(), answers.len()), (100, 112));
    house.is_as_before("a batch with more endless policies than places");
}
