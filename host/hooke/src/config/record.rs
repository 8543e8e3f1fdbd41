//! `[record]`, where evaluations are written down, and `record` of a site,
//! whether its are.

use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use hooke_trial::record::RecorderConfig;

use super::limits::Size;
use super::section::Section;
use hooke_places::Problems;

/// The recordings, beside the store, unless the file says otherwise.
const DIRECTORY: &str = "records";

/// Bytes below which a file would hold a tick or two.
const FEWEST_BYTES: u64 = 1 << 20;

/// Where recordings are, and how much is kept.
#[derive(Debug, Clone)]
pub(crate) struct RecordConfig {
    directory: PathBuf,
    file_bytes: u64,
    files: usize,
}

impl RecordConfig {
    /// The recording of this site.
    pub(crate) fn of_site(&self, site: &str) -> RecorderConfig {
        let mut config = RecorderConfig::at(self.directory.join(format!("{site}.jsonl")));
        (config.file_bytes, config.files) = (self.file_bytes, self.files);
        config
    }
}

pub(super) fn read(
    root: &mut Section<'_>,
    base: &Path,
    store: &Path,
    problems: &mut Problems,
) -> RecordConfig {
    let defaults = RecorderConfig::at(PathBuf::new());
    let mut config = RecordConfig {
        directory: store.parent().unwrap_or(base).join(DIRECTORY),
        file_bytes: defaults.file_bytes,
        files: defaults.files,
    };
    let Some(mut section) = root.table("record", problems) else { return config };
    if let Some(directory) = section.optional::<PathBuf>("directory", problems) {
        config.directory = base.join(directory);
    }
    if let Some(Size(bytes)) = section.optional("file_bytes", problems) {
        config.file_bytes = bytes;
    }
    if config.file_bytes < FEWEST_BYTES {
        let what = format!(
            "{}: {} is too little",
            section.path_of("file_bytes"),
            ByteSize::b(config.file_bytes)
        );
        let instead = format!("write {} or more", ByteSize::b(FEWEST_BYTES));
        problems.add(section.place("file_bytes"), what, instead);
    }
    if let Some(files) = section.optional::<u32>("files", problems) {
        config.files = usize::try_from(files).unwrap_or(usize::MAX);
    }
    if config.files == 0 {
        let what = format!("{}: nothing can be kept in 0 files", section.path_of("files"));
        problems.add(section.place("files"), what, "write 1 or more");
    }
    section.finish(problems);
    config
}
