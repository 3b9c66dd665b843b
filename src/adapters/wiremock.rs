//! The mock on an existing `wiremock::MockServer`, beside other mocks of that server.
//!
//! A `wiremock::Mock` either answers each request or breaks each connection. So this module mounts two. The matcher of the first
//! asks the engine, and matches if the engine closes the connection. The second gives the reply that the engine made for the first.
//! wiremock asks them one after the other under a lock.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use wiremock::{Match, Mock, MockGuard, MockServer, Request, Respond, ResponseTemplate, Times};

use crate::fault::{Cut, Effect, End, Ending, Fault, Reply, Unseen};
use crate::live::{InFlight, Live};
use crate::mock::MockEventBridge;

/// The priority before the mocks of the test. The engine records each request that reaches it.
const PRIORITY: u8 = 1;

impl MockEventBridge {
    /// Mounts the mock on a wiremock server, for as long as that server lives, also after this handle is dropped. A mock
    /// [in process](Self::in_process) is enough.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use putevents_mock::{EntryError, Fault, MockEventBridge};
    /// use wiremock::MockServer;
    ///
    /// let server = MockServer::start().await;
    /// let eventbridge = MockEventBridge::in_process();
    /// eventbridge.mount_on(&server).await;
    /// eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(0));
    /// // Give `server.uri()` to the program under test.
    /// # }
    /// ```
    ///
    /// The mock takes all requests with an `X-Amz-Target` of EventBridge. It leaves calls of other services (STS, SSM, ...) to the
    /// other mocks of the server, so one endpoint URL can serve all clients of a program. It has wiremock's priority 1: it goes
    /// before the stubs of PutEvents that the server already has, except those of priority 1. [`wiremock`](Self::wiremock) narrows the
    /// requests further.
    ///
    /// Faults of entries, of requests and of replies work as always. Of the faults of connections, only
    /// [`empty_response`](Fault::empty_response) works: any other is refused when it is injected. A wiremock server runs on another
    /// thread, in real time.
    ///
    /// # Panics
    ///
    /// If a fault is in force that a wiremock server cannot perform.
    pub async fn mount_on(&self, server: &MockServer) {
        self.wiremock().mount_on(server).await;
    }

    /// Returns a [`WiremockMount`], to mount the mock for some requests only, with an expectation of wiremock, or for a scope.
    pub fn wiremock(&self) -> WiremockMount {
        let slot = Slot { live: Arc::clone(self.live()), made: Arc::default() };
        WiremockMount { slot, matchers: vec![Arc::new(is_for_eventbridge)], expect: None, name: None }
    }
}

/// A mock that is not yet mounted on a wiremock server, with its matchers and its expectation. [`MockEventBridge::wiremock`] makes
/// one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::MockEventBridge;
/// use wiremock::{MockServer, matchers::header};
///
/// let server = MockServer::start().await;
/// let eventbridge = MockEventBridge::in_process();
/// eventbridge.wiremock().and(header("x-tenant", "a")).expect(0..).named("events of tenant a").mount_on(&server).await;
/// # }
/// ```
#[must_use = "it does nothing until it is mounted"]
pub struct WiremockMount {
    slot: Slot,
    matchers: Vec<Arc<dyn Match>>,
    expect: Option<Times>,
    name: Option<String>,
}

/// A guard that unmounts the mock when it is dropped. wiremock then verifies the expectation of the mount.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::MockEventBridge;
/// use wiremock::MockServer;
///
/// let server = MockServer::start().await;
/// let eventbridge = MockEventBridge::in_process();
/// let guard = eventbridge.wiremock().mount_as_scoped_on(&server).await;
/// // The publisher publishes to `server.uri()` here.
/// drop(guard);
/// # }
/// ```
#[must_use = "the mock is unmounted as soon as this is dropped"]
pub struct WiremockGuard {
    // Verified first, by the order of the fields.
    _answering: MockGuard,
    _closing: MockGuard,
}

impl WiremockMount {
    /// Takes only requests that this matcher of wiremock matches too.
    pub fn and(mut self, matcher: impl Match + 'static) -> Self {
        self.matchers.push(Arc::new(matcher));
        self
    }

    /// Lets wiremock verify that this many requests were answered. A request whose connection a fault closed does not count.
    pub fn expect(mut self, times: impl Into<Times>) -> Self {
        self.expect = Some(times.into());
        self
    }

    /// Sets the name of the mock in the reports of wiremock.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Mounts the mock for as long as the server lives.
    ///
    /// # Panics
    ///
    /// If a fault is in force that a wiremock server cannot perform.
    pub async fn mount_on(self, server: &MockServer) {
        let [closing, answering] = self.mocks();
        closing.mount(server).await;
        answering.mount(server).await;
    }

    /// Mounts the mock until the returned guard is dropped.
    ///
    /// # Panics
    ///
    /// If a fault is in force that a wiremock server cannot perform.
    pub async fn mount_as_scoped_on(self, server: &MockServer) -> WiremockGuard {
        let [closing, answering] = self.mocks();
        let closing = closing.mount_as_scoped(server).await;
        WiremockGuard { _answering: answering.mount_as_scoped(server).await, _closing: closing }
    }

    fn mocks(self) -> [Mock; 2] {
        let Self { slot, matchers, expect, name } = self;
        slot.live.mount(refuses);
        let given = || Mock::given(All(matchers.clone()));
        let closing =
            given().and(slot.clone()).respond_with_err(|_: &Request| io::Error::from(io::ErrorKind::ConnectionReset));
        let mut answering = given().respond_with(slot);
        if let Some(times) = expect {
            answering = answering.expect(times);
        }
        if let Some(name) = name {
            answering = answering.named(name);
        }
        [closing, answering].map(|mock| mock.with_priority(PRIORITY))
    }
}

fn is_for_eventbridge(request: &Request) -> bool {
    request.headers.get("x-amz-target").is_some_and(|target| target.as_bytes().starts_with(b"AWSEvents."))
}

/// Matches if all of these match.
struct All(Vec<Arc<dyn Match>>);

impl Match for All {
    fn matches(&self, request: &Request) -> bool {
        self.0.iter().all(|matcher| matcher.matches(request))
    }
}

/// The place of the reply between the two mocks.
#[derive(Clone)]
struct Slot {
    live: Arc<Live>,
    made: Arc<Mutex<Option<(Reply, InFlight)>>>,
}

/// Matches if the engine closes the connection without a reply.
impl Match for Slot {
    fn matches(&self, request: &Request) -> bool {
        let mut forwarded = http::Request::new(Bytes::copy_from_slice(&request.body));
        *forwarded.method_mut() = request.method.clone();
        *forwarded.headers_mut() = request.headers.clone();
        if let Ok(uri) = request.url.path().parse() {
            *forwarded.uri_mut() = uri;
        }
        let (reply, in_flight) = self.live.handle(forwarded);
        let is_to_close = reply.delivery().end == End::Closed(Cut::Start);
        if !is_to_close {
            *self.made.lock().unwrap_or_else(PoisonError::into_inner) = Some((reply, in_flight));
        }
        is_to_close
    }
}

impl Respond for Slot {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((reply, in_flight)) = made else {
            return ResponseTemplate::new(500); // Unreachable: wiremock matches a request before it asks for a response.
        };
        let delay = reply.delivery().delay;
        in_flight.answered_in(delay);
        let template = ResponseTemplate::from(reply);
        if delay.is_zero() { template } else { template.set_delay(delay) }
    }
}

/// Why a wiremock server cannot perform the fault.
fn refuses(fault: &Fault) -> Option<String> {
    let can_perform = match &fault.effect {
        Effect::BeforeAcceptance(Unseen(end)) | Effect::AfterAcceptance(Ending(end)) => *end == End::Closed(Cut::Start),
        Effect::Listen(_) | Effect::Connect(_) | Effect::HoldRequest(_) | Effect::HoldReply(_) | Effect::Pace(_) => {
            false
        }
        Effect::Request(_) | Effect::Entry(_) | Effect::Delivery(_) | Effect::Reply(_) | Effect::Latency(_) => true,
    };
    (!can_perform).then(|| {
        format!(
            "a wiremock server cannot perform this fault: {fault}. Use the server of MockEventBridge::start(), which can, or \
             Fault::empty_response(), the only fault of connections that wiremock can perform"
        )
    })
}

/// Makes a wiremock response with the status, headers and body of the reply.
///
/// It is for a responder around an [`Engine`](crate::Engine). [`MockEventBridge::mount_on`] needs no responder.
impl From<Reply> for ResponseTemplate {
    fn from(reply: Reply) -> Self {
        let headers = reply.headers().iter();
        headers.fold(Self::new(reply.status()).set_body_bytes(reply.body().to_vec()), |template, (name, value)| {
            template.insert_header(name, value)
        })
    }
}
