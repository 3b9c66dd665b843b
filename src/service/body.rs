//! The body of a request, and the texts of its entries, which are views of it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::{fmt, str};

use bytes::Bytes;

use super::raw::{self, Escaped, Members};
use super::sender::Sender;
use crate::growth::Growth;

/// The bytes that an allocation costs beside what it holds.
const ALLOCATION: usize = 16;

/// The body of a request. A clone shares it.
#[derive(Clone)]
pub(crate) struct Body(Arc<Shared>);

struct Shared {
    content: Content,
    /// The texts that are written with escapes, for each entry.
    decoded: OnceLock<Vec<Members<Escaped>>>,
    /// From where the mock takes its entries to come.
    sender: Option<Arc<Sender>>,
    /// By its decoded texts and the parsed details of its entries.
    growth: Growth,
}

/// UTF-8 is checked once.
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

    /// The part of the body that is a text as it stands there.
    pub(super) fn part(&self, range: Range<usize>) -> Option<&str> {
        self.text().ok()?.get(range)
    }

    /// The texts of one entry that are written with escapes: those of all entries are decoded when the first one is asked for.
    pub(super) fn decoded(&self, entry: usize) -> Option<&Members<Escaped>> {
        let decoded = self.0.decoded.get_or_init(|| {
            let decoded = self.text().ok().and_then(raw::escaped_texts).unwrap_or_default();
            self.growth().grow(memory(&decoded));
            decoded
        });
        decoded.get(entry)
    }

    /// How much it keeps alive beside what it began with.
    pub(crate) fn growth(&self) -> &Growth {
        &self.0.growth
    }

    /// The bytes that it began with, roughly.
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
