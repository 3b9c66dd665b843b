//! Waits for a gate, with a limit.

use std::fmt;
use std::time::{Duration, Instant};

use crate::fault::Gate;
use crate::words::debug_is_display;

/// The error of [`Gate::wait_until_reached`]: no request or reply reached the gate within the limit. It prints itself as a
/// sentence, also with `{:?}`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GateTimeout {
    limit: Duration,
    jumped: bool,
}

impl Gate {
    /// Waits until a request or a reply is held at the gate. `limit` is on tokio's clock.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// use std::time::Duration;
    ///
    /// use putevents_mock::fault::Gate;
    ///
    /// let gate = Gate::new(); // No fault uses it, so nothing reaches it.
    /// let timeout = gate.wait_until_reached(Duration::from_secs(5)).await.unwrap_err();
    /// assert!(timeout.to_string().starts_with("nothing reached the gate within 5 s"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If nothing reaches the gate within `limit`.
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
            // A gate does not know which thread serves the mock.
            f.write_str(
                ": tokio's clock is paused, and jumped to the limit. If another thread serves the mock, start() it on this \
                 runtime, or keep the clock from jumping with hold_clock()",
            )?;
        }
        Ok(())
    }
}

debug_is_display!(GateTimeout);
