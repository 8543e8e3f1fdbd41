//! Text that came out of a guest, made fit to show: one line, no control
//! characters, no terminal sequences, nothing that turns the reading order,
//! and never longer than asked for. It never fails: what is odd is left out.

use std::str::Chars;

/// What stands for the part that was cut off.
const ELLIPSIS: char = '…';

/// `text` on one line of at most `cap` bytes. Line breaks and tabs become
/// spaces, everything else that is not meant to be seen goes.
pub(crate) fn line(text: &str, cap: usize) -> String {
    if text.len() <= cap && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(cap));
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            // The one-character forms of ESC [ and of ESC ] P X ^ _.
            '\u{9b}' => skip_parameters(&mut rest),
            '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => skip_string(&mut rest),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if c.is_control() || is_invisible(c) => {}
            c => out.push(c),
        }
        if out.len() > cap {
            return cut(out, cap);
        }
    }
    out
}

fn cut(mut text: String, cap: usize) -> String {
    let room = cap.saturating_sub(ELLIPSIS.len_utf8());
    text.truncate(text.floor_char_boundary(room));
    if cap >= ELLIPSIS.len_utf8() {
        text.push(ELLIPSIS);
    }
    text
}

/// Characters that show nothing and change how others are read: direction
/// marks, embeddings and isolates, zero-width marks, tags.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// After ESC: a whole terminal sequence, of whichever kind.
fn skip_escape(rest: &mut Chars<'_>) {
    match rest.clone().next() {
        Some('[') => {
            rest.next();
            skip_parameters(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_string(rest);
        }
        Some('\u{20}'..='\u{7e}') => {
            rest.next();
        }
        Some(_) | None => {}
    }
}

/// Up to the final byte of a control sequence. Anything that cannot belong to
/// one ends it, so that a torn sequence does not swallow the sentence.
fn skip_parameters(rest: &mut Chars<'_>) {
    while let Some('\u{20}'..='\u{3f}') = rest.clone().next() {
        rest.next();
    }
    if let Some('\u{40}'..='\u{7e}') = rest.clone().next() {
        rest.next();
    }
}

/// Up to BEL or the string terminator.
fn skip_string(rest: &mut Chars<'_>) {
    while let Some(c) = rest.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                if rest.clone().next() == Some('\\') {
                    rest.next();
                }
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[track_caller]
    fn check(text: &str, cap: usize, want: &str) {
        let got = line(text, cap);
        assert_eq!(got, want, "from {text:?}");
        assert!(got.len() <= cap, "{} bytes, {cap} allowed", got.len());
    }

    #[test]
    fn plain_text_stays() {
        check("backlog 120 > 100", 100, "backlog 120 > 100");
        check("Rückstau 120 → 3", 100, "Rückstau 120 → 3");
        check("", 0, "");
    }

    #[test]
    fn it_is_one_line() {
        check("a\nb\r\nc\td\u{2028}e", 100, "a b  c d e");
    }

    #[test]
    fn terminal_sequences_go_whole() {
        check("\u{1b}[31mred\u{1b}[0m", 100, "red");
        check("\u{1b}[2J\u{1b}[Hgone", 100, "gone");
        check("\u{1b}]0;title\u{7}text", 100, "text");
        check("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", 100, "link");
        check("\u{9b}31mred", 100, "red");
        check("\u{9d}0;title\u{9c}text", 100, "text");
        check("\u{1b}Pq..\u{1b}\\after", 100, "after");
        check("\u{1b}", 100, "");
        check("\u{1b}[3", 100, "");
        check("\u{1b}[31é", 100, "é");
    }

    #[test]
    fn control_and_direction_characters_go() {
        check("a\u{0}b\u{7f}c\u{85}d\u{8}e", 100, "abcde");
        check("safe\u{202e}live\u{2066}x\u{200f}", 100, "safelivex");
        check("\u{feff}a\u{200b}b\u{e0041}c", 100, "abc");
    }

    #[test]
    fn it_is_cut_between_characters() {
        check("abcdefgh", 8, "abcdefgh");
        check("abcdefghi", 8, "abcde…");
        check("äöüäöü", 8, "äö…");
        check("\u{1f600}\u{1f600}", 7, "\u{1f600}…");
        check("abc", 2, "");
        check("abc", 0, "");
    }
}
