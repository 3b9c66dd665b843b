//! Expectations: the assertions as data, one row for each. An object has the names of assertions as members, and beside them members
//! that narrow what is judged. Each assertion becomes an expectation with the members that narrow it.

use std::sync::Arc;
use std::{fmt, iter};

use serde_json::{Map, Value};

use super::values::{read_alike, read_backoff, read_reported, read_rule};
use crate::check::Unmet;
use crate::expect::Mismatch;
use crate::journal::{Events, Journal};
use crate::json::{Cursor, FormatError, Wrong};
use crate::ledger::Ledger;
use crate::matcher::{EntryMatcher, read_matcher, read_matchers, read_pointer};
use crate::schema::Schema;
use crate::service::read_limits;
use crate::words::printable;

type Read<T> = Result<T, FormatError>;
type Checked = Result<(), Mismatch>;
/// A check of a whole journal.
type Check = Arc<dyn Fn(&Journal) -> Checked + Send + Sync>;

/// One assertion as data, from a [`Plan`](crate::Plan). It checks what an `assert_*` method of [`Journal`], [`Events`],
/// [`Ledger`] or [`Lint`](crate::expect::Lint) checks, with the same report.
///
/// It prints itself as its JSON, with the name of the assertion first.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::Plan;
///
/// let plan: Plan = r#"{ "expect": [{ "publishedCount": 3 }] }"#.parse()?;
/// let expectation = &plan.expectations()[0];
/// assert_eq!(expectation.to_string(), r#"{"publishedCount":3}"#);
/// assert!(expectation.check(&journal).is_err());
/// # Ok::<_, putevents_mock::files::PlanError>(())
/// ```
#[derive(Clone)]
pub struct Expectation {
    json: Value,
    /// The JSON as text, with the name of the assertion first.
    text: String,
    /// Whether it is about events or the ledger, and not about the traffic as a whole.
    is_about_events: bool,
    check: Check,
    /// The place in the list that it was read from. Assertions of one object have the same place.
    number: usize,
}

impl Expectation {
    /// `members` are those of the object with the assertion. It may have further assertions, and members that narrow only those.
    fn new(name: &'static str, asked: Question, members: &Map<String, Value>, narrowing: &Narrowing) -> Self {
        let taken = iter::once(name).chain(asked.narrowing().iter().copied());
        let own: Vec<(&str, &Value)> = taken.filter_map(|name| Some((name, members.get(name)?))).collect();
        let text: Vec<String> = own.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Self {
            json: own.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            text: format!("{{{}}}", text.join(",")),
            is_about_events: !matches!(asked, Question::Journal(_)),
            check: narrowed(asked, narrowing.clone()),
            number: 0,
        }
    }

    /// Checks a journal.
    ///
    /// # Errors
    ///
    /// The [`Mismatch`] of the assertion, if it fails.
    pub fn check(&self, journal: &Journal) -> Result<(), Mismatch> {
        (self.check)(journal)
    }

    /// Whether it is about events, and an empty journal meets it.
    pub(crate) fn asks_for_silence(&self) -> bool {
        self.is_about_events && self.check(&Journal::new()).is_ok()
    }

    /// Returns the expectation as JSON, which can be read again.
    pub fn as_json(&self) -> &Value {
        &self.json
    }

    /// Its place in a plan, such as `expect[0]`.
    pub(crate) fn place(&self) -> String {
        format!("expect[{}]", self.number)
    }
}

/// Checks all expectations, and returns those that are not met.
pub(crate) fn check_all(expectations: &[Expectation], journal: &Journal) -> Result<(), Vec<Unmet>> {
    let unmet = |(index, expectation): (usize, &Expectation)| {
        let mismatch = expectation.check(journal).err()?;
        let (place, expectation) = (expectation.place(), expectation.to_string());
        Some(Unmet { index, place, expectation, verdict: mismatch.into_verdict() })
    };
    let unmet: Vec<_> = expectations.iter().enumerate().filter_map(unmet).collect();
    if unmet.is_empty() { Ok(()) } else { Err(unmet) }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.text))
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

/// An assertion as a member of an expectation.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The type and the name of the assertion.
    pub(crate) assertion: (&'static str, &'static str),
    /// An example of its value.
    pub(crate) example: &'static str,
    read: fn(&Cursor<'_>) -> Read<Question>,
}

/// The check of an assertion, by the type that it judges.
enum Question {
    Events(Box<dyn Fn(&Events) -> Checked + Send + Sync>),
    Ledger(Box<dyn Fn(&Ledger) -> Checked + Send + Sync>),
    Journal(Box<dyn Fn(&Journal) -> Checked + Send + Sync>),
}

impl Question {
    fn events(ask: impl Fn(&Events) -> Checked + Send + Sync + 'static) -> Self {
        Self::Events(Box::new(ask))
    }

    fn ledger(ask: impl Fn(&Ledger) -> Checked + Send + Sync + 'static) -> Self {
        Self::Ledger(Box::new(ask))
    }

    fn journal(ask: impl Fn(&Journal) -> Checked + Send + Sync + 'static) -> Self {
        Self::Journal(Box::new(ask))
    }

    /// The members that may stand beside the assertion.
    fn narrowing(&self) -> &'static [&'static str] {
        match self {
            Self::Events(_) => &["matching", "onBus"],
            Self::Ledger(_) => &["matching", "expecting", "identifyBy"],
            Self::Journal(_) => &[],
        }
    }
}

/// All members that can narrow what is judged.
const NARROWING: [&str; 4] = ["matching", "onBus", "expecting", "identifyBy"];

/// All expectations.
pub(crate) const EXPECTATIONS: [Row; 25] = [
    Row {
        name: "publishedExactly",
        assertion: ("Events", "assert_exactly"),
        example: r#"[{"detail":{"/orderId":1}}]"#,
        read: |at| read_matchers(at).map(|expected| Question::events(move |events| events.check_exactly(&expected))),
    },
    Row {
        name: "publishedInOrder",
        assertion: ("Events", "assert_in_order"),
        example: r#"[{"detail":{"/orderId":1}}]"#,
        read: |at| read_matchers(at).map(|expected| Question::events(move |events| events.check_in_order(&expected))),
    },
    Row {
        name: "publishedContain",
        assertion: ("Events", "assert_contain"),
        example: r#"[{"detail":{"/orderId":1}}]"#,
        read: |at| read_matchers(at).map(|expected| Question::events(move |events| events.check_contain(&expected))),
    },
    Row {
        name: "publishedCount",
        assertion: ("Events", "assert_count"),
        example: "3",
        read: |at| at.whole_number().map(|count| Question::events(move |events| events.check_count(count))),
    },
    Row {
        name: "publishedNoneMatch",
        assertion: ("Events", "assert_none_match"),
        example: r#"{"source":{"prefix":"test."}}"#,
        read: |at| read_matcher(at).map(|unwanted| Question::events(move |events| events.check_none_match(&unwanted))),
    },
    Row {
        name: "detailsConform",
        assertion: ("Events", "assert_details_conform"),
        example: r#"{"detailType":"OrderPlaced","schema":{"required":["orderId"]}}"#,
        read: details_conform,
    },
    Row {
        name: "atLeastOnce",
        assertion: ("Ledger", "assert_at_least_once"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_at_least_once),
    },
    Row {
        name: "exactlyOnce",
        assertion: ("Ledger", "assert_exactly_once"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_exactly_once),
    },
    Row {
        name: "noneLost",
        assertion: ("Ledger", "assert_none_lost"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_none_lost),
    },
    Row {
        name: "noneSilentlyLost",
        assertion: ("Ledger", "assert_none_silently_lost"),
        example: r#"{"published":[{"detail":{"/orderId":1}}],"failed":[{"detail":{"/orderId":2}}]}"#,
        read: |at| {
            read_reported(at).map(|said| Question::ledger(move |ledger| ledger.check_none_silently_lost(said.clone())))
        },
    },
    Row {
        name: "noDuplicates",
        assertion: ("Ledger", "assert_no_duplicates"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_no_duplicates),
    },
    Row {
        name: "onlyFailedEntriesResent",
        assertion: ("Ledger", "assert_only_failed_entries_resent"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_only_failed_entries_resent),
    },
    Row {
        name: "permanentErrorsNotRetried",
        assertion: ("Ledger", "assert_permanent_errors_not_retried"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_permanent_errors_not_retried),
    },
    Row {
        name: "triesAtMost",
        assertion: ("Ledger", "assert_tries_at_most"),
        example: "5",
        read: |at| at.whole_number().map(|tries| Question::ledger(move |ledger| ledger.check_tries_at_most(tries))),
    },
    Row {
        name: "orderKept",
        assertion: ("Ledger", "assert_order_kept"),
        example: "true",
        read: |at| of_ledger(at, Ledger::check_order_kept),
    },
    Row {
        name: "orderKeptPer",
        assertion: ("Ledger", "assert_order_kept_per"),
        example: r#""/customerId""#,
        read: |at| {
            read_pointer(at).map(|pointer| Question::ledger(move |ledger| ledger.check_order_kept_per(&pointer)))
        },
    },
    Row {
        name: "triesAlike",
        assertion: ("Ledger", "assert_tries_alike"),
        example: r#"{"except":["/meta/attempt"],"exceptTime":true}"#,
        read: |at| read_alike(at).map(|alike| Question::ledger(move |ledger| ledger.check_tries_alike(alike.clone()))),
    },
    Row {
        name: "backoff",
        assertion: ("Ledger", "assert_backoff"),
        example: r#"{"atLeastMs":50,"growing":true}"#,
        read: |at| {
            read_backoff(at).map(|backoff| Question::ledger(move |ledger| ledger.check_backoff(backoff.clone())))
        },
    },
    Row {
        name: "reported",
        assertion: ("Ledger", "assert_reported"),
        example: r#""allPublished""#,
        read: |at| read_reported(at).map(|said| Question::ledger(move |ledger| ledger.check_reported(said.clone()))),
    },
    Row {
        name: "everyFaultFired",
        assertion: ("Journal", "assert_every_fault_fired"),
        example: "true",
        read: |at| at.yes().map(|()| Question::journal(Journal::check_every_fault_fired)),
    },
    Row {
        name: "noProblems",
        assertion: ("Journal", "assert_no_problems"),
        example: "true",
        read: |at| at.yes().map(|()| Question::journal(Journal::check_no_problems)),
    },
    Row {
        name: "batchesWithin",
        assertion: ("Journal", "assert_batches_within"),
        example: r#""before-2026""#,
        read: |at| read_limits(at).map(|limits| Question::journal(move |journal| journal.check_batches_within(limits))),
    },
    Row {
        name: "batchesFull",
        assertion: ("Journal", "assert_batches_full"),
        example: r#""current""#,
        read: |at| read_limits(at).map(|limits| Question::journal(move |journal| journal.check_batches_full(limits))),
    },
    Row {
        name: "inFlightAtMost",
        assertion: ("Journal", "assert_in_flight_at_most"),
        example: "4",
        read: |at| {
            at.whole_number().map(|most| Question::journal(move |journal| journal.check_in_flight_at_most(most)))
        },
    },
    Row {
        name: "lintClean",
        assertion: ("Lint", "assert_clean"),
        example: r#"{"without":["unsigned"]}"#,
        read: lint_clean,
    },
];

/// Reads a list of expectations.
pub(crate) fn read_expectations(at: &Cursor<'_>) -> Read<Vec<Expectation>> {
    let numbered = |(number, all): (usize, Vec<Expectation>)| {
        all.into_iter().map(move |expectation| Expectation { number, ..expectation })
    };
    Ok(at.each(read_expectation)?.into_iter().enumerate().flat_map(numbered).collect())
}

/// Reads one expectation of a list: each of its assertions becomes an expectation of its own.
pub(crate) fn read_expectation(at: &Cursor<'_>) -> Read<Vec<Expectation>> {
    at.object_or("an expectation: write an object, such as {\"noneLost\": true}")?;
    let names: Vec<&str> = EXPECTATIONS.iter().map(|row| row.name).collect();
    let mut wrong = Wrong::default();
    let all_known = wrong.note(at.allow(&[&names[..], &NARROWING].concat())).is_some();
    let rows = at.present(&EXPECTATIONS, |row| row.name);
    if rows.is_empty() && !wrong.is_any() {
        // An unknown member was probably meant to be an assertion.
        wrong.note::<()>(Err(at.error(format!("nothing is expected: write one of {}", names.join(", ")))));
    }
    let read = |(row, asked): &(&Row, Cursor<'_>)| Some((row.name, wrong.note((row.read)(asked))?));
    let asked: Vec<(&str, Question)> = rows.iter().filter_map(read).collect();
    let narrowing = wrong.note(Narrowing::read(at));
    if all_known && asked.len() == rows.len() {
        let taken = asked.iter().flat_map(|(name, asked)| iter::once(name).chain(asked.narrowing())).copied();
        wrong.note(at.allow(&taken.collect::<Vec<_>>()));
    }
    let Some(narrowing) = wrong.unless(narrowing)? else { return Err(at.error("nothing is expected")) };
    let members = at.members()?;
    Ok(asked.into_iter().map(|(name, asked)| Expectation::new(name, asked, members, &narrowing)).collect())
}

/// The members beside the assertions.
#[derive(Clone)]
struct Narrowing {
    matching: Option<EntryMatcher>,
    bus: Option<String>,
    expecting: Option<Vec<EntryMatcher>>,
    identify_by: Option<String>,
}

impl Narrowing {
    fn read(at: &Cursor<'_>) -> Read<Self> {
        let mut wrong = Wrong::default();
        let narrowing = Self {
            matching: wrong.note(at.optional("matching", read_matcher)).flatten(),
            bus: wrong.note(at.optional("onBus", |at| Ok(at.text()?.to_owned()))).flatten(),
            expecting: wrong.note(at.optional("expecting", read_matchers)).flatten(),
            identify_by: wrong.note(at.optional("identifyBy", read_pointer)).flatten(),
        };
        wrong.unless(narrowing)
    }
}

/// Makes a check of the part of a journal that the members beside the assertion select.
fn narrowed(question: Question, narrowing: Narrowing) -> Check {
    let Narrowing { matching, bus, expecting, identify_by } = narrowing;
    match question {
        Question::Journal(ask) => Arc::new(ask),
        Question::Events(ask) => Arc::new(move |journal| {
            let mut events = journal.published();
            if let Some(bus) = &bus {
                events = events.on_bus(bus);
            }
            if let Some(matcher) = &matching {
                events = events.matching(matcher);
            }
            ask(&events)
        }),
        Question::Ledger(ask) => Arc::new(move |journal| {
            let mut ledger = journal.ledger();
            if let Some(pointer) = &identify_by {
                ledger = ledger.identify_by(pointer);
            }
            if let Some(expected) = &expecting {
                ledger = ledger.expecting(expected);
            }
            if let Some(matcher) = &matching {
                ledger = ledger.matching(matcher);
            }
            ask(&ledger)
        }),
    }
}

/// Reads an assertion of a ledger whose value is `true`.
fn of_ledger(at: &Cursor<'_>, ask: fn(&Ledger) -> Checked) -> Read<Question> {
    at.yes().map(|()| Question::ledger(ask))
}

fn details_conform(at: &Cursor<'_>) -> Read<Question> {
    at.allow(&["detailType", "schema"])?;
    let (detail_type, schema) = (at.required("detailType")?.text()?.to_owned(), at.required("schema")?);
    schema.check(Schema::compile(schema.value))?;
    let schema = schema.value.clone();
    Ok(Question::events(move |events| events.check_details_conform(&detail_type, &schema)))
}

fn lint_clean(at: &Cursor<'_>) -> Read<Question> {
    let meant = if at.value.is_boolean() {
        at.yes()?;
        Vec::new()
    } else {
        at.object_or("true or {\"without\": [...]}")?;
        at.allow(&["without"])?;
        at.required("without")?.each(read_rule)?
    };
    Ok(Question::journal(move |journal| {
        meant.iter().fold(journal.lint(), |lint, rule| lint.without(*rule)).check_clean()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expectation_can_be_read_and_asked() {
        let journal = crate::engine::Engine::new().journal();
        for row in &EXPECTATIONS {
            let json: Value = serde_json::from_str(&format!("{{\"{}\":{}}}", row.name, row.example)).unwrap();
            match read_expectation(&Cursor::root(&json)) {
                Ok(expectations) => drop(expectations[0].check(&journal)),
                Err(error) => {
                    assert!(error.message.contains("without the feature json-schema"), "{}: {error}", row.name)
                }
            }
        }
    }
}
