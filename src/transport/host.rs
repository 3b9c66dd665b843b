//! Whose requests a server receives.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;

use crate::live::Live;
use crate::service::ProblemCause;

/// One mock, or many that share a port, perhaps with something beside them that is no mock.
pub(crate) trait Host: Send + Sync + 'static {
    /// The mock for connections, as long as there is no request on them.
    fn front(&self) -> Arc<Live>;

    /// Who answers a request.
    fn route(&self, head: &Parts) -> Route;

    /// Answers a request that was routed to the host itself.
    fn answer(&self, request: http::Request<Bytes>) -> HostAnswer<'_>;

    /// How long a client may take to read such an answer, from its first byte to its last.
    fn time_to_read(&self) -> Option<Duration> {
        None
    }

    /// What a request to the host itself is told where too many are being answered.
    fn refuse(&self) -> http::Response<Bytes>;

    /// A mock has answered this attempt.
    fn was_handled(&self, _by: &Live, _attempt: usize) {}

    /// Something went wrong on a connection, and not in a request.
    fn was_troubled(&self, cause: ProblemCause) {
        self.front().report(cause);
    }

    /// The server is gone with its runtime, and nobody has stopped it.
    fn lose_server(&self) {
        self.front().lose_server();
    }

    /// The server is gone.
    fn close(&self);
}

pub(crate) type HostAnswer<'a> = Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send + 'a>>;

/// Who answers a request.
pub(crate) enum Route {
    Mock(Arc<Live>),
    /// The host itself, where it has more than mocks.
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
