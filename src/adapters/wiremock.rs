//! The mock on an existing `wiremock::MockServer`, beside whatever else is mocked there.
//!
//! A mock of wiremock's either answers or breaks the connection; it cannot choose for each request. So there are two: the
//! first is asked whether this connection is to be closed, for which its matcher asks the engine, and the second gives the
//! answer that the engine made then. wiremock asks them one after the other under a lock.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use wiremock::{Match, Mock, MockGuard, MockServer, Request, Respond, ResponseTemplate, Times};

use crate::fault::{Cut, Effect, End, Ending, Fault, Reply, Unseen};
use crate::live::{InFlight, Live};
use crate::mock::MockEventBridge;

/// Before the mocks of the test: the engine counts whatever it is asked about.
const PRIORITY: u8 = 1;

impl MockEventBridge {
    /// Answers the PutEvents requests that reach this server of wiremock, beside its other mocks. A mock that was made
    /// [in process](Self::in_process) is enough for that.
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
    /// All requests with an `X-Amz-Target` of EventBridge are taken; calls of other services (STS, SSM, ...) are left to
    /// other mocks of the server, so that one endpoint URL can serve all clients of a program. [`wiremock`](Self::wiremock)
    /// narrows it further.
    ///
    /// It is mounted for as long as the server lives, also where this handle is dropped before.
    ///
    /// Faults of entries, of requests and of answers work as always; of connections, only
    /// [`empty_response`](Fault::empty_response) does. wiremock's server runs on a thread of its own and in real time.
    ///
    /// # Panics
    ///
    /// If a fault is in force that wiremock's server cannot perform.
    pub async fn mount_on(&self, server: &MockServer) {
        self.wiremock().mount_on(server).await;
    }

    /// The same for some requests only, or with an expectation of wiremock's:
    /// `eventbridge.wiremock().and(header("x-tenant", "a")).expect(1..).named("events").mount_on(&server)`.
    pub fn wiremock(&self) -> WiremockMount {
        let slot = Slot { live: Arc::clone(self.live()), made: Arc::default() };
        WiremockMount { slot, matchers: vec![Arc::new(is_for_eventbridge)], expect: None, name: None }
    }
}

/// A mock that is about to be mounted on a server of wiremock.
#[must_use = "it does nothing until it is mounted"]
pub struct WiremockMount {
    slot: Slot,
    matchers: Vec<Arc<dyn Match>>,
    expect: Option<Times>,
    name: Option<String>,
}

/// What ends with this: the mock is no longer mounted, and wiremock verifies what it was told to expect.
#[must_use = "the mock is unmounted as soon as this is dropped"]
pub struct WiremockGuard {
    // Verified first, by the order of the fields.
    _answering: MockGuard,
    _closing: MockGuard,
}

impl WiremockMount {
    /// Only requests that match this too.
    pub fn and(mut self, matcher: impl Match + 'static) -> Self {
        self.matchers.push(Arc::new(matcher));
        self
    }

    /// Lets wiremock verify that so many requests were answered. Those whose connection was closed by a fault do not count.
    pub fn expect(mut self, times: impl Into<Times>) -> Self {
        self.expect = Some(times.into());
        self
    }

    /// The name under which wiremock reports on it.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Mounts it for as long as the server lives.
    ///
    /// # Panics
    ///
    /// As [`MockEventBridge::mount_on`].
    pub async fn mount_on(self, server: &MockServer) {
        let [closing, answering] = self.mocks();
        closing.mount(server).await;
        answering.mount(server).await;
    }

    /// Mounts it for as long as what this returns lives.
    ///
    /// # Panics
    ///
    /// As [`MockEventBridge::mount_on`].
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

/// All of these.
struct All(Vec<Arc<dyn Match>>);

impl Match for All {
    fn matches(&self, request: &Request) -> bool {
        self.0.iter().all(|matcher| matcher.matches(request))
    }
}

/// Where the answer waits that was made when the engine was asked.
#[derive(Clone)]
struct Slot {
    live: Arc<Live>,
    made: Arc<Mutex<Option<(Reply, InFlight)>>>,
}

/// Whether the connection is to be closed without an answer.
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
            return ResponseTemplate::new(500); // wiremock has asked for an answer before it matched, which it never does.
        };
        let delay = reply.delivery().delay;
        in_flight.answered_in(delay);
        let template = ResponseTemplate::from(reply);
        if delay.is_zero() { template } else { template.set_delay(delay) }
    }
}

/// Why a server of wiremock cannot do what the fault wants.
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
            "a server of wiremock cannot perform this: {fault}. The server of MockEventBridge::start() can; of all faults \
             of connections wiremock's can only do Fault::empty_response()"
        )
    })
}

/// The reply for wiremock, with the same status, headers and body.
///
/// It is for responders of your own around an [`Engine`](crate::Engine); [`MockEventBridge::mount_on`] does it all.
impl From<Reply> for ResponseTemplate {
    fn from(reply: Reply) -> Self {
        let headers = reply.headers().iter();
        headers.fold(Self::new(reply.status()).set_body_bytes(reply.body().to_vec()), |template, (name, value)| {
            template.insert_header(name, value)
        })
    }
}
