//! The search for a schedule of faults that makes a publisher break a rule: its schedules, runs and judges, as data.

mod coverage;
mod deviation;
mod explored;
mod jobs;
mod judge;
mod judging;
mod policy;
mod pool;
mod run;
mod schedule;
mod scope;
mod search;
mod shrink;
mod workload;

pub(crate) use self::coverage::Coverage;
pub(crate) use self::deviation::{Lasts, Letter, Level};
pub(crate) use self::explored::{Explored, Finding, StepDone, Unsteady};
pub use self::judge::Judge;
pub(crate) use self::judging::{Evidence, Violation};
pub(crate) use self::policy::Policy;
pub(crate) use self::pool::Runner;
pub(crate) use self::run::{Done, Ending, Known, Run};
pub(crate) use self::schedule::{Place, Schedule};
pub(crate) use self::scope::{Scale, Workloads};
pub(crate) use self::search::{Progress, Search};
pub(crate) use self::workload::Workload;
