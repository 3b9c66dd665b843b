//! An expectation from JSON. Its name is that of the assertion, and beside it stands what narrows the question.

use std::sync::Arc;

use super::{Check, Expectation};
use crate::expect::{Backoff, Mismatch, Reported};
use crate::fault::plan::read_matcher;
use crate::journal::{Events, Journal};
use crate::json_at::{At, Misfit};
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::lint::LintRule;
use crate::matcher::{EntryMatcher, pointer_error};

type Read<T> = Result<T, Misfit>;

/// What is asked of published events, of the ledger, and of the journal.
const OF_EVENTS: [&str; 6] = [
    "publishedExactly",
    "publishedInOrder",
    "publishedContain",
    "publishedCount",
    "publishedNoneMatch",
    "detailsConform",
];
const OF_LEDGER: [&str; 11] = [
    "atLeastOnce",
    "exactlyOnce",
    "noneLost",
    "noDuplicates",
    "onlyFailedEntriesResent",
    "permanentErrorsNotRetried",
    "attemptsAtMost",
    "orderKept",
    "orderKeptPer",
    "backoff",
    "reported",
];
const OF_JOURNAL: [&str; 6] =
    ["everyFaultFired", "noProblems", "batchesWithin", "batchesFull", "inFlightAtMost", "lintClean"];
/// What may stand beside some of them.
const NARROWING: [&str; 4] = ["matching", "onBus", "expecting", "identifyBy"];

pub(crate) fn read_expectation(at: &At<'_>) -> Read<Expectation> {
    let names = [&OF_EVENTS[..], &OF_LEDGER, &OF_JOURNAL].concat();
    at.allow(&[&names[..], &NARROWING].concat())?;
    let asked: Vec<At<'_>> = names.iter().filter_map(|name| at.get(name)).collect();
    let asked = match &asked[..] {
        [asked] => asked,
        [] => return Err(at.error(format!("nothing is expected: write one of {}", names.join(", ")))),
        [first, second, ..] => {
            let message = format!("an expectation asks one thing: make {} and {} two", first.place, second.place);
            return Err(at.error(message));
        }
    };
    let name = asked.place.rsplit('.').next().unwrap_or_default();
    let check = if OF_EVENTS.contains(&name) {
        at.allow(&[name, "matching", "onBus"])?;
        of_events(name, asked, narrowed_events(at)?)?
    } else if OF_LEDGER.contains(&name) {
        at.allow(&[name, "matching", "expecting", "identifyBy"])?;
        of_ledger(name, asked, narrowed_ledger(at)?)?
    } else {
        at.allow(&[name])?;
        of_journal(name, asked)?
    };
    let members = at.members()?.iter().filter(|(other, _)| *other == name);
    let members = members.chain(at.members()?.iter().filter(|(other, _)| *other != name));
    let members: Vec<String> = members.map(|(name, value)| format!("\"{name}\":{value}")).collect();
    Ok(Expectation { json: at.value.clone(), text: format!("{{{}}}", members.join(",")), check })
}

/// The part of something that a question is about.
type Part<T> = Box<dyn Fn(&Journal) -> T + Send + Sync>;

fn narrowed_events(at: &At<'_>) -> Read<Part<Events>> {
    let matching = at.optional("matching", read_matcher)?;
    let bus = at.optional("onBus", |at| Ok(at.text()?.to_owned()))?;
    Ok(Box::new(move |journal| {
        let mut events = journal.published();
        if let Some(bus) = &bus {
            events = events.on_bus(bus);
        }
        if let Some(matcher) = &matching {
            events = events.matching(matcher);
        }
        events
    }))
}

fn narrowed_ledger(at: &At<'_>) -> Read<Part<Ledger>> {
    let matching = at.optional("matching", read_matcher)?;
    let expecting = at.optional("expecting", matchers)?;
    let identify_by = at.optional("identifyBy", pointer)?;
    Ok(Box::new(move |journal| {
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
        ledger
    }))
}

/// Asks a question about a part of the journal.
fn check<T: 'static>(part: Part<T>, ask: impl Fn(&T) -> Result<(), Mismatch> + Send + Sync + 'static) -> Read<Check> {
    Ok(Arc::new(move |journal| ask(&part(journal))))
}

fn of_events(name: &str, at: &At<'_>, events: Part<Events>) -> Read<Check> {
    match name {
        "publishedExactly" => {
            let expected = matchers(at)?;
            check(events, move |events| events.check_exactly(&expected))
        }
        "publishedInOrder" => {
            let expected = matchers(at)?;
            check(events, move |events| events.check_in_order(&expected))
        }
        "publishedContain" => {
            let expected = matchers(at)?;
            check(events, move |events| events.check_contain(&expected))
        }
        "publishedCount" => {
            let count = at.whole_number()?;
            check(events, move |events| events.check_count(count))
        }
        "publishedNoneMatch" => {
            let unwanted = read_matcher(at)?;
            check(events, move |events| events.check_none_match(&unwanted))
        }
        "detailsConform" => {
            at.allow(&["detailType", "schema"])?;
            let (detail_type, schema) = (at.required("detailType")?.text()?.to_owned(), at.required("schema")?);
            #[cfg(feature = "json-schema")]
            {
                let valid = jsonschema::validator_for(schema.value);
                schema.check(valid.map(drop).map_err(|error| format!("this is no JSON Schema: {error}")))?;
                let schema = schema.value.clone();
                check(events, move |events| events.check_details_conform(&detail_type, &schema))
            }
            #[cfg(not(feature = "json-schema"))]
            {
                drop((detail_type, events));
                Err(schema.error("this was built without the feature json-schema, and cannot tell"))
            }
        }
        _ => unknown(at),
    }
}

fn of_ledger(name: &str, at: &At<'_>, ledger: Part<Ledger>) -> Read<Check> {
    let simple = |ask: fn(&Ledger) -> Result<(), Mismatch>| at.yes().map(|()| ask);
    match name {
        "atLeastOnce" => check(ledger, simple(Ledger::check_at_least_once)?),
        "exactlyOnce" => check(ledger, simple(Ledger::check_exactly_once)?),
        "noneLost" => check(ledger, simple(Ledger::check_none_lost)?),
        "noDuplicates" => check(ledger, simple(Ledger::check_no_duplicates)?),
        "onlyFailedEntriesResent" => check(ledger, simple(Ledger::check_only_failed_entries_resent)?),
        "permanentErrorsNotRetried" => check(ledger, simple(Ledger::check_permanent_errors_not_retried)?),
        "attemptsAtMost" => {
            let tries = at.whole_number()?;
            check(ledger, move |ledger| ledger.check_attempts_at_most(tries))
        }
        "orderKept" => check(ledger, simple(Ledger::check_order_kept)?),
        "orderKeptPer" => {
            let pointer = pointer(at)?;
            check(ledger, move |ledger| ledger.check_order_kept_per(&pointer))
        }
        "backoff" => {
            let backoff = backoff(at)?;
            check(ledger, move |ledger| ledger.check_backoff(backoff.clone()))
        }
        "reported" => {
            let reported = reported(at)?;
            check(ledger, move |ledger| ledger.check_reported(reported.clone()))
        }
        _ => unknown(at),
    }
}

fn of_journal(name: &str, at: &At<'_>) -> Read<Check> {
    let simple = |ask: fn(&Journal) -> Result<(), Mismatch>| at.yes().map(|()| Arc::new(ask) as Check);
    match name {
        "everyFaultFired" => simple(Journal::check_every_fault_fired),
        "noProblems" => simple(Journal::check_no_problems),
        "batchesWithin" => {
            let limits = limits(at)?;
            Ok(Arc::new(move |journal| journal.check_batches_within(limits)))
        }
        "batchesFull" => {
            let limits = limits(at)?;
            Ok(Arc::new(move |journal| journal.check_batches_full(limits)))
        }
        "inFlightAtMost" => {
            let requests = at.whole_number()?;
            Ok(Arc::new(move |journal| journal.check_in_flight_at_most(requests)))
        }
        "lintClean" => {
            let meant = if at.value.is_boolean() {
                at.yes()?;
                Vec::new()
            } else {
                at.allow(&["without"])?;
                at.required("without")?.items()?.iter().map(rule).collect::<Read<_>>()?
            };
            Ok(Arc::new(move |journal| {
                meant.iter().fold(journal.lint(), |lint, rule| lint.without(*rule)).check_clean()
            }))
        }
        _ => unknown(at),
    }
}

/// A name that is listed above and stands for nothing.
fn unknown<T>(at: &At<'_>) -> Read<T> {
    Err(at.error("there is no such expectation"))
}

fn matchers(at: &At<'_>) -> Read<Vec<EntryMatcher>> {
    at.items()?.iter().map(read_matcher).collect()
}

fn pointer(at: &At<'_>) -> Read<String> {
    let pointer = at.text()?;
    pointer_error(pointer).map_or_else(|| Ok(pointer.to_owned()), |error| Err(at.error(error)))
}

fn limits(at: &At<'_>) -> Read<Limits> {
    let limits = Limits::named(at.text()?);
    limits.map_or_else(|| at.is_wrong(&format!("the name of limits; there are {}", Limits::NAMES.join(", "))), Ok)
}

fn rule(at: &At<'_>) -> Read<LintRule> {
    let name = at.text()?;
    let names: Vec<String> = LintRule::ALL.iter().map(|rule| rule.name()).collect();
    let found = LintRule::ALL.iter().find(|rule| rule.name() == name);
    found.map_or_else(|| at.is_wrong(&format!("a rule; there are {}", names.join(", "))), |rule| Ok(*rule))
}

fn backoff(at: &At<'_>) -> Read<Backoff> {
    at.allow(&["atLeastMs", "atMostMs", "inAllAtMostMs", "growing", "jittered"])?;
    let mut backoff = Backoff::new();
    if let Some(wait) = at.optional("atLeastMs", At::milliseconds)? {
        backoff = backoff.at_least(wait);
    }
    if let Some(wait) = at.optional("atMostMs", At::milliseconds)? {
        backoff = backoff.at_most(wait);
    }
    if let Some(time) = at.optional("inAllAtMostMs", At::milliseconds)? {
        backoff = backoff.in_all_at_most(time);
    }
    if at.optional("growing", At::yes)?.is_some() {
        backoff = backoff.growing();
    }
    if at.optional("jittered", At::yes)?.is_some() {
        backoff = backoff.jittered();
    }
    Ok(backoff)
}

fn reported(at: &At<'_>) -> Read<Reported> {
    if at.value.as_str() == Some("allPublished") {
        return Ok(Reported::all_published());
    }
    if !at.value.is_object() {
        return at.is_wrong("\"allPublished\", {\"published\": [...], \"failed\": [...]} or {\"counts\": {...}}");
    }
    at.allow(&["published", "failed", "counts"])?;
    if let Some(counts) = at.get("counts") {
        at.allow(&["counts"])?;
        counts.allow(&["published", "failed"])?;
        let count = |name| counts.required(name)?.whole_number();
        return Ok(Reported::counts(count("published")?, count("failed")?));
    }
    let failed = at.optional("failed", matchers)?.unwrap_or_default();
    Ok(Reported::published(matchers(&at.required("published")?)?).failed(failed))
}
