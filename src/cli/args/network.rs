//! The flags about connections.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use clap::Args;

use super::values::time;
use crate::transport::split;

#[derive(Debug, Args)]
pub(in super::super) struct Network {
    /// A host name by which clients reach the API, such as the name of a service in docker compose. May be repeated. Not needed for
    /// localhost, the name in --listen, and IP addresses
    #[arg(long, env = "PUTEVENTS_MOCK_ALLOW_HOST", value_name = "NAME", value_delimiter = ',', value_parser = host)]
    pub(in super::super) allow_host: Vec<String>,
    /// The maximum number of requests for the service at the same time. The next one gets HTTP 503. The API has 256 further places
    #[arg(long, env = "PUTEVENTS_MOCK_MAX_CONNECTIONS", value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in super::super) max_connections: u32,
    /// How long a request may take from its first byte to its last; a day at most
    #[arg(long, env = "PUTEVENTS_MOCK_RECEIVE_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time)]
    pub(in super::super) receive_timeout: Duration,
    /// The size of all bodies together that are being received, in MiB. The first 64 KiB of each body do not count
    #[arg(long, env = "PUTEVENTS_MOCK_RECEIVE_LIMIT", value_name = "MIB", default_value_t = 64)]
    pub(in super::super) receive_limit: usize,
}

/// Where to listen.
#[derive(Debug, Clone)]
pub(in super::super) struct Listen {
    pub(in super::super) address: SocketAddr,
    /// The host as it was written.
    pub(in super::super) name: Option<String>,
}

impl Listen {
    pub(in super::super) fn free_port() -> Self {
        Self { address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), name: None }
    }

    /// `127.0.0.1:4010`, `[::1]:0`, `localhost:4010`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wrong = || "write an address and a port, such as 127.0.0.1:4010, or 127.0.0.1:0 for a free port".to_owned();
        let address = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next()).ok_or_else(wrong)?;
        Ok(Self { address, name: split(text).map(str::to_owned) })
    }
}

/// `eventbridge`, `mock.example.com`.
fn host(text: &str) -> Result<String, String> {
    if split(text) == Some(text) && !text.contains('*') {
        return Ok(text.to_owned());
    }
    Err("write a host name without scheme, port and wildcard, such as eventbridge".to_owned())
}
