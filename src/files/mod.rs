//! Files: plans with faults and expectations, and journals that were saved.

#![warn(clippy::indexing_slicing)]

mod expectation;
mod journal;
mod plan;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod rows;
mod schedules;

pub use self::expectation::Expectation;
pub(crate) use self::expectation::{check_all, read_expectation, read_reported};
pub use self::journal::JournalError;
pub(crate) use self::journal::fault_record;
pub use self::plan::{Plan, PlanError};
pub(crate) use self::plan::{SETUP, read_faults};
pub(crate) use self::schedules::{Keeping, Kept};
