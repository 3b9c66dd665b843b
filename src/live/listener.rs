//! The socket of a running engine, as the engine uses it.

use std::io;
use std::net::SocketAddr;

/// A socket that can refuse connections for a while.
pub(crate) trait Listener: Send + Sync {
    /// The address on which it listens.
    fn address(&self) -> SocketAddr;

    /// Listens, or refuses connections. The change is in effect for the next connection when this returns.
    fn set_open(&self, is_open: bool) -> io::Result<()>;

    /// Stops listening for good.
    fn close(&self);
}
