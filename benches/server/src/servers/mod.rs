//! The servers. Each has one thread with a current-thread runtime of tokio's.

mod canned;
mod httpmock;
mod hyper_server;
mod limit;
mod ours;
mod peer;
mod put_events;

use std::any::Any;
use std::io;
use std::net::SocketAddr;

use clap::ValueEnum;

/// A server to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Server {
    /// hyper with a fixed answer.
    Canned,
    /// hyper with the whole job, as lean as can be.
    Limit,
    /// wiremock with a hand-written responder.
    Peer,
    /// httpmock with a fixed answer.
    Httpmock,
    /// `MockEventBridge::start_blocking`.
    Ours,
}

/// How much a server keeps of what it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// 256 MiB, where the server has a bound at all.
    Default,
    /// All of it.
    None,
}

/// A server that runs until this is dropped.
pub struct Running {
    pub address: SocketAddr,
    _keep: Box<dyn Any>,
}

impl Server {
    pub const ALL: [Self; 5] = [Self::Canned, Self::Limit, Self::Peer, Self::Httpmock, Self::Ours];

    pub fn name(self) -> &'static str {
        match self {
            Self::Canned => "canned",
            Self::Limit => "limit",
            Self::Peer => "peer",
            Self::Httpmock => "httpmock",
            Self::Ours => "ours",
        }
    }

    pub fn start(self, bound: Bound) -> io::Result<Running> {
        match self {
            Self::Canned => canned::start(),
            Self::Limit => limit::start(bound),
            Self::Peer => peer::start(),
            Self::Httpmock => Ok(httpmock::start()),
            Self::Ours => Ok(ours::start(bound)),
        }
    }

    /// Whether it answers as EventBridge does, with a result for each entry.
    pub fn answers_entries(self) -> bool {
        match self {
            Self::Limit | Self::Peer | Self::Ours => true,
            Self::Canned | Self::Httpmock => false,
        }
    }

    /// Whether a test starts it for itself. A server of httpmock is one of a pool.
    pub fn is_started_by_tests(self) -> bool {
        matches!(self, Self::Peer | Self::Ours)
    }

    /// Whether it keeps bodies up to a bound in bytes.
    pub fn has_bound(self) -> bool {
        matches!(self, Self::Limit | Self::Ours)
    }
}
