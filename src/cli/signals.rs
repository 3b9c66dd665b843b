//! The signals that end a server.

use std::fmt;

use tokio::signal;

pub(super) struct Ending {
    /// The number of signals so far.
    seen: usize,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    /// `None` if the process started with SIGHUP ignored, as under `nohup`. It stays ignored.
    #[cfg(unix)]
    hangup: Option<signal::unix::Signal>,
}

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGINT, or Ctrl-C.
    Interrupt,
    /// SIGHUP: the terminal is gone.
    Hangup,
}

impl Ending {
    /// Listens to these signals, which then no longer end the process.
    #[cfg(unix)]
    pub(super) fn new() -> Result<Self, String> {
        use signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| format!("cannot listen to signals: {error}"));
        let hangup = if ignores_hangup() { None } else { Some(listen(SignalKind::hangup())?) };
        Ok(Self {
            seen: 0,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup,
        })
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(super) async fn wait(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        let signal = tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = hangup => Signal::Hangup,
        };
        self.seen += 1;
        signal
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self { seen: 0 })
    }

    #[cfg(not(unix))]
    pub(super) async fn wait(&mut self) -> Signal {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        self.seen += 1;
        Signal::Interrupt
    }

    /// The number of signals since the start.
    pub(super) fn seen(&self) -> usize {
        self.seen
    }
}

/// Whether SIGHUP is ignored: the lowest bit of the mask in Linux's `/proc`. On other systems it counts as not ignored.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Hangup => "SIGHUP",
        })
    }
}
