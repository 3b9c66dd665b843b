//! Plans: faults and expectations in one value, and in one file.

use std::path::Path;
use std::str::FromStr;
use std::{fmt, io};

use serde_json::{Map, Value};

use super::expectation::{Expectation, check_all, read_expectations};
use crate::check::Verdict;
use crate::engine::{Engine, Setup};
use crate::expect::assertions;
use crate::fault::{Fault, read_fault, write_fault};
use crate::journal::Journal;
use crate::json::{Cursor, FormatError, Unfit, Wrong, cursor, or_panic};
use crate::service::{
    Limits, Operation, checked_account, checked_region, read_answers, read_limits, write_answers, write_limits,
};
use crate::words::{and, debug_is_display, printable};

/// Faults, and the expectations that the publisher must meet in spite of them, as data.
///
/// A plan also has the seed of the faults, and the settings of the mock that differ from the default: limits, known event
/// buses, strict authentication, account, region, and answers to other operations. It can be read from a JSON file. The
/// stand-alone server tests programs in any language with such files. Their JSON Schema is `fixtures/fault-plan.schema.json`.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::{EntryError, Fault, Plan};
///
/// let plan: Plan = r#"{
///     "seed": 42,
///     "faults": [{ "entry": "ThrottlingException", "atIndex": 1, "times": 2 }],
///     "expect": [
///         { "everyFaultFired": true },
///         { "exactlyOnce": true, "expecting": [{ "detail": { "/orderId": 1 } }, { "detail": { "/orderId": 2 } }] }
///     ]
/// }"#
/// .parse()?;
/// assert_eq!(plan.faults(), [Fault::entry(EntryError::throttling()).at_index(1).times(2)]);
/// // Start the mock with `MockEventBridge::builder().plan(plan.clone())`. After the test:
/// assert!(journal.check_meets(&plan).is_err());
/// # Ok::<_, putevents_mock::files::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    seed: Option<u64>,
    setup: Setup,
    faults: Vec<Fault>,
    expectations: Vec<Expectation>,
}

impl Plan {
    /// Makes a plan of these faults, in this order, without expectations.
    ///
    /// ```
    /// use putevents_mock::{EntryError, Fault, Plan};
    ///
    /// let plan = Plan::new([Fault::entry(EntryError::throttling()).times(2)]).with_seed(42);
    /// assert_eq!(plan.to_string().parse::<Plan>()?, plan);
    /// # Ok::<_, putevents_mock::files::PlanError>(())
    /// ```
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { faults: faults.into_iter().collect(), ..Self::default() }
    }

    /// Sets the seed of everything random.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the limits of the mock, as [`Engine::limits`]. The default is [`Limits::current`].
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.setup.limits = Some(limits);
        self
    }

    /// Names the event buses that exist beside `default`, as [`Engine::known_buses`]. By default every event bus exists.
    #[must_use]
    pub fn with_known_buses<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.setup.known_buses = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets whether the mock refuses requests that are not signed, as [`Engine::strict_auth`]. The default is false.
    #[must_use]
    pub fn with_strict_auth(mut self, is_strict: bool) -> Self {
        self.setup.strict_auth = Some(is_strict);
        self
    }

    /// Sets the account of the mock, as [`Engine::account`]. The default is `123456789012`.
    ///
    /// # Panics
    ///
    /// If `account` is not twelve digits.
    #[must_use]
    #[track_caller]
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.setup.account = Some(or_panic(checked_account(account.into())));
        self
    }

    /// Sets the region of the mock, as [`Engine::region`].
    ///
    /// # Panics
    ///
    /// If `region` is not the code of a region: lower case letters, digits and hyphens.
    #[must_use]
    #[track_caller]
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.setup.region = Some(or_panic(checked_region(region.into())));
        self
    }

    /// Sets the answer to another operation than PutEvents, as [`Engine::answer`].
    ///
    /// # Panics
    ///
    /// If EventBridge has no such operation, if it is PutEvents, or if `answer` is not an object.
    #[must_use]
    #[track_caller]
    pub fn with_answer(mut self, operation: &str, answer: Value) -> Self {
        or_panic(self.setup.answers.give(operation, answer));
        self
    }

    /// Reads a plan from a JSON file.
    ///
    /// ```no_run
    /// use putevents_mock::Plan;
    ///
    /// let plan = Plan::from_file("tests/plan.json")?;
    /// # Ok::<_, putevents_mock::files::PlanError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not JSON, or is not a plan. The error names everything that is wrong with it, each with its
    /// place.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PlanError> {
        cursor::from_file(path.as_ref(), read).map_err(PlanError)
    }

    /// Reads a plan from bytes that were read from `name`.
    pub(crate) fn from_bytes(name: &str, bytes: io::Result<Vec<u8>>) -> Result<Self, PlanError> {
        cursor::from_bytes(name, bytes, read).map_err(PlanError)
    }

    /// Returns the seed, if the plan has one.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Returns the limits of the mock, if the plan has them.
    pub fn limits(&self) -> Option<Limits> {
        self.setup.limits
    }

    /// Returns the event buses that exist beside `default`, if the plan names them.
    pub fn known_buses(&self) -> Option<&[String]> {
        self.setup.known_buses.as_deref()
    }

    /// Returns whether requests must be signed, if the plan says so.
    pub fn strict_auth(&self) -> Option<bool> {
        self.setup.strict_auth
    }

    /// Returns the account of the mock, if the plan has one.
    pub fn account(&self) -> Option<&str> {
        self.setup.account.as_deref()
    }

    /// Returns the region of the mock, if the plan has one.
    pub fn region(&self) -> Option<&str> {
        self.setup.region.as_deref()
    }

    /// Returns the answer to another operation than PutEvents, if the plan has one.
    pub fn answer(&self, operation: &str) -> Option<&Value> {
        self.setup.answers.get(operation)
    }

    /// The settings of the mock.
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The settings of the mock in words, by the names of their members.
    pub(crate) fn setup_in_words(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let Setup { limits, known_buses, strict_auth, account, region, answers } = self.setup.clone();
        let operations: Vec<&str> = answers.operations().map(Operation::name).collect();
        let words = [
            limits.map(|limits| limits.to_string()),
            known_buses.map(|buses| and(&[&["default".to_owned()], &buses[..]].concat())),
            strict_auth.map(|is_strict| {
                if is_strict { "requests must be signed" } else { "requests need not be signed" }.to_owned()
            }),
            account,
            region,
            (!operations.is_empty()).then(|| format!("to {}", operations.join(", "))),
        ];
        SETUP.into_iter().zip(words).filter_map(|(name, words)| Some((name, printable(&words?))))
    }

    /// Returns the faults in their order.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Returns the expectations in their order.
    pub fn expectations(&self) -> &[Expectation] {
        &self.expectations
    }

    /// Returns the plan as JSON, which can be read again.
    ///
    /// # Errors
    ///
    /// If a fault holds a closure or a gate, which have no JSON. The error names the fault.
    pub fn to_json(&self) -> Result<Value, PlanError> {
        let write = |(index, fault)| {
            write_fault(fault).map_err(|error| PlanError(FormatError::new(format!("faults[{index}]"), error)))
        };
        let faults = self.faults.iter().enumerate().map(write).collect::<Result<Vec<Value>, _>>()?;
        let mut members = Map::from_iter([("faults".to_owned(), faults.into())]);
        members.extend(self.seed.map(|seed| ("seed".to_owned(), seed.into())));
        members.extend(write_setup(&self.setup));
        if !self.expectations.is_empty() {
            let expectations = self.expectations.iter().map(|expectation| expectation.as_json().clone());
            members.insert("expect".to_owned(), expectations.collect());
        }
        Ok(members.into())
    }
}

impl IntoIterator for Plan {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    /// The faults in their order.
    fn into_iter(self) -> Self::IntoIter {
        self.faults.into_iter()
    }
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        read(text).map_err(PlanError)
    }
}

fn read(text: &str) -> Result<Plan, FormatError> {
    let value = cursor::parse(text)?;
    let at = Cursor::root(&value);
    at.object_or("a plan: write an object, such as {\"faults\": []}")?;
    let mut wrong = Wrong::default();
    wrong.note(at.allow(&[&["seed", "faults", "expect"], &SETUP[..], &["$schema"]].concat()));
    wrong.note(at.optional("$schema", Cursor::text));
    let plan = Plan {
        seed: wrong.note(at.optional("seed", Cursor::whole_number)).flatten(),
        setup: wrong.note(read_setup(&at)).unwrap_or_default(),
        faults: wrong.note(at.optional("faults", read_faults)).flatten().unwrap_or_default(),
        expectations: wrong.note(at.optional("expect", read_expectations)).flatten().unwrap_or_default(),
    };
    // A plan with expectations or settings needs no faults.
    if !wrong.is_any() && ["faults", "expect"].iter().chain(&SETUP).all(|name| at.get(name).is_none()) {
        return Err(at.error(
            "the plan has no faults and no expectations: write \"faults\", \"expect\", or a setting such as \"limits\"",
        ));
    }
    wrong.unless(plan)
}

/// The members of a plan that are settings of the mock.
pub(crate) const SETUP: [&str; 6] = ["limits", "knownBuses", "strictAuth", "account", "region", "answers"];

fn read_setup(at: &Cursor<'_>) -> Result<Setup, FormatError> {
    let checked = |at: &Cursor<'_>, check: fn(String) -> Result<String, Unfit>| at.check(check(at.text()?.to_owned()));
    let texts = |at: &Cursor<'_>| at.each(|at| at.text().map(str::to_owned));
    let mut wrong = Wrong::default();
    let setup = Setup {
        limits: wrong.note(at.optional("limits", read_limits)).flatten(),
        known_buses: wrong.note(at.optional("knownBuses", texts)).flatten(),
        strict_auth: wrong.note(at.optional("strictAuth", Cursor::boolean)).flatten(),
        account: wrong.note(at.optional("account", |at| checked(at, checked_account))).flatten(),
        region: wrong.note(at.optional("region", |at| checked(at, checked_region))).flatten(),
        answers: wrong.note(at.optional("answers", read_answers)).flatten().unwrap_or_default(),
    };
    wrong.unless(setup)
}

fn write_setup(setup: &Setup) -> impl Iterator<Item = (String, Value)> + use<> {
    let Setup { limits, known_buses, strict_auth, account, region, answers } = setup.clone();
    let values = [
        limits.as_ref().map(write_limits),
        known_buses.map(Value::from),
        strict_auth.map(Value::from),
        account.map(Value::from),
        region.map(Value::from),
        (!answers.is_empty()).then(|| write_answers(&answers)),
    ];
    SETUP.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?)))
}

/// A list of faults.
pub(crate) fn read_faults(at: &Cursor<'_>) -> Result<Vec<Fault>, FormatError> {
    at.each(read_fault)
}

/// The plan as JSON; or as sentences, if a fault in it holds a closure or a gate.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(json) = self.to_json() {
            return write!(f, "{json:#}");
        }
        if let Some(seed) = self.seed {
            writeln!(f, "seed {seed}")?;
        }
        write_setup(&self.setup).try_for_each(|(name, value)| writeln!(f, "{name} {value}"))?;
        self.faults.iter().enumerate().try_for_each(|(index, fault)| writeln!(f, "{}. {fault}", index + 1))?;
        self.expectations.iter().try_for_each(|expectation| writeln!(f, "expected: {expectation}"))
    }
}

/// The error of a plan that cannot be read or written. It prints itself as a sentence with the place, also with `{:?}`. If several
/// things are wrong, it prints one line for each.
///
/// ```
/// use putevents_mock::Plan;
///
/// let error = r#"{ "faults": [{ "entry": "ThrottlingException", "times": 0 }] }"#.parse::<Plan>().unwrap_err();
/// assert_eq!(error.place(), "faults[0].times");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PlanError(FormatError);

impl PlanError {
    /// Returns whether the file could not be read. Then [`source`](std::error::Error::source) returns the [`std::io::Error`], whose
    /// text is part of this error's text. If false, the file was read, and is not a plan.
    pub fn is_io(&self) -> bool {
        self.0.io.is_some()
    }

    /// Returns the place in the plan, such as `faults[2].times`. Empty for the plan as a whole. If several things are wrong, it is
    /// the place of the first one.
    pub fn place(&self) -> &str {
        &self.0.place
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

debug_is_display!(PlanError, source: |error| error.0.io.as_deref());

impl Engine {
    /// Returns the faults that are in force, and the seed, as a plan. It prints itself as JSON that can be read again.
    pub fn plan_in_force(&self) -> Plan {
        Plan::new(self.faults_in_force().cloned()).with_seed(self.seed_in_use())
    }
}

assertions! {
    impl Journal {
        /// Fails unless every expectation of the plan is met. The report has the JSON of each unmet expectation, with the report of
        /// its assertion.
        fn assert_meets / check_meets(&self, plan: &Plan) {
            check_all(&plan.expectations, self).map_err(|unmet| Verdict::Unmet(unmet).into())
        }
    }
}
