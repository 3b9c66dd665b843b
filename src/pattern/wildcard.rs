//! Wildcards: texts with stars.

use super::PatternError;
use super::error::quoted;

/// The byte for a star in a wildcard. No UTF-8 text has it.
pub(super) const STAR: u8 = 0xff;

/// The pieces that must follow each other, with any text for the stars between them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let (mut pieces, mut piece) = (Vec::new(), String::new());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '*' if rest.peek() == Some(&'*') => {
                    return Err(PatternError::new(format!("{} has two stars in a row; write one", quoted(text))));
                }
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => match rest.next() {
                    Some(escaped @ ('*' | '\\')) => piece.push(escaped),
                    _ => {
                        let reason = "has a backslash before neither a star nor a backslash";
                        return Err(PatternError::new(format!(
                            r"{} {reason}; in JSON write \\\\ for one",
                            quoted(text)
                        )));
                    }
                },
                other => piece.push(other),
            }
        }
        pieces.push(piece);
        Ok(Self(pieces))
    }

    /// Returns the bytes, with a star between the pieces. AWS's matcher counts the quotes around a value, so they are there.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let pieces: Vec<&[u8]> = self.0.iter().map(String::as_bytes).collect();
        [b"\"", &pieces.join(&STAR)[..], b"\""].concat()
    }

    /// Takes each piece at its first occurrence: that leaves the longest rest, so no other place is better.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self.0.as_slice() {
            [] => text.is_empty(),
            [whole] => whole == text,
            [first, middle @ .., last] => {
                let inner = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()));
                let after = |rest: &'_ str, piece: &String| rest.find(piece.as_str()).map(|at| at + piece.len());
                let mut left = inner;
                for piece in middle {
                    left = left.and_then(|rest| rest.get(after(rest, piece)?..));
                }
                left.is_some()
            }
        }
    }
}
