//! Guests as components: those that are the fields of a core module, and those
//! that are a whole component of several.

use std::fs;

use crate::guests::{self, guest};

/// What stands in a guest of several modules where the shared parts belong.
const PARTS: &str = ";; parts";

/// The component of a guest under `tests/guests`.
pub(crate) fn build(name: &str) -> Vec<u8> {
    let whole = guests::folder().join(name).join("component.wat");
    match fs::read_to_string(&whole) {
        Ok(fields) => of_fields(&fields),
        Err(_) => guest(name).build(),
    }
}

/// The component around a core instance `$policy`.
pub(crate) fn of_fields(fields: &str) -> Vec<u8> {
    let part = |name: &str| {
        fs::read_to_string(guests::folder().join(format!("parts/{name}.wat"))).unwrap()
    };
    let mut parts = part("exports");
    for name in ["describe", "validate"] {
        if !fields.contains(&format!("(func ${name} ")) {
            parts += &part(name);
        }
    }
    let fields = fields.replace(PARTS, &parts);
    wat::parse_str(format!("(component\n{fields}\n{})", part("lift"))).unwrap()
}

/// Every guest there is, in order of name.
pub(crate) fn all() -> Vec<String> {
    let folders = fs::read_dir(guests::folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_guest = |path: &std::path::PathBuf| {
        path.join("guest.wat").exists() || path.join("component.wat").exists()
    };
    let mut names: Vec<String> = folders
        .filter(is_guest)
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}
