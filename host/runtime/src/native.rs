//! Native code: what a policy was compiled to, and the seal under which it may
//! leave the process and come back. Native code is confined by nothing, so it
//! comes from this host's compiler or from under an unbroken seal, and from
//! nowhere else; the one unsafe call of the host is here and rests on that.

use std::fmt;
use std::hash::{Hash as _, Hasher};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::digest::Digest;
use crate::host::Host;

/// What sealed native code begins with.
const MAGIC: [u8; 8] = *b"hookenat";
/// Counts the layouts of the header.
const FORMAT: u32 = 1;
/// Magic, format, key mark, engine, digest of the wasm, its size, size of the code.
const HEADER_BYTES: usize = 8 + 4 + KEY_MARK_BYTES + ENGINE_KEY_BYTES + 32 + 8 + 8;
const KEY_MARK_BYTES: usize = 8;
const ENGINE_KEY_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// The secret under which native code is sealed. Whoever knows it can make the
/// host run any native code: keep it where only the host reads, and make
/// another for every place that native code is kept in.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// A key of these bytes, which have to come from a source of true chance.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes a key of any length")
    }

    /// Tells keys apart without telling anything of them. What is sealed begins
    /// with the magic, so no seal is ever the mark of a key.
    fn mark(&self) -> [u8; KEY_MARK_BYTES] {
        let mark = self.mac().chain_update(b"which key").finalize().into_bytes();
        std::array::from_fn(|at| mark[at])
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(secret)")
    }
}

/// What a policy was compiled to, for one kind of engine on one kind of machine.
pub struct NativeCode {
    wasm: Digest,
    wasm_bytes: u64,
    engine: EngineKey,
    code: Vec<u8>,
}

/// Why sealed native code is not taken. All but the first may be honest; none
/// is worth more than compiling the policy again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealBroken {
    /// Cut short, changed, or never sealed at all.
    #[error(
        "it is damaged: its seal is broken or missing. Delete it, and compile the policy again; if \
         it happens again, find out who writes there"
    )]
    Damaged,
    /// Sealed under another key, or its header is damaged.
    #[error("it was sealed under another key. Delete it, and compile the policy again")]
    ForeignKey,
    /// Made by another release of the host, or with other settings of the
    /// engine, or for another kind of machine.
    #[error("it was made for another engine or machine. Compile the policy again")]
    OtherEngine,
    /// Made of another policy's file.
    #[error("it was made from another policy's file. Compile the policy again")]
    OtherPolicy,
}

impl NativeCode {
    /// Compiles. The bytes are known to be a component that fits the limits.
    pub(crate) fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        let code = engine.precompile_component(wasm)?;
        let wasm_bytes = wasm.len() as u64;
        Ok(Self { wasm: Digest::of(wasm), wasm_bytes, engine: EngineKey::of(engine), code })
    }

    /// What it was compiled from.
    pub const fn wasm(&self) -> Digest {
        self.wasm
    }

    /// Bytes of the file it was compiled from.
    pub const fn wasm_bytes(&self) -> u64 {
        self.wasm_bytes
    }

    /// Makes it fit to be kept outside: a header, the code, and an HMAC-SHA256
    /// over both. The seal keeps it from being changed, not from being read.
    pub fn seal(&self, key: &SealKey) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(HEADER_BYTES + self.code.len() + TAG_BYTES);
        sealed.extend_from_slice(&MAGIC);
        sealed.extend_from_slice(&FORMAT.to_le_bytes());
        sealed.extend_from_slice(&key.mark());
        sealed.extend_from_slice(&self.engine.0);
        sealed.extend_from_slice(self.wasm.as_bytes());
        sealed.extend_from_slice(&self.wasm_bytes.to_le_bytes());
        sealed.extend_from_slice(&(self.code.len() as u64).to_le_bytes());
        sealed.extend_from_slice(&self.code);
        let tag = key.mac().chain_update(&sealed).finalize().into_bytes();
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Takes it back: only what was sealed under this key, by a host such as
    /// this one, from the wasm of this digest. The seal is checked before
    /// anything under it is believed.
    pub fn open(
        key: &SealKey,
        host: &Host,
        wasm: Digest,
        sealed: &[u8],
    ) -> Result<Self, SealBroken> {
        let header = Header::read(sealed).ok_or(SealBroken::Damaged)?;
        if header.format != FORMAT {
            return Err(SealBroken::OtherEngine);
        }
        if header.key_mark != key.mark() {
            return Err(SealBroken::ForeignKey);
        }
        let (body, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(SealBroken::Damaged)?;
        // Takes the same time wherever the two differ.
        let whole = key.mac().chain_update(body).verify_slice(tag);
        whole.map_err(|_| SealBroken::Damaged)?;
        let code = body.get(HEADER_BYTES..).ok_or(SealBroken::Damaged)?;
        if code.len() as u64 != header.code_bytes {
            return Err(SealBroken::Damaged);
        }
        if header.engine != EngineKey::of(host.engine()) {
            return Err(SealBroken::OtherEngine);
        }
        if header.wasm != wasm {
            return Err(SealBroken::OtherPolicy);
        }
        let Header { engine, wasm, wasm_bytes, .. } = header;
        Ok(Self { wasm, wasm_bytes, engine, code: code.to_vec() })
    }

    /// Whether this engine would make the same code.
    pub(crate) fn is_for(&self, engine: &Engine) -> bool {
        self.engine == EngineKey::of(engine)
    }

    /// The component that it is, ready to run.
    #[allow(unsafe_code, reason = "the engine cannot check that native code is its own work")]
    pub(crate) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the engine asks that the bytes be what its own compiler made,
        // unchanged. A `NativeCode` comes from `compile`, which is that, or from
        // `open`, which has checked a seal that only `seal` makes and only of
        // another `NativeCode`; the key of the seal is secret. The bytes are
        // private to it and never written to after that.
        unsafe { Component::deserialize(engine, &self.code) }
    }
}

impl fmt::Debug for NativeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeCode")
            .field("wasm", &self.wasm)
            .field("bytes", &self.code.len())
            .finish_non_exhaustive()
    }
}

/// What stands before the code. Not to be believed before the seal is checked.
struct Header {
    format: u32,
    key_mark: [u8; KEY_MARK_BYTES],
    engine: EngineKey,
    wasm: Digest,
    wasm_bytes: u64,
    code_bytes: u64,
}

impl Header {
    /// Reads it off the front; none where the magic is not there, or not all of it.
    fn read(sealed: &[u8]) -> Option<Self> {
        let rest = &mut sealed.strip_prefix(&MAGIC)?;
        Some(Self {
            format: u32::from_le_bytes(take(rest)?),
            key_mark: take(rest)?,
            engine: EngineKey(take(rest)?),
            wasm: Digest::from_bytes(take(rest)?),
            wasm_bytes: u64::from_le_bytes(take(rest)?),
            code_bytes: u64::from_le_bytes(take(rest)?),
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

/// Names everything about an engine that its native code depends on: its
/// release, its settings, the machine's processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EngineKey([u8; ENGINE_KEY_BYTES]);

impl EngineKey {
    pub(crate) fn of(engine: &Engine) -> Self {
        let mut hashed = Hashed(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hashed);
        let hash = hashed.0.finalize();
        Self(std::array::from_fn(|at| hash[at]))
    }
}

/// Thirty-two hex digits.
impl fmt::Display for EngineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// SHA-256 as a hasher: the standard one may change with the compiler, and
/// what it makes ends up in names of files.
struct Hashed(Sha256);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Never asked for: the whole hash is read instead.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use hooke_control::ids::PolicyName;

    use super::{EngineKey, NativeCode, SealBroken, SealKey};
    use crate::digest::Digest;
    use crate::evaluation::Level;
    use crate::host::{Host, HostConfig};
    use crate::limits::Limits;
    use crate::load_error::LoadProblem;
    use crate::wasi::Wasi;

    #[test]
    fn code_for_another_engine_is_refused_under_a_good_seal() {
        let config =
            HostConfig { limits: Limits::default(), log_from: Level::Info, wasi: Wasi::Stub };
        let host = Host::new(config).unwrap();
        let (wasm, key) = (Digest::of(b"wasm"), SealKey::new([1; 32]));
        // Were the engine to see these bytes, it would call them no ELF.
        let code = |engine| NativeCode { wasm, wasm_bytes: 4, engine, code: b"code".to_vec() };
        let other = code(EngineKey([9; 16]));
        let refused = NativeCode::open(&key, &host, wasm, &other.seal(&key)).unwrap_err();
        assert_eq!(refused, SealBroken::OtherEngine);
        let refused =
            host.load_native(PolicyName::from("mine"), &other, &Limits::DEFAULT).unwrap_err();
        assert_eq!(refused.why, LoadProblem::OtherEngine);
        let own = code(EngineKey::of(host.engine()));
        let opened = NativeCode::open(&key, &host, wasm, &own.seal(&key)).unwrap();
        assert_eq!((opened.code.as_slice(), opened.wasm_bytes), (&b"code"[..], 4));
    }
}
