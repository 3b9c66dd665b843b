//! An exchange without a socket, for adapters with requests and replies as values. A fault of the connection becomes what a client
//! would see of it.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::fault::{Cut, End, Reply};
use crate::live::Live;

/// The result of an exchange, as a client sees it.
#[derive(Debug)]
pub(crate) enum Exchange {
    /// The whole reply.
    Answer(http::Response<Bytes>),
    /// The head of the reply and the beginning of its body, and then this error.
    Cut(http::Response<Bytes>, io::Error),
    /// No reply, a head that is cut off, or (`InvalidData`) bytes that are not HTTP.
    Broken(io::Error),
}

/// The error of a client that has outlived its mock.
const GONE: &str =
    "the mock is gone: it was dropped or shut down before this request; keep it until the publisher is done";

impl Live {
    /// Handles a request, and returns when the reply is due on tokio's clock. It never returns if the reply never comes.
    ///
    /// Each exchange counts as a connection of its own. To drop the future is to give up, as to close a connection is.
    pub(crate) async fn exchange(self: &Arc<Self>, request: http::Request<Bytes>) -> Exchange {
        if self.is_closed() {
            return Exchange::Broken(io::Error::new(io::ErrorKind::ConnectionRefused, GONE));
        }
        if self.refuses_connections() {
            return Exchange::Broken(io::ErrorKind::ConnectionRefused.into());
        }
        let rehearsal = self.rehearsal();
        if rehearsal.is_some_and(|rehearsal| self.requests() >= rehearsal.max_requests) {
            return pending().await;
        }
        if self.resets_connection() {
            return Exchange::Broken(io::ErrorKind::ConnectionReset.into());
        }
        if let Some(gate) = self.gate_before(&request) {
            gate.pass().await;
        }
        let has_no_body_in_answer = request.method() == http::Method::HEAD;
        let (reply, in_flight) = self.handle(request);
        let delivery = reply.delivery().clone();
        if let Some(gate) = &delivery.hold {
            gate.pass().await;
        }
        let body = if has_no_body_in_answer { 0 } else { reply.body().len() };
        let head = length_of_head(&reply);
        let pace = delivery.pace.map_or(Duration::ZERO, |pace| {
            let pieces = (head + body).div_ceil(pace.bytes.max(1));
            pace.every.saturating_mul(u32::try_from(pieces.saturating_sub(1)).unwrap_or(u32::MAX))
        });
        let service_time = rehearsal.map_or(Duration::ZERO, |rehearsal| rehearsal.service_time);
        let wait = delivery.delay.saturating_add(pace).saturating_add(service_time);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let (cut, error) = match delivery.end {
            End::Whole => (Cut::End, io::ErrorKind::UnexpectedEof),
            End::Closed(cut) => (cut, io::ErrorKind::UnexpectedEof),
            End::Reset(cut) => (cut, io::ErrorKind::ConnectionReset),
            End::Stalled(_) => pending().await,
            End::Garbage(bytes) => {
                let error = format!("{} bytes that are not HTTP came instead of a reply", bytes.len());
                return Exchange::Broken(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        };
        in_flight.answered();
        let arrived = cut.offset(head, body);
        let mut response = http::Response::from(reply);
        if has_no_body_in_answer {
            *response.body_mut() = Bytes::new();
        }
        match arrived.checked_sub(head) {
            Some(all) if all == body => Exchange::Answer(response),
            Some(some) => Exchange::Cut(response.map(|body| body.slice(..some)), error.into()),
            None => Exchange::Broken(error.into()),
        }
    }
}

/// The length of the reply's head on the wire, in bytes.
fn length_of_head(reply: &Reply) -> usize {
    let status = http::StatusCode::from_u16(reply.status()).ok().and_then(|status| status.canonical_reason());
    let headers = reply.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    "HTTP/1.1 200 \r\n\r\n".len() + status.map_or(0, str::len) + headers.sum::<usize>()
}
