//! The AWS SDK without a socket, and both SDK arms on a paused clock.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::fault::{Gate, MalformedReply, Quota};
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, RequestError, entry, entry_of};
use serde_json::json;
use tokio::time::Instant;

use crate::support::waits;

const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);

fn order(id: u64) -> PutEventsRequestEntry {
    let detail = json!({ "orderId": id }).to_string();
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}

fn is_order(id: u64) -> EntryMatcher {
    entry().source("shop.orders").detail_type("OrderPlaced").detail_at("/orderId", id)
}

/// A client with a limit for each attempt; over a socket with the SDK's own HTTP client.
fn client(eventbridge: &MockEventBridge, over_a_socket: bool) -> Client {
    let timeouts = aws_sdk_eventbridge::config::timeout::TimeoutConfig::builder();
    let timeouts = timeouts.operation_attempt_timeout(ATTEMPT_LIMIT).build();
    let mut config = eventbridge.sdk_config().into_builder().timeout_config(timeouts);
    if over_a_socket {
        config = config.http_client(aws_smithy_http_client::Builder::new().build_http());
    }
    Client::new(&config.build())
}

#[tokio::test(start_paused = true)]
async fn a_client_of_the_configuration_publishes_without_a_socket() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(1).times(1));
    let client = Client::new(&eventbridge.sdk_config());
    let reply = client.put_events().entries(order(1)).entries(order(2)).send().await.unwrap();
    assert_eq!((reply.failed_entry_count(), reply.entries()[1].error_code()), (1, Some("ThrottlingException")));
    let journal = eventbridge.shutdown().await;
    journal.published().assert_exactly([is_order(1)]);
    let attempt = &journal.attempts()[0];
    assert_eq!((attempt.method(), attempt.path(), attempt.peer()), ("POST", "/", None));
    assert_eq!(attempt.credential_scope().unwrap().access_key(), "AKIDEXAMPLE");
    assert_eq!(attempt.sdk_attempt(), Some(1));
    assert!(attempt.is_told() && attempt.ended_at() == Some(Duration::ZERO));
    journal.lint().assert_clean();
}

#[tokio::test(start_paused = true)]
async fn a_test_asserts_with_the_values_that_it_published() {
    let eventbridge = MockEventBridge::in_process();
    let client = Client::new(&eventbridge.sdk_config());
    let full = PutEventsRequestEntry::builder()
        .source("shop")
        .detail_type("OrderPlaced")
        .detail("{ \"orderId\": 1 }")
        .event_bus_name("orders")
        .resources("arn:1")
        .resources("arn:2")
        .time(aws_sdk_eventbridge::primitives::DateTime::from_secs_f64(1_767_323_045.678))
        .build();
    let broken = PutEventsRequestEntry::builder().source("shop").detail_type("t").detail("no JSON").build();
    client.put_events().entries(full.clone()).entries(order(2)).entries(broken.clone()).send().await.unwrap();
    let journal = eventbridge.journal();
    journal.published().assert_exactly([entry_of!(order(2)), entry_of!(full)]);
    assert!(entry_of!(broken).matches(&journal.attempts()[0].entries()[2]));
    let [full, second, broken] = [full, order(2), broken].map(|one| entry_of!(one));
    for (index, matcher) in [full, second, broken].iter().enumerate() {
        let matching =
            journal.entries().enumerate().filter(|(_, entry)| matcher.matches(entry)).map(|(index, _)| index);
        assert_eq!(matching.collect::<Vec<_>>(), [index]);
    }
    let older = aws_sdk_cloudwatchevents::types::PutEventsRequestEntry::builder().source("a").build();
    assert_eq!(entry_of!(older).to_string(), "entries with source \"a\", event bus \"default\", no resources");
}

#[tokio::test(start_paused = true)]
async fn the_older_crate_takes_the_same_configuration() {
    let eventbridge = MockEventBridge::in_process();
    let client = aws_sdk_cloudwatchevents::Client::new(&eventbridge.sdk_config());
    let entry =
        aws_sdk_cloudwatchevents::types::PutEventsRequestEntry::builder().source("a").detail_type("b").detail("{}");
    client.put_events().entries(entry.build()).send().await.unwrap();
    eventbridge.journal().published().assert_count(1);
}

#[tokio::test(start_paused = true)]
async fn the_configuration_tries_again_as_the_sdk_does_by_default() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::internal_exception()));
    let failed = Client::new(&eventbridge.sdk_config()).put_events().entries(order(1)).send().await.unwrap_err();
    assert!(failed.as_service_error().unwrap().is_internal_exception());
    let journal = eventbridge.journal();
    let waits: Vec<Duration> = waits(&journal).collect();
    assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(2)), "{waits:?}");
    assert_eq!(journal.attempts().iter().map(|attempt| attempt.sdk_attempt().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
}

/// What a call of the SDK's looks like from outside: its attempts, how it ended, and what was accepted.
async fn call_through(fault: &Fault, over_a_socket: bool) -> (usize, String, usize) {
    let eventbridge = if over_a_socket { MockEventBridge::start().await } else { MockEventBridge::in_process() };
    eventbridge.inject(fault.clone());
    let sent = client(&eventbridge, over_a_socket).put_events().entries(order(1)).entries(order(2)).send().await;
    let ended = match sent {
        Ok(reply) => format!("ok, {} failed, {} results", reply.failed_entry_count(), reply.entries().len()),
        Err(SdkError::DispatchFailure(failure)) if failure.is_io() => "I/O".into(),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => "timeout of the connector".into(),
        Err(SdkError::DispatchFailure(_)) => "dispatch".into(),
        Err(SdkError::TimeoutError(_)) => "timeout".into(),
        Err(SdkError::ResponseError(_)) => "response".into(),
        Err(SdkError::ServiceError(error)) => format!("{:?}", error.err().code()),
        Err(error) => format!("{error:?}"),
    };
    let journal = eventbridge.journal();
    (journal.attempts().len(), ended, journal.published().len())
}

#[tokio::test(start_paused = true)]
async fn faults_look_the_same_with_and_without_a_socket() {
    for fault in [
        Fault::entry(EntryError::throttling()).at_index(0),
        Fault::request(RequestError::internal_exception()),
        Fault::request(RequestError::throttling()),
        Fault::request(RequestError::access_denied()),
        Fault::request(RequestError::bad_gateway()),
        Fault::request(RequestError::payload_too_large()),
        Fault::request(RequestError::too_many_requests()),
        Fault::quota(Quota::entries_per_second(1.0)),
        Fault::undelivered(),
        Fault::refuse_connections(),
        Fault::reset_on_connect(),
        Fault::reset(),
        Fault::empty_response(),
        Fault::stall(),
        Fault::garbage(),
        Fault::lost_reply(),
        Fault::empty_response().after_acceptance(),
        Fault::stall().after_acceptance(),
        Fault::garbage().after_acceptance(),
        Fault::lost_reply_as(RequestError::service_unavailable()),
        Fault::truncated_head(20),
        Fault::truncated_body(20),
        Fault::truncated_body(0),
        Fault::reset_in_head(20),
        Fault::reset_in_body(20),
        Fault::close_after_reply(),
        Fault::malformed_reply(MalformedReply::EmptyBody),
        Fault::malformed_reply(MalformedReply::BrokenJson),
        Fault::latency(Duration::from_secs(4)),
        Fault::latency(Duration::from_secs(6)),
        Fault::dribble(10, Duration::from_millis(10)),
        Fault::dribble(10, Duration::from_secs(1)),
    ] {
        let over_a_socket = call_through(&fault, true).await;
        assert_eq!(call_through(&fault, false).await, over_a_socket, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_takes_ten_minutes_of_the_paused_clock_only() {
    for over_a_socket in [false, true] {
        let eventbridge = if over_a_socket { MockEventBridge::start().await } else { MockEventBridge::in_process() };
        let outage = eventbridge.inject(Fault::request(RequestError::service_unavailable()));
        let client = client(&eventbridge, over_a_socket);
        let started = Instant::now();
        let publishing = async {
            let mut wait = Duration::from_secs(1);
            while client.put_events().entries(order(1)).send().await.is_err() {
                tokio::time::sleep(wait).await;
                wait = (2 * wait).min(Duration::from_secs(30));
            }
        };
        let recovery = async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            outage.lift();
        };
        tokio::join!(publishing, recovery);
        let took = started.elapsed();
        assert!((600..640).contains(&took.as_secs()), "{took:?}");
        let journal = eventbridge.journal();
        journal.published().assert_exactly([is_order(1)]);
        assert!((600..640).contains(&journal.published()[0].attempt().at().as_secs()), "{journal}");
        assert!(journal.attempts().len() > 50, "{journal}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_holds_a_request_in_process_too() {
    let eventbridge = MockEventBridge::in_process();
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate).before_acceptance());
    let client = Client::new(&eventbridge.sdk_config());
    let sending = tokio::spawn(async move { client.put_events().entries(order(1)).send().await });
    gate.wait_until_reached(Duration::from_secs(1)).await.unwrap();
    eventbridge.journal().published().assert_count(0);
    gate.release();
    sending.await.unwrap().unwrap();
    eventbridge.journal().published().assert_count(1);
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_in_process_was_never_answered() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::latency(Duration::from_secs(60)).times(1));
    let client = Client::new(&eventbridge.sdk_config());
    let sending = client.put_events().entries(order(1)).send();
    assert!(tokio::time::timeout(Duration::from_secs(1), sending).await.is_err());
    client.put_events().entries(order(1)).send().await.unwrap();
    let journal = eventbridge.journal();
    assert!(!journal.attempts()[0].is_told(), "{journal}");
    assert_eq!(journal.attempts()[0].ended_at(), Some(Duration::from_secs(1)));
    journal.ledger().assert_only_failed_entries_resent();
}

#[test]
#[should_panic(expected = "a mock in process does not listen: use its sdk_config(), or start() one that does")]
fn a_mock_in_process_has_no_address() {
    MockEventBridge::in_process().address();
}

#[tokio::test(start_paused = true)]
async fn a_client_of_the_sdk_that_outlives_its_mock_is_told_that_the_mock_is_gone() {
    let eventbridge = MockEventBridge::in_process();
    let client = client(&eventbridge, false);
    drop(eventbridge);
    let failed = client.put_events().entries(order(1)).send().await.unwrap_err();
    assert!(matches!(&failed, SdkError::DispatchFailure(failure) if failure.is_io()), "{failed:?}");
    let words = DisplayErrorContext(&failed).to_string();
    assert!(words.contains("the mock is gone: it was dropped or shut down before this request"), "{words}");
}
