//! What a running engine asks of the socket on which it is reached.

use std::io;
use std::net::SocketAddr;

/// A socket that can refuse connections for a while.
pub(crate) trait Listener: Send + Sync {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// Listens, or refuses connections. When this returns, the next connection is accepted or refused.
    fn set_open(&self, is_open: bool) -> io::Result<()>;

    /// Stops listening for good.
    fn close(&self);
}
