//! A name that may stand in WIT, in a file name and in a site file alike.
//! Never changes what it was given to make it fit.

use std::fmt;
use std::str::FromStr;

/// The longest name, in characters.
const LONGEST: usize = 63;

/// The name of a policy or of a world: 1 to 63 lower-case letters, digits and
/// `-`, in words that each begin with a letter (kebab-case, as WIT has it).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

/// Why a text is no [`Identifier`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadIdentifier {
    /// Nothing at all.
    #[error("the name is empty; write one such as \"my-policy\"")]
    Empty,
    /// Too long for a file name with an ending, and for an operator.
    #[error("the name has {characters} characters; at most {LONGEST} are allowed")]
    TooLong {
        /// How many it has.
        characters: usize,
    },
    /// A character that WIT, a file system or a shell takes for something else.
    #[error(
        "the name {name:?} contains {character:?}; write lower-case letters, digits and '-', \
         such as \"my-policy\""
    )]
    Character {
        /// The name.
        name: String,
        /// The first one that is not allowed.
        character: char,
    },
    /// WIT wants a letter at the beginning of every word.
    #[error(
        "in the name {name:?} every word between '-' must begin with a letter, such as \"my-policy2\""
    )]
    Word {
        /// The name.
        name: String,
    },
}

impl Identifier {
    /// The name as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As Rust, Python and C spell it: `my_policy`.
    pub fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// As types are spelled: `MyPolicy`.
    pub fn pascal(&self) -> String {
        let word = |word: &str| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect::<String>()
        };
        self.0.split('-').map(word).collect()
    }
}

impl FromStr for Identifier {
    type Err = BadIdentifier;

    fn from_str(text: &str) -> Result<Self, BadIdentifier> {
        let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-';
        if text.is_empty() {
            Err(BadIdentifier::Empty)
        } else if text.chars().count() > LONGEST {
            Err(BadIdentifier::TooLong { characters: text.chars().count() })
        } else if let Some(character) = text.chars().find(|c| !allowed(c)) {
            Err(BadIdentifier::Character { name: text.to_owned(), character })
        } else if !text.split('-').all(|word| word.starts_with(|c: char| c.is_ascii_lowercase())) {
            Err(BadIdentifier::Word { name: text.to_owned() })
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
