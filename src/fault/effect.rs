//! What goes wrong.

use std::time::Duration;

use bytes::Bytes;

use crate::delivery::{Cut, End};
use crate::error::{EntryError, RequestError};
use crate::gate::Gate;
use crate::random;

/// The bytes for [`End::Garbage`] where the test names none: nothing that HTTP knows.
pub(crate) const GARBAGE: Bytes = Bytes::from_static(b"\x15\x03\x01\x00\x02\x02\x16 this is not HTTP\r\n\r\n");

/// What a fault does. Each effect belongs to one step of a request, see [`Step`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Entries fail.
    Entries(Series<EntryError>),
    /// Whole requests fail.
    Requests(Series<RequestError>),
    /// Entries over a rate are throttled, or whole requests.
    Quota(Quota),
    /// Accepted, and delivered nowhere.
    Undelivered,
    /// No connection is accepted.
    RefuseConnections,
    /// A connection is accepted and reset at once.
    ResetOnConnect,
    /// The answer comes to this end. Where it is not `accepted`, the service never sees the request.
    Ending { end: End, accepted: bool },
    /// The entries are accepted, and the client is told that the request failed.
    LostReply(RequestError),
    /// The answer breaks the rules of the service.
    Malformed(MalformedReply),
    /// The answer comes late.
    Latency(Latency),
    /// The answer comes in small pieces.
    Dribble { bytes: usize, every: Duration },
    /// The request, or its answer where it is `accepted`, is held until the test lets it go.
    Hold { gate: Gate, accepted: bool },
}

/// One error for all candidates, or one, or none, for each in turn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Series<T> {
    Always(T),
    InTurn(Vec<Option<T>>),
}

impl<T: Clone> Series<T> {
    /// What the candidate with this index meets.
    pub(crate) fn get(&self, index: usize) -> Option<T> {
        match self {
            Self::Always(error) => Some(error.clone()),
            Self::InTurn(errors) => errors.get(index).cloned().flatten(),
        }
    }

    /// Whether the candidate with this index meets anything.
    pub(crate) fn hits(&self, index: usize) -> bool {
        match self {
            Self::Always(_) => true,
            Self::InTurn(errors) => errors.get(index).is_some_and(Option::is_some),
        }
    }

    /// How many errors there are in it to be met, where that is known.
    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Self::Always(_) => None,
            Self::InTurn(errors) => Some(errors.iter().flatten().count()),
        }
    }
}

/// The places in a request at which faults are consulted, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Listen,
    Connect,
    HoldRequest,
    BeforeAcceptance,
    Request,
    Entry,
    Delivery,
    Reply,
    HoldReply,
    Latency,
    Pace,
    AfterAcceptance,
}

/// What one candidate of a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Listener,
    Connection,
    Request,
    Entry,
}

impl Effect {
    pub(crate) fn step(&self) -> Step {
        match self {
            Self::Entries(_) | Self::Quota(Quota { refusing: Refusing::Entries, .. }) => Step::Entry,
            Self::Requests(_) | Self::Quota(_) => Step::Request,
            Self::Undelivered => Step::Delivery,
            Self::RefuseConnections => Step::Listen,
            Self::ResetOnConnect => Step::Connect,
            Self::Ending { accepted: false, .. } => Step::BeforeAcceptance,
            Self::Ending { accepted: true, .. } => Step::AfterAcceptance,
            Self::LostReply(_) | Self::Malformed(_) => Step::Reply,
            Self::Latency(_) => Step::Latency,
            Self::Dribble { .. } => Step::Pace,
            Self::Hold { accepted: false, .. } => Step::HoldRequest,
            Self::Hold { accepted: true, .. } => Step::HoldReply,
        }
    }

    /// Whether it can befall the answer to a request that was refused. The others need entries that were looked at.
    pub(crate) fn is_about_refusals(&self) -> bool {
        match self {
            Self::LostReply(_) | Self::Malformed(_) => false,
            Self::Ending { end, .. } => *end == End::Closed(Cut::End),
            _ => true,
        }
    }

    pub(crate) fn level(&self) -> Level {
        match self.step() {
            Step::Listen => Level::Listener,
            Step::Connect => Level::Connection,
            Step::Entry | Step::Delivery => Level::Entry,
            _ => Level::Request,
        }
    }
}

/// An answer that the real service never gives: for publishers that trust it too much.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedReply {
    /// The last result is missing.
    FewerResults,
    /// There is one result more than entries.
    MoreResults,
    /// The results come in the opposite order.
    ReorderedResults,
    /// `FailedEntryCount` is this, whatever the results say.
    FailedEntryCount(u64),
    /// The results of accepted entries have no `EventId`.
    NoEventIds,
    /// The results of accepted entries have an `EventId` and an `ErrorCode` as well.
    EventIdsWithErrorCodes,
    /// The body ends in the middle of its JSON, with a `Content-Length` to match.
    BrokenJson,
    /// HTTP 200 without a body. SDKs take it for an answer without failures.
    EmptyBody,
    /// Another `Content-Type`, such as `text/html`.
    ContentType(String),
}

/// How late an answer comes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Latency {
    Fixed(Duration),
    Between(Duration, Duration),
    LogNormal {
        median: Duration,
        sigma: f64,
    },
    /// Pairs of a percentage and the latency that so many percent of the answers stay below, both rising.
    Percentiles(Vec<(f64, Duration)>),
}

/// No answer is later than this, whatever is drawn.
const MAX_LATENCY: Duration = Duration::from_secs(24 * 60 * 60);

impl Latency {
    /// The latency for a random number.
    pub(crate) fn draw(&self, random: u64) -> Duration {
        let unit = random::unit(random);
        let at_most = |latency: &Duration| (*latency).min(MAX_LATENCY);
        match self {
            Self::Fixed(latency) => at_most(latency),
            Self::Between(from, to) => between(at_most(from), at_most(to), unit),
            Self::LogNormal { median, sigma } => {
                // A normally distributed number, by Box and Muller.
                let angle = std::f64::consts::TAU * random::unit(random::mix(random));
                let normal = (-2.0 * (1.0 - unit).ln()).sqrt() * angle.cos();
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                at_most(&Duration::try_from_secs_f64(seconds).unwrap_or(MAX_LATENCY))
            }
            Self::Percentiles(percentiles) => {
                // Linear between two neighbours, from zero at 0 %; beyond the last one it stays there.
                let percent = unit * 100.0;
                let mut below = (0.0, Duration::ZERO);
                for (next, latency) in percentiles {
                    if percent < *next {
                        return between(below.1, at_most(latency), (percent - below.0) / (next - below.0));
                    }
                    below = (*next, at_most(latency));
                }
                below.1
            }
        }
    }
}

fn between(from: Duration, to: Duration, part: f64) -> Duration {
    from + to.saturating_sub(from).mul_f64(part)
}

/// A rate that the service grants: a bucket of tokens that is filled at a constant rate.
///
/// ```
/// use putevents_mock::{Fault, Quota};
///
/// // 400 entries a second, of which 400 may come at once; entries over that are throttled one by one.
/// let quota = Fault::quota(Quota::entries_per_second(400.0));
/// // 10 requests a second, 20 at once; a request over that is throttled.
/// let quota = Fault::quota(Quota::requests_per_second(10.0).burst(20));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    pub(crate) per_second: f64,
    pub(crate) burst: f64,
    pub(crate) counting: Counting,
    pub(crate) refusing: Refusing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    Requests,
    Entries,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusing {
    Requests,
    Entries,
}

impl Quota {
    /// So many requests a second; a request over that is throttled as a whole, as EventBridge does it.
    ///
    /// # Panics
    ///
    /// If the rate is not above 0.
    #[track_caller]
    pub fn requests_per_second(rate: f64) -> Self {
        Self::of(rate, Counting::Requests, Refusing::Requests)
    }

    /// So many entries a second; the entries over that fail one by one, and the others are accepted.
    ///
    /// # Panics
    ///
    /// If the rate is not above 0.
    #[track_caller]
    pub fn entries_per_second(rate: f64) -> Self {
        Self::of(rate, Counting::Entries, Refusing::Entries)
    }

    /// Throttles a whole request where it has more entries than the quota still allows.
    ///
    /// # Panics
    ///
    /// If the quota counts requests: then it does so anyway.
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

    /// How many may come at once, after a time of silence; as many as in one second where it is not set, and at least 1.
    ///
    /// # Panics
    ///
    /// If `tokens` is 0: nothing would ever pass.
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

    pub(crate) fn checked(per_second: f64, counting: Counting, refusing: Refusing) -> Result<Self, String> {
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
    /// Takes tokens, all or none.
    pub(crate) fn take(&mut self, quota: &Quota, tokens: usize, now: Duration) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::combined;
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

    #[test]
    fn latencies_without_end_end_after_a_day() {
        let day = Duration::from_secs(86_400);
        for latency in [
            Latency::Fixed(Duration::MAX),
            Latency::Between(Duration::MAX, Duration::MAX),
            Latency::LogNormal { median: Duration::MAX, sigma: 0.0 },
            Latency::Percentiles(vec![(0.000_1, Duration::MAX)]),
        ] {
            assert_eq!(latency.draw(u64::MAX), day, "{latency:?}");
        }
    }

    fn draws(latency: &Latency) -> Vec<Duration> {
        let mut draws: Vec<_> = (0..10_001).map(|n| latency.draw(combined(&[7, n]))).collect();
        draws.sort();
        draws
    }

    #[test]
    fn latencies_are_distributed_as_their_names_say() {
        let between = draws(&Latency::Between(MS(100), MS(200)));
        assert!(between[0] >= MS(100) && between[10_000] < MS(200));
        assert!(between[5_000].abs_diff(MS(150)) < MS(3));

        let log_normal = draws(&Latency::LogNormal { median: MS(100), sigma: 0.5 });
        assert!(log_normal[5_000].abs_diff(MS(100)) < MS(3), "{:?}", log_normal[5_000]);
        // One standard deviation above the median is a factor of e to the sigma.
        assert!(log_normal[8_413].abs_diff(MS(165)) < MS(6), "{:?}", log_normal[8_413]);

        let percentiles = draws(&Latency::Percentiles(vec![(50.0, MS(10)), (99.0, MS(100)), (100.0, MS(1_000))]));
        assert!(percentiles[5_000].abs_diff(MS(10)) < MS(1), "{:?}", percentiles[5_000]);
        assert!(percentiles[9_900].abs_diff(MS(100)) < MS(60), "{:?}", percentiles[9_900]);
        assert!(percentiles[10_000] <= MS(1_000));
    }
}
