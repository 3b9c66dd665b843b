//! The timeline: one line for each attempt.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::thread;

use super::{MAX_FINDINGS, MAX_LINES};
use crate::check::{Finding, LintRule, findings};
use crate::fault::End;
use crate::journal::{Answer, Attempt, Journal, Refuser, Story};
use crate::ledger::{Ledger, Try};
use crate::service::{Outcome, Problem};
use crate::words::{count, count_entries, elided, list, since_start, table};

/// Prints the timeline: one line for each attempt, then the problems, then the findings of the [lint](crate::expect::Lint).
impl Display for Journal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // The text of a panic is made after the panic has begun.
        if thread::panicking() {
            self.was_shown();
        }
        Timeline::of(&self.ledger()).fmt(f)
    }
}

/// The timeline of the journal of a ledger.
pub(crate) struct Timeline<'a> {
    ledger: &'a Ledger,
    has_lint: bool,
    /// Notes beside attempts, by their numbers.
    marks: BTreeMap<usize, String>,
}

impl<'a> Timeline<'a> {
    pub(crate) fn of(ledger: &'a Ledger) -> Self {
        Self { ledger, has_lint: true, marks: BTreeMap::new() }
    }

    pub(crate) fn without_lint(ledger: &'a Ledger) -> Self {
        Self { ledger, has_lint: false, marks: BTreeMap::new() }
    }

    /// Adds these notes beside attempts that have no other note.
    pub(super) fn marking(self, marks: BTreeMap<usize, String>) -> Self {
        Self { marks, ..self }
    }
}

impl Display for Timeline<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        attempts(f, self.ledger, &self.marks)?;
        if !self.has_lint {
            return Ok(());
        }
        let row = |finding: Finding| [format!("#{}", finding.attempt()), finding.message()];
        table(f, "\nlint\n", unsaid(self.ledger), row, MAX_FINDINGS)
    }
}

fn attempts(f: &mut Formatter<'_>, ledger: &Ledger, marks: &BTreeMap<usize, String>) -> fmt::Result {
    let journal = ledger.journal();
    write!(f, "{}, {} published", count(journal.attempts().len(), "attempt"), count(journal.events(), "event"))?;
    if let Some(seed) = journal.seed() {
        write!(f, " (seed {seed}: PUTEVENTS_MOCK_SEED={seed} repeats it)")?;
    }
    if journal.forgotten() > 0 {
        write!(f, " (after {} that were forgotten to save memory)", journal.forgotten())?;
    }
    writeln!(f)?;
    let notes = notes(ledger);
    let row = |attempt: &Attempt| {
        let entries = match attempt.entries().len() {
            0 => String::new(),
            some => count_entries(some),
        };
        let note = notes.get(&attempt.number()).or_else(|| marks.get(&attempt.number()));
        let note = note.map(|note| format!("<- {note}")).unwrap_or_default();
        [format!("#{}", attempt.number()), since_start(attempt.at()), entries, became(attempt), note]
    };
    table(f, "", journal.attempts().iter(), row, MAX_LINES)?;
    let row = |problem: &Problem| {
        let number = problem.attempt().map_or_else(|| "-".to_owned(), |number| format!("#{number}"));
        [number, since_start(problem.at()), problem.message().to_owned()]
    };
    table(f, "\nproblems\n", journal.problems().iter(), row, MAX_FINDINGS)
}

/// The notes beside attempts: entries that the publisher knew to be accepted, and entries with another `Time` than in the try
/// before.
pub(crate) fn notes(ledger: &Ledger) -> BTreeMap<usize, String> {
    let mut resent: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for again in ledger.lines().iter().filter_map(|line| line.resent_after(Try::known_to_be_accepted)) {
        let earlier = again.earlier.attempt().number();
        for one in again.tries {
            resent.entry((one.attempt().number(), earlier)).or_default().push(one.index());
        }
    }
    let mut restamped: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for pair in ledger.lines().iter().flat_map(|line| line.tries().windows(2)) {
        if let [earlier, later] = pair {
            if later.has_other_time(earlier) {
                let attempts = (later.attempt().number(), earlier.attempt().number());
                restamped.entry(attempts).or_default().push(later.index());
            }
        }
    }
    let mut notes: BTreeMap<usize, String> = BTreeMap::new();
    let mut note = |attempt, mut indices: Vec<usize>, what: String| {
        indices.sort_unstable();
        let note = notes.entry(attempt).or_default();
        note.push_str(&format!("{}{} {what}", if note.is_empty() { "" } else { ", " }, list(&indices)));
    };
    for ((attempt, earlier), indices) in resent {
        note(attempt, indices, format!("accepted in #{earlier} already"));
    }
    for ((attempt, earlier), indices) in restamped {
        note(attempt, indices, format!("with another Time than in #{earlier}"));
    }
    notes
}

/// The findings of the lint that stand neither beside the attempts nor among the problems.
pub(crate) fn unsaid(ledger: &Ledger) -> Vec<Finding> {
    let is_said = |rule| [LintRule::AcceptedEntryResent, LintRule::UnknownBus, LintRule::RefusedEntry].contains(&rule);
    findings(ledger).into_iter().filter(|finding| !is_said(finding.rule())).collect()
}

const INJECTED: &str = " (injected)";

/// What became of an attempt, in one line.
pub(crate) fn became(attempt: &Attempt) -> String {
    match attempt.known_operation().filter(|operation| !operation.is_put_events()) {
        Some(operation) => format!("{operation}: {}", answered(attempt)),
        None => answered(attempt),
    }
}

fn answered(attempt: &Attempt) -> String {
    let delivery = attempt.delivery();
    let mut parts = match attempt.story() {
        Story::Unseen if attempt.is_put_events() => return format!("{}{INJECTED}, nothing accepted", delivery.end),
        Story::Unseen => return format!("{}{INJECTED}", delivery.end),
        Story::Refused { error, by: Refuser::Service } => vec![error.to_string()],
        Story::Refused { error, by: Refuser::Fault } => vec![format!("{error}{INJECTED}")],
        Story::Answered { outcomes, answer } => {
            let mut parts = became_of_entries(outcomes);
            match answer {
                Answer::Truth => {}
                Answer::Error(error) => parts.push(format!("but answered {error}{INJECTED}")),
                Answer::Malformed(how) => parts.push(format!("but answered with {how}{INJECTED}")),
            }
            parts
        }
        Story::Other { malformed: None } => vec!["answered".to_owned()],
        Story::Other { malformed: Some(how) } => vec![format!("answered with {how}{INJECTED}")],
    };
    parts.extend((!delivery.delay.is_zero()).then(|| format!("{:?} late{INJECTED}", delivery.delay)));
    parts.extend((delivery.end != End::Whole).then(|| format!("then {}{INJECTED}", delivery.end)));
    let is_alone = attempt.ended().is_some_and(|ended| !ended.was_answered);
    parts.extend((delivery.end == End::Whole && is_alone).then(|| "but its client had gone".to_owned()));
    parts.join(", ")
}

fn became_of_entries(outcomes: &[Outcome]) -> Vec<String> {
    let mut failures: Vec<(&str, bool, Vec<usize>)> = Vec::new();
    let mut undelivered = Vec::new();
    for (index, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Accepted { is_delivered, .. } => undelivered.extend((!is_delivered).then_some(index)),
            Outcome::Failed { error, injected } => {
                match failures.iter_mut().find(|(code, by_fault, _)| (*code, *by_fault) == (error.code(), *injected)) {
                    Some((_, _, indices)) => indices.push(index),
                    None => failures.push((error.code(), *injected, vec![index])),
                }
            }
        }
    }
    let failed: usize = failures.iter().map(|(_, _, indices)| indices.len()).sum();
    let accepted = match outcomes.len() - failed {
        0 if failed == 0 => "nothing to accept".to_owned(),
        0 => "none accepted".to_owned(),
        1 if failed == 0 => "accepted".to_owned(),
        _ if failed == 0 => "all accepted".to_owned(),
        some => format!("{some} accepted"),
    };
    let failure = |(code, injected, indices): &(&str, bool, Vec<usize>)| {
        format!("{} {code}{}", list(indices), if *injected { INJECTED } else { "" })
    };
    let undelivered = (!undelivered.is_empty()).then(|| format!("{} delivered nowhere", list(&undelivered)));
    let failures = elided(failures.iter().map(failure).collect(), "more codes");
    failures.into_iter().chain([accepted]).chain(undelivered).collect()
}
