//! HTTP/1.1 on a socket, or without one: receive a request, ask the engine, write its reply.

#![warn(clippy::indexing_slicing)]

mod authority;
mod body;
mod clients;
mod connection;
mod departure;
mod exchange;
mod host;
mod listener;
mod lookout;
mod phase;
mod pieces;
mod places;
mod readiness;
mod socket;
mod spoiling;
mod stream;
mod watchdog;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle, JoinSet};

pub(crate) use self::authority::{address, authority, split};
pub(crate) use self::body::receive;
use self::clients::Clients;
pub(crate) use self::exchange::Exchange;
pub(crate) use self::host::{Host, HostAnswer, OneMock, Route};
pub(crate) use self::listener::PortListener;
use crate::live::Listener;
use crate::service::ProblemCause;

/// The bounds of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The number of requests that the mocks answer at once.
    pub(crate) max_connections: usize,
    /// The number of requests that the host itself answers beside them.
    pub(crate) max_of_host: usize,
    pub(crate) receive_timeout: Duration,
}

impl Bounds {
    /// Sets the time in which a request must be received. More than a day counts as a day.
    pub(crate) fn received_within(self, limit: Duration) -> Self {
        Self { receive_timeout: limit.min(Duration::from_secs(24 * 60 * 60)), ..self }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self { max_connections: 512, max_of_host: 0, receive_timeout: Duration::from_secs(30) }
    }
}

/// The pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A running server, in a task. It ends when this is dropped.
pub(crate) struct Running {
    /// Dropping it tells the server and its connections to finish.
    closing: Option<watch::Sender<()>>,
    task: JoinHandle<()>,
    host: Arc<dyn Host>,
}

impl Running {
    /// Stops the server, and waits for its connections.
    pub(crate) async fn stop(mut self) -> Result<(), JoinError> {
        self.closing.take();
        (&mut self.task).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.closing.take();
        self.task.abort(); // Its connections are in a JoinSet of this task, and end with it.
        self.host.close();
    }
}

pub(crate) fn start(host: Arc<dyn Host>, listener: Arc<PortListener>, bounds: Bounds) -> Running {
    let (closing, closed) = watch::channel(());
    Running {
        closing: Some(closing),
        task: tokio::spawn(serve(Accepting { listener, host: Arc::clone(&host), closing: closed }, bounds)),
        host,
    }
}

/// A listener that is closed when the task that accepts from it ends, also if the runtime ends. Otherwise the system would keep
/// accepting connections that no task serves.
struct Accepting {
    listener: Arc<PortListener>,
    host: Arc<dyn Host>,
    closing: watch::Receiver<()>,
}

impl Drop for Accepting {
    fn drop(&mut self) {
        self.listener.close();
        // A server that is stopped was told so before.
        if self.closing.has_changed().is_ok() {
            self.host.lose_server();
        }
    }
}

enum Next {
    Accepted(TcpStream, SocketAddr),
    AcceptFailed(io::Error),
    Ended(Result<(), JoinError>),
    Closing,
}

async fn serve(accepting: Accepting, bounds: Bounds) {
    let (host, listener) = (Arc::clone(&accepting.host), Arc::clone(&accepting.listener));
    let mut closing = accepting.closing.clone();
    let mut connections = JoinSet::new();
    let clients = Clients::new(bounds);
    loop {
        match next(&listener, &mut connections, &mut closing).await {
            Next::Closing => break,
            Next::Ended(result) => report_panic(&*host, result),
            // In practice the process has no file descriptors left.
            Next::AcceptFailed(error) => {
                if !clients.make_room().await {
                    host.was_troubled(ProblemCause::not_accepted(&error));
                    watchdog::pause(ACCEPT_PAUSE).await;
                }
            }
            Next::Accepted(stream, _) if host.front().resets_connection() => drop(stream.set_zero_linger()),
            // All connections are being answered, so this one is closed.
            Next::Accepted(..) if clients.are_all_connected() && !clients.make_room().await => {}
            Next::Accepted(stream, peer) => {
                let mark = listener.post().map(|post| post.mark(&stream));
                let connection = connection::Connection {
                    host: Arc::clone(&host),
                    peer,
                    receive_timeout: bounds.receive_timeout,
                    bounds: (bounds.max_connections, clients.max()),
                    closing: closing.clone(),
                    client: clients.admit(stream),
                };
                connections.spawn(connection.serve(mark));
            }
        }
    }
    drop((accepting, listener));
    while let Some(result) = connections.join_next().await {
        report_panic(&*host, result);
    }
}

async fn next(listener: &PortListener, connections: &mut JoinSet<()>, closing: &mut watch::Receiver<()>) -> Next {
    let mut closed = pin!(closing.changed());
    poll_fn(|cx| {
        if closed.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Next::Closing);
        }
        if let Poll::Ready(Some(result)) = connections.poll_join_next(cx) {
            return Poll::Ready(Next::Ended(result));
        }
        listener.poll_accept(cx).map(|accepted| match accepted {
            Ok((stream, peer)) => Next::Accepted(stream, peer),
            Err(error) => Next::AcceptFailed(error),
        })
    })
    .await
}

fn report_panic(host: &dyn Host, result: Result<(), JoinError>) {
    // A task is cancelled only if its runtime ends.
    if let Some(panic) = result.err().filter(JoinError::is_panic) {
        host.was_troubled(ProblemCause::connection_failed(&panic));
    }
}
