//! The listening socket, which can refuse connections and listen again under the same port.

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;

use super::lookout::{Mark, Post};
use crate::live::Listener;

/// The longest queue of connections that are not accepted yet.
const BACKLOG: u32 = 1_024;

/// A socket on a port of its own.
pub(crate) struct PortListener {
    address: SocketAddr,
    runtime: Handle,
    /// Who tells where nobody accepts.
    post: Option<Arc<Post>>,
    state: Mutex<State>,
}

struct State {
    socket: Socket,
    waiting: Option<Waker>,
}

enum Socket {
    Listening {
        _mark: Option<Mark>,
        listener: TcpListener,
    },
    /// Connections are refused. The socket is bound and never listens: it keeps the port from others.
    Refusing {
        _reserved: Option<TcpSocket>,
    },
    /// The mock is gone.
    Closed,
}

/// It stops listening at once. To close the socket alone is not enough: a process that this one is just starting has a copy of
/// it, until it runs its own program, and the system goes on to take connections for as long.
impl Drop for Socket {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Self::Listening { listener, .. } = self {
            use std::os::fd::AsFd as _;
            let copy = listener.as_fd().try_clone_to_owned();
            // Where a system does not shut down what listens, closing must do.
            let _ = copy.map(|copy| std::net::TcpStream::from(copy).shutdown(std::net::Shutdown::Both));
        }
    }
}

impl PortListener {
    /// Listens there; port 0 is any free one.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        if address.port() != 0 {
            // A socket that shares its port does not notice that another program's does, too.
            drop(std::net::TcpListener::bind(address)?);
        }
        let listener = bind(address)?.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let state = Mutex::new(State { socket: Socket::Listening { _mark: None, listener }, waiting: None });
        Ok(Self { address, runtime: Handle::current(), post: None, state })
    }

    /// The same where it is told, with this place, that its runtime does nothing while clients wait.
    pub(crate) fn watched(mut self, place: &'static Location<'static>) -> Self {
        let post = self.post.insert(Post::new(place));
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Socket::Listening { _mark: mark, listener } = &mut state.socket {
            *mark = Some(post.mark(listener));
        }
        self
    }

    pub(super) fn post(&self) -> Option<&Arc<Post>> {
        self.post.as_ref()
    }

    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        if let Some(post) = &self.post {
            post.turn(cx.waker());
        }
        let mut state = self.state();
        state.waiting = Some(cx.waker().clone());
        match &state.socket {
            Socket::Listening { listener, .. } => listener.poll_accept(cx),
            Socket::Refusing { .. } | Socket::Closed => Poll::Pending,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for PortListener {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn set_open(&self, is_open: bool) -> io::Result<()> {
        let mut state = self.state();
        state.socket = match (&state.socket, is_open) {
            (Socket::Refusing { .. }, true) => {
                let _runtime = self.runtime.enter();
                let listener = bind(self.address)?.listen(BACKLOG)?;
                Socket::Listening { _mark: self.post.as_ref().map(|post| post.mark(&listener)), listener }
            }
            // Where two sockets cannot share a port, it is free for others while connections are refused.
            (Socket::Listening { .. }, false) => Socket::Refusing { _reserved: bind(self.address).ok() },
            (Socket::Listening { .. }, true) | (Socket::Refusing { .. }, false) | (Socket::Closed, _) => return Ok(()),
        };
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
        Ok(())
    }

    /// Also where somebody still holds a handle of one of the mock's faults.
    fn close(&self) {
        self.state().socket = Socket::Closed;
    }
}

/// A socket that can share its port with the next one of this mock. No other mock is ever given the same port: the system
/// shares only ports that are asked for by number.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    {
        socket.set_reuseport(true)?;
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpStream;
    use std::os::fd::AsFd;

    use super::*;
    use pretty_assertions::assert_eq;

    #[tokio::test]
    async fn connections_are_refused_also_where_a_child_process_has_a_copy_of_the_socket() {
        let refusing: fn(&PortListener) = |listener| listener.set_open(false).unwrap();
        for stop in [refusing, |listener| listener.close()] {
            let listener = PortListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
            let copy = match &listener.state().socket {
                Socket::Listening { listener, .. } => listener.as_fd().try_clone_to_owned().unwrap(),
                Socket::Refusing { .. } | Socket::Closed => panic!("it listens"),
            };
            drop(TcpStream::connect(listener.address()).unwrap());
            stop(&listener);
            let refused = TcpStream::connect(listener.address()).map(drop).map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::ConnectionRefused));
            drop(copy);
        }
        // And it listens again.
        let listener = PortListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        for is_open in [false, true, false, true] {
            listener.set_open(is_open).unwrap();
            assert_eq!(TcpStream::connect(listener.address()).is_ok(), is_open);
        }
    }
}
