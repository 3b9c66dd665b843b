//! Values that several commands take.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::service::Limits;

pub(super) fn limits() -> impl TypedValueParser<Value = Limits> {
    PossibleValuesParser::new(Limits::NAMES).map(|name| Limits::named(&name).unwrap_or_default())
}
