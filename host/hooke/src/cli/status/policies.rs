//! The policies in `hooke status`: what runs, and apart from it what became of
//! a newer file.

use std::time::Duration;

use hooke_control::units::{Span, Timestamp};

use super::super::table;
use crate::board::{PoliciesView, PolicyView, SiteView};
use crate::view::moment;

/// As much of a digest as people compare.
const SHORT: usize = "sha256:0123456789ab".len();

/// The policies that came from files, and whatever is the matter with any.
pub(super) fn text(policies: &PoliciesView, now: Timestamp) -> String {
    let mut rows = table(&[]);
    for trouble in &policies.trouble {
        rows.add_row(["policies", trouble]);
    }
    for policy in &policies.at_hand {
        if policy.origin == "bundled" && policy.state == "live" {
            continue;
        }
        rows.add_row([format!("policy {}", policy.name), runs(policy)]);
        if let Some(newer) = newer(policy, now) {
            rows.add_row([String::new(), newer]);
        }
    }
    if rows.is_empty() { String::new() } else { format!("{rows}\n\n") }
}

/// Why policies are not asked, in the words that decisions repeat.
pub(super) fn whys<'a>(policies: &'a PoliciesView, site: &'a SiteView) -> Vec<&'a str> {
    let dead = policies.at_hand.iter().filter(|policy| policy.digest.is_none());
    let quarantined = site.policies.iter().filter_map(|seat| seat.quarantined.as_deref());
    dead.filter_map(|policy| policy.why.as_deref()).chain(quarantined).collect()
}

/// What answers now.
fn runs(policy: &PolicyView) -> String {
    let since = policy.since_ms.map(|ms| moment(Timestamp::from_millis(ms)));
    match (&policy.digest, since) {
        (Some(digest), Some(since)) => format!("runs {} since {since}", short(digest)),
        (Some(digest), None) => format!("runs {}", short(digest)),
        (None, _) => "does not run: nothing of it was ever taken".to_owned(),
    }
}

/// What became of a newer file, or of the file itself.
fn newer(policy: &PolicyView, now: Timestamp) -> Option<String> {
    let file = match (&policy.newest_digest, policy.digest.is_some()) {
        (Some(digest), true) => format!("the newer file {}", short(digest)),
        (Some(digest), false) => format!("its file {}", short(digest)),
        (None, true) => "the newer file".to_owned(),
        (None, false) => "its file".to_owned(),
    };
    let meanwhile = if policy.digest.is_some() { "; the one that runs stays" } else { "" };
    let since = policy.newest_since_ms.map(Timestamp::from_millis);
    let why = policy.why.as_deref().unwrap_or("no reason is known");
    match policy.state.as_str() {
        "live" => None,
        "compiling" => {
            let passed = since.map_or(Duration::ZERO, |since| now.since(since));
            let old =
                if policy.digest.is_some() { "; the one that runs still answers" } else { "" };
            let for_now = Span(Duration::from_secs(passed.as_secs()));
            Some(format!("{file} is being compiled, for {for_now} now{old}"))
        }
        "orphaned" | "none" => Some(why.to_owned()),
        state => {
            let at = since.map_or_else(String::new, |at| format!(" at {}", moment(at)));
            let over = refused_over(state);
            Some(format!("{file} was refused{at}, {over}{meanwhile}: {why}"))
        }
    }
}

/// What of a file was refused, out of its outcome.
fn refused_over(outcome: &str) -> &str {
    match outcome {
        "refused-file" => "as it cannot be read",
        "refused-form" => "as it is no policy for this host",
        "refused-pin" => "as another content is pinned",
        "refused-limit" => "over a limit",
        "refused-grants" => "over what it imports",
        "refused-settings" => "over the settings of a site",
        "refused-trial" => "as it failed on the last tick",
        "refused-conformance" => "as it breaks a rule of the contract",
        "failed" => "by a failure of the host",
        other => other,
    }
}

fn short(digest: &str) -> String {
    digest.chars().take(SHORT).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef";
    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn check(state: &str, live: bool, why: Option<&str>, expected: Expect) {
        let policy = PolicyView {
            name: "mine".to_owned(),
            origin: "mine.wasm".to_owned(),
            digest: live.then(|| DIGEST.to_owned()),
            since_ms: live.then_some(1_780_000_000_000),
            state: state.to_owned(),
            why: why.map(str::to_owned),
            newest_digest: Some(DIGEST.replace("012", "fed")),
            newest_since_ms: Some(NOW.as_millis() - 12_300),
        };
        let text = text(&PoliciesView { trouble: Vec::new(), at_hand: vec![policy] }, NOW);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        // What is expected cannot begin with the column's own space.
        let bare = |line: &str| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned();
        let lines = text.lines().map(|line| format!("{}\n", bare(line)));
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn what_runs_stands_apart_from_what_was_refused() {
        let why = "it exports no `policy` of hooke:policy@0.1.0, and a policy has to. Build it \
                   against wit/policy.wit of this host, which `hooke policy new` writes";
        check(
            "live",
            true,
            None,
            expect![[r#"
                 policy mine  runs sha256:0123456789ab since 2026-05-28 20:26:40Z

            "#]],
        );
        check(
            "refused-form",
            true,
            Some(why),
            expect![[r#"
                 policy mine  runs sha256:0123456789ab since 2026-05-28 20:26:40Z
                              the newer file sha256:fed3456789ab was refused at 2026-09-21 14:13:07Z, as it is no
                              policy for this host; the one that runs stays: it exports no `policy` of
                              hooke:policy@0.1.0, and a policy has to. Build it against wit/policy.wit of this
                              host, which `hooke policy new` writes

            "#]],
        );
        check(
            "refused-form",
            false,
            Some(why),
            expect![[r#"
                 policy mine  does not run: nothing of it was ever taken
                              its file sha256:fed3456789ab was refused at 2026-09-21 14:13:07Z, as it is no policy
                              for this host: it exports no `policy` of hooke:policy@0.1.0, and a policy has to.
                              Build it against wit/policy.wit of this host, which `hooke policy new` writes

            "#]],
        );
    }

    #[test]
    fn a_compile_is_told_with_its_time() {
        check(
            "compiling",
            true,
            None,
            expect![[r#"
                 policy mine  runs sha256:0123456789ab since 2026-05-28 20:26:40Z
                              the newer file sha256:fed3456789ab is being compiled, for 12s now; the one that runs
                              still answers

            "#]],
        );
        check(
            "compiling",
            false,
            None,
            expect![[r#"
                 policy mine  does not run: nothing of it was ever taken
                              its file sha256:fed3456789ab is being compiled, for 12s now

            "#]],
        );
    }
}
