//! One HTTP request that was received, and how it was answered.

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

/// One HTTP request that was received, and how it was answered. Cloning costs a reference count.
#[derive(Debug, Clone)]
pub struct Attempt {
    received: Arc<Received>,
    ended: Option<Ended>,
}

/// A request with what became of it.
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

/// How the exchange was over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) at: Duration,
    /// Whether somebody was still there to be answered.
    pub(crate) was_answered: bool,
}

impl Attempt {
    pub(crate) fn new(received: Received, ended: Option<Ended>) -> Self {
        Self { received: Arc::new(received), ended }
    }

    /// Counts the requests of a mock from 1.
    pub fn number(&self) -> usize {
        self.received.number
    }

    /// When it had been received in full, on the mock's clock: since the mock was started.
    pub fn at(&self) -> Duration {
        self.received.at
    }

    /// When it was over, on the same clock: the answer was handed to the connection, or the connection was gone. `None`
    /// while it is in flight.
    pub fn ended_at(&self) -> Option<Duration> {
        self.ended.map(|ended| ended.at)
    }

    /// The address and port of the other side; the same ones mean the same connection. `None` where there was no socket.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.received.head.peer
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.received.head.method.as_str()
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        self.received.head.uri().path()
    }

    /// The headers as they were sent, but for secrets: `(removed)` stands in the place of `x-amz-security-token` and
    /// `proxy-authorization`. See [`Engine::shorten_keys`](crate::Engine::shorten_keys) for access key ids.
    pub fn headers(&self) -> &HeaderMap {
        let Received { head, body, .. } = &*self.received;
        head.headers(|bytes| body.growth().grow(bytes))
    }

    /// A header by its name in any case, where it is there and is text: `attempt.header("amz-sdk-invocation-id")`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.received.head.header(name)
    }

    /// The operation that was asked for: `PutEvents`, or `ListRules`. `None` where the request has no `X-Amz-Target`.
    pub fn operation(&self) -> Option<&str> {
        self.header("x-amz-target").map(|target| target.rsplit_once('.').map_or(target, |(_, operation)| operation))
    }

    /// The same, where EventBridge has it.
    pub(crate) fn known_operation(&self) -> Option<Operation> {
        Operation::of(&self.received.head)
    }

    pub(crate) fn is_put_events(&self) -> bool {
        self.known_operation() == Some(Operation::PUT_EVENTS)
    }

    /// Whose signature the request carries, and for which region and service; `None` where it is not signed.
    pub fn credential_scope(&self) -> Option<CredentialScope<'_>> {
        service::credential_scope(&self.received.head)
    }

    /// Whether the signature stands in the query.
    pub(crate) fn is_presigned(&self) -> bool {
        service::is_presigned(&self.received.head)
    }

    /// The `User-Agent` header.
    pub fn user_agent(&self) -> Option<&str> {
        self.header("user-agent")
    }

    /// What all tries of one call share that an AWS SDK makes on its own: its `amz-sdk-invocation-id` header.
    pub fn sdk_invocation_id(&self) -> Option<&str> {
        service::sdk_call(&self.received.head)
    }

    /// Which try of the SDK's own this was, counted from 1: `attempt=2` in its `amz-sdk-request` header.
    pub fn sdk_attempt(&self) -> Option<usize> {
        let request = self.header("amz-sdk-request")?;
        request.split(';').find_map(|part| part.trim().strip_prefix("attempt="))?.parse().ok()
    }

    /// The body as it was sent, compressed where it was compressed. Empty where the server did not keep it, because it was larger
    /// than the mock takes or had no room beside others.
    pub fn body(&self) -> &[u8] {
        self.received.body.bytes()
    }

    /// The entries of the request; none where it could not be read. Of a request of more than 10,000 entries, which the mock
    /// refuses, these are the first 10,000.
    pub fn entries(&self) -> &[Entry] {
        &self.received.entries
    }

    /// What became of each entry, in their order; empty where the whole request was refused or never seen.
    pub fn outcomes(&self) -> &[Outcome] {
        self.received.story.outcomes()
    }

    /// The error that was answered for the whole request, if one was. Where there are outcomes all the same, a fault made
    /// it up, and the truth was lost.
    pub fn error(&self) -> Option<&RequestError> {
        self.received.story.error()
    }

    /// The answer, with what became of it on its way; `None` where a fault kept the service from seeing the request, so
    /// that none was made.
    pub fn reply(&self) -> Option<&Reply> {
        (self.received.story != Story::Unseen).then_some(&self.received.reply)
    }

    /// The injected faults that decided about this request and its entries, each as a sentence.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.received.faults.iter().map(|fault| &*fault.sentence)
    }

    /// The same faults by their ids, in the same order: as [`Engine::inject`](crate::Engine::inject) and
    /// `FaultHandle::id` give them.
    pub fn fault_ids(&self) -> impl Iterator<Item = FaultId> {
        self.received.faults.iter().map(|fault| fault.id)
    }

    /// Whether the publisher was told what became of its entries: an answer that says so reached it whole.
    pub fn is_told(&self) -> bool {
        let is_whole = match self.delivery().end {
            End::Whole => true,
            End::Closed(cut) | End::Reset(cut) => cut == Cut::End,
            End::Stalled(_) | End::Garbage(_) => false,
        };
        let is_sent = self.ended.map_or(self.delivery().hold.is_none(), |ended| ended.was_answered);
        self.received.story.is_told_truly() && is_whole && is_sent
    }

    /// When the publisher had been told at the earliest; `None` where it was not.
    pub(crate) fn told_at(&self) -> Option<Duration> {
        let delay = self.delivery().delay;
        self.is_told().then(|| self.ended_at().unwrap_or_else(|| self.at().saturating_add(delay)))
    }

    /// When the publisher had been told, if it was, that one of the entries was accepted.
    pub(crate) fn accepted_and_told_at(&self, index: usize) -> Option<Duration> {
        self.told_at().filter(|_| self.outcomes().get(index).is_some_and(Outcome::is_accepted))
    }

    /// When it had been told, if it was, that no other try of one of the entries can help.
    pub(crate) fn hopeless_and_told_at(&self, index: usize) -> Option<Duration> {
        self.told_at().filter(|_| self.class_told(index) == Some(ErrorClass::Entry))
    }

    /// Whom the error is about that the publisher was told for one of the entries.
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

    /// Returns whether it was in flight until now.
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
