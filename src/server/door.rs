//! The listening socket, which can be closed and opened again under the same port.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;

/// The longest queue of connections that are not accepted yet.
const BACKLOG: u32 = 1_024;

pub(crate) struct Door {
    address: SocketAddr,
    runtime: Handle,
    state: Mutex<State>,
}

struct State {
    leaf: Leaf,
    waiting: Option<Waker>,
}

enum Leaf {
    Open(TcpListener),
    /// Connections are refused. The socket is bound and never listens: it keeps the port from others.
    Closed {
        _reserved: Option<TcpSocket>,
    },
    /// The mock is gone.
    Shut,
}

impl Door {
    /// Listens there; port 0 is any free one.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        if address.port() != 0 {
            // A socket that shares its port does not notice that another program's does, too.
            drop(std::net::TcpListener::bind(address)?);
        }
        let listener = bind(address)?.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let state = Mutex::new(State { leaf: Leaf::Open(listener), waiting: None });
        Ok(Self { address, runtime: Handle::current(), state })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens or closes it. When this returns, the next connection is accepted or refused.
    pub(crate) fn set_open(&self, is_open: bool) -> io::Result<()> {
        let mut state = self.state();
        state.leaf = match (&state.leaf, is_open) {
            (Leaf::Closed { .. }, true) => {
                let _runtime = self.runtime.enter();
                Leaf::Open(bind(self.address)?.listen(BACKLOG)?)
            }
            // Where two sockets cannot share a port, it is free for others while connections are refused.
            (Leaf::Open(_), false) => Leaf::Closed { _reserved: bind(self.address).ok() },
            _ => return Ok(()),
        };
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
        Ok(())
    }

    /// Closes it for good, whoever still holds a handle of one of the mock's faults.
    pub(crate) fn shut(&self) {
        self.state().leaf = Leaf::Shut;
    }

    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let mut state = self.state();
        state.waiting = Some(cx.waker().clone());
        match &state.leaf {
            Leaf::Open(listener) => listener.poll_accept(cx),
            Leaf::Closed { .. } | Leaf::Shut => Poll::Pending,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
