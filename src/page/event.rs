//! One event as the page shows it: its tries and its final outcome.

use super::few::Few;
use super::mark::Mark;
use super::naming::{Name, Naming};
use crate::ledger::{Fate, Line, Try};
use crate::report::{fate, resent};
use crate::service::{Outcome, RequestError};

/// An event of the ledger with its notes.
pub(super) struct EventView<'a> {
    /// Its place in the ledger, counted from 1.
    pub(super) number: usize,
    pub(super) name: Name<'a>,
    /// The mark of the try that decided its final outcome.
    pub(super) mark: Mark,
    /// Its final outcome, in words.
    pub(super) fate: String,
    /// A note if it was resent although the publisher knew that it was accepted, or that no retry could help.
    pub(super) note: Option<String>,
    pub(super) is_failure: bool,
    pub(super) is_finding: bool,
    pub(super) is_injected: bool,
    pub(super) tries: Few<TryView<'a>>,
}

pub(super) struct TryView<'a> {
    pub(super) one: &'a Try,
    pub(super) mark: Mark,
    /// The code of the error, whether the publisher was told or not.
    pub(super) code: Option<&'a str>,
}

impl<'a> EventView<'a> {
    pub(super) fn of(number: usize, line: &'a Line, naming: &Naming<'a>) -> Option<Self> {
        let tries = line.tries();
        let accepted = |one: &&Try| one.is_accepted();
        let told = tries.iter().find(|one| one.accepted_and_told_at().is_some());
        let end = told.or_else(|| tries.iter().rev().find(accepted)).or(tries.last())?;
        let again =
            line.resent_after(Try::known_to_be_accepted).or_else(|| line.resent_after(Try::known_to_be_hopeless));
        Some(Self {
            number,
            name: naming.name(line.entry()?),
            mark: mark_of(end),
            fate: if mark_of(end) == Mark::Undelivered {
                format!("{}, but delivered nowhere", fate(line))
            } else {
                fate(line)
            },
            is_failure: line.fate() != Fate::Accepted || mark_of(end).is_failure(),
            is_finding: again.is_some() || line.times_accepted() > 1,
            is_injected: tries.iter().any(|one| one.attempt().fault_ids().next().is_some()),
            note: again.as_ref().map(resent),
            tries: Few::of(tries.iter().map(TryView::of), tries.len()),
        })
    }
}

impl<'a> TryView<'a> {
    fn of(one: &'a Try) -> Self {
        let of_entry = one.outcome().and_then(Outcome::error).map(|error| error.code());
        let of_request = || one.attempt().error().and_then(RequestError::code);
        Self { one, mark: mark_of(one), code: of_entry.or_else(of_request) }
    }
}

fn mark_of(one: &Try) -> Mark {
    Mark::of(one.attempt(), one.index())
}
