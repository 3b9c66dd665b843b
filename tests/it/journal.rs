//! What is recorded, and for how long.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::journal::ProblemKind;
use putevents_mock::{Engine, EntryError, Fault, Journal, Limits, entry};
use serde_json::{Value, json};

use crate::support::{Bench, body, entries, order, put_events, with};

#[test]
fn details_count_in_the_bound_of_the_journal_once_they_are_parsed() {
    let detail = format!(r#"{{"x":[{}0]}}"#, r#"{"a":1},"#.repeat(1_000));
    let mut bench = Bench::new(Engine::new().max_journal_size(1_000_000));
    let mut send = || bench.put([with(order(1), "Detail", detail.as_str())]);
    (0..20).for_each(|_| drop(send()));
    let before = bench.journal();
    assert_eq!((before.attempts().len(), before.forgotten()), (20, 0));
    // A thousand objects of one member each take some 600 KB.
    let parsed = before.entries().take(2).filter_map(putevents_mock::journal::Entry::detail_json).count();
    assert_eq!(parsed, 2);
    bench.put([order(2)]);
    let after = bench.journal();
    assert!((1..=19).contains(&after.forgotten()), "{}", after.forgotten());
    assert_eq!(after.attempts().len() + after.forgotten(), 21);
    // What was forgotten counts no more, also where a snapshot still holds it.
    bench.put([order(3)]);
    assert_eq!(bench.journal().forgotten(), after.forgotten());
    assert_eq!(before.attempts().len(), 20);
}

#[test]
fn what_a_request_keeps_beside_its_body_counts_in_the_bound_of_the_journal() {
    let escaped = |text: &str| format!(r#"{{"Entries":[{{"TraceHeader":"{}"}}]}}"#, text.repeat(10_000));
    let nulls = format!(r#"{{"Entries":[{}null]}}"#, "null,".repeat(9_999));
    let resources = format!(r#"{{"Entries":[{{"Resources":[{}""]}}]}}"#, r#""","#.repeat(9_999));
    // The bodies have 60, 60, 50 and 30 KB; beside them are kept a text, an error, entries and the places of resources.
    for (what, body, at_least) in [
        ("a decoded text", escaped(r"\u0061"), 64_000),
        ("an error", escaped("abcdef"), 90_000),
        ("entries", nulls, 1_600_000),
        ("resources", resources, 90_000),
    ] {
        let limits = if what == "an error" { Limits::current() } else { Limits::none() };
        let kept = |max: usize| {
            let mut bench = Bench::new(Engine::new().limits(limits).max_journal_size(max));
            for _ in 0..3 {
                bench.handle(put_events(body.clone()));
                // A text with escapes is decoded when somebody looks.
                bench
                    .journal()
                    .entries()
                    .for_each(|entry| assert!(entry.trace_header().is_none_or(|text| !text.is_empty())));
            }
            bench.journal().attempts().len()
        };
        assert_eq!((kept(2 * at_least), kept(20 * at_least)), (1, 3), "{what}");
    }
}

#[test]
fn a_map_of_headers_that_somebody_asks_for_counts_in_the_bound_of_the_journal() {
    let mut bench = Bench::new(Engine::new().max_journal_size(300_000));
    let mut send = || {
        let mut request = put_events(entries([order(1)]));
        request.headers_mut().insert("x-large", "x".repeat(10_000).parse().unwrap());
        bench.handle(request);
        bench.journal()
    };
    (0..20).for_each(|_| drop(send()));
    let before = send();
    assert_eq!((before.attempts().len(), before.forgotten()), (21, 0));
    assert!(before.attempts().iter().all(|attempt| attempt.headers()["x-large"].len() == 10_000));
    assert!(send().forgotten() >= 7, "{}", send().forgotten());
}

#[test]
fn an_attempt_holds_all_that_was_sent_and_answered() {
    let mut bench = Bench::default();
    bench.put([order(1)]);
    let mut request = put_events(entries([order(2)]));
    request.headers_mut().insert("amz-sdk-request", "attempt=2; max=3".parse().unwrap());
    *request.uri_mut() = "/?a=b".parse().unwrap();
    let sent = request.body().clone();
    let reply = bench.handle(request);

    let journal = bench.journal();
    let attempt = &journal.attempts()[1];
    assert_eq!(attempt.number(), 2);
    assert_eq!(attempt.at(), Duration::from_secs(1));
    assert_eq!((attempt.method(), attempt.path()), ("POST", "/"));
    assert_eq!(attempt.header("Amz-Sdk-Request"), Some("attempt=2; max=3"));
    assert_eq!(attempt.headers().len(), 5);
    assert_eq!(attempt.body(), &sent);
    assert_eq!(attempt.entries()[0].detail(), Some("{\"orderId\":2}"));
    assert_eq!(attempt.outcomes()[0].event_id().unwrap(), "00000000-0000-0000-0000-000000000002");
    assert_eq!(attempt.error(), None);
    assert_eq!(attempt.reply(), Some(&reply));
}

#[test]
fn a_snapshot_does_not_change() {
    let mut bench = Bench::default();
    bench.put([order(1)]);
    let before = bench.journal();
    bench.put([order(2)]);
    bench.handle(put_events("{"));
    assert_eq!((before.attempts().len(), before.problems().len()), (1, 0));
    let after = bench.journal();
    assert_eq!((after.attempts().len(), after.problems().len()), (3, 1));
}

#[test]
fn published_events_know_their_id_their_attempt_and_their_detail() {
    let mut bench = Bench::default();
    bench.put([order(1)]);
    let answer = bench.put([order(2), order(3)]);
    let published = bench.journal().published();
    let ids: Vec<u64> =
        published.iter().map(|event| event.detail_json().unwrap()["orderId"].as_u64().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(published[2].attempt().number(), 2);
    assert_eq!(json!(published[2].id().to_string()), answer["Entries"][1]["EventId"]);
}

#[test]
fn a_detail_can_be_read_as_a_type() {
    let mut bench = Bench::default();
    bench.put([order(7)]);
    let journal = bench.journal();
    let detail: std::collections::HashMap<String, u64> = journal.attempts()[0].entries()[0].detail_as().unwrap();
    assert_eq!(detail["orderId"], 7);
    assert!(journal.attempts()[0].entries()[0].detail_as::<Vec<u64>>().is_err());
}

#[test]
fn entries_are_equal_where_all_their_members_are() {
    let mut bench = Bench::default();
    bench.put([order(1), order(1), order(2)]);
    let journal = bench.journal();
    let [first, again, other] = journal.attempts()[0].entries() else { panic!("{journal}") };
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn everything_that_is_no_put_events_is_a_problem_with_its_attempt() {
    let mut bench = Bench::default();
    let mut other_path = put_events("{}");
    *other_path.uri_mut() = "/events".parse().unwrap();
    let mut other_operation = put_events("{}");
    other_operation.headers_mut().insert("x-amz-target", "AWSEvents.PutRule".parse().unwrap());
    for request in [other_path, other_operation, put_events("{"), put_events("{\"Entries\":5}"), put_events("{}")] {
        bench.handle(request);
    }
    let found: Vec<_> =
        bench.journal().problems().iter().map(|problem| (problem.kind(), problem.to_string())).collect();
    let expected = [
        (
            ProblemKind::NotPutEvents,
            "attempt 1: the path is \"/events\"; PutEvents is at \"/\", so check the endpoint URL",
        ),
        (
            ProblemKind::OtherOperation,
            "attempt 2: the operation is PutRule, and the mock has no answer to it: give it one with answer(\"PutRule\", ...), or in a plan with \"answers\": {\"PutRule\": {...}}",
        ),
        (ProblemKind::Unreadable, "attempt 3: the body is not JSON: EOF while parsing an object at line 1 column 1"),
        (
            ProblemKind::Unreadable,
            "attempt 4: Entries has the wrong type: Expected list or null. It is a list, even for one item: write [...]",
        ),
        (
            ProblemKind::Invalid,
            "attempt 5: 1 validation error detected: Value null at 'entries' failed to satisfy constraint: Member must not be null",
        ),
    ];
    assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn a_full_journal_forgets_its_oldest_attempts_and_says_so() {
    let mut bench = Bench::new(Engine::new().max_journal_size(100_000));
    for id in 0..1_000 {
        assert_eq!(bench.put([order(id)])["FailedEntryCount"], 0);
    }
    let journal = bench.journal();
    assert!((10..100).contains(&journal.attempts().len()), "{}", journal.attempts().len());
    assert_eq!(journal.forgotten() + journal.attempts().len(), 1_000);
    assert_eq!(journal.attempts().last().unwrap().number(), 1_000);
    assert_eq!(journal.attempts()[0].number(), journal.forgotten() + 1);
    assert!(
        journal.to_string().contains(&format!("(after {} that were forgotten to save memory)", journal.forgotten()))
    );
}

#[test]
fn a_full_journal_keeps_the_newest_attempt_however_large() {
    let mut bench = Bench::new(Engine::new().max_journal_size(10));
    bench.put([order(1)]);
    let reply = bench.handle(put_events(entries([order(2)])));
    assert_eq!(body(&reply)["FailedEntryCount"], 0);
    assert_eq!((bench.journal().attempts().len(), bench.journal().forgotten()), (1, 1));
    assert_eq!(bench.journal().attempts()[0].number(), 2);
}

#[test]
fn the_account_and_the_region_of_the_events_can_be_said() {
    let bus = "arn:aws:events:ap-south-1:999999999999:event-bus/orders";
    let published = |engine: Engine| {
        let mut bench = Bench::new(engine);
        bench.put([order(1), with(order(2), "EventBusName", bus)]);
        bench.journal()
    };
    let origins = |journal: &Journal| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let envelopes = journal.published().iter().map(putevents_mock::journal::Event::envelope).collect::<Vec<_>>();
        envelopes.iter().map(|envelope| (text(&envelope["account"]), text(&envelope["region"]))).collect()
    };
    let expected = |pairs: [(&str, &str); 2]| pairs.map(|(one, other)| (one.to_owned(), other.to_owned())).to_vec();
    for (engine, pairs) in [
        (Engine::new(), [("123456789012", "us-east-1"), ("123456789012", "ap-south-1")]),
        (Engine::new().account("111122223333"), [("111122223333", "us-east-1"), ("111122223333", "ap-south-1")]),
        (Engine::new().region("eu-west-3"), [("123456789012", "eu-west-3"), ("123456789012", "eu-west-3")]),
        (
            Engine::new().region("eu-west-3").account("111122223333"),
            [("111122223333", "eu-west-3"), ("111122223333", "eu-west-3")],
        ),
    ] {
        let journal = published(engine);
        assert_eq!(origins(&journal), expected(pairs));
        // A saved journal knows them, and patterns see them.
        let again: Journal = journal.to_json().to_string().parse().unwrap();
        assert_eq!(origins(&again), expected(pairs));
        for journal in [journal, again] {
            let (account, region) = pairs[1];
            let matcher = entry().matches_pattern(json!({ "account": [account], "region": [region] }));
            journal.published().matching(matcher).assert_contain([entry().event_bus(bus)]);
        }
    }
    // A fault with such a pattern sees them as well.
    let mut bench = Bench::new(Engine::new().account("111122223333"));
    let pattern = json!({ "account": ["111122223333"] });
    bench.engine.inject(Fault::entry(EntryError::throttling()).matching(entry().matches_pattern(pattern)));
    assert_eq!(bench.put([order(1)])["FailedEntryCount"], 1);
}
