//! The body of a request, and the texts of its entries, which are views of it.

use std::sync::{Arc, OnceLock};
use std::{fmt, str};

use bytes::Bytes;

use super::raw::{self, Escaped, Members, Seen};
use crate::growth::Growth;

/// The bytes that an allocation costs beside what it holds.
const ALLOCATION: usize = 16;

/// Where the text of a member is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    InBody {
        start: u32,
        length: u32,
    },
    /// It is written with escapes, and decoded when somebody looks.
    Decoded {
        length: u32,
    },
}

impl Place {
    /// In bytes.
    pub(super) fn length(self) -> usize {
        let (Self::InBody { length, .. } | Self::Decoded { length }) = self;
        length as usize
    }
}

/// The body of a request. A clone shares it.
#[derive(Clone)]
pub(crate) struct Body(Arc<Shared>);

struct Shared {
    content: Content,
    /// The texts that are written with escapes, for each entry.
    decoded: OnceLock<Vec<Members<Escaped>>>,
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
    pub(crate) fn of(bytes: Bytes) -> Self {
        let content = match String::from_utf8(bytes.into()) {
            Ok(text) => Content::Text(text.into()),
            Err(error) => Content::Binary(error.into_bytes().into()),
        };
        Self(Arc::new(Shared { content, decoded: OnceLock::new(), growth: Growth::default() }))
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

    /// The place of a text that was seen in this body.
    pub(super) fn place(&self, seen: &Seen<'_>) -> Option<Place> {
        let length = u32::try_from(seen.length).ok()?;
        let Some(text) = seen.in_body else { return Some(Place::Decoded { length }) };
        let start = text.as_ptr().addr().checked_sub(self.bytes().as_ptr().addr())?;
        Some(Place::InBody { start: u32::try_from(start).ok()?, length })
    }

    /// The part of the body that is this text as it stands there.
    pub(super) fn part(&self, start: u32, length: u32) -> &str {
        let start = start as usize;
        self.text().ok().and_then(|text| text.get(start..start + length as usize)).unwrap_or_default()
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
