//! The verdict of a check that failed.

use super::{Backoff, Blame, Comparison, Complaint, Excess, Finding, Nonconforming, Rule, TooSmall, Unfired, Untruth};
use crate::journal::{Attempt, Event, Events};
use crate::matcher::EntryMatcher;

/// The verdict of a check that failed: how what happened differs from what was expected.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// The journal has forgotten attempts that the check needs.
    Forgotten,
    /// There was no event to judge.
    NothingToJudge,
    /// The assertion itself is wrong. Why.
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
    /// Its index in the list.
    pub(crate) index: usize,
    /// Its place in a plan, such as `expect[0]`.
    pub(crate) place: String,
    /// Its JSON.
    pub(crate) expectation: String,
    pub(crate) verdict: Verdict,
}
