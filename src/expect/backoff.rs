//! How long a publisher waits before it tries again.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::journal::Attempt;
use crate::ledger::{Ledger, Line};
use crate::report;

/// How much shorter than the one before a growing wait may be, for the clocks of real tests are not exact.
const TOLERANCE: f64 = 0.9;
/// How much waits must differ to look jittered, as a part of the longest one.
const JITTER: f64 = 0.05;

/// How a publisher is to wait before it tries again. It prints itself as a sentence.
///
/// ```
/// use std::time::Duration;
/// use putevents_mock::Backoff;
///
/// let backoff = Backoff::new().at_least(Duration::from_millis(50)).growing().in_all_at_most(Duration::from_secs(20));
/// assert_eq!(backoff.to_string(), "at least 50ms, growing, in all at most 20s");
/// ```
///
/// A wait goes from the end of an attempt to the arrival of the next one that has one of its entries again. The tries that
/// an SDK makes on its own count like any others.
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
pub(crate) struct Wait<'a> {
    pub(crate) from: &'a Attempt,
    pub(crate) to: &'a Attempt,
    /// Counts the waits of an event from 1.
    retry: usize,
    pub(crate) length: Duration,
}

/// A wait that is not as it should be.
pub(crate) struct Complaint<'a> {
    pub(crate) wait: Option<Wait<'a>>,
    pub(crate) what: String,
}

impl Backoff {
    /// Any wait at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every wait takes this long or longer.
    pub fn at_least(mut self, wait: Duration) -> Self {
        self.at_least = Some(wait);
        self
    }

    /// No wait takes longer than this.
    pub fn at_most(mut self, wait: Duration) -> Self {
        self.at_most = Some(wait);
        self
    }

    /// Every wait for an event takes as long as the one before or longer; a tenth less is put down to the clock. Waits with
    /// full jitter, of which any can be short, do not grow in this sense: bound them with [`at_most`](Self::at_most).
    pub fn growing(mut self) -> Self {
        self.growing = true;
        self
    }

    /// Waits before the same try (the second, the third, ...) of different requests differ by more than a twentieth of the
    /// longest. It takes two requests that are tried again to tell.
    pub fn jittered(mut self) -> Self {
        self.jittered = true;
        self
    }

    /// From its first try to its last, no event takes longer than this.
    pub fn in_all_at_most(mut self, time: Duration) -> Self {
        self.in_all_at_most = Some(time);
        self
    }

    pub(super) fn complaints<'a>(&self, ledger: &'a Ledger) -> Vec<Complaint<'a>> {
        let mut complaints = Vec::new();
        let mut waits: BTreeMap<(usize, usize), Wait<'a>> = BTreeMap::new();
        for line in ledger.lines() {
            let of_line = waits_of(line);
            for pair in of_line.windows(2).filter(|_| self.growing) {
                if let [before, after] = pair {
                    if after.length.as_secs_f64() < TOLERANCE * before.length.as_secs_f64() {
                        complaints.push(Complaint::about(after, report::shorter_than_before(before.length)));
                    }
                }
            }
            if let (Some(limit), [first, .., last]) = (self.in_all_at_most, line.tries()) {
                let took = last.attempt().at().saturating_sub(first.attempt().at());
                if took > limit {
                    complaints
                        .extend(of_line.last().map(|wait| Complaint::about(wait, report::took_in_all(took, first))));
                }
            }
            waits.extend(of_line.into_iter().map(|wait| ((wait.from.number(), wait.to.number()), wait)));
        }
        for wait in waits.values() {
            if self.at_least.is_some_and(|least| wait.length < least) {
                complaints.push(Complaint::about(wait, "too short".into()));
            }
            if self.at_most.is_some_and(|most| wait.length > most) {
                complaints.push(Complaint::about(wait, "too long".into()));
            }
        }
        if self.jittered {
            complaints.extend(unjittered(waits.values()));
        }
        if waits.is_empty() {
            complaints.push(Complaint { wait: None, what: report::NOTHING_TRIED_AGAIN.into() });
        }
        // Events of one request share their waits, and one complaint about each is enough.
        let place =
            |complaint: &Complaint<'_>| complaint.wait.as_ref().map(|wait| (wait.from.number(), wait.to.number()));
        complaints.sort_by(|one, other| (place(one), &one.what).cmp(&(place(other), &other.what)));
        complaints.dedup_by(|one, other| place(one) == place(other) && one.what == other.what);
        complaints
    }
}

impl<'a> Complaint<'a> {
    fn about(wait: &Wait<'a>, what: String) -> Self {
        Self { wait: Some(Wait { ..*wait }), what }
    }
}

fn waits_of(line: &Line) -> Vec<Wait<'_>> {
    let mut waits = Vec::new();
    for (retry, pair) in (1..).zip(line.tries().windows(2)) {
        if let [from, to] = pair {
            let (from, to) = (from.attempt(), to.attempt());
            let since = from.ended_at().unwrap_or_else(|| from.at().saturating_add(from.delivery().delay));
            waits.push(Wait { from, to, retry, length: to.at().saturating_sub(since) });
        }
    }
    waits
}

/// Waits before the same try that are all alike.
fn unjittered<'a, 'b>(waits: impl Iterator<Item = &'b Wait<'a>>) -> Vec<Complaint<'a>>
where
    'a: 'b,
{
    let mut by_retry: BTreeMap<usize, Vec<&Wait<'a>>> = BTreeMap::new();
    for wait in waits {
        by_retry.entry(wait.retry).or_default().push(wait);
    }
    if !by_retry.is_empty() && by_retry.values().all(|waits| waits.len() < 2) {
        return vec![Complaint { wait: None, what: report::TOO_FEW_TO_TELL_JITTER.into() }];
    }
    let mut complaints = Vec::new();
    for waits in by_retry.values() {
        let seconds = || waits.iter().map(|wait| wait.length.as_secs_f64());
        let (shortest, longest) = (seconds().fold(f64::MAX, f64::min), seconds().fold(0.0, f64::max));
        if let ([.., last], true) = (&waits[..], longest - shortest <= JITTER * longest && waits.len() > 1) {
            complaints.push(Complaint::about(last, report::like_all_others(waits.len())));
        }
    }
    complaints
}
