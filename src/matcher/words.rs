//! Matchers as sentences.

use std::fmt::{self, Display, Formatter};

use super::{Condition, EntryMatcher, TextMatcher};
use crate::words::printable;

impl Display for EntryMatcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let words = match &self.conditions[..] {
            [] => "any entries".to_owned(),
            [Condition::AnyOf(matchers)] => {
                let texts: Vec<String> = matchers.iter().map(ToString::to_string).collect();
                texts.join(" or ")
            }
            [Condition::Not(matcher)] => format!("entries other than {matcher}"),
            conditions => {
                let texts: Vec<String> = conditions.iter().map(ToString::to_string).collect();
                format!("entries with {}", texts.join(", "))
            }
        };
        f.write_str(&printable(&words))
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(text) => write!(f, "source {text}"),
            Self::DetailType(text) => write!(f, "detail-type {text}"),
            Self::EventBus(text) => write!(f, "event bus {text}"),
            Self::Resource(text) => write!(f, "resource {text}"),
            Self::DetailAt { pointer, value } if pointer.is_empty() => write!(f, "detail = {value}"),
            Self::DetailAt { pointer, value } => write!(f, "detail {pointer} = {value}"),
            Self::Pattern(pattern) => write!(f, "event pattern {pattern}"),
            Self::DetailIncludes(members) => write!(f, "detail including {members}"),
            Self::DetailContains(value) => write!(f, "{value} in the detail"),
            Self::DetailSatisfies { pointer, predicate } if pointer.is_empty() => {
                write!(f, "detail {}", predicate.description)
            }
            Self::DetailSatisfies { pointer, predicate } => write!(f, "detail {pointer} {}", predicate.description),
            Self::Satisfies(predicate) => f.write_str(&predicate.description),
            Self::Not(matcher) => write!(f, "not ({matcher})"),
            Self::AnyOf(matchers) => {
                let texts: Vec<String> = matchers.iter().map(ToString::to_string).collect();
                write!(f, "({})", texts.join(" or "))
            }
        }
    }
}

impl Display for TextMatcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) => write!(f, "{text:?}"),
            Self::Prefix(prefix) => write!(f, "{prefix:?}..."),
            Self::OneOf(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
                f.write_str(&texts.join(" or "))
            }
        }
    }
}
