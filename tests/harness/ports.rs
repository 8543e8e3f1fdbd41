//! Free TCP ports on loopback. Never hands out a port that the system gives
//! to outgoing connections: a server that is down for a while finds its port
//! free when it comes back.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// Below Linux's range for outgoing connections (32768 and up), above the
/// ports that services like to sit on.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// `N` different ports that nobody listens on right now.
pub fn free<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::new();
    let mut ports = BTreeSet::new();
    for attempt in 0..1000_u16 {
        if ports.len() == N {
            break;
        }
        let drawn = RandomState::new().hash_one(attempt) % u64::from(COUNT);
        let port = FIRST + u16::try_from(drawn)?;
        // All are held until the last is found, so that none comes twice.
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            held.push(listener);
            ports.insert(port);
        }
    }
    match ports.into_iter().collect::<Vec<_>>().try_into() {
        Ok(ports) => Ok(ports),
        Err(_) => bail!("no {N} free ports between {FIRST} and {}", FIRST + COUNT),
    }
}
