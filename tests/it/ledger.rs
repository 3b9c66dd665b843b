//! Which entries are the same event, what the publisher was told, and what became of it.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::expect::{Backoff, LintRule, MismatchKind, Reported};
use putevents_mock::fault::{ErrorClass, MalformedReply};
use putevents_mock::ledger::{Failure, Fate};
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, Journal, Ledger, Limits, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, order, put_events, with};

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

fn after(fault: Fault, batches: &[&[Value]]) -> Journal {
    let mut bench = Bench::default();
    bench.engine.inject(fault);
    for batch in batches {
        bench.put(batch.iter().cloned());
    }
    bench.journal()
}

/// The places where each event was received.
fn places(journal: &Journal) -> Vec<Vec<(usize, usize)>> {
    let place = |one: &putevents_mock::ledger::Try| (one.attempt().number(), one.index());
    journal.ledger().lines().iter().map(|line| line.tries().iter().map(place).collect()).collect()
}

#[test]
fn entries_are_the_same_event_where_their_content_is() {
    let detail = |text: &str| with(order(1), "Detail", text);
    let one = [detail("{\"a\":1,\"b\":2}")];
    // The order of keys, white space, how a number is written and a new Time are no difference; everything else is.
    let same = [with(detail("{ \"b\":2.0, \"a\":1e0 }"), "Time", 5)];
    let others = [
        detail("{\"a\":1,\"b\":3}"),
        with(detail("{\"a\":1,\"b\":2}"), "Source", "other"),
        with(detail("{\"a\":1,\"b\":2}"), "EventBusName", "other"),
        with(detail("{\"a\":1,\"b\":2}"), "Resources", json!(["r"])),
    ];
    let throttled = Fault::request(RequestError::throttling()).on_attempt(1);
    let journal = after(throttled, &[&one, &same, &others]);
    let mut expected = vec![vec![(1, 0), (2, 0)]];
    expected.extend((0..4).map(|index| vec![(3, index)]));
    assert_eq!(places(&journal), expected);
}

#[test]
fn numbers_of_more_digits_than_a_float_holds_tell_events_apart() {
    let detail = |text: &str| with(order(1), "Detail", text);
    let throttled = Fault::request(RequestError::throttling()).on_attempt(1);
    let one = detail(r#"{"id":12345678901234567890123,"n":1}"#);
    let same = detail(r#"{"n":1.0,"id":1.2345678901234567890123e22}"#);
    let others =
        [detail(r#"{"id":12345678901234567890124,"n":1}"#), detail(r#"{"id":1e400}"#), detail(r#"{"id":1e401}"#)];
    let [first, second, third] = others.clone();
    let journal = after(throttled, &[&[one], &[same, first, second, third]]);
    assert_eq!(places(&journal), [vec![(1, 0), (2, 0)], vec![(2, 1)], vec![(2, 2)], vec![(2, 3)]]);
    let by_id = journal.ledger().identify_by("/id");
    assert_eq!(by_id.lines().len(), 4, "{by_id}");
}

#[test]
fn equal_entries_of_one_request_are_different_events() {
    let second_fails = Fault::entry(EntryError::throttling()).at_index(1).times(1);
    let journal = after(second_fails, &[&[order(1), order(1)], &[order(1)]]);
    assert_eq!(places(&journal), [vec![(1, 0)], vec![(1, 1), (2, 0)]]);
    journal.ledger().assert_exactly_once();
}

#[test]
fn an_event_can_be_known_by_an_id_in_its_detail() {
    let stamped =
        |id: u64, try_number: u64| with(order(id), "Detail", json!({ "orderId": id, "try": try_number }).to_string());
    let fails = Fault::entry(EntryError::throttling()).times(1);
    let journal = after(fails, &[&[stamped(1, 1)], &[stamped(1, 2)]]);
    assert_eq!(places(&journal).len(), 2);
    let ledger = journal.ledger().identify_by("/orderId");
    assert_eq!(ledger.lines().len(), 1);
    ledger.assert_exactly_once();
}

#[test]
fn equal_events_that_are_expected_twice_may_come_twice() {
    let journal = after(Fault::entry(EntryError::throttling()).on_attempt(9), &[&[order(1)], &[order(1)]]);
    assert!(journal.ledger().check_exactly_once().is_err());
    journal.ledger().expecting([is_order(1), is_order(1)]).assert_exactly_once();
    assert!(journal.ledger().expecting([is_order(1)]).check_exactly_once().is_err());
}

#[test]
fn each_fate_has_its_name() {
    let orders = [order(1), order(2), order(3)];
    let mut bench = Bench::default();
    bench.engine.inject(Fault::entry(EntryError::throttling()).matching(is_order(2)));
    bench.engine.inject(Fault::entry(EntryError::access_denied()).matching(is_order(3)));
    bench.engine.inject(Fault::lost_reply().on_attempt(2));
    bench.put(orders);
    bench.put([order(4)]);
    let ledger = bench.journal().ledger().expecting([1, 2, 3, 4, 5].map(is_order));
    let fates: Vec<Fate> = ledger.lines().iter().map(putevents_mock::ledger::Line::fate).collect();
    assert_eq!(
        fates,
        [
            Fate::Accepted,
            Fate::NeverRetried(Failure::Entry(EntryError::throttling())),
            Fate::Rejected(Failure::Entry(EntryError::access_denied())),
            Fate::AnswerLost,
            Fate::NeverSent,
        ]
    );
    assert_eq!(
        ledger.to_string(),
        "\
5 events
  shop.orders / OrderPlaced {\"orderId\":1}  was accepted in #1[0]
  shop.orders / OrderPlaced {\"orderId\":2}  got ThrottlingException in #1[1] and was never sent again
  shop.orders / OrderPlaced {\"orderId\":3}  got AccessDeniedException in #1[2], a permanent error
  shop.orders / OrderPlaced {\"orderId\":4}  was accepted in #2[0], but no reply said so
  detail /orderId = 5                      was never sent
"
    );
    assert_eq!(ledger.lines()[0].to_string(), "shop.orders / OrderPlaced {\"orderId\":1} was accepted in #1[0]");
    assert_eq!(ledger.matching(is_order(5)).lines().len(), 1);
}

#[test]
fn a_resend_is_justified_unless_the_publisher_was_told() {
    for (fault, is_told) in [
        (Fault::latency(Duration::from_millis(900)), true),
        (Fault::latency(Duration::from_millis(1_100)), false),
        (Fault::close_after_reply(), true),
        (Fault::lost_reply(), false),
        (Fault::lost_reply_as(RequestError::service_unavailable()), false),
        (Fault::truncated_body(17), false),
        (Fault::malformed_reply(MalformedReply::NoEventIds), false),
        (Fault::stall().after_acceptance(), false),
        (Fault::dribble(1, Duration::ZERO), true),
    ] {
        let text = fault.to_string();
        let journal = after(fault.on_attempt(1), &[&[order(1)], &[order(1)]]);
        assert_eq!(journal.ledger().check_only_failed_entries_resent().is_err(), is_told, "{text}");
        assert!(journal.ledger().check_no_duplicates().is_err(), "{text}");
    }
}

#[test]
fn an_answer_that_nobody_was_there_for_told_nothing() {
    let mut bench = Bench::default();
    let reply = {
        bench.put([order(1)]);
        bench.handle(put_events(crate::support::entries([order(1)])))
    };
    let now = bench.now();
    bench.engine.abandoned(1, now);
    bench.engine.answered(reply.attempt(), now);
    bench.engine.abandoned(reply.attempt(), now); // What is over is over.
    let journal = bench.journal();
    assert_eq!(
        journal.attempts().iter().map(putevents_mock::journal::Attempt::is_told).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(journal.attempts()[1].ended_at(), Some(Duration::from_secs(2)));
    journal.ledger().assert_only_failed_entries_resent();
}

#[test]
fn whole_requests_fail_for_the_entry_the_batch_the_caller_or_for_now() {
    let only_a_header = |error: RequestError, code| error.without_body().with_header("x-amzn-ErrorType", code);
    for (error, class) in [
        (RequestError::access_denied(), ErrorClass::Caller),
        (RequestError::expired_token(), ErrorClass::Caller),
        (RequestError::payload_too_large(), ErrorClass::Batch),
        (RequestError::new(400, "ValidationException", "1 validation error detected"), ErrorClass::Batch),
        (RequestError::throttling(), ErrorClass::Transient),
        (RequestError::new(400, "RequestLimitExceeded", ""), ErrorClass::Transient),
        (RequestError::too_many_requests(), ErrorClass::Transient),
        (RequestError::internal_exception(), ErrorClass::Transient),
        (RequestError::gateway_timeout(), ErrorClass::Transient),
        (only_a_header(RequestError::access_denied(), "AccessDeniedException"), ErrorClass::Caller),
        (only_a_header(RequestError::throttling(), "ThrottlingException:http://x/"), ErrorClass::Transient),
    ] {
        let text = error.to_string();
        assert_eq!(error.class(), class, "{text}");
        assert_eq!(error.is_retryable(), class == ErrorClass::Transient, "{text}");
        let again = |first: &[Value], then: &[Value]| {
            after(Fault::request(error.clone()).times(1), &[first, then]).ledger().check_permanent_errors_not_retried()
        };
        let about_the_entries = class == ErrorClass::Batch;
        // One entry is a batch that cannot be split, and the same batch cannot pass either. A part of it may.
        assert_eq!(again(&[order(1)], &[order(1)]).is_err(), about_the_entries, "{text}");
        assert_eq!(again(&[order(1), order(2)], &[order(1), order(2)]).is_err(), about_the_entries, "{text}");
        assert!(again(&[order(1), order(2)], &[order(1)]).is_ok(), "{text}");
        assert!(again(&[order(1), order(2)], &[order(2), order(3)]).is_ok(), "{text}");
    }
}

#[test]
fn what_the_caller_or_the_batch_was_refused_for_is_lost_if_nobody_sends_it_again() {
    for error in [RequestError::expired_token(), RequestError::payload_too_large(), RequestError::throttling()] {
        let journal = after(Fault::request(error).times(1), &[&[order(1), order(2)]]);
        assert!(journal.ledger().check_none_lost().is_err());
        let ledger = journal.ledger();
        ledger.assert_none_silently_lost(Reported::published([0; 0].map(is_order)).failed([1, 2].map(is_order)));
        ledger.assert_none_silently_lost(Reported::counts(0, 2));
        ledger.assert_none_silently_lost(Reported::some_failed());
        assert!(ledger.check_none_silently_lost(Reported::all_published()).is_err());
        assert!(ledger.check_none_silently_lost(Reported::counts(1, 1)).is_err());
    }
    // An entry that was refused for what it is was not lost: nobody could have published it.
    let malformed = Fault::entry(EntryError::malformed_detail()).times(1);
    after(malformed, &[&[order(1)]]).ledger().assert_none_lost();
}

#[test]
fn a_validation_that_names_an_entry_is_about_that_entry_and_for_the_others_about_the_batch() {
    let named = RequestError::new(
        400,
        "ValidationException",
        "1 validation error detected: Value '' at 'entries.2.member.source' failed to satisfy constraint",
    );
    assert_eq!(named.class(), ErrorClass::Entry);
    let then = |entries: &[Value]| {
        let journal = after(Fault::request(named.clone()).times(1), &[&[order(1), order(2)], entries]);
        journal.ledger().check_permanent_errors_not_retried()
    };
    then(&[order(1)]).unwrap();
    assert!(then(&[order(2)]).is_err());
    assert!(then(&[order(1), order(2)]).is_err());
}

#[test]
fn an_event_that_was_in_one_request_twice_was_sent_once_too_often() {
    let journal = after(Fault::lost_reply().on_attempt(9), &[&[order(1), order(2), order(1)]]);
    let by_content = journal.ledger();
    by_content.assert_only_failed_entries_resent();
    let by_id = journal.ledger().identify_by("/orderId");
    let mismatch = by_id.check_only_failed_entries_resent().unwrap_err();
    assert!(mismatch.to_string().contains("was twice in one request, as #1[0] and #1[2]"), "{mismatch}");
}

#[test]
fn a_ledger_without_events_judged_nothing_and_says_so() {
    let journal = Bench::default().journal();
    for check in [
        Ledger::check_at_least_once,
        Ledger::check_exactly_once,
        Ledger::check_none_lost,
        Ledger::check_no_duplicates,
        Ledger::check_only_failed_entries_resent,
        Ledger::check_permanent_errors_not_retried,
        Ledger::check_order_kept,
    ] {
        assert_eq!(check(&journal.ledger()).unwrap_err().kind(), MismatchKind::NothingToJudge);
        // Who expects none has said so, and it is true.
        check(&journal.ledger().expecting_none()).unwrap();
        check(&journal.ledger().expecting([])).unwrap();
    }
}

#[test]
fn tries_of_the_sdk_are_no_tries_of_the_publishers() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::request(RequestError::internal_exception()).times(4));
    let sdk_try = |bench: &mut Bench, call: &str, number: u32| {
        let mut request = put_events(crate::support::entries([order(1)]));
        let headers = request.headers_mut();
        headers.insert("amz-sdk-invocation-id", call.parse().unwrap());
        headers.insert("amz-sdk-request", format!("attempt={number}; max=3").parse().unwrap());
        let reply = bench.handle(request);
        let now = bench.now();
        bench.engine.answered(reply.attempt(), now);
    };
    for (call, number) in [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2)] {
        sdk_try(&mut bench, call, number);
    }
    let ledger = bench.journal().ledger();
    ledger.assert_tries_at_most(2);
    let mismatch = ledger.check_tries_at_most(1).unwrap_err();
    assert!(mismatch.to_string().contains("was tried twice"), "{mismatch}");
}

#[test]
fn order_is_kept_per_key_where_it_is_broken_over_all() {
    let of =
        |id: u64, customer: &str| with(order(id), "Detail", json!({ "orderId": id, "customer": customer }).to_string());
    let fails = Fault::entry(EntryError::throttling()).matching(is_order(1)).times(1);
    let journal = after(fails, &[&[of(1, "a"), of(2, "b"), of(3, "b")], &[of(1, "a")]]);
    assert!(journal.ledger().check_order_kept().is_err());
    journal.ledger().assert_order_kept_per("/customer");
    let fails = Fault::entry(EntryError::throttling()).matching(is_order(2)).times(1);
    let journal = after(fails, &[&[of(1, "a"), of(2, "b"), of(3, "b")], &[of(2, "b")]]);
    assert!(journal.ledger().check_order_kept_per("/customer").is_err());
    // Where nothing is expected, the order of the first tries counts; else that of the expectations.
    let journal = after(Fault::lost_reply().on_attempt(9), &[&[order(2)], &[order(1)]]);
    journal.ledger().assert_order_kept();
    assert!(journal.ledger().expecting([1, 2].map(is_order)).check_order_kept().is_err());
}

#[test]
fn waits_are_judged_by_their_bounds_their_growth_and_their_spread() {
    let tried_at = |times: &[&[u64]]| {
        let mut bench = Bench::default().with_own_clock();
        bench.engine.inject(Fault::entry(EntryError::throttling()));
        for (id, times) in (1..).zip(times) {
            for wait in *times {
                bench.wait(Duration::from_millis(*wait));
                bench.put([order(id)]);
            }
        }
        bench.journal().ledger()
    };
    let ms = Duration::from_millis;
    let growing = tried_at(&[&[0, 100, 200, 400]]);
    let bounds = Backoff::new().at_least(ms(100)).at_most(ms(400)).growing().in_all_at_most(ms(700));
    growing.assert_backoff(bounds);
    for too_narrow in [
        Backoff::new().at_least(ms(101)),
        Backoff::new().at_most(ms(399)),
        Backoff::new().in_all_at_most(ms(699)),
        Backoff::new().jittered(),
    ] {
        assert!(growing.check_backoff(too_narrow.clone()).is_err(), "{too_narrow}");
    }
    assert!(tried_at(&[&[0, 100, 50]]).check_backoff(Backoff::new().growing()).is_err());
    tried_at(&[&[0, 100, 91]]).assert_backoff(Backoff::new().growing());
    tried_at(&[&[0, 100], &[0, 70], &[0, 130]]).assert_backoff(Backoff::new().jittered());
    assert!(tried_at(&[&[0, 100], &[0, 100], &[0, 101]]).check_backoff(Backoff::new().jittered()).is_err());
    assert!(tried_at(&[&[0]]).check_backoff(Backoff::new()).is_err());
}

#[test]
fn a_report_may_go_either_way_where_the_answer_was_lost() {
    let journal = after(Fault::lost_reply().on_attempt(1), &[&[order(1)], &[order(2)]]);
    let ledger = journal.ledger().expecting([1, 2, 3].map(is_order));
    ledger.assert_reported(Reported::published([1, 2].map(is_order)).failed([is_order(3)]));
    ledger.assert_reported(Reported::published([is_order(2)]).failed([1, 3].map(is_order)));
    ledger.assert_reported(Reported::counts(2, 1));
    ledger.assert_reported(Reported::counts(1, 2));
    for lie in [
        Reported::counts(0, 3),
        Reported::counts(3, 0),
        Reported::counts(1, 1),
        Reported::all_published(),
        Reported::published([2, 3].map(is_order)).failed([is_order(1)]),
        Reported::published([is_order(1)]).failed([2, 3].map(is_order)),
        Reported::published([is_order(1)]).failed([is_order(3)]),
    ] {
        assert!(ledger.check_reported(lie.clone()).is_err(), "{lie:?}");
    }
}

#[test]
fn lint_finds_what_a_real_account_would_punish_or_drop() {
    let unlimited = || Engine::new().limits(Limits::none()).known_buses(["orders"]);
    let rules = |bench: &Bench| -> Vec<LintRule> {
        bench.journal().lint().iter().map(putevents_mock::expect::Finding::rule).collect()
    };
    let detail = |text: &str| with(order(1), "Detail", json!({ "note": text }).to_string());
    for (batch, rule) in [
        (vec![order(1), order(1)], LintRule::DuplicateInBatch),
        ((1..=11).map(order).collect(), LintRule::TooLarge),
        (vec![detail(&"x".repeat(1_048_576))], LintRule::TooLarge),
        (vec![detail(&"ü".repeat(600_000))], LintRule::CountedCharacters),
        (vec![with(order(1), "Source", "aws.events")], LintRule::ReservedSource),
        (vec![with(order(1), "DetailType", "ü".repeat(129))], LintRule::LongDetailType),
        (vec![with(order(1), "Time", 1_767_323_045_678_u64)], LintRule::TimeInMilliseconds),
        (vec![with(order(1), "EventBusName", "ordres")], LintRule::UnknownBus),
    ] {
        let mut bench = Bench::new(unlimited());
        bench.put(batch);
        assert_eq!(rules(&bench), [rule]);
        assert!(bench.journal().lint().without(rule).check_clean().is_ok());
        assert!(bench.journal().lint().check_clean().is_err());
    }
    let mut bench = Bench::new(unlimited());
    let mut unsigned = put_events(crate::support::entries([order(1)]));
    unsigned.headers_mut().remove("authorization");
    bench.handle(unsigned);
    assert_eq!(rules(&bench), [LintRule::Unsigned]);
    bench.put([order(1)]);
    assert_eq!(rules(&bench), [LintRule::Unsigned, LintRule::AcceptedEntryResent]);

    let mut bench = Bench::new(unlimited());
    bench.engine.inject(Fault::entry(EntryError::malformed_detail()));
    bench.put([order(1)]);
    bench.put([order(1)]);
    assert_eq!(rules(&bench), [LintRule::PermanentErrorRetried]);

    let mut bench = Bench::new(unlimited());
    bench.put([with(order(1), "Time", 32_503_680_000_u64), with(order(2), "DetailType", "ü".repeat(128))]);
    bench.put([with(order(3), "EventBusName", "orders"), with(order(4), "Source", "aws")]);
    assert_eq!(rules(&bench), []);
}

#[test]
fn a_bad_pointer_is_an_error_of_the_check_and_not_a_panic() {
    let ledger = Bench::default().journal().ledger();
    let mismatch = ledger.check_order_kept_per("customerId").unwrap_err();
    assert_eq!(mismatch.kind(), MismatchKind::BadQuestion);
    assert_eq!(
        mismatch.to_string(),
        "a JSON pointer begins with a slash: write \"/customerId\" instead of \"customerId\""
    );
}

#[test]
fn a_failure_knows_its_code_and_whom_it_is_about() {
    let entry_failure = Failure::Entry(EntryError::throttling());
    let request_failure = Failure::Request(RequestError::access_denied());
    assert_eq!((entry_failure.code(), entry_failure.class()), (Some("ThrottlingException"), ErrorClass::Transient));
    assert_eq!((request_failure.code(), request_failure.class()), (Some("AccessDeniedException"), ErrorClass::Caller));
    assert_eq!((Failure::NoAnswer.code(), Failure::NoAnswer.class()), (None, ErrorClass::Transient));
    let texts = [entry_failure, request_failure, Failure::NoAnswer].map(|failure| failure.to_string());
    assert_eq!(texts, ["ThrottlingException", "400 AccessDeniedException", "no answer"]);
}
