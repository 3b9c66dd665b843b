//! Values that several commands take.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::service::Limits;

pub(super) fn limits() -> impl TypedValueParser<Value = Limits> {
    PossibleValuesParser::new(Limits::NAMES).map(|name| Limits::named(&name).unwrap_or_default())
}

/// A whole number of seconds, from 1 to those of a day.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "write a whole number of seconds from 1 to 86400, such as 30".to_owned())
}
