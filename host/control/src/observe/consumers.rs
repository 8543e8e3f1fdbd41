//! Consumers, found by where they connect from. Proves who is idle; when in
//! doubt, proves nothing.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::fleet::SeenWorker;
use crate::queue::{Activity, Consumer};
use crate::snapshot::Occupancy;

/// The consumers of a site's queues.
pub(super) struct Consumers {
    by_peer: BTreeMap<SocketAddr, Vec<Consumer>>,
    /// Whether every source said who consumes; if not, nothing is proven.
    pub(super) seen: Seen,
}

/// How much of the consumers was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    All,
    Some,
}

impl Consumers {
    pub(super) fn new(all: Vec<Consumer>, seen: Seen) -> Self {
        let mut by_peer: BTreeMap<SocketAddr, Vec<Consumer>> = BTreeMap::new();
        for consumer in all {
            let peer = SocketAddr::new(consumer.host.to_canonical(), consumer.port);
            by_peer.entry(peer).or_default().push(consumer);
        }
        Self { by_peer, seen }
    }

    /// Whether nobody consumes.
    pub(super) fn is_empty(&self) -> bool {
        self.by_peer.is_empty()
    }

    /// What a worker is doing; `None` when the broker does not know it.
    pub(super) fn occupancy(&self, worker: &SeenWorker) -> Option<Occupancy> {
        let ends = worker.endpoints.iter().map(|end| (end.ip().to_canonical(), end.port()));
        let known = ends.filter_map(|(ip, port)| self.by_peer.get(&SocketAddr::new(ip, port)));
        let activity = known.flatten().map(activity).reduce(Activity::and)?;
        Some(self.proven(activity))
    }

    /// The processes that connect from an address: what each takes from, and
    /// what it is doing.
    pub(super) fn at(
        &self,
        address: IpAddr,
    ) -> impl Iterator<Item = (&SocketAddr, &[Consumer], Occupancy)> {
        let address = address.to_canonical();
        let ends = SocketAddr::new(address, 0)..=SocketAddr::new(address, u16::MAX);
        self.by_peer.range(ends).filter_map(|(peer, consumers)| {
            let activity = consumers.iter().map(activity).reduce(Activity::and)?;
            Some((peer, consumers.as_slice(), self.proven(activity)))
        })
    }

    fn proven(&self, activity: Activity) -> Occupancy {
        match (activity, self.seen) {
            (Activity::Active, _) => Occupancy::Busy,
            (Activity::IdleSince(since), Seen::All) => Occupancy::Idle { since },
            (Activity::IdleSince(_), Seen::Some) | (Activity::Unknown, _) => Occupancy::Unknown,
        }
    }
}

fn activity(consumer: &Consumer) -> Activity {
    match consumer.unacked {
        Some(0) => consumer.activity,
        Some(_) => Activity::Active,
        None => Activity::Unknown,
    }
}
