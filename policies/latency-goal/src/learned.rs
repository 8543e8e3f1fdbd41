//! What is remembered for times in which nothing can be measured: how long a
//! message takes, and how long a worker takes to come.

use crate::past::{FIRST_MINUTES, Past, measure};

/// What the bytes begin with; the last of it is the version of the layout.
const MAGIC: [u8; 4] = *b"lgl\x02";

/// The times learned, in seconds, above zero; `None` if never measured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Learned {
    /// Time that a message takes a worker.
    pub service_s: Option<f64>,
    /// On how many minutes that time rests, [`FIRST_MINUTES`] at the most.
    pub service_minutes: u8,
    /// Time until a new worker serves.
    pub boot_s: Option<f64>,
}

impl Learned {
    /// With what the past shows, in place of what was known before.
    #[must_use]
    pub fn with(self, past: &Past) -> Self {
        let (service_s, service_minutes) = match past.service_s() {
            Some(service_s) => (Some(service_s), self.minutes(past)),
            None => (self.service_s, self.service_minutes),
        };
        Self { service_s, service_minutes, boot_s: past.boot_s().or(self.boot_s) }
    }

    /// On how many minutes a new measure rests. Work that ends leaves the past
    /// minute by minute, its beginning first: what is left of it is no first
    /// measure.
    fn minutes(self, past: &Past) -> u8 {
        match past.is_finishing() {
            true => past.finishing_minutes(),
            false => past.finishing_minutes().max(self.service_minutes),
        }
    }

    /// Reads what [`Learned::to_bytes`] wrote. Foreign bytes are nothing learned.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        read(bytes).unwrap_or_default()
    }

    /// Writes it, in 21 bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for seconds in [self.service_s, self.boot_s] {
            bytes.extend(seconds.unwrap_or(f64::NAN).to_le_bytes());
        }
        bytes.push(self.service_minutes);
        bytes
    }
}

fn read(bytes: &[u8]) -> Option<Learned> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (service, rest) = rest.split_first_chunk()?;
    let (boot, rest) = rest.split_first_chunk()?;
    let &[minutes] = rest else { return None };
    let service_s = measure(f64::from_le_bytes(*service));
    (*magic == MAGIC && minutes <= FIRST_MINUTES).then(|| Learned {
        service_s,
        service_minutes: service_s.map_or(0, |_| minutes),
        boot_s: measure(f64::from_le_bytes(*boot)),
    })
}
