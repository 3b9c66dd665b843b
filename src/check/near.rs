//! Finds the nearly equal event that came after a lost one.

use std::collections::VecDeque;

use serde_json::Value;

use crate::json::{escaped_key, is_equal};
use crate::ledger::{Difference, Fate, Ledger, Line, Try};
use crate::matcher::detail_at;
use crate::service::Entry;

/// The most events before and after the lost one that are looked at.
const MAX_PEERS: usize = 500;
/// A longer detail is not compared.
const MAX_DETAIL: usize = 64 * 1024;
/// The most places in the detail at which a nearly equal event differs.
const MAX_PLACES: usize = 3;
/// The most values of a detail that are looked at for one that stays the same.
const MAX_VALUES: usize = 200;

/// An event that came after a lost one and is nearly equal.
#[derive(Debug, Clone)]
pub(crate) struct NearlyEqual {
    /// Its first try.
    pub(crate) at: Try,
    /// The differences from the last try of the lost event; never empty.
    pub(crate) differences: Vec<Difference>,
    /// A place in the details where both events have the same value, and no other event has it.
    pub(crate) pointer: Option<String>,
}

/// The nearly equal event that came after a lost one, if the lost one was never tried again.
pub(super) fn nearly_equal(ledger: &Ledger, lost: &Line) -> Option<NearlyEqual> {
    let last = lost.tries().last().filter(|_| matches!(lost.fate(), Fate::NeverRetried(_)))?;
    if !is_small(last.entry()) {
        return None;
    }
    let first = lost.tries().first()?.place();
    let index = ledger.lines().iter().position(|line| line.tries().first().is_some_and(|one| one.place() == first))?;
    let is_peer =
        |line: &&Line| line.entry().is_some_and(|entry| is_small(entry) && is_of_same_kind(entry, last.entry()));
    let (before, after) = ledger.lines().split_at(index + 1);
    let before = before.iter().rev().take(MAX_PEERS).filter(is_peer);
    let after: Vec<&Line> = after.iter().take(MAX_PEERS).filter(is_peer).collect();
    let peers: Vec<&Line> = before.chain(after.iter().copied()).collect();
    let later = after.iter().filter(|line| {
        let is_later = line.tries().first().is_some_and(|one| one.attempt().number() > last.attempt().number());
        // A line that was expected with another matcher is another event.
        is_later && line.expected.as_ref().is_none_or(|expected| expected.matcher.means(last.entry()))
    });
    let mut candidates: Vec<(usize, &Try, Vec<Difference>)> = later
        .filter_map(|line| {
            let at = line.tries().first()?;
            let differences = at.differences_from(last, &[]);
            let places = differences.iter().filter(|difference| difference.pointer().is_some()).count();
            (places <= MAX_PLACES && !differences.is_empty()).then_some((places, at, differences))
        })
        .collect();
    candidates.sort_by_key(|(places, ..)| *places);
    candidates.into_iter().find_map(|(places, at, differences)| {
        let pointer = what_stays(last.entry(), at.entry(), &differences, &peers);
        let is_near = pointer.is_some() || places == 0;
        is_near.then(|| NearlyEqual { at: at.clone(), differences, pointer })
    })
}

/// A place in the details where both entries have the same value, which can identify their event. A name that looks like an id is
/// preferred. If an id differs, only names that look like an id count.
fn what_stays(one: &Entry, other: &Entry, differences: &[Difference], peers: &[&Line]) -> Option<String> {
    let (detail, other) = one.detail_json().zip(other.detail_json())?;
    let an_id_differs = differences.iter().filter_map(Difference::pointer).any(looks_like_an_id);
    let same = values(detail).into_iter().filter(|(pointer, value)| {
        other.pointer(pointer).is_some_and(|other| is_equal(value, other))
            && (!an_id_differs || looks_like_an_id(pointer))
    });
    let (ids, others): (Vec<_>, Vec<_>) = same.partition(|(pointer, _)| looks_like_an_id(pointer));
    let can_identify = |(_, value): &(String, &Value), pointer: &str| {
        let with_it = |line: &&&Line| {
            line.entry().and_then(|entry| detail_at(entry, pointer)).is_some_and(|of| is_equal(of, value))
        };
        may_be_one_event(&peers.iter().filter(with_it).copied().collect::<Vec<_>>())
    };
    ids.into_iter().chain(others).find(|found| can_identify(found, &found.0)).map(|(pointer, _)| pointer)
}

/// Whether these lines can be one event: no two tries came in one request, and no line began after another one was known to be
/// accepted.
fn may_be_one_event(lines: &[&Line]) -> bool {
    let mut attempts: Vec<usize> =
        lines.iter().flat_map(|line| line.tries()).map(|one| one.attempt().number()).collect();
    attempts.sort_unstable();
    let accepted = lines.iter().flat_map(|line| line.tries());
    let accepted = accepted.filter_map(|one| Some((one.accepted_and_told_at()?, one.attempt().number()))).min();
    let is_no_more = |began: &Try| {
        accepted.is_none_or(|(known, number)| began.attempt().number() <= number || began.attempt().at() < known)
    };
    attempts.windows(2).all(|pair| pair.first() != pair.last())
        && lines.iter().filter_map(|line| line.tries().first()).all(is_no_more)
}

/// The strings and numbers of a detail with their pointers, outermost first.
fn values(detail: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    let mut open = VecDeque::from([(String::new(), detail)]);
    while let Some((pointer, value)) = open.pop_front().filter(|_| found.len() < MAX_VALUES) {
        match value {
            Value::Object(members) => {
                open.extend(members.iter().map(|(key, value)| (format!("{pointer}/{}", escaped_key(key)), value)));
            }
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(index, value)| (format!("{pointer}/{index}"), value)));
            }
            Value::String(_) | Value::Number(_) => found.push((pointer, value)),
            Value::Null | Value::Bool(_) => {}
        }
    }
    found
}

/// `orderId`, `id`, `idempotency_key`, `number`.
fn looks_like_an_id(pointer: &str) -> bool {
    let key: String = pointer.rsplit('/').next().unwrap_or_default().to_lowercase();
    ["id", "key", "number", "ref", "reference", "uuid", "token"].iter().any(|end| key.ends_with(end))
}

fn is_small(entry: &Entry) -> bool {
    entry.detail().is_none_or(|detail| detail.len() <= MAX_DETAIL)
}

fn is_of_same_kind(one: &Entry, other: &Entry) -> bool {
    one.event_bus_name() == other.event_bus_name()
        && one.source() == other.source()
        && one.detail_type() == other.detail_type()
}
