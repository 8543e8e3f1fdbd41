//! What is said of policies as such, and of how a profile asks them.

use expect_test::expect;

use super::files::shown;
use super::{GOOD, check_short, instead_of, slip};

/// The good file with more about policies in front of it.
fn with(text: &str) -> String {
    format!("{text}\n{GOOD}")
}

#[test]
fn every_slip_is_told() {
    check_short(
        &with(
            r#"
[policies]
cache = 3
wasi = "all"
conformance = "yes"
quarantine = { after = 0, first = "2h", longest = "1h", often = 3 }
[policy.threshold]
sha256 = "abc"
limits = { memory = "3 GiB", wall = "1s" }
[policy.treshold]
[policy]
min-instance = "pinned"
"#,
        ),
        expect![[r#"
            3:9 policies.cache: a string is expected, not a whole number | write for example "a/path"
            4:8 policies.wasi: there is no wasi "all" | write one of stub, none
            5:15 policies.conformance: true or false is expected, not a string | write for example true
            6:24 policies.quarantine.after: 0 failures cannot be counted | write 1 or more
            6:35 policies.quarantine.first: longer than `longest` | write "1h" or less
            6:57 policies.quarantine: unknown key `often` | remove it; the keys known here are after, first, longest
            8:10 policy.threshold.sha256: "abc" is not the SHA-256 of a file | write the 64 hex digits that `sha256sum FILE` prints
            9:21 policy.threshold.limits.memory: 3.0 GiB is above the hard cap | write 512.0 MiB or less
            9:30 policy.threshold.limits: unknown key `wall` | remove it; the keys known here are compile_memory, compile_time, file_bytes, handles, host_calls, instances, log_bytes, log_line_bytes, log_lines, memories, memory, reason_bytes, remembered_bytes, staged_actions, table_elements, tables, value_bytes, wall_time
            10:9 policy.treshold: no site asks a policy `treshold` | did you mean `threshold`?
            12:16 policy.min-instance: a table is expected | write it as a section, [policy.min-instance]
        "#]],
    );
}

#[test]
fn recording() {
    check_short(
        &with("[record]\ndirectory = 1\nfile_bytes = \"10 KiB\"\nfiles = 0\nkeep = 2"),
        expect![[r#"
            2:13 record.directory: a string is expected, not a whole number | write for example "a/path"
            3:14 record.file_bytes: 10.0 KiB is too little | write 1.0 MiB or more
            4:9 record.files: nothing can be kept in 0 files | write 1 or more
            5:1 record: unknown key `keep` | remove it; the keys known here are directory, file_bytes, files
        "#]],
    );
    let text = with("[record]\nfile_bytes = \"2 MiB\"\nfiles = 3");
    let shown = shown(&text.replace("name = \"east\"", "name = \"east\"\nrecord = true"));
    let recorded: Vec<&str> = shown.lines().filter(|line| line.contains("recorded")).collect();
    expect!["  recorded in BASE/records/east.jsonl, 3 files of 2097152 bytes"]
        .assert_eq(&recorded.join("\n"));
}

#[test]
fn choices_that_make_no_sense() {
    let asks = |policy: &str, expect| {
        slip("policy = \"threshold\"\n", &format!("policy = {policy}\n"), expect);
    };
    asks(
        "[{ name = \"threshold\", mode = \"shadow\" }]",
        expect![[r#"
        32:10 site.profile.policy: only shadows are named, so that nobody decides | name a policy that is live beside them, such as ["threshold", ...]
    "#]],
    );
    asks(
        "[\"threshold\", { name = \"threshold\", mode = \"shadow\" }]",
        expect![[r#"
            32:33 site.profile.policy: `threshold` is named twice | name it once
            34:1 site.profile.settings: `add` is none of the profile's policies | write it into the table of its policy: [site.profile.settings.threshold]
        "#]],
    );
    asks(
        "[{ name = \"threshold\", fallback = \"threshold\" }]",
        expect![[r#"
            32:44 site.profile.policy: `threshold` is named twice | name it once
            34:1 site.profile.settings: `add` is none of the profile's policies | write it into the table of its policy: [site.profile.settings.threshold]
        "#]],
    );
    asks(
        "[\"threshold\", { name = \"min-instance\", mode = \"shadow\", fallback = \"x\" }]",
        expect![[r#"
            32:77 site.profile.policy: a shadow decides nothing, so nobody need stand in for it | remove `fallback`
        "#]],
    );
    asks(
        "[{ mode = \"live\" }]",
        expect![[r#"
        32:11 site.profile.policy: `name` is missing | write name = "a-name"
    "#]],
    );
    asks(
        "[{ name = \"threshold\", mode = \"dry\" }]",
        expect![[r#"
        32:40 site.profile.policy.mode: there is no mode "dry" | write one of live, shadow
    "#]],
    );
    asks(
        "[{ name = \"threshold\", fallback = \"min-instanse\" }]",
        expect![[r#"
            32:44 there is no policy `min-instanse` | did you mean `min-instance`? (or put min-instanse.wasm into the directory of [policies])
            34:1 site.profile.settings: `add` is none of the profile's policies | write it into the table of its policy: [site.profile.settings.min-instanse] or [site.profile.settings.threshold]
        "#]],
    );
    asks(
        "[{ name = \"threshold\", weight = 2 }]",
        expect![[r#"
        32:33 site.profile.policy: unknown key `weight` | remove it; the keys known here are fallback, mode, name
    "#]],
    );
}

#[test]
fn settings_of_every_policy_that_may_answer_are_checked() {
    let text = instead_of(
        "policy = \"threshold\"\n",
        "policy = [{ name = \"threshold\", fallback = \"min-instance\" }]\n",
    );
    check_short(
        &text,
        expect![[r#"
            34:1 site.profile.settings: `add` is none of the profile's policies | write it into the table of its policy: [site.profile.settings.min-instance] or [site.profile.settings.threshold]
        "#]],
    );
    let text = text.replace(
        "[site.profile.settings]\nadd = \"ratio\"",
        "[site.profile.settings.threshold]\nadd = \"ratios\"\n[site.profile.settings.min-instance]\nminimum = -1",
    );
    check_short(
        &text,
        expect![[r#"
        34:1 policy `threshold` refuses its setting `add` | found "ratios": write one of "one", "ratio"
        36:1 policy `min-instance` refuses its setting `minimum` | found -1: write a whole number, 0 or more
    "#]],
    );
}

#[test]
fn what_holds_for_one_policy_stands_over_what_holds_for_all() {
    let pin = "0123456789abcdef".repeat(4);
    let text = with(&format!(
        "[policies]\ncache = \"c\"\nconformance = false\nlimits = {{ memory = \"32 MiB\", handles = 7 }}\n\
         [policy.threshold]\nsha256 = \"sha256:{pin}\"\nlimits = {{ memory = \"48 MiB\" }}"
    ));
    let shown = shown(&text);
    let policies: Vec<&str> = shown.lines().filter(|line| line.starts_with("polic")).collect();
    expect![[r#"
        policies cache BASE/c wasi Stub conformance false QuarantineRule { after: 3, first: 60s, longest: 3600s }
        policy threshold 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef memory 50331648 handles 7"#]].assert_eq(&policies.join("\n"));
}
