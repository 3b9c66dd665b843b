//! The check that searches the small schedules of faults for one with which a publisher breaks a rule.

mod builder;
mod outcome;
mod panics;
mod progress;
mod runner;

pub use self::builder::{AnyNumber, OwnEvents, PublisherCheck};
pub use self::outcome::{Misbehaviour, PublisherReport};
