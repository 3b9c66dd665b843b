//! Waiting for a gate with a limit.

use std::fmt;
use std::time::{Duration, Instant};

use crate::fault::Gate;
use crate::words::debug_is_display;

/// Nothing reached a [`Gate`] within the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GateTimeout {
    limit: Duration,
    jumped: bool,
}

impl Gate {
    /// Waits until something has reached the gate. `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// Where nothing does within `limit`.
    #[expect(clippy::disallowed_methods, reason = "real time tells a jump of tokio's clock")]
    pub async fn wait_until_reached(&self, limit: Duration) -> Result<(), GateTimeout> {
        let started = Instant::now();
        let finished = tokio::time::timeout(limit, self.until_reached()).await;
        finished.map_err(|_| GateTimeout { limit, jumped: started.elapsed() < limit / 2 })
    }
}

impl fmt::Display for GateTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing reached the gate within {} s", self.limit.as_secs_f64())?;
        if self.jumped {
            // A gate does not know who serves the mock.
            f.write_str(
                ", for tokio's clock is paused and jumped there: where the mock is served by another thread, start() it on this \
                 runtime, or keep the clock from jumping with hold_clock()",
            )?;
        }
        Ok(())
    }
}

debug_is_display!(GateTimeout);
