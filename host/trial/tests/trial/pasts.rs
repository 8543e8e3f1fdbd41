//! What cases say of the past, and what is told of mistakes in it.

use std::path::Path;

use expect_test::{Expect, expect};
use hooke_history::{Metric, Query, Statistic, Subject};
use hooke_trial::table::Table;

use crate::guest;

/// The readings of an hour before a case, minute by minute from the tenth on
/// to its own.
#[track_caller]
fn check(text: &str, (subject, metric): (Subject, Metric), want: Expect) {
    let text = format!("[[case]]\nname = \"it\"\nexpect = {{ delta = 0 }}\n{text}");
    let table = Table::parse(Path::new("a.toml"), &text).unwrap_or_else(|problems| {
        panic!("{}", problems.render(&annotate_snippets::Renderer::plain()))
    });
    let evaluation = table.situation("it").unwrap().evaluation();
    let now = evaluation.snapshot.now;
    let minute = std::time::Duration::from_secs(60);
    let (statistic, end) = (Statistic::Average, now.plus(minute));
    let query = Query { subject, metric, statistic, period: minute, end, count: 5 };
    let points = evaluation.history.statistics(&query).unwrap().points;
    let shown = points.iter().map(|point| format!("{:?}", point.value));
    want.assert_eq(&shown.collect::<Vec<_>>().join(" "));
}

#[track_caller]
fn mistakes(text: &str, want: Expect) {
    let text = format!("[[case]]\nname = \"it\"\nexpect = {{ delta = 0 }}\n{text}");
    let problems = Table::parse(Path::new("a.toml"), &text).unwrap_err();
    let lines = problems.views().into_iter().map(|view| {
        format!("{}:{}: {}\n  {}\n", view.line, view.column, view.problem, view.instead)
    });
    want.assert_eq(&lines.collect::<String>());
}

const READY: &str = "[[case.history]]\nmetric = \"ready\"\n";

fn ready() -> (Subject, Metric) {
    (Subject::Profile("work".into()), Metric::Ready)
}

#[test]
fn values_end_now_or_before() {
    let now = format!("{READY}every = \"60s\"\nvalues = [1, \"-\", \"absent\", 4.5]\n");
    check(&now, ready(), expect!["None Some(1.0) None None Some(4.5)"]);
    check(
        &format!("{now}ends = \"60s\"\n"),
        ready(),
        expect!["Some(1.0) None None Some(4.5) Some(0.0)"],
    );
    check(
        &format!("{READY}values = [1, \"-\", \"absent\", 4.5]\n"),
        ready(),
        expect!["None Some(1.0) None None Some(4.5)"],
    );
    let often = format!("{READY}every = \"15s\"\nvalues = [1, 2, 3, 4, 5, 6, 7, 8]\n");
    check(&often, ready(), expect!["None None Some(2.0) Some(5.5) Some(8.0)"]);
}

#[test]
fn readings_of_machines_and_workers() {
    let load = "workers = { busy = 1 }\n[[case.history]]\nmetric = \"utilization\"\nvm = \"vm-0001\"\n\
                every = \"60s\"\nvalues = [35, 70]\nends = \"60s\"\n";
    check(
        load,
        (Subject::VmsOf("work".into()), Metric::Utilization),
        expect!["None None Some(35.0) Some(70.0) Some(50.0)"],
    );
    let busy =
        "[[case.history]]\nmetric = \"busy\"\nevery = \"60s\"\nvalues = [3]\nends = \"60s\"\n";
    check(
        busy,
        (Subject::Profile("work".into()), Metric::Busy),
        expect!["None None None Some(3.0) Some(0.0)"],
    );
}

#[test]
fn mistakes_are_told_with_their_places() {
    mistakes(
        "[[case.history]]\nmetrik = \"ready\"\n",
        expect![[r#"
            4:1: case "it": history: `metric` is missing
              write for example metric = "ready"
            4:1: case "it": history: `values` is missing
              write for example values = [1, 2, "-", 4]
            5:1: case "it": history: unknown key `metrik`
              did you mean `metric`?
        "#]],
    );
    mistakes(
        &format!("{READY}every = \"0s\"\nvalues = [1, \"x\", -1]\nvm = \"a\"\n"),
        expect![[r#"
            6:9: case "it": history: every: two readings cannot be of one moment
              write "15s" or so
            7:10: case "it": history: values: a number is expected, not a string
              write for example 0.5
        "#]],
    );
    mistakes(
        &format!("{READY}every = \"1h\"\nvalues = [1, 2, 3, 4, 5]\n"),
        expect![[r#"
        4:1: case "it": history: it reaches 4h back, and readings are kept for 3h
          write fewer values, or a smaller `every`
    "#]],
    );
    mistakes(
        "[[case.history]]\nmetric = \"load\"\nevery = \"1h\"\nvalues = [1]\n",
        expect![[r#"
        4:1: case "it": history: load is a reading of a vm
          name the vm, and nothing else
    "#]],
    );
    mistakes(
        &format!("{READY}every = \"1m\"\nvalues = [1]\nvm = \"a\"\n"),
        expect![[r#"
        4:1: case "it": history: ready is a reading of a queue
          name the queue, and nothing else
    "#]],
    );
    mistakes(
        "[[case.step]]\nexpect = { delta = 0 }\n[[case.step.history]]\nmetric = \"ready\"\n",
        expect![[r#"
            1:1: case "it": with steps each of them expects
              move `expect` into the [[case.step]] it is of
            6:13: case "it", step 1: unknown key `history`
              write one of settings, site, now, profile, bounds, queue, workers, machine, other, memory, after
        "#]],
    );
}

/// The guest wants as many workers as there were readings in the last hour.
#[test]
fn what_a_step_reads_is_past_for_those_after_it() {
    let text = r#"
        [[case]]
        name = "one tick after the other, two minutes after the last reading"
        history = { metric = "ready", every = "60s", values = [5, "-", 7], ends = "2m" }
        [[case.step]]
        expect = { delta = 3 }
        [[case.step]]
        queue = { quality = "missing" }
        expect = { delta = 3 }
        [[case.step]]
        expect = { delta = 4 }
        [[case.step]]
        after = "59m"
        expect = { delta = 2 }
        [[case]]
        name = "another case begins anew"
        expect = { delta = 1 }
    "#;
    let table = Table::parse(Path::new("a.toml"), text).unwrap_or_else(|problems| {
        panic!("{}", problems.render(&annotate_snippets::Renderer::plain()))
    });
    let report = table.run(&guest("counts-past"));
    assert!(report.passed(), "{}", report.render());
}
