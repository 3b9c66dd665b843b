//! Identity of events: which entries are the same event.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::detail_at;
use crate::json::{ByValue, Decimal, rounded_numbers};
use crate::service::Entry;

/// What makes two entries the same event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Identity {
    /// All of their content, except their `Time`.
    Content,
    /// The values of their details at this JSON pointer. Entries without a value there are identified by their content.
    DetailAt(String),
}

/// A key that is equal for entries of the same event.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key<'a> {
    bus: &'a str,
    source: Option<&'a str>,
    detail_type: Option<&'a str>,
    rest: Rest<'a>,
    /// The numbers in it that have more digits than a [`serde_json::Value`] holds.
    rounded: Vec<Decimal>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Rest<'a> {
    Content { detail: Detail<'a>, resources: Vec<&'a str> },
    Id(ByValue<'a>),
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Detail<'a> {
    Json(ByValue<'a>),
    Text(Option<&'a str>),
}

impl Identity {
    pub(crate) fn key<'a>(&self, entry: &'a Entry) -> Key<'a> {
        let id = match self {
            Self::Content => None,
            Self::DetailAt(pointer) => detail_at(entry, pointer),
        };
        let pointer = match (self, id) {
            (Self::DetailAt(pointer), Some(_)) => pointer,
            (Self::DetailAt(_) | Self::Content, _) => "",
        };
        let json = entry.detail().filter(|_| entry.detail_json().is_some());
        let rounded = json.map(|detail| rounded_numbers(detail, pointer)).unwrap_or_default();
        let rest = match id {
            Some(id) => Rest::Id(ByValue(id)),
            None => Rest::Content {
                detail: entry
                    .detail_json()
                    .map_or_else(|| Detail::Text(entry.detail()), |detail| Detail::Json(ByValue(detail))),
                resources: entry.resources().collect(),
            },
        };
        Key { bus: entry.event_bus_name(), source: entry.source(), detail_type: entry.detail_type(), rest, rounded }
    }
}

impl Key<'_> {
    /// Returns whether the key is an id in the detail. Two entries of one request with the same id are the same event.
    pub(crate) fn is_id(&self) -> bool {
        matches!(self.rest, Rest::Id(_))
    }

    /// Returns the key as a number, for callers that cannot keep the entry.
    pub(crate) fn hashed(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
