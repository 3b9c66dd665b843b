//! The listener. It can refuse connections, and listen again on the same port.

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;

use super::lookout::{Mark, Post};
use crate::live::Listener;

/// The bound on connections that are not accepted yet.
const BACKLOG: u32 = 1_024;

/// A listener on a port that no other socket has.
pub(crate) struct PortListener {
    address: SocketAddr,
    runtime: Handle,
    /// Reports a runtime that does not accept connections.
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
    /// Connections are refused. The socket is bound and does not listen: it keeps the port from other sockets.
    Refusing {
        reserve: Option<TcpSocket>,
    },
    /// The mock has ended.
    Closed,
}

/// Stops listening at once. To close the socket is not enough: a child process has a copy of it until it executes its program, and
/// the system accepts connections until then.
impl Drop for Socket {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Self::Listening { listener, .. } = self {
            use std::os::fd::AsFd as _;
            let copy = listener.as_fd().try_clone_to_owned();
            // If the system cannot shut a listener down, closing must do.
            let _ = copy.map(|copy| std::net::TcpStream::from(copy).shutdown(std::net::Shutdown::Both));
        }
    }
}

impl PortListener {
    /// Listens on this address, alone. Port 0 is any free port.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::of(listen_alone(address)?)
    }

    /// Accepts on the listener of the caller.
    pub(crate) fn on(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Self::of(TcpListener::from_std(listener)?)
    }

    fn of(listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let state = Mutex::new(State { socket: Socket::Listening { _mark: None, listener }, waiting: None });
        Ok(Self { address, runtime: Handle::current(), post: None, state })
    }

    /// Reports, with this place, if its runtime does nothing while clients wait.
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
        match (&mut state.socket, is_open) {
            (Socket::Refusing { reserve }, true) => {
                let _runtime = self.runtime.enter();
                let listener = match reserve.take() {
                    Some(reserve) => listen(reserve)?,
                    None => listen_alone(self.address)?,
                };
                let mark = self.post.as_ref().map(|post| post.mark(&listener));
                state.socket = Socket::Listening { _mark: mark, listener };
            }
            // If the system cannot share a port between sockets, the port is free for others while connections are refused.
            (Socket::Listening { listener, .. }, false) => {
                let reserve = share_port(listener).and_then(|()| reserve(self.address)).ok();
                state.socket = Socket::Refusing { reserve };
                if let Socket::Refusing { reserve: Some(reserve) } = &state.socket {
                    keep_port(reserve);
                }
            }
            (Socket::Listening { .. }, true) | (Socket::Refusing { .. }, false) | (Socket::Closed, _) => return Ok(()),
        }
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
        Ok(())
    }

    /// Closes the socket, also if a handle of a fault keeps the listener alive.
    fn close(&self) {
        self.state().socket = Socket::Closed;
    }
}

/// The number of tries to listen on a free port. Listeners that try at the same time may all fail.
const TRIES: usize = 100;

/// A listener that has its port alone. If several sockets without `SO_REUSEPORT` bind one port at the same time, the system lets at
/// most one of them listen.
fn listen_alone(address: SocketAddr) -> io::Result<TcpListener> {
    let mut tries = 0;
    loop {
        let socket = bind(address)?;
        match listen(socket) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < TRIES => tries += 1,
            listening => return listening,
        }
    }
}

fn listen(socket: TcpSocket) -> io::Result<TcpListener> {
    // Connections of an earlier listener on the port may still be open.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.listen(BACKLOG)
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = unbound(address)?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn unbound(address: SocketAddr) -> io::Result<TcpSocket> {
    if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }
}

/// Allows a second socket on the port: the one that keeps the port.
#[cfg(unix)]
fn share_port(listener: &TcpListener) -> io::Result<()> {
    use std::os::fd::AsFd as _;
    let copy = listener.as_fd().try_clone_to_owned()?;
    TcpSocket::from_std_stream(copy.into()).set_reuseport(true)
}

#[cfg(unix)]
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = unbound(address)?;
    socket.set_reuseport(true)?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Keeps the port from all other sockets.
#[cfg(unix)]
fn keep_port(reserve: &TcpSocket) {
    // If that fails, another program can take the port.
    let _ = reserve.set_reuseport(false).and_then(|()| reserve.set_reuseaddr(false));
}

#[cfg(not(unix))]
fn share_port(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn reserve(_: SocketAddr) -> io::Result<TcpSocket> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn keep_port(_: &TcpSocket) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpStream;
    use std::os::fd::AsFd;
    use std::sync::Barrier;
    use std::thread;

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
        // It listens again.
        let listener = PortListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        for is_open in [false, true, false, true] {
            listener.set_open(is_open).unwrap();
            assert_eq!(TcpStream::connect(listener.address()).is_ok(), is_open);
        }
    }

    /// A port without a listener.
    fn free_port() -> io::Result<SocketAddr> {
        std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?.local_addr()
    }

    #[tokio::test]
    async fn of_those_who_want_one_port_at_the_same_time_one_has_it_and_the_others_are_told() {
        const AT_ONCE: usize = 4;
        let runtime = Handle::current();
        for _ in 0..200 {
            let (address, together) = (free_port().unwrap(), Barrier::new(AT_ONCE));
            let listeners: Vec<io::Result<PortListener>> = thread::scope(|scope| {
                let bind = || {
                    let _runtime = runtime.enter();
                    together.wait();
                    PortListener::bind(address)
                };
                let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(bind)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let told = listeners.iter().filter_map(|listener| listener.as_ref().err().map(io::Error::kind));
            let told: Vec<_> = told.collect();
            // Another test may have taken the port meanwhile. Then all of them get the error.
            assert!(told.len() >= AT_ONCE - 1, "{} of {AT_ONCE} listen on {address}", AT_ONCE - told.len());
            assert!(told.iter().all(|kind| *kind == ErrorKind::AddrInUse), "{told:?}");
        }
    }

    #[tokio::test]
    async fn nobody_can_have_the_port_of_a_mock_that_refuses_connections() {
        let listener = PortListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        for is_open in [true, false, true, false] {
            listener.set_open(is_open).unwrap();
            let other = std::net::TcpListener::bind(listener.address()).map(drop).map_err(|error| error.kind());
            assert_eq!(other, Err(ErrorKind::AddrInUse), "open: {is_open}");
            let other = PortListener::bind(listener.address()).map(drop).map_err(|error| error.kind());
            assert_eq!(other, Err(ErrorKind::AddrInUse), "open: {is_open}");
        }
    }
}
