//! The mock on an existing server of wiremock, beside other mocks.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::engine::Ids;
use putevents_mock::fault::Gate;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, RequestError, entry};
use serde_json::json;
use wiremock::matchers::{any, header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::socket::{Answer, Ended, Socket, bytes_of, good_request};
use crate::support::{entries, order, put_events};

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

async fn mounted() -> (MockServer, MockEventBridge) {
    let (server, eventbridge) = (MockServer::start().await, MockEventBridge::in_process());
    eventbridge.mount_on(&server).await;
    (server, eventbridge)
}

async fn ask(server: &MockServer, request: &http::Request<bytes::Bytes>) -> Option<Answer> {
    Socket::connect(*server.address()).await.exchange(request).await
}

#[tokio::test]
async fn an_answer_passes_through_wiremock_unchanged() {
    let server = MockServer::start().await;
    let eventbridge = MockEventBridge::builder().ids(Ids::counting()).in_process();
    eventbridge.mount_on(&server).await;
    eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(1));
    let answer = ask(&server, &put_events(entries([order(1), order(2)]))).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-requestid"), Some("00000000-0000-4000-8000-000000000001"));
    assert_eq!(
        answer.json(),
        json!({ "FailedEntryCount": 1, "Entries": [
            { "EventId": "00000000-0000-0000-0000-000000000001" },
            { "ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded" },
        ]})
    );
    eventbridge.journal().published().assert_exactly([is_order(1)]);
}

#[tokio::test]
async fn other_calls_of_the_program_are_left_to_other_mocks() {
    let (server, eventbridge) = mounted().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(418)).mount(&server).await;
    let mut sts = good_request();
    sts.headers_mut().remove("x-amz-target");
    assert_eq!(ask(&server, &sts).await.unwrap().status, 418);
    assert_eq!(ask(&server, &good_request()).await.unwrap().status, 200);
    let mut other_operation = good_request();
    other_operation.headers_mut().insert("x-amz-target", "AWSEvents.PutRule".parse().unwrap());
    assert_eq!(ask(&server, &other_operation).await.unwrap().status, 400);
    assert_eq!(eventbridge.journal().attempts().len(), 2);
}

#[tokio::test]
async fn a_connection_can_be_closed_without_an_answer_and_with_one_before_and_after() {
    let (server, eventbridge) = mounted().await;
    for (number, fault) in [(2, Fault::empty_response()), (3, Fault::empty_response().after_acceptance())] {
        eventbridge.inject(fault.on_attempt(number));
    }
    assert_eq!(ask(&server, &put_events(entries([order(1)]))).await.unwrap().status, 200);
    for id in [2, 3] {
        let mut socket = Socket::connect(*server.address()).await;
        socket.send(bytes_of(&put_events(entries([order(id)])))).await.unwrap();
        assert_eq!(socket.until_end(Duration::from_secs(60)).await, (vec![], Some(Ended::Closed)));
    }
    assert_eq!(ask(&server, &put_events(entries([order(4)]))).await.unwrap().status, 200);
    let journal = eventbridge.journal();
    journal.assert_every_fault_fired();
    journal.published().assert_exactly([1, 3, 4].map(is_order));
    assert_eq!(
        journal.attempts().iter().map(putevents_mock::journal::Attempt::is_told).collect::<Vec<_>>(),
        [true, false, false, true]
    );
}

#[tokio::test]
async fn late_answers_are_late() {
    let (server, eventbridge) = mounted().await;
    eventbridge.inject(Fault::latency(Duration::from_millis(50)));
    assert_eq!(ask(&server, &good_request()).await.unwrap().status, 200);
    let journal = eventbridge.journal();
    let attempt = &journal.attempts()[0];
    assert!(attempt.ended_at().unwrap() >= attempt.at() + Duration::from_millis(50), "{journal}");
}

#[tokio::test]
async fn its_matchers_expectations_names_and_scopes_work() {
    let (server, eventbridge) = (MockServer::start().await, MockEventBridge::in_process());
    let narrow = || eventbridge.wiremock().and(method("POST")).and(header("x-tenant", "a"));
    let scope = narrow().expect(1).named("events of tenant a").mount_as_scoped_on(&server).await;
    let mut tenant_a = good_request();
    tenant_a.headers_mut().insert("x-tenant", "a".parse().unwrap());
    assert_eq!(ask(&server, &good_request()).await.unwrap().status, 404);
    assert_eq!(ask(&server, &tenant_a).await.unwrap().status, 200);
    drop(scope);
    assert_eq!(ask(&server, &tenant_a).await.unwrap().status, 404);
    eventbridge.journal().published().assert_count(1);
}

#[tokio::test]
#[should_panic(expected = "events of tenant b")]
async fn an_expectation_of_wiremocks_that_is_not_met_fails_the_test() {
    let (server, eventbridge) = (MockServer::start().await, MockEventBridge::in_process());
    eventbridge.wiremock().expect(1).named("events of tenant b").mount_on(&server).await;
    server.verify().await;
}

#[tokio::test]
async fn faults_that_its_server_cannot_perform_are_refused_when_they_are_injected() {
    let refused = |mock: &MockEventBridge, fault: Fault| {
        let injected = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(mock.inject(fault))));
        injected.err().map(|panic| panic.downcast_ref::<String>().unwrap().clone())
    };
    let (_server, eventbridge) = mounted().await;
    for fault in [
        Fault::reset(),
        Fault::lost_reply(),
        Fault::stall(),
        Fault::garbage(),
        Fault::truncated_body(1),
        Fault::reset_in_head(1),
        Fault::close_after_reply(),
        Fault::dribble(1, Duration::ZERO),
        Fault::refuse_connections(),
        Fault::reset_on_connect(),
        Fault::hold(&Gate::new()),
    ] {
        assert_eq!(
            refused(&eventbridge, fault.clone()),
            Some(format!(
                "a wiremock server cannot perform this fault: {fault}. Use the server of MockEventBridge::start(), which can, or \
                 Fault::empty_response(), the only fault of connections that wiremock can perform"
            ))
        );
    }
    assert_eq!(refused(&eventbridge, Fault::lost_reply_as(RequestError::bad_gateway())), None);
    assert_eq!(eventbridge.plan_in_force().faults().len(), 1);
}

#[tokio::test]
#[should_panic(expected = "a wiremock server cannot perform this fault: a reset without a reply (before acceptance)")]
async fn faults_that_were_injected_before_are_refused_when_it_is_mounted() {
    let (server, eventbridge) = (MockServer::start().await, MockEventBridge::in_process());
    eventbridge.inject(Fault::reset());
    eventbridge.mount_on(&server).await;
}

#[tokio::test]
async fn it_stays_mounted_for_as_long_as_the_server_lives_also_where_its_handle_is_dropped() {
    let (server, eventbridge) = mounted().await;
    eventbridge.inject(Fault::request(RequestError::throttling()).times(1));
    drop(eventbridge);
    for status in [400, 200, 200] {
        assert_eq!(ask(&server, &good_request()).await.unwrap().status, status);
    }
}
