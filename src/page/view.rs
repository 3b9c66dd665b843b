//! The view: everything that the page shows of a journal.

use std::collections::HashMap;

use super::attempt::{AttemptView, Index, entry_named};
use super::common::Common;
use super::event::EventView;
use super::expected::{Expected, Judged};
use crate::check::why_unfired;
use crate::fault::{FaultId, FaultRecord};
use crate::journal::{Attempt, Journal};
use crate::ledger::{Ledger, Line};
use crate::report::why;
use crate::service::Problem;
use crate::words::times;

/// Everything that the page shows of a journal.
pub(super) struct View<'a> {
    pub(super) facts: Facts,
    pub(super) expected: Option<Expected>,
    pub(super) common: Common<'a>,
    /// The newest ones, the oldest of them first.
    pub(super) attempts: Vec<AttemptView<'a>>,
    /// The events of these attempts, in the order in which they were first received.
    pub(super) events: Vec<EventView<'a>>,
    /// The findings of these attempts.
    pub(super) findings: Vec<Found>,
    /// Faults that have not applied as often as they have to come first.
    pub(super) faults: Vec<FaultView<'a>>,
}

/// Counts of the whole journal.
pub(super) struct Facts {
    pub(super) attempts: usize,
    pub(super) published: usize,
    pub(super) problems: usize,
    pub(super) forgotten: usize,
    pub(super) seed: Option<u64>,
}

/// Findings with the same text.
pub(super) struct Found {
    pub(super) tag: Tag,
    pub(super) message: String,
    pub(super) attempts: Vec<usize>,
    /// The entry of each attempt that the finding is about, if it is about one.
    pub(super) entry: Option<usize>,
}

/// Where a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Tag {
    SentAgain,
    Problem,
    Lint,
}

/// A fault, and how often it applied.
pub(super) struct FaultView<'a> {
    pub(super) record: &'a FaultRecord,
    pub(super) fired: String,
    /// It has not applied as often as it has to.
    pub(super) is_alarm: bool,
    /// Why it did not apply as often as it has to.
    pub(super) why: Option<String>,
    /// The attempts to which it applied, also those that are not shown.
    pub(super) attempts: Vec<usize>,
}

impl<'a> View<'a> {
    /// The newest attempts of the journal. Older attempts are not shown, but the notes on the newest take them into
    /// account.
    pub(super) fn of(ledger: &'a Ledger, newest: usize, judged: Judged<'_>) -> Self {
        let journal = ledger.journal();
        let hidden = journal.attempts().len().saturating_sub(newest);
        let shown = journal.attempts().iter().skip(hidden);
        let newest_hidden = hidden.checked_sub(1).and_then(|index| journal.attempts().get(index));
        let (mut before, mut index) = (newest_hidden, Index::of(ledger));
        let show = |attempt| AttemptView::of(attempt, before.replace(attempt), &mut index);
        let attempts: Vec<_> = shown.clone().map(show).collect();
        let newest_hidden = newest_hidden.map_or(0, Attempt::number);
        let problems = journal.problems().iter();
        let problems = problems.filter(|problem| problem.attempt().is_none_or(|number| number > newest_hidden));
        let is_shown = |line: &Line| line.tries().last().is_some_and(|one| one.attempt().number() > newest_hidden);
        let lines = (1..).zip(ledger.lines()).filter(|(_, line)| is_shown(line));
        let events = lines.filter_map(|(number, line)| EventView::of(number, line, &index.naming)).collect();
        Self {
            facts: Facts::of(journal),
            expected: Expected::of(judged, journal),
            common: Common::of(shown),
            events,
            findings: findings(&attempts, problems),
            attempts,
            faults: faults(journal, judged.goes_on && journal.attempts_in_all() == 0),
        }
    }
}

impl Facts {
    fn of(journal: &Journal) -> Self {
        Self {
            attempts: journal.attempts().len(),
            published: journal.events(),
            problems: journal.problems().len(),
            forgotten: journal.forgotten(),
            seed: journal.seed(),
        }
    }
}

impl Tag {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::SentAgain => "sent again",
            Self::Problem => "problem",
            Self::Lint => "lint",
        }
    }

    /// Whether a finding of this kind is always a mistake of the publisher.
    pub(super) fn is_alarm(self) -> bool {
        match self {
            Self::SentAgain | Self::Problem => true,
            Self::Lint => false,
        }
    }
}

/// The findings: notes, problems and lint, each in the order of the attempts.
fn findings<'a>(attempts: &[AttemptView<'_>], problems: impl Iterator<Item = &'a Problem>) -> Vec<Found> {
    let notes =
        attempts.iter().filter_map(|one| Some((Tag::SentAgain, one.note.as_deref()?, Some(one.attempt.number()))));
    let problems = problems.map(|problem| (Tag::Problem, problem.message(), problem.attempt()));
    let lint = attempts
        .iter()
        .flat_map(|one| one.lint.iter().map(|lint| (Tag::Lint, lint.message.as_str(), Some(one.attempt.number()))));
    let mut groups: Vec<Found> = Vec::new();
    let mut places: HashMap<(Tag, &str), usize> = HashMap::new();
    for (tag, message, attempt) in notes.chain(problems).chain(lint) {
        let place = *places.entry((tag, message)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Found { tag, message: message.to_owned(), attempts: Vec::new(), entry: entry_named(message) });
        }
        if let Some(group) = groups.get_mut(place) {
            group.attempts.extend(attempt.filter(|number| group.attempts.last() != Some(number)));
        }
    }
    groups
}

/// Before the first request a fault raises no alarm.
fn faults<'a>(journal: &'a Journal, is_early: bool) -> Vec<FaultView<'a>> {
    let mut decided: HashMap<FaultId, Vec<usize>> = HashMap::new();
    for attempt in journal.attempts() {
        for id in attempt.fault_ids() {
            let attempts = decided.entry(id).or_default();
            // It may have applied to several entries.
            attempts.extend((attempts.last() != Some(&attempt.number())).then_some(attempt.number()));
        }
    }
    let mut fault = |record: &'a FaultRecord| FaultView {
        record,
        fired: if is_early { "did not fire yet".to_owned() } else { fired(record) },
        is_alarm: record.is_unfired() && !is_early,
        why: (record.is_unfired() && !is_early).then(|| why(&why_unfired(record, journal))),
        attempts: decided.remove(&record.id).unwrap_or_default(),
    };
    let mut faults: Vec<FaultView<'_>> = journal.faults().iter().map(&mut fault).collect();
    faults.sort_by_key(|fault| !fault.record.is_unfired());
    faults
}

fn fired(record: &FaultRecord) -> String {
    match (record.fired, record.is_unfired()) {
        (0, true) => "never fired".to_owned(),
        (0, false) => "did not fire".to_owned(),
        (some, true) => format!("fired {some} of {} times", record.must_fire),
        (some, false) => format!("fired {}", times(some)),
    }
}
