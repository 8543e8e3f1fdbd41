//! How a profile stands among others: `combine`, by which the wishes of its
//! policies become one, and `weight`, its part of the site's limits. Whatever
//! is wrong has a stand-in, so that the rest is checked all the same.

use hooke_control::combine::Combine;
use hooke_control::spec::Weight;
use toml::Spanned;
use toml::de::DeValue;

use super::section::Section;
use super::value::{Expected, Wrong};
use hooke_places::Problems;

/// Reads `combine` of a site or a profile; `outer` is what holds without it.
pub(super) fn combine(
    section: &mut Section<'_>,
    outer: Combine,
    problems: &mut Problems,
) -> Combine {
    if !section.has("combine") {
        section.raw("combine");
        return outer;
    }
    let word = section.word("combine", &Combine::ALL.map(Combine::as_str), problems);
    let rule = word.and_then(|word| Combine::ALL.into_iter().find(|rule| rule.as_str() == word));
    rule.unwrap_or(outer)
}

/// Reads `weight` of a profile.
pub(super) fn weight(section: &mut Section<'_>, problems: &mut Problems) -> Weight {
    section.optional("weight", problems).unwrap_or(Weight::ONE)
}

impl<'a> Expected<'a> for Weight {
    const EXAMPLE: &'static str = "3";
    fn read(value: &'a Spanned<DeValue<'a>>) -> Result<Self, Wrong> {
        let instead = || format!("write a whole number from 1 to {}", Self::MOST);
        let number = u32::read(value).map_err(|wrong| Wrong { instead: instead(), ..wrong })?;
        let wrong = || Wrong { what: format!("{number} cannot be a weight"), instead: instead() };
        Self::new(number).ok_or_else(wrong)
    }
}
