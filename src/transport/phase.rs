//! The phase of a connection. The socket and the service above it each set a part of it. The other connections read it when one of
//! them must close.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::places::{For, Place};
use crate::fault::{Delivery, End};
use crate::live::InFlight;

/// The phase of a connection.
#[derive(Default)]
pub(super) struct Phase {
    closing: AtomicBool,
    waiting: AtomicBool,
    tls: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stage: Stage,
    /// The start of the stage, by the event count of its server.
    since: u64,
    /// Whether the client has closed its side. It may still read.
    is_half_closed: bool,
    /// Whether the client does not read its reply.
    is_blocked: bool,
    /// Whether there is no reply on purpose.
    is_silent: bool,
    /// The delivery of the reply that is written next.
    outgoing: Option<Outgoing>,
    /// The attempt in flight.
    in_flight: Option<InFlight>,
    place: Option<Place>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// No bytes have come yet.
    #[default]
    New,
    /// Between two requests.
    Idle,
    /// A part of a request has come.
    Receiving,
    /// A request is complete, and its reply is not delivered yet.
    Answering,
    /// The last bytes of a reply are being written.
    Giving,
}

/// The delivery of a reply, with the length of its body.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub(super) delivery: Delivery,
    pub(super) body: usize,
    /// The time in which the client must read the reply, from its first byte to its last, if it is bounded.
    pub(super) time_to_read: Option<Duration>,
}

impl Outgoing {
    /// Whether a fault changes how it is written.
    pub(super) fn is_spoilt(&self) -> bool {
        self.delivery.end != End::Whole || self.delivery.pace.is_some()
    }
}

/// Why a connection can be closed for another one. The first reason closes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spare {
    /// It is between two requests.
    Idle,
    /// Its request is not complete, or it has sent none.
    HalfSent,
    /// Its client has closed its side, and has most likely left.
    HalfClosed,
    /// Its client does not read the reply.
    Unread,
}

impl Phase {
    /// The phase of a new connection.
    pub(super) fn new(since: u64) -> Self {
        Self { state: State { since, ..State::default() }.into(), ..Self::default() }
    }

    pub(super) fn is_receiving(&self) -> bool {
        self.state().stage == Stage::Receiving
    }

    /// Whether a request is complete, and its reply is not written yet.
    pub(super) fn is_answering(&self) -> bool {
        matches!(self.state().stage, Stage::Answering | Stage::Giving)
    }

    /// Records that hyper reads the next request.
    pub(super) fn request_is_awaited(&self, now: u64) {
        let mut state = self.state();
        if state.stage == Stage::Giving && !state.is_blocked {
            state.go(Stage::Idle, now);
        }
    }

    /// Records that bytes have come. Returns whether they are the first bytes of a request.
    pub(super) fn request_comes(&self, now: u64) -> bool {
        let mut state = self.state();
        let is_first = matches!(state.stage, Stage::New | Stage::Idle);
        if is_first {
            state.go(Stage::Receiving, now);
        }
        is_first
    }

    pub(super) fn request_is_complete(&self, now: u64) {
        self.state().go(Stage::Answering, now);
    }

    /// Keeps this place until the reply is delivered.
    pub(super) fn occupy(&self, place: Place) {
        let before = self.state().place.replace(place);
        drop(before);
    }

    pub(super) fn give_up_place(&self) {
        let place = self.state().place.take();
        drop(place);
    }

    /// Records the attempt in flight. It ends at once if its client has left already.
    pub(super) fn begin(&self, in_flight: InFlight) {
        let mut state = self.state();
        let over = if state.is_half_closed { Some(in_flight) } else { state.in_flight.replace(in_flight) };
        drop(state);
        drop(over);
    }

    /// Whether a fault holds or delays the reply.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.load(Relaxed)
    }

    pub(super) fn set_waiting(&self, waiting: bool) {
        self.waiting.store(waiting, Relaxed);
    }

    /// Sets the delivery of the next reply.
    pub(super) fn announce(&self, outgoing: Outgoing) {
        self.state().outgoing = Some(outgoing);
    }

    pub(super) fn announced(&self) -> Option<Outgoing> {
        self.state().outgoing.take()
    }

    /// Records that the last bytes of the reply are about to be written: the attempt ends.
    pub(super) fn give(&self, is_client_gone: bool) {
        let mut state = self.state();
        if state.stage == Stage::Answering {
            state.stage = Stage::Giving;
        }
        let (in_flight, place) = (state.in_flight.take(), state.place.take());
        drop(state);
        drop(place);
        match in_flight {
            Some(in_flight) if !is_client_gone => in_flight.answered(),
            other => drop(other),
        }
    }

    /// Sets whether the client does not read its reply.
    pub(super) fn set_blocked(&self, is_blocked: bool) {
        self.state().is_blocked = is_blocked;
    }

    /// Whether there is no reply on purpose.
    pub(super) fn is_silent(&self) -> bool {
        self.state().is_silent
    }

    pub(super) fn set_silent(&self) {
        self.state().is_silent = true;
    }

    pub(super) fn is_half_closed(&self) -> bool {
        self.state().is_half_closed
    }

    /// Records that the client has closed its side. The attempt ends: the client counts as told nothing.
    pub(super) fn half_close(&self) {
        let mut state = self.state();
        state.is_half_closed = true;
        let in_flight = state.in_flight.take();
        drop(state);
        drop(in_flight);
    }

    /// Why the connection can be closed, and since when; `None` if a client waits for a reply. `is_half_closed` says whether the
    /// client has closed its side, in case that was not noticed yet.
    pub(super) fn spare(&self, is_half_closed: impl Fn() -> bool) -> Option<(Spare, u64)> {
        let state = self.state();
        let spare = match state.stage {
            Stage::Idle => Spare::Idle,
            Stage::New | Stage::Receiving => Spare::HalfSent,
            Stage::Answering | Stage::Giving if state.is_half_closed || is_half_closed() => Spare::HalfClosed,
            Stage::Answering | Stage::Giving if state.is_blocked => Spare::Unread,
            Stage::Answering | Stage::Giving => return None,
        };
        Some((spare, state.since))
    }

    pub(super) fn has_place(&self, of: For) -> bool {
        self.state().place.as_ref().is_some_and(|place| place.of == of)
    }

    /// Whether the server is being shut down. It does not wait for clients then.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
    }

    /// Whether the client began with a TLS handshake.
    pub(super) fn is_tls(&self) -> bool {
        self.tls.load(Relaxed)
    }

    pub(super) fn set_tls(&self, is_tls: bool) {
        self.tls.store(is_tls, Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn go(&mut self, stage: Stage, now: u64) {
        (self.stage, self.since) = (stage, now);
    }
}
