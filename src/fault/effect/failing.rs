//! Entries and requests that fail.

use std::fmt;

use serde_json::Value;

use super::quota::{Quota, read_quota};
use super::{AtStep, Effect, Kind, Read, Turn};
use crate::json::{Cursor, FormatError, Unfit};
use crate::service::{
    EntryError, RequestError, read_entry_error, read_request_error, write_entry_error, write_request_error,
};
use crate::words::elided;

/// One entry fails.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EntryEffect {
    Fails(Series<EntryError>),
    /// The entry is throttled if it is over a rate.
    OverQuota(Quota),
}

/// A whole request fails.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RequestEffect {
    Fails(Series<RequestError>),
    /// The request is throttled if it is over a rate.
    OverQuota(Quota),
}

/// The same error for all candidates, or an error or none for each candidate in turn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Series<T> {
    Always(T),
    InTurn(Vec<Option<T>>),
}

/// Returns a series for the candidates in turn. It must have an error.
pub(crate) fn in_turn<T>(errors: impl IntoIterator<Item = Option<T>>) -> Result<Series<T>, Unfit> {
    let errors: Vec<Option<T>> = errors.into_iter().collect();
    if errors.iter().all(Option::is_none) {
        let nothing = "a series without an error does nothing: write at least one ";
        return Err(Unfit::new(nothing, "Some(...), or leave it out", "error beside the nulls, or leave it out"));
    }
    Ok(Series::InTurn(errors))
}

impl<T: Clone> Series<T> {
    /// Returns what the candidate with this index meets.
    fn get(&self, index: usize) -> Option<T> {
        match self {
            Self::Always(error) => Some(error.clone()),
            Self::InTurn(errors) => errors.get(index).cloned().flatten(),
        }
    }

    /// Returns how many errors the series has, if it ends.
    fn len(&self) -> Option<usize> {
        match self {
            Self::Always(_) => None,
            Self::InTurn(errors) => Some(errors.iter().flatten().count()),
        }
    }

    fn write(&self, names: (&'static str, &'static str), write: fn(&T) -> Value) -> (&'static str, Value) {
        match self {
            Self::Always(error) => (names.0, write(error)),
            Self::InTurn(errors) => {
                (names.1, errors.iter().map(|error| error.as_ref().map_or(Value::Null, write)).collect())
            }
        }
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>, text: impl Fn(&T) -> String) -> fmt::Result {
        match self {
            Self::Always(error) => f.write_str(&text(error)),
            Self::InTurn(errors) => {
                let texts = errors.iter().map(|error| error.as_ref().map_or_else(|| "nothing".into(), &text));
                write!(f, "{} in turn", elided(texts.collect(), "more").join(", "))
            }
        }
    }
}

pub(super) fn read_entry(at: &Cursor<'_>) -> Read {
    Ok(EntryEffect::Fails(Series::Always(read_entry_error(at)?)).into())
}

pub(super) fn read_entries(at: &Cursor<'_>) -> Read {
    at.check(in_turn(read_series(at, read_entry_error)?)).map(|series| EntryEffect::Fails(series).into())
}

pub(super) fn read_request(at: &Cursor<'_>) -> Read {
    Ok(RequestEffect::Fails(Series::Always(read_request_error(at)?)).into())
}

pub(super) fn read_requests(at: &Cursor<'_>) -> Read {
    at.check(in_turn(read_series(at, read_request_error)?)).map(|series| RequestEffect::Fails(series).into())
}

pub(super) fn read_over_quota(at: &Cursor<'_>) -> Read {
    read_quota(at).map(Effect::from)
}

/// A quota refuses entries one by one, or whole requests.
impl From<Quota> for Effect {
    fn from(quota: Quota) -> Self {
        if quota.refuses_requests() {
            RequestEffect::OverQuota(quota).into()
        } else {
            EntryEffect::OverQuota(quota).into()
        }
    }
}

fn read_series<T>(
    at: &Cursor<'_>,
    read: impl Fn(&Cursor<'_>) -> Result<T, FormatError>,
) -> Result<Vec<Option<T>>, FormatError> {
    at.each(|item| if item.value.is_null() { Ok(None) } else { read(item).map(Some) })
}

impl fmt::Display for EntryEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails(series) => series.fmt(f, |error| error.code().to_owned()),
            Self::OverQuota(quota) => quota.fmt(f),
        }
    }
}

impl fmt::Display for RequestEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails(series) => series.fmt(f, ToString::to_string),
            Self::OverQuota(quota) => quota.fmt(f),
        }
    }
}

impl Kind for EntryEffect {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(match self {
            Self::Fails(series) => series.write(("entry", "entries"), write_entry_error),
            Self::OverQuota(quota) => quota.write(),
        })
    }

    fn must_fire(&self) -> Option<usize> {
        if let Self::Fails(series) = self { series.len() } else { None }
    }
}

impl Kind for RequestEffect {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(match self {
            Self::Fails(series) => series.write(("request", "requests"), write_request_error),
            Self::OverQuota(quota) => quota.write(),
        })
    }

    fn needs_entries(&self) -> bool {
        matches!(self, Self::OverQuota(quota) if quota.counts_entries())
    }

    fn must_fire(&self) -> Option<usize> {
        if let Self::Fails(series) = self { series.len() } else { None }
    }
}

impl AtStep for EntryEffect {
    type Done = EntryError;

    fn apply(&self, turn: Turn<'_>) -> Option<EntryError> {
        match self {
            Self::Fails(series) => series.get(turn.number),
            Self::OverQuota(quota) => quota.is_exceeded(turn).then(EntryError::throttling),
        }
    }
}

impl AtStep for RequestEffect {
    type Done = RequestError;

    fn apply(&self, turn: Turn<'_>) -> Option<RequestError> {
        match self {
            Self::Fails(series) => series.get(turn.number),
            Self::OverQuota(quota) => quota.is_exceeded(turn).then(RequestError::throttling),
        }
    }
}
