mod auth;
mod engine;
mod entry;
mod error;
mod fault;
mod gzip;
mod ids;
mod journal;
mod json;
mod limits;
mod matcher;
#[cfg(feature = "server")]
mod mock;
mod reply;
mod report;
#[cfg(feature = "server")]
mod server;
mod wire;
#[cfg(feature = "wiremock")]
mod wiremock;

pub use engine::{Engine, Now};
pub use entry::Entry;
pub use error::{EntryError, RequestError};
pub use fault::{Fault, FaultId};
pub use ids::{EventId, Ids};
pub use journal::{Attempt, Event, Journal, Outcome, Problem, ProblemKind};
pub use limits::Limits;
pub use matcher::{EntryMatcher, entry};
#[cfg(feature = "server")]
pub use mock::{FaultHandle, MockEventBridge, MockEventBridgeBuilder, WaitTimeout};
pub use reply::Reply;
