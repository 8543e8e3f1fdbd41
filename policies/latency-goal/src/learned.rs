//! What is remembered for times in which nothing can be measured: how long a
//! message takes, and how long a worker takes to come.

use crate::past::{Past, measure};

/// What the bytes begin with; the last of it is the version of the layout.
const MAGIC: [u8; 4] = *b"lgl\x01";

/// The times learned, in seconds, above zero; `None` if never measured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Learned {
    /// Time that a message takes a worker.
    pub service_s: Option<f64>,
    /// Time until a new worker serves.
    pub boot_s: Option<f64>,
}

impl Learned {
    /// With what the past shows, in place of what was known before.
    #[must_use]
    pub fn with(self, past: &Past) -> Self {
        Self {
            service_s: past.service_s().or(self.service_s),
            boot_s: past.boot_s().or(self.boot_s),
        }
    }

    /// Reads what [`Learned::to_bytes`] wrote. Foreign bytes are nothing learned.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        read(bytes).unwrap_or_default()
    }

    /// Writes it, in 20 bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for seconds in [self.service_s, self.boot_s] {
            bytes.extend(seconds.unwrap_or(f64::NAN).to_le_bytes());
        }
        bytes
    }
}

fn read(bytes: &[u8]) -> Option<Learned> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (service, rest) = rest.split_first_chunk()?;
    let (boot, rest) = rest.split_first_chunk()?;
    (*magic == MAGIC && rest.is_empty()).then(|| Learned {
        service_s: measure(f64::from_le_bytes(*service)),
        boot_s: measure(f64::from_le_bytes(*boot)),
    })
}
