//! The servers. Each has one thread with a current-thread runtime of tokio's.

mod canned;
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
    pub const ALL: [Self; 4] = [Self::Canned, Self::Limit, Self::Peer, Self::Ours];

    pub fn name(self) -> &'static str {
        match self {
            Self::Canned => "canned",
            Self::Limit => "limit",
            Self::Peer => "peer",
            Self::Ours => "ours",
        }
    }

    pub fn start(self, bound: Bound) -> io::Result<Running> {
        match self {
            Self::Canned => canned::start(),
            Self::Limit => limit::start(bound),
            Self::Peer => peer::start(),
            Self::Ours => Ok(ours::start(bound)),
        }
    }

    /// Whether it answers as EventBridge does, with a result for each entry.
    pub fn answers_entries(self) -> bool {
        self != Self::Canned
    }
}
