//! The values of expectations that have members of their own.

use crate::check::{Alike, Backoff, LintRule, Reported};
use crate::json::{Cursor, FormatError, Wrong};
use crate::matcher::read_matchers;

type Read<T> = Result<T, FormatError>;

pub(super) fn read_rule(at: &Cursor<'_>) -> Read<LintRule> {
    let names: Vec<&str> = LintRule::ALL.iter().map(|rule| rule.name()).collect();
    let name = at.text()?;
    LintRule::named(name).map_or_else(|| at.is_not_known(name, "a rule", &names), Ok)
}

pub(super) fn read_alike(at: &Cursor<'_>) -> Read<Alike> {
    if at.value.is_boolean() {
        return at.yes().map(|()| Alike::new());
    }
    at.object_or("true or {\"except\": [...], \"exceptTime\": true}")?;
    at.allow(&["except", "exceptTime"])?;
    let mut alike = Alike::new();
    for pointer in at.optional("except", |at| at.items())?.unwrap_or_default() {
        let text = pointer.text()?;
        alike = pointer.check(alike.try_except_detail_at(text))?;
    }
    if at.optional("exceptTime", Cursor::yes)?.is_some() {
        alike = alike.except_time();
    }
    Ok(alike)
}

pub(super) fn read_backoff(at: &Cursor<'_>) -> Read<Backoff> {
    let mut wrong = Wrong::default();
    wrong.note(at.allow(&["atLeastMs", "atMostMs", "inAllAtMostMs", "growing", "jittered"]));
    let mut backoff = Backoff::new();
    if let Some(Some(wait)) = wrong.note(at.optional("atLeastMs", Cursor::milliseconds)) {
        backoff = backoff.at_least(wait);
    }
    if let Some(Some(wait)) = wrong.note(at.optional("atMostMs", Cursor::milliseconds)) {
        backoff = backoff.at_most(wait);
    }
    if let Some(Some(time)) = wrong.note(at.optional("inAllAtMostMs", Cursor::milliseconds)) {
        backoff = backoff.in_all_at_most(time);
    }
    if let Some(Some(())) = wrong.note(at.optional("growing", Cursor::yes)) {
        backoff = backoff.growing();
    }
    if let Some(Some(())) = wrong.note(at.optional("jittered", Cursor::yes)) {
        backoff = backoff.jittered();
    }
    wrong.unless(backoff)
}

/// Reads what a publisher reported.
pub(crate) fn read_reported(at: &Cursor<'_>) -> Read<Reported> {
    match at.value.as_str() {
        Some("allPublished") => return Ok(Reported::all_published()),
        Some("someFailed") => return Ok(Reported::some_failed()),
        _ => {}
    }
    if !at.value.is_object() {
        return at.is_wrong(
            "\"allPublished\", \"someFailed\", {\"published\": [...], \"failed\": [...], \"unknown\": [...]} or \
             {\"counts\": {...}}",
        );
    }
    at.allow(&["published", "failed", "unknown", "counts"])?;
    if let Some(counts) = at.get("counts") {
        at.allow(&["counts"])?;
        counts.allow(&["published", "failed"])?;
        let count = |name| counts.required(name)?.whole_number();
        return Ok(Reported::counts(count("published")?, count("failed")?));
    }
    let mut wrong = Wrong::default();
    let mut list = |read: Read<Option<Vec<_>>>| wrong.note(read).flatten().unwrap_or_default();
    let published = list(at.required("published").and_then(|at| read_matchers(&at)).map(Some));
    let failed = list(at.optional("failed", read_matchers));
    let unknown = list(at.optional("unknown", read_matchers));
    wrong.unless(Reported::published(published).failed(failed).unknown(unknown))
}
