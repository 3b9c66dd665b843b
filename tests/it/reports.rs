//! The texts that a user reads, to the letter.

use pretty_assertions::assert_eq;
use putevents_mock::{Engine, EntryError, Fault, Limits, RequestError, entry};
use serde_json::Value;

use crate::support::{Bench, entries, order, put_events, with};

#[test]
fn a_journal_prints_itself_as_a_timeline() {
    let mut bench = Bench::new(Engine::new().known_buses(["orders"]));
    bench.engine.inject(Fault::request(RequestError::internal_exception()).times(1));
    bench.engine.inject(Fault::entry(EntryError::throttling()).at_index(1).times(1));
    bench.put([order(1), order(2), order(3)]);
    bench.put([order(1), order(2), order(3)]);
    bench.put([order(2)]);
    bench.put([order(4), order(5)]);
    let nameless = || with(order(6), "Source", Value::Null);
    bench.put([nameless(), with(order(7), "Detail", "x"), nameless()]);
    bench.put([with(order(7), "EventBusName", "ordres")]);
    bench.handle(put_events("{"));
    assert_eq!(
        bench.journal().to_string(),
        "\
7 attempts, 6 events published
  #1  +0.000 s  3 entries  500 InternalException (injected)
  #2  +1.000 s  3 entries  [1] ThrottlingException (injected), 2 accepted
  #3  +2.000 s  1 entry    accepted
  #4  +3.000 s  2 entries  all accepted
  #5  +4.000 s  3 entries  [0, 2] InvalidArgument, [1] MalformedDetail, none accepted
  #6  +5.000 s  1 entry    accepted, [0] delivered nowhere
  #7  +6.000 s             400 SerializationException

problems
  #6  +5.000 s  entry 0 went to the event bus \"ordres\", which is none of those known (default, orders): accepted, as AWS does, and delivered nowhere
  #7  +6.000 s  the body is not JSON: EOF while parsing an object at line 1 column 1
"
    );
}

#[test]
fn an_empty_journal_says_that_nothing_came() {
    assert_eq!(Bench::default().journal().to_string(), "0 attempts, 0 events published\n");
}

#[test]
fn a_long_timeline_loses_its_middle_and_says_how_much() {
    let mut bench = Bench::default();
    for id in 0..100 {
        bench.put([order(id)]);
    }
    let report = bench.journal().to_string();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 32);
    assert_eq!(lines[0], "100 attempts, 100 events published");
    assert_eq!(lines[15], "  #15   +14.000 s  1 entry  accepted");
    assert_eq!(lines[16], "  ... 70 more ...");
    assert_eq!(lines[17], "  #86   +85.000 s  1 entry  accepted");
    assert_eq!(lines[31], "  #100  +99.000 s  1 entry  accepted");
}

#[test]
fn many_failures_and_long_texts_stay_short() {
    let mut bench = Bench::new(Engine::new().limits(Limits::none()));
    bench.engine.inject(Fault::entry(EntryError::internal_failure()).after(1));
    bench.put((0..20).map(order));
    let mut request = put_events(entries([order(1)]));
    *request.uri_mut() = format!("/{}", "x".repeat(1_000)).parse().unwrap();
    bench.handle(request);
    assert_eq!(
        bench.journal().to_string(),
        format!(
            "\
2 attempts, 1 event published
  #1  +0.000 s  20 entries  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9 more] InternalFailure (injected), 1 accepted
  #2  +1.000 s              404 UnknownOperationException

problems
  #2  +1.000 s  the path is \"/{} ... (663 more characters)
",
            "x".repeat(386)
        )
    );
}

#[test]
fn faults_and_matchers_print_themselves_as_sentences() {
    let throttling = || Fault::entry(EntryError::throttling());
    let unavailable = || Fault::request(RequestError::service_unavailable());
    for (fault, sentence) in [
        (throttling(), "ThrottlingException for entries"),
        (throttling().at_index(2).times(1), "ThrottlingException for entries at index 2, once"),
        (
            throttling()
                .matching(entry().source("a").detail_type("b").event_bus("c").detail_at("/d", "e"))
                .after(2)
                .times(3),
            "ThrottlingException for entries with source \"a\", detail-type \"b\", event bus \"c\", detail /d = \"e\", after \
             the first 2, 3 times",
        ),
        (throttling().matching(entry()), "ThrottlingException for any entries"),
        (unavailable().on_attempt(1), "503 ServiceUnavailable for the whole request, on attempt 1"),
        (
            unavailable().matching(entry().detail_at("", 5)),
            "503 ServiceUnavailable for requests with entries with detail = 5",
        ),
        (Fault::request(RequestError::payload_too_large()), "413 without a body for the whole request"),
    ] {
        assert_eq!(fault.to_string(), sentence);
    }
}

#[test]
fn entries_and_errors_print_themselves_in_one_line() {
    let mut bench = Bench::default();
    bench.put([order(1), with(with(order(2), "Source", Value::Null), "Detail", Value::Null)]);
    let lines: Vec<String> = bench.journal().entries().map(ToString::to_string).collect();
    assert_eq!(lines, ["shop.orders / OrderPlaced {\"orderId\":1}", "(no source) / OrderPlaced (no detail)"]);
    assert_eq!(EntryError::throttling().to_string(), "ThrottlingException: Rate exceeded");
    assert_eq!(RequestError::throttling().to_string(), "400 ThrottlingException");
}

#[cfg(feature = "server")]
#[tokio::test(start_paused = true)]
async fn a_wait_that_times_out_prints_the_journal() {
    use putevents_mock::MockEventBridge;
    use std::time::Duration;

    let eventbridge = MockEventBridge::start().await;
    let waited = eventbridge.wait_until(Duration::from_millis(1_500), |journal| journal.published().len() == 1).await;
    let expected = "what was waited for did not happen within 1.5 s\n\n0 attempts, 0 events published\n";
    let timeout = waited.unwrap_err();
    assert_eq!(timeout.to_string(), expected);
    assert_eq!(format!("{timeout:?}"), expected);
}
