//! The JSON of the management API, as far as it is read.
//!
//! Every field may be absent, and some have another type when they have
//! nothing to say (`"message_stats":[]`, `"peer_port":"undefined"`): both are
//! `None` here. Never a zero for what was not said.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde_json::value::RawValue;

/// Who asks, by `/api/whoami`.
#[derive(Debug, serde::Deserialize)]
pub(super) struct WhoAmI<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    tags: Tags<'a>,
}

/// A list since 3.9, one text with commas before.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Tags<'a> {
    List(#[serde(borrow)] Vec<Cow<'a, str>>),
    Text(#[serde(borrow)] Cow<'a, str>),
}

impl WhoAmI<'_> {
    /// Whether the user sees other users' connections and consumers.
    pub(super) fn may_monitor(&self) -> bool {
        let sees_all = |tag: &str| matches!(tag.trim(), "monitoring" | "administrator");
        match &self.tags {
            Tags::List(tags) => tags.iter().any(|tag| sees_all(tag)),
            Tags::Text(tags) => tags.split(',').any(sees_all),
        }
    }
}

/// One page of queues.
#[derive(Debug, serde::Deserialize)]
pub(super) struct QueuePage<'a> {
    #[serde(borrow)]
    pub(super) items: Vec<Queue<'a>>,
    pub(super) page_count: u32,
}

/// One queue.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Queue<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "said")]
    pub(super) messages_ready: Option<u64>,
    #[serde(default, deserialize_with = "said")]
    pub(super) messages_unacknowledged: Option<u64>,
    #[serde(default, deserialize_with = "said")]
    pub(super) consumers: Option<u32>,
    #[serde(default, deserialize_with = "said")]
    pub(super) idle_since: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "said")]
    pub(super) message_stats: Option<MessageStats>,
}

/// What passed through a queue: how much ever, and how fast.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct MessageStats {
    #[serde(default)]
    pub(super) publish: u64,
    #[serde(default)]
    pub(super) deliver_get: u64,
    #[serde(default)]
    pub(super) ack: u64,
    #[serde(default)]
    pub(super) publish_details: Option<Rate>,
    #[serde(default)]
    pub(super) ack_details: Option<Rate>,
    #[serde(default)]
    pub(super) deliver_no_ack_details: Option<Rate>,
    #[serde(default)]
    pub(super) get_no_ack_details: Option<Rate>,
}

/// A rate in messages a second.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Rate {
    #[serde(default, deserialize_with = "said")]
    pub(super) rate: Option<f64>,
}

/// One consumer.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Consumer<'a> {
    #[serde(borrow)]
    pub(super) queue: QueueRef<'a>,
    #[serde(default, deserialize_with = "said")]
    pub(super) ack_required: Option<bool>,
    /// Absent or `[]` until the broker has filed the connection.
    #[serde(borrow, default, deserialize_with = "said")]
    pub(super) channel_details: Option<ChannelRef<'a>>,
}

/// The queue that a consumer takes from.
#[derive(Debug, serde::Deserialize)]
pub(super) struct QueueRef<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

/// The channel that a consumer lives on.
#[derive(Debug, serde::Deserialize)]
pub(super) struct ChannelRef<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) peer_host: Cow<'a, str>,
    /// `"undefined"` for a consumer inside the broker.
    #[serde(default, deserialize_with = "said")]
    pub(super) peer_port: Option<u16>,
}

/// One channel.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Channel<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(default, deserialize_with = "said")]
    pub(super) messages_unacknowledged: Option<u64>,
    #[serde(default, deserialize_with = "said")]
    pub(super) idle_since: Option<Cow<'a, str>>,
}

impl MessageStats {
    /// All that ever passed; nothing has where the broker keeps no count.
    pub(super) fn passed(stats: Option<&Self>) -> u64 {
        stats.map_or(0, |s| s.publish.wrapping_add(s.deliver_get).wrapping_add(s.ack))
    }
}

/// Why the API refuses.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Complaint<'a> {
    #[serde(borrow, default)]
    pub(super) error: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) reason: Option<Cow<'a, str>>,
}

/// A value of the type that is expected, or nothing.
fn said<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// Whether the text is JSON at all.
pub(super) fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}
