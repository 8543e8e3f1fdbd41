//! The words of an expression.

use super::instead;
use super::parse::no_function;
use crate::statistic::decimal;

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Name(String),
    Sign(char),
}

/// Characters of an expression, at the most: as the API.
const CHARS_MAX: usize = 2048;

/// Splits an expression into its words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    if text.len() > CHARS_MAX {
        return Err(format!("longer than {CHARS_MAX} characters"));
    }
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '+' | '-' | '*' | '/' | '(' | ')' | '[' | ']' | ',' => (Token::Sign(first), 1),
            '0'..='9' => {
                let end = end(rest, |c| c.is_ascii_digit() || c == '.');
                let number = &rest[..end];
                (Token::Number(decimal(number).ok_or(format!("no number {number}"))?), end)
            }
            'a'..='z' | 'A'..='Z' => {
                let end = end(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                (Token::Name(rest[..end].to_owned()), end)
            }
            _ => return Err(meaningless(first, &found)),
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

/// Why a sign cannot be read: a function that there is not may want it.
fn meaningless(sign: char, before: &[Token]) -> String {
    let unknown = before.iter().find_map(|token| match token {
        Token::Name(name) if instead::function(name).is_some() => Some(name),
        Token::Name(_) | Token::Number(_) | Token::Sign(_) => None,
    });
    match unknown {
        Some(name) => no_function(name),
        None => format!("{sign} has no meaning here: {}", instead::sign(sign)),
    }
}

fn end(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
