//! Chance that is none: the same evaluation draws the same numbers. A policy
//! may seed a hash table with it, and must not keep a secret with it.

use hooke_control::ids::ProfileName;
use hooke_control::snapshot::Snapshot;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A generator, seeded from what is asked about.
#[derive(Debug)]
pub(super) struct Chance(ChaCha12Rng);

impl Chance {
    /// For an evaluation: another site, profile or tick draws other numbers.
    pub(super) fn of(snapshot: &Snapshot, profile: &ProfileName) -> Self {
        Self::seeded([snapshot.site.name.as_str(), profile.as_str()], snapshot.now.as_millis())
    }

    /// For a policy that describes itself or checks settings.
    pub(super) fn without_facts() -> Self {
        Self::seeded(["", ""], 0)
    }

    fn seeded(names: [&str; 2], now_ms: u64) -> Self {
        let mut seed = Sha256::new();
        for name in names {
            // The length first, so that no two pairs of names run together.
            seed.update((name.len() as u64).to_le_bytes());
            seed.update(name);
        }
        seed.update(now_ms.to_le_bytes());
        Self(ChaCha12Rng::from_seed(seed.finalize().into()))
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
