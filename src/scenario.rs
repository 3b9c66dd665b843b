//! What goes wrong, and what is expected of the publisher all the same: one file for both.

use std::path::Path;
use std::str::FromStr;

use crate::expect::twins;
use crate::expectation::{Expectation, check_all, read_expectation};
use crate::fault::FaultPlan;
use crate::fault::plan::{PlanError, read_plan};
use crate::journal::Journal;
use crate::json_at::{self, At, Misfit};

/// A [`FaultPlan`] with what is expected of the publisher that meets it, as a file can hold both. Programs of any language
/// are tested with such files by the stand-alone server. The JSON Schema is `fixtures/fault-plan.schema.json`.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::Scenario;
///
/// let scenario: Scenario = r#"{
///     "faults": [{ "entry": "ThrottlingException", "atIndex": 1, "times": 1 }],
///     "expect": [
///         { "everyFaultFired": true },
///         { "exactlyOnce": true, "expecting": [{ "detail": { "/orderId": 1 } }, { "detail": { "/orderId": 2 } }] }
///     ]
/// }"#
/// .parse()?;
/// assert_eq!(scenario.plan().faults().len(), 1);
/// // A mock starts with `MockEventBridge::builder().plan(scenario.plan().clone())`; in the end:
/// assert!(journal.check_meets(&scenario).is_err());
/// # Ok::<_, putevents_mock::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    plan: FaultPlan,
    expectations: Vec<Expectation>,
}

impl Scenario {
    /// Reads a scenario from a JSON file. A file with a plan alone is one that expects nothing.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is not JSON, or says something that no fault and no expectation can be; the error
    /// names the place.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PlanError> {
        json_at::from_file(path.as_ref(), read).map_err(PlanError)
    }

    /// What goes wrong.
    pub fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    /// What is expected all the same.
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }
}

impl FromStr for Scenario {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        read(text).map_err(PlanError)
    }
}

fn read(text: &str) -> Result<Scenario, Misfit> {
    let value = json_at::parse(text)?;
    let at = At::root(&value);
    at.allow(&["seed", "faults", "expect", "$schema"])?;
    let expectations = at.get("expect").map(|expect| expect.items()?.iter().map(read_expectation).collect());
    Ok(Scenario { plan: read_plan(&at)?, expectations: expectations.transpose()?.unwrap_or_default() })
}

impl Journal {
    twins! {
        /// Fails unless every expectation of a scenario is met. The report has each one that is not, as its JSON and with the
        /// report of its assertion.
        fn assert_meets / check_meets(&self, scenario: &Scenario) {
            check_all(&scenario.expectations, self)
        }
    }
}
