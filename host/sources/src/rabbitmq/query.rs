//! Where the questions go: the URLs of the management API.
//! Never holds credentials.

use hooke_control::ids::QueueName;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use super::config::Config;

/// Servers and proxies take URLs of 8 KiB and often less; with this much for
/// the names the whole stays well below 4 KiB.
const FILTER_BYTES_MAX: usize = 2048;

/// The fields of a queue that are read, by their paths in its JSON.
const QUEUE_COLUMNS: &str = "name,type,messages_ready,messages_unacknowledged,consumers,idle_since,\
     message_stats.publish,message_stats.deliver_get,message_stats.ack,\
     message_stats.publish_details.rate,message_stats.ack_details.rate,\
     message_stats.deliver_no_ack_details.rate,message_stats.get_no_ack_details.rate";

const CONSUMER_COLUMNS: &str = "queue.name,ack_required,channel_details.name,\
     channel_details.peer_host,channel_details.peer_port";

const CHANNEL_COLUMNS: &str = "name,messages_unacknowledged,idle_since";

/// The URLs of one broker and vhost.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    base: Url,
    vhost: String,
    page_size: u16,
}

impl Urls {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            base: config.url.clone(),
            vhost: config.vhost.clone(),
            page_size: config.page_size.get(),
        }
    }

    /// The user that asks, and its tags.
    pub(super) fn whoami(&self) -> Url {
        self.api(&["whoami"])
    }

    /// One page of the vhost's queues, of all or of those that `filter` names.
    pub(super) fn queues(&self, page: u32, filter: Option<&Filter>) -> Url {
        let mut url = self.api(&["queues", &self.vhost]);
        let mut query = url.query_pairs_mut();
        query.append_pair("page", &page.to_string());
        query.append_pair("page_size", &self.page_size.to_string());
        query.append_pair("columns", QUEUE_COLUMNS);
        if let Some(Filter(regex)) = filter {
            query.append_pair("use_regex", "true").append_pair("name", regex);
        }
        drop(query);
        url
    }

    /// All consumers of the vhost. The API has no pages here.
    pub(super) fn consumers(&self) -> Url {
        let mut url = self.api(&["consumers", &self.vhost]);
        url.query_pairs_mut().append_pair("columns", CONSUMER_COLUMNS);
        url
    }

    /// All channels of the vhost. The API has no pages here, which `/channels`
    /// has; but that one is for all vhosts together.
    pub(super) fn channels(&self) -> Url {
        let mut url = self.api(&["vhosts", &self.vhost, "channels"]);
        url.query_pairs_mut().append_pair("columns", CHANNEL_COLUMNS);
        url
    }

    /// Encodes more than a URL has to: the broker drops requests whose path
    /// holds a plain `^` or `|`, as a vhost's name may.
    fn api(&self, path: &[&str]) -> Url {
        let mut text = self.base.path().trim_end_matches('/').to_owned();
        for part in ["api"].iter().chain(path) {
            text.push('/');
            text.extend(utf8_percent_encode(part, NON_ALPHANUMERIC));
        }
        let mut url = self.base.clone();
        url.set_path(&text);
        url
    }
}

/// A regular expression that the broker filters queues by. It may let through
/// more than was asked for, because the broker ignores case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter(String);

impl Filter {
    /// A filter for exactly these names; `None` if it would not fit into a URL.
    pub(super) fn of<'a>(names: impl IntoIterator<Item = &'a QueueName>) -> Option<Self> {
        let mut regex = String::from("^(");
        for (nth, name) in names.into_iter().enumerate() {
            if nth > 0 {
                regex.push('|');
            }
            push_escaped(&mut regex, name.as_str());
            if encoded_len(&regex) > FILTER_BYTES_MAX {
                return None;
            }
        }
        regex.push_str(")$");
        Some(Self(regex))
    }
}

/// Escapes whatever ASCII character may mean something to the broker's regular
/// expressions (PCRE); a backslash before any that is not a letter or a digit
/// makes it stand for itself.
fn push_escaped(regex: &mut String, name: &str) {
    for char in name.chars() {
        let literal = char.is_ascii_alphanumeric() || !char.is_ascii() || "-_".contains(char);
        if !literal {
            regex.push('\\');
        }
        regex.push(char);
    }
}

/// Bytes of `text` in a URL at the most: three for one that is escaped.
fn encoded_len(text: &str) -> usize {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { 1 } else { 3 }).sum()
}

#[cfg(test)]
mod tests;
