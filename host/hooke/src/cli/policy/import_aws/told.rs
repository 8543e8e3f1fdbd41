//! What the operator is told of the files beside the settings.

use serde::Serialize;

/// One thing that is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Told {
    /// What it is about, with its name and file.
    pub(super) what: String,
    /// What became of it, and what to do.
    pub(super) why: String,
    /// What it means for the settings.
    pub(super) weight: Weight,
}

/// What it means for the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Weight {
    /// Something that AWS does is not among the settings, or cannot act there.
    Lost,
    /// Something is not among them, and nothing scales otherwise for it.
    LeftOut,
    /// It is among them, and worth a look.
    Note,
}

impl Weight {
    /// As a line begins.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::LeftOut => "left out",
            Self::Note => "note",
        }
    }
}

impl Told {
    pub(super) fn lost(what: String, why: impl Into<String>) -> Self {
        Self { what, why: why.into(), weight: Weight::Lost }
    }

    pub(super) fn left_out(what: String, why: impl Into<String>) -> Self {
        Self { what, why: why.into(), weight: Weight::LeftOut }
    }

    pub(super) fn note(what: String, why: impl Into<String>) -> Self {
        Self { what, why: why.into(), weight: Weight::Note }
    }
}
