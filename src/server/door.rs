//! The listening socket, which can be closed and opened again under the same port.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
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
    /// Bound and never listening: it keeps the port from others while connections are refused.
    _reserved: TcpSocket,
}

struct State {
    listener: Option<TcpListener>,
    waiting: Option<Waker>,
    is_shut: bool,
}

impl Door {
    /// Listens on a free port of 127.0.0.1.
    pub(crate) fn open() -> io::Result<Self> {
        let reserved = socket()?;
        reserved.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = reserved.local_addr()?;
        let listener = listen(address)?;
        let state = Mutex::new(State { listener: Some(listener), waiting: None, is_shut: false });
        Ok(Self { address, runtime: Handle::current(), state, _reserved: reserved })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens or closes it. When this returns, the next connection is accepted or refused.
    pub(crate) fn set_open(&self, is_open: bool) -> io::Result<()> {
        let mut state = self.state();
        if is_open == state.listener.is_some() || state.is_shut {
            return Ok(());
        }
        state.listener = if is_open {
            let _runtime = self.runtime.enter();
            Some(listen(self.address)?)
        } else {
            None
        };
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
        Ok(())
    }

    /// Closes it for good: the mock is gone, whoever still holds a handle of one of its faults.
    pub(super) fn shut(&self) {
        let mut state = self.state();
        state.listener = None;
        state.is_shut = true;
    }

    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let mut state = self.state();
        state.waiting = Some(cx.waker().clone());
        state.listener.as_ref().map_or(Poll::Pending, |listener| listener.poll_accept(cx))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two sockets share the port: the one that listens and the one that reserves it. Where the system has no such thing, the
/// port is free for others while connections are refused.
fn socket() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket()?;
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
