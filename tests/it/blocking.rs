//! Mocks for tests without a runtime, for blocking clients and for child processes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::thread;
use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::{EntryError, EntryMatcher, Fault, Gate, MockEventBridge, Plan, RequestError, entry};

use crate::support::socket::{PATIENCE, bytes_of};
use crate::support::{entries, order, put_events};

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

/// A blocking client: the status line of the answer, or nothing.
fn put(eventbridge: &MockEventBridge, id: u64) -> String {
    let mut stream = TcpStream::connect(eventbridge.address()).unwrap();
    let mut request = put_events(entries([order(id)]));
    request.headers_mut().insert("connection", "close".parse().unwrap());
    stream.write_all(&bytes_of(&request)).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_test_without_a_runtime_has_all_that_others_have() {
    let eventbridge = MockEventBridge::start_blocking();
    let fault = eventbridge.inject(Fault::request(RequestError::throttling()).times(1));
    assert_eq!(put(&eventbridge, 1), "HTTP/1.1 400 Bad Request");
    assert_eq!(put(&eventbridge, 1), "HTTP/1.1 200 OK");
    assert_eq!(fault.fired(), 1);
    let journal = MockEventBridge::block_on(eventbridge.wait_for_published(1, PATIENCE)).unwrap();
    journal.ledger().assert_exactly_once();
    let journal = MockEventBridge::block_on(eventbridge.shutdown());
    journal.published().assert_exactly([is_order(1)]);
}

#[test]
fn a_gate_holds_a_blocking_client() {
    let eventbridge = MockEventBridge::start_blocking();
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate));
    thread::scope(|scope| {
        let client = scope.spawn(|| put(&eventbridge, 1));
        MockEventBridge::block_on(gate.wait_until_reached(PATIENCE)).unwrap();
        assert!(!client.is_finished());
        gate.release();
        assert_eq!(client.join().unwrap(), "HTTP/1.1 200 OK");
    });
}

#[test]
fn limits_of_waits_are_real_time() {
    let eventbridge = MockEventBridge::start_blocking();
    let wait = eventbridge.wait_for_published(1, Duration::from_millis(20));
    assert!(MockEventBridge::block_on(wait).is_err());
}

#[test]
fn many_mocks_share_one_thread() {
    let threads = || {
        std::fs::read_dir("/proc/self/task").map(|tasks| {
            let names = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
            names.filter(|name| name.trim() == "putevents-mock").count()
        })
    };
    let mocks: Vec<MockEventBridge> = (0..50).map(|_| MockEventBridge::start_blocking()).collect();
    for (id, mock) in (0..).zip(&mocks) {
        assert_eq!(put(mock, id), "HTTP/1.1 200 OK");
        mock.journal().published().assert_exactly([is_order(id)]);
    }
    match threads() {
        Ok(threads) => assert_eq!(threads, 1),
        Err(_) => println!("SKIPPED: there is no /proc here to count threads in"),
    }
}

#[tokio::test]
async fn it_can_be_started_on_a_runtime_too() {
    let eventbridge = MockEventBridge::start_blocking();
    crate::support::socket::assert_serves(&eventbridge).await;
}

#[test]
fn a_child_process_finds_the_mock_in_its_environment() {
    let eventbridge = MockEventBridge::start_blocking();
    let printed = Command::new("env").envs(eventbridge.env()).output();
    let Ok(printed) = printed else { return println!("SKIPPED: there is no program env here") };
    let printed = String::from_utf8(printed.stdout).unwrap();
    for line in [
        format!("AWS_ENDPOINT_URL_EVENTBRIDGE={}", eventbridge.endpoint_url()),
        format!("AWS_ENDPOINT_URL={}", eventbridge.endpoint_url()),
        "AWS_ACCESS_KEY_ID=AKIDEXAMPLE".to_owned(),
        "AWS_SECRET_ACCESS_KEY=secret".to_owned(),
        "AWS_REGION=us-east-1".to_owned(),
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line} is not in\n{printed}");
    }
}

#[tokio::test]
async fn a_mock_that_cannot_be_started_says_why_also_on_a_runtime() {
    let plan = Plan::new([Fault::entry(EntryError::throttling()).at_index(10)]);
    let start = AssertUnwindSafe(|| MockEventBridge::builder().plan(plan).start_blocking());
    let started = catch_unwind(start);
    let panic = started.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.starts_with("the mock could not be started: no request within the limits has an entry at index 10"),
        "{text}"
    );
}
