//! The mock as a `tower` service, for servers and simulated networks of the test's own.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::Body;
use http_body_util::BodyExt;
use tower_service::Service;

use crate::mock::{Exchange, HttpBody, MockEventBridge, Shared};

impl MockEventBridge {
    /// The mock as a `tower::Service` of HTTP requests, so that it can stand inside axum, behind a server of hyper's, or in
    /// a simulated network. A mock that was made [in process](Self::in_process) is enough for that.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use putevents_mock::MockEventBridge;
    /// use tower::ServiceExt;
    ///
    /// let eventbridge = MockEventBridge::in_process();
    /// let request = http::Request::post("/")
    ///     .header("content-type", "application/x-amz-json-1.1")
    ///     .header("x-amz-target", "AWSEvents.PutEvents")
    ///     .body(Full::<Bytes>::from(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{}"}]}"#))
    ///     .unwrap();
    /// let response = eventbridge.http_service().oneshot(request).await?;
    /// assert_eq!(response.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What a fault does to a connection is an error of the service, or of the body where its beginning was given; a stall
    /// never ends. A `std::net::SocketAddr` among the extensions of a request is kept as its [peer](crate::Attempt::peer).
    /// Each request is a connection of its own.
    pub fn http_service(&self) -> HttpService {
        HttpService(Arc::clone(self.shared()))
    }
}

/// A mock as a `tower::Service`, from [`MockEventBridge::http_service`].
#[derive(Clone)]
pub struct HttpService(Arc<Shared>);

impl std::fmt::Debug for HttpService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

impl<B> Service<http::Request<B>> for HttpService
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = http::Response<HttpBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            // One byte more than the engine takes, for it to see that the body is too large.
            let limit = shared.body_limit().saturating_add(1);
            let body = collect(body, limit).await?;
            match shared.exchange(http::Request::from_parts(head, body)).await {
                Exchange::Answer(response) => Ok(response.map(HttpBody::whole)),
                Exchange::Cut(response, error) => Ok(response.map(|body| HttpBody::cut(body, error))),
                Exchange::Broken(error) => Err(error),
                Exchange::Garbage(bytes) => {
                    let message = format!("{} bytes that are no HTTP came instead of an answer", bytes.len());
                    Err(io::Error::new(io::ErrorKind::InvalidData, message))
                }
            }
        })
    }
}

/// The body up to a limit; what is beyond is not read.
async fn collect<B>(body: B, limit: usize) -> io::Result<Bytes>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = std::pin::pin!(body);
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| io::Error::other(error.into()))?;
        if let Ok(mut data) = frame.into_data() {
            while data.has_remaining() && whole.len() < limit {
                let wanted = data.chunk().len().min(limit - whole.len());
                whole.extend_from_slice(data.chunk().get(..wanted).unwrap_or_default());
                data.advance(wanted);
            }
        }
        if whole.len() >= limit {
            break;
        }
    }
    Ok(whole.into())
}
