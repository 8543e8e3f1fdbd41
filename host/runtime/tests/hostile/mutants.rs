//! Good components with bytes flipped, inserted, deleted, repeated and swapped,
//! from a fixed seed: each is refused with one clean line, or loads and ends
//! like any policy. Longer runs: `host/runtime/fuzz`.

use std::time::Duration;

use hooke_bundled::BUNDLED;
use hooke_control::answer::Verdict;
use hooke_runtime::Limits;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::component;
use crate::house::{House, evaluation};

/// A position or an amount below `end`.
pub(crate) fn below(chance: &mut ChaCha8Rng, end: usize) -> usize {
    (chance.next_u32() as usize) % end.max(1)
}

/// One to four changes.
fn mutate(chance: &mut ChaCha8Rng, whole: &[u8]) -> Vec<u8> {
    let mut wasm = whole.to_vec();
    for _ in 0..=below(chance, 4) {
        let at = below(chance, wasm.len());
        match below(chance, 6) {
            0 => wasm[at] ^= 1 << below(chance, 8),
            1 => wasm[at] = chance.next_u32().to_le_bytes()[0],
            2 => wasm.insert(at, chance.next_u32().to_le_bytes()[0]),
            3 => drop(wasm.remove(at)),
            4 => {
                let run = wasm[at..].iter().copied().take(below(chance, 64)).collect::<Vec<_>>();
                let to = below(chance, wasm.len());
                wasm.splice(to..to, run);
            }
            _ => {
                let to = below(chance, wasm.len());
                wasm.swap(at, to);
            }
        }
    }
    wasm
}

/// Tiny, so that a mutant that runs wild costs little.
pub(crate) fn limits() -> Limits {
    Limits { wall_time: Duration::from_millis(30), host_calls: 500, ..Limits::default() }
}

/// Where mutants are loaded: in less time than usual, and still enough for a
/// good policy on a busy machine.
pub(crate) fn house() -> House {
    let wall_time = Duration::from_millis(300);
    let [house, _] = House::both(&Limits { wall_time, ..Limits::default() });
    house
}

#[track_caller]
fn clean(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// Whether it loads; everything it says is one clean line.
#[track_caller]
pub(crate) fn visit(house: &House, wasm: &[u8]) -> bool {
    let policy = match house.admit(wasm, &limits()) {
        Ok(policy) => policy,
        Err(refused) => {
            clean(&refused.to_string());
            return false;
        }
    };
    match policy.validate_settings("{}") {
        Ok(problems) => problems.iter().for_each(|problem| clean(&problem.to_string())),
        Err(failure) => clean(failure.why()),
    }
    let evaluated = policy.evaluate(&evaluation("ocr"));
    evaluated.log.iter().for_each(|line| clean(&line.text));
    match &evaluated.answer.verdict {
        Verdict::Wish(wish) => clean(&wish.reason),
        Verdict::Failed(failure) => clean(failure.why()),
    }
    true
}

#[track_caller]
fn check(name: &str, whole: &[u8], mutants: usize) {
    let house = house();
    let mut chance = ChaCha8Rng::seed_from_u64(mutants as u64);
    let mut loaded = 0;
    for _ in 0..mutants {
        loaded += usize::from(visit(&house, &mutate(&mut chance, whole)));
    }
    house.is_as_before(name);
    assert!((1..mutants).contains(&loaded), "{loaded} of {mutants} mutants of {name} load");
}

#[test]
fn of_a_guest() {
    check("honest", &component::build("honest"), 1200);
}

#[test]
fn of_a_guest_of_several_modules() {
    check("memory-bomb-instances", &component::build("memory-bomb-instances"), 800);
}

#[test]
fn of_a_bundled_policy() {
    // Fewer: it is large, and what reads as a component has to be compiled.
    let threshold = BUNDLED.iter().find(|bundled| bundled.name == "threshold").unwrap();
    check("threshold", threshold.wasm, 100);
}
