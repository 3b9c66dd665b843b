//! Where a mock listens, and the errors of a mock that cannot start.

use std::error::Error;
use std::net::TcpListener;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pretty_assertions::assert_eq;
use putevents_mock::mock::StartError;
use putevents_mock::{Fault, Journal, MockEventBridge, Plan};

use crate::support::order;
use crate::support::socket::put;

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_with_the_port_and_the_way_out() {
    let first = MockEventBridge::start().await;
    let port = first.address().port();
    let error = MockEventBridge::builder().port(port).try_start().await.unwrap_err();
    assert!(error.is_address_in_use() && !error.is_no_runtime());
    let cause = error.source().unwrap().to_string();
    let expected = format!(
        "the mock cannot listen on 127.0.0.1:{port}: {cause}; leave port() out to take a free port, and read it from endpoint_url()"
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(format!("{error:?}"), expected);
    assert!(MockEventBridge::builder().port(port).try_start_blocking().unwrap_err().is_address_in_use());
    drop(first);
}

#[test]
fn a_mock_outside_of_a_runtime_is_an_error_with_the_place_of_the_call() {
    let starting = MockEventBridge::builder().try_start();
    let (line, column) = (line!() - 1, 47);
    let Poll::Ready(Err(error)) = pin!(starting).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it does not wait, and does not start")
    };
    assert!(error.is_no_runtime() && !error.is_address_in_use() && error.source().is_none());
    assert_eq!(
        error.to_string(),
        format!(
            "try_start() at tests/it/starting.rs:{line}:{column} needs a tokio runtime, and there is none: await it in a \
             #[tokio::test], or write MockEventBridge::start_blocking(), which needs none"
        )
    );
}

#[tokio::test]
async fn a_listener_of_the_test_is_served_and_refuses_connections_when_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let eventbridge = MockEventBridge::builder().listener(listener).start().await;
    assert_eq!(eventbridge.address(), address);
    assert_eq!(put(&eventbridge, [order(1)]).await, 200);
    let fault = eventbridge.inject(Fault::refuse_connections());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    fault.lift();
    assert_eq!(put(&eventbridge, [order(2)]).await, 200);
    eventbridge.journal().published().assert_count(2);
}

#[test]
fn a_mock_without_a_runtime_takes_a_listener_too() -> Result<(), StartError> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let eventbridge = MockEventBridge::builder().listener(listener).try_start_blocking()?;
    assert_eq!(eventbridge.endpoint_url(), format!("http://{address}"));
    Ok(())
}

#[test]
fn a_file_that_cannot_be_read_has_a_source_and_a_file_that_is_wrong_has_none() {
    let missing = concat!(env!("CARGO_TARGET_TMPDIR"), "/no-such-file.json");
    let (plan, journal) = (Plan::from_file(missing).unwrap_err(), Journal::from_file(missing).unwrap_err());
    for (is_io, source) in [(plan.is_io(), plan.source()), (journal.is_io(), journal.source())] {
        assert!(is_io);
        let kind = source.unwrap().downcast_ref::<std::io::Error>().unwrap().kind();
        assert_eq!(kind, std::io::ErrorKind::NotFound);
    }
    assert_eq!(plan, Plan::from_file(missing).unwrap_err());
    let (plan, journal) = ("[]".parse::<Plan>().unwrap_err(), "[]".parse::<Journal>().unwrap_err());
    assert!(!plan.is_io() && plan.source().is_none());
    assert!(!journal.is_io() && journal.source().is_none());
}
