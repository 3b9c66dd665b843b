//! The AWS SDK for Rust, configured for a mock, and its requests without a socket.

use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;

use super::http_body::HttpBody;
use super::retries::retries;
use crate::live::Live;
use crate::mock::{ACCESS_KEY, MockEventBridge, SECRET};
use crate::service::{own_region, plain_region};
use crate::transport::Exchange;

impl MockEventBridge {
    /// Returns a configuration for any client of the AWS SDK for Rust, with which the client publishes to this mock.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::in_process();
    /// let client = Client::new(&eventbridge.sdk_config());
    /// let entry = PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced").detail("{}").build();
    /// client.put_events().entries(entry).send().await?;
    /// eventbridge.journal().published().assert_count(1);
    /// # Ok(()) }
    /// ```
    ///
    /// The configuration has
    ///
    /// * test credentials,
    /// * a region that no other client has (see below),
    /// * the SDK's default retries; a client that is built without a configuration has none (aws-sdk-rust#1389),
    /// * a time source and a sleep that follow tokio's clock,
    /// * for a mock [in process](Self::in_process), an HTTP client that calls the mock without a socket. For other mocks the SDK
    ///   uses its own HTTP client. That needs a feature of the service crate: `default-https-client`, which is on by default.
    ///
    /// In process, each request counts as a connection of its own, and faults of connections look as in the SDK's own HTTP client.
    /// A reset and a refused connection are I/O errors. An empty reply is a transient error. A stall lasts until a timeout of the
    /// SDK. A reply that is cut off in its body fails while the SDK reads it.
    ///
    /// The SDK has one quota of retries for each region in a process. Many tests in one binary with the same region use the quota
    /// up, and the SDK then retries nothing. So each configuration has a region of its own, such as `us-east-1-mock-7`. The journal
    /// shows the plain region: `us-east-1`, or the one of the [builder](crate::mock::MockEventBridgeBuilder::region). If the
    /// program needs the plain region, set it with `config.into_builder().region(...)`.
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::new(ACCESS_KEY, SECRET, None, None, "putevents-mock");
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(own_region(plain_region(&self.region()))))
            .endpoint_url(self.endpoint_url())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(retries(self.live()))
            .sleep_impl(TokioSleep::new())
            .time_source(MockTime(Arc::downgrade(self.live())));
        if self.live().listener().is_none() {
            config = config.http_client(InProcess { live: Arc::clone(self.live()), read_timeout: None });
        }
        config.build()
    }
}

/// The date of the mock's replies, so that the SDK sees no clock skew.
#[derive(Clone)]
struct MockTime(Weak<Live>);

impl fmt::Debug for MockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MockTime").finish()
    }
}

impl TimeSource for MockTime {
    #[expect(clippy::disallowed_methods, reason = "the date after the mock was dropped")]
    fn now(&self) -> SystemTime {
        self.0.upgrade().map_or_else(SystemTime::now, |live| live.date())
    }
}

/// An HTTP client for the SDK that calls the mock without a socket.
#[derive(Clone)]
struct InProcess {
    live: Arc<Live>,
    read_timeout: Option<Duration>,
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("read_timeout", &self.read_timeout).finish_non_exhaustive()
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { read_timeout: settings.read_timeout(), ..self.clone() })
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { live, read_timeout } = self.clone();
        HttpConnectorFuture::new(async move {
            let exchange = live.exchange(plain(request).await?);
            let exchange = match read_timeout {
                None => exchange.await,
                Some(limit) => tokio::time::timeout(limit, exchange).await.map_err(|_| timed_out(limit))?,
            };
            answer(exchange)
        })
    }
}

async fn plain(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let body = match body.bytes() {
        Some(bytes) => Bytes::copy_from_slice(bytes),
        None => http_body_util::BodyExt::collect(body).await.map_err(ConnectorError::user)?.to_bytes(),
    };
    Ok(http::Request::from_parts(head, body))
}

fn answer(exchange: Exchange) -> Result<HttpResponse, ConnectorError> {
    let response = match exchange {
        Exchange::Answer(response) => response.map(SdkBody::from),
        Exchange::Cut(response, error) => response.map(|body| SdkBody::from_body_1_x(HttpBody::cut(body, error))),
        // The SDK's own client makes the same distinction.
        Exchange::Broken(error) => {
            return Err(match error.kind() {
                io::ErrorKind::UnexpectedEof => ConnectorError::other(error.into(), Some(ErrorKind::TransientError)),
                io::ErrorKind::InvalidData => ConnectorError::other(error.into(), None),
                _ => ConnectorError::io(error.into()),
            });
        }
    };
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}

fn timed_out(limit: Duration) -> ConnectorError {
    ConnectorError::timeout(format!("no answer within the read timeout of {limit:?}").into())
}
