//! Questions and answers of one read over HTTP: bounded in time and size, and
//! every way to fail told apart. Sends GET only, follows no redirect, uses no
//! proxy: the credentials go to the configured address and nowhere else.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Certificate, Client, Response, StatusCode, Url};
use tokio::time::{Instant, timeout_at};

use super::answer::{Complaint, is_json};
use super::config::{Config, ConfigError, Credentials, Trust};
use super::fault;
use crate::SourceError;

/// One answer. 500 queues are about 120 kB; a vhost with 100,000 consumers
/// about 25 MB.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What one read cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadStats {
    /// Requests sent, answered or not.
    pub requests: u32,
    /// Bytes of the answers' bodies.
    pub bytes: u64,
}

/// The HTTP client for one broker.
pub(super) fn client(config: &Config) -> Result<Client, ConfigError> {
    let builder = Client::builder()
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        // One connection is enough: the questions are asked one by one.
        .pool_max_idle_per_host(1);
    let builder = match (&config.trust, config.url.scheme()) {
        // No certificate is ever looked at: start without this system's store.
        (_, "http") => builder.tls_certs_only([]),
        (Trust::Platform, _) => builder,
        (Trust::Authorities(path), _) => builder.tls_certs_only(authorities(path)?),
        (Trust::AnyCertificate, _) => builder.tls_danger_accept_invalid_certs(true),
    };
    builder.build().map_err(|source| ConfigError::TlsSetup { source: source.into() })
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let pem = fs::read(path)
        .map_err(|source| ConfigError::AuthoritiesFile { path: path.to_owned(), source })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(ConfigError::AuthoritiesContent { path: path.to_owned() }),
    }
}

/// The conversation of one read.
pub(super) struct Exchange<'a> {
    client: &'a Client,
    credentials: &'a Credentials,
    at: &'a str,
    allowed: Duration,
    deadline: Instant,
    stats: ReadStats,
}

/// What a GET brought back that is worth a closer look.
pub(super) enum Reply {
    /// 200 with JSON.
    Json(Vec<u8>),
    /// The API said no.
    Refused(Refused),
}

/// A refusal of the API in its own words; empty where it used none.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) error: String,
    pub(super) reason: String,
}

impl<'a> Exchange<'a> {
    /// A read that begins now and ends at the latest `allowed` from now.
    pub(super) fn begin(
        client: &'a Client,
        credentials: &'a Credentials,
        at: &'a str,
        allowed: Duration,
    ) -> Self {
        let deadline = Instant::now() + allowed;
        Self { client, credentials, at, allowed, deadline, stats: ReadStats::default() }
    }

    /// What was sent and received so far.
    pub(super) const fn stats(&self) -> ReadStats {
        self.stats
    }

    /// Asks one question. The first of a read travels on a connection that
    /// was kept since the read before; if that proves dead, a new one is tried.
    pub(super) async fn get(&mut self, url: Url) -> Result<Reply, SourceError> {
        let (at, allowed, deadline) = (self.at, self.allowed, self.deadline);
        let first = self.stats.requests == 0;
        let answered = timeout_at(deadline, async {
            match self.ask(url.clone()).await {
                Err(SourceError::Interrupted { .. }) if first => self.ask(url).await,
                answered => answered,
            }
        });
        match answered.await {
            Ok(reply) => reply,
            Err(_) => Err(SourceError::TimedOut { at: at.to_owned(), allowed }),
        }
    }

    async fn ask(&mut self, url: Url) -> Result<Reply, SourceError> {
        self.stats.requests += 1;
        let request = self
            .client
            .get(url)
            .basic_auth(self.credentials.user(), Some(self.credentials.password()));
        let response = request.send().await.map_err(|error| fault::classify(self.at, error))?;
        let (status, redirect) = (response.status(), redirect_of(&response));
        let kind = content_type(&response);
        let body = self.body(response).await?;
        self.stats.bytes += body.len() as u64;
        self.judge(status, &kind, redirect, body)
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, SourceError> {
        let mut body = Vec::new();
        self.check_size(response.content_length().unwrap_or(0))?;
        while let Some(chunk) =
            response.chunk().await.map_err(|error| fault::classify(self.at, error))?
        {
            self.check_size(body.len() as u64 + chunk.len() as u64)?;
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn check_size(&self, used: u64) -> Result<(), SourceError> {
        if used <= ANSWER_BYTES_MAX {
            return Ok(());
        }
        Err(SourceError::LimitExceeded {
            at: self.at.to_owned(),
            what: "bytes in one answer",
            used,
            allowed: ANSWER_BYTES_MAX,
        })
    }

    /// Tells the API's answers from those of anything else.
    fn judge(
        &self,
        status: StatusCode,
        kind: &str,
        redirect: Option<String>,
        body: Vec<u8>,
    ) -> Result<Reply, SourceError> {
        let at = self.at.to_owned();
        if let Some(target) = redirect {
            return Err(SourceError::NotManagementApi {
                at,
                got: format!("a redirect to {target}"),
            });
        }
        let said = serde_json::from_slice::<Complaint<'_>>(&body).ok();
        let error = clean(said.as_ref().and_then(|s| s.error.as_deref()).unwrap_or_default());
        let reason = clean(said.as_ref().and_then(|s| s.reason.as_deref()).unwrap_or_default());
        match status {
            StatusCode::OK if is_json_type(kind) => Ok(Reply::Json(body)),
            // Some proxies drop the header; the body still tells.
            StatusCode::OK if kind.is_empty() && is_json(&body) => Ok(Reply::Json(body)),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Ok(Reply::Refused(Refused { status, error, reason }))
            }
            _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let reason = if reason.is_empty() { "no reason given".to_owned() } else { reason };
                Err(SourceError::BrokerFailed { at, status: status.as_u16(), reason })
            }
            _ if !error.is_empty() => Ok(Reply::Refused(Refused { status, error, reason })),
            _ => Err(SourceError::NotManagementApi { at, got: described(status, kind) }),
        }
    }
}

fn redirect_of(response: &Response) -> Option<String> {
    let target = response.headers().get(LOCATION)?;
    response.status().is_redirection().then(|| clean(&String::from_utf8_lossy(target.as_bytes())))
}

fn content_type(response: &Response) -> String {
    let header = response.headers().get(CONTENT_TYPE);
    clean(&header.map(|h| String::from_utf8_lossy(h.as_bytes())).unwrap_or_default())
}

fn is_json_type(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/json"))
}

fn described(status: StatusCode, kind: &str) -> String {
    let kind = if kind.is_empty() { "no content type" } else { kind };
    format!("HTTP status {} and {kind}", status.as_u16())
}

/// What the other side wrote, fit for a log: one line, no control characters,
/// not long.
fn clean(text: &str) -> String {
    const CHARS_MAX: usize = 120;
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CHARS_MAX).collect()
}
