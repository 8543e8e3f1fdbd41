//! Why a source gave nothing, by what the operator does next.
//!
//! Never carries a password: places are URLs without their user part, and what
//! the other side wrote is cut and cleaned before it gets here.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::time::Duration;

/// What lay below, kept for the log's chain.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a source gave nothing. Every message says what, where, and what to do;
/// none repeats its `source()`.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nobody listens there: start it, or correct the address.
    #[error(
        "cannot reach {at}; check that the broker runs with its management plugin enabled, \
         and the host and port of the source's url"
    )]
    Unreachable { at: String, source: Cause },
    /// Somebody listens and does not answer in time.
    #[error(
        "no complete answer from {at} within {allowed:?}; look at the broker's load, \
         or raise the source's timeout"
    )]
    TimedOut { at: String, allowed: Duration },
    /// The connection ended in the middle of an answer; the next tick asks again.
    #[error(
        "the connection to {at} broke before the answer was complete; the next tick asks again. \
         If it stays so, check whether the broker keeps restarting"
    )]
    Interrupted { at: String, source: Cause },
    /// No secure connection: correct certificates, scheme or port.
    #[error("no TLS connection to {at}: {fault}")]
    Tls { at: String, fault: TlsFault, source: Cause },
    /// The credentials do not allow it.
    #[error("{at} refuses user {user:?}: {refusal}")]
    Unauthorized { at: String, user: String, refusal: Refusal },
    /// The vhost does not exist.
    #[error("there is no vhost {vhost:?} on {at}; create it, or correct the source's vhost")]
    VhostMissing { at: String, vhost: String },
    /// What answers is something else.
    #[error(
        "{at} is not the RabbitMQ management API: it answered with {got}; \
         correct the source's url (the management port is 15672 by default)"
    )]
    NotManagementApi { at: String, got: String },
    /// The broker keeps no statistics to read.
    #[error(
        "statistics are disabled on {at}; remove management.disable_stats and \
         management_agent.disable_metrics_collector from the broker's configuration"
    )]
    StatsDisabled { at: String },
    /// The broker answered that it cannot answer.
    #[error(
        "{at} failed with HTTP status {status} ({reason}); \
         look into the log of the broker, or of the proxy before it"
    )]
    BrokerFailed { at: String, status: u16, reason: String },
    /// The answer is JSON of another shape, or no JSON.
    #[error(
        "{at} sent an answer that cannot be understood; check the broker's version (3.8 or later)"
    )]
    Malformed { at: String, source: Cause },
    /// The answer is larger than we take.
    #[error("{at} has {used} {what}, at most {allowed} are read; watch a smaller vhost")]
    LimitExceeded { at: String, what: &'static str, used: u64, allowed: u64 },
}

impl SourceError {
    /// The error's kind, as metrics and the journal name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed-out",
            Self::Interrupted { .. } => "interrupted",
            Self::Tls { .. } => "tls",
            Self::Unauthorized { .. } => "unauthorized",
            Self::VhostMissing { .. } => "vhost-missing",
            Self::NotManagementApi { .. } => "not-management-api",
            Self::StatsDisabled { .. } => "stats-disabled",
            Self::BrokerFailed { .. } => "broker-failed",
            Self::Malformed { .. } => "malformed",
            Self::LimitExceeded { .. } => "limit-exceeded",
        }
    }

    /// The message with everything below it, in one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut below = self.source();
        while let Some(error) = below {
            write!(text, ": {error}").expect("writing into a String cannot fail");
            below = error.source();
        }
        text
    }
}

/// Why a TLS connection was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate was signed by nobody we trust.
    NotTrusted,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is not valid yet, or not any more.
    OutsideValidity,
    /// The port does not speak TLS.
    NotTls,
    /// Something else; the cause says what.
    Other,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTrusted => {
                "its certificate is not signed by a trusted authority; \
                 give the source the authority's certificate file"
            }
            Self::WrongName => {
                "its certificate is for another host name; \
                 write the certificate's name into the source's url"
            }
            Self::OutsideValidity => {
                "its certificate has expired or is not valid yet; renew it, or correct this clock"
            }
            Self::NotTls => {
                "the port does not speak TLS; write http:// or the TLS port (15671 by default) \
                 into the source's url"
            }
            Self::Other => "the handshake failed; check certificates and protocol versions",
        })
    }
}

/// Why credentials are not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No such user, or not this password.
    LoginFailed,
    /// The user may not see other users' connections.
    LacksMonitoringTag,
    /// The user has no permissions on the vhost.
    NoAccessToVhost(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoginFailed => {
                f.write_str("wrong user or password; correct the source's credentials")
            }
            Self::LacksMonitoringTag => f.write_str(
                "the user lacks the monitoring tag and would see only its own consumers; \
                 run `rabbitmqctl set_user_tags USER monitoring`",
            ),
            Self::NoAccessToVhost(vhost) => write!(
                f,
                "the user has no permissions on vhost {vhost:?}; \
                 run `rabbitmqctl set_permissions -p VHOST USER '' '' ''`"
            ),
        }
    }
}
