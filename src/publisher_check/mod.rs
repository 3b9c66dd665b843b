//! The search for a fault schedule with which a publisher loses, doubles or misreports an event.
//!
//! [`PublisherCheck`] is where a check begins. [`check_a_publisher`](crate::check_a_publisher) is its guide.

mod builder;
mod outcome;
mod panics;
mod progress;
mod runner;

pub use self::builder::{AnyNumber, OwnEvents, PublisherCheck};
pub use self::outcome::{Misbehaviour, PublisherReport};
pub use crate::explore::Judge;
