//! One connection from its first request to its end.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;

use super::authority::authority;
use super::clients::{Asked, Present};
use super::departure::Departure;
use super::lookout::Mark;
use super::phase::{Outgoing, Phase};
use super::pieces::Pieces;
use super::places::For;
use super::socket::Socket;
use super::{Host, Route, body};
use crate::live::{Live, Share};
use crate::service::{ProblemCause, RequestError};

/// The bound on the request line and the headers together, in bytes, approximately. hyper answers larger ones with HTTP 431.
const MAX_HEAD_SIZE: usize = 64 * 1024;

pub(super) struct Connection {
    pub(super) host: Arc<dyn Host>,
    pub(super) peer: SocketAddr,
    pub(super) receive_timeout: Duration,
    /// The bound on requests that are answered at once, and the bound on connections.
    pub(super) bounds: (usize, usize),
    pub(super) closing: watch::Receiver<()>,
    pub(super) client: Present,
}

/// The end of a connection.
enum Ended {
    Served(hyper::Result<()>),
    /// The client has left, or the server is being shut down.
    Left,
    /// It made room for another connection, which may wait for that.
    MadeRoom(Option<Asked>),
}

impl Connection {
    pub(super) async fn serve(self, mark: Option<Mark>) {
        let asked = self.serve_and_close(mark).await;
        drop(asked);
    }

    /// Serves the connection and closes it. Returns the request to close that the caller answers, if there was one.
    async fn serve_and_close(self, mark: Option<Mark>) -> Option<Asked> {
        let ended = self.serve_until_end(mark).await;
        self.report(&ended);
        match ended {
            Ended::MadeRoom(asked) => asked,
            Ended::Served(_) | Ended::Left => None,
        }
    }

    async fn serve_until_end(&self, mark: Option<Mark>) -> Ended {
        let client = &*self.client;
        let phase = &client.phase;
        // Replies are single small writes. With Nagle's algorithm, delayed acknowledgements would cost 40 ms each.
        let _ = client.stream.set_nodelay(true);
        let socket = Socket::new(self.client.shared(), mark, self.receive_timeout);
        let mut closing = self.closing.clone();
        let service = service_fn(|request| self.answer(request));
        let http = http1::Builder::new()
            .half_close(true)
            .max_buf_size(MAX_HEAD_SIZE)
            .serve_connection(TokioIo::new(socket), service);
        let (mut http, mut closed) = (pin!(http), pin!(closing.changed()));
        let mut departure = Departure::of(&client.stream);
        poll_fn(|cx| {
            client.task_is(cx.waker());
            if !phase.is_closing() && closed.as_mut().poll(cx).is_ready() {
                phase.close();
                http.as_mut().graceful_shutdown();
            }
            if let Poll::Ready(served) = http.as_mut().poll(cx) {
                return Poll::Ready(Ended::Served(served));
            }
            // The shutdown does not wait for a reply that a fault delays.
            if phase.is_closing() && phase.is_waiting() {
                return Poll::Ready(Ended::Left);
            }
            if phase.is_answering() && departure.poll(phase, cx).is_ready() {
                return Poll::Ready(Ended::Left);
            }
            client.must_go().map_or(Poll::Pending, |asked| Poll::Ready(Ended::MadeRoom(asked)))
        })
        .await
    }

    async fn answer(&self, request: http::Request<Incoming>) -> Result<http::Response<Pieces>, hyper::Error> {
        let phase = &self.client.phase;
        let (head, body) = request.into_parts();
        let route = self.host.route(&head);
        let limit = match &route {
            Route::Mock(live) => live.body_limit(),
            Route::Host => self.host.front().body_limit(),
        };
        let request = http::Request::from_parts(head, body);
        let (request, share) = body::receive(request, limit, self.host.front().receiving()).await?;
        phase.request_is_complete(self.client.now());
        let has_no_body_in_answer = request.method() == http::Method::HEAD;
        let (outgoing, answer) = match route {
            Route::Mock(live) => self.answer_as(&live, request, share).await,
            Route::Host => self.answer_as_host(request, share).await,
        };
        let body = if has_no_body_in_answer { 0 } else { answer.body().len() };
        phase.announce(Outgoing { body, ..outgoing });
        Ok(answer.map(Pieces::of))
    }

    async fn answer_as_host(&self, request: http::Request<Bytes>, share: Share) -> (Outgoing, http::Response<Bytes>) {
        let answer = if self.client.occupy(For::Host) {
            wait(&self.client.phase, self.host.answer(request)).await
        } else {
            self.host.refuse()
        };
        drop(share);
        (Outgoing { time_to_read: self.host.time_to_read(), ..Outgoing::default() }, answer)
    }

    async fn answer_as(
        &self,
        live: &Arc<Live>,
        mut request: http::Request<Bytes>,
        share: Share,
    ) -> (Outgoing, http::Response<Bytes>) {
        let phase = &self.client.phase;
        request.extensions_mut().insert(self.peer);
        let (reply, in_flight) = if let Some((error, cause)) = self.refusal(&request) {
            let (reply, in_flight) = live.refuse(request, error, cause);
            (reply.closing(), in_flight)
        } else {
            if let Some(gate) = live.gate_before(&request) {
                wait(phase, gate.pass()).await;
            }
            live.handle(request)
        };
        drop(share); // The journal has the body now, or it was dropped.
        phase.begin(in_flight);
        self.host.was_handled(live, reply.attempt());
        let delivery = reply.delivery().clone();
        if let Some(gate) = &delivery.hold {
            wait(phase, gate.pass()).await;
        }
        if !delivery.delay.is_zero() {
            wait(phase, tokio::time::sleep(delivery.delay)).await;
        }
        (Outgoing { delivery, ..Outgoing::default() }, http::Response::from(reply))
    }

    /// Why a request is refused before the mock sees it. Otherwise the request has a place.
    fn refusal(&self, request: &http::Request<Bytes>) -> Option<(RequestError, ProblemCause)> {
        if let Err(wrong) = authority(request.version(), request.uri(), request.headers()) {
            return Some((RequestError::bad_request(), ProblemCause::wrong_host(&wrong)));
        }
        let has_place = self.client.occupy(For::Mock);
        (!has_place).then(|| (RequestError::service_unavailable(), ProblemCause::one_too_many(self.bounds.0)))
    }

    /// Reports a connection that ended inside a request. A connection may end between requests.
    fn report(&self, ended: &Ended) {
        let phase = &self.client.phase;
        if !phase.is_receiving() || phase.is_closing() {
            return;
        }
        let error = match ended {
            Ended::Served(Err(error)) => error,
            Ended::MadeRoom(_) => return self.host.was_troubled(ProblemCause::made_room(self.bounds.1)),
            Ended::Served(Ok(())) | Ended::Left => return,
        };
        let timed_out = io_error(error).is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
        self.host.was_troubled(if timed_out {
            ProblemCause::half_sent(self.receive_timeout)
        } else if error.is_parse_too_large() {
            ProblemCause::head_too_large(error)
        } else if error.is_parse() && phase.is_tls() {
            ProblemCause::tls()
        } else if error.is_parse() {
            ProblemCause::not_http(error)
        } else {
            ProblemCause::broken(&whole(error))
        });
    }
}

/// Marks the phase as waiting on purpose while a future runs.
async fn wait<T>(phase: &Phase, something: impl Future<Output = T>) -> T {
    phase.set_waiting(true);
    let result = something.await;
    phase.set_waiting(false);
    result
}

fn io_error(error: &hyper::Error) -> Option<&io::Error> {
    causes(error).find_map(<dyn Error>::downcast_ref)
}

/// An error with its causes, which hyper leaves out of its texts.
fn whole(error: &hyper::Error) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes(error: &hyper::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error: &&(dyn Error + 'static)| (*error).source())
}
