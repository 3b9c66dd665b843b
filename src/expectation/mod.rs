//! Expectations as data: the assertions of `expect/`, as a file or another language can name them.

mod read;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use self::read::read_expectation;
use crate::expect::Mismatch;
use crate::journal::Journal;
use crate::report;

/// One assertion as data, from a [`Scenario`](crate::Scenario): what the `assert_*` methods of [`Journal`],
/// [`Events`](crate::Events), [`Ledger`](crate::Ledger) and [`Lint`](crate::Lint) check, with the same reports.
///
/// It prints itself as its JSON, with the name of the assertion first.
#[derive(Clone)]
pub struct Expectation {
    json: Value,
    /// The same as text, with the name of the assertion first.
    text: String,
    check: Check,
}

/// What is asked of a journal.
type Check = Arc<dyn Fn(&Journal) -> Result<(), Mismatch> + Send + Sync>;

impl Expectation {
    /// Asks it of a journal.
    ///
    /// # Errors
    ///
    /// The report of the assertion that it stands for.
    pub fn check(&self, journal: &Journal) -> Result<(), Mismatch> {
        (self.check)(journal)
    }

    /// The JSON that it was read from.
    pub fn as_json(&self) -> &Value {
        &self.json
    }
}

/// Asks all of them; the report has each one that is not met.
pub(crate) fn check_all(expectations: &[Expectation], journal: &Journal) -> Result<(), Mismatch> {
    let unmet = |(index, expectation): (usize, &Expectation)| {
        expectation.check(journal).err().map(|mismatch| (index, expectation.to_string(), mismatch.0))
    };
    let unmet: Vec<_> = expectations.iter().enumerate().filter_map(unmet).collect();
    if unmet.is_empty() { Ok(()) } else { Err(Mismatch(report::unmet(&unmet, journal))) }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expectation").field(&self.text).finish()
    }
}

impl PartialEq for Expectation {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}
