//! Where a connection stands. The socket and the service above it both know a part of that, and the other connections ask for
//! it where one of them must go.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::places::{For, Place};
use crate::fault::{Delivery, End};
use crate::live::InFlight;

/// Where a connection stands.
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
    /// When it came there, by the count of its server.
    since: u64,
    /// The client has closed its side. It may still read.
    is_half_closed: bool,
    /// The client does not read what is written.
    is_blocked: bool,
    /// There will be no answer.
    is_silent: bool,
    /// What becomes of the answer that is written next.
    outgoing: Option<Outgoing>,
    /// The attempt whose answer is on its way.
    in_flight: Option<InFlight>,
    place: Option<Place>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing has come yet.
    #[default]
    New,
    /// Between two requests.
    Idle,
    /// The first bytes of a request have come, and not yet all of them.
    Receiving,
    /// A request is there, and its answer has not been given.
    Answering,
    /// The last bytes of an answer are being written.
    Giving,
}

/// An answer on its way, with the length of its body.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub(super) delivery: Delivery,
    pub(super) body: usize,
    /// How long the client may take to read all of it, from its first byte to its last, where that has an end.
    pub(super) time_to_read: Option<Duration>,
}

impl Outgoing {
    /// Whether it is written in another way than HTTP has it.
    pub(super) fn is_spoilt(&self) -> bool {
        self.delivery.end != End::Whole || self.delivery.pace.is_some()
    }
}

/// Why a connection can go where another one needs its place. Those that are named first go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spare {
    /// It is between two requests.
    Idle,
    /// Its request is not complete, or it has sent none.
    HalfSent,
    /// Its client has closed its side, and is most likely gone.
    HalfClosed,
    /// Its client does not read the answer.
    Unread,
}

impl Phase {
    /// At the beginning.
    pub(super) fn new(since: u64) -> Self {
        Self { state: State { since, ..State::default() }.into(), ..Self::default() }
    }

    pub(super) fn is_receiving(&self) -> bool {
        self.state().stage == Stage::Receiving
    }

    /// A request is there, and its answer has not been written.
    pub(super) fn is_answering(&self) -> bool {
        matches!(self.state().stage, Stage::Answering | Stage::Giving)
    }

    /// The socket is asked for a request.
    pub(super) fn request_is_awaited(&self, now: u64) {
        let mut state = self.state();
        if state.stage == Stage::Giving && !state.is_blocked {
            state.go(Stage::Idle, now);
        }
    }

    /// Bytes have come. Returns whether they are the first ones of a request.
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

    /// The answer to the request has this place, until it is given.
    pub(super) fn occupy(&self, place: Place) {
        let before = self.state().place.replace(place);
        drop(before);
    }

    pub(super) fn give_up_place(&self) {
        let place = self.state().place.take();
        drop(place);
    }

    /// This attempt is being answered. It is over at once where its client has gone already.
    pub(super) fn begin(&self, in_flight: InFlight) {
        let mut state = self.state();
        let over = if state.is_half_closed { Some(in_flight) } else { state.in_flight.replace(in_flight) };
        drop(state);
        drop(over);
    }

    /// The answer is held or delayed on purpose.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.load(Relaxed)
    }

    pub(super) fn set_waiting(&self, waiting: bool) {
        self.waiting.store(waiting, Relaxed);
    }

    /// Says what becomes of the next answer.
    pub(super) fn announce(&self, outgoing: Outgoing) {
        self.state().outgoing = Some(outgoing);
    }

    pub(super) fn announced(&self) -> Option<Outgoing> {
        self.state().outgoing.take()
    }

    /// The last bytes of the answer are about to leave, to a client that is still there or is not.
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

    /// Whether the client does not read what is written.
    pub(super) fn set_blocked(&self, is_blocked: bool) {
        self.state().is_blocked = is_blocked;
    }

    /// There will be no answer, on purpose.
    pub(super) fn is_silent(&self) -> bool {
        self.state().is_silent
    }

    pub(super) fn set_silent(&self) {
        self.state().is_silent = true;
    }

    pub(super) fn is_half_closed(&self) -> bool {
        self.state().is_half_closed
    }

    /// The client has closed its side. Whatever is written to it from now on, it was told nothing.
    pub(super) fn half_close(&self) {
        let mut state = self.state();
        state.is_half_closed = true;
        let in_flight = state.in_flight.take();
        drop(state);
        drop(in_flight);
    }

    /// Why the connection can go, and since when it can; `None` where a client waits for an answer. `is_half_closed` says
    /// whether the client has closed its side, where that was not noticed yet.
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

    /// The server is being shut down: nobody waits for the other side any more.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
    }

    /// The client began with a TLS handshake.
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
