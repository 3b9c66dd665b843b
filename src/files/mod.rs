//! Files: [plans](Plan) with faults and expectations, and saved journals.
//!
//! A journal is saved with [`Journal::save`](crate::Journal::save), and read with
//! [`Journal::from_file`](crate::Journal::from_file).

#![warn(clippy::indexing_slicing)]

mod expectation;
mod journal;
mod plan;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod rows;
mod schedules;
mod values;

pub use self::expectation::Expectation;
pub(crate) use self::expectation::{check_all, read_expectation, read_expectations};
pub use self::journal::JournalError;
pub(crate) use self::journal::fault_record;
pub use self::plan::{Plan, PlanError};
pub(crate) use self::plan::{SETUP, read_faults};
pub(crate) use self::schedules::{Keeping, Kept};
pub(crate) use self::values::read_reported;
