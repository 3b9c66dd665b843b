//! The mock as a `tower::Service` of HTTP requests.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::Body;
use tower_service::Service;

use super::http_body::HttpBody;
use crate::live::Live;
use crate::mock::MockEventBridge;
use crate::service::ProblemCause;
use crate::transport::{Exchange, receive};

impl MockEventBridge {
    /// Returns the mock as a [`tower::Service`](Service) of HTTP requests. A test can call it, nest it in a router of axum, or
    /// serve it with hyper, also on a simulated network. It works for mocks with and without a socket.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use http_body_util::BodyExt;
    /// use putevents_mock::MockEventBridge;
    /// use tower::ServiceExt;
    ///
    /// let eventbridge = MockEventBridge::in_process();
    /// let body = r#"{ "Entries": [{ "Source": "shop", "DetailType": "OrderPlaced", "Detail": "{}" }] }"#;
    /// let request = http::Request::post("/")
    ///     .header("Content-Type", "application/x-amz-json-1.1")
    ///     .header("X-Amz-Target", "AWSEvents.PutEvents")
    /// #   .header("X-Amz-Date", "20261123T000000Z")
    ///     .header("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/events/aws4_request, ...")
    ///     .body(body.to_string())?;
    /// let response = eventbridge.http_service().oneshot(request).await?;
    /// assert_eq!(response.status(), 200);
    /// assert!(response.into_body().collect().await?.to_bytes().starts_with(br#"{"FailedEntryCount":0,"#));
    /// eventbridge.journal().published().assert_count(1);
    /// # Ok(()) }
    /// ```
    ///
    /// Each request counts as a connection of its own. Its extension [`SocketAddr`](std::net::SocketAddr), if it has one, is its
    /// [peer](crate::journal::Attempt::peer) in the journal. A reply counts as delivered when it leaves the service: the mock does
    /// not see what a network behind it loses. To drop the future of a call is to give up, as a client that closes its connection
    /// does. Delays are on tokio's clock.
    ///
    /// Faults of connections apply to the call:
    ///
    /// * If the reply is cut off in its body, the body fails after its bytes.
    /// * If the reply is reset, empty or not HTTP, or the connection is refused, the call returns an error.
    /// * A stall never ends.
    ///
    /// Behind hyper, an error of the body or of the call closes the connection.
    pub fn http_service(&self) -> HttpService {
        HttpService { live: Arc::clone(self.live()) }
    }
}

/// The mock as a [`tower::Service`](Service) of HTTP requests. [`MockEventBridge::http_service`] makes one. Clones call the same
/// mock.
#[derive(Clone)]
pub struct HttpService {
    live: Arc<Live>,
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

impl<B> Service<http::Request<B>> for HttpService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = http::Response<HttpBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let live = Arc::clone(&self.live);
        Box::pin(async move {
            let received = receive(request, live.body_limit(), live.receiving()).await;
            let (request, _) = received.map_err(|error| {
                let error = io::Error::other(error);
                live.report(ProblemCause::body_broken(&error));
                error
            })?;
            answer(live.exchange(request).await)
        })
    }
}

fn answer(exchange: Exchange) -> io::Result<http::Response<HttpBody>> {
    match exchange {
        Exchange::Answer(response) => Ok(response.map(HttpBody::whole)),
        Exchange::Cut(response, error) => Ok(response.map(|body| HttpBody::cut(body, error))),
        Exchange::Broken(error) => Err(error),
    }
}
