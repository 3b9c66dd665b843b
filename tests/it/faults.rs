//! What injected faults do, to which entries and requests, how often, and in which order.

use pretty_assertions::assert_eq;
use putevents_mock::{Engine, EntryError, Fault, Outcome, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, body, codes, entries, order, put_events, with};

fn bench(faults: impl IntoIterator<Item = Fault>) -> Bench {
    let mut bench = Bench::default();
    for fault in faults {
        bench.engine.inject(fault);
    }
    bench
}

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
    let told = |misuse: fn() -> Fault| {
        let panic = std::panic::catch_unwind(misuse).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_else(|| (*panic.downcast_ref::<&str>().unwrap()).to_owned())
    };
    assert_eq!(
        told(|| throttling().times(0)),
        "a fault that applies 0 times does nothing: leave it out, or write times(1)"
    );
    assert_eq!(
        told(|| internal_exception().on_attempt(0)),
        "attempts are counted from 1: write on_attempt(1) for the first"
    );
    assert_eq!(
        told(|| internal_exception().at_index(3)),
        "a fault of the whole request has no index: write Fault::entry(...).at_index(3), or choose the request with \
         on_attempt or matching"
    );
    assert_eq!(
        told(|| throttling().matching(entry().detail_at("orderId", 2))),
        "a JSON pointer begins with a slash: write \"/orderId\" instead of \"orderId\""
    );
    assert_eq!(
        told(|| Fault::request(RequestError::new(200, "Fine", "really"))),
        "a request error needs an HTTP status from 400 to 599, not 200: SDKs take any other for a success or a redirect"
    );
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
