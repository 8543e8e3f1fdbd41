//! Every way to misbehave: loaded, asked what it is, given settings, evaluated;
//! from a pool and on demand, with the same words, and a neighbour that notices
//! nothing.

use expect_test::{Expect, expect};
use hooke_runtime::Limits;

use crate::component;
use crate::house::{House, evaluation, told, without_time};

/// Runs a guest through all that a host asks. `profiles` are what it is
/// evaluated for, one after another.
#[track_caller]
pub(crate) fn check(name: &str, profiles: &[&str], want: Expect) {
    check_within(&Limits::default(), name, profiles, want);
}

#[track_caller]
pub(crate) fn check_within(limits: &Limits, name: &str, profiles: &[&str], want: Expect) {
    let wasm = component::build(name);
    let [pooled, on_demand] =
        House::both(limits).map(|house| visit(&house, name, &wasm, limits, profiles));
    want.assert_eq(&pooled);
    assert_eq!(on_demand, pooled, "{name} ends otherwise on demand");
}

/// One visit, and what it was told at each step.
#[track_caller]
pub(crate) fn visit(
    house: &House,
    name: &str,
    wasm: &[u8],
    limits: &Limits,
    profiles: &[&str],
) -> String {
    let admitted = house.admit(wasm, limits);
    house.is_as_before(&format!("loading {name}"));
    let policy = match admitted {
        Ok(policy) => policy,
        Err(refused) => return format!("refused: {}\n", without_time(&refused.to_string())),
    };
    let mut lines = String::new();
    match policy.validate_settings("{}") {
        Ok(problems) => {
            let shown = problems.iter().take(2);
            lines.extend(shown.map(|problem| format!("problem: {problem}\n")));
        }
        Err(failure) => lines += &format!("settings: {}\n", without_time(failure.why())),
    }
    house.is_as_before(&format!("settings of {name}"));
    for profile in profiles {
        let evaluated = policy.evaluate(&evaluation(profile));
        house.is_as_before(&format!("{name} for {profile}"));
        lines += &format!("{profile}: {}\n", told(&evaluated));
    }
    lines
}

#[test]
fn memory_is_counted_over_all_memories() {
    check(
        "memory-bomb",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit memory: 64.1 MiB used, 64 MiB allowed; the key is policies.limits.memory
        "#]],
    );
    check(
        "memory-bomb-instances",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit memory: 64.5 MiB used, 64 MiB allowed; the key is policies.limits.memory
        "#]],
    );
    check(
        "sum-at-birth",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: over the limit memory: 80 MiB used, 64 MiB allowed; the key is policies.limits.memory. Its author has to repair it
        "#]],
    );
    check(
        "memory-at-birth",
        &["ocr"],
        expect![[r#"
            refused: policy guest: over the limit memory: 128 MiB used, 64 MiB allowed; the key is policies.limits.memory. Raise the limit, or build the policy smaller
        "#]],
    );
    check(
        "big-at-birth",
        &["ocr"],
        expect![[r#"
            refused: policy guest: over the limit memory: 2048 MiB used, 64 MiB allowed; the key is policies.limits.memory. Raise the limit, or build the policy smaller
        "#]],
    );
}

#[test]
fn tables_are_counted_over_all_tables() {
    check(
        "table-bomb",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit table-elements: 20001 used, 20000 allowed; the key is policies.limits.table_elements
        "#]],
    );
    check(
        "table-bomb-several",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit table-elements: 20003 used, 20000 allowed; the key is policies.limits.table_elements
        "#]],
    );
    check(
        "tables-at-birth",
        &["ocr"],
        expect![[r#"
            refused: policy guest: over the limit table-elements: 200000 used, 20000 allowed; the key is policies.limits.table_elements. Raise the limit, or build the policy smaller
        "#]],
    );
}

#[test]
fn memories_and_instances_are_counted() {
    check(
        "memories-at-birth",
        &["ocr"],
        expect![[r#"
            refused: policy guest: over the limit memories: 20 used, 8 allowed; the key is policies.limits.memories. Raise the limit, or build the policy smaller
        "#]],
    );
    check(
        "instance-flood",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: over the limit instances: more used than the 64 allowed; the key is policies.limits.instances. Its author has to repair it
        "#]],
    );
}

#[test]
fn recursion_ends_wherever_it_starts() {
    check(
        "recursion",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit stack: more used than the 512 KiB allowed, which is fixed; a recursion without an end?; in deeper (20 times)
        "#]],
    );
    check(
        "recursion-wide",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit stack: more used than the 512 KiB allowed, which is fixed; a recursion without an end?; in deeper (20 times)
        "#]],
    );
    check(
        "recursion-start",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: over the limit stack: more used than the 512 KiB allowed, which is fixed; a recursion without an end?; in deeper (20 times). Its author has to repair it
        "#]],
    );
}

#[test]
fn what_a_start_function_does_is_bounded() {
    check(
        "start-calls",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: it called metrics.now-ms outside evaluate-needs; there are no facts when a policy describes itself or checks settings; in early. Its author has to repair it
        "#]],
    );
    check(
        "start-floods",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: over the limit host-calls: 10001 used, 10000 allowed; the key is policies.limits.host_calls. Its author has to repair it
        "#]],
    );
    check(
        "start-traps",
        &["ocr"],
        expect![[r#"
            refused: policy guest: asked to describe itself it broke: it panicked or aborted (`unreachable` executed); its log may say why; in early. Its author has to repair it
        "#]],
    );
}

#[test]
fn the_host_is_not_called_while_it_calls() {
    check(
        "reenters",
        &["ocr"],
        expect![[r#"
            settings: wasm trap: cannot leave component instance; in function 1
            ocr: failed, trap: wasm trap: cannot leave component instance; in function 1
        "#]],
    );
}

#[test]
fn floods_of_calls_end() {
    check(
        "call-flood",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit host-calls: 10001 used, 10000 allowed; the key is policies.limits.host_calls
        "#]],
    );
    check(
        "enabled-flood",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit host-calls: 10001 used, 10000 allowed; the key is policies.limits.host_calls
        "#]],
    );
    check(
        "log-flood",
        &["ocr"],
        expect![[r#"
            ocr: wish +0: still here
            log warn: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
            log info: still here
        "#]],
    );
    check(
        "stage-flood",
        &["ocr"],
        expect![[r#"
            ocr: wish +1000: one
            staged launch small: one more
            staged launch small: one more
            staged launch small: one more
            log info: over the limit staged-actions: 1001 used, 1000 allowed; the key is policies.limits.staged_actions
        "#]],
    );
    check(
        "id-flood",
        &["ocr"],
        expect![[r#"
            ocr: wish +799: 
            staged suspend vm-0001: vm-none
        "#]],
    );
}

#[test]
fn handles_that_leak_are_counted() {
    check(
        "handle-leak",
        &["ocr"],
        expect![[r#"
            ocr: failed, limit: over the limit handles: more used than the 1000 allowed; the key is policies.limits.handles
        "#]],
    );
}

#[test]
fn what_is_stored_before_a_trap_is_gone() {
    check(
        "traps-late",
        &["ocr"],
        expect![[r#"
            ocr: failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in evaluate
        "#]],
    );
    check(
        "panic",
        &["ocr"],
        expect![[r#"
            ocr: failed, trap: it panicked or aborted (`unreachable` executed); its log may say why; in core::panicking::panic_fmt < policy::decide < evaluate
            log error: panicked at src/decide.rs:31:9: index out of bounds
        "#]],
    );
}

#[test]
fn proposals_that_wait_or_share_are_off() {
    check(
        "shared-memory",
        &["ocr"],
        expect![[r#"
            refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: threads must be enabled for shared memories (at offset 0x3b)). Copy it again, under another name, and rename it into place; build it again if that does not help
        "#]],
    );
    check(
        "atomic-wait",
        &["ocr"],
        expect![[r#"
            refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to compile: wasm[0]::function[0]::evaluate: WebAssembly translation error: Invalid input WebAssembly code at offset 237: threads support is not enabled). Copy it again, under another name, and rename it into place; build it again if that does not help
        "#]],
    );
    check(
        "waits",
        &["ocr"],
        expect![[r#"
            refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: `waitable-set.new` requires the component model async feature (at offset 0xb)). Copy it again, under another name, and rename it into place; build it again if that does not help
        "#]],
    );
    check(
        "exceptions",
        &["ocr"],
        expect![[r#"
            refused: policy guest: it is cut short or damaged, or uses a WebAssembly feature that this host has switched off (failed to parse WebAssembly module: exceptions proposal not enabled (at offset 0x42)). Copy it again, under another name, and rename it into place; build it again if that does not help
        "#]],
    );
}
