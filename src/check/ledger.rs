//! What must not become of an event.

use serde_json::Value;

use crate::ledger::{Again, Fate, Ledger, Line, Try};
use crate::matcher::detail_at;

/// A rule about each line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It was accepted, once or more often.
    AtLeastOnce,
    /// It was accepted once, and expected.
    ExactlyOnce,
    /// It was accepted, or the publisher was told that it never could be.
    NoneLost,
    /// It was not accepted more than once.
    NoDuplicates,
    /// It was not sent again after the publisher knew that it was accepted.
    OnlyFailedEntriesResent,
    /// It was not sent again after the publisher knew that no other try can help.
    PermanentErrorsNotRetried,
    /// It was not tried more often than this.
    AttemptsAtMost(usize),
    /// It was accepted after those that come before it. [`overtaken`] judges that.
    OrderKept,
}

/// A line that breaks a rule.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    pub(crate) line: Line,
    pub(crate) what: What,
}

/// What there is against a line.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// What became of it in the end.
    Fate,
    Unexpected,
    AcceptedAgain,
    Resent(Again),
    TriedTooOften,
    /// It was accepted before another one that should come first.
    Overtook {
        accepted: Try,
        before: Line,
        at: Try,
    },
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
            Self::OnlyFailedEntriesResent => line.resent_after(Try::known_to_be_accepted).map(What::Resent),
            Self::PermanentErrorsNotRetried => line.resent_after(Try::known_to_be_hopeless).map(What::Resent),
            Self::AttemptsAtMost(tries) => (line.tries().len() > tries).then_some(What::TriedTooOften),
            Self::OrderKept => None,
        }
    }
}

/// The lines that break a rule.
pub(crate) fn judge(ledger: &Ledger, rule: Rule) -> Vec<Blame> {
    let blame = |line: &Line| rule.broken_by(ledger, line).map(|what| Blame { line: line.clone(), what });
    ledger.lines().iter().filter_map(blame).collect()
}

/// The lines that were accepted before others that should come first: among all, or among those that hold the same value
/// at a JSON pointer in their details.
pub(crate) fn overtaken(ledger: &Ledger, pointer: Option<&str>) -> Vec<Blame> {
    // The last one accepted so far of those that must come in order, for each key.
    let mut last: Vec<(Option<&Value>, &Line, &Try)> = Vec::new();
    let mut blames = Vec::new();
    for line in ledger.in_wanted_order() {
        let Some(accepted) = line.tries().iter().find(|one| one.is_accepted()) else { continue };
        let key = pointer.and_then(|pointer| detail_at(accepted.entry(), pointer));
        match last.iter_mut().find(|(of, ..)| *of == key) {
            None => last.push((key, line, accepted)),
            Some((_, before, at)) if at.place() <= accepted.place() => (*before, *at) = (line, accepted),
            Some((_, before, at)) => {
                let what = What::Overtook { accepted: accepted.clone(), before: before.clone(), at: at.clone() };
                blames.push(Blame { line: line.clone(), what });
            }
        }
    }
    blames
}
