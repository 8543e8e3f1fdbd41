//! Modules that wasm-smith makes up, from fixed seeds: alone, inside a
//! component, and as the code of a policy with the right exports. Longer runs:
//! `host/runtime/fuzz`.

use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wasm_smith::{Config, Module};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::component;
use crate::guests;
use crate::mutants::{house, visit};
use crate::shapes::number;

/// Modules of each kind.
const MODULES: usize = 100;

/// What a policy's core module exports.
const EXPORTS: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "hooke:policy/policy@0.1.0#describe") (result i32) unreachable)
  (func (export "hooke:policy/policy@0.1.0#validate-settings") (param i32 i32) (result i32)
    unreachable)
  (func (export "hooke:policy/policy@0.1.0#evaluate-needs") (param i32 i32) (result i32)
    unreachable))"#;

/// What it may import.
const IMPORTS: &str = r#"(module
  (import "hooke:policy/log@0.1.0" "write" (func (param i32 i32 i32)))
  (import "hooke:policy/log@0.1.0" "enabled" (func (param i32) (result i32)))
  (import "hooke:policy/metrics@0.1.0" "now-ms" (func (result i64)))
  (import "hooke:policy/memory@0.1.0" "load" (func (param i32)))
  (import "hooke:policy/memory@0.1.0" "store" (func (param i32 i32 i32)))
  (import "hooke:policy/cloud@0.1.0" "suspend" (func (param i32 i32 i32 i32 i32)))
  (import "hooke:policy/cloud@0.1.0" "launch" (func (param i32 i32 i32 i32 i32))))"#;

/// What this host has switched on.
fn config() -> Config {
    Config {
        gc_enabled: false,
        exceptions_enabled: false,
        reference_types_enabled: false,
        memory64_enabled: false,
        threads_enabled: false,
        relaxed_simd_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        max_memory32_bytes: 32 << 20,
        max_memories: 3,
        max_table_elements: 10_000,
        ..Config::default()
    }
}

/// A module, unless the seed does not make one.
fn module(seed: u64, config: Config) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    Some(Module::new(config, &mut Unstructured::new(&bytes)).ok()?.to_bytes())
}

/// A component around the module, as wit-component makes it of a build.
fn wrapped(mut module: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let contract = std::fs::read_to_string(guests::folder().join("../../wit/policy.wit"))?;
    let main = resolve.push_str("policy.wit", &contract)?;
    let world = resolve.select_world(&[main], Some("scaling-policy"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().module(&module)?.encode()
}

#[test]
fn modules_alone_are_refused() {
    let house = house();
    let modules = (0..MODULES as u64).filter_map(|seed| module(seed, config()));
    assert_eq!(modules.filter(|module| visit(&house, module)).count(), 0);
    house.is_as_before("modules alone");
}

#[test]
fn modules_as_policies() {
    let house = house();
    let example = |text: &str| Some(wat::parse_str(text).unwrap());
    let (mut made, mut loaded) = (0, 0);
    for seed in 0..MODULES as u64 {
        let config = Config {
            exports: example(EXPORTS),
            available_imports: example(IMPORTS),
            disallow_traps: seed % 2 == 0,
            ..config()
        };
        let Some(Ok(wasm)) = module(seed, config).map(wrapped) else { continue };
        made += 1;
        loaded += usize::from(visit(&house, &wasm));
    }
    house.is_as_before("modules as policies");
    assert!(made > MODULES / 2, "{made} policies");
    // What it is said to be is chance as well; nearly all break in saying it.
    assert!(loaded < made, "{made} policies, {loaded} load");
}

/// A module of one function, to be replaced.
const PLACEHOLDER: &str = r#"(func (export "f") (param i32 i32) (result i32) (i32.const 4242))"#;

/// A policy whose evaluation is a function of the module `inner`.
fn around(inner: &[u8]) -> Vec<u8> {
    const MODULE_SECTION: u8 = 1;
    let whole = component::of_fields(&format!(
        r#"(core module {PLACEHOLDER})
        (core instance $inner (instantiate 0))
        (core module $core
          (import "inner" "f" (func $f (param i32 i32) (result i32)))
          (func $evaluate (param $profile i32) (param $length i32) (result i32)
            (call $needs (call $f (local.get 0) (local.get 1)) (i32.const 0) (i32.const 0)))
          ;; parts
        )
        (core instance $policy (instantiate $core (with "inner" (instance $inner))))"#
    ));
    let section = |module: &[u8]| [&[MODULE_SECTION][..], &number(module.len()), module].concat();
    let old = section(&wat::parse_str(format!("(module {PLACEHOLDER})")).unwrap());
    let at = whole.windows(old.len()).position(|bytes| bytes == old).unwrap();
    [&whole[..at], &section(inner), &whole[at + old.len()..]].concat()
}

#[test]
fn modules_inside_policies_that_load() {
    let house = house();
    let example = wat::parse_str(format!("(module {PLACEHOLDER})")).unwrap();
    let mut loaded = 0;
    for seed in 0..MODULES as u64 {
        let config = Config {
            exports: Some(example.clone()),
            available_imports: None,
            max_imports: 0,
            disallow_traps: seed % 2 == 0,
            ..config()
        };
        let Some(inner) = module(seed, config) else { continue };
        loaded += usize::from(visit(&house, &around(&inner)));
    }
    house.is_as_before("modules inside policies");
    assert!(loaded > MODULES / 2, "{loaded} of {MODULES} load");
}
