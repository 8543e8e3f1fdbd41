//! What a policy prints, put together to lines. It keeps one unfinished line,
//! and of that no more than a line of the log may have.

/// The unfinished line of one stream.
#[derive(Debug, Default)]
pub(super) struct Console {
    line: Vec<u8>,
}

impl Console {
    /// Takes bytes and says every line that they finish. A line beyond `cap`
    /// bytes is cut, and kept one longer, so that the log sees that it was.
    pub(super) fn print(&mut self, bytes: &[u8], cap: usize, mut say: impl FnMut(&str)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.split_last() {
                Some((b'\n', text)) => (text, true),
                Some(_) | None => (part, false),
            };
            let room = cap.saturating_add(1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.finish(&mut say);
            }
        }
    }

    /// Says what is left. An empty line says nothing.
    pub(super) fn finish(&mut self, mut say: impl FnMut(&str)) {
        if !self.line.is_empty() {
            say(&String::from_utf8_lossy(&self.line));
            self.line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Console;

    #[track_caller]
    fn check(writes: &[&[u8]], want: &[&str]) {
        let mut console = Console::default();
        let mut lines = Vec::new();
        for bytes in writes {
            console.print(bytes, 8, |line| lines.push(line.to_owned()));
        }
        console.finish(|line| lines.push(line.to_owned()));
        assert_eq!(lines, want);
    }

    #[test]
    fn lines_are_put_together_and_taken_apart() {
        check(&[b"one\ntw", b"o", b"\n\nthree"], &["one", "two", "three"]);
        check(&[b"\n\n", b""], &[]);
        check(&[b"0123456789", b"abc\nnext\n"], &["012345678", "next"]);
        check(&[b"\xff\n"], &["\u{fffd}"]);
    }
}
