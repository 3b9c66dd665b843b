//! Judges how long a publisher waits before it tries again.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::journal::Attempt;
use crate::ledger::{Ledger, Line};

/// A growing wait may be shorter than the one before by this factor, because the clocks of real tests are not exact.
const TOLERANCE: f64 = 0.9;
/// Jittered waits differ by more than this part of the longest one.
const JITTER: f64 = 0.05;

/// The back-off that a publisher should have: how long it waits before it tries again. An argument of
/// [`Ledger::assert_backoff`](crate::Ledger::assert_backoff). It prints itself as a sentence.
///
/// ```
/// use std::time::Duration;
/// use putevents_mock::expect::Backoff;
///
/// let backoff = Backoff::new().at_least(Duration::from_millis(50)).growing().in_all_at_most(Duration::from_secs(20));
/// assert_eq!(backoff.to_string(), "at least 50ms, growing, in all at most 20s");
/// ```
///
/// A wait lasts from the end of an attempt to the arrival of the next attempt with one of its entries. The waits between the tries
/// that an AWS SDK makes within one call are not judged: a wait lasts from the last try of one call to the first try of the
/// next call.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Backoff {
    pub(crate) at_least: Option<Duration>,
    pub(crate) at_most: Option<Duration>,
    pub(crate) growing: bool,
    pub(crate) jittered: bool,
    pub(crate) in_all_at_most: Option<Duration>,
}

/// A wait between two attempts with the same entry.
#[derive(Debug, Clone)]
pub(crate) struct Wait {
    pub(crate) from: Attempt,
    pub(crate) to: Attempt,
    /// The number of the wait among those of its event, counted from 1.
    retry: usize,
    pub(crate) length: Duration,
}

/// A wait that breaks the back-off. Without a wait, a reason why nothing could be judged.
#[derive(Debug, Clone)]
pub(crate) struct Complaint {
    pub(crate) wait: Option<Wait>,
    pub(crate) wrong: Wrong,
}

/// What is wrong with a wait. Complaints about one wait come in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wrong {
    /// All tries together took this long, since this attempt and index.
    InAll {
        took: Duration,
        since: (usize, usize),
    },
    /// All waits before the same try are alike. Their number.
    LikeAllOthers(usize),
    /// Only the SDK tried again, this number of times.
    NothingTriedAgain {
        by_sdk: usize,
    },
    ShorterThanBefore(Duration),
    TooFewToTellJitter,
    TooLong,
    TooShort,
}

impl Backoff {
    /// Allows any wait, but requires that there is one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires that every wait is at least this long.
    pub fn at_least(mut self, wait: Duration) -> Self {
        self.at_least = Some(wait);
        self
    }

    /// Requires that no wait is longer than this.
    pub fn at_most(mut self, wait: Duration) -> Self {
        self.at_most = Some(wait);
        self
    }

    /// Requires that no wait of an event is shorter than the one before. A wait may be a tenth shorter, because clocks are not
    /// exact. With full jitter any wait can be short, so such waits do not grow: use [`at_most`](Self::at_most) for them.
    pub fn growing(mut self) -> Self {
        self.growing = true;
        self
    }

    /// Requires that the waits of different requests before the same try (the second, the third, ...) differ by more than a
    /// twentieth of the longest wait. It fails unless at least two requests are tried again.
    pub fn jittered(mut self) -> Self {
        self.jittered = true;
        self
    }

    /// Requires that no event takes longer than this from its first try to its last try.
    pub fn in_all_at_most(mut self, time: Duration) -> Self {
        self.in_all_at_most = Some(time);
        self
    }

    /// Finds the waits of a ledger that break the back-off.
    pub(crate) fn complaints(&self, ledger: &Ledger) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut waits: BTreeMap<(usize, usize), Wait> = BTreeMap::new();
        for line in ledger.lines() {
            let of_line = waits_of(line);
            for pair in of_line.windows(2).filter(|_| self.growing) {
                if let [before, after] = pair {
                    if after.length.as_secs_f64() < TOLERANCE * before.length.as_secs_f64() {
                        complaints.push(Complaint::about(after, Wrong::ShorterThanBefore(before.length)));
                    }
                }
            }
            if let (Some(limit), [first, .., last]) = (self.in_all_at_most, line.tries()) {
                let took = last.attempt().at().saturating_sub(first.attempt().at());
                let wrong = || Wrong::InAll { took, since: first.place() };
                complaints.extend(of_line.last().filter(|_| took > limit).map(|wait| Complaint::about(wait, wrong())));
            }
            waits.extend(of_line.into_iter().map(|wait| (wait.place(), wait)));
        }
        for wait in waits.values() {
            if self.at_least.is_some_and(|least| wait.length < least) {
                complaints.push(Complaint::about(wait, Wrong::TooShort));
            }
            if self.at_most.is_some_and(|most| wait.length > most) {
                complaints.push(Complaint::about(wait, Wrong::TooLong));
            }
        }
        if self.jittered {
            complaints.extend(unjittered(waits.values()));
        }
        if waits.is_empty() {
            let by_sdk = ledger.lines().iter().map(|line| line.tries().len() - line.calls().len()).sum();
            complaints.push(Complaint { wait: None, wrong: Wrong::NothingTriedAgain { by_sdk } });
        }
        // Events of one request share their waits. Each wait gets each complaint once.
        let key = |complaint: &Complaint| (complaint.wait.as_ref().map(Wait::place), complaint.wrong.clone());
        complaints.sort_by_key(key);
        complaints.dedup_by_key(|complaint| key(complaint));
        complaints
    }
}

/// `at least 50ms, growing, in all at most 20s`.
impl fmt::Display for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at_least, at_most, growing, jittered, in_all_at_most } = self;
        let parts = [
            at_least.map(|least| format!("at least {least:?}")),
            at_most.map(|most| format!("at most {most:?}")),
            growing.then(|| "growing".to_owned()),
            jittered.then(|| "jittered".to_owned()),
            in_all_at_most.map(|most| format!("in all at most {most:?}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "any time" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

impl Wait {
    /// Whether the earlier attempt had ended before the later one came.
    pub(crate) fn is_between_calls(&self) -> bool {
        self.from.ended_at().is_some_and(|ended| ended <= self.to.at())
    }

    fn place(&self) -> (usize, usize) {
        (self.from.number(), self.to.number())
    }
}

impl Complaint {
    fn about(wait: &Wait, wrong: Wrong) -> Self {
        Self { wait: Some(wait.clone()), wrong }
    }
}

/// The waits from the last try of each call of the publisher to the first try of the next call.
pub(crate) fn waits_of(line: &Line) -> Vec<Wait> {
    let mut waits = Vec::new();
    for (retry, pair) in (1..).zip(line.calls().windows(2)) {
        let [before, after] = pair else { continue };
        let (Some(from), Some(to)) = (before.last(), after.first()) else { continue };
        let (from, to) = (from.attempt().clone(), to.attempt().clone());
        let since = from.ended_at().unwrap_or_else(|| from.at().saturating_add(from.delivery().delay));
        let length = to.at().saturating_sub(since);
        waits.push(Wait { from, to, retry, length });
    }
    waits
}

/// Finds waits before the same try that are all alike.
fn unjittered<'a>(waits: impl Iterator<Item = &'a Wait>) -> Vec<Complaint> {
    let mut by_retry: BTreeMap<usize, Vec<&Wait>> = BTreeMap::new();
    for wait in waits {
        by_retry.entry(wait.retry).or_default().push(wait);
    }
    if !by_retry.is_empty() && by_retry.values().all(|waits| waits.len() < 2) {
        return vec![Complaint { wait: None, wrong: Wrong::TooFewToTellJitter }];
    }
    let mut complaints = Vec::new();
    for waits in by_retry.values() {
        let seconds = || waits.iter().map(|wait| wait.length.as_secs_f64());
        let (shortest, longest) = (seconds().fold(f64::MAX, f64::min), seconds().fold(0.0, f64::max));
        if let ([.., last], true) = (&waits[..], longest - shortest <= JITTER * longest && waits.len() > 1) {
            complaints.push(Complaint::about(last, Wrong::LikeAllOthers(waits.len())));
        }
    }
    complaints
}
