//! The texts that a user reads, to the letter.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::{Gate, MalformedReply, Quota};
use putevents_mock::matcher::{one_of, prefix};
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
  #5  +4.000 s  entry 0 was refused with InvalidArgument: Parameter Source is not valid. Reason: Source is a required argument.
  #5  +4.000 s  entry 1 was refused with MalformedDetail: Detail is malformed. The Detail is not JSON: expected value at line 1 column 1.
  #5  +4.000 s  entry 2 was refused with InvalidArgument: Parameter Source is not valid. Reason: Source is a required argument.
  #6  +5.000 s  entry 0 went to the event bus \"ordres\", which is none of those known (default, orders): accepted, as AWS does, and delivered nowhere
  #7  +6.000 s  the body is not JSON: EOF while parsing an object at line 1 column 1

lint
  #5  entries 0 and 2 are equal
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
    assert_eq!(lines.len(), 18);
    assert_eq!(lines[0], "100 attempts, 100 events published");
    assert_eq!(lines[8], "  #8    +7.000 s   1 entry  accepted");
    assert_eq!(lines[9], "  ... 84 more ...");
    assert_eq!(lines[10], "  #93   +92.000 s  1 entry  accepted");
    assert_eq!(lines[17], "  #100  +99.000 s  1 entry  accepted");
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

lint
  #1  20 entries, but a request takes at most 10
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
        (Fault::request(RequestError::payload_too_large()), "413 without a code for the whole request"),
    ] {
        assert_eq!(fault.to_string(), sentence);
    }
}

#[test]
fn every_effect_has_its_words() {
    let ms = Duration::from_millis;
    let gate = Gate::new();
    for (fault, sentence) in [
        (
            Fault::entries([Some(EntryError::throttling()), None, Some(EntryError::internal_failure())]),
            "ThrottlingException, nothing, InternalFailure in turn for entries",
        ),
        (
            Fault::requests([None, Some(RequestError::throttling())]),
            "nothing, 400 ThrottlingException in turn for the whole request",
        ),
        (
            Fault::quota(Quota::entries_per_second(2.5).burst(9)),
            "ThrottlingException over 2.5 entries a second (burst 9) for entries",
        ),
        (Fault::quota(Quota::requests_per_second(10.0)), "ThrottlingException over 10 requests a second (burst 10)"),
        (Fault::undelivered(), "acceptance without delivery for entries"),
        (Fault::refuse_connections(), "connections refused"),
        (Fault::reset_on_connect(), "a reset on connect"),
        (Fault::reset(), "a reset without a reply (before acceptance)"),
        (Fault::lost_reply(), "a reset without a reply (after acceptance)"),
        (Fault::empty_response(), "a close without a reply (before acceptance)"),
        (Fault::stall().after_acceptance(), "a stall without a reply (after acceptance)"),
        (Fault::garbage(), "garbage instead of a reply (before acceptance)"),
        (Fault::truncated_head(1), "a close after 1 byte of the reply's head"),
        (Fault::truncated_body(17), "a close after 17 bytes of the reply's body"),
        (Fault::reset_in_head(2), "a reset after 2 bytes of the reply's head"),
        (Fault::reset_in_body(2), "a reset after 2 bytes of the reply's body"),
        (Fault::close_after_reply(), "a close after the reply"),
        (Fault::lost_reply_as(RequestError::bad_gateway()), "502 without a code (after acceptance)"),
        (Fault::malformed_reply(MalformedReply::FewerResults), "a reply with one result too few"),
        (Fault::malformed_reply(MalformedReply::MoreResults), "a reply with one result too many"),
        (Fault::malformed_reply(MalformedReply::ReorderedResults), "a reply with results in the opposite order"),
        (Fault::malformed_reply(MalformedReply::FailedEntryCount(3)), "a reply with a FailedEntryCount of 3"),
        (Fault::malformed_reply(MalformedReply::NoEventIds), "a reply with no EventIds"),
        (Fault::malformed_reply(MalformedReply::EventIdsWithErrorCodes), "a reply with both EventIds and ErrorCodes"),
        (Fault::malformed_reply(MalformedReply::BrokenJson), "a reply with broken JSON"),
        (Fault::malformed_reply(MalformedReply::EmptyBody), "a reply with an empty body"),
        (Fault::malformed_reply(MalformedReply::ContentType("a/b".into())), "a reply with the Content-Type \"a/b\""),
        (Fault::latency(ms(5)), "a latency of 5ms"),
        (Fault::latency_between(ms(5), ms(1_500)), "a latency from 5ms to 1.5s"),
        (Fault::latency_log_normal(ms(5), 0.5), "a latency around 5ms (log-normal, sigma 0.5)"),
        (Fault::latency_percentiles([(50.0, ms(5)), (99.9, ms(6))]), "a latency with 50 % below 5ms, 99.9 % below 6ms"),
        (Fault::dribble(1, ms(5)), "a reply in pieces of 1 byte every 5ms"),
        (Fault::hold(&gate), "a gate that holds the reply"),
        (Fault::hold(&gate).before_acceptance(), "a gate that holds the request"),
    ] {
        assert_eq!(fault.to_string(), sentence);
    }
}

#[test]
fn every_condition_has_its_words() {
    let reset = || Fault::lost_reply().matching(entry().source("a"));
    let matching = |matcher| Fault::entry(EntryError::throttling()).matching(matcher);
    let text = "a reset without a reply (after acceptance) for requests with entries with source \"a\"";
    for (fault, sentence) in [
        (reset().every(2).times(1..=3), format!("{text}, every other time, 1 to 3 times")),
        (reset().every(3).with_probability(0.25), format!("{text}, every 3rd time, with probability 0.25")),
        (
            reset().every(11).with_probability(0.5).keyed_by("/id"),
            format!("{text}, every 11th time, with probability 0.5 by detail /id"),
        ),
        (reset().nth(3), format!("{text}, after the first 2, once")),
        (
            matching(entry().source(prefix("a")).resource(one_of(["b", "c"])).detail_at_satisfies(
                "/x",
                "over 5",
                |_| true,
            )),
            "ThrottlingException for entries with source \"a\"..., resource \"b\" or \"c\", detail /x over 5".into(),
        ),
        (
            matching(entry().source("a").or(entry().satisfies("odd", |_| true))),
            "ThrottlingException for entries with source \"a\" or entries with odd".into(),
        ),
        (
            matching(entry().source("a").not()),
            "ThrottlingException for entries other than entries with source \"a\"".into(),
        ),
        (
            matching(entry().source("a").not().and(entry().detail_type("b"))),
            "ThrottlingException for entries with not (entries with source \"a\"), detail-type \"b\"".into(),
        ),
    ] {
        assert_eq!(fault.to_string(), sentence);
    }
}

#[test]
fn the_timeline_tells_what_became_of_each_answer() {
    let mut bench = Bench::new(Engine::new().seed(7));
    for (number, fault) in (1..).zip([
        Fault::reset(),
        Fault::lost_reply(),
        Fault::truncated_body(17),
        Fault::lost_reply_as(RequestError::service_unavailable()),
        Fault::malformed_reply(MalformedReply::FailedEntryCount(0)),
        Fault::latency(Duration::from_millis(30)),
        Fault::undelivered().at_index(1),
        Fault::stall(),
        Fault::raw_answer("x").after_acceptance(),
        Fault::close_after_reply(),
        Fault::request(RequestError::payload_too_large()),
        Fault::request(RequestError::too_many_requests()),
        Fault::entry(EntryError::throttling()).with_probability(1.0),
    ]) {
        bench.engine.inject(fault.on_attempt(number));
    }
    for attempt in 0..13 {
        bench.handle(put_events(entries([order(2 * attempt), order(2 * attempt + 1)])));
    }
    assert_eq!(
        bench.journal().to_string(),
        "\
13 attempts, 16 events published (seed 7: PUTEVENTS_MOCK_SEED=7 repeats it)
  #1   +0.000 s   2 entries  reset without a reply (injected), nothing accepted
  #2   +1.000 s   2 entries  all accepted, then reset without a reply (injected)
  #3   +2.000 s   2 entries  all accepted, then closed after 17 bytes of the reply's body (injected)
  #4   +3.000 s   2 entries  all accepted, but answered 503 ServiceUnavailable (injected)
  #5   +4.000 s   2 entries  all accepted, but answered with a FailedEntryCount of 0 (injected)
  #6   +5.000 s   2 entries  all accepted, 30ms late (injected)
  #7   +6.000 s   2 entries  all accepted, [1] delivered nowhere
  #8   +7.000 s   2 entries  stalled without a reply (injected), nothing accepted
  #9   +8.000 s   2 entries  all accepted, then closed after 1 byte of garbage (injected)
  #10  +9.000 s   2 entries  all accepted, then closed after the reply (injected)
  #11  +10.000 s  2 entries  413 without a code (injected)
  #12  +11.000 s  2 entries  429 without a code (injected)
  #13  +12.000 s  2 entries  [0, 1] ThrottlingException (injected), none accepted
"
    );
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

    let eventbridge = MockEventBridge::start().await;
    let waited = eventbridge.wait_until(Duration::from_millis(1_500), |journal| journal.published().len() == 1).await;
    let expected = "the condition did not hold within 1.5 s\n\n0 attempts, 0 events published\n\n\
                    no request was received: is the publisher awaited, and does it use this endpoint?\n";
    let timeout = waited.unwrap_err();
    assert_eq!(timeout.to_string(), expected);
    assert_eq!(format!("{timeout:?}"), expected);
}

/// A text that wants to be two lines, to paint a terminal, and to turn what follows around.
const ODD: &str = "a\nb\u{1b}[31m\u{202e}";
const ODD_PRINTED: &str = r"a\nb\u{1b}[31m\u{202e}";

#[test]
fn no_text_of_a_client_breaks_a_line_or_steers_a_terminal() {
    let mut bench = Bench::new(Engine::new().known_buses(["orders"]));
    bench.engine.inject(Fault::entry(EntryError::new(ODD, ODD)).matching(entry().detail_type("Failing")).times(1));
    bench.engine.inject(Fault::lost_reply().matching(entry().source("nobody")));
    let odd =
        || with(with(with(order(1), "Source", ODD), "DetailType", ODD), "Detail", format!("{{ \"a\": \"{ODD}\" }}"));
    let failing = with(odd(), "DetailType", "Failing");
    bench.engine = bench.engine.limits(Limits::none());
    bench.put([odd(), failing]);
    bench.put([odd(), with(odd(), "EventBusName", ODD)]);
    let journal = bench.journal();
    let shown = format!("{ODD_PRINTED} / {ODD_PRINTED} {{ \"a\": \"{ODD_PRINTED}\" }}");
    let texts = [
        journal.to_string(),
        journal.ledger().to_string(),
        journal.published().check_count(9).unwrap_err().to_string(),
        journal.published().check_exactly([entry().source("x")]).unwrap_err().to_string(),
        journal.published().check_in_order([entry().source("x"), entry()]).unwrap_err().to_string(),
        journal.ledger().check_no_duplicates().unwrap_err().to_string(),
        journal.ledger().check_at_least_once().unwrap_err().to_string(),
        journal.check_every_fault_fired().unwrap_err().to_string(),
        journal.check_no_problems().unwrap_err().to_string(),
        journal.lint().check_clean().unwrap_err().to_string(),
    ];
    for text in &texts {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with('b')), "{text}");
    }
    assert!(texts[2].contains(&shown), "{}", texts[2]);
    assert!(texts[0].contains(&format!("[1] {ODD_PRINTED} (injected)")), "{}", texts[0]);
    assert_eq!(journal.entries().next().unwrap().to_string(), shown);
    assert_eq!(EntryError::new(ODD, ODD).to_string(), format!("{ODD_PRINTED}: {ODD_PRINTED}"));
}

#[test]
fn a_report_on_a_snapshot_that_is_older_than_its_mock_says_so() {
    let mut bench = Bench::default();
    let put = |bench: &mut Bench| {
        let reply = bench.handle(put_events(entries([order(1)])));
        bench.answered(&reply);
    };
    put(&mut bench);
    let snapshot = bench.journal();
    let report = || snapshot.published().check_count(2).unwrap_err().to_string();
    assert!(report().ends_with("\n  #1  +0.000 s  1 entry  accepted\n"), "{}", report());
    let before = snapshot.published().check_count(2).unwrap_err();
    let other = bench.engine.clone();
    put(&mut bench);
    let newer = |count| {
        format!(
            "\n  #1  +0.000 s  1 entry  accepted\n\n\
             since this snapshot of the journal was taken, the mock has received {count}: call journal() again\n"
        )
    };
    assert!(report().ends_with(&newer("1 more attempt")), "{}", report());
    put(&mut bench);
    assert!(report().ends_with(&newer("2 more attempts")), "{}", report());
    // A part of it is as old, a report that was made before says what it said, and other engines count for themselves.
    let part = snapshot.filter(|_| true).check_in_flight_at_most(0).unwrap_err().to_string();
    assert!(part.ends_with(&newer("2 more attempts")), "{part}");
    assert!(!before.to_string().contains("since this snapshot"), "{before}");
    let of_other = other.journal().published().check_count(2).unwrap_err().to_string();
    assert!(!of_other.contains("since this snapshot"), "{of_other}");
    let fresh = bench.journal().published().check_count(2).unwrap_err().to_string();
    assert!(!fresh.contains("since this snapshot"), "{fresh}");
}

#[test]
fn a_report_on_a_snapshot_from_before_the_first_request_blames_the_snapshot_and_not_the_publisher() {
    let mut bench = Bench::default();
    let snapshot = bench.journal();
    let report = || snapshot.published().check_count(1).unwrap_err().to_string();
    assert!(
        report().ends_with("\n\nno request was received: is the publisher awaited, and does it use this endpoint?\n")
    );
    let _ = bench.handle(put_events(entries([order(1)])));
    assert!(report().ends_with("the mock has received 1 more attempt: call journal() again\n"), "{}", report());
    assert!(!report().contains("no request was received"), "{}", report());
}
