//! The log, on standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

use super::args::LogFormat;

/// Begins to log. `RUST_LOG` wins over the usual level.
pub(super) fn start(format: LogFormat, usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let is_painted = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_target(false);
    // Nobody may be reading the log any more. To complain of that in the same place would be a panic.
    let log = log.log_internal_errors(false);
    // Only where there is a log already, and then that one is as good.
    let _ = match format {
        LogFormat::Text => log.with_ansi(is_painted).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}
