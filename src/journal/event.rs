//! Events: the accepted entries.

use std::fmt;
use std::ops::{Deref, RangeBounds};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Attempt, Journal};
use crate::matcher::{EntryMatcher, with_undecided};
use crate::service::{CredentialScope, Entry, EventId, Outcome, bus_name, envelope, envelope_text};

/// An accepted entry with its EventId. It dereferences to its [`Entry`].
#[derive(Debug, Clone)]
pub struct Event {
    attempt: Attempt,
    index: usize,
    id: EventId,
}

impl Event {
    /// The events of an attempt.
    pub(crate) fn all_of(attempt: &Attempt) -> impl Iterator<Item = Self> {
        let accepted = attempt.outcomes().iter().enumerate();
        let accepted = accepted.filter_map(|(index, outcome)| Some((index, outcome.event_id()?)));
        accepted.map(|(index, id)| Self { attempt: attempt.clone(), index, id })
    }

    /// Returns the EventId, which stands in the answer to the publisher.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// Returns whether a rule on the bus would have seen the event.
    ///
    /// AWS accepts entries for an event bus that does not exist, and delivers them nowhere. The mock does the same if its
    /// [known buses](crate::Engine::known_buses) are named, and where [`Fault::undelivered`](crate::Fault::undelivered) applies.
    pub fn is_delivered(&self) -> bool {
        matches!(self.attempt.outcomes().get(self.index), Some(Outcome::Accepted { is_delivered: true, .. }))
    }

    /// Returns the attempt that published the event.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Returns the event's index among the entries of its attempt, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the JSON that the target of a rule receives for this event. With it, a consumer is tested on what the publisher
    /// really sent.
    ///
    /// * `account` is the mock's [own](crate::Engine::account), `123456789012` by default. No request has it.
    /// * `region` is the mock's [own](crate::Engine::region) if it has one, else the region in the ARN of the bus, else the region
    ///   of the signature, else `us-east-1`.
    /// * `time` is the entry's `Time`, else the time of the call. It has whole seconds (recorded).
    /// * A `detail` that is not JSON is a text. AWS does not accept such a detail.
    ///
    /// A [`Value`] does not hold every detail exactly: integers beyond 64 bits and decimal fractions become the nearest float,
    /// numbers beyond the range become the largest float, `1.10` becomes `1.1`, and half of a surrogate pair becomes U+FFFD.
    /// [`envelope_text`](Self::envelope_text) keeps them as they were sent.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use putevents_mock::engine::{Ids, Now};
    /// # use putevents_mock::Engine;
    /// # let mut engine = Engine::new();
    /// # let request = http::Request::post("/")
    /// #     .header("content-type", "application/x-amz-json-1.1")
    /// #     .header("x-amz-target", "AWSEvents.PutEvents")
    /// #     .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"}]}"#.into())
    /// #     .unwrap();
    /// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
    /// # let journal = engine.journal();
    /// let event = journal.published()[0].envelope();
    /// assert_eq!(event["detail-type"], "OrderPlaced");
    /// assert_eq!(event["detail"]["orderId"], 1);
    /// ```
    pub fn envelope(&self) -> Value {
        let (region, time) = self.whence();
        envelope(self, Some(self.id), region, Some(time))
    }

    /// Returns the [`envelope`](Self::envelope) as JSON text on one line, with its members in AWS's order. Use it for a consumer
    /// that reads text. Numbers and strings of the detail stand in it as they were sent: `12345678901234567890123`, `1.10`,
    /// `1e400`.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use putevents_mock::engine::{Ids, Now};
    /// # use putevents_mock::Engine;
    /// # let mut engine = Engine::new();
    /// # let request = http::Request::post("/")
    /// #     .header("content-type", "application/x-amz-json-1.1")
    /// #     .header("x-amz-target", "AWSEvents.PutEvents")
    /// #     .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"total\": 1.10}"}]}"#.into())
    /// #     .unwrap();
    /// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
    /// # let journal = engine.journal();
    /// assert!(journal.published()[0].envelope_text().ends_with(r#","detail":{"total":1.10}}"#));
    /// ```
    pub fn envelope_text(&self) -> String {
        let (region, time) = self.whence();
        envelope_text(self, self.id, region, time)
    }

    /// The region of the signature, and the event's time.
    fn whence(&self) -> (Option<&str>, SystemTime) {
        let scope = self.attempt.credential_scope();
        (scope.and_then(CredentialScope::region), self.time().unwrap_or(self.attempt.received().date))
    }
}

impl Deref for Event {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        // Each event has an outcome, and each outcome an entry.
        &self.attempt.entries()[self.index]
    }
}

/// Published events, in the order in which they were accepted. It dereferences to a slice of [`Event`].
///
/// The filters can be combined:
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
    journal: Journal,
}

impl Events {
    pub(super) fn of(journal: &Journal) -> Self {
        let events = journal.attempts().iter().flat_map(Event::all_of);
        Self { events: events.collect(), journal: journal.clone() }
    }

    /// The journal that the events are from.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Returns the events that the matcher matches.
    ///
    /// # Panics
    ///
    /// If an event pattern of the matcher is [undecided](crate::pattern::Undecided) for one of the events.
    #[must_use]
    #[track_caller]
    pub fn matching(&self, matcher: impl Into<EntryMatcher>) -> Self {
        let matcher = matcher.into();
        let (events, undecided) = with_undecided(|| self.filter(|event| matcher.means(event)));
        undecided.map_or(events, |undecided| panic!("{undecided}"))
    }

    /// Returns the events for this event bus, given by name or by ARN. An event without a bus name is for `default`.
    #[must_use]
    pub fn on_bus(&self, name_or_arn: &str) -> Self {
        let name = bus_name(name_or_arn);
        self.filter(|event| event.event_bus_name() == name)
    }

    /// Returns the events that were accepted in this time: `between(Duration::ZERO..second)`. Times count from the start of the mock.
    #[must_use]
    pub fn between(&self, time: impl RangeBounds<Duration>) -> Self {
        self.filter(|event| time.contains(&event.attempt.at()))
    }

    /// Returns the events for which `wanted` returns true.
    #[must_use]
    pub fn filter(&self, mut wanted: impl FnMut(&Event) -> bool) -> Self {
        let events = self.events.iter().filter(|event| wanted(event)).cloned().collect();
        Self { events, journal: self.journal.clone() }
    }
}

/// The entry as one line: its source, its detail-type and its detail.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
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
