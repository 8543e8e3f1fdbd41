//! The store, behind a thread of its own: SQLite waits for the disk, and the
//! async threads must not.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use hooke_control::controller::Record;
use hooke_control::explain::{Chain, Direction};
use hooke_control::ids::{IntentKey, SiteName};
use hooke_control::recover::Closing;
use hooke_control::units::Timestamp;
use hooke_history::Restoring;
use hooke_store::{
    DecisionRow, HistoryRow, HistoryWritten, MemoryRow, Recovered, Store, StoreError, TickRecord,
    Verdict,
};
use tokio::sync::oneshot;

use crate::view::ChainView;

/// Requests that may wait: a few for each of many sites. With a disk that is
/// further behind, what cannot be written down is not done.
const QUEUE: usize = 256;

/// How often old history is removed.
const PRUNE_EVERY: u64 = 1000;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

enum Request {
    Recover(SiteName, Reply<Recovered>),
    History(SiteName, Timestamp, Box<Restoring>, oneshot::Sender<ReadBack>),
    Record(Box<TickRecord>, Reply<HistoryWritten>),
    Close(SiteName, IntentKey, Closing, Timestamp, Reply<()>),
}

/// What was read before, as far as it could be read back, and why no further.
#[derive(Debug)]
pub(crate) struct ReadBack {
    pub(crate) restoring: Box<Restoring>,
    pub(crate) trouble: Option<StoreError>,
}

/// The store as the loop sees it.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    requests: mpsc::SyncSender<Request>,
    generation: String,
}

/// Why something was not written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// The store says so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk does not keep up.
    #[error("{QUEUE} requests wait for the store already: its disk hangs or is too slow")]
    Behind,
    /// Its thread is gone.
    #[error("the store's thread has ended")]
    Gone,
}

impl Archive {
    /// Opens the store and starts its thread. `keep` is how long history stays.
    pub(crate) fn open(path: &Path, keep: Duration, now: Timestamp) -> Result<Self, ArchiveError> {
        let store = Store::open(path, now)?;
        let generation = store.generation().to_owned();
        let (requests, inbox) = mpsc::sync_channel(QUEUE);
        thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || serve(store, &inbox, keep))
            .map_err(|_| ArchiveError::Gone)?;
        Ok(Self { requests, generation })
    }

    /// The store's generation; part of every key.
    pub(crate) fn generation(&self) -> &str {
        &self.generation
    }

    /// What the last host left of a site.
    pub(crate) fn recover(
        &self,
        site: SiteName,
    ) -> impl Future<Output = Result<Recovered, ArchiveError>> + use<> {
        let (reply, answer) = oneshot::channel();
        answered(self.send(Request::Recover(site, reply)), answer)
    }

    /// What the last host read of a site since `from`.
    pub(crate) async fn history(
        &self,
        site: SiteName,
        from: Timestamp,
        restoring: Restoring,
    ) -> Result<ReadBack, ArchiveError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::History(site, from, Box::new(restoring), reply))?;
        answer.await.map_err(|_| ArchiveError::Gone)
    }

    /// Writes a tick down; it is on disk when the future is done. Records are
    /// written in the order of the calls, not of the awaits.
    pub(crate) fn record(
        &self,
        row: TickRecord,
    ) -> impl Future<Output = Result<HistoryWritten, ArchiveError>> + use<> {
        let (reply, answer) = oneshot::channel();
        answered(self.send(Request::Record(Box::new(row), reply)), answer)
    }

    /// Writes down how an intent ended.
    pub(crate) fn close(
        &self,
        site: SiteName,
        key: IntentKey,
        closing: Closing,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), ArchiveError>> + use<> {
        let (reply, answer) = oneshot::channel();
        answered(self.send(Request::Close(site, key, closing, now, reply)), answer)
    }

    fn send(&self, request: Request) -> Result<(), ArchiveError> {
        self.requests.try_send(request).map_err(|refused| match refused {
            mpsc::TrySendError::Full(_) => ArchiveError::Behind,
            mpsc::TrySendError::Disconnected(_) => ArchiveError::Gone,
        })
    }
}

async fn answered<T>(
    sent: Result<(), ArchiveError>,
    answer: oneshot::Receiver<Result<T, StoreError>>,
) -> Result<T, ArchiveError> {
    sent?;
    Ok(answer.await.map_err(|_| ArchiveError::Gone)??)
}

fn serve(mut store: Store, inbox: &mpsc::Receiver<Request>, keep: Duration) {
    let mut records = 0_u64;
    while let Ok(request) = inbox.recv() {
        // Whoever asked may have gone; then nobody needs the answer.
        match request {
            Request::Recover(site, reply) => drop(reply.send(store.recover(&site))),
            Request::History(site, from, mut restoring, reply) => {
                let read = store.history(&site, from, |frame| restoring.take(frame));
                drop(reply.send(ReadBack { restoring, trouble: read.err() }));
            }
            Request::Record(record, reply) => {
                let at = record.at;
                drop(reply.send(store.record_tick(&record)));
                records += 1;
                if records % PRUNE_EVERY == 1
                    && let Err(error) = store.prune(keep, at)
                {
                    tracing::warn!("old history was not removed: {error}");
                }
            }
            Request::Close(site, key, closing, at, reply) => {
                drop(reply.send(store.close_intent(&site, &key, &closing, at).map(drop)));
            }
        }
    }
}

/// A record of the core as the store's row.
pub(crate) fn row(site: SiteName, record: &Record, history: Option<HistoryRow>) -> TickRecord {
    TickRecord {
        site,
        tick: record.tick,
        at: record.at,
        intents: record.intents.clone(),
        decisions: record.chains.iter().map(decision).collect(),
        memory: record
            .memory
            .iter()
            .map(|(profile, policy, bytes)| MemoryRow {
                profile: profile.clone(),
                policy: policy.clone(),
                bytes: bytes.clone(),
            })
            .collect(),
        guards: record.guards.clone(),
        history,
    }
}

fn decision(chain: &Chain) -> DecisionRow {
    let view = ChainView::from(chain);
    DecisionRow {
        profile: chain.profile.clone(),
        verdict: match chain.direction() {
            Direction::In => Verdict::ScaleIn,
            Direction::Hold => Verdict::Hold,
            Direction::Out => Verdict::ScaleOut,
        },
        headline: chain.headline(),
        chain: serde_json::to_string(&view).expect("a view has string keys only"),
        fingerprint: chain.fingerprint(),
        intents: chain.intents.clone(),
    }
}
