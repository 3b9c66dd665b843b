//! A server of wiremock mocks a payment service and, beside it, EventBridge.
//!
//! The mock goes before the stubs of the server, and leaves requests that are not for EventBridge to them. Your stub of
//! PutEvents can stay until all tests use the mock.
//!
//! A wrong checkout:
//!
//! * charges again where only the event failed: `expect(1)` of wiremock finds it.
//! * publishes an order whose payment was declined: `assert_exactly` finds it.

use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, entry};
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The program under test: it charges an order, and then publishes that it was placed.
async fn check_out(base_url: &str, order: u64) -> Result<(), String> {
    let body = format!(r#"{{"orderId":{order}}}"#);
    let charge = Request::post(format!("{base_url}/charges")).body(body).map_err(|error| error.to_string())?;
    let payments = Client::builder(TokioExecutor::new()).build_http();
    let answer = payments.request(charge).await.map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("not charged: {}", answer.status()));
    }
    let publisher = shop::Publisher::new(base_url);
    publisher.publish([order]).await.map_err(|failed| format!("charged and not published: {failed:?}"))
}

/// A payment service that answers the charge of this order.
fn charge(order: u64, status: u16) -> Mock {
    let charge =
        Mock::given(method("POST")).and(path("/charges")).and(body_json(serde_json::json!({ "orderId": order })));
    charge.respond_with(ResponseTemplate::new(status)).named(format!("the charge of order {order}"))
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

#[tokio::test]
async fn an_order_is_charged_once_and_published_though_its_event_was_throttled() {
    let server = MockServer::start().await;
    charge(1, 201).expect(1).mount(&server).await;
    let eventbridge = MockEventBridge::in_process();
    eventbridge.mount_on(&server).await;
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(1)).times(1));

    check_out(&server.uri(), 1).await.unwrap();

    let journal = eventbridge.journal();
    journal.assert_every_fault_fired();
    journal.published().assert_exactly([order(1)]);
}

#[tokio::test]
async fn an_order_that_was_declined_is_not_published() {
    let server = MockServer::start().await;
    charge(2, 402).expect(1).mount(&server).await;
    let eventbridge = MockEventBridge::in_process();
    eventbridge.mount_on(&server).await;

    check_out(&server.uri(), 2).await.unwrap_err();

    eventbridge.journal().published().assert_exactly([]);
}
