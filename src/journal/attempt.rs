//! An attempt: one HTTP request that the mock received, with its reply.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use super::bounded::Memory;
use super::story::Story;
use crate::fault::{Cut, Decided, Delivery, End, FaultId, Reply};
use crate::service::{
    self, Body, CredentialScope, Entry, ErrorClass, Head, Operation, Outcome, RequestError, RequestHead,
};

/// One HTTP request that the mock received, with its entries, their outcomes and the reply. A clone costs a reference count.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Engine, Ids, Now};
/// use putevents_mock::{EntryError, Fault};
///
/// # let mut engine = Engine::new();
/// engine.inject(Fault::entry(EntryError::throttling()).at_index(1).times(1));
/// # let entry = r#"{"Source":"shop","DetailType":"OrderPlaced","Detail":"{}"}"#;
/// # let request = http::Request::post("/")
/// #     .header("content-type", "application/x-amz-json-1.1")
/// #     .header("x-amz-target", "AWSEvents.PutEvents")
/// #     .body(format!(r#"{{"Entries":[{entry},{entry}]}}"#).into())
/// #     .unwrap();
/// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # let journal = engine.journal();
/// // The publisher sends two entries in one request. The second one fails.
/// let attempt = &journal.attempts()[0];
/// assert_eq!(attempt.number(), 1);
/// assert_eq!(attempt.operation(), Some("PutEvents"));
/// assert_eq!(attempt.entries()[0].source(), Some("shop"));
/// assert!(attempt.outcomes()[0].event_id().is_some());
/// assert_eq!(attempt.outcomes()[1].error().unwrap().code(), "ThrottlingException");
/// assert_eq!(attempt.reply().unwrap().status(), 200);
/// ```
#[derive(Debug, Clone)]
pub struct Attempt {
    received: Arc<Received>,
    ended: Option<Ended>,
}

/// A request and what became of it.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) number: usize,
    pub(crate) at: Duration,
    pub(crate) date: SystemTime,
    pub(crate) head: Head,
    pub(crate) body: Body,
    pub(crate) entries: Vec<Entry>,
    pub(crate) story: Story,
    /// The faults that decided about it.
    pub(crate) faults: Vec<Decided>,
    pub(crate) reply: Reply,
}

/// When and how the exchange ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) at: Duration,
    /// Whether the client was still connected when the answer was ready.
    pub(crate) was_answered: bool,
}

impl Attempt {
    pub(crate) fn new(received: Received, ended: Option<Ended>) -> Self {
        Self { received: Arc::new(received), ended }
    }

    /// Returns the number of the attempt. A mock counts its requests from 1.
    pub fn number(&self) -> usize {
        self.received.number
    }

    /// Returns when the request was received in full, counted from the start of the mock.
    pub fn at(&self) -> Duration {
        self.received.at
    }

    /// Returns when the attempt ended, counted from the start of the mock: the answer was handed to the connection, or the
    /// connection was gone. `None` while the attempt is in flight.
    pub fn ended_at(&self) -> Option<Duration> {
        self.ended.map(|ended| ended.at)
    }

    /// Returns the address and port of the client. Two attempts with the same ones came on the same connection. `None` if there
    /// was no socket.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.received.head.peer
    }

    /// Returns the HTTP method.
    pub fn method(&self) -> &str {
        self.received.head.method.as_str()
    }

    /// Returns the path of the request, without its query.
    pub fn path(&self) -> &str {
        self.received.head.uri().path()
    }

    /// Returns the headers as they were sent, without secrets: the values of `x-amz-security-token` and `proxy-authorization` are
    /// `(removed)`. [`Engine::shorten_keys`](crate::Engine::shorten_keys) shortens access key ids as well.
    pub fn headers(&self) -> &HeaderMap {
        let Received { head, body, .. } = &*self.received;
        head.headers(|bytes| body.growth().grow(bytes))
    }

    /// Returns the value of a header: `attempt.header("amz-sdk-invocation-id")`. The case of the name does not matter. `None` if
    /// the header is absent or its value is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.received.head.header(name)
    }

    /// Returns the name of the operation, such as `PutEvents` or `ListRules`. `None` if the request has no `X-Amz-Target`.
    pub fn operation(&self) -> Option<&str> {
        self.header("x-amz-target").map(|target| target.rsplit_once('.').map_or(target, |(_, operation)| operation))
    }

    /// The operation, if EventBridge has it.
    pub(crate) fn known_operation(&self) -> Option<Operation> {
        Operation::of(&self.received.head)
    }

    pub(crate) fn is_put_events(&self) -> bool {
        self.known_operation() == Some(Operation::PUT_EVENTS)
    }

    /// Returns who signed the request, and for which region and service. `None` if it is not signed.
    pub fn credential_scope(&self) -> Option<CredentialScope<'_>> {
        service::credential_scope(&self.received.head)
    }

    /// Whether the signature stands in the query.
    pub(crate) fn is_presigned(&self) -> bool {
        service::is_presigned(&self.received.head)
    }

    /// Returns the `User-Agent` header.
    pub fn user_agent(&self) -> Option<&str> {
        self.header("user-agent")
    }

    /// Returns the `amz-sdk-invocation-id` header. It is the same for all tries that an AWS SDK makes within one call.
    pub fn sdk_invocation_id(&self) -> Option<&str> {
        service::sdk_call(&self.received.head)
    }

    /// Returns which try of an AWS SDK's call this is, counted from 1: 2 for `attempt=2` in the `amz-sdk-request` header.
    pub fn sdk_attempt(&self) -> Option<usize> {
        let request = self.header("amz-sdk-request")?;
        request.split(';').find_map(|part| part.trim().strip_prefix("attempt="))?.parse().ok()
    }

    /// Returns the body as it was sent. A compressed body is still compressed. Empty if the server did not keep the body, because
    /// it was larger than the mock takes, alone or together with others that were being received.
    pub fn body(&self) -> &[u8] {
        self.received.body.bytes()
    }

    /// Returns the entries of the request. Empty if the request could not be read. The mock refuses a request with more than
    /// 10,000 entries; of such a request these are the first 10,000.
    pub fn entries(&self) -> &[Entry] {
        &self.received.entries
    }

    /// Returns the outcome of each entry, in the order of the entries. Empty if the whole request was refused, or if a fault kept
    /// the service from seeing it.
    pub fn outcomes(&self) -> &[Outcome] {
        self.received.story.outcomes()
    }

    /// Returns the error that was answered for the whole request. If there are outcomes as well, a fault replaced the true answer
    /// by this error.
    pub fn error(&self) -> Option<&RequestError> {
        self.received.story.error()
    }

    /// Returns the answer, with what became of it on its way. `None` if a fault kept the service from seeing the request, so that
    /// there was no answer.
    pub fn reply(&self) -> Option<&Reply> {
        (self.received.story != Story::Unseen).then_some(&self.received.reply)
    }

    /// Returns the faults that decided about this request and its entries, each as a sentence.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.received.faults.iter().map(|fault| &*fault.sentence)
    }

    /// Returns the ids of these [faults](Self::faults), in the same order.
    /// [`Engine::inject`](crate::Engine::inject) and `FaultHandle::id` return the same ids.
    pub fn fault_ids(&self) -> impl Iterator<Item = FaultId> {
        self.received.faults.iter().map(|fault| fault.id)
    }

    /// Returns whether the publisher was told what became of its entries: the reply was true and was delivered whole.
    pub fn is_told(&self) -> bool {
        let is_whole = match self.delivery().end {
            End::Whole => true,
            End::Closed(cut) | End::Reset(cut) => cut == Cut::End,
            End::Stalled(_) | End::Garbage(_) => false,
        };
        let is_sent = self.ended.map_or(self.delivery().hold.is_none(), |ended| ended.was_answered);
        self.received.story.is_told_truly() && is_whole && is_sent
    }

    /// The earliest time when the publisher was told; `None` if it was not.
    pub(crate) fn told_at(&self) -> Option<Duration> {
        let delay = self.delivery().delay;
        self.is_told().then(|| self.ended_at().unwrap_or_else(|| self.at().saturating_add(delay)))
    }

    /// When the publisher was told that the entry at `index` was accepted, if it was.
    pub(crate) fn accepted_and_told_at(&self, index: usize) -> Option<Duration> {
        self.told_at().filter(|_| self.outcomes().get(index).is_some_and(Outcome::is_accepted))
    }

    /// When the publisher was told that another try of the entry at `index` cannot succeed, if it was.
    pub(crate) fn hopeless_and_told_at(&self, index: usize) -> Option<Duration> {
        self.told_at().filter(|_| self.class_told(index) == Some(ErrorClass::Entry))
    }

    /// The class of the error that the publisher was told for the entry at `index`.
    pub(crate) fn class_told(&self, index: usize) -> Option<ErrorClass> {
        if !self.is_told() {
            return None;
        }
        match (self.outcomes().get(index).and_then(Outcome::error), self.error()) {
            (Some(error), _) => Some(error.class()),
            (None, Some(error)) => Some(error.class_for(index, self.entries().len())),
            (None, None) => None,
        }
    }

    /// The bytes that it keeps alive, roughly.
    pub(crate) fn memory(&self) -> usize {
        Memory::memory(self) + self.received.body.growth().bytes()
    }

    pub(crate) fn received(&self) -> &Received {
        &self.received
    }

    pub(crate) fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Ends the attempt. Returns whether it was in flight until now.
    pub(super) fn end(&mut self, ended: Ended) -> bool {
        let was_in_flight = self.ended.is_none();
        self.ended.get_or_insert(ended);
        was_in_flight
    }

    pub(crate) fn story(&self) -> &Story {
        &self.received.story
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        self.received.reply.delivery()
    }
}

impl Memory for Attempt {
    fn memory(&self) -> usize {
        let Received { head, body, entries, story, faults, reply, .. } = &*self.received;
        let inside: usize = entries.iter().map(Entry::memory).sum();
        let lists = entries.capacity() * size_of::<Entry>() + faults.capacity() * size_of::<Decided>();
        let answer = story.memory() + reply.memory();
        size_of::<Received>() + head.memory() + body.memory() + lists + inside + answer
    }

    fn tell(&self, grown: &Arc<AtomicUsize>) {
        self.received.body.growth().tell(grown);
    }

    fn tell_nobody(&self) {
        self.received.body.growth().tell_nobody();
    }
}
