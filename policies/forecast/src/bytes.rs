//! The history as bytes, for a policy's memory. Whatever bytes are read, they
//! make a history or an error.

use crate::history::{HISTORY_HOURS, History};

/// What the bytes begin with; the last of it is the version of the layout.
const MAGIC: [u8; 4] = *b"hfc\x01";

/// How many bytes a history is, always: the magic, the hour that runs, its sum
/// and count, and a mean of 4 bytes for each hour before it.
pub const BYTES: usize = 4 + 4 + 8 + 4 + 4 * HISTORY_HOURS;

/// The bytes are no history of this version. Begin a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {0} bytes remembered are no history of this version")]
pub struct Foreign(
    /// How many bytes there were.
    pub usize,
);

impl History {
    /// Writes it, in [`BYTES`] bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend(MAGIC);
        bytes.extend(self.hour.to_le_bytes());
        bytes.extend(self.sum.to_le_bytes());
        bytes.extend(self.readings.to_le_bytes());
        for mean in &self.means {
            bytes.extend(mean.unwrap_or(f32::NAN).to_le_bytes());
        }
        bytes
    }

    /// Reads what [`History::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Foreign> {
        read(bytes).ok_or(Foreign(bytes.len()))
    }
}

fn read(bytes: &[u8]) -> Option<History> {
    let (magic, rest) = bytes.split_first_chunk()?;
    let (hour, rest) = rest.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let (readings, rest) = rest.split_first_chunk()?;
    let sum = f64::from_le_bytes(*sum);
    if *magic != MAGIC || rest.len() != 4 * HISTORY_HOURS || !is_load(sum) {
        return None;
    }
    let mut means = Vec::with_capacity(HISTORY_HOURS);
    for mean in rest.as_chunks().0 {
        let mean = f32::from_le_bytes(*mean);
        if !mean.is_nan() && !is_load(f64::from(mean)) {
            return None;
        }
        means.push((!mean.is_nan()).then_some(mean));
    }
    let (hour, readings) = (u32::from_le_bytes(*hour), u32::from_le_bytes(*readings));
    Some(History { hour, sum, readings, means })
}

fn is_load(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}
