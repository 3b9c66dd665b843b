//! Finds which entries each matcher of a list matches, without asking each matcher about each entry.

use std::collections::HashMap;

use serde_json::Value;

use super::{Condition, EntryMatcher, detail_at};
use crate::assignment::assignment;
use crate::json::{ByValue, escaped_key};
use crate::service::Entry;

/// Up to this many matchers are asked one after the other.
const FEW: usize = 8;
/// How many values of a matcher are considered as its key. The value that the fewest other matchers want is chosen.
const MAX_VALUES: usize = 16;

/// A list of matchers. Equal matchers are one kind. Kinds that want a value in the detail are found by that value.
#[derive(Debug)]
pub(crate) struct Matchers<'m> {
    kinds: Vec<Kind<'m>>,
    /// The kind of each matcher.
    kind_of: Vec<usize>,
    /// The kinds, by the hashes of their matchers.
    by_hash: HashMap<u64, Vec<usize>>,
    /// The kinds that match only entries with a value, by the JSON pointer and the value.
    by_value: HashMap<String, HashMap<ByValue<'m>, Vec<usize>>>,
    /// The other kinds in order, which are asked about every entry.
    others: Vec<usize>,
}

#[derive(Debug)]
struct Kind<'m> {
    matcher: &'m EntryMatcher,
    /// How many matchers are of this kind.
    count: usize,
}

/// An entry that matchers are asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'e> {
    pub(crate) entry: Option<&'e Entry>,
    /// A matcher that is equal to this one matches the candidate, whatever its entry is.
    pub(crate) expected_by: Option<&'e EntryMatcher>,
}

impl<'e> From<&'e Entry> for Candidate<'e> {
    fn from(entry: &'e Entry) -> Self {
        Self { entry: Some(entry), expected_by: None }
    }
}

impl<'m> Matchers<'m> {
    pub(crate) fn of(matchers: impl IntoIterator<Item = &'m EntryMatcher>) -> Self {
        let mut all = Self {
            kinds: Vec::new(),
            kind_of: Vec::new(),
            by_hash: HashMap::new(),
            by_value: HashMap::new(),
            others: Vec::new(),
        };
        matchers.into_iter().for_each(|matcher| all.push(matcher));
        if all.kinds.len() > FEW {
            all.find_values();
        } else {
            all.others = (0..all.kinds.len()).collect();
        }
        all
    }

    fn push(&mut self, matcher: &'m EntryMatcher) {
        let kind = self.kind_of(matcher).unwrap_or(self.kinds.len());
        match self.kinds.get_mut(kind) {
            Some(kind) => kind.count += 1,
            None => {
                self.kinds.push(Kind { matcher, count: 1 });
                self.by_hash.entry(matcher.hashed()).or_default().push(kind);
            }
        }
        self.kind_of.push(kind);
    }

    /// Returns the kind that is equal to a matcher.
    fn kind_of(&self, matcher: &EntryMatcher) -> Option<usize> {
        let same_hash = self.by_hash.get(&matcher.hashed())?.iter().copied();
        same_hash.into_iter().find(|kind| self.kinds.get(*kind).is_some_and(|kind| kind.matcher == matcher))
    }

    /// Lists each kind under the one of its values that the fewest other kinds want.
    fn find_values(&mut self) {
        let values: Vec<Vec<(String, ByValue<'m>)>> =
            self.kinds.iter().map(|kind| wanted_values(kind.matcher)).collect();
        let mut wanted: HashMap<(&str, ByValue<'m>), usize> = HashMap::new();
        for (pointer, value) in values.iter().flatten() {
            *wanted.entry((pointer, *value)).or_default() += 1;
        }
        for (kind, values) in values.iter().enumerate() {
            match values.iter().min_by_key(|(pointer, value)| wanted.get(&(pointer, *value))) {
                Some((pointer, value)) => {
                    let at_pointer = self.by_value.entry(pointer.clone()).or_default();
                    at_pointer.entry(*value).or_default().push(kind);
                }
                None => self.others.push(kind),
            }
        }
    }

    /// Returns the kinds whose value the entry has, in no order.
    fn by_value_of<'s>(&'s self, entry: &'s Entry) -> impl Iterator<Item = usize> {
        let found = self.by_value.iter().filter_map(|(pointer, kinds)| kinds.get(&ByValue(detail_at(entry, pointer)?)));
        found.flatten().copied()
    }

    /// Returns how many of the matchers match an entry.
    pub(crate) fn meaning(&self, entry: &Entry) -> usize {
        let mut may: Vec<usize> = self.by_value_of(entry).chain(self.others.iter().copied()).collect();
        may.sort_unstable();
        let kinds = may.into_iter().filter_map(|kind| self.kinds.get(kind));
        kinds.filter(|kind| kind.matcher.means(entry)).map(|kind| kind.count).sum()
    }

    /// Returns for each kind the indices of the candidates that it matches, in order.
    pub(crate) fn meant(&self, candidates: &[Candidate<'_>]) -> Vec<Vec<usize>> {
        let expected: Vec<Option<usize>> =
            candidates.iter().map(|candidate| self.kind_of(candidate.expected_by?)).collect();
        let mut may: Vec<Vec<usize>> = vec![Vec::new(); self.kinds.len()];
        for (index, (candidate, expected)) in candidates.iter().zip(&expected).enumerate() {
            let by_value = candidate.entry.into_iter().flat_map(|entry| self.by_value_of(entry));
            for kind in by_value.chain(*expected) {
                if let Some(may) = may.get_mut(kind).filter(|may| may.last() != Some(&index)) {
                    may.push(index);
                }
            }
        }
        // In the order of asking each kind about each entry: the first undecided pattern is reported.
        for (number, (kind, may)) in self.kinds.iter().zip(&mut may).enumerate() {
            let is_meant = |index: &usize| {
                let entry = candidates.get(*index).and_then(|candidate| candidate.entry);
                expected.get(*index) == Some(&Some(number)) || entry.is_some_and(|entry| kind.matcher.means(entry))
            };
            if self.others.binary_search(&number).is_ok() {
                *may = (0..candidates.len()).filter(is_meant).collect();
            } else {
                may.retain(is_meant);
            }
        }
        may
    }

    /// Returns the kind of each matcher.
    pub(crate) fn kinds(&self) -> &[usize] {
        &self.kind_of
    }

    /// Assigns to as many matchers as possible a candidate that they match, each candidate at most once.
    pub(crate) fn assigned(&self, candidates: &[Candidate<'_>]) -> Vec<Option<usize>> {
        assignment(&self.kind_of, &self.meant(candidates), candidates.len())
    }
}

/// Returns the values, with their pointers, that an entry must have in its detail to match.
///
/// Conditions with a closure or a pattern, and all conditions after them, are asked about every entry: they may panic or be
/// undecided.
fn wanted_values(matcher: &EntryMatcher) -> Vec<(String, ByValue<'_>)> {
    let mut found = Vec::new();
    for condition in &matcher.conditions {
        match condition {
            Condition::DetailAt { pointer, value } => found.push((pointer.clone(), ByValue(value))),
            Condition::DetailIncludes(members) => scalars(members, &mut found),
            Condition::Source(_)
            | Condition::DetailType(_)
            | Condition::EventBus(_)
            | Condition::Resource(_)
            | Condition::DetailContains(_) => {}
            Condition::Pattern(_)
            | Condition::DetailSatisfies { .. }
            | Condition::Satisfies(_)
            | Condition::Not(_)
            | Condition::AnyOf(_) => break,
        }
    }
    found.truncate(MAX_VALUES);
    found
}

/// Collects the first values inside that are neither objects nor lists.
fn scalars<'a>(members: &'a Value, found: &mut Vec<(String, ByValue<'a>)>) {
    let mut open = vec![(String::new(), members)];
    while let Some((pointer, value)) = open.pop().filter(|_| found.len() < MAX_VALUES) {
        let inside = |key: String| format!("{pointer}/{key}");
        match value {
            Value::Object(members) => {
                open.extend(members.iter().rev().map(|(key, value)| (inside(escaped_key(key)), value)));
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().rev().map(|(index, value)| (inside(index.to_string()), value)));
            }
            _ => found.push((pointer, ByValue(value))),
        }
    }
}
