//! The body of a request, and the texts of its entries, which are views of it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::{fmt, str};

use bytes::Bytes;

use super::raw::{self, Escaped, Members};
use super::sender::Sender;
use crate::growth::Growth;

/// The bytes that an allocation costs in addition to its content.
const ALLOCATION: usize = 16;

/// The body of a request. A clone shares it.
#[derive(Clone)]
pub(crate) struct Body(Arc<Shared>);

struct Shared {
    content: Content,
    /// The texts of each entry that are written with escapes, decoded.
    decoded: OnceLock<Vec<Members<Escaped>>>,
    /// The account and region that the entries come from.
    sender: Option<Arc<Sender>>,
    /// The growth by decoded texts and parsed details.
    growth: Growth,
}

/// The bytes. UTF-8 is checked once.
enum Content {
    Text(Box<str>),
    Binary(Box<[u8]>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(self.bytes()).fmt(f)
    }
}

impl Body {
    pub(crate) fn of(bytes: Bytes, sender: Option<Arc<Sender>>) -> Self {
        let content = match String::from_utf8(bytes.into()) {
            Ok(text) => Content::Text(text.into()),
            Err(error) => Content::Binary(error.into_bytes().into()),
        };
        Self(Arc::new(Shared { content, decoded: OnceLock::new(), sender, growth: Growth::default() }))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.0.content {
            Content::Text(text) => text.as_bytes(),
            Content::Binary(bytes) => bytes,
        }
    }

    pub(crate) fn text(&self) -> Result<&str, str::Utf8Error> {
        match &self.0.content {
            Content::Text(text) => Ok(text),
            Content::Binary(bytes) => str::from_utf8(bytes),
        }
    }

    pub(crate) fn sender(&self) -> Option<&Sender> {
        self.0.sender.as_deref()
    }

    /// Returns the text at this range of the body.
    pub(super) fn part(&self, range: Range<usize>) -> Option<&str> {
        self.text().ok()?.get(range)
    }

    /// Returns the texts of one entry that are written with escapes. The first call decodes the texts of all entries.
    pub(super) fn decoded(&self, entry: usize) -> Option<&Members<Escaped>> {
        let decoded = self.0.decoded.get_or_init(|| {
            let decoded = self.text().ok().and_then(raw::escaped_texts).unwrap_or_default();
            self.growth().grow(memory(&decoded));
            decoded
        });
        decoded.get(entry)
    }

    /// Returns how much the body has grown since it was received.
    pub(crate) fn growth(&self) -> &Growth {
        &self.0.growth
    }

    /// Returns roughly how many bytes the body took when it was received.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Shared>() + self.bytes().len()
    }
}

fn memory(decoded: &[Members<Escaped>]) -> usize {
    let of_entry = |entry: &Members<Escaped>| {
        let texts = entry.texts().flatten();
        size_of::<Members<Escaped>>() + texts.map(|text| text.len() + ALLOCATION).sum::<usize>()
    };
    decoded.iter().map(of_entry).sum()
}
