//! What must not become of an event.

use std::collections::{BTreeMap, HashMap};

use super::near::{NearlyEqual, nearly_equal};
use crate::json::ByValue;
use crate::ledger::{Again, Difference, Fate, Known, Ledger, Line, Try};
use crate::matcher::detail_at;
use crate::service::ErrorClass;

/// For how many lost events of one report a nearly equal one is looked for: no report tells of more.
pub(super) const MAX_LOST: usize = 6;

/// A rule about each line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It was accepted, once or more often.
    AtLeastOnce,
    /// It was accepted once, and expected.
    ExactlyOnce,
    /// It was accepted, or the publisher was told that it never could be.
    NoneLost,
    /// It was accepted, or reported as failed. [`Reported`](super::Reported) judges that.
    NoneSilentlyLost,
    /// It was not accepted more than once.
    NoDuplicates,
    /// It was not sent again after the publisher knew that it was accepted.
    OnlyFailedEntriesResent,
    /// It was not sent again after the publisher knew that no other try can help, alone or in the same batch.
    PermanentErrorsNotRetried,
    /// The publisher did not try it more often than this.
    TriesAtMost(usize),
    /// It was accepted after those that come before it. [`overtaken`] judges that.
    OrderKept,
    /// It was the same with each try. [`Alike`](super::Alike) judges that.
    TriesAlike,
}

/// A line that breaks a rule.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    pub(crate) line: Line,
    pub(crate) what: What,
    /// The nearly equal event that came after it, where it was not tried again.
    pub(crate) near: Option<NearlyEqual>,
}

impl Blame {
    pub(super) fn new(line: &Line, what: What) -> Self {
        Self { line: line.clone(), what, near: None }
    }
}

/// What there is against a line.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// What became of it in the end.
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
    /// It was accepted before another one that should come first.
    Overtook {
        accepted: Try,
        before: Line,
        at: Try,
    },
}

impl Blame {
    /// The numbers of the attempts that it is about.
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

/// Where an event was in one request twice: with an id in the detail that is one event, sent once too often.
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

/// The same with the nearly equal events that came after those that were lost.
pub(super) fn with_near(ledger: &Ledger, mut blames: Vec<Blame>) -> Vec<Blame> {
    let lost = blames.iter_mut().filter(|blame| matches!(blame.what, What::Fate));
    for blame in lost.take(MAX_LOST) {
        blame.near = nearly_equal(ledger, &blame.line);
    }
    blames
}

/// The lines of batches that were sent again whole, after the publisher knew that the batch as such cannot pass. By the
/// indices of the lines.
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
        // Where the whole batch came again, so did the one of its events that came the least often.
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

/// The lines that were accepted before others that should come first: among all, or among those that hold the same value
/// at a JSON pointer in their details.
pub(crate) fn overtaken(ledger: &Ledger, pointer: Option<&str>) -> Vec<Blame> {
    // The last one accepted so far of those that must come in order, for each key.
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
