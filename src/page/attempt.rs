//! One attempt as the page shows it.

use std::collections::{BTreeMap, HashMap};

use super::few::Few;
use super::mark::Mark;
use super::naming::{Carried, Naming};
use super::times::{Wait, on_its_way, span};
use crate::check::LintRule;
use crate::fault::FaultId;
use crate::journal::Attempt;
use crate::ledger::{Ledger, Line};
use crate::report::{became, notes, unsaid};
use crate::service::{Entry, Outcome, Problem};

/// An attempt with its notes. Times, heads and bodies are those of the attempt.
pub(super) struct AttemptView<'a> {
    pub(super) attempt: &'a Attempt,
    /// How long it took, if it is over.
    pub(super) took: Option<String>,
    pub(super) wait: Option<Wait>,
    /// The worst mark of its entries.
    pub(super) mark: Mark,
    pub(super) became: String,
    pub(super) note: Option<String>,
    pub(super) problems: Vec<&'a Problem>,
    pub(super) lint: Vec<Lint>,
    /// The numbers of the other tries of the same SDK call.
    pub(super) other_tries: Few<usize>,
    /// The faults that applied to it, each once.
    pub(super) faults: Vec<(FaultId, &'a str)>,
    pub(super) delivery: Vec<String>,
    /// The events that it carries, in short.
    pub(super) carries: Few<Carried<'a>>,
    pub(super) entries: Vec<EntryView<'a>>,
}

/// What [`Lint`](crate::expect::Lint) found in an attempt.
pub(super) struct Lint {
    pub(super) rule: LintRule,
    pub(super) message: String,
}

/// The first entry that a text about an attempt names: `entry 0 ...`, `entries 1 and 2 ...`, `[0, 2] ...`. Problems are
/// recorded as text only.
pub(super) fn entry_named(words: &str) -> Option<usize> {
    let begins = ["entry ", "entries ", "["];
    let rest = begins.iter().find_map(|begin| words.strip_prefix(begin))?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// An entry with its outcome.
pub(super) struct EntryView<'a> {
    pub(super) entry: &'a Entry,
    pub(super) outcome: Option<&'a Outcome>,
    pub(super) mark: Mark,
    /// The number of its event.
    pub(super) event: Option<usize>,
    /// Where else the same event was sent, by the identity of the ledger.
    pub(super) also_in: Few<Place>,
}

/// An entry of another attempt.
pub(super) struct Place {
    pub(super) attempt: usize,
    pub(super) index: usize,
    pub(super) mark: Mark,
}

/// Facts about the attempts of a ledger, by their numbers.
pub(super) struct Index<'a> {
    notes: BTreeMap<usize, String>,
    problems: HashMap<usize, Vec<&'a Problem>>,
    lint: HashMap<usize, Vec<Lint>>,
    /// The attempts of each SDK call.
    calls: HashMap<&'a str, Vec<usize>>,
    /// The event of each entry.
    lines: HashMap<(usize, usize), (usize, &'a Line)>,
    pub(super) naming: Naming<'a>,
}

impl<'a> Index<'a> {
    pub(super) fn of(ledger: &'a Ledger) -> Self {
        let mut index = Self {
            notes: notes(ledger),
            problems: HashMap::new(),
            lint: HashMap::new(),
            calls: HashMap::new(),
            lines: HashMap::new(),
            naming: Naming::of(ledger.lines().iter().filter_map(Line::entry)),
        };
        for problem in ledger.journal().problems() {
            if let Some(number) = problem.attempt() {
                index.problems.entry(number).or_default().push(problem);
            }
        }
        for finding in unsaid(ledger) {
            let lint = Lint { rule: finding.rule(), message: finding.message() };
            index.lint.entry(finding.attempt()).or_default().push(lint);
        }
        for attempt in ledger.journal().attempts() {
            if let Some(id) = attempt.sdk_invocation_id() {
                index.calls.entry(id).or_default().push(attempt.number());
            }
        }
        for (number, line) in (1..).zip(ledger.lines()) {
            index.lines.extend(line.tries().iter().map(|one| (one.place(), (number, line))));
        }
        index
    }

    fn other_tries(&self, attempt: &Attempt) -> Few<usize> {
        let tries = attempt.sdk_invocation_id().and_then(|id| self.calls.get(id)).map_or(&[][..], Vec::as_slice);
        let others = tries.iter().copied().filter(|number| *number != attempt.number());
        Few::of(others, tries.len().saturating_sub(1))
    }

    fn also_in(&self, attempt: &Attempt, index: usize) -> Few<Place> {
        let tries = self.lines.get(&(attempt.number(), index)).map(|(_, line)| line.tries()).unwrap_or_default();
        let others = tries.iter().filter(|one| one.attempt().number() != attempt.number());
        let place =
            |attempt: &Attempt, index| Place { attempt: attempt.number(), index, mark: Mark::of(attempt, index) };
        Few::of(others.map(|one| place(one.attempt(), one.index())), tries.len().saturating_sub(1))
    }
}

impl<'a> AttemptView<'a> {
    pub(super) fn of(attempt: &'a Attempt, before: Option<&Attempt>, index: &mut Index<'a>) -> Self {
        let entry = |(place, entry)| EntryView {
            entry,
            outcome: attempt.outcomes().get(place),
            mark: Mark::of(attempt, place),
            event: index.lines.get(&(attempt.number(), place)).map(|(number, _)| *number),
            also_in: index.also_in(attempt, place),
        };
        Self {
            attempt,
            took: attempt.ended_at().map(|ended| span(ended.saturating_sub(attempt.at()))),
            wait: before.and_then(|before| Wait::between(before, attempt)),
            mark: Mark::worst(attempt),
            became: became(attempt),
            carries: index.naming.carried(attempt.entries()),
            entries: attempt.entries().iter().enumerate().map(entry).collect(),
            other_tries: index.other_tries(attempt),
            faults: faults(attempt),
            delivery: on_its_way(attempt),
            note: index.notes.remove(&attempt.number()),
            problems: index.problems.remove(&attempt.number()).unwrap_or_default(),
            lint: index.lint.remove(&attempt.number()).unwrap_or_default(),
        }
    }

    /// Whether an entry was not accepted, or the publisher was not told.
    pub(super) fn is_failure(&self) -> bool {
        self.mark.is_failure() || !self.attempt.is_told()
    }

    /// Whether it has a finding.
    pub(super) fn is_finding(&self) -> bool {
        self.note.is_some() || !self.problems.is_empty() || !self.lint.is_empty()
    }

    /// Whether a fault applied to it.
    pub(super) fn is_injected(&self) -> bool {
        !self.faults.is_empty()
    }
}

fn faults(attempt: &Attempt) -> Vec<(FaultId, &str)> {
    let mut faults: Vec<(FaultId, &str)> = Vec::new();
    for (id, sentence) in attempt.fault_ids().zip(attempt.faults()) {
        if !faults.iter().any(|(known, _)| *known == id) {
            faults.push((id, sentence));
        }
    }
    faults
}
