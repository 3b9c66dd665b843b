//! Where a mock listens, and why it cannot start.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::panic::Location;
use std::sync::Arc;
use std::{fmt, io};

use crate::transport::PortListener;
use crate::words::debug_is_display;

/// The place where a mock listens.
#[derive(Debug, Clone)]
pub(super) enum Listening {
    /// This port of 127.0.0.1. Port 0 is any free port.
    Port(u16),
    /// The listener of the test.
    On(Arc<TcpListener>),
}

impl Listening {
    /// Opens the listener on the runtime of the caller.
    pub(super) fn open(&self) -> Result<PortListener, StartError> {
        let (place, opened) = match self {
            Self::Port(port) => {
                let place =
                    if *port == 0 { "a free port of 127.0.0.1".to_owned() } else { format!("127.0.0.1:{port}") };
                (place, PortListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), *port)))
            }
            Self::On(listener) => ("the given listener".to_owned(), listener.try_clone().and_then(PortListener::on)),
        };
        opened.map_err(|error| StartError(Reason::Listen { place, error: Arc::new(error) }))
    }
}

/// The reason why a mock cannot start. `{}` and `{:?}` print it as the same sentence.
///
/// ```
/// use putevents_mock::MockEventBridge;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let first = MockEventBridge::start().await;
/// let error = MockEventBridge::builder().port(first.address().port()).try_start().await.unwrap_err();
/// assert!(error.is_address_in_use(), "{error}");
/// # });
/// ```
#[derive(Clone)]
pub struct StartError(Reason);

#[derive(Clone)]
enum Reason {
    NoRuntime { method: &'static str, caller: &'static Location<'static> },
    NoThread(String),
    Listen { place: String, error: Arc<io::Error> },
}

impl StartError {
    /// For a method of this name that was called outside of a runtime.
    pub(super) fn no_runtime(method: &'static str, caller: &'static Location<'static>) -> Self {
        Self(Reason::NoRuntime { method, caller })
    }

    /// For the background thread that cannot start.
    pub(super) fn no_thread(why: &str) -> Self {
        Self(Reason::NoThread(why.to_owned()))
    }

    /// Returns whether another socket has the port.
    pub fn is_address_in_use(&self) -> bool {
        matches!(&self.0, Reason::Listen { error, .. } if error.kind() == io::ErrorKind::AddrInUse)
    }

    /// Returns whether the mock was started outside of a tokio runtime.
    pub fn is_no_runtime(&self) -> bool {
        matches!(self.0, Reason::NoRuntime { .. })
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::NoRuntime { method, caller } => write!(
                f,
                "{method}() at {caller} needs a tokio runtime, and there is none: await it in a #[tokio::test], or write \
                 MockEventBridge::start_blocking(), which needs none"
            ),
            Reason::NoThread(why) => write!(f, "the mock cannot start the background thread of its runtime: {why}"),
            Reason::Listen { place, error } => {
                write!(f, "the mock cannot listen on {place}: {error}")?;
                if self.is_address_in_use() {
                    f.write_str("; leave port() out to take a free port, and read it from endpoint_url()")?;
                }
                Ok(())
            }
        }
    }
}

debug_is_display!(StartError, source: |error| match &error.0 {
    Reason::Listen { error, .. } => Some(&**error),
    Reason::NoRuntime { .. } | Reason::NoThread(_) => None,
});
