//! What a check found different from what was expected.

use super::{Backoff, Blame, Comparison, Complaint, Excess, Finding, Nonconforming, Rule, TooSmall, Unfired, Untruth};
use crate::journal::{Attempt, Event, Events};
use crate::matcher::EntryMatcher;

/// What a check found different from what was expected.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// The journal has forgotten what would be needed.
    Forgotten,
    /// There was no event to judge.
    NothingToJudge,
    /// The question makes no sense: why.
    BadQuestion(String),
    Events(Comparison),
    OtherOrder {
        published: Events,
        expected: Vec<EntryMatcher>,
        first: usize,
    },
    OtherCount {
        published: Events,
        expected: usize,
    },
    Unwanted {
        unwanted: EntryMatcher,
        events: Vec<Event>,
    },
    Details(Nonconforming),
    Lines {
        rule: Rule,
        blames: Vec<Blame>,
    },
    Backoff {
        wanted: Backoff,
        complaints: Vec<Complaint>,
    },
    Untrue(Vec<Untruth>),
    /// Each with the number of its attempt.
    TooLarge(Vec<(usize, Excess)>),
    TooSmall(Vec<TooSmall>),
    InFlight {
        busiest: Vec<Attempt>,
        limit: usize,
    },
    Problems,
    Lint(Vec<Finding>),
    Unfired(Vec<Unfired>),
    Unmet(Vec<Unmet>),
}

/// An expectation that is not met.
#[derive(Debug, Clone)]
pub(crate) struct Unmet {
    /// Its place in the list.
    pub(crate) index: usize,
    /// Its JSON.
    pub(crate) expectation: String,
    pub(crate) verdict: Verdict,
}
