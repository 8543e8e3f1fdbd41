//! The languages that policies are written in. Knows their names only; how
//! each is built is in the module of that name.

use std::fmt;
use std::str::FromStr;

/// A language that a policy can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Rust, by cargo.
    Rust,
    /// Python, by componentize-py.
    Python,
    /// JavaScript, by componentize-js.
    Js,
    /// C.
    C,
    /// Go.
    Go,
}

/// A name that is no language's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no language of policies; {}", instead(given))]
pub struct UnknownLanguage {
    given: String,
}

impl Language {
    /// Every language, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Rust, Self::Python, Self::Js, Self::C, Self::Go];

    /// As written in `hooke-policy.toml` and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Js => "js",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    /// The language that goes by another name elsewhere.
    fn also_called(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "rust" | "rs" => Some(Self::Rust),
            "python" | "python3" | "py" => Some(Self::Python),
            "js" | "javascript" | "node" | "nodejs" | "typescript" | "ts" => Some(Self::Js),
            "c" | "c23" | "clang" | "gcc" => Some(Self::C),
            "go" | "golang" => Some(Self::Go),
            _ => None,
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

/// What to write for a name that is none.
fn instead(given: &str) -> String {
    match Language::also_called(given) {
        Some(language) => format!("write {language}"),
        None => format!("there are: {}", Language::names()),
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let found = Self::ALL.into_iter().find(|language| language.name() == text);
        found.ok_or_else(|| UnknownLanguage { given: text.to_owned() })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
