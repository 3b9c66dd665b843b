//! The flags about connections.

use std::time::Duration;

use clap::Args;

use super::values::time;

#[derive(Debug, Args)]
pub(in super::super) struct Network {
    /// How many requests for the service are answered at once; one more gets HTTP 503. The API has 256 places beside them
    #[arg(long, env = "PUTEVENTS_MOCK_MAX_CONNECTIONS", value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in super::super) max_connections: u32,
    /// How long after its first byte a request must be complete; a day at most
    #[arg(long, env = "PUTEVENTS_MOCK_RECEIVE_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time)]
    pub(in super::super) receive_timeout: Duration,
    /// How many MiB all bodies may have together that are being received at once, beyond the first 64 KiB of each
    #[arg(long, env = "PUTEVENTS_MOCK_RECEIVE_LIMIT", value_name = "MIB", default_value_t = 64)]
    pub(in super::super) receive_limit: usize,
}
