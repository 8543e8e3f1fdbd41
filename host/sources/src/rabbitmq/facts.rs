//! From the broker's words to facts. Pure.
//! What was not said, or makes no sense, becomes absent or unknown, never zero
//! and never idle.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hooke_control::ids::QueueName;
use hooke_control::queue::{Activity, Consumer, Missing, QueueFacts};
use hooke_control::units::Timestamp;

use super::answer::{self, MessageStats};
use super::quiet::{Quiet, Said};

/// One queue's facts.
pub(super) fn queue(said: &answer::Queue<'_>, quiet: &mut Quiet) -> QueueFacts {
    let stats = said.message_stats.as_ref();
    QueueFacts {
        ready: said.messages_ready,
        unacked: said.messages_unacknowledged,
        consumers: said.consumers,
        arrival_rate: stats.and_then(|s| rate(s.publish_details.as_ref())),
        service_rate: stats.and_then(service_rate),
        activity: quiet.judge(
            &said.name,
            Said {
                empty: said.messages_ready == Some(0) && said.messages_unacknowledged == Some(0),
                passed: MessageStats::passed(stats),
                activity: queue_activity(said),
            },
        ),
    }
}

/// Finished is what was acknowledged, and what was delivered without the need
/// to acknowledge it. A part that is no rate makes the sum none.
fn service_rate(stats: &answer::MessageStats) -> Option<f64> {
    [&stats.ack_details, &stats.deliver_no_ack_details, &stats.get_no_ack_details]
        .into_iter()
        .filter_map(|details| rate(details.as_ref()))
        .reduce(|a, b| if a < 0.0 || b < 0.0 { a.min(b) } else { a + b })
}

/// As it was said: what is no rate is counted and taken away where the facts of
/// all sources come together.
fn rate(details: Option<&answer::Rate>) -> Option<f64> {
    details.and_then(|d| d.rate)
}

/// The broker calls a queue idle when nothing moved, even while messages wait
/// in it: here that is not idle. Only classic queues say since when; silence
/// of any other type says nothing.
fn queue_activity(said: &answer::Queue<'_>) -> Activity {
    let (Some(ready), Some(unacked)) = (said.messages_ready, said.messages_unacknowledged) else {
        return Activity::Unknown;
    };
    match &said.idle_since {
        _ if ready > 0 || unacked > 0 => Activity::Active,
        Some(since) => idle_since(since),
        None if said.kind.as_deref() == Some("classic") => Activity::Active,
        None => Activity::Unknown,
    }
}

fn idle_since(text: &str) -> Activity {
    text.parse::<jiff::Timestamp>()
        .ok()
        .and_then(|at| u64::try_from(at.as_millisecond()).ok())
        .map_or(Activity::Unknown, |at| Activity::IdleSince(Timestamp::from_millis(at)))
}

/// The consumers of the watched queues, each with its channel's state.
///
/// One consumer whose address the broker does not know yet makes them all
/// missing: a list that silently lacks a worker would make it look gone.
pub(super) fn consumers(
    watched: &BTreeSet<QueueName>,
    said: &[answer::Consumer<'_>],
    channels: &[answer::Channel<'_>],
    at: &str,
) -> Result<Vec<Consumer>, Missing> {
    let channels: BTreeMap<&str, &answer::Channel<'_>> =
        channels.iter().map(|channel| (&*channel.name, channel)).collect();
    let mut found = Vec::new();
    for consumer in said.iter().filter(|c| watched.contains(&*c.queue.name)) {
        let Some(details) = &consumer.channel_details else {
            return Err(unplaced(&consumer.queue.name, at));
        };
        let Some((host, port)) = peer(details, at)? else { continue };
        let channel = channels.get(&*details.name).copied();
        found.push(Consumer {
            queue: QueueName::from(&*consumer.queue.name),
            host,
            port,
            unacked: channel.and_then(|c| c.messages_unacknowledged),
            activity: consumer_activity(consumer, channel),
        });
    }
    Ok(found)
}

/// Where a consumer connects from; `None` for one inside the broker, such as a
/// shovel, which no machine of ours runs.
fn peer(details: &answer::ChannelRef<'_>, at: &str) -> Result<Option<(IpAddr, u16)>, Missing> {
    let host = &*details.peer_host;
    if matches!(host, "undefined" | "unknown") {
        return Ok(None);
    }
    match (host.parse::<IpAddr>(), details.peer_port) {
        (Ok(host), Some(port)) => Ok(Some((host.to_canonical(), port))),
        (Ok(_), None) | (Err(_), _) => Err(Missing(format!(
            "{at} names a consumer's peer that is not an address and port; \
             the consumers of this read are left out"
        ))),
    }
}

fn unplaced(queue: &str, at: &str) -> Missing {
    Missing(format!(
        "{at} does not know yet where a consumer of queue {queue:?} connects from; \
         it will within its statistics interval (5 s by default)"
    ))
}

/// A consumer that does not acknowledge never holds anything as far as the
/// broker can tell, so its silence says nothing.
fn consumer_activity(
    consumer: &answer::Consumer<'_>,
    channel: Option<&answer::Channel<'_>>,
) -> Activity {
    let Some(channel) = channel else { return Activity::Unknown };
    // The channel's own word: it is what victims are chosen by, and the counts
    // that outlast a queue's waking may be older than it.
    match (channel.messages_unacknowledged, &channel.idle_since) {
        (None, _) => Activity::Unknown,
        (Some(1..), _) => Activity::Active,
        (Some(0), _) if consumer.ack_required != Some(true) => Activity::Unknown,
        (Some(0), Some(since)) => idle_since(since),
        (Some(0), None) => Activity::Active,
    }
}

#[cfg(test)]
mod tests;
