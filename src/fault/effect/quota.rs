//! Quotas: requests or entries over a rate are throttled.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Turn;
use crate::json::{Cursor, FormatError, number};

/// A rate that the service grants, as a token bucket that fills at a constant rate. [`Fault::quota`](crate::Fault::quota)
/// throttles what is over it.
///
/// ```
/// use putevents_mock::fault::Quota;
/// use putevents_mock::Fault;
///
/// // 400 entries a second, 400 of them at once. Entries over the quota are throttled one by one.
/// let quota = Fault::quota(Quota::entries_per_second(400.0));
/// // 10 requests a second, 20 of them at once. A request over the quota is throttled.
/// let quota = Fault::quota(Quota::requests_per_second(10.0).burst(20));
/// assert_eq!(quota.to_string(), "ThrottlingException over 10 requests a second (burst 20)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    per_second: f64,
    burst: f64,
    counting: Counting,
    refusing: Refusing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counting {
    Requests,
    Entries,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusing {
    Requests,
    Entries,
}

impl Quota {
    /// Grants this many requests a second. A request over the quota is throttled as a whole, as EventBridge does.
    ///
    /// # Panics
    ///
    /// If the rate is not a number above 0.
    #[track_caller]
    pub fn requests_per_second(rate: f64) -> Self {
        Self::of(rate, Counting::Requests, Refusing::Requests)
    }

    /// Grants this many entries a second. The entries over the quota fail one by one. The other entries are accepted.
    ///
    /// # Panics
    ///
    /// If the rate is not a number above 0.
    #[track_caller]
    pub fn entries_per_second(rate: f64) -> Self {
        Self::of(rate, Counting::Entries, Refusing::Entries)
    }

    /// Throttles a whole request if it has more entries than the quota still allows.
    ///
    /// # Panics
    ///
    /// If the quota counts requests: such a quota refuses whole requests anyway.
    #[must_use]
    #[track_caller]
    pub fn refusing_whole_requests(mut self) -> Self {
        assert!(
            self.counting == Counting::Entries,
            "a quota of requests refuses whole requests anyway: leave refusing_whole_requests out"
        );
        self.refusing = Refusing::Requests;
        self
    }

    /// Sets how many requests or entries may come at once after a pause. The default is the number for one second, and at least
    /// 1.
    ///
    /// # Panics
    ///
    /// If `tokens` is 0: no request would ever pass.
    #[must_use]
    #[track_caller]
    pub fn burst(mut self, tokens: u32) -> Self {
        assert!(tokens > 0, "a quota with a burst of 0 lets nothing pass: write burst(1) or more");
        self.burst = f64::from(tokens);
        self
    }

    #[track_caller]
    fn of(per_second: f64, counting: Counting, refusing: Refusing) -> Self {
        match Self::checked(per_second, counting, refusing) {
            Ok(quota) => quota,
            Err(error) => panic!("{error}"),
        }
    }

    fn checked(per_second: f64, counting: Counting, refusing: Refusing) -> Result<Self, String> {
        if !(per_second > 0.0 && per_second.is_finite()) {
            return Err(format!("a quota of {per_second} a second lets nothing pass: write a rate above 0"));
        }
        Ok(Self { per_second, burst: per_second.max(1.0), counting, refusing })
    }
}

/// The tokens of a quota that is in force.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bucket {
    taken: f64,
    at: Duration,
}

impl Bucket {
    /// Takes all tokens, or none.
    fn take(&mut self, quota: &Quota, tokens: usize, now: Duration) -> bool {
        let refilled = now.saturating_sub(self.at).as_secs_f64() * quota.per_second;
        self.taken = (self.taken - refilled).max(0.0);
        self.at = now.max(self.at);
        #[expect(clippy::cast_precision_loss, reason = "no request has 2^53 entries")]
        let wanted = self.taken + tokens as f64;
        // A request larger than the burst passes a full bucket, or it could never pass.
        let has_passed = wanted <= quota.burst + 1e-9 || self.taken == 0.0;
        if has_passed {
            self.taken = wanted;
        }
        has_passed
    }
}

impl Quota {
    /// Returns whether the quota refuses whole requests instead of single entries.
    pub(super) fn refuses_requests(&self) -> bool {
        self.refusing == Refusing::Requests
    }

    /// Returns whether the quota counts entries instead of requests.
    pub(super) fn counts_entries(&self) -> bool {
        self.counting == Counting::Entries
    }

    /// Returns whether a candidate is over the quota. If it is not, its tokens are taken.
    pub(super) fn is_exceeded(&self, turn: Turn<'_>) -> bool {
        let tokens = if self.counting == Counting::Entries { turn.entries } else { 1 };
        !turn.bucket.take(self, tokens, turn.now)
    }

    pub(super) fn write(&self) -> (&'static str, Value) {
        let name = if self.counting == Counting::Requests { "requestsPerSecond" } else { "entriesPerSecond" };
        let mut members = Map::from_iter([(name.to_owned(), number(self.per_second))]);
        #[expect(clippy::float_cmp, reason = "it is exactly this number if no burst was set")]
        if self.burst != self.per_second.max(1.0) {
            members.insert("burst".into(), number(self.burst));
        }
        if self.counting == Counting::Entries && self.refusing == Refusing::Requests {
            members.insert("refusesWholeRequests".into(), true.into());
        }
        ("quota", members.into())
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.counting == Counting::Requests { "requests" } else { "entries" };
        write!(f, "ThrottlingException over {} {what} a second (burst {})", self.per_second, self.burst)
    }
}

pub(super) fn read_quota(at: &Cursor<'_>) -> Result<Quota, FormatError> {
    at.object_or("{\"requestsPerSecond\": ...} or {\"entriesPerSecond\": ...}")?;
    at.allow(&["requestsPerSecond", "entriesPerSecond", "burst", "refusesWholeRequests"])?;
    let (rate, counting) = match (at.get("requestsPerSecond"), at.get("entriesPerSecond")) {
        (Some(rate), None) => (rate, Counting::Requests),
        (None, Some(rate)) => (rate, Counting::Entries),
        _ => return Err(at.error("a quota counts one thing: write either requestsPerSecond or entriesPerSecond")),
    };
    let whole = at.get("refusesWholeRequests").map(|whole| whole.yes()).transpose()?.is_some();
    let refusing = if whole || counting == Counting::Requests { Refusing::Requests } else { Refusing::Entries };
    let quota = rate.check(Quota::checked(rate.number()?, counting, refusing))?;
    match at.get("burst") {
        None => Ok(quota),
        Some(burst) => match burst.whole_number::<u32>()? {
            0 => burst.is_wrong("a burst: write 1 or more"),
            tokens => Ok(quota.burst(tokens)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_bucket_fills_at_its_rate_and_never_above_its_burst() {
        let quota = Quota::requests_per_second(10.0).burst(2);
        let mut bucket = Bucket::default();
        assert_eq!([0, 0, 0].map(|ms| bucket.take(&quota, 1, MS(ms))), [true, true, false]);
        assert_eq!([99, 100, 100].map(|ms| bucket.take(&quota, 1, MS(ms))), [false, true, false]);
        assert_eq!([60_000; 3].map(|ms| bucket.take(&quota, 1, MS(ms))), [true, true, false]);
    }

    #[test]
    fn a_batch_larger_than_the_burst_passes_a_full_bucket_only() {
        let quota = Quota::entries_per_second(1.0).burst(5).refusing_whole_requests();
        let mut bucket = Bucket::default();
        assert!(bucket.take(&quota, 10, MS(0)));
        assert!(!bucket.take(&quota, 1, MS(5_000)));
        assert!(bucket.take(&quota, 1, MS(6_000)));
    }
}
