//! How numbers become few bytes: variable-length integers, and readings as the
//! difference to the one before. Decoding never panics and never trusts a length.

/// The most bytes that one reading takes: header, gap, length, value.
pub(crate) const MOST_BYTES: usize = 1 + 5 + 5 + 8;

/// Whole numbers up to here are exact in a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Rates of brokers and loads of machines have up to three decimals.
const SCALE: f64 = 1000.0;

/// What a reading's payload is the difference of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whole numbers.
    Whole,
    /// Whole thousandths.
    Thousandths,
    /// The bits of a double.
    Bits,
}

impl Kind {
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::Thousandths => 1,
            Self::Bits => 2,
        }
    }

    pub(crate) const fn of(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Whole),
            1 => Some(Self::Thousandths),
            2 => Some(Self::Bits),
            _ => None,
        }
    }
}

/// A reading as the difference to the one before: how, and the payload.
pub(crate) fn difference(before: f64, value: f64) -> (Kind, u64) {
    let bits = (Kind::Bits, before.to_bits() ^ value.to_bits());
    if let Some(whole) = whole(value) {
        return (Kind::Whole, zigzag(whole - whole_of(before)));
    }
    let Some(scaled) = thousandths(value) else { return bits };
    let payload = zigzag(scaled - thousandths(before).unwrap_or(0));
    if bytes_of(payload) <= bytes_of(bits.1) { (Kind::Thousandths, payload) } else { bits }
}

/// The reading that `difference` was made of.
pub(crate) fn apply(before: f64, kind: Kind, payload: u64) -> f64 {
    match kind {
        Kind::Whole => whole_of(before).wrapping_add(unzigzag(payload)) as f64,
        Kind::Thousandths => {
            let before = thousandths(before).unwrap_or(0);
            before.wrapping_add(unzigzag(payload)) as f64 / SCALE
        }
        Kind::Bits => f64::from_bits(before.to_bits() ^ payload),
    }
}

/// How many bytes a payload takes without its leading zeros; 0 to 8.
pub(crate) const fn bytes_of(payload: u64) -> usize {
    8 - payload.leading_zeros() as usize / 8
}

/// Writes a payload in as many bytes as it takes.
pub(crate) fn put_payload(out: &mut Vec<u8>, payload: u64) {
    let bytes = payload.to_le_bytes();
    out.extend_from_slice(bytes.get(..bytes_of(payload)).unwrap_or(&bytes));
}

/// Reads a payload of so many bytes.
pub(crate) fn take_payload(input: &mut &[u8], bytes: usize) -> Option<u64> {
    let (payload, rest) = input.split_at_checked(bytes)?;
    let mut whole = [0; 8];
    whole.get_mut(..bytes)?.copy_from_slice(payload);
    *input = rest;
    Some(u64::from_le_bytes(whole))
}

/// Writes a number, seven bits a byte.
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads a number.
pub(crate) fn take_number(input: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(input)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Reads one byte.
pub(crate) fn take_byte(input: &mut &[u8]) -> Option<u8> {
    let (byte, rest) = input.split_first()?;
    *input = rest;
    Some(*byte)
}

fn whole(value: f64) -> Option<i64> {
    (value.abs() < EXACT && value.trunc() == value).then_some(value as i64)
}

fn whole_of(value: f64) -> i64 {
    whole(value).unwrap_or(0)
}

/// The thousandths of a reading, if it has no more decimals and comes back the
/// same, bit for bit.
fn thousandths(value: f64) -> Option<i64> {
    let scaled = (value * SCALE).round();
    let same = scaled.abs() < EXACT && (scaled / SCALE).to_bits() == value.to_bits();
    same.then_some(scaled as i64)
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
