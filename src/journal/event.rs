//! What was published.

use std::fmt;
use std::ops::{Deref, RangeBounds};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Attempt, Journal, Outcome};
use crate::entry::{Entry, bus_name};
use crate::ids::EventId;
use crate::matcher::EntryMatcher;

/// The account of an envelope, which no request tells: the one of AWS's own examples.
const ACCOUNT: &str = "123456789012";
/// The region of an envelope where neither the bus nor the signature names one.
const REGION: &str = "us-east-1";

/// An accepted entry with its id. It dereferences to its [`Entry`].
#[derive(Debug, Clone)]
pub struct Event {
    attempt: Attempt,
    index: usize,
    id: EventId,
}

impl Event {
    /// The `EventId` that the publisher was told.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// Whether a rule on the bus would have seen it. AWS accepts entries for a bus that does not exist and delivers them
    /// nowhere; so does the mock where the known buses are named, and where [`Fault::undelivered`](crate::Fault::undelivered)
    /// says so.
    pub fn is_delivered(&self) -> bool {
        matches!(self.attempt.outcomes().get(self.index), Some(Outcome::Accepted { is_delivered: true, .. }))
    }

    /// The attempt that published it.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Where it stood among the entries of the attempt, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The JSON that the target of a rule receives for this event, so that a consumer can be tested on what the publisher
    /// really sent.
    ///
    /// `account` is `123456789012`, for no request tells it. `region` is that of the bus, where its ARN was given, else that
    /// of the signature, else `us-east-1`. `time` has whole seconds, as it was recorded from AWS; where the publisher gave
    /// none it is that of the call. A detail that is not JSON, which AWS does not accept, is given as text.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use putevents_mock::{Engine, Ids, Now};
    /// # let mut engine = Engine::new();
    /// # let request = http::Request::post("/")
    /// #     .header("content-type", "application/x-amz-json-1.1")
    /// #     .header("x-amz-target", "AWSEvents.PutEvents")
    /// #     .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"}]}"#.into())
    /// #     .unwrap();
    /// # engine.handle(request, Now { since_start: Duration::ZERO, date: SystemTime::UNIX_EPOCH }, &mut Ids::counting());
    /// # let journal = engine.journal();
    /// let event = journal.published()[0].envelope();
    /// assert_eq!(event["detail-type"], "OrderPlaced");
    /// assert_eq!(event["detail"]["orderId"], 1);
    /// ```
    pub fn envelope(&self) -> Value {
        json!({
            "version": "0",
            "id": self.id.to_string(),
            "detail-type": self.detail_type().unwrap_or_default(),
            "source": self.source().unwrap_or_default(),
            "account": ACCOUNT,
            "time": rfc_3339(self.time().unwrap_or(self.attempt.received().date)),
            "region": self.region(),
            "resources": self.resources().collect::<Vec<_>>(),
            "detail": self.detail_json().cloned().unwrap_or_else(|| self.detail().into()),
        })
    }

    fn region(&self) -> &str {
        let of_bus = self.event_bus().split(':').nth(3);
        let of_signature = || self.attempt.credential_scope().and_then(|scope| scope.region());
        of_bus.or_else(of_signature).unwrap_or(REGION)
    }
}

impl Deref for Event {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        // An event is only made for an outcome, and there is one outcome for each entry.
        &self.attempt.entries()[self.index]
    }
}

/// Published events, in the order in which they were accepted. It dereferences to a slice of [`Event`].
///
/// Filters give fewer of them, and can be put one after the other:
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// # use std::time::Duration;
/// use putevents_mock::entry;
///
/// let events = journal.published().on_bus("orders").matching(entry().detail_type("OrderPlaced"));
/// assert!(events.is_empty());
/// ```
#[derive(Clone)]
pub struct Events {
    events: Vec<Event>,
    pub(crate) journal: Journal,
}

impl Events {
    pub(super) fn of(journal: &Journal) -> Self {
        let accepted = |(index, outcome): (usize, &Outcome)| outcome.event_id().map(|id| (index, id));
        let events = journal.attempts().iter().flat_map(|attempt| {
            let accepted = attempt.outcomes().iter().enumerate().filter_map(accepted);
            accepted.map(|(index, id)| Event { attempt: attempt.clone(), index, id })
        });
        Self { events: events.collect(), journal: journal.clone() }
    }

    /// Those that a matcher describes.
    #[must_use]
    pub fn matching(self, matcher: impl Into<EntryMatcher>) -> Self {
        let matcher = matcher.into();
        self.filter(|event| matcher.matches(event))
    }

    /// Those for this event bus, given by name or by ARN; `default` are also those that name none.
    #[must_use]
    pub fn on_bus(self, name_or_arn: &str) -> Self {
        let name = bus_name(name_or_arn);
        self.filter(|event| event.event_bus_name() == name)
    }

    /// Those that were accepted in this time, counted from the start of the mock: `between(Duration::ZERO..second)`.
    #[must_use]
    pub fn between(self, time: impl RangeBounds<Duration>) -> Self {
        self.filter(|event| time.contains(&event.attempt.at()))
    }

    /// Those for which a condition holds.
    #[must_use]
    pub fn filter(mut self, wanted: impl FnMut(&Event) -> bool) -> Self {
        let mut wanted = wanted;
        self.events.retain(|event| wanted(event));
        self
    }
}

impl Deref for Events {
    type Target = [Event];

    fn deref(&self) -> &[Event] {
        &self.events
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.events).finish()
    }
}

impl IntoIterator for Events {
    type Item = Event;
    type IntoIter = std::vec::IntoIter<Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.events.into_iter()
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = &'a Event;
    type IntoIter = std::slice::Iter<'a, Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.events.iter()
    }
}

/// `2026-11-23T00:00:00Z`, in whole seconds.
fn rfc_3339(time: SystemTime) -> String {
    let seconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_secs_f64().ceil() as u64).map_or(i64::MIN, |seconds| -seconds)
        }
    };
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days are counted from 0000-03-01 in cycles of 400 years, so that a leap day is the last one of its year.
    let day = day.saturating_add(719_468);
    let (cycle, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let at = |seconds: i64| {
            let away = Duration::from_secs(seconds.unsigned_abs());
            let epoch = SystemTime::UNIX_EPOCH;
            rfc_3339(if seconds < 0 { epoch - away } else { epoch + away })
        };
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(-1), "1969-12-31T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_767_323_045), "2026-01-02T03:04:05Z");
        assert_eq!(at(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(at(253_402_300_799), "9999-12-31T23:59:59Z");
    }
}
