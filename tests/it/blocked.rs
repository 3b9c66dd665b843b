//! A runtime that does nothing while a client waits is told of, and one that is alive never is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use pretty_assertions::assert_eq;
use putevents_mock::fault::Gate;
use putevents_mock::{Fault, MockEventBridge};
use tokio::runtime::{Builder, Runtime};

use crate::support::child::{self, is_child};
use crate::support::socket::{PATIENCE, Socket, assert_serves, bytes_of};
use crate::support::{entries, order, put_events};

fn request() -> Vec<u8> {
    bytes_of(&put_events(entries([order(1)])))
}

/// A blocking client, which sends its request.
fn send_to(eventbridge: &MockEventBridge) -> TcpStream {
    let mut stream = TcpStream::connect(eventbridge.address()).unwrap();
    stream.write_all(&request()).unwrap();
    stream
}

/// Blocks this thread until the test that has started this one has seen enough.
fn block() {
    std::thread::spawn(|| {
        std::thread::sleep(PATIENCE);
        std::process::exit(1);
    });
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs a test that blocks, and holds the first line that it writes of it against the place where it started its mock.
fn assert_told_of(test: &str) {
    let mut process = child::start(&format!("blocked::{test}"));
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
    let started = lines.find(|line| line.starts_with("started at ")).unwrap();
    let place = started.strip_prefix("started at ").expect(&started).to_owned();
    let told = lines.find(|line| line.starts_with("putevents-mock: ")).unwrap();
    drop(process.stdin.take());
    let (before, after) = told.split_once(&place).expect(&told);
    assert_eq!(before, "putevents-mock: a client has waited for 2 s, and the runtime of the mock that was started at ");
    assert_eq!(
        after.trim_start_matches(|c: char| c.is_ascii_digit()),
        " does nothing. Either a blocking call inside the async test holds that runtime (a blocking client, a joined thread), or \
         it is the runtime of another test, and no thread drives it now. Start the mock with MockEventBridge::start_blocking(), \
         which serves on another thread."
    );
    assert!(process.wait().unwrap().success());
    assert_eq!(lines.filter(|line| line.starts_with("putevents-mock: ")).count(), 0, "it is said once");
}

/// Says where the next line starts a mock.
macro_rules! starts_at_next_line {
    () => {
        eprintln!("started at {}:{}:", file!(), line!() + 1)
    };
}

#[test]
fn a_blocking_client_inside_an_async_test_is_told_of() {
    assert_told_of("a_blocking_client_inside_an_async_test");
}

#[tokio::test]
#[ignore = "hangs, in a process of its own"]
async fn a_blocking_client_inside_an_async_test() {
    if !is_child() {
        return;
    }
    starts_at_next_line!();
    let eventbridge = MockEventBridge::start().await;
    let _client = send_to(&eventbridge);
    block();
}

#[test]
fn a_request_on_a_connection_that_was_accepted_long_ago_is_told_of() {
    assert_told_of("a_request_on_a_connection_that_was_accepted_long_ago");
}

#[tokio::test]
#[ignore = "hangs, in a process of its own"]
async fn a_request_on_a_connection_that_was_accepted_long_ago() {
    if !is_child() {
        return;
    }
    starts_at_next_line!();
    let eventbridge = MockEventBridge::builder().strict_auth().start().await;
    let mut socket = Socket::connect(eventbridge.address()).await;
    socket.send(request()).await.unwrap();
    socket.answer().await.unwrap();
    socket.send(request()).await.unwrap();
    block();
}

#[test]
fn a_runtime_that_nobody_drives_is_told_of() {
    assert_told_of("a_runtime_that_nobody_drives");
}

#[test]
#[ignore = "hangs, in a process of its own"]
fn a_runtime_that_nobody_drives() {
    if !is_child() {
        return;
    }
    let runtime = runtime();
    starts_at_next_line!();
    let eventbridge = runtime.block_on(MockEventBridge::start());
    runtime.block_on(assert_serves(&eventbridge));
    let _client = send_to(&eventbridge);
    block();
}

#[test]
fn a_blocking_client_on_the_only_worker_is_told_of() {
    assert_told_of("a_blocking_client_on_the_only_worker");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "hangs, in a process of its own"]
async fn a_blocking_client_on_the_only_worker() {
    if !is_child() {
        return;
    }
    starts_at_next_line!();
    let eventbridge = MockEventBridge::start().await;
    let publisher = async move {
        let _client = send_to(&eventbridge);
        block();
    };
    tokio::spawn(publisher).await.unwrap();
}

#[test]
fn a_mock_that_listens_again_after_it_refused_connections_is_told_of() {
    assert_told_of("a_mock_that_listens_again_after_it_refused_connections");
}

#[tokio::test(start_paused = true)]
#[ignore = "hangs, in a process of its own"]
async fn a_mock_that_listens_again_after_it_refused_connections() {
    if !is_child() {
        return;
    }
    starts_at_next_line!();
    let eventbridge = MockEventBridge::start().await;
    drop(eventbridge.inject_scoped(Fault::refuse_connections()));
    let _client = send_to(&eventbridge);
    block();
}

#[test]
fn a_runtime_that_is_alive_is_never_told_of() {
    for test in ["clients_wait_long_on_a_runtime_that_is_alive", "clients_wait_long_on_a_paused_clock"] {
        let process = child::start(&format!("blocked::{test}"));
        let output = process.wait_with_output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{printed}");
        assert!(printed.contains("all of them waited"), "{printed}");
        assert!(!printed.contains("putevents-mock: "), "{printed}");
    }
}

/// Longer than it takes to tell of a runtime that is blocked.
const LONG: Duration = Duration::from_secs(4);

#[tokio::test]
#[ignore = "takes long, in a process of its own"]
async fn clients_wait_long_on_a_runtime_that_is_alive() {
    if !is_child() {
        return;
    }
    let waiting = wait_in_all_ways().await;
    let still = std::time::Instant::now();
    tokio::time::sleep(LONG).await;
    // Neither is a runtime blocked that has much to do.
    while still.elapsed() < 2 * LONG {
        std::thread::sleep(Duration::from_millis(300));
        tokio::task::yield_now().await;
    }
    drop(waiting);
    eprintln!("all of them waited");
}

#[tokio::test(start_paused = true)]
#[ignore = "takes long, in a process of its own"]
async fn clients_wait_long_on_a_paused_clock() {
    if !is_child() {
        return;
    }
    let waiting = wait_in_all_ways().await;
    let hold = tokio::task::spawn_blocking(|| std::thread::sleep(LONG));
    hold.await.unwrap();
    drop(waiting);
    eprintln!("all of them waited");
}

/// Clients whose bytes wait unread, whose answers never come, and who are not let in.
async fn wait_in_all_ways() -> (Vec<MockEventBridge>, Vec<TcpStream>, Vec<Socket>) {
    let faults = [
        Fault::hold(&Gate::new()),
        Fault::hold(&Gate::new()).before_acceptance(),
        Fault::stall(),
        Fault::latency(Duration::from_secs(3_600)),
        Fault::dribble(1, Duration::from_secs(3_600)),
    ];
    let (mut mocks, mut streams, mut sockets) = (Vec::new(), Vec::new(), Vec::new());
    for fault in faults {
        let eventbridge = MockEventBridge::start().await;
        eventbridge.inject(fault);
        // Two requests at once: the second one waits unread.
        let mut stream = send_to(&eventbridge);
        stream.write_all(&request()).unwrap();
        let mut socket = Socket::connect(eventbridge.address()).await;
        socket.send([request(), request()].concat()).await.unwrap();
        streams.push(stream);
        sockets.push(socket);
        mocks.push(eventbridge);
    }
    // One that refuses, with a connection from before; half a request; and a client that has gone.
    let eventbridge = MockEventBridge::start().await;
    let mut socket = Socket::connect(eventbridge.address()).await;
    socket.send(Bytes::from_static(b"POST / HT")).await.unwrap();
    eventbridge.inject(Fault::refuse_connections());
    assert!(TcpStream::connect(eventbridge.address()).is_err());
    sockets.push(socket);
    mocks.push(eventbridge);
    (mocks, streams, sockets)
}

#[test]
fn a_client_that_has_gone_from_a_runtime_that_nobody_drives_is_nothing_to_tell_of() {
    let printed = child::standard_error_of("blocked::clients_have_gone");
    assert!(printed.contains("all of them have gone"), "{printed}");
    assert!(!printed.contains("putevents-mock: "), "{printed}");
}

#[test]
#[ignore = "takes long, in a process of its own"]
fn clients_have_gone() {
    if !is_child() {
        return;
    }
    let runtime = runtime();
    let eventbridge = runtime.block_on(MockEventBridge::start());
    let mut client = send_to(&eventbridge);
    let answered = runtime.spawn_blocking(move || {
        client.read_exact(&mut [0; 12]).unwrap();
        client
    });
    drop(runtime.block_on(async { tokio::time::timeout(PATIENCE, answered).await.unwrap().unwrap() }));
    std::thread::sleep(LONG);
    eprintln!("all of them have gone");
}

#[test]
fn idle_mocks_share_one_thread_that_sleeps() {
    // The child process has the same limit.
    if !crate::support::may_open(500) {
        return;
    }
    let printed = child::standard_error_of("blocked::a_thousand_idle_mocks");
    if printed.contains("SKIPPED") {
        return println!("SKIPPED: there is no /proc here to look at threads in");
    }
    assert!(printed.contains("its thread slept"), "{printed}");
}

/// The threads of the lookout in this process, each with how often it was switched to.
fn lookouts() -> Option<Vec<u64>> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?.flatten();
    let tasks = tasks.filter(|task| {
        // The system keeps 15 bytes of the name.
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name == "putevents-looko\n")
    });
    let switches = |task: std::fs::DirEntry| {
        let status = std::fs::read_to_string(task.path().join("status")).ok()?;
        let lines = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
        Some(lines.filter_map(|(_, count)| count.trim().parse::<u64>().ok()).sum())
    };
    Some(tasks.filter_map(switches).collect())
}

#[test]
#[ignore = "counts the threads of its process, which is its own"]
fn a_thousand_idle_mocks() {
    if !is_child() {
        return;
    }
    let runtime = runtime();
    runtime.block_on(async {
        let mut mocks = Vec::new();
        for _ in 0..400 {
            mocks.push(MockEventBridge::start().await);
        }
        let Some(before) = lookouts() else { return eprintln!("SKIPPED") };
        tokio::time::sleep(LONG).await;
        assert_eq!(lookouts().unwrap(), before);
        assert_eq!(before.len(), 1);
        eprintln!("its thread slept");
    });
}
