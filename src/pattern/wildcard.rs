//! Texts with stars in them.

use super::PatternError;
use super::error::quoted;

/// The star of a wildcard among bytes: one that no UTF-8 text has.
pub(super) const STAR: u8 = 0xff;

/// The texts that must follow each other, with anything in the places of the stars between them.
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

    /// The bytes with a star between the pieces. Values stand in quotes in AWS's matcher, and count there.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let pieces: Vec<&[u8]> = self.0.iter().map(String::as_bytes).collect();
        [b"\"", &pieces.join(&STAR)[..], b"\""].concat()
    }

    /// Takes each piece where it first occurs: what is left is longest then, so no other place could do better.
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
