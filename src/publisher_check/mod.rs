//! The search for a fault schedule with which a publisher loses, doubles or misreports an event.
//!
//! A check begins with [`PublisherCheck`]. [`check_a_publisher`](crate::check_a_publisher) is the guide.

mod builder;
mod outcome;
mod panics;
mod progress;
mod runner;

pub use self::builder::{AnyNumber, OwnEvents, PublisherCheck};
pub use self::outcome::{BrokenRule, Misbehaviour, PublisherReport};
pub use crate::explore::Judge;
