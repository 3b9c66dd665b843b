//! Judgements of much: each is what a simple look at everything would find, and a huge one is right as well.

use std::collections::VecDeque;
use std::time::Duration;

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use putevents_mock::expect::{LintRule, Reported};
use putevents_mock::fault::ErrorClass;
use putevents_mock::journal::Entry;
use putevents_mock::ledger::Fate;
use putevents_mock::matcher::prefix;
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, Journal, Ledger, Limits, entry};
use serde_json::{Value, json};

use crate::support::{Bench, entries, order, put_events};

/// So few that many are equal.
fn any_entry() -> impl Strategy<Value = Value> {
    let detail = prop_oneof![
        5 => (0..6_u64, 0..2_u64).prop_map(|(id, number)| json!({ "id": id, "at": { "number": number } }).to_string()),
        1 => (0..6_u64).prop_map(|id| format!(r#"{{"at":{{"number":1.0}},"id":{id}.0}}"#)),
        1 => Just(r#"["x"]"#.to_owned()),
    ];
    detail.prop_map(|detail| json!({ "Source": "shop", "DetailType": "t", "Detail": detail }))
}

fn any_matcher() -> impl Strategy<Value = EntryMatcher> {
    let simple = prop_oneof![
        4 => (0..7_u64).prop_map(|id| entry().detail_at("/id", id)),
        1 => (0..6_u64).prop_map(|id| entry().detail_at("/id", id as f64)),
        2 => (0..6_u64, 0..2_u64).prop_map(|(id, number)| entry().detail_includes(json!({ "at": { "number": number }, "id": id }))),
        1 => (0..6_u64, 0..2_u64).prop_map(|(id, number)| entry().detail(json!({ "at": { "number": number }, "id": id }))),
        1 => (0..2_u64).prop_map(|number| entry().source(prefix("sh")).detail_at("/at/number", number)),
        1 => (0..3_u64).prop_map(|number| entry().detail_contains(number)),
        1 => (0..6_u64).prop_map(|least| {
            entry().detail_at_satisfies("/id", "large", move |id| id.as_u64() >= Some(least)).detail_at("/at/number", 1)
        }),
        1 => (0..6_u64).prop_map(|id| entry().matches_pattern(json!({ "detail": { "id": [id] } }))),
        1 => Just(entry().detail_includes(json!(["x"]))),
        1 => Just(entry()),
    ];
    let simple = simple.boxed();
    let two = (simple.clone(), simple.clone());
    prop_oneof![
        8 => simple.clone(),
        1 => simple.prop_map(EntryMatcher::not),
        1 => two.prop_map(|(one, other)| one.or(other)),
    ]
}

/// Each matcher is asked about each entry, and each has the place that Kuhn's algorithm gives, by one search for each.
fn assigned(matchers: &[EntryMatcher], found: &[&Entry]) -> Vec<Option<usize>> {
    let mut takers: Vec<Option<usize>> = vec![None; found.len()];
    for first in 0..matchers.len() {
        let mut asked_by = vec![None; found.len()];
        let mut queue = VecDeque::from([first]);
        'search: while let Some(asking) = queue.pop_front() {
            for (mut place, entry) in found.iter().enumerate() {
                if asked_by[place].is_some() || !matchers[asking].matches(entry) {
                    continue;
                }
                asked_by[place] = Some(asking);
                if let Some(taker) = takers[place] {
                    queue.push_back(taker);
                    continue;
                }
                while let Some(taker) = asked_by[place] {
                    let left = takers.iter().position(|other| *other == Some(taker));
                    takers[place] = Some(taker);
                    if taker == first {
                        break 'search;
                    }
                    place = left.unwrap();
                }
            }
        }
    }
    (0..matchers.len()).map(|taker| takers.iter().position(|other| *other == Some(taker))).collect()
}

/// The index of what is no part of a list.
fn others(all: usize, part: &[Option<usize>]) -> Vec<usize> {
    (0..all).filter(|index| !part.contains(&Some(*index))).collect()
}

/// An event with its tries, each by the number of its attempt and its index there.
#[derive(Default)]
struct Line {
    tries: Vec<(usize, usize)>,
    accepted: Option<Duration>,
    hopeless: Option<Duration>,
}

/// The lines of a ledger, by a look at each of the lines before.
fn lines_of(journal: &Journal, key_of: impl Fn(&Entry) -> (Value, bool), expected: &[EntryMatcher]) -> Vec<Line> {
    let mut lines: Vec<(Value, Line)> = Vec::new();
    for attempt in journal.attempts().iter() {
        let at = attempt.at();
        let mut used = Vec::new();
        for (index, entry) in attempt.entries().iter().enumerate() {
            let (key, is_id) = key_of(entry);
            let alike: Vec<usize> = (0..lines.len()).filter(|line| lines[*line].0 == key).collect();
            let free: Vec<usize> = alike.iter().copied().filter(|line| is_id || !used.contains(line)).collect();
            let is_unaccepted = |line: &usize| lines[*line].1.accepted.is_none_or(|since| since > at);
            let is_open = |line: &usize| is_unaccepted(line) && lines[*line].1.hopeless.is_none_or(|since| since > at);
            let is_new = |line: &usize| lines[*line].1.tries.last().is_none_or(|(last, _)| *last != attempt.number());
            let may_be_another = || expected.iter().filter(|matcher| matcher.matches(entry)).count() > alike.len();
            let find = |what: &dyn Fn(&usize) -> bool| free.iter().copied().find(|line| what(line));
            let line = find(&|line| is_open(line) && is_new(line)).or_else(|| {
                let first = *free.first()?;
                (!may_be_another()).then(|| find(&is_open).or_else(|| find(&is_unaccepted)).unwrap_or(first))
            });
            let line = line.unwrap_or_else(|| {
                lines.push((key, Line::default()));
                lines.len() - 1
            });
            used.push(line);
            let line = &mut lines[line].1;
            line.tries.push((attempt.number(), index));
            let told = attempt.is_told().then(|| attempt.ended_at().unwrap_or(at));
            let Some(outcome) = attempt.outcomes().get(index) else { continue };
            let first = |one: Option<Duration>, other: Option<Duration>| one.into_iter().chain(other).min();
            if outcome.event_id().is_some() {
                line.accepted = first(line.accepted, told);
            }
            if outcome.error().is_some_and(|error| error.class() == ErrorClass::Entry) {
                line.hopeless = first(line.hopeless, told);
            }
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

fn by_content(entry: &Entry) -> (Value, bool) {
    // As floats, so that 1 and 1.0 are equal.
    let detail = entry.detail_json().unwrap();
    (json!([detail["id"].as_f64(), detail["at"]["number"].as_f64(), detail.is_array()]), false)
}

fn by_id(entry: &Entry) -> (Value, bool) {
    match entry.detail_json().unwrap()["id"].as_f64() {
        Some(id) => (id.into(), true),
        None => by_content(entry),
    }
}

/// What comes in one request: its entries, which of them fail and how, and when it is answered, if it is.
type Came = (Vec<Value>, Vec<Option<bool>>, Option<u64>);

fn came() -> impl Strategy<Value = Came> {
    let failures = prop::collection::vec(prop::option::weighted(0.3, any::<bool>()), 0..6);
    (prop::collection::vec(any_entry(), 0..6), failures, prop::option::weighted(0.8, 0..3_u64))
}

fn journal(requests: &[Came]) -> Journal {
    let mut bench = Bench::default().with_own_clock();
    let mut late = Vec::new();
    for (number, (items, failures, answered)) in (1..).zip(requests) {
        for (index, failure) in failures.iter().enumerate() {
            if let Some(is_permanent) = failure {
                let error = if *is_permanent { EntryError::malformed_detail() } else { EntryError::throttling() };
                bench.engine.inject(Fault::entry(error).on_attempt(number).at_index(index));
            }
        }
        let reply = bench.handle(put_events(entries(items.iter().cloned())));
        match answered {
            Some(0) => bench.answered(&reply),
            Some(later) => late.push((bench.now().since_start + Duration::from_secs(*later), reply)),
            None => {}
        }
        bench.wait(Duration::from_secs(1));
        late.retain(|(when, reply)| {
            let is_due = *when <= bench.now().since_start;
            if is_due {
                bench.answered(reply);
            }
            !is_due
        });
    }
    bench.journal()
}

fn told(ledger: &Ledger) -> Vec<Vec<(usize, usize)>> {
    let received = ledger.lines().iter().filter(|line| line.entry().is_some());
    received.map(|line| line.tries().iter().map(|one| (one.attempt().number(), one.index())).collect()).collect()
}

proptest! {
    #[test]
    fn missing_and_surplus_events_are_those_that_one_search_for_each_leaves_over(
        published in prop::collection::vec(any_entry(), 0..20),
        expected in prop::collection::vec(any_matcher(), 0..24),
        doubled in 0..4_usize,
    ) {
        let expected: Vec<EntryMatcher> = expected.iter().take(doubled).chain(&expected).cloned().collect();
        let mut bench = Bench::new(Engine::new().limits(Limits::none()));
        bench.put(published);
        let events = bench.journal().published();
        let found: Vec<&Entry> = events.iter().map(|event| &**event).collect();
        let places = assigned(&expected, &found);
        let missing: Vec<&EntryMatcher> =
            expected.iter().zip(&places).filter(|(_, place)| place.is_none()).map(|(matcher, _)| matcher).collect();
        let surplus: Vec<&Entry> = others(found.len(), &places).into_iter().map(|index| found[index]).collect();
        match events.check_exactly(&expected) {
            Ok(()) => prop_assert!(missing.is_empty() && surplus.is_empty()),
            Err(mismatch) => {
                prop_assert_eq!(mismatch.missing(), missing);
                let shown: Vec<*const Entry> = mismatch.entries().into_iter().map(std::ptr::from_ref).collect();
                prop_assert_eq!(shown, surplus.into_iter().map(std::ptr::from_ref).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_ledger_has_the_lines_that_a_look_at_each_line_before_gives(
        requests in prop::collection::vec(came(), 0..8),
        expected in prop::collection::vec(any_matcher(), 0..16),
        is_by_id: bool,
    ) {
        let journal = journal(&requests);
        let ledger = journal.ledger().expecting(&expected);
        let (ledger, lines) = match is_by_id {
            true => (ledger.identify_by("/id"), lines_of(&journal, by_id, &expected)),
            false => (ledger, lines_of(&journal, by_content, &expected)),
        };
        let tries: Vec<Vec<(usize, usize)>> = lines.into_iter().map(|line| line.tries).collect();
        prop_assert_eq!(told(&ledger), tries);
        let received: Vec<&Entry> = ledger.lines().iter().filter_map(|line| line.entry()).collect();
        let never_sent = ledger.lines().len() - received.len();
        let places = assigned(&expected, &received);
        prop_assert_eq!(never_sent, places.iter().filter(|place| place.is_none()).count());
    }

    #[test]
    fn an_event_is_said_of_by_one_who_says_the_truth_where_there_is_one(
        requests in prop::collection::vec(came(), 0..6),
        expected in prop::collection::vec((0..6_u64).prop_map(|id| entry().detail_at("/id", id)), 0..12),
    ) {
        // Who reports what became of each event, in the words of the events themselves, tells no untruth.
        let journal = journal(&requests);
        let ledger = journal.ledger().identify_by("/id").expecting(&expected);
        let of = |fates: fn(&Fate) -> bool| -> Vec<EntryMatcher> {
            let lines = ledger.lines().iter().filter(|line| fates(&line.fate()));
            lines.filter_map(|line| Some(entry().detail(line.entry()?.detail_json()?.clone()))).collect()
        };
        let published = of(|fate| *fate == Fate::Accepted);
        let unknown = of(|fate| *fate == Fate::AnswerLost);
        let failed = of(|fate| !matches!(fate, Fate::Accepted | Fate::AnswerLost | Fate::NeverSent));
        ledger.assert_reported(Reported::published(published).failed(failed).unknown(unknown));
    }
}

/// A request of so many equal entries.
fn put_equal(bench: &mut Bench, entries: usize) {
    bench.put(vec![order(1); entries]);
}

#[test]
fn twenty_thousand_equal_entries_are_as_many_events_as_one_request_had_and_each_was_sent_again() {
    let mut bench = Bench::new(Engine::new().limits(Limits::none()));
    put_equal(&mut bench, 10_000);
    put_equal(&mut bench, 10_000);
    let journal = bench.journal();
    let ledger = journal.ledger();
    assert_eq!(ledger.lines().len(), 10_000);
    assert!(ledger.lines().iter().all(|line| line.tries().iter().map(|one| one.attempt().number()).eq([1, 2])));
    assert!(ledger.lines().iter().enumerate().all(|(at, line)| line.tries().iter().all(|one| one.index() == at)));
    let expected = vec![entry().detail_at("/orderId", 1); 20_000];
    assert_eq!(ledger.clone().expecting(&expected).lines().len(), 20_000);
    journal.published().assert_exactly(&expected);
    journal.published().assert_in_order(&expected);
    let mismatch = ledger.check_no_duplicates().unwrap_err().to_string();
    assert!(
        mismatch.starts_with("10000 events were accepted more than once\n\n  shop.orders / OrderPlaced"),
        "{mismatch}"
    );
    assert!(mismatch.contains("\n  ... 9994 more ...\n"), "{mismatch}");
    let doubled = journal.lint().iter().filter(|finding| finding.rule() == LintRule::DuplicateInBatch).count();
    assert_eq!(doubled, 2 * 9_999);
}

#[test]
fn of_ten_thousand_surplus_events_the_first_ones_are_shown() {
    let mut bench = Bench::default();
    (0..1_000).for_each(|request| _ = bench.put((0..10).map(|index| order(10 * request + index))));
    let mismatch = bench.journal().published().check_exactly([]).unwrap_err();
    assert_eq!(mismatch.entries().len(), 10_000);
    assert_eq!(
        mismatch.to_string().split("\n\n").take(2).collect::<Vec<_>>().join("\n\n"),
        "10000 events were published, but 0 were expected\n\n  \
         surplus  #1[0]  shop.orders / OrderPlaced {\"orderId\":0}\n  \
         surplus  #1[1]  shop.orders / OrderPlaced {\"orderId\":1}\n  \
         surplus  #1[2]  shop.orders / OrderPlaced {\"orderId\":2}\n  \
         surplus  #1[3]  shop.orders / OrderPlaced {\"orderId\":3}\n  \
         surplus  #1[4]  shop.orders / OrderPlaced {\"orderId\":4}\n  \
         surplus  ... 9995 more ..."
    );
}

#[test]
fn ten_thousand_matchers_of_any_event_leave_each_event_to_the_matcher_that_needs_it() {
    let mut bench = Bench::default();
    (0..1_000).for_each(|request| _ = bench.put((0..10).map(|index| order(10 * request + index))));
    let journal = bench.journal();
    let one = |id: u64| entry().detail_at("/orderId", id);
    let any = || vec![entry().detail_type("OrderPlaced"); 5_000];
    journal.published().assert_exactly(any().into_iter().chain((0..5_000).map(one)));
    let missing = journal.published().check_exactly(any().into_iter().chain((5_001..10_001).map(one))).unwrap_err();
    assert_eq!(missing.missing(), [&one(10_000)]);
    // Whoever wanted any event has one of the first: the last of these is left over.
    let left: Vec<&Entry> = missing.entries();
    assert_eq!(left.len(), 1);
    assert!(one(5_000).matches(left[0]), "{left:?}");
}
