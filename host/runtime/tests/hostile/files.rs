//! Files that are no good policy: empty space, good ones cut short at every
//! kind of length. A file that is swapped while it is read is not the host's
//! affair: it is given bytes.

use expect_test::expect;
use hooke_bundled::BUNDLED;
use hooke_runtime::Limits;

use crate::component;
use crate::house::House;

/// The first byte of a section that engines skip.
const CUSTOM_SECTION: u8 = 0;

#[test]
fn a_file_of_zeros_is_refused() {
    let said = House::both(&Limits::default()).map(|house| {
        let refused = house.admit(&vec![0; 64 << 20], &Limits::default()).unwrap_err();
        house.is_as_before("a file of zeros");
        refused.to_string()
    });
    expect![[r#"
        policy guest: it is no WebAssembly (it begins with 00 00 00 00). A policy is a WebAssembly component
        policy guest: it is no WebAssembly (it begins with 00 00 00 00). A policy is a WebAssembly component"#]].assert_eq(&said.join("\n"));
}

#[test]
fn a_header_and_zeros_are_refused() {
    for house in House::both(&Limits::default()) {
        let mut wasm = vec![0; 64 << 20];
        wasm[..8].copy_from_slice(b"\0asm\x0d\0\x01\0");
        let refused = house.admit(&wasm, &Limits::default()).unwrap_err().to_string();
        assert!(refused.starts_with("policy guest: it is cut short or damaged"), "{refused}");
        house.is_as_before("a header and zeros");
    }
}

/// Lengths of every size there is, close together at both ends.
fn lengths(whole: usize) -> impl Iterator<Item = usize> {
    let near = 0..whole.min(64);
    let far = whole.saturating_sub(64)..whole;
    near.chain((0..whole).step_by((whole / 150).max(1))).chain(far)
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let threshold = BUNDLED.iter().find(|bundled| bundled.name == "threshold").unwrap();
    let [house, _] = House::both(&Limits::default());
    for whole in [threshold.wasm, &component::build("honest"), &component::build("two-faced")] {
        for length in lengths(whole.len()) {
            let Err(refused) = house.admit(&whole[..length], &Limits::default()) else {
                // Only names and notes are missing, which change nothing.
                assert_eq!(whole[length], CUSTOM_SECTION, "{length} bytes");
                continue;
            };
            let said = refused.to_string();
            assert!(!said.chars().any(char::is_control), "{length} bytes: {said:?}");
            assert!(said.starts_with("policy guest: "), "{length} bytes: {said}");
        }
        house.is_as_before("files cut short");
    }
}
