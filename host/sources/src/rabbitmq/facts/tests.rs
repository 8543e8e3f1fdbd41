//! The broker's words, as RabbitMQ 3.10 was heard to say them, and the facts
//! they become.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::{Expect, expect};
use hooke_control::ids::QueueName;

use super::super::quiet::Quiet;
use super::{consumers, queue};
use crate::rabbitmq::answer::{Channel, Consumer, Queue};

fn check_queue(json: &str, expected: Expect) {
    let said: Queue<'_> = serde_json::from_str(json).unwrap();
    expected.assert_eq(&format!("{:?}", queue(&said, &mut Quiet::default())));
}

fn check_consumers(said: &str, channels: &str, expected: Expect) {
    let said: Vec<Consumer<'_>> = serde_json::from_str(said).unwrap();
    let channels: Vec<Channel<'_>> = serde_json::from_str(channels).unwrap();
    let watched = BTreeSet::from([QueueName::from("ocr")]);
    let text = match consumers(&watched, &said, &channels, "URL") {
        Err(missing) => format!("missing: {}", missing.0),
        Ok(consumers) => consumers.iter().fold(String::new(), |mut text, c| {
            let (queue, host, port) = (&c.queue, c.host, c.port);
            writeln!(text, "{queue} {host} {port} {:?} {:?}", c.unacked, c.activity).unwrap();
            text
        }),
    };
    expected.assert_eq(&text);
}

#[test]
fn a_queue_at_work() {
    check_queue(
        r#"{"name":"ocr","type":"classic","messages_ready":615,"messages_unacknowledged":10,
            "consumers":1,"message_stats":{"publish_details":{"rate":50.0},
            "ack_details":{"rate":19.8},"deliver_no_ack_details":{"rate":0.2}}}"#,
        expect![
            "QueueFacts { ready: Some(615), unacked: Some(10), consumers: Some(1), arrival_rate: Some(50.0), service_rate: Some(20.0), activity: Active }"
        ],
    );
}

#[test]
fn an_idle_queue() {
    check_queue(
        r#"{"name":"ocr","type":"classic","messages_ready":0,"messages_unacknowledged":0,
            "consumers":1,"idle_since":"2026-11-21T18:18:59.771+00:00"}"#,
        expect![
            "QueueFacts { ready: Some(0), unacked: Some(0), consumers: Some(1), arrival_rate: None, service_rate: None, activity: IdleSince(Timestamp(1795285139771)) }"
        ],
    );
}

#[test]
fn messages_that_wait_are_work_though_nothing_moves() {
    check_queue(
        r#"{"name":"ocr","type":"classic","messages_ready":1,"messages_unacknowledged":0,
            "consumers":0,"idle_since":"2026-11-21T18:18:47.861+00:00","message_stats":[]}"#,
        expect![
            "QueueFacts { ready: Some(1), unacked: Some(0), consumers: Some(0), arrival_rate: None, service_rate: None, activity: Active }"
        ],
    );
}

#[test]
fn a_fresh_queue_says_nothing() {
    check_queue(
        r#"{"name":"ocr","type":"quorum"}"#,
        expect![
            "QueueFacts { ready: None, unacked: None, consumers: None, arrival_rate: None, service_rate: None, activity: Unknown }"
        ],
    );
}

#[test]
fn a_quorum_queue_never_says_since_when() {
    check_queue(
        r#"{"name":"ocr","type":"quorum","messages_ready":0,"messages_unacknowledged":0}"#,
        expect![
            "QueueFacts { ready: Some(0), unacked: Some(0), consumers: None, arrival_rate: None, service_rate: None, activity: Unknown }"
        ],
    );
}

#[test]
fn nonsense_is_absent() {
    check_queue(
        r#"{"name":"ocr","type":"classic","messages_ready":-1,"messages_unacknowledged":"many",
            "consumers":1e30,"idle_since":7,"message_stats":{"publish_details":{"rate":-3.5},
            "ack_details":{"rate":"NaN"}}}"#,
        expect![
            "QueueFacts { ready: None, unacked: None, consumers: None, arrival_rate: Some(-3.5), service_rate: None, activity: Unknown }"
        ],
    );
    check_queue(
        r#"{"name":"ocr","type":"classic","messages_ready":0,"messages_unacknowledged":0,
            "idle_since":"yesterday","message_stats":{"publish_details":[]}}"#,
        expect![
            "QueueFacts { ready: Some(0), unacked: Some(0), consumers: None, arrival_rate: None, service_rate: None, activity: Unknown }"
        ],
    );
}

const HERE: &str = r#"{"name":"c1","peer_host":"10.0.0.7","peer_port":43426}"#;

fn consumer(ack: &str, details: &str) -> String {
    format!(
        r#"[{{"queue":{{"name":"ocr"}},"ack_required":{ack},"channel_details":{details}}},
            {{"queue":{{"name":"other"}},"channel_details":[]}}]"#
    )
}

#[test]
fn a_consumer_has_its_channels_state() {
    let one = consumer("true", HERE);
    let with = |state: &str| format!(r#"[{{"name":"c1"{state}}}]"#);
    let idle = r#","messages_unacknowledged":0,"idle_since":"2026-11-21T18:18:59.771+00:00""#;
    let holds = r#","messages_unacknowledged":1,"idle_since":"2026-11-21T18:18:59.771+00:00""#;
    check_consumers(
        &one,
        &with(idle),
        expect![[r#"
        ocr 10.0.0.7 43426 Some(0) IdleSince(Timestamp(1795285139771))
    "#]],
    );
    check_consumers(
        &one,
        &with(holds),
        expect![[r#"
        ocr 10.0.0.7 43426 Some(1) Active
    "#]],
    );
    check_consumers(
        &one,
        &with(r#","messages_unacknowledged":0"#),
        expect![[r#"
        ocr 10.0.0.7 43426 Some(0) Active
    "#]],
    );
    check_consumers(
        &one,
        &with(""),
        expect![[r#"
        ocr 10.0.0.7 43426 None Unknown
    "#]],
    );
    check_consumers(
        &one,
        "[]",
        expect![[r#"
        ocr 10.0.0.7 43426 None Unknown
    "#]],
    );
    // Whoever does not acknowledge may be busy all the same.
    check_consumers(
        &consumer("false", HERE),
        &with(idle),
        expect![[r#"
        ocr 10.0.0.7 43426 Some(0) Unknown
    "#]],
    );
}

#[test]
fn where_a_consumer_connects_from() {
    let mapped = r#"{"name":"c1","peer_host":"::ffff:10.0.0.7","peer_port":1}"#;
    check_consumers(
        &consumer("true", mapped),
        "[]",
        expect![[r#"
        ocr 10.0.0.7 1 None Unknown
    "#]],
    );
    let shovel = r#"{"name":"c1","peer_host":"undefined","peer_port":"undefined"}"#;
    check_consumers(&consumer("true", shovel), "[]", expect![[r#""#]]);
    check_consumers(
        &consumer("true", "[]"),
        "[]",
        expect![[
            r#"missing: URL does not know yet where a consumer of queue "ocr" connects from; it will within its statistics interval (5 s by default)"#
        ]],
    );
    let named = r#"{"name":"c1","peer_host":"host.example","peer_port":1}"#;
    check_consumers(
        &consumer("true", named),
        "[]",
        expect![
            "missing: URL names a consumer's peer that is not an address and port; the consumers of this read are left out"
        ],
    );
}
