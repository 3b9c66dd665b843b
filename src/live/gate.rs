//! Waiting for a gate with a limit.

use std::fmt;
use std::time::Duration;

use crate::fault::Gate;
use crate::words::debug_is_display;

/// Nothing reached a [`Gate`] within the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GateTimeout {
    limit: Duration,
}

impl Gate {
    /// Waits until something has reached the gate. `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// Where nothing does within `limit`.
    pub async fn wait_until_reached(&self, limit: Duration) -> Result<(), GateTimeout> {
        tokio::time::timeout(limit, self.until_reached()).await.map_err(|_| GateTimeout { limit })
    }
}

impl fmt::Display for GateTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing reached the gate within {} s", self.limit.as_secs_f64())
    }
}

debug_is_display!(GateTimeout);
