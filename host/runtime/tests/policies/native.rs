//! Native code that was kept outside: the same policy comes back, and nothing
//! that is not word for word what this host made.

use std::num::NonZeroU32;

use expect_test::{Expect, expect};
use hooke_runtime::{
    Allocation, Digest, Grants, Host, Limits, LoadProblem, NativeCode, SealBroken, SealKey,
};

use crate::guests::guest;
use crate::{HOST, config, evaluation, named, still_serves, told};

const KEY: SealKey = SealKey::new([7; 32]);

/// A guest's wasm, and its native code under seal.
fn sealed(name: &str) -> (Digest, Vec<u8>) {
    let wasm = guest(name).build();
    (Digest::of(&wasm), HOST.compile(&wasm, &Limits::DEFAULT).unwrap().seal(&KEY))
}

#[track_caller]
fn refused(sealed: &[u8], wasm: Digest) -> SealBroken {
    NativeCode::open(&KEY, &HOST, wasm, sealed).unwrap_err()
}

#[track_caller]
fn check(broken: SealBroken, want: Expect) {
    want.assert_eq(&format!("{broken}\n"));
}

/// Chance that is the same in every run: SplitMix64.
struct Sampler(u64);

impl Sampler {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 17) as usize % end
    }
}

#[test]
fn a_policy_comes_back_from_under_its_seal() {
    for name in ["honest", "panic", "remembers", "stage-flood", "escapes"] {
        let wasm = guest(name).build();
        let fresh = HOST.load(named(name), &wasm).unwrap();
        let (digest, sealed) = sealed(name);
        let code = NativeCode::open(&KEY, &HOST, digest, &sealed).unwrap();
        let kept = HOST.load_native(named(name), &code, &Limits::DEFAULT).unwrap();
        let said = [&fresh, &kept].map(|policy| {
            let bound = HOST.bind(policy, &Grants::all(), Limits::default()).unwrap();
            let told = told(&bound.evaluate(&evaluation()));
            format!("{policy:?}\n{:?} {:?}\n{told}", policy.describe(), policy.digest())
        });
        assert_eq!(said[0], said[1]);
        assert_eq!((kept.digest(), kept.size()), (digest, wasm.len()));
    }
}

#[test]
fn a_changed_byte_breaks_the_seal() {
    let (digest, whole) = sealed("honest");
    let mut sampler = Sampler(1);
    // Every byte of the header and of the tag, and some of the code between.
    let edges = (0..100).chain(whole.len() - 40..whole.len());
    let within: Vec<usize> = (0..400).map(|_| sampler.below(whole.len())).collect();
    for at in edges.chain(within) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << sampler.below(8);
        let want = match at {
            8..12 => SealBroken::OtherEngine,
            12..20 => SealBroken::ForeignKey,
            _ => SealBroken::Damaged,
        };
        assert_eq!(refused(&changed, digest), want, "byte {at}");
    }
    still_serves();
}

#[test]
fn a_torn_or_grown_file_breaks_the_seal() {
    let (digest, whole) = sealed("honest");
    let mut sampler = Sampler(2);
    let sampled: Vec<usize> = (0..200).map(|_| sampler.below(whole.len())).collect();
    for length in (0..200).chain([whole.len() - 32, whole.len() - 1]).chain(sampled) {
        assert_eq!(refused(&whole[..length], digest), SealBroken::Damaged, "{length} bytes");
    }
    let grown = [&whole[..], &[0]].concat();
    check(
        refused(&grown, digest),
        expect![[r#"
            it is damaged: its seal is broken or missing. Delete it, and compile the policy again; if it happens again, find out who writes there
        "#]],
    );
}

#[test]
fn another_key_or_policy_is_refused() {
    let (digest, whole) = sealed("honest");
    let other = SealKey::new([8; 32]);
    check(
        NativeCode::open(&other, &HOST, digest, &whole).unwrap_err(),
        expect![[r#"
            it was sealed under another key. Delete it, and compile the policy again
        "#]],
    );
    let (panic, _) = sealed("panic");
    check(
        refused(&whole, panic),
        expect![[r#"
            it was made from another policy's file. Compile the policy again
        "#]],
    );
}

#[test]
fn code_without_a_seal_is_taken_nowhere() {
    let wasm = guest("honest").build();
    let bare = wasmtime::Engine::default().precompile_component(&wasm).unwrap();
    assert_eq!(refused(&bare, Digest::of(&wasm)), SealBroken::Damaged);
    for native in [bare, sealed("honest").1] {
        let refused = HOST.load(named("mine"), &native).unwrap_err();
        assert!(matches!(refused.why, LoadProblem::NotAComponent(_)), "{refused}");
        let refused = HOST.compile(&native, &Limits::DEFAULT).unwrap_err();
        assert!(matches!(refused, LoadProblem::NotAComponent(_)), "{refused}");
    }
}

#[test]
fn a_key_and_code_do_not_show_themselves() {
    assert_eq!(format!("{KEY:?}"), "SealKey(secret)");
    let code = HOST.compile(&guest("honest").build(), &Limits::DEFAULT).unwrap();
    assert!(format!("{code:?}").len() < 200);
}

#[test]
fn code_of_one_host_serves_another_of_the_same_kind_only() {
    let sandboxes = NonZeroU32::new(1).unwrap();
    let (digest, whole) = sealed("honest");
    for allocation in [Allocation::Pooled { sandboxes }, Allocation::OnDemand] {
        let host = Host::allocating(config(), allocation).unwrap();
        let opened = NativeCode::open(&KEY, &host, digest, &whole);
        if host.engine_key() == HOST.engine_key() {
            host.load_native(named("honest"), &opened.unwrap(), &Limits::DEFAULT).unwrap();
        } else {
            assert_eq!(opened.unwrap_err(), SealBroken::OtherEngine);
            let code = HOST.compile(&guest("honest").build(), &Limits::DEFAULT).unwrap();
            let refused = host.load_native(named("honest"), &code, &Limits::DEFAULT).unwrap_err();
            assert_eq!(refused.why, LoadProblem::OtherEngine);
        }
    }
}
