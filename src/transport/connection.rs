//! One connection from its first request to its end.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::lookout::Mark;
use super::pieces::Pieces;
use super::socket::{Phase, Socket};
use super::spoiling::Outgoing;
use super::{Bounds, Host, Route, body};
use crate::live::{Live, Share};
use crate::service::{ProblemCause, RequestError};

/// About the largest request line and headers together, in bytes; hyper answers larger ones with HTTP 431.
const MAX_HEAD_SIZE: usize = 64 * 1024;

pub(super) struct Connection {
    pub(super) host: Arc<dyn Host>,
    pub(super) peer: SocketAddr,
    pub(super) bounds: Bounds,
    pub(super) closing: watch::Receiver<()>,
    pub(super) is_one_too_many: bool,
}

impl Connection {
    pub(super) async fn serve(self, (mark, stream): (Option<Mark>, TcpStream)) {
        // Answers are single small writes; without this a delayed acknowledgement would cost 40 ms each.
        let _ = stream.set_nodelay(true);
        let phase = Arc::new(Phase::default());
        let socket = Socket::new(stream, mark, Arc::clone(&phase), self.bounds.receive_timeout);
        let mut closing = self.closing.clone();
        let served = {
            let service = service_fn(|request| self.answer(request, &phase));
            let http = http1::Builder::new()
                .half_close(true)
                .max_buf_size(MAX_HEAD_SIZE)
                .serve_connection(TokioIo::new(socket), service);
            let (mut http, mut closed) = (pin!(http), pin!(closing.changed()));
            poll_fn(|cx| {
                if !phase.is_closing() && closed.as_mut().poll(cx).is_ready() {
                    phase.close();
                    http.as_mut().graceful_shutdown();
                }
                let served = http.as_mut().poll(cx);
                // Nobody waits for an answer that is late on purpose.
                if phase.is_closing() && phase.is_waiting() { Poll::Ready(Ok(())) } else { served }
            })
            .await
        };
        if let Err(error) = served {
            self.report(&error, &phase);
        }
    }

    async fn answer(
        &self,
        request: http::Request<Incoming>,
        phase: &Phase,
    ) -> Result<http::Response<Pieces>, hyper::Error> {
        let (head, body) = request.into_parts();
        let route = self.host.route(&head);
        let limit = match &route {
            Route::Mock(live) => live.body_limit(),
            Route::Host => self.host.front().body_limit(),
        };
        let request = http::Request::from_parts(head, body);
        let (request, share) = body::receive(request, limit, self.host.front().receiving()).await?;
        phase.request_is_complete();
        match route {
            Route::Mock(live) => Ok(self.answer_as(&live, request, share, phase).await),
            Route::Host => {
                let answer = wait(phase, self.host.answer(request)).await;
                drop(share);
                phase.must_be_read_within(self.host.time_to_read());
                Ok(answer.map(Pieces::of))
            }
        }
    }

    async fn answer_as(
        &self,
        live: &Arc<Live>,
        mut request: http::Request<Bytes>,
        share: Share,
        phase: &Phase,
    ) -> http::Response<Pieces> {
        let has_no_body_in_answer = request.method() == http::Method::HEAD;
        request.extensions_mut().insert(self.peer);
        let (reply, in_flight) = if self.is_one_too_many {
            let cause = ProblemCause::one_too_many(self.bounds.max_connections);
            let (reply, in_flight) = live.refuse(request, RequestError::service_unavailable(), cause);
            (reply.closing(), in_flight)
        } else {
            if let Some(gate) = live.gate_before(&request) {
                wait(phase, gate.pass()).await;
            }
            live.handle(request)
        };
        drop(share); // From now on the journal has the body, or nobody.
        self.host.was_handled(live, reply.attempt());
        let delivery = reply.delivery();
        if let Some(gate) = &delivery.hold {
            wait(phase, gate.pass()).await;
        }
        if !delivery.delay.is_zero() {
            wait(phase, tokio::time::sleep(delivery.delay)).await;
        }
        phase.announce(Outgoing {
            delivery: delivery.clone(),
            body: if has_no_body_in_answer { 0 } else { reply.body().len() },
            in_flight,
        });
        http::Response::from(reply).map(Pieces::of)
    }

    /// A connection may end as it likes between requests; one that ends inside a request is worth knowing of.
    fn report(&self, error: &hyper::Error, phase: &Phase) {
        if !phase.is_receiving() || phase.is_closing() {
            return;
        }
        let timed_out = io_error(error).is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
        self.host.was_troubled(if timed_out {
            ProblemCause::half_sent(self.bounds.receive_timeout)
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

/// Waits for something that is not the client.
async fn wait<T>(phase: &Phase, something: impl Future<Output = T>) -> T {
    phase.set_waiting(true);
    let result = something.await;
    phase.set_waiting(false);
    result
}

fn io_error(error: &hyper::Error) -> Option<&io::Error> {
    causes(error).find_map(<dyn Error>::downcast_ref)
}

/// An error with its causes, which hyper leaves out of its own texts.
fn whole(error: &hyper::Error) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes(error: &hyper::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error: &&(dyn Error + 'static)| (*error).source())
}
