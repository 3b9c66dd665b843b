//! Judgements as data: what was found, with its lines, tries, attempts and counts. `report` makes sentences of them.

#![warn(clippy::indexing_slicing)]

mod alike;
mod backoff;
mod batches;
mod details;
mod events;
mod ledger;
mod lint;
mod near;
mod reported;
mod unfired;
mod verdict;

pub use self::alike::Alike;
pub use self::backoff::Backoff;
pub(crate) use self::backoff::{Complaint, Wait, Wrong, waits_of};
pub(crate) use self::batches::{Excess, TooSmall, all_excess, busiest, excess, needlessly_small};
pub(crate) use self::details::{Nonconforming, nonconforming};
pub(crate) use self::events::{Comparison, compare, first_in_other_order};
pub(crate) use self::ledger::{Blame, Rule, What, judge, overtaken};
pub use self::lint::{Finding, LintRule};
pub(crate) use self::lint::{Found, findings};
pub(crate) use self::near::NearlyEqual;
pub use self::reported::Reported;
pub(crate) use self::reported::Untruth;
pub(crate) use self::unfired::{Elsewhere, Passed, Unfired, WhyUnfired, unfired, why_unfired};
pub(crate) use self::verdict::{Unmet, Verdict};
