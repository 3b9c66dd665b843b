//! What injected faults do, to which entries and requests, how often, and in which order.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::__private::rows::{self, Row};
use putevents_mock::engine::{Cut, End};
use putevents_mock::fault::{Gate, MalformedReply, Quota};
use putevents_mock::journal::{Outcome, ProblemKind};
use putevents_mock::matcher::{one_of, prefix};
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, bench, body, codes, entries, order, put_events, with};

fn throttling() -> Fault {
    Fault::entry(EntryError::throttling())
}

fn internal_exception() -> Fault {
    Fault::request(RequestError::internal_exception())
}

const T: &str = "ThrottlingException";
const F: &str = "InternalFailure";

#[test]
fn a_fault_of_entries_fails_them_and_leaves_the_rest_of_the_answer_right() {
    let mut bench = bench([throttling().at_index(1)]);
    assert_eq!(
        bench.put([order(1), order(2), order(3)]),
        json!({ "FailedEntryCount": 1, "Entries": [
            { "EventId": "00000000-0000-0000-0000-000000000001" },
            { "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" },
            { "EventId": "00000000-0000-0000-0000-000000000002" },
        ]})
    );
    let journal = bench.journal();
    assert_eq!(journal.published().len(), 2);
    assert!(
        matches!(&journal.attempts()[0].outcomes()[1], Outcome::Failed { error, injected: true, .. } if error.is_retryable())
    );
    assert!(journal.problems().is_empty(), "a fault is no problem of the publisher's");
}

#[test]
fn an_index_beyond_the_request_never_applies() {
    let mut bench = bench([throttling().at_index(2)]);
    assert_eq!(codes(&bench.put([order(1), order(2)])), ["ok", "ok"]);
    assert_eq!(codes(&bench.put([order(1), order(2), order(3)])), ["ok", "ok", T]);
}

#[test]
fn a_matcher_chooses_entries_by_any_of_their_members() {
    let blue = "arn:aws:events:us-east-1:123456789012:event-bus/blue";
    let items = || {
        [
            order(1),
            with(order(2), "Source", "shop.returns"),
            with(order(3), "DetailType", "OrderShipped"),
            with(order(4), "EventBusName", "blue"),
            with(order(5), "EventBusName", blue),
            with(order(6), "Detail", json!({ "order": { "items": [{ "sku": "a/b" }], "~": null } }).to_string()),
        ]
    };
    let fails = |matcher| {
        let answer = bench([throttling().matching(matcher)]).put(items());
        codes(&answer).into_iter().enumerate().filter(|(_, code)| *code == T).map(|(i, _)| i + 1).collect::<Vec<_>>()
    };
    assert_eq!(fails(entry()), [1, 2, 3, 4, 5, 6]);
    assert_eq!(fails(entry().source("shop.orders")), [1, 3, 4, 5, 6]);
    assert_eq!(fails(entry().detail_type("OrderShipped")), [3]);
    assert_eq!(fails(entry().event_bus("blue")), [4, 5]);
    assert_eq!(fails(entry().event_bus(blue)), [5]);
    assert_eq!(fails(entry().event_bus("default")), [1, 2, 3, 6]);
    assert_eq!(fails(entry().detail_at("/orderId", 3)), [3]);
    assert_eq!(fails(entry().detail_at("/order/items/0/sku", "a/b")), [6]);
    assert_eq!(fails(entry().detail_at("/order/~0", Value::Null)), [6]);
    assert_eq!(fails(entry().detail_at("", json!({ "orderId": 1 }))), [1]);
    assert_eq!(fails(entry().source("shop.orders").detail_at("/orderId", 2)), [] as [usize; 0]);
}

#[test]
fn a_matcher_looks_into_a_detail_of_any_depth() {
    let deep = format!("{}{{\"orderId\":7}}{}", "{\"a\":".repeat(900), "}".repeat(900));
    let mut bench = bench([throttling().matching(entry().detail_at("/a".repeat(900) + "/orderId", 7))]);
    assert_eq!(codes(&bench.put([order(7), with(order(1), "Detail", deep)])), ["ok", T]);
}

#[test]
fn times_counts_what_was_hit_and_after_what_was_let_pass() {
    let mut twice = bench([throttling().times(2)]);
    assert_eq!(codes(&twice.put([order(1), order(2), order(3)])), [T, T, "ok"]);
    assert_eq!(codes(&twice.put([order(1)])), ["ok"]);

    let mut third_to_fifth = bench([throttling().after(2).times(3)]);
    assert_eq!(codes(&third_to_fifth.put((0..4).map(order))), ["ok", "ok", T, T]);
    assert_eq!(codes(&third_to_fifth.put((0..4).map(order))), [T, "ok", "ok", "ok"]);

    // Only candidates count: the second order 2, wherever it stands.
    let mut second = bench([throttling().matching(entry().detail_at("/orderId", 2)).after(1).times(1)]);
    assert_eq!(codes(&second.put([order(1), order(2), order(3)])), ["ok", "ok", "ok"]);
    assert_eq!(codes(&second.put([order(2), order(2)])), [T, "ok"]);
}

#[test]
fn without_times_a_fault_applies_until_it_is_lifted() {
    let mut bench = Bench::default();
    let fault = bench.engine.inject(throttling());
    for _ in 0..5 {
        assert_eq!(codes(&bench.put([order(1)])), [T]);
    }
    assert_eq!(bench.engine.fired(fault), 5);
    bench.engine.lift(fault);
    assert_eq!(codes(&bench.put([order(1)])), ["ok"]);
    assert_eq!(bench.engine.fired(fault), 5, "what it has done stays done");
}

#[test]
fn the_first_fault_that_applies_decides_and_later_ones_are_not_asked() {
    let mut bench = Bench::default();
    let first = bench.engine.inject(throttling().matching(entry().detail_at("/orderId", 1)).times(1));
    let second = bench.engine.inject(Fault::entry(EntryError::internal_failure()).after(1).times(1));
    // The second one sees orders 2 and 3 only, lets 2 pass and hits 3.
    assert_eq!(codes(&bench.put([order(1), order(2), order(3)])), [T, "ok", F]);
    assert_eq!((bench.engine.fired(first), bench.engine.fired(second)), (1, 1));
}

#[test]
fn a_fault_of_the_whole_request_accepts_nothing() {
    let mut bench = bench([internal_exception().times(1)]);
    let reply = bench.handle(put_events(entries([order(1), order(2)])));
    assert_eq!((reply.status(), body(&reply)), (500, json!({ "__type": "InternalException" })));
    assert_eq!(codes(&bench.put([order(1), order(2)])), ["ok", "ok"]);
    let journal = bench.journal();
    assert_eq!(journal.published().len(), 2);
    let refused = &journal.attempts()[0];
    assert_eq!(refused.entries().len(), 2, "what was sent is recorded all the same");
    assert_eq!(refused.outcomes(), []);
    assert_eq!(refused.error(), Some(&RequestError::internal_exception()));
}

#[test]
fn a_fault_of_the_whole_request_can_wait_for_an_attempt_or_an_entry() {
    let status = |bench: &mut Bench, items: Vec<Value>| bench.handle(put_events(entries(items))).status();
    let mut second = bench([internal_exception().on_attempt(2)]);
    assert_eq!([0; 3].map(|_| status(&mut second, vec![order(1)])), [200, 500, 200]);

    let mut with_order_2 = bench([internal_exception().matching(entry().detail_at("/orderId", 2))]);
    assert_eq!(status(&mut with_order_2, vec![order(1), order(3)]), 200);
    assert_eq!(status(&mut with_order_2, vec![order(1), order(2)]), 500);
}

#[test]
fn an_attempt_that_is_no_put_events_counts_as_an_attempt_and_meets_no_fault() {
    let mut bench = bench([internal_exception().on_attempt(1), throttling().on_attempt(2)]);
    assert_eq!(bench.handle(put_events("{")).status(), 400);
    assert_eq!(codes(&bench.put([order(1)])), [T]);
}

#[test]
fn faults_of_the_whole_request_come_before_the_limits_and_faults_of_entries_after() {
    let mut bench = bench([internal_exception().times(1), throttling()]);
    let eleven = || put_events(entries((0..11).map(order)));
    assert_eq!(bench.handle(eleven()).status(), 500);
    assert_eq!(bench.handle(eleven()).status(), 400);
    assert_eq!(codes(&bench.put([with(order(1), "Detail", "x"), order(2)])), ["MalformedDetail", T]);
}

#[test]
fn an_entry_that_the_limits_refuse_is_no_candidate() {
    let mut bench = bench([throttling().times(1)]);
    assert_eq!(codes(&bench.put([with(order(1), "Source", ""), order(2), order(3)])), ["InvalidArgument", T, "ok"]);
}

#[test]
fn the_documented_codes_know_whether_a_retry_is_worth_it() {
    let retryable = ["InternalFailure", "ThrottlingException"];
    for code in [
        "InternalFailure",
        "ThrottlingException",
        "AccessDeniedException",
        "InvalidAccountIdException",
        "InvalidArgument",
        "MalformedDetail",
        "RedactionFailure",
        "NotAuthorizedForSourceException",
        "NotAuthorizedForDetailTypeException",
    ] {
        let error = EntryError::documented(code).unwrap();
        assert_eq!(error.code(), code);
        assert!(!error.message().is_empty());
        assert_eq!(error.is_retryable(), retryable.contains(&code), "{code}");
    }
    assert_eq!(EntryError::documented("InternalException"), None, "that is a code of requests only");
}

#[test]
fn any_code_and_text_can_be_injected_and_are_written_as_json() {
    let odd = "quote \" backslash \\ newline \n ä";
    let mut entry_fault = bench([Fault::entry(EntryError::new("My\"Code", odd))]);
    assert_eq!(entry_fault.put([order(1)])["Entries"][0], json!({ "ErrorCode": "My\"Code", "ErrorMessage": odd }));
    let mut request_fault = bench([Fault::request(RequestError::new(418, "Teapot", odd))]);
    let reply = request_fault.handle(put_events(entries([order(1)])));
    assert_eq!((reply.status(), body(&reply)), (418, json!({ "__type": "Teapot", "message": odd })));
}

#[test]
fn a_body_never_has_both_spellings_of_message() {
    for error in [
        RequestError::access_denied(),
        RequestError::throttling(),
        RequestError::new(400, "SerializationException", "x"),
    ] {
        let mut bench = bench([Fault::request(error)]);
        let body = body(&bench.handle(put_events(entries([order(1)]))));
        assert_ne!(body.get("message").is_some(), body.get("Message").is_some(), "{body}");
    }
}

#[test]
fn misuse_is_told_what_to_write_instead() {
    type Misuse = fn() -> Fault;

    let told = |misuse: Misuse| {
        let panic = std::panic::catch_unwind(misuse).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_else(|| (*panic.downcast_ref::<&str>().unwrap()).to_owned())
    };
    #[expect(clippy::reversed_empty_ranges, reason = "that is the misuse")]
    let cases: [(Misuse, &str); 27] = [
        (|| throttling().times(0), "a fault that applies 0 times does nothing: leave it out, or write times(1)"),
        (|| throttling().times(0..=0), "a fault that applies 0 times does nothing: leave it out, or write times(1)"),
        (|| throttling().times(3..=2), "the range 3..=2 is empty: write the smaller number first"),
        (|| throttling().nth(0), "candidates are counted from 1: write nth(1) for the first"),
        (
            || throttling().every(0),
            "every 0th candidate does not exist: write every(1) for all, every(2) for every other",
        ),
        (
            || throttling().with_probability(1.5),
            "1.5 is not a probability: write a number above 0 and up to 1, such as 0.1",
        ),
        (
            || throttling().with_probability(0.0),
            "0 is not a probability: write a number above 0 and up to 1, such as 0.1",
        ),
        (
            || throttling().with_probability(f64::NAN),
            "NaN is not a probability: write a number above 0 and up to 1, such as 0.1",
        ),
        (|| throttling().keyed_by("id"), "a JSON pointer begins with a slash: write \"/id\" instead of \"id\""),
        (|| internal_exception().on_attempt(0), "attempts are counted from 1: write on_attempt(1) for the first"),
        (
            || internal_exception().at_index(3),
            "500 InternalException for the whole request has no index: at_index is for faults of entries; choose requests \
             with on_attempt or matching",
        ),
        (
            || throttling().matching(entry().detail_at("orderId", 2)),
            "a JSON pointer begins with a slash: write \"/orderId\" instead of \"orderId\"",
        ),
        (
            || throttling().matching(entry().detail_at("/a~b", 2)),
            "\"/a~b\" is not a JSON pointer: write ~0 for a ~, and ~1 for a slash in a key",
        ),
        (
            || throttling().matching(entry().source(one_of([""; 0]))),
            "one_of nothing matches nothing: name at least one text",
        ),
        (
            || Fault::entries([None, None]),
            "a series without an error does nothing: write at least one Some(...), or leave it out",
        ),
        (
            || Fault::requests([]),
            "a series without an error does nothing: write at least one Some(...), or leave it out",
        ),
        (
            || Fault::request(RequestError::new(200, "Fine", "really")),
            "a request error needs an HTTP status from 400 to 599, not 200: SDKs take any other for a success or a redirect",
        ),
        (
            || Fault::request(RequestError::throttling().with_header("content-length", "5")),
            "the header \"content-length\" would contradict the body: write Fault::truncated_body(...) for that",
        ),
        (
            || Fault::request(RequestError::throttling().with_header("no name", "5")),
            "\"no name\": \"5\" is not a header: HTTP allows visible ASCII characters",
        ),
        (
            || throttling().after_acceptance(),
            "ThrottlingException for entries has a fixed place in a request: only reset, empty_response, stall, garbage and hold \
             can happen before or after acceptance",
        ),
        (
            || Fault::refuse_connections().times(2),
            "connections refused has no conditions, because refused connections cannot be counted: lift it to end it, or \
             write reset_on_connect",
        ),
        (
            || Fault::reset_on_connect().matching(entry()),
            "a reset on connect comes before any request, so matching cannot hold: write Fault::reset() to choose by request",
        ),
        (
            || Fault::dribble(0, Duration::ZERO),
            "a reply in pieces of 0 bytes never ends: write dribble(1, ...), or Fault::stall()",
        ),
        (
            || Fault::latency_between(Duration::from_millis(2), Duration::from_millis(1)),
            "a latency from 2ms to 1ms goes backwards: write the shorter one first",
        ),
        (
            || Fault::latency_log_normal(Duration::ZERO, -1.0),
            "a sigma of -1 is not from 0 to 10: write a moderate one, such as 0.5",
        ),
        (
            || Fault::latency_percentiles([(50.0, Duration::from_millis(5)), (50.0, Duration::from_millis(6))]),
            "the percentile 50 with 6ms does not follow 50 with 5ms: write percentages from above 0 to 100 and latencies that \
             both rise",
        ),
        (
            || Fault::quota(Quota::requests_per_second(0.0)),
            "a quota of 0 a second lets nothing pass: write a rate above 0",
        ),
    ];
    for (misuse, text) in cases {
        assert_eq!(told(misuse), text);
    }
    let index = std::panic::catch_unwind(|| Engine::new().inject(throttling().at_index(10))).unwrap_err();
    assert_eq!(
        index.downcast_ref::<String>().unwrap(),
        "no request within the limits has an entry at index 10: write at_index(9) for the last one, or start the mock with \
         Limits::none()"
    );
}

#[test]
fn faults_and_gates_are_values() {
    let gate = Gate::new();
    assert_eq!(Fault::hold(&gate), Fault::hold(&gate.clone()));
    assert_ne!(Fault::hold(&gate), Fault::hold(&Gate::new()));
    assert_eq!(throttling().times(2), throttling().times(2..=2));
    assert_ne!(throttling(), throttling().times(1));
    assert_eq!(Fault::lost_reply(), Fault::reset().after_acceptance());
    assert_eq!(Fault::reset().after_acceptance().before_acceptance(), Fault::reset());
}

#[test]
fn an_engine_can_be_cloned_with_its_faults_and_their_counts() {
    let mut engine = Engine::new();
    engine.inject(throttling().times(1));
    let mut first = Bench::new(engine.clone());
    let mut second = Bench::new(engine);
    assert_eq!(codes(&first.put([order(1)])), [T]);
    assert_eq!(codes(&second.put([order(1)])), [T]);
}

// --- Which candidates -----------------------------------------------------------------------------------------------

#[test]
fn texts_are_matched_exactly_by_prefix_or_as_one_of_several() {
    let items = || [order(1), with(order(2), "Source", "shop.returns"), with(order(3), "Source", "bank")];
    let fails = |matcher| {
        let answer = bench([throttling().matching(matcher)]).put(items());
        codes(&answer).into_iter().map(|code| code == T).collect::<Vec<_>>()
    };
    assert_eq!(fails(entry().source(prefix("shop."))), [true, true, false]);
    assert_eq!(fails(entry().source(one_of(["bank", "shop.orders"]))), [true, false, true]);
    assert_eq!(fails(entry().source("shop")), [false, false, false]);
}

#[test]
fn matchers_are_combined_with_and_or_and_not() {
    let items = || [order(1), order(2), with(order(3), "Resources", json!(["arn:a", "arn:b"]))];
    let fails = |matcher: EntryMatcher| {
        let answer = bench([throttling().matching(matcher)]).put(items());
        codes(&answer).into_iter().map(|code| code == T).collect::<Vec<_>>()
    };
    let id = |id: u64| entry().detail_at("/orderId", id);
    assert_eq!(fails(id(1).or(id(2))), [true, true, false]);
    assert_eq!(fails(id(1).or(id(2)).or(id(3))), [true, true, true]);
    assert_eq!(fails(id(1).not()), [false, true, true]);
    assert_eq!(fails(id(1).or(id(2)).not()), [false, false, true]);
    assert_eq!(fails(id(3).and(entry().resource("arn:b"))), [false, false, true]);
    assert_eq!(fails(entry().resource(prefix("arn:")).not().and(id(2))), [false, true, false]);
    assert_eq!(fails(entry().source("shop.orders").or(id(9)).and(id(1))), [true, false, false]);
}

#[test]
fn closures_look_at_details_and_at_whole_entries() {
    let over_1 = entry().detail_at_satisfies("/orderId", "over 1", |id| id.as_u64() > Some(1));
    assert_eq!(codes(&bench([throttling().matching(over_1)]).put([order(1), order(2)])), ["ok", T]);
    let large = entry().satisfies("larger than 100 bytes", |entry| entry.size() > 100);
    let long = with(order(2), "Detail", json!({ "x": "x".repeat(100) }).to_string());
    assert_eq!(codes(&bench([throttling().matching(large)]).put([order(1), long])), ["ok", T]);
}

#[test]
fn a_closure_that_panics_is_a_problem_and_a_500_and_the_mock_lives_on() {
    let bad = entry().satisfies("a bug", |entry| entry.time().unwrap() > std::time::SystemTime::now());
    let mut bench = Bench::default();
    let fault = bench.engine.inject(throttling().matching(bad));
    let reply = bench.handle(put_events(entries([order(1)])));
    assert_eq!((reply.status(), body(&reply)), (500, json!({ "__type": "InternalFailure" })));
    let journal = bench.journal();
    assert_eq!(journal.problems()[0].kind(), ProblemKind::Panic);
    assert_eq!(
        journal.problems()[0].message(),
        "a closure of the test panicked: called `Option::unwrap()` on a `None` value"
    );
    bench.engine.lift(fault);
    assert_eq!(codes(&bench.put([order(1)])), ["ok"]);
    // The same before a request is held.
    let held = Fault::hold(&Gate::new()).before_acceptance().matching(entry().satisfies("a bug", |_| panic!("oh")));
    bench.engine.inject(held);
    let now = putevents_mock::engine::Now::new(Duration::ZERO, std::time::SystemTime::UNIX_EPOCH);
    assert_eq!(bench.engine.gate_before(&put_events(entries([order(1)])), now), None);
    assert_eq!(bench.journal().problems()[1].message(), "a closure of the test panicked: oh");
}

#[test]
fn nth_and_every_choose_among_the_candidates() {
    let all = || (0..7).map(order);
    let failed = |fault: Fault| {
        let answer = bench([fault]).put(all());
        codes(&answer).iter().enumerate().filter(|(_, code)| **code == T).map(|(index, _)| index).collect::<Vec<_>>()
    };
    assert_eq!(failed(throttling().nth(3)), [2]);
    assert_eq!(failed(throttling().every(3)), [2, 5]);
    assert_eq!(failed(throttling().every(1)), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(failed(throttling().after(1).every(2).times(2)), [2, 4]);
    assert_eq!(failed(throttling().times(1..=3)), [0, 1, 2]);
}

#[test]
fn a_series_gives_each_candidate_its_own_fate() {
    let fail = || Some(EntryError::throttling());
    let mut series = bench([Fault::entries([fail(), None, Some(EntryError::internal_failure())])]);
    assert_eq!(codes(&series.put([order(1), order(2)])), [T, "ok"]);
    assert_eq!(codes(&series.put([order(1), order(2)])), [F, "ok"]);

    let mut of_order_2 = bench([Fault::entries([fail(), None, fail()]).matching(entry().detail_at("/orderId", 2))]);
    let tries: Vec<_> = (0..4).map(|_| codes(&of_order_2.put([order(1), order(2)])).concat()).collect();
    assert_eq!(tries, [format!("ok{T}"), "okok".into(), format!("ok{T}"), "okok".into()]);

    let mut requests =
        bench([Fault::requests([Some(RequestError::internal_exception()), None, Some(RequestError::throttling())])]);
    let statuses = [0; 4].map(|_| requests.handle(put_events(entries([order(1)]))).status());
    assert_eq!(statuses, [500, 200, 400, 200]);
}

#[test]
fn the_same_seed_gives_the_same_draws_and_another_seed_others() {
    let fates = |seed: u64| {
        let mut bench = Bench::new(Engine::new().seed(seed));
        bench.engine.inject(throttling().with_probability(0.3));
        (0..30).map(|_| codes(&bench.put((0..10).map(order))).concat()).collect::<String>()
    };
    assert_eq!(fates(1), fates(1));
    assert_ne!(fates(1), fates(2));
    let failed = fates(1).matches(T).count();
    assert!((60..120).contains(&failed), "{failed} of 300 with probability 0.3");
}

#[test]
fn keyed_chance_does_not_depend_on_how_calls_interleave() {
    let fates = |batches: &[&[u64]]| {
        let mut bench = Bench::new(Engine::new().seed(5));
        bench.engine.inject(throttling().with_probability(0.5).keyed_by("/orderId"));
        let mut fates = std::collections::BTreeMap::<u64, String>::new();
        for batch in batches {
            let answer = bench.put(batch.iter().map(|id| order(*id)));
            for (id, code) in batch.iter().zip(codes(&answer)) {
                *fates.entry(*id).or_default() += code;
            }
        }
        fates
    };
    let one_by_one = fates(&[&[1], &[1], &[2], &[3], &[2], &[4, 5, 6, 7, 8, 9]]);
    let together = fates(&[&[9, 3, 2, 1, 8], &[7, 6, 1], &[5, 4], &[2]]);
    assert_eq!(one_by_one, together);
    let text = format!("{one_by_one:?}");
    assert!(text.contains("ok") && text.contains(T), "{text}");
}

#[test]
fn a_quota_of_entries_throttles_what_is_over_it_one_by_one() {
    // The bench's clock moves by a second at each request.
    let mut bench = bench([Fault::quota(Quota::entries_per_second(2.0).burst(3))]);
    assert_eq!(codes(&bench.put((0..5).map(order))), ["ok", "ok", "ok", T, T]);
    assert_eq!(codes(&bench.put((0..3).map(order))), ["ok", "ok", T]);
}

#[test]
fn a_quota_of_requests_or_for_whole_requests_throttles_requests() {
    let statuses = |quota, sizes: [u64; 4]| {
        let mut bench = bench([Fault::quota(quota)]);
        sizes.map(|size| bench.handle(put_events(entries((0..size).map(order)))).status())
    };
    assert_eq!(statuses(Quota::requests_per_second(0.5), [9, 9, 9, 9]), [200, 400, 200, 400]);
    let whole = Quota::entries_per_second(3.0).refusing_whole_requests();
    // Four pass a full bucket, or they never could; then there is not enough for three.
    assert_eq!(statuses(whole, [3, 4, 3, 1]), [200, 200, 400, 200]);
    let mut bench = bench([Fault::quota(Quota::requests_per_second(0.1))]);
    bench.put([order(1)]);
    let reply = bench.handle(put_events(entries([order(1)])));
    assert_eq!(body(&reply), json!({ "__type": "ThrottlingException", "message": "Rate exceeded" }));
}

#[test]
fn an_undelivered_event_is_accepted_and_only_the_journal_knows() {
    let mut bench = Bench::new(Engine::new().known_buses(["orders"]));
    bench.engine.inject(Fault::undelivered().matching(entry().detail_at("/orderId", 2)));
    let answer = bench.put([order(1), order(2), with(order(3), "EventBusName", "ordres")]);
    assert_eq!((&answer["FailedEntryCount"], codes(&answer)), (&json!(0), vec!["ok"; 3]));
    let delivered: Vec<bool> =
        bench.journal().published().iter().map(putevents_mock::journal::Event::is_delivered).collect();
    assert_eq!(delivered, [true, false, false]);
}

#[test]
fn malformed_replies_are_malformed_in_the_way_they_are_named() {
    let id = |n: u8| json!({ "EventId": format!("00000000-0000-0000-0000-00000000000{n}") });
    let failed = json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" });
    let both = |n| json!({ "EventId": id(n)["EventId"], "ErrorCode": "InternalFailure", "ErrorMessage": "Internal Service Failure" });
    let reply = |how| {
        let mut bench = bench([throttling().at_index(1), Fault::malformed_reply(how)]);
        let reply = bench.handle(put_events(entries([order(1), order(2), order(3)])));
        assert_eq!(reply.headers()["content-length"], reply.body().len().to_string());
        assert_eq!(bench.journal().published().len(), 2, "what is accepted is accepted");
        reply
    };
    let entries_of = |how| body(&reply(how))["Entries"].clone();
    assert_eq!(entries_of(MalformedReply::FewerResults), json!([id(1), failed]));
    assert_eq!(entries_of(MalformedReply::MoreResults), json!([id(1), failed, id(2), id(2)]));
    assert_eq!(entries_of(MalformedReply::ReorderedResults), json!([id(2), failed, id(1)]));
    assert_eq!(entries_of(MalformedReply::NoEventIds), json!([{}, failed, {}]));
    assert_eq!(entries_of(MalformedReply::EventIdsWithErrorCodes), json!([both(1), failed, both(2)]));
    assert_eq!(body(&reply(MalformedReply::FailedEntryCount(0)))["FailedEntryCount"], 0);
    assert!(serde_json::from_slice::<Value>(reply(MalformedReply::BrokenJson).body()).is_err());
    assert!(reply(MalformedReply::EmptyBody).body().is_empty());
    assert_eq!(reply(MalformedReply::ContentType("text/html".into())).headers()["content-type"], "text/html");
}

#[test]
fn an_answer_of_the_tests_own_tells_the_publisher_nothing() {
    for text in [r#"{"FailedEntryCount":0,"Entries":[null]}"#, "", "<html>", "null"] {
        let mut bench = bench([throttling().at_index(1), Fault::answer_with(text).times(1)]);
        let reply = bench.handle(put_events(entries([order(1), order(2)])));
        assert_eq!((reply.status(), &reply.body()[..]), (200, text.as_bytes()));
        assert_eq!(reply.headers()["content-length"], text.len().to_string());
        // Who sends it all again does right: nobody knows what was accepted.
        bench.handle(put_events(entries([order(1), order(2)])));
        let journal = bench.journal();
        assert_eq!(journal.published().len(), 2);
        journal.ledger().assert_only_failed_entries_resent();
        assert!(journal.ledger().check_no_duplicates().is_err());
        // A journal that was saved knows it as well.
        let again: putevents_mock::Journal = journal.to_json().to_string().parse().unwrap();
        assert_eq!(again.to_json(), journal.to_json());
        assert_eq!(again.ledger().to_string(), journal.ledger().to_string());
    }
}

#[test]
fn any_status_headers_and_body_can_be_answered() {
    let error = RequestError::raw(503, "text/plain", "busy")
        .with_header("x-cache", "miss")
        .retry_after(Duration::from_millis(1_500));
    let reply = bench([Fault::request(error)]).handle(put_events(entries([order(1)])));
    let headers: Vec<_> =
        reply.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(
        headers,
        [("content-type", "text/plain"), ("content-length", "4"), ("x-amz-retry-after", "1500"), ("x-cache", "miss")]
    );
    assert_eq!((reply.status(), &reply.body()[..]), (503, &b"busy"[..]));
}

#[test]
fn a_fault_without_an_answer_tells_a_user_of_the_engine_so() {
    let mut bench = bench([Fault::lost_reply().nth(1), Fault::stall().nth(2)]);
    let lost = bench.handle(put_events(entries([order(1)])));
    assert_eq!(lost.delivery().end, End::Reset(Cut::Start));
    let stalled = bench.handle(put_events(entries([order(1)])));
    assert_eq!(stalled.delivery().end, End::Stalled(Cut::Start));
    let journal = bench.journal();
    assert_eq!(journal.attempts()[0].reply(), Some(&lost), "it was made, and lost on its way");
    assert_eq!(journal.attempts()[1].reply(), None, "the service never saw the request");
    assert_eq!(journal.published().len(), 1);
}

#[test]
fn extreme_numbers_harm_nobody() {
    let mut bench = Bench::new(Engine::new().limits(putevents_mock::Limits::none()));
    for fault in [
        throttling().after(usize::MAX),
        throttling().every(usize::MAX),
        throttling().nth(usize::MAX),
        throttling().on_attempt(usize::MAX),
        throttling().at_index(usize::MAX),
        Fault::latency(Duration::MAX),
        Fault::dribble(usize::MAX, Duration::MAX),
        Fault::truncated_body(usize::MAX).times(usize::MAX),
        Fault::quota(Quota::requests_per_second(f64::MIN_POSITIVE)).nth(usize::MAX),
        Fault::quota(Quota::entries_per_second(f64::MAX)),
    ] {
        bench.engine.inject(fault);
    }
    assert_eq!(codes(&bench.put((0..20).map(order))), ["ok"; 20]);
    assert!(bench.journal().problems().is_empty(), "{}", bench.journal());
}

#[test]
fn every_effect_is_asked_for_by_the_engine() {
    for Row { name, example } in rows::effects() {
        let fault: Fault = serde_json::from_str(&format!("{{\"{name}\":{example}}}")).unwrap();
        let mut bench = Bench::default().with_own_clock();
        let id = bench.engine.inject(fault.clone());
        let now = bench.now();
        bench.engine.resets_connection(now);
        for _ in 0..3 {
            // More entries than the quota of the example lets pass at once.
            bench.put((0..10).map(order));
        }
        assert!(bench.engine.fired(id) > 0, "{fault}");
    }
}

#[test]
fn other_operations_use_no_fault_up_and_are_not_counted() {
    let list_rules = || {
        let mut request = put_events("{}");
        request.headers_mut().insert("X-Amz-Target", "AWSEvents.ListRules".parse().unwrap());
        request
    };
    let probe = || http::Request::get("/").body(bytes::Bytes::new()).unwrap();
    for (fault, applies) in [
        (Fault::request(RequestError::throttling()).times(1), "400 ThrottlingException (injected)"),
        (Fault::request(RequestError::throttling()).on_attempt(1), "400 ThrottlingException (injected)"),
        (Fault::entry(EntryError::throttling()).on_attempt(1), "[0] ThrottlingException (injected), none accepted"),
        (Fault::reset().times(1), "reset without a reply (injected), nothing accepted"),
        (Fault::latency(Duration::from_secs(1)).times(1), "accepted, 1s late (injected)"),
        (Fault::lost_reply().times(1), "accepted, then reset without a reply (injected)"),
    ] {
        let mut bench = Bench::default();
        bench.engine.inject(fault.clone());
        for request in [list_rules(), probe(), list_rules()] {
            let reply = bench.handle(request);
            assert!((400..500).contains(&reply.status()), "{fault}");
        }
        assert!(bench.journal().attempts().iter().all(|attempt| attempt.fault_ids().count() == 0), "{fault}");
        let journal = bench.journal();
        let operations: Vec<_> = journal.attempts().iter().map(putevents_mock::journal::Attempt::operation).collect();
        assert_eq!(operations, [Some("ListRules"), None, Some("ListRules")]);
        assert!(journal.check_every_fault_fired().is_err());
        bench.put([order(1)]);
        bench.put([order(1)]);
        let journal = bench.journal();
        journal.assert_every_fault_fired();
        let timeline = journal.to_string();
        let fourth = timeline.lines().find(|line| line.contains("#4 ")).unwrap();
        assert!(fourth.ends_with(applies), "{fault}\n{timeline}");
        assert_eq!(journal.attempts()[4].fault_ids().count(), 0, "{fault}");
    }
}

#[test]
fn a_fault_of_an_attempt_that_did_not_come_says_so_where_other_operations_did() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::reset().on_attempt(2));
    bench.put([order(1)]);
    bench.handle(http::Request::get("/").body(bytes::Bytes::new()).unwrap());
    let unfired = bench.journal().check_every_fault_fired().unwrap_err().to_string();
    assert!(unfired.contains("there was no attempt 2 at PutEvents"), "{unfired}");
}

#[test]
fn why_a_fault_did_not_apply_is_said_by_when_it_was_in_force() {
    fn reason(of: impl FnOnce(&mut Bench)) -> String {
        let mut bench = Bench::default();
        of(&mut bench);
        let report = bench.journal().check_every_fault_fired().unwrap_err().to_string();
        report.lines().nth(4).unwrap_or(&report).trim().to_owned()
    }
    let throttled = || Fault::request(RequestError::throttling()).times(1);
    let reasons = [
        reason(|bench| {
            let fault = bench.engine.inject(throttled());
            bench.engine.lift(fault);
            bench.put([order(1)]);
        }),
        reason(|bench| {
            bench.put([order(1)]);
            bench.engine.inject(throttled());
            bench.engine.clear_faults();
        }),
        reason(|bench| {
            bench.put([order(1)]);
            bench.engine.inject(throttled());
        }),
        reason(|bench| {
            bench.put([order(1)]);
            bench.put([order(2)]);
            bench.engine.inject(throttled());
        }),
        reason(|bench| {
            bench.put([order(1)]);
            bench.engine.clear_journal();
            bench.engine.inject(throttled().on_attempt(1));
            bench.put([order(2)]);
        }),
        reason(|bench| {
            bench.engine.inject(throttled());
            bench.handle(http::Request::get("/").body(bytes::Bytes::new()).unwrap());
        }),
        reason(|bench| {
            bench.engine.inject(throttled());
            bench.engine.inject(throttled());
            bench.put([order(1)]);
        }),
    ];
    assert_eq!(
        reasons,
        [
            "it was lifted before the next request came",
            "no request came before it was lifted",
            "it was injected after the only attempt at PutEvents",
            "it was injected after the last of 2 attempts at PutEvents",
            "attempt 1 at PutEvents came before it was injected; clearing the journal does not restart the count",
            "no attempt at PutEvents was received, only 1 request for something else",
            "other faults, or the limits, always decided first",
        ]
    );
}
