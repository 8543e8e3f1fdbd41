//! Endless policies in one batch, or on another thread, with good ones: the
//! good ones all answer, and none as late as a deadline of the others.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hooke_control::answer::Verdict;
use hooke_runtime::{Allocation, BoundPolicy, Limits, Question, evaluate_all};

use crate::component;
use crate::house::{House, evaluation, median};

fn house() -> House {
    let sandboxes = NonZeroU32::new(4).unwrap();
    House::new(&Limits::default(), Allocation::Pooled { sandboxes })
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
