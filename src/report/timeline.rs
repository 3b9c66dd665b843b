//! The timeline: what was received when, and what became of it.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::{MAX_FINDINGS, MAX_LINES, count, count_entries, elided, list, seconds, table};
use crate::delivery::End;
use crate::journal::{Attempt, Journal, Outcome};
use crate::ledger::{Ledger, Try};
use crate::lint::{LintRule, findings};

/// What was received when, what became of it, which problems there were, and what [`Lint`](crate::Lint) has to say.
impl Display for Journal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        WithLint(&self.ledger()).fmt(f)
    }
}

/// The same for those who have the ledger already.
pub(crate) struct WithLint<'a>(pub(crate) &'a Ledger);

impl Display for WithLint<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(ledger) = self;
        timeline(f, ledger)?;
        // Those two stand elsewhere on the page.
        let is_elsewhere = |rule| [LintRule::AcceptedEntryResent, LintRule::UnknownBus].contains(&rule);
        let lint = findings(ledger).into_iter().filter(|finding| !is_elsewhere(finding.rule()));
        let lint = lint.map(|finding| [format!("#{}", finding.attempt()), finding.message().to_owned()]);
        table(f, "\nlint\n", &lint.collect::<Vec<_>>(), MAX_FINDINGS)
    }
}

/// The same without the lint, for reports that are about it.
pub(super) struct WithoutLint<'a>(pub(super) &'a Journal);

impl Display for WithoutLint<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        timeline(f, &self.0.ledger())
    }
}

fn timeline(f: &mut Formatter<'_>, ledger: &Ledger) -> fmt::Result {
    let journal = &ledger.journal;
    let published = journal.attempts().iter().flat_map(Attempt::outcomes).filter(|outcome| outcome.is_accepted());
    write!(f, "{}, {} published", count(journal.attempts().len(), "attempt"), count(published.count(), "event"))?;
    if let Some(seed) = journal.seed {
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
        let note = notes.get(&attempt.number()).cloned().unwrap_or_default();
        [format!("#{}", attempt.number()), seconds(attempt.at()), entries, became(attempt), note]
    };
    table(f, "", &journal.attempts().iter().map(row).collect::<Vec<_>>(), MAX_LINES)?;
    let problems = journal.problems().iter().map(|problem| {
        let number = problem.attempt().map_or_else(|| "-".to_owned(), |number| format!("#{number}"));
        [number, seconds(problem.at()), problem.message().to_owned()]
    });
    table(f, "\nproblems\n", &problems.collect::<Vec<_>>(), MAX_FINDINGS)
}

/// What to note beside an attempt: the entries in it that the publisher knew to be accepted.
pub(super) fn notes(ledger: &Ledger) -> BTreeMap<usize, String> {
    let mut resent: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for again in ledger.lines().iter().filter_map(|line| line.resent_after(Try::known_to_be_accepted)) {
        let earlier = again.earlier.attempt().number();
        for one in again.tries {
            resent.entry((one.attempt().number(), earlier)).or_default().push(one.index());
        }
    }
    let mut notes: BTreeMap<usize, String> = BTreeMap::new();
    for ((attempt, earlier), mut indices) in resent {
        indices.sort_unstable();
        let note = notes.entry(attempt).or_insert_with(|| "<-".to_owned());
        let comma = if note.len() > 2 { "," } else { "" };
        note.push_str(&format!("{comma} {} accepted in #{earlier} already", list(&indices)));
    }
    notes
}

const INJECTED: &str = " (injected)";

/// What became of an attempt, in one line.
pub(crate) fn became(attempt: &Attempt) -> String {
    let delivery = attempt.delivery();
    if attempt.reply().is_none() {
        return format!("{}{INJECTED}, nothing accepted", delivery.end);
    }
    let mut parts = Vec::new();
    if let (Some(error), true) = (attempt.error(), attempt.outcomes().is_empty()) {
        parts.push(format!("{error}{}", if attempt.was_refused_by_fault() { INJECTED } else { "" }));
    } else {
        parts.extend(became_of_entries(attempt.outcomes()));
        parts.extend(attempt.error().map(|error| format!("but answered {error}{INJECTED}")));
        parts.extend(attempt.malformed().map(|how| format!("but answered with {how}{INJECTED}")));
    }
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
