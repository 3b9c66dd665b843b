//! Mocks for tests without a runtime, for blocking clients and for child processes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::thread;
use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::Gate;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, Plan, RequestError, entry};

use crate::support::child::{self, is_child};
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
            // The system cuts names: "putevents-mock watchdog" is "putevents-mock " here.
            names.filter(|name| name == "putevents-mock\n").count()
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
        "AWS_ACCESS_KEY_ID=AKIDEXAMPLE".to_owned(),
        "AWS_SECRET_ACCESS_KEY=secret".to_owned(),
        "AWS_REGION=us-east-1".to_owned(),
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line} is not in\n{printed}");
    }
}

#[test]
fn the_environment_names_the_region_of_the_builder() {
    let regions = |eventbridge: MockEventBridge| {
        let env = eventbridge.env();
        ["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| env.iter().find(|(one, _)| *one == name).unwrap().1.clone())
    };
    assert_eq!(regions(MockEventBridge::start_blocking()), ["us-east-1"; 2]);
    for region in ["eu-central-1", "cn-north-1", "us-gov-west-1"] {
        assert_eq!(regions(MockEventBridge::builder().region(region).start_blocking()), [region; 2]);
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

fn words_of(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap()
}

/// Polls once, on no runtime.
fn poll_without_runtime<F: Future>(future: F) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = std::pin::pin!(future).poll(&mut context);
}

#[test]
fn a_start_outside_of_a_runtime_says_where_it_stands_and_what_to_write() {
    let (line, start) = (line!(), MockEventBridge::start());
    assert_says_where_it_started(line, start);
    let (line, start) = (line!(), MockEventBridge::builder().strict_auth().start());
    assert_says_where_it_started(line, start);
}

fn assert_says_where_it_started(line: u32, start: impl Future<Output = MockEventBridge>) {
    let panic = catch_unwind(AssertUnwindSafe(|| poll_without_runtime(start))).unwrap_err();
    let words = words_of(&*panic);
    assert!(words.starts_with(&format!("start() at tests/it/blocking.rs:{line}:")), "{words}");
    let advice = "needs a tokio runtime, and there is none: await it in a #[tokio::test], or write \
                  MockEventBridge::start_blocking(), which needs none";
    assert!(words.ends_with(advice), "{words}");
}

#[test]
fn a_start_that_is_made_before_its_runtime_starts_on_it() {
    let start = MockEventBridge::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { crate::support::socket::assert_serves(&start.await).await });
}

#[test]
#[should_panic(expected = "hold_clock() holds the clock of a tokio runtime, and there is none here")]
fn a_clock_without_a_runtime_cannot_be_held() {
    drop(putevents_mock::mock::hold_clock());
}

/// What one of the ignored tests of this file wrote, in a process of its own.
fn standard_error_of(name: &str) -> String {
    child::standard_error_of(&format!("blocking::{name}"))
}

#[test]
#[ignore = "fails on purpose, in a process of its own"]
fn an_assertion_of_its_own_fails() {
    if !is_child() {
        return;
    }
    let eventbridge = MockEventBridge::start_blocking();
    put(&eventbridge, 17);
    assert_eq!(eventbridge.journal().published().len(), 2, "the words of the test");
}

#[test]
#[ignore = "fails on purpose, in a process of its own"]
fn an_assertion_of_its_own_fails_after_a_fault_that_did_not_apply() {
    if !is_child() {
        return;
    }
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::throttling()).times(1));
    panic!("the words of the test");
}

#[test]
#[ignore = "fails on purpose, in a process of its own"]
fn an_assertion_of_its_own_fails_quietly() {
    if !is_child() {
        return;
    }
    let eventbridge = MockEventBridge::builder().quiet_on_panic().start_blocking();
    put(&eventbridge, 17);
    panic!("the words of the test");
}

#[test]
#[ignore = "runs in a process of its own"]
fn a_panic_is_over_before_its_mock_is_dropped() {
    if !is_child() {
        return;
    }
    let eventbridge = MockEventBridge::start_blocking();
    put(&eventbridge, 17);
    assert!(catch_unwind(|| panic!("the words of the test")).is_err());
    drop(eventbridge);
}

#[test]
fn a_mock_that_is_dropped_in_a_panic_prints_what_it_received() {
    let printed = standard_error_of("an_assertion_of_its_own_fails");
    let (before, after) = printed.split_once("was dropped in a panic; what it received:\n\n").expect(&printed);
    assert!(before.contains("the words of the test"), "{printed}");
    assert!(after.starts_with("1 attempt, 1 event published\n  #1 "), "{printed}");
    assert!(after.contains(" 1 entry  accepted\n"), "{printed}");
}

#[test]
fn a_mock_that_is_dropped_in_a_panic_tells_of_faults_that_did_not_apply() {
    let printed = standard_error_of("an_assertion_of_its_own_fails_after_a_fault_that_did_not_apply");
    let (_, after) = printed.split_once("was dropped in a panic; what it received:\n\n").expect(&printed);
    assert!(after.contains("ThrottlingException"), "{printed}");
    assert!(after.contains("tests/it/blocking.rs"), "{printed}");
}

#[test]
fn a_mock_says_nothing_where_it_is_told_so_or_nothing_panics() {
    for name in ["an_assertion_of_its_own_fails_quietly", "a_panic_is_over_before_its_mock_is_dropped"] {
        let printed = standard_error_of(name);
        assert!(printed.contains("the words of the test"), "{printed}");
        assert!(!printed.contains("was dropped"), "{printed}");
    }
}

/// Panics with a text that shows all that its mock received, or does not.
#[test]
#[ignore = "fails on purpose, in a process of its own"]
fn a_text_that_shows_the_journal() {
    let Some(case) = child::case() else { return };
    let eventbridge = MockEventBridge::start_blocking();
    if case.contains("unfired fault") {
        eventbridge.inject(Fault::request(RequestError::throttling()).on_attempt(9));
    }
    if case != "an assertion of its own without a request" {
        put(&eventbridge, 17);
    }
    let journal = eventbridge.journal();
    match case.as_str() {
        "an assertion" | "an assertion beside an unfired fault" => journal.published().assert_count(2),
        "an assertion of the mock's about an unfired fault" => eventbridge.assert_every_fault_fired(),
        "a check" => journal.ledger().expecting([is_order(18)]).check_none_lost().unwrap(),
        "a wait" => {
            let waited = MockEventBridge::block_on(eventbridge.wait_for_published(2, Duration::from_millis(10)));
            drop(waited.unwrap());
        }
        "an assertion of its own with the journal" => assert_eq!(journal.published().len(), 2, "{journal}"),
        "an assertion of its own without" | "an assertion of its own without a request" => {
            assert_eq!(journal.published().len(), 2);
        }
        "a part" => journal.filter(|attempt| attempt.number() > 1).published().assert_count(1),
        "an old snapshot" => {
            put(&eventbridge, 18);
            journal.published().assert_count(2);
        }
        "another mock" => MockEventBridge::in_process().journal().published().assert_count(1),
        "a question that cannot be asked" => {
            journal.ledger().identify_by("no pointer").assert_exactly_once();
        }
        other => unreachable!("{other}"),
    }
}

#[test]
fn a_mock_does_not_repeat_what_the_text_of_the_panic_shows() {
    for case in [
        "an assertion",
        "a check",
        "a wait",
        "an assertion of its own with the journal",
        "an assertion of the mock's about an unfired fault",
    ] {
        let printed = child::standard_error_of_case("blocking::a_text_that_shows_the_journal", case);
        assert_eq!(printed.matches("\n  #1  ").count(), 1, "{case}: {printed}");
        assert!(!printed.contains("was dropped in a panic"), "{case}: {printed}");
    }
}

#[test]
fn a_mock_prints_what_the_text_of_the_panic_does_not_show() {
    for case in ["an assertion of its own without", "a part", "an old snapshot", "another mock"] {
        let printed = child::standard_error_of_case("blocking::a_text_that_shows_the_journal", case);
        let (_, after) = printed.split_once("was dropped in a panic; what it received:\n\n").expect(case);
        assert_eq!(after.matches("\n  #1  ").count(), 1, "{case}: {printed}");
    }
}

#[test]
fn a_mock_that_received_nothing_asks_whether_the_publisher_uses_it() {
    let case = "an assertion of its own without a request";
    let printed = child::standard_error_of_case("blocking::a_text_that_shows_the_journal", case);
    let (_, after) = printed.split_once("was dropped in a panic; what it received:\n\n").expect(&printed);
    let hint = "no request was received: is the publisher awaited, and does it use this endpoint?\n";
    assert!(after.starts_with(&format!("0 attempts, 0 events published\n\n{hint}")), "{printed}");
}

#[test]
fn a_fault_that_never_applied_is_told_beside_an_assertion_that_shows_the_rest() {
    let case = "an assertion beside an unfired fault";
    let printed = child::standard_error_of_case("blocking::a_text_that_shows_the_journal", case);
    let (before, after) = printed.split_once("was dropped in a panic:\n\n").expect(&printed);
    assert!(before.contains("\n  #1  "), "{printed}");
    assert!(after.starts_with("1 fault did not apply as often as injected\n\n  never: "), "{printed}");
    assert!(!after.contains("#1"), "{printed}");
}
