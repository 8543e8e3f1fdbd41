//! How deep a component is nested and how far it unfolds, read off its sections
//! before the engine sees it. The engine's parser calls itself for every type
//! in a type, keeps all that is around every component in a component, and
//! makes a list of every instance that would be made: a file of some kilobytes
//! could end the process. Nothing here calls itself, and what cannot be read
//! is left to the engine, which says why.

/// Components in components. Builds make two levels, compositions a few more.
const DEPTH: usize = 32;
/// Constructors of component and instance types in one section: no type in it
/// can be nested deeper. They are counted as bytes, so some are something else;
/// the whole of WASI has fewer than a hundred.
const TYPES: usize = 500;
/// Instances, were every component to instantiate all others. A Python policy
/// comes to some thousands.
const UNFOLDED: u64 = 250_000;

const HEADER_BYTES: usize = 8;
const CORE_INSTANCE_SECTION: u8 = 2;
const COMPONENT_SECTION: u8 = 4;
const INSTANCE_SECTION: u8 = 5;
const TYPE_SECTION: u8 = 7;
/// What begins the type of a component, and of an instance.
const CONSTRUCTORS: [u8; 2] = [0x41, 0x42];

/// A component that is being read.
struct Open {
    end: usize,
    instances: u64,
}

/// Says what is wrong with the shape of a component, if anything.
pub(crate) fn problem(wasm: &[u8]) -> Option<String> {
    let mut open = vec![Open { end: wasm.len(), instances: 0 }];
    let (mut unfolded, mut core_instances) = (1_u64, 1_u64);
    let mut at = HEADER_BYTES;
    while let Some(inner) = open.last_mut() {
        if at >= inner.end {
            at = inner.end;
            unfolded = unfolded.saturating_mul(inner.instances.saturating_add(1));
            open.pop();
            continue;
        }
        let (size, body) = number(wasm, at + 1)?;
        let end = usize::try_from(size).map_or(inner.end, |size| inner.end.min(body + size));
        let section = wasm.get(body..end)?;
        match wasm[at] {
            COMPONENT_SECTION => {
                if open.len() > DEPTH {
                    return Some(format!("more than {DEPTH} components, one within the other"));
                }
                open.push(Open { end, instances: 0 });
                at = body + HEADER_BYTES;
                continue;
            }
            TYPE_SECTION if constructors(section) > TYPES => {
                return Some(format!("more than {TYPES} types of components or instances"));
            }
            INSTANCE_SECTION => inner.instances += number(section, 0)?.0,
            CORE_INSTANCE_SECTION => core_instances += number(section, 0)?.0,
            _ => {}
        }
        at = end;
    }
    let all = unfolded.saturating_mul(core_instances);
    (all > UNFOLDED).then(|| format!("it may unfold to {all} instances, {UNFOLDED} allowed"))
}

fn constructors(section: &[u8]) -> usize {
    section.iter().filter(|byte| CONSTRUCTORS.contains(byte)).count()
}

/// A number of up to five bytes at this place, and the place after it.
fn number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (nth, byte) in bytes.get(at..)?.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * nth);
        if byte & 0x80 == 0 {
            return Some((value, at + nth + 1));
        }
    }
    None
}
