//! JSON in and out: plans with their expectations, and journals.

#![warn(clippy::indexing_slicing)]

mod expectation;
mod journal;
mod plan;
#[allow(missing_docs)]
pub mod rows;

pub use self::expectation::Expectation;
pub(crate) use self::expectation::{check_all, read_expectation};
pub use self::journal::JournalError;
pub(crate) use self::journal::fault_record;
pub use self::plan::{Plan, PlanError};
pub(crate) use self::plan::{SETUP, read_faults};
