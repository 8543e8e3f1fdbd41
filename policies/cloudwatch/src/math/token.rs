//! The words of an expression.

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
            _ => return Err(format!("{first} has no meaning here")),
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn end(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
