//! HTTP/1.1 on a socket, or without one, as thin as can be: receive a request, ask the engine, write its reply.

#![warn(clippy::indexing_slicing)]

mod body;
mod connection;
mod exchange;
mod host;
mod listener;
mod lookout;
mod pieces;
mod readiness;
mod socket;
mod spoiling;
mod watchdog;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

pub(crate) use self::body::receive;
pub(crate) use self::exchange::Exchange;
pub(crate) use self::host::{Host, HostAnswer, OneMock, Route};
pub(crate) use self::listener::PortListener;
use crate::live::Listener;
use crate::service::ProblemCause;

/// What a server takes before it protects itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) max_connections: usize,
    pub(crate) receive_timeout: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { max_connections: 512, receive_timeout: Duration::from_secs(30) }
    }
}

/// Connections beyond the bound that are told so at the same time; any more are closed without a word.
const MAX_REFUSALS: usize = 64;
/// The pause after a failed accept, which in practice means that there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server in a task of its own. It ends when this is dropped.
pub(crate) struct Running {
    /// Dropping it tells the server and its connections to finish.
    closing: Option<watch::Sender<()>>,
    task: JoinHandle<()>,
    host: Arc<dyn Host>,
}

impl Running {
    /// Finishes in order and waits for everything that was spawned.
    pub(crate) async fn stop(mut self) -> Result<(), JoinError> {
        self.closing.take();
        (&mut self.task).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort(); // Its connections are in a JoinSet of this task and go with it.
        self.host.close();
    }
}

pub(crate) fn start(host: Arc<dyn Host>, listener: Arc<PortListener>, bounds: Bounds) -> Running {
    let (closing, closed) = watch::channel(());
    Running {
        closing: Some(closing),
        task: tokio::spawn(serve(Arc::clone(&host), Accepting(listener), bounds, closed)),
        host,
    }
}

/// A listener that is closed when the task that accepts from it is gone, also where it goes with its runtime. The system would
/// else keep taking connections that nobody serves.
struct Accepting(Arc<PortListener>);

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.close();
    }
}

enum Next {
    Accepted(TcpStream, SocketAddr),
    AcceptFailed(io::Error),
    Ended(Result<(), JoinError>),
    Closing,
}

async fn serve(host: Arc<dyn Host>, listener: Accepting, bounds: Bounds, mut closing: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    let slots = Arc::new(Semaphore::new(bounds.max_connections));
    let refusals = Arc::new(Semaphore::new(MAX_REFUSALS));
    loop {
        match next(&listener.0, &mut connections, &mut closing).await {
            Next::Closing => break,
            Next::Ended(result) => report_panic(&*host, result),
            Next::AcceptFailed(error) => {
                host.was_troubled(ProblemCause::not_accepted(&error));
                watchdog::pause(ACCEPT_PAUSE).await;
            }
            Next::Accepted(stream, _) if host.front().resets_connection() => drop(stream.set_zero_linger()),
            Next::Accepted(stream, peer) => {
                let connection = connection::Connection {
                    host: Arc::clone(&host),
                    peer,
                    bounds,
                    closing: closing.clone(),
                    is_one_too_many: slots.available_permits() == 0,
                };
                let stream = (listener.0.post().map(|post| post.mark(&stream)), stream);
                let slots = if connection.is_one_too_many { &refusals } else { &slots };
                if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
                    connections.spawn(async move {
                        connection.serve(stream).await;
                        drop(slot);
                    });
                }
            }
        }
    }
    drop(listener);
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
    if let Err(panic) = result {
        host.was_troubled(ProblemCause::connection_failed(&panic));
    }
}
