//! Tries of an event: a fault counts them as the ledger does.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::engine::{Cut, End};
use putevents_mock::fault::{Gate, Lasting};
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, Limits, Plan, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, bench, codes, entries, order, put_events, with};

const T: &str = "ThrottlingException";
const F: &str = "InternalFailure";

fn throttling() -> Fault {
    Fault::entry(EntryError::throttling())
}

fn failure() -> Fault {
    Fault::entry(EntryError::internal_failure())
}

fn only(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

fn detail(detail: &str) -> Value {
    json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail })
}

/// Puts entries, and the answer arrives.
fn put(bench: &mut Bench, items: impl IntoIterator<Item = Value>) -> Value {
    let reply = bench.handle(put_events(entries(items)));
    bench.answered(&reply);
    crate::support::body(&reply)
}

/// The reason in the report that a fault did not apply.
fn reason(bench: &Bench) -> String {
    let report = bench.journal().check_every_fault_fired().unwrap_err().to_string();
    report.lines().nth(4).unwrap_or(&report).trim().to_owned()
}

#[test]
fn two_faults_of_one_event_hit_its_first_and_its_second_try() {
    let faults = || [throttling().matching(only(1)), failure().matching(only(1))];
    let [first, second] = faults();
    let mut by_try = bench([first.on_try(1), second.on_try(2)]);
    assert_eq!([0; 3].map(|_| codes(&put(&mut by_try, [order(1)]))[0].to_owned()), [T, F, "ok"]);
    by_try.journal().assert_every_fault_fired();
    // What a fault was not asked about, it did not count.
    let [first, second] = faults();
    let mut by_count = bench([first.nth(1), second.nth(2)]);
    assert_eq!([0; 3].map(|_| codes(&put(&mut by_count, [order(1)]))[0].to_owned()), [T, "ok", F]);
}

#[test]
fn a_try_is_of_an_event_whoever_stands_beside_it() {
    let mut bench = bench([throttling().on_try(2)]);
    assert_eq!(codes(&put(&mut bench, [order(1), order(2)])), ["ok", "ok"]);
    assert_eq!(codes(&put(&mut bench, [order(3), order(2)])), ["ok", T]);
    assert_eq!(codes(&put(&mut bench, [order(1), order(2), order(4)])), [T, "ok", "ok"]);
    // As often as it is not limited, for each event.
    assert_eq!(bench.engine.fired(bench.journal().attempts()[1].fault_ids().next().unwrap()), 2);
}

#[test]
fn times_limits_how_many_events_meet_it() {
    let mut bench = bench([throttling().on_try(1).times(2)]);
    assert_eq!(codes(&put(&mut bench, [order(1), order(2), order(3)])), [T, T, "ok"]);
    assert_eq!(codes(&put(&mut bench, [order(1), order(2), order(4)])), ["ok", "ok", "ok"]);
}

#[test]
fn equal_entries_of_one_request_are_different_events() {
    let mut equal = bench([throttling().on_try(1), failure().on_try(2)]);
    assert_eq!(codes(&put(&mut equal, [order(1), order(1)])), [T, T]);
    assert_eq!(codes(&put(&mut equal, [order(1), order(1)])), [F, F]);
    assert_eq!(codes(&put(&mut equal, [order(1)])), ["ok"]);
    assert_eq!(equal.journal().ledger().lines().len(), 2);
}

#[test]
fn a_new_time_makes_no_new_event_and_numbers_are_equal_by_value() {
    let mut same = bench([throttling().on_try(2)]);
    assert_eq!(codes(&put(&mut same, [with(detail(r#"{"a":100,"b":1}"#), "Time", 1)])), ["ok"]);
    assert_eq!(codes(&put(&mut same, [with(detail(r#"{ "b": 1.0, "a": 1e2 }"#), "Time", 2)])), [T]);
    assert_eq!(codes(&put(&mut same, [detail(r#"{"a":101,"b":1}"#)])), ["ok"], "another event");
    assert_eq!(codes(&put(&mut same, [with(detail(r#"{"a":100,"b":1}"#), "Source", "other")])), ["ok"]);
}

#[test]
fn on_try_by_finds_an_event_that_changes_with_each_try() {
    let attempt = |id: u64, attempt: u64| detail(&json!({ "orderId": id, "attempt": attempt }).to_string());
    let mut by_content = bench([throttling().on_try(2)]);
    let mut by_id = bench([throttling().on_try_by("/orderId", 2), failure().on_try(1).matching(only(3))]);
    for (bench, second) in [(&mut by_content, "ok"), (&mut by_id, T)] {
        assert_eq!(codes(&put(bench, [attempt(1, 1)])), ["ok"]);
        assert_eq!(codes(&put(bench, [attempt(1, 2)])), [second]);
        assert_eq!(codes(&put(bench, [attempt(2, 1)])), ["ok"]);
    }
    // With an id two entries of one request are the same event; without one the content counts.
    assert_eq!(codes(&put(&mut by_id, [attempt(3, 1), attempt(3, 1)])), [F, T]);
    assert_eq!(codes(&put(&mut by_id, [detail("{}"), detail("{}")])), ["ok", "ok"]);
    assert_eq!(codes(&put(&mut by_id, [detail("{}")])), [T]);
}

#[test]
fn a_fault_of_requests_counts_the_tries_of_the_first_event_that_is_meant() {
    let status = |bench: &mut Bench, items: Vec<Value>| {
        let reply = bench.handle(put_events(entries(items)));
        bench.answered(&reply);
        reply.status()
    };
    let error = || Fault::request(RequestError::internal_exception());
    let mut first = bench([error().on_try(2)]);
    assert_eq!(status(&mut first, vec![order(1), order(2)]), 200);
    assert_eq!(status(&mut first, vec![order(3), order(1)]), 200, "order 1 is not first");
    assert_eq!(status(&mut first, vec![order(2)]), 500);
    assert_eq!(status(&mut first, vec![]), 400, "there is no event");

    let mut of_order_2 = bench([error().matching(only(2)).on_try(2)]);
    assert_eq!(status(&mut of_order_2, vec![order(1), order(2)]), 200);
    assert_eq!(status(&mut of_order_2, vec![order(1)]), 200);
    assert_eq!(status(&mut of_order_2, vec![order(3), order(2)]), 500);
    assert_eq!(status(&mut of_order_2, vec![order(2)]), 200);
}

#[test]
fn every_step_after_the_head_can_ask_for_a_try() {
    let gate = Gate::new();
    for (fault, hits) in [
        (Fault::reset(), End::Reset(Cut::Start)),
        (Fault::lost_reply(), End::Reset(Cut::Start)),
        (Fault::truncated_body(3), End::Closed(Cut::Body(3))),
        (Fault::close_after_reply(), End::Closed(Cut::End)),
    ] {
        let mut bench = bench([fault.clone().on_try(2)]);
        let ends = [0; 3].map(|_| bench.handle(put_events(entries([order(1)]))).delivery().end.clone());
        assert_eq!(ends, [End::Whole, hits, End::Whole], "{fault}");
    }
    let mut late = bench([Fault::latency(Duration::from_secs(2)).on_try(1)]);
    let delays = [0; 2].map(|_| late.handle(put_events(entries([order(1)]))).delivery().delay.as_secs());
    assert_eq!(delays, [2, 0]);
    let mut held = bench([Fault::hold(&gate).before_acceptance().on_try(2)]);
    let is_held = [0; 3].map(|_| {
        let request = put_events(entries([order(1)]));
        let now = held.now();
        let is_held = held.engine.gate_before(&request, now).is_some();
        held.handle(request);
        is_held
    });
    assert_eq!(is_held, [false, true, false], "a request counts when it is handled");
}

#[test]
fn tries_before_the_injection_count_and_those_before_the_journal_was_cleared_do_not() {
    let mut bench = Bench::default();
    put(&mut bench, [order(1)]);
    let second = bench.engine.inject(throttling().on_try(2));
    assert_eq!(codes(&put(&mut bench, [order(1), order(2)])), [T, "ok"]);
    bench.engine.clear_journal();
    assert_eq!(codes(&put(&mut bench, [order(2)])), ["ok"]);
    assert_eq!(codes(&put(&mut bench, [order(2)])), [T]);
    bench.engine.lift(second);
    put(&mut bench, [order(3)]);
    bench.engine.inject(failure().on_try(2));
    assert_eq!(codes(&put(&mut bench, [order(3), order(2)])), [F, "ok"], "what came while nobody asked counts as well");
}

#[test]
fn an_event_that_the_limits_or_other_faults_refused_was_tried_all_the_same() {
    let mut bench = bench([Fault::request(RequestError::throttling()).on_attempt(1), throttling().on_try(3)]);
    assert_eq!(bench.handle(put_events(entries([order(1)]))).status(), 400);
    assert_eq!(bench.handle(put_events(entries((0..11).map(order)))).status(), 400, "too many entries");
    assert_eq!(codes(&put(&mut bench, [order(1), order(2)])), [T, "ok"]);
    bench.handle(http::Request::get("/").body(bytes::Bytes::new()).unwrap());
    assert_eq!(codes(&put(&mut bench, [order(2)])), [T]);
}

/// Whatever comes, a fault of every k-th try decides about those entries that the ledger calls the k-th try.
#[test]
fn a_fault_and_the_ledger_never_count_differently() {
    let mut numbers = 1_u64;
    let mut draw = |below: u64| {
        numbers = numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (numbers >> 33) % below
    };
    for round in 0..90 {
        let by_id = round % 3 == 0;
        let mut bench = Bench::default();
        for k in 1..30 {
            let fault = Fault::undelivered();
            bench.engine.inject(if by_id { fault.on_try_by("/orderId", k) } else { fault.on_try(k) });
        }
        let mut in_flight = Vec::new();
        // Either the engine is told of each end, or of none.
        let tells_ends = round % 2 == 0;
        if tells_ends {
            put(&mut bench, [order(9)]);
        }
        for _ in 0..20 {
            if draw(3) == 0 {
                bench.engine.inject(throttling().nth(usize::try_from(draw(3)).unwrap() + 1).times(1));
            }
            if draw(6) == 0 {
                bench.engine.inject(Fault::entry(EntryError::malformed_detail()).times(1));
            }
            if draw(6) == 0 {
                bench.engine.inject(Fault::lost_reply().times(1));
            }
            let items: Vec<Value> = (0..=draw(4)).map(|_| order(draw(3))).collect();
            in_flight.push(bench.handle(put_events(entries(items))));
            while tells_ends && !in_flight.is_empty() && draw(3) > 0 {
                let at = usize::try_from(draw(in_flight.len() as u64)).unwrap();
                bench.answered(&in_flight.swap_remove(at));
            }
        }
        if tells_ends {
            in_flight.iter().for_each(|reply| bench.answered(reply));
        }
        let journal = bench.journal();
        let ledger = if by_id { journal.ledger().identify_by("/orderId") } else { journal.ledger() };
        let mut seen = 0;
        for line in ledger.lines() {
            for (number, one) in line.tries().iter().enumerate().filter(|(_, one)| one.is_accepted()) {
                let sentence = format!("on try {} of an event", number + 1);
                let faults: Vec<&str> = one.attempt().faults().collect();
                assert!(faults.iter().any(|fault| fault.contains(&sentence)), "{sentence}: {faults:?}\n{journal}");
                seen += 1;
            }
        }
        assert!(seen > 15, "{journal}");
    }
}

#[test]
fn an_unfired_fault_says_how_often_its_event_was_tried() {
    let mut tried_twice = bench([throttling().matching(only(1)).on_try(3)]);
    put(&mut tried_twice, [order(2)]);
    put(&mut tried_twice, [order(1)]);
    put(&mut tried_twice, [order(1), order(2)]);
    put(&mut tried_twice, [order(2)]);
    let name = |id: u64| format!("shop.orders / OrderPlaced {{\"orderId\":{id}}}");
    let order_1 = name(1);
    assert_eq!(reason(&tried_twice), format!("no event that it matches had a try 3: {order_1} was tried twice"));

    let mut other_event = bench([throttling().matching(only(7)).on_try(2)]);
    put(&mut other_event, [order(1)]);
    put(&mut other_event, [order(1)]);
    assert_eq!(reason(&other_event), format!("nearest: #1[0]  {order_1}: detail /orderId is 1, not 7"));

    let mut late = Bench::default();
    put(&mut late, [order(1)]);
    late.engine.inject(throttling().on_try(1));
    put(&mut late, [order(1)]);
    assert_eq!(reason(&late), format!("try 1 of {order_1} came in #1[0], before it was injected"));

    let mut not_first = bench([Fault::reset().on_try(2)]);
    put(&mut not_first, [order(1)]);
    put(&mut not_first, [order(2), order(1)]);
    assert_eq!(reason(&not_first), format!("try 2 of {order_1} came in #2[1], where another entry stood first"));

    let mut decided = bench([throttling(), failure().on_try(1)]);
    put(&mut decided, [order(1)]);
    let before = "where another fault, or the limits, decided first";
    assert_eq!(reason(&decided), format!("try 1 of {order_1} came in #1[0], {before}"));

    let mut elsewhere = bench([throttling().at_index(1).on_try(1)]);
    put(&mut elsewhere, [order(1)]);
    put(&mut elsewhere, [order(2), order(1)]);
    assert_eq!(reason(&elsewhere), format!("try 1 of {order_1} came in #1[0], and not at index 1"));

    let mut other_attempt = bench([throttling().on_attempt(2).on_try(1)]);
    put(&mut other_attempt, [order(1)]);
    put(&mut other_attempt, [order(1)]);
    assert_eq!(reason(&other_attempt), format!("try 1 of {order_1} came in #1[0], and not in attempt 2 at PutEvents"));

    let mut lifted = Bench::default();
    let fault = lifted.engine.inject(throttling().on_try(2));
    put(&mut lifted, [order(1)]);
    lifted.engine.lift(fault);
    put(&mut lifted, [order(1)]);
    assert_eq!(reason(&lifted), format!("try 2 of {order_1} came in #2[0], after it was lifted"));
}

#[test]
fn connections_that_were_let_pass_are_counted_in_the_right_number() {
    for (connections, told) in [
        (1, "it could apply to only 1 connection, and it let the first pass"),
        (2, "it could apply to only 2 connections, and it let the first pass"),
    ] {
        let mut bench = bench([Fault::reset_on_connect().after(5)]);
        let now = bench.now();
        (0..connections).for_each(|_| assert!(!bench.engine.resets_connection(now)));
        assert_eq!(reason(&bench), told);
    }
}

#[test]
fn a_try_is_read_from_a_plan_and_said_in_the_sentence() {
    let plan = r#"{"faults":[
        {"entry":"ThrottlingException","onTry":1},
        {"reset":true,"onTry":2},
        {"request":"InternalException","matching":{"source":"shop"},"onTry":{"try":2,"identifyBy":"/orderId"}}
    ]}"#;
    let plan: Plan = plan.parse().unwrap();
    let sentences: Vec<String> = plan.faults().iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "ThrottlingException for entries, on try 1 of an event",
            "a reset without a reply (before acceptance), on try 2 of its first event",
            "500 InternalException for requests with entries with source \"shop\", on try 2 of the first of them, identified \
             by detail /orderId",
        ]
    );
    let on_try = |json: &str| format!(r#"{{"faults":[{{"reset":true,"onTry":{json}}}]}}"#).parse::<Plan>();
    let told = ["0", "true", r#"{"identifyBy":"/a"}"#, r#"{"try":1,"identifyBy":"a"}"#, r#"{"try":1,"by":"/a"}"#]
        .map(|json| on_try(json).unwrap_err().to_string());
    assert_eq!(
        told,
        [
            "faults[0].onTry: tries are counted from 1: write 1 for the first",
            r#"faults[0].onTry: true is not the number of a try or {"try": ..., "identifyBy": ...}"#,
            r#"faults[0].onTry: there is no "try""#,
            r#"faults[0].onTry.identifyBy: a JSON pointer begins with a slash: write "/a" instead of "a""#,
            r#"faults[0].onTry: "by" is not known here; write one of try, identifyBy"#,
        ]
    );
    let on_connect = r#"{"faults":[{"resetOnConnect":true,"onTry":1}]}"#.parse::<Plan>().unwrap_err().to_string();
    assert!(on_connect.contains("onTry cannot hold: write reset to choose by request"), "{on_connect}");
}

#[test]
fn an_engine_forgets_the_oldest_of_very_many_events() {
    let mut bench = Bench::new(Engine::new().limits(Limits::none()).max_journal_attempts(1));
    bench.engine.inject(throttling().on_try(2).times(0..=1));
    put(&mut bench, [order(0)]);
    for chunk in 0..101 {
        put(&mut bench, (1..=1_000).map(|id| order(chunk * 1_000 + id)));
    }
    assert_eq!(codes(&put(&mut bench, [order(0)])), ["ok"], "it was forgotten, and begins anew");
    assert_eq!(codes(&put(&mut bench, [order(100_000)])), [T]);
}

/// A request that an SDK makes within a call, or one without an SDK.
fn of_call(call: Option<&str>, ids: &[u64]) -> http::Request<bytes::Bytes> {
    let mut request = put_events(entries(ids.iter().copied().map(order)));
    if let Some(call) = call {
        request.headers_mut().insert("amz-sdk-invocation-id", call.parse().unwrap());
    }
    request
}

#[test]
fn a_fault_goes_on_for_the_rest_of_a_call_for_its_event_or_for_everything() {
    let statuses = |lasting: Lasting, requests: &[(Option<&str>, u64)]| {
        let fault = Fault::request(RequestError::internal_exception()).matching(only(1)).on_try(1).lasting(lasting);
        let mut bench = bench([fault]);
        let status = |(call, id): &(Option<&str>, u64)| {
            let reply = bench.handle(of_call(*call, &[*id]));
            bench.answered(&reply);
            reply.status()
        };
        requests.iter().map(status).collect::<Vec<_>>()
    };
    let calls = [(Some("a"), 1), (Some("a"), 1), (Some("b"), 1), (Some("b"), 2), (Some("a"), 2)];
    assert_eq!(statuses(Lasting::Call, &calls), [500, 500, 200, 200, 500]);
    assert_eq!(statuses(Lasting::Event, &calls), [500, 500, 500, 200, 200]);
    assert_eq!(statuses(Lasting::Ever, &calls), [500; 5]);
    // Without the header of an SDK, three requests with the same entries are a call.
    let plain = [(None, 1), (None, 2), (None, 1), (None, 1), (None, 1)];
    assert_eq!(statuses(Lasting::Call, &plain), [500, 200, 500, 500, 200]);
}

#[test]
fn a_request_is_held_for_the_rest_of_its_call() {
    let gate = Gate::new();
    let hold = Fault::hold(&gate).before_acceptance().matching(only(1)).on_try(1).lasting(Lasting::Call);
    let mut bench = bench([hold]);
    let now = bench.now();
    let mut is_held = |call, ids: &[u64]| bench.engine.gate_before(&of_call(Some(call), ids), now).is_some();
    assert!(is_held("a", &[1]));
    assert!(is_held("a", &[2]));
    assert!(!is_held("b", &[2]));
}
