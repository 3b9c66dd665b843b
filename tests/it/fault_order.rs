//! The order of the steps inside a request: a request that meets the faults of two neighbouring steps is answered for the
//! first. The numbers are those of the documentation of `Fault`.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::engine::{Cut, End};
use putevents_mock::fault::{Gate, MalformedReply};
use putevents_mock::{Engine, EntryError, Fault, Limits, RequestError};
use serde_json::{Value, json};

use crate::support::{Bench, bench, body, codes, entries, order, put_events, with};

/// Runs a check with the faults injected in both orders: between two steps the order of injection does not matter.
fn in_both_orders(faults: [Fault; 2], check: impl Fn(&mut Bench)) {
    let [first, second] = faults;
    check(&mut bench([first.clone(), second.clone()]));
    check(&mut bench([second, first]));
}

fn two_orders() -> http::Request<bytes::Bytes> {
    put_events(entries([order(1), order(2)]))
}

#[cfg(feature = "server")]
#[tokio::test]
async fn step_1_connections_before_step_2_holding_requests() {
    use crate::support::socket::{Ended, PATIENCE, Socket, bytes_of};
    use putevents_mock::MockEventBridge;
    let eventbridge = MockEventBridge::start().await;
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate).before_acceptance());
    eventbridge.inject(Fault::reset_on_connect().times(1));
    if let Ok(stream) = tokio::net::TcpStream::connect(eventbridge.address()).await {
        let mut socket = Socket::over(stream);
        let _ = socket.send(bytes_of(&two_orders())).await;
        assert_eq!(socket.until_end(PATIENCE).await, (vec![], Some(Ended::Reset)));
    }
    assert_eq!(gate.reached(), 0);
}

#[cfg(feature = "server")]
#[tokio::test]
async fn step_2_holding_requests_before_step_3_losing_them() {
    use crate::support::socket::{Ended, PATIENCE, Socket, bytes_of};
    use putevents_mock::MockEventBridge;
    let eventbridge = MockEventBridge::start().await;
    let gate = Gate::new();
    eventbridge.inject(Fault::reset());
    eventbridge.inject(Fault::hold(&gate).before_acceptance());
    let mut socket = Socket::connect(eventbridge.address()).await;
    socket.send(bytes_of(&two_orders())).await.unwrap();
    gate.wait_until_reached(PATIENCE).await.unwrap();
    assert!(eventbridge.journal().attempts().is_empty());
    gate.release();
    assert_eq!(socket.until_end(PATIENCE).await, (vec![], Some(Ended::Reset)));
}

#[test]
fn step_3_losing_requests_before_step_4_the_envelope() {
    let mut bench = bench([Fault::reset()]);
    assert_eq!(bench.handle(put_events("{")).delivery().end, End::Reset(Cut::Start));
    let mut elsewhere = put_events("{}");
    *elsewhere.uri_mut() = "/elsewhere".parse().unwrap();
    assert_eq!(bench.handle(elsewhere).delivery().end, End::Reset(Cut::Start));
    assert!(bench.journal().problems().is_empty(), "nobody looked at the requests");
}

#[test]
fn step_4_the_envelope_before_step_5_the_whole_request() {
    let mut bench = bench([Fault::request(RequestError::internal_exception())]);
    assert_eq!(bench.handle(put_events("{")).status(), 400);
    assert_eq!(bench.handle(two_orders()).status(), 500);
}

#[test]
fn step_5_the_whole_request_before_step_6_its_limits() {
    let mut bench = bench([Fault::request(RequestError::internal_exception()).times(1)]);
    let eleven = || put_events(entries((0..11).map(order)));
    assert_eq!(bench.handle(eleven()).status(), 500);
    assert_eq!(bench.handle(eleven()).status(), 400);
}

#[test]
fn step_6_the_limits_of_the_request_before_step_7_its_entries() {
    let mut bench = Bench::new(Engine::new().limits(Limits::current().with_max_request_size(100)));
    let fault = bench.engine.inject(Fault::entry(EntryError::throttling()));
    let large = with(order(1), "Detail", json!({ "x": "x".repeat(100) }).to_string());
    assert_eq!(bench.handle(put_events(entries([large]))).status(), 400);
    assert_eq!(bench.engine.fired(fault), 0);
}

#[test]
fn step_7_the_limits_of_an_entry_before_its_faults_and_both_before_step_8_acceptance() {
    in_both_orders([Fault::entry(EntryError::throttling()).times(1), Fault::undelivered()], |bench| {
        let answer = bench.put([with(order(1), "Source", Value::Null), order(2), order(3)]);
        assert_eq!(codes(&answer), ["InvalidArgument", "ThrottlingException", "ok"]);
        let journal = bench.journal();
        assert_eq!(journal.published().len(), 1);
        assert!(!journal.published()[0].is_delivered());
    });
}

#[test]
fn step_8_acceptance_before_step_9_what_the_answer_says() {
    in_both_orders([Fault::lost_reply_as(RequestError::service_unavailable()), Fault::undelivered()], |bench| {
        assert_eq!(bench.handle(two_orders()).status(), 503);
        assert_eq!(bench.journal().published().len(), 2);
        assert!(!bench.journal().published()[0].is_delivered());
    });
    in_both_orders(
        [
            Fault::malformed_reply(MalformedReply::FailedEntryCount(5)),
            Fault::entry(EntryError::throttling()).at_index(0),
        ],
        |bench| {
            let answer = body(&bench.handle(two_orders()));
            assert_eq!((codes(&answer), &answer["FailedEntryCount"]), (vec!["ThrottlingException", "ok"], &json!(5)));
        },
    );
}

#[test]
fn step_9_what_the_answer_says_before_step_10_when_it_comes_and_step_11_how() {
    let late = Duration::from_secs(5);
    in_both_orders([Fault::malformed_reply(MalformedReply::EmptyBody), Fault::latency(late)], |bench| {
        let reply = bench.handle(two_orders());
        assert!(reply.body().is_empty());
        assert_eq!(reply.delivery().delay, late);
    });
    let gate = Gate::new();
    let faults = [
        Fault::close_after_reply(),
        Fault::dribble(1, Duration::ZERO),
        Fault::latency(late),
        Fault::hold(&gate),
        Fault::lost_reply_as(RequestError::service_unavailable()),
    ];
    let reply = bench(faults).handle(two_orders());
    let delivery = reply.delivery();
    assert_eq!((reply.status(), &delivery.hold, delivery.delay), (503, &Some(gate), late));
    let pace = delivery.pace.map(|pace| (pace.bytes, pace.every));
    assert_eq!((pace, &delivery.end), (Some((1, Duration::ZERO)), &End::Closed(Cut::End)));
}

#[cfg(feature = "server")]
#[tokio::test]
async fn step_10_holding_an_answer_before_step_11_writing_it() {
    use crate::support::socket::{Ended, PATIENCE, Socket, bytes_of};
    use putevents_mock::MockEventBridge;
    let eventbridge = MockEventBridge::start().await;
    let gate = Gate::new();
    eventbridge.inject(Fault::truncated_head(9));
    eventbridge.inject(Fault::hold(&gate));
    let mut socket = Socket::connect(eventbridge.address()).await;
    socket.send(bytes_of(&two_orders())).await.unwrap();
    gate.wait_until_reached(PATIENCE).await.unwrap();
    assert_eq!(socket.until_end(Duration::from_millis(20)).await, (vec![], None));
    gate.release();
    assert_eq!(socket.until_end(PATIENCE).await, (b"HTTP/1.1 ".to_vec(), Some(Ended::Closed)));
}

#[test]
fn at_one_step_the_order_of_injection_decides() {
    let close = || Fault::truncated_body(1);
    let reset = || Fault::lost_reply();
    assert_eq!(bench([close(), reset()]).handle(two_orders()).delivery().end, End::Closed(Cut::Body(1)));
    assert_eq!(bench([reset(), close()]).handle(two_orders()).delivery().end, End::Reset(Cut::Start));
}

#[test]
fn what_needs_accepted_entries_passes_a_refused_request_by_and_what_needs_an_answer_does_not() {
    let late = Duration::from_secs(5);
    let faults = [
        Fault::lost_reply(),
        Fault::truncated_body(1),
        Fault::malformed_reply(MalformedReply::EmptyBody),
        Fault::lost_reply_as(RequestError::bad_gateway()),
        Fault::latency(late),
        Fault::close_after_reply(),
    ];
    let mut bench = bench(faults);
    let refused = bench.handle(put_events("{"));
    assert_eq!((refused.status(), body(&refused)), (400, json!({ "__type": "SerializationException" })));
    assert_eq!((refused.delivery().delay, &refused.delivery().end), (late, &End::Closed(Cut::End)));
}
