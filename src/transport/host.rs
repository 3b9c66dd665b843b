//! The host of a server: it says which mock answers a request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;

use crate::live::Live;
use crate::service::ProblemCause;

/// One mock, or several mocks that share a port, with or without an API beside them.
pub(crate) trait Host: Send + Sync + 'static {
    /// The mock for connections without a request.
    fn front(&self) -> Arc<Live>;

    /// Returns who answers a request.
    fn route(&self, head: &Parts) -> Route;

    /// Answers a request to the host itself.
    fn answer(&self, request: http::Request<Bytes>) -> HostAnswer<'_>;

    /// The time in which a client must read an answer of the host, from its first byte to its last.
    fn time_to_read(&self) -> Option<Duration> {
        None
    }

    /// The answer to a request to the host when too many are being answered.
    fn refuse(&self) -> http::Response<Bytes>;

    /// Called after a mock has handled an attempt.
    fn was_handled(&self, _by: &Live, _attempt: usize) {}

    /// Called for a problem of a connection that is not part of an attempt.
    fn was_troubled(&self, cause: ProblemCause) {
        self.front().report(cause);
    }

    /// Called when the server ends with its runtime without being stopped.
    fn lose_server(&self) {
        self.front().lose_server();
    }

    /// Called when the server has ended.
    fn close(&self);
}

pub(crate) type HostAnswer<'a> = Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send + 'a>>;

/// Who answers a request.
pub(crate) enum Route {
    Mock(Arc<Live>),
    /// The host itself.
    Host,
}

/// The host of a server with one mock and nothing else.
pub(crate) struct OneMock(pub(crate) Arc<Live>);

impl Host for OneMock {
    fn front(&self) -> Arc<Live> {
        Arc::clone(&self.0)
    }

    fn route(&self, _: &Parts) -> Route {
        Route::Mock(self.front())
    }

    fn answer(&self, _: http::Request<Bytes>) -> HostAnswer<'_> {
        Box::pin(async { http::Response::default() })
    }

    fn refuse(&self) -> http::Response<Bytes> {
        http::Response::default()
    }

    fn close(&self) {
        self.0.close();
    }
}
