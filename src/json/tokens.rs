//! The tokens of a text that is valid JSON.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Open(Container),
    Close,
    /// A string as it was written, with both quotes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Scalar(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Array,
    Object,
}

/// Iterates over the tokens. It skips commas and colons, which say nothing in a valid text.
pub(crate) struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    pub(crate) fn of(valid: &'a str) -> Self {
        Self(valid)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.0.find(|c: char| !matches!(c, ' ' | '\t' | '\n' | '\r' | ',' | ':'))?;
        let text = &self.0[start..];
        let length = match text.as_bytes().first()? {
            b'{' | b'[' | b'}' | b']' => 1,
            b'"' => length_of_text(text.as_bytes()),
            _ => text.find([',', ':', '}', ']', ' ', '\t', '\n', '\r']).unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at_checked(length)?;
        self.0 = rest;
        Some(match token.as_bytes().first()? {
            b'{' => Token::Open(Container::Object),
            b'[' => Token::Open(Container::Array),
            b'}' | b']' => Token::Close,
            b'"' => Token::Text(token),
            _ => Token::Scalar(token),
        })
    }
}

fn length_of_text(bytes: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    bytes.len()
}
