//! A policy in Rust, without the SDK, that reaches past the end of a slice,
//! some calls deep. The tests build it with and without names.

use std::alloc::{Layout, alloc};
use std::hint::black_box;

/// The text of the contract: where it is, and its length.
#[repr(C)]
struct Text(*const u8, usize);

#[repr(C)]
struct Description {
    texts: [Text; 3],
    has_schema: u32,
    schema: Text,
}

#[unsafe(export_name = "hooke:policy/policy@0.1.0#describe")]
extern "C" fn describe() -> *const Description {
    let text = |text: &'static str| Text(text.as_ptr(), text.len());
    let texts = [text("panics"), text("0.1.0"), text("Panics.")];
    Box::leak(Box::new(Description { texts, has_schema: 0, schema: text("") }))
}

#[unsafe(export_name = "hooke:policy/policy@0.1.0#validate-settings")]
extern "C" fn validate(_settings: *const u8, _length: usize) -> *const [u32; 3] {
    &[0, 0, 0]
}

#[unsafe(export_name = "hooke:policy/policy@0.1.0#evaluate-needs")]
extern "C" fn evaluate(_profile: *const u8, _length: usize) -> *const [u32; 4] {
    let delta = rule::Average::<u32>::of(black_box(&[1, 2, 3]));
    Box::leak(Box::new([0, delta, 0, 0]))
}

mod rule {
    use super::black_box;

    pub(crate) struct Average<T>(T);

    impl Average<u32> {
        #[inline(never)]
        pub(crate) fn of(samples: &[u32]) -> u32 {
            black_box(Self(last(samples))).0
        }
    }

    #[inline(never)]
    fn last<T: Copy>(samples: &[T]) -> T {
        samples[black_box(samples.len())]
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(_: *mut u8, _: usize, align: usize, size: usize) -> *mut u8 {
    unsafe { alloc(Layout::from_size_align_unchecked(size, align)) }
}
