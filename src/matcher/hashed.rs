//! Hashes of matchers: equal matchers have equal hashes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;
use std::sync::Arc;

use super::{Condition, EntryMatcher};
use crate::json::ByValue;

impl EntryMatcher {
    pub(super) fn hashed(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash_into(&mut hasher);
        hasher.finish()
    }

    fn hash_into(&self, state: &mut impl Hasher) {
        self.conditions.len().hash(state);
        self.conditions.iter().for_each(|condition| condition.hash_into(state));
    }
}

impl Condition {
    fn hash_into(&self, state: &mut impl Hasher) {
        discriminant(self).hash(state);
        match self {
            Self::Source(text) | Self::DetailType(text) | Self::EventBus(text) | Self::Resource(text) => {
                text.hash(state)
            }
            Self::DetailAt { pointer, value } => (pointer, ByValue(value)).hash(state),
            Self::DetailIncludes(value) | Self::DetailContains(value) => ByValue(value).hash(state),
            // Patterns that are written differently may be equal.
            Self::Pattern(_) => {}
            Self::DetailSatisfies { pointer, predicate } => {
                (pointer, Arc::as_ptr(&predicate.holds).cast::<()>()).hash(state);
            }
            Self::Satisfies(predicate) => Arc::as_ptr(&predicate.holds).cast::<()>().hash(state),
            Self::Not(matcher) => matcher.hash_into(state),
            Self::AnyOf(matchers) => matchers.iter().for_each(|matcher| matcher.hash_into(state)),
        }
    }
}
