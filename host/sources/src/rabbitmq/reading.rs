//! One read of one broker: which questions, in which order, and what each
//! refusal means. A question that fails after the queues are known costs the
//! consumers, not the queues.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hooke_control::ids::QueueName;
use hooke_control::queue::{Consumer, Missing, QueueFacts, SourceReading};
use reqwest::{Client, StatusCode};

use super::answer::{self, QueuePage, WhoAmI};
use super::config::{Config, ConfigError, Credentials};
use super::exchange::{self, Exchange, ReadStats, Refused, Reply};
use super::facts;
use super::query::{Filter, Urls};
use super::quiet::Quiet;
use crate::{Refusal, Source, SourceError};

/// 200 pages are 100,000 queues; more would take the broker longer than a tick.
const PAGES_MAX: u32 = 200;

type Queues = BTreeMap<QueueName, QueueFacts>;

/// A RabbitMQ broker, seen through its management API.
#[derive(Debug)]
pub struct RabbitMq {
    client: Client,
    credentials: Credentials,
    urls: Urls,
    at: String,
    vhost: String,
    timeout: Duration,
    last: Mutex<ReadStats>,
    quiet_queues: Mutex<Quiet>,
}

impl RabbitMq {
    /// A source for one broker. Connects to nothing yet; reads the
    /// certificate authorities' file, if there is one.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            client: exchange::client(config)?,
            credentials: config.credentials.clone(),
            urls: Urls::new(config),
            at: config.url.to_string(),
            vhost: config.vhost.clone(),
            timeout: config.timeout,
            last: Mutex::default(),
            quiet_queues: Mutex::default(),
        })
    }

    /// What the last read cost, whether it went well or not.
    pub fn last_read(&self) -> ReadStats {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(
        &self,
        exchange: &mut Exchange<'_>,
        watched: &BTreeSet<QueueName>,
    ) -> Result<SourceReading, SourceError> {
        self.check_user(exchange).await?;
        if watched.is_empty() {
            return Ok(SourceReading { queues: BTreeMap::new(), consumers: Ok(Vec::new()) });
        }
        lock(&self.quiet_queues).begin();
        let found = self.watched_queues(exchange, watched).await?;
        let consumers = match self.consumers(exchange, watched).await {
            Err(error @ SourceError::StatsDisabled { .. }) => return Err(error),
            Err(error) => Err(Missing(error.chain())),
            Ok(consumers) => consumers,
        };
        let queues = watched
            .iter()
            .map(|name| (name.clone(), found.get(name).copied().ok_or_else(|| self.gone(name))))
            .collect();
        Ok(SourceReading { queues, consumers })
    }

    /// A user without the monitoring tag is not refused: it sees its own
    /// consumers only, which would make all others look gone.
    async fn check_user(&self, exchange: &mut Exchange<'_>) -> Result<(), SourceError> {
        let body = match exchange.get(self.urls.whoami()).await? {
            Reply::Json(body) => body,
            Reply::Refused(no) if no.status == StatusCode::NOT_FOUND => {
                let got = format!("HTTP status 404 ({}: {})", no.error, no.reason);
                return Err(SourceError::NotManagementApi { at: self.at.clone(), got });
            }
            Reply::Refused(no) => return Err(self.refusal(&no)),
        };
        let user: WhoAmI<'_> = self.parse(&body)?;
        if user.may_monitor() {
            return Ok(());
        }
        Err(SourceError::Unauthorized {
            at: self.at.clone(),
            user: user.name.into_owned(),
            refusal: Refusal::LacksMonitoringTag,
        })
    }

    /// The watched queues that exist. Few are asked for by name, many by paging
    /// through the vhost; a queue that slipped from one page to another while
    /// the list moved is then asked for by name once more.
    async fn watched_queues(
        &self,
        exchange: &mut Exchange<'_>,
        watched: &BTreeSet<QueueName>,
    ) -> Result<Queues, SourceError> {
        if let Some(filter) = Filter::of(watched) {
            return self.pages(exchange, watched, Some(&filter)).await;
        }
        let mut found = self.pages(exchange, watched, None).await?;
        let absent: Vec<&QueueName> = watched.iter().filter(|q| !found.contains_key(*q)).collect();
        if !absent.is_empty()
            && let Some(filter) = Filter::of(absent)
        {
            found.append(&mut self.pages(exchange, watched, Some(&filter)).await?);
        }
        Ok(found)
    }

    async fn pages(
        &self,
        exchange: &mut Exchange<'_>,
        watched: &BTreeSet<QueueName>,
        filter: Option<&Filter>,
    ) -> Result<Queues, SourceError> {
        let mut found = Queues::new();
        for page in 1.. {
            let body = match exchange.get(self.urls.queues(page, filter)).await? {
                Reply::Json(body) => body,
                // The list became shorter since the page before.
                Reply::Refused(no) if no.error == "page_out_of_range" => break,
                Reply::Refused(no) => return Err(self.refusal(&no)),
            };
            let answer: QueuePage<'_> = self.parse(&body)?;
            self.check_pages(answer.page_count)?;
            let mut quiet = lock(&self.quiet_queues);
            for queue in &answer.items {
                if let Some(name) = watched.get(&*queue.name) {
                    found.insert(name.clone(), facts::queue(queue, &mut quiet));
                }
            }
            if page >= answer.page_count {
                break;
            }
        }
        Ok(found)
    }

    async fn consumers(
        &self,
        exchange: &mut Exchange<'_>,
        watched: &BTreeSet<QueueName>,
    ) -> Result<Result<Vec<Consumer>, Missing>, SourceError> {
        let consumers = self.list(exchange.get(self.urls.consumers()).await?)?;
        let channels = self.list(exchange.get(self.urls.channels()).await?)?;
        let consumers: Vec<answer::Consumer<'_>> = self.parse(&consumers)?;
        let channels: Vec<answer::Channel<'_>> = self.parse(&channels)?;
        Ok(facts::consumers(watched, &consumers, &channels, &self.at))
    }

    fn list(&self, reply: Reply) -> Result<Vec<u8>, SourceError> {
        match reply {
            Reply::Json(body) => Ok(body),
            Reply::Refused(no) => Err(self.refusal(&no)),
        }
    }

    /// What a refusal of the API means, after it knew the user.
    fn refusal(&self, no: &Refused) -> SourceError {
        let at = self.at.clone();
        let refused = |refusal| {
            let user = self.credentials.user().to_owned();
            SourceError::Unauthorized { at: self.at.clone(), user, refusal }
        };
        match (no.status, no.reason.as_str()) {
            (_, "Not management user") => refused(Refusal::LacksMonitoringTag),
            (_, "User not authorised to access virtual host") => {
                refused(Refusal::NoAccessToVhost(self.vhost.clone()))
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => refused(Refusal::LoginFailed),
            (StatusCode::NOT_FOUND, _) => {
                SourceError::VhostMissing { at, vhost: self.vhost.clone() }
            }
            (StatusCode::BAD_REQUEST, said) if said.starts_with("Stats in management UI are") => {
                SourceError::StatsDisabled { at }
            }
            (status, _) => SourceError::BrokerFailed {
                at,
                status: status.as_u16(),
                reason: format!("{}: {}", no.error, no.reason),
            },
        }
    }

    fn check_pages(&self, pages: u32) -> Result<(), SourceError> {
        if pages <= PAGES_MAX {
            return Ok(());
        }
        Err(SourceError::LimitExceeded {
            at: self.at.clone(),
            what: "pages of queues",
            used: u64::from(pages),
            allowed: u64::from(PAGES_MAX),
        })
    }

    fn parse<'a, T: serde::Deserialize<'a>>(&self, body: &'a [u8]) -> Result<T, SourceError> {
        serde_json::from_slice(body)
            .map_err(|error| SourceError::Malformed { at: self.at.clone(), source: error.into() })
    }

    fn gone(&self, queue: &QueueName) -> Missing {
        Missing(format!(
            "there is no queue {:?} on vhost {:?} of {}; declare it, or correct the profile's queue",
            queue.as_str(),
            self.vhost,
            self.at
        ))
    }
}

fn lock(quiet: &Mutex<Quiet>) -> MutexGuard<'_, Quiet> {
    quiet.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Source for RabbitMq {
    async fn read(&self, queues: &BTreeSet<QueueName>) -> Result<SourceReading, SourceError> {
        let mut exchange = Exchange::begin(&self.client, &self.credentials, &self.at, self.timeout);
        let reading = self.ask(&mut exchange, queues).await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = exchange.stats();
        reading
    }
}
