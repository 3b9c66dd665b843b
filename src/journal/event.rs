//! What was published.

use std::fmt;
use std::ops::{Deref, RangeBounds};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Attempt, Journal};
use crate::matcher::{EntryMatcher, with_undecided};
use crate::service::{CredentialScope, Entry, EventId, Outcome, bus_name, envelope, envelope_text};

/// An accepted entry with its id. It dereferences to its [`Entry`].
#[derive(Debug, Clone)]
pub struct Event {
    attempt: Attempt,
    index: usize,
    id: EventId,
}

impl Event {
    /// Those that were published in an attempt.
    pub(crate) fn all_of(attempt: &Attempt) -> impl Iterator<Item = Self> {
        let accepted = attempt.outcomes().iter().enumerate();
        let accepted = accepted.filter_map(|(index, outcome)| Some((index, outcome.event_id()?)));
        accepted.map(|(index, id)| Self { attempt: attempt.clone(), index, id })
    }

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
    /// A [`Value`] cannot hold all that a detail may say: whole numbers beyond 64 bits and decimal fractions are rounded to a
    /// float, one that is too large is the largest float, `1.10` is `1.1`, and half of a surrogate pair is U+FFFD.
    /// [`envelope_text`](Self::envelope_text) has them as they were sent.
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

    /// The same as JSON text in one line, in AWS's order of the members, for a consumer that reads text. The numbers and
    /// texts of the detail stand in it as they were sent: `12345678901234567890123`, `1.10`, `1e400`.
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

    /// The region for which it was signed, and its time.
    fn whence(&self) -> (Option<&str>, SystemTime) {
        let scope = self.attempt.credential_scope();
        (scope.and_then(CredentialScope::region), self.time().unwrap_or(self.attempt.received().date))
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
    journal: Journal,
}

impl Events {
    pub(super) fn of(journal: &Journal) -> Self {
        let events = journal.attempts().iter().flat_map(Event::all_of);
        Self { events: events.collect(), journal: journal.clone() }
    }

    /// The journal that they are from.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Those that a matcher describes.
    ///
    /// # Panics
    ///
    /// If a pattern of the matcher is [undecided](crate::pattern::Undecided) for one of them.
    #[must_use]
    #[track_caller]
    pub fn matching(self, matcher: impl Into<EntryMatcher>) -> Self {
        let matcher = matcher.into();
        let (events, undecided) = with_undecided(|| self.filter(|event| matcher.means(event)));
        undecided.map_or(events, |undecided| panic!("{undecided}"))
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
