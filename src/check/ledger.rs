//! Judges what became of each event.

use std::collections::{BTreeMap, HashMap};

use super::near::{NearlyEqual, nearly_equal};
use crate::json::ByValue;
use crate::ledger::{Again, Difference, Fate, Known, Ledger, Line, Try};
use crate::matcher::detail_at;
use crate::service::ErrorClass;

/// The most lost events of one report for which a nearly equal event is looked for. No report shows more.
pub(super) const MAX_LOST: usize = 6;

/// A rule about each line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It was accepted at least once.
    AtLeastOnce,
    /// It was accepted once, and expected.
    ExactlyOnce,
    /// It was accepted, or the publisher was told that it can never be accepted.
    NoneLost,
    /// It was accepted, or reported as failed. [`Reported`](super::Reported) judges that.
    NoneSilentlyLost,
    /// It was not accepted more than once.
    NoDuplicates,
    /// It was not sent again after the publisher knew that it was accepted.
    OnlyFailedEntriesResent,
    /// It was not sent again after the publisher knew that another try, or another try in the same batch, cannot succeed.
    PermanentErrorsNotRetried,
    /// The publisher did not try it more often than this.
    TriesAtMost(usize),
    /// It was accepted after the events that come before it. [`overtaken`] judges that.
    OrderKept,
    /// It was the same with each try. [`Alike`](super::Alike) judges that.
    TriesAlike,
}

/// A line that breaks a rule.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    pub(crate) line: Line,
    pub(crate) what: What,
    /// A nearly equal event that came later, if the line was lost.
    pub(crate) near: Option<NearlyEqual>,
}

impl Blame {
    pub(super) fn new(line: &Line, what: What) -> Self {
        Self { line: line.clone(), what, near: None }
    }
}

/// How a line breaks a rule.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// What became of the event in the end.
    Fate,
    Unexpected,
    AcceptedAgain,
    Resent(Again),
    /// It was in one request twice.
    Doubled {
        first: Try,
        second: Try,
    },
    TriedTooOften,
    /// Its tries differ; never empty.
    Differs(Vec<Difference>),
    /// It was accepted before another event that should come first.
    Overtook {
        accepted: Try,
        before: Line,
        at: Try,
    },
}

impl Blame {
    /// The numbers of the attempts that broke the rule.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = usize> {
        let tries: Vec<&Try> = match &self.what {
            What::Differs(differences) => differences.iter().map(Difference::later).collect(),
            What::Resent(again) => again.tries.iter().collect(),
            What::Overtook { accepted: one, .. } | What::Doubled { second: one, .. } => vec![one],
            What::Fate | What::Unexpected | What::AcceptedAgain | What::TriedTooOften => {
                self.line.tries().iter().collect()
            }
        };
        tries.into_iter().map(|one| one.attempt().number())
    }
}

impl Rule {
    fn broken_by(self, ledger: &Ledger, line: &Line) -> Option<What> {
        match self {
            Self::AtLeastOnce => (line.times_accepted() == 0).then_some(What::Fate),
            Self::ExactlyOnce => match line.times_accepted() {
                0 => Some(What::Fate),
                1 => ledger.is_unexpected(line).then_some(What::Unexpected),
                _ => Some(What::AcceptedAgain),
            },
            Self::NoneLost => match line.fate() {
                Fate::Accepted | Fate::AnswerLost | Fate::Rejected(_) => None,
                Fate::NeverRetried(_) | Fate::NeverSent => Some(What::Fate),
            },
            Self::NoDuplicates => (line.times_accepted() > 1).then_some(What::AcceptedAgain),
            Self::OnlyFailedEntriesResent => {
                line.resent_after(Try::known_to_be_accepted).map(What::Resent).or_else(|| doubled(line))
            }
            Self::PermanentErrorsNotRetried => line.resent_after(Try::known_to_be_hopeless).map(What::Resent),
            Self::TriesAtMost(tries) => (line.calls().len() > tries).then_some(What::TriedTooOften),
            Self::NoneSilentlyLost | Self::OrderKept | Self::TriesAlike => None,
        }
    }
}

/// Finds an event that was in one request twice. This can only be found with `identify_by`.
fn doubled(line: &Line) -> Option<What> {
    line.tries().windows(2).find_map(|pair| match pair {
        [first, second] if first.attempt().number() == second.attempt().number() => {
            Some(What::Doubled { first: first.clone(), second: second.clone() })
        }
        _ => None,
    })
}

/// The lines that break a rule.
pub(crate) fn judge(ledger: &Ledger, rule: Rule) -> Vec<Blame> {
    let mut again = if rule == Rule::PermanentErrorsNotRetried { same_batch_again(ledger) } else { BTreeMap::new() };
    let blame = |(index, line): (usize, &Line)| {
        let what = rule.broken_by(ledger, line).or_else(|| again.remove(&index).map(What::Resent))?;
        Some(Blame::new(line, what))
    };
    with_near(ledger, ledger.lines().iter().enumerate().filter_map(blame).collect())
}

/// Adds the nearly equal events that came after lost ones.
pub(super) fn with_near(ledger: &Ledger, mut blames: Vec<Blame>) -> Vec<Blame> {
    let lost = blames.iter_mut().filter(|blame| matches!(blame.what, What::Fate));
    for blame in lost.take(MAX_LOST) {
        blame.near = nearly_equal(ledger, &blame.line);
    }
    blames
}

/// The lines of batches that were sent again whole after the publisher knew that the batch cannot be accepted, by the indices of
/// the lines.
fn same_batch_again(ledger: &Ledger) -> BTreeMap<usize, Again> {
    let mut batches: BTreeMap<usize, BTreeMap<usize, &Try>> = BTreeMap::new();
    for (index, line) in ledger.lines().iter().enumerate() {
        for one in line.tries() {
            batches.entry(one.attempt().number()).or_default().insert(index, one);
        }
    }
    let mut found = BTreeMap::new();
    for (number, batch) in &batches {
        let refused =
            batch.values().find_map(|one| Some((one.failure_about(ErrorClass::Batch)?, one.attempt().told_at()?)));
        // If the whole batch came again, its rarest event came again as well.
        let lines = batch.keys().filter_map(|line| ledger.lines().get(*line));
        let rarest = lines.min_by_key(|line| line.tries().len());
        let (Some((failure, since)), Some(rarest)) = (refused, rarest) else { continue };
        let after = rarest.tries().partition_point(|one| one.attempt().number() <= *number);
        let again = rarest.tries().iter().skip(after).filter(|one| one.attempt().at() >= since);
        let mut later = again.filter_map(|one| batches.get(&one.attempt().number()));
        let Some(later) = later.find(|later| batch.keys().all(|line| later.contains_key(line))) else { continue };
        for (line, earlier) in batch {
            let tries: Vec<Try> = later.get(line).map(|one| (*one).clone()).into_iter().collect();
            let known = Known::Batch(failure.clone());
            found.entry(*line).or_insert(Again { earlier: (*earlier).clone(), known, tries });
        }
    }
    found
}

/// The lines that were accepted before others that should come first. With a JSON pointer, only lines with the same value there
/// are compared.
pub(crate) fn overtaken(ledger: &Ledger, pointer: Option<&str>) -> Vec<Blame> {
    // For each key, the line that was accepted last so far.
    let mut last: HashMap<Option<ByValue<'_>>, (&Line, &Try)> = HashMap::new();
    let mut blames = Vec::new();
    for line in ledger.in_wanted_order() {
        let Some(accepted) = line.tries().iter().find(|one| one.is_accepted()) else { continue };
        let key = pointer.and_then(|pointer| detail_at(accepted.entry(), pointer)).map(ByValue);
        let (before, at) = last.entry(key).or_insert((line, accepted));
        if at.place() <= accepted.place() {
            (*before, *at) = (line, accepted);
        } else {
            let what = What::Overtook { accepted: accepted.clone(), before: before.clone(), at: at.clone() };
            blames.push(Blame::new(line, what));
        }
    }
    blames
}
