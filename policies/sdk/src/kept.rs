//! Whole numbers as the bytes that a policy keeps from one evaluation to the
//! next. What was not written by this policy, in this form and to its last
//! byte, reads as nothing kept.

/// The numbers as bytes to [`store`](crate::memory::store). `form` names the
/// policy and the version of what it keeps.
pub fn encode<const N: usize>(form: [u8; 4], numbers: [u64; N]) -> Vec<u8> {
    let mut bytes = form.to_vec();
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&sum(&bytes).to_le_bytes());
    bytes
}

/// The numbers that [`encode`] wrote for the same form, or `None`: of another
/// form, another policy, cut off or damaged.
pub fn decode<const N: usize>(form: [u8; 4], bytes: &[u8]) -> Option<[u64; N]> {
    let (said, written) = bytes.split_last_chunk::<4>().map(|(said, sum)| (said, *sum))?;
    if u32::from_le_bytes(written) != sum(said) {
        return None;
    }
    let rest = said.strip_prefix(&form)?;
    let (words, odd) = rest.as_chunks::<8>();
    if words.len() != N || !odd.is_empty() {
        return None;
    }
    Some(std::array::from_fn(|nth| u64::from_le_bytes(words[nth])))
}

/// FNV-1a: finds any single damaged byte.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
