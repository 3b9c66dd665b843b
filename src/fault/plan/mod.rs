//! Faults as data: the JSON of a plan, read with errors that name the place, and written back.
//!
//! Everything goes through `serde_json::Value`, by hand: each key is checked by the very function that a builder uses, so
//! that a plan can say nothing that code cannot, and is told the same when it tries.

mod read;
mod write;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Value, json};

pub(crate) use self::read::{read_entry_error, read_fault, read_malformed, read_matcher, read_request_error};
use self::write::write_fault;
pub(crate) use self::write::{milliseconds, write_entry_error, write_malformed, write_request_error};
use super::Fault;
use crate::json_at::{self, At, Misfit};

/// Faults with their seed, as a file can hold them. The JSON Schema is `fixtures/fault-plan.schema.json`.
///
/// ```
/// use putevents_mock::{EntryError, Fault, FaultPlan};
///
/// let plan: FaultPlan = r#"{"seed": 42, "faults": [{"entry": "ThrottlingException", "atIndex": 1, "times": 2}]}"#.parse()?;
/// assert_eq!(plan.faults(), [Fault::entry(EntryError::throttling()).at_index(1).times(2)]);
/// # Ok::<_, putevents_mock::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultPlan {
    seed: Option<u64>,
    faults: Vec<Fault>,
}

impl FaultPlan {
    /// A plan of these faults, in this order.
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { seed: None, faults: faults.into_iter().collect() }
    }

    /// The same plan with a seed for what happens by chance.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Reads a plan from a JSON file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is not JSON, or says something that no fault can be; the error names the place.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PlanError> {
        json_at::from_file(path.as_ref(), read).map_err(PlanError)
    }

    /// The seed, where the plan has one.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The faults in their order.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The plan as JSON, which can be read again.
    ///
    /// # Errors
    ///
    /// Where a fault holds a closure or a gate, which only a program can have.
    pub fn to_json(&self) -> Result<Value, PlanError> {
        let write = |(index, fault)| {
            write_fault(fault).map_err(|error| PlanError(Misfit::new(format!("faults[{index}]"), error)))
        };
        let faults = self.faults.iter().enumerate().map(write).collect::<Result<Vec<Value>, _>>()?;
        Ok(match self.seed {
            None => json!({ "faults": faults }),
            Some(seed) => json!({ "seed": seed, "faults": faults }),
        })
    }
}

impl IntoIterator for FaultPlan {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.faults.into_iter()
    }
}

impl FromStr for FaultPlan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        read(text).map_err(PlanError)
    }
}

fn read(text: &str) -> Result<FaultPlan, Misfit> {
    let value = json_at::parse(text)?;
    let plan = At::root(&value);
    if let Some(expect) = plan.get("expect") {
        return Err(expect.error("a plan of faults alone has no expectations: read it as a Scenario"));
    }
    plan.allow(&["seed", "faults", "$schema"])?;
    read_plan(&plan)
}

/// The plan among the members of an object. Who expects something need not have faults.
pub(crate) fn read_plan(at: &At<'_>) -> Result<FaultPlan, Misfit> {
    at.optional("$schema", At::text)?;
    let seed = at.optional("seed", At::whole_number)?;
    let faults = match at.get("expect") {
        Some(_) => at.get("faults"),
        None => Some(at.required("faults")?),
    };
    let faults = faults.map(|faults| faults.items()?.iter().map(read_fault).collect()).transpose()?;
    Ok(FaultPlan { seed, faults: faults.unwrap_or_default() })
}

/// The plan as JSON; or as sentences, where a fault in it holds something that only a program can have.
impl fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(json) = self.to_json() {
            return write!(f, "{json:#}");
        }
        if let Some(seed) = self.seed {
            writeln!(f, "seed {seed}")?;
        }
        self.faults.iter().enumerate().try_for_each(|(index, fault)| writeln!(f, "{}. {fault}", index + 1))
    }
}

/// Why a plan cannot be read or written, and where. It prints itself as a sentence, also with `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanError(pub(crate) Misfit);

impl PlanError {
    /// Where in the plan, such as `faults[2].times`; empty for the plan as a whole.
    pub fn place(&self) -> &str {
        &self.0.place
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_fault(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fault = read_fault(&At::root(&Value::deserialize(deserializer)?));
        fault.map_err(|misfit| D::Error::custom(PlanError(misfit)))
    }
}
