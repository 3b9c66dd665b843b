//! The server from outside: what goes over a socket, good and bad, and what becomes of the connection.

use std::time::{Duration, SystemTime};

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use putevents_mock::journal::{Problem, ProblemKind};
use putevents_mock::mock::hold_clock;
use putevents_mock::{EntryError, Fault, Journal, MockEventBridge};
use serde_json::json;

use crate::support::socket::{
    Answer, OURS, PATIENCE, Socket, assert_serves, bytes_of, good_request, head_of, is_served,
};
use crate::support::{entries, may_open, order, put_events};

const SOON: Duration = Duration::from_millis(50);

async fn send(eventbridge: &MockEventBridge, bytes: impl AsRef<[u8]>) -> Socket {
    let mut socket = Socket::connect(eventbridge.address()).await;
    let _ = socket.send(bytes).await;
    socket
}

/// Waits until the mock has noticed `count` problems.
async fn problems(eventbridge: &MockEventBridge, count: usize) -> Journal {
    eventbridge.wait_until(PATIENCE, |journal| journal.problems().len() >= count).await.unwrap()
}

fn status(answer: Option<Answer>) -> Option<u16> {
    answer.map(|answer| answer.status)
}

/// `head` without its blank line, so that headers can be added.
fn open_head() -> String {
    let request = put_events("");
    head_of(&request).replace("content-length: 0\r\n\r\n", "")
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let eventbridge = MockEventBridge::start().await;
    let mut socket = Socket::connect(eventbridge.address()).await;
    for _ in 0..3 {
        let answer = socket.exchange(&good_request()).await.unwrap();
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
    // Refusals keep the connection as well.
    assert_eq!(status(socket.exchange(&put_events("{")).await), Some(400));
    assert_eq!(status(socket.exchange(&good_request()).await), Some(200));
    // And so do requests that are sent without waiting for the answers.
    socket.send(bytes_of(&good_request()).repeat(5)).await.unwrap();
    for _ in 0..5 {
        assert_eq!(status(socket.answer().await), Some(200));
    }
    assert_eq!(eventbridge.journal().published().len(), 9);
}

#[tokio::test]
async fn a_chunked_body_is_put_together() {
    let eventbridge = MockEventBridge::start().await;
    let body = entries([order(1), order(2)]);
    let mut request = open_head() + "transfer-encoding: chunked\r\n\r\n";
    for chunk in body.as_bytes().chunks(7) {
        request += &format!("{:x};ext=1\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap());
    }
    let mut socket = send(&eventbridge, request + "0\r\ntrailer: x\r\n\r\n").await;
    assert_eq!(socket.answer().await.unwrap().json()["FailedEntryCount"], 0);
    assert_eq!(eventbridge.journal().attempts()[0].body(), body.as_bytes());
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on() {
    let eventbridge = MockEventBridge::start().await;
    let body = entries([order(1)]);
    let head = format!("{}content-length: {}\r\nexpect: 100-continue\r\n\r\n", open_head(), body.len());
    let mut socket = send(&eventbridge, head).await;
    assert_eq!(status(socket.answer().await), Some(100));
    socket.send(body).await.unwrap();
    assert_eq!(status(socket.answer().await), Some(200));
}

#[tokio::test]
async fn a_client_that_asks_first_for_too_much_is_told_at_once() {
    let eventbridge = MockEventBridge::start().await;
    let head = format!("{}content-length: 1000000000\r\nexpect: 100-continue\r\n\r\n", open_head());
    let mut socket = send(&eventbridge, head).await;
    assert_eq!(status(socket.answer().await), Some(413));
    assert_eq!(socket.rest().await, b"");
    assert_eq!(eventbridge.journal().problems()[0].kind(), ProblemKind::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn the_date_moves_with_the_clock_of_the_test() {
    let eventbridge = MockEventBridge::start().await;
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    let answer = Socket::connect(eventbridge.address()).await.exchange(&good_request()).await.unwrap();
    let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    // The header has whole seconds.
    let off = tomorrow.duration_since(date).unwrap();
    assert!(off < PATIENCE, "the date is {off:?} off");
    assert_eq!(eventbridge.journal().attempts()[0].at().as_secs(), 86_400, "the journal keeps the test's clock");
}

#[tokio::test]
async fn a_client_may_close_its_side_before_it_reads() {
    let eventbridge = MockEventBridge::start().await;
    let mut socket = send(&eventbridge, bytes_of(&good_request())).await;
    socket.finish_sending().await;
    assert_eq!(status(socket.answer().await), Some(200));
    assert_eq!(socket.rest().await, b"");
    assert!(eventbridge.shutdown().await.problems().is_empty());
}

#[tokio::test]
async fn a_body_that_is_too_large_is_answered_with_413_and_not_kept() {
    let eventbridge = MockEventBridge::builder().max_body_size(1_000).start().await;
    let large = put_events(vec![b' '; 20_000_000]);
    let mut chunked = (open_head() + "transfer-encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..300 {
        chunked.extend_from_slice(&[b"10000\r\n", &[b' '; 0x10000][..], b"\r\n"].concat());
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    for request in [bytes_of(&large), chunked] {
        let mut socket = Socket::connect(eventbridge.address()).await;
        socket.send(request).await.unwrap();
        let answer = socket.answer().await.unwrap();
        assert_eq!((answer.status, answer.header("connection"), answer.body.len()), (413, Some("close"), 0));
        assert_eq!(answer.header("x-amzn-requestid"), None);
        assert_eq!(socket.rest().await, b"");
    }
    let journal = eventbridge.journal();
    assert!(journal.attempts().iter().all(|attempt| attempt.body().is_empty()), "{journal}");
    assert!(journal.problems().iter().all(|problem| problem.kind() == ProblemKind::TooLarge), "{journal}");
    assert_serves(&eventbridge).await;
}

#[tokio::test]
async fn of_a_body_without_an_end_a_bounded_part_is_read() {
    let eventbridge = MockEventBridge::start().await;
    let mut socket = send(&eventbridge, open_head() + "content-length: 10000000000\r\n\r\n").await;
    let (piece, mut sent) = (vec![b' '; 1024 * 1024], 0);
    while sent < 200 && socket.send(&piece).await.is_ok() {
        sent += 1;
    }
    assert!((64..200).contains(&sent), "{sent} MiB");
    assert_serves(&eventbridge).await;
}

/// A good request with a body of so many bytes.
fn padded(length: usize) -> http::Request<bytes::Bytes> {
    let good = good_request().into_body();
    put_events([&good[..], &vec![b' '; length - good.len()]].concat())
}

/// How many connections have broken.
fn broken(journal: &Journal) -> usize {
    journal.problems().iter().filter(|problem| problem.kind() == ProblemKind::Connection).count()
}

/// Ends a connection in the middle of a request, and waits until the mock has noticed.
async fn leave(eventbridge: &MockEventBridge, socket: Socket) {
    let before = broken(&eventbridge.journal());
    drop(socket);
    eventbridge.wait_until(PATIENCE, |journal| broken(journal) > before).await.unwrap();
}

/// A connection with 200,000 bytes of a body, which has room for it, and one on which a body was refused for that.
async fn at_the_bound(eventbridge: &MockEventBridge) -> (Socket, Socket, Answer) {
    for _ in 0..10_000 {
        let one = send(eventbridge, &bytes_of(&padded(300_000))[..200_000]).await;
        let mut other = Socket::connect(eventbridge.address()).await;
        let answer = other.exchange(&padded(100_000)).await.unwrap();
        if answer.status == 503 {
            return (one, other, answer);
        }
        // The first one was not read yet, and may have had no room itself.
        leave(eventbridge, one).await;
    }
    panic!("the bodies never met");
}

#[tokio::test]
async fn a_body_without_room_beside_others_is_refused_and_its_connection_goes_on() {
    let eventbridge = MockEventBridge::builder().receive_limit(0).start().await;
    let (mut one, mut other, refused) = at_the_bound(&eventbridge).await;
    assert_eq!((refused.json(), refused.header("connection")), (json!({ "__type": "ServiceUnavailable" }), None));
    let refused = |problem: &&Problem| problem.kind() == ProblemKind::TooLarge;
    assert_eq!(
        eventbridge.journal().problems().iter().find(refused).unwrap().message(),
        "there was no room for the body: all bodies that are being received at once have at most 0 bytes together. Send fewer \
         large requests at once, or raise the bound (receive_limit, --receive-limit)"
    );
    assert_eq!(other.exchange(&padded(50_000)).await.unwrap().status, 200, "small ones have room of their own");
    one.send(&bytes_of(&padded(300_000))[200_000..]).await.unwrap();
    assert_eq!(one.answer().await.unwrap().status, 200);
    assert_eq!(other.exchange(&padded(100_000)).await.unwrap().status, 200, "what was handled holds no room");
}

#[tokio::test]
async fn a_body_that_is_gone_holds_no_room() {
    let eventbridge = MockEventBridge::builder().receive_limit(0).start().await;
    let (one, mut other, _) = at_the_bound(&eventbridge).await;
    leave(&eventbridge, one).await;
    assert_eq!(other.exchange(&padded(100_000)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let eventbridge = MockEventBridge::start().await;
    let mut socket = send(&eventbridge, open_head() + "transfer-encoding: chunked\r\n\r\n").await;
    let chunk = [b"100000\r\n", &vec![b' '; 0x0010_0000][..], b"\r\n"].concat();
    let mut sent = 0;
    while socket.send(&chunk).await.is_ok() {
        sent += 1;
        assert!(sent < 1_000, "the mock takes gigabytes");
    }
    assert_eq!(problems(&eventbridge, 1).await.problems()[0].kind(), ProblemKind::TooLarge);
    assert_serves(&eventbridge).await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let eventbridge = MockEventBridge::start().await;
    let large_header = format!("{}x-large: {}\r\n\r\n", open_head(), "x".repeat(300_000));
    let many_headers = format!("{}{}\r\n", open_head(), "x-many: x\r\n".repeat(200));
    let long_path = format!("POST /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    for (count, head) in [large_header, many_headers, long_path].into_iter().enumerate() {
        let answer = send(&eventbridge, head).await.answer().await;
        let answer = status(answer);
        assert!(matches!(answer, Some(414 | 431) | None), "{answer:?} for case {count}");
        let journal = problems(&eventbridge, count + 1).await;
        assert_eq!(journal.problems()[count].kind(), ProblemKind::TooLarge, "{journal}");
        assert_serves(&eventbridge).await;
    }
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_reported() {
    let eventbridge = MockEventBridge::start().await;
    for (count, bytes) in [
        &b"hello, is this the bus stop?\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client hello",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let answer = status(send(&eventbridge, bytes).await.answer().await);
        assert!(matches!(answer, Some(400) | None), "{answer:?} for {:?}", String::from_utf8_lossy(bytes));
        let journal = problems(&eventbridge, count + 1).await;
        assert_eq!(journal.problems()[count].kind(), ProblemKind::Connection, "{journal}");
        assert_serves(&eventbridge).await;
    }
    let report = eventbridge.journal().to_string();
    assert!(report.contains("what was sent is not HTTP/1.1 (invalid HTTP method parsed): refused"), "{report}");
}

#[tokio::test]
async fn a_client_that_speaks_tls_is_told_to_write_http() {
    // The beginnings of ClientHellos: today's, an old one with SSL 3.0, and the head of a record alone.
    for hello in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 more of it\r\n\r\n"[..],
        b"\x16\x03\x00\x00\x2a\x01\x00\x00\x26\r\n\r\n",
        b"\x16\x03\x03\x00\x05",
    ] {
        let eventbridge = MockEventBridge::start().await;
        send(&eventbridge, hello).await.answer().await;
        let journal = problems(&eventbridge, 1).await;
        assert_eq!(
            journal.problems()[0].message(),
            "what was sent is not HTTP/1.1 but the beginning of TLS: refused. The client speaks TLS, and the mock does not: \
             write http:// instead of https:// in the endpoint URL"
        );
        assert_serves(&eventbridge).await;
    }
    // An alert of TLS is no beginning.
    let eventbridge = MockEventBridge::start().await;
    let mut socket = send(&eventbridge, b"\x15\x03\x01\x00\x02\r\n\r\n").await;
    socket.answer().await;
    assert!(problems(&eventbridge, 1).await.to_string().contains("(invalid HTTP method parsed)"));
}

#[tokio::test]
async fn a_request_without_one_good_host_is_refused_and_a_problem() {
    let eventbridge = MockEventBridge::start().await;
    let late = eventbridge.inject(Fault::latency(Duration::from_secs(3_600)));
    let (missing, several, invalid) = (
        "there is no Host header, and HTTP/1.1 requires one (RFC 9112, 3.2): refused",
        "there are 2 Host headers, and there must be one (RFC 9112, 3.2): refused",
        "the Host header is \"a b\", which is not a host name or an address, with or without a port (RFC 9112, 3.2): refused",
    );
    let cases = [
        ("POST / HTTP/1.1", "", missing),
        ("POST http://localhost/ HTTP/1.1", "", missing),
        ("POST / HTTP/1.1", "Host: a\r\nHost: a\r\n", several),
        ("POST / HTTP/1.0", "Host: a\r\nHost: b\r\n", several),
        ("POST / HTTP/1.1", "Host: a b\r\n", invalid),
        ("POST http://localhost/ HTTP/1.1", "Host: a b\r\n", invalid),
        ("POST / HTTP/1.1", "Host:\r\n", &invalid.replace("a b", "")),
    ];
    for (count, (line, hosts, told)) in cases.into_iter().enumerate() {
        let rest = open_head().replace("POST / HTTP/1.1\r\nHost: localhost\r\n", "");
        let body = entries([order(1)]);
        let request = format!("{line}\r\n{hosts}{rest}content-length: {}\r\n\r\n{body}", body.len());
        let mut socket = send(&eventbridge, request).await;
        let answer = socket.answer().await.unwrap();
        assert_eq!((answer.status, answer.header("connection"), answer.body.len()), (400, Some("close"), 0), "{told}");
        assert_eq!(socket.rest().await, b"");
        let problem = eventbridge.journal().problems()[count].clone();
        assert_eq!(
            (problem.kind(), problem.message(), problem.attempt()),
            (ProblemKind::Connection, told, Some(count + 1))
        );
    }
    late.lift();
    assert!(eventbridge.journal().published().is_empty());
    // Before HTTP/1.1 there was no such header, and a target with a host counts more than it.
    let good = [
        ("POST / HTTP/1.0", ""),
        ("POST http://localhost:1/ HTTP/1.1", "Host: another\r\n"),
        ("POST / HTTP/1.1", "hOST: [::1]:80\r\n"),
    ];
    for (line, hosts) in good {
        let rest = open_head().replace("POST / HTTP/1.1\r\nHost: localhost\r\n", "");
        let body = entries([order(1)]);
        let request = format!("{line}\r\n{hosts}{rest}content-length: {}\r\n\r\n{body}", body.len());
        assert_eq!(status(send(&eventbridge, request).await.answer().await), Some(200), "{line} {hosts}");
    }
    assert_eq!(eventbridge.journal().problems().len(), 7);
}

#[tokio::test]
async fn a_broken_chunk_ends_its_connection_only() {
    let eventbridge = MockEventBridge::start().await;
    let mut socket = send(&eventbridge, open_head() + "transfer-encoding: chunked\r\n\r\nnonsense\r\n").await;
    assert!(matches!(status(socket.answer().await), Some(400) | None));
    let journal = problems(&eventbridge, 1).await;
    assert!(journal.to_string().contains("the connection broke in the middle of a request: "), "{journal}");
    assert_serves(&eventbridge).await;
}

#[tokio::test]
async fn a_client_that_leaves_inside_a_request_is_reported_and_one_that_leaves_between_two_is_not() {
    let eventbridge = MockEventBridge::start().await;
    let whole = bytes_of(&good_request());
    let mut between = send(&eventbridge, &whole).await;
    assert_eq!(status(between.answer().await), Some(200));
    drop(between);
    for (count, length) in [10, whole.len() - 1].into_iter().enumerate() {
        drop(send(&eventbridge, &whole[..length]).await);
        let journal = problems(&eventbridge, count + 1).await;
        assert_eq!(journal.problems()[count].kind(), ProblemKind::Connection, "{journal}");
    }
    let journal = eventbridge.shutdown().await;
    assert_eq!((journal.attempts().len(), journal.problems().len()), (1, 2), "{journal}");
}

#[tokio::test]
async fn half_sent_requests_time_out_and_hurt_nobody() {
    let eventbridge = MockEventBridge::builder().receive_timeout(SOON).start().await;
    let whole = bytes_of(&good_request());
    let mut idle = send(&eventbridge, &whole).await;
    assert_eq!(status(idle.answer().await), Some(200));
    let half_head = send(&eventbridge, &whole[..20]).await;
    let half_body = send(&eventbridge, &whole[..whole.len() - 1]).await;
    assert_serves(&eventbridge).await;
    assert_eq!((half_head.rest().await, half_body.rest().await), (vec![], vec![]));

    let journal = problems(&eventbridge, 2).await;
    for problem in journal.problems() {
        assert_eq!(problem.message(), "a request was only half sent 0.05 s after its first byte: closed");
    }
    // A connection without a request under way may be silent for as long as it likes.
    assert_eq!(status(idle.exchange(&good_request()).await), Some(200));
}

#[tokio::test]
async fn a_request_that_trickles_in_has_no_longer_than_one_that_does_not() {
    let eventbridge = MockEventBridge::builder().receive_timeout(SOON).start().await;
    let mut socket = Socket::connect(eventbridge.address()).await;
    let trickle = async {
        while socket.send(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, trickle).await.expect("the mock reads such a request for ever");
    assert_eq!(problems(&eventbridge, 1).await.problems()[0].kind(), ProblemKind::Connection);
}

#[tokio::test(start_paused = true)]
async fn a_half_sent_request_does_not_move_a_paused_clock() {
    let eventbridge = MockEventBridge::builder().receive_timeout(SOON).start().await;
    let before = tokio::time::Instant::now();
    let half = send(&eventbridge, &bytes_of(&good_request())[..20]).await;
    // Real time: a timer of tokio's, such as the one inside `rest`, would be what the paused clock jumps to.
    let journal = loop {
        tokio::task::yield_now().await;
        let journal = eventbridge.journal();
        if !journal.problems().is_empty() {
            break journal;
        }
    };
    assert_eq!(before.elapsed(), Duration::ZERO, "{journal}");
    // The problem is known a little before the connection is closed.
    let _hold = hold_clock();
    assert_eq!(half.rest().await, b"");
}

#[tokio::test]
async fn shutdown_ends_every_connection_and_frees_the_port() {
    let eventbridge = MockEventBridge::builder().account(OURS).start().await;
    let address = eventbridge.address();
    assert!(is_served(address, OURS).await);
    eventbridge.clear_journal();
    let whole = bytes_of(&good_request());
    let mut idle = send(&eventbridge, &whole).await;
    assert_eq!(status(idle.answer().await), Some(200));
    let half = send(&eventbridge, &whole[..whole.len() - 1]).await;
    let untouched = Socket::connect(address).await;

    let journal = tokio::time::timeout(PATIENCE, eventbridge.shutdown()).await.expect("shutdown hangs");
    assert_eq!((journal.attempts().len(), journal.problems().len()), (1, 0), "{journal}");
    for socket in [idle, half, untouched] {
        assert_eq!(socket.rest().await, b"");
    }
    assert!(!is_served(address, OURS).await);
}

#[tokio::test]
async fn a_dropped_mock_ends_too() {
    let eventbridge = MockEventBridge::builder().account(OURS).start().await;
    let address = eventbridge.address();
    let mut idle = send(&eventbridge, bytes_of(&good_request())).await;
    assert_eq!(status(idle.answer().await), Some(200));
    drop(eventbridge);
    assert_eq!(idle.rest().await, b"");
    assert!(!is_served(address, OURS).await);
}

#[test]
fn a_mock_outlives_its_runtime_without_harm() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let eventbridge = runtime.block_on(async {
        let eventbridge = MockEventBridge::start().await;
        assert_serves(&eventbridge).await;
        eventbridge
    });
    drop(runtime);
    assert_eq!(eventbridge.journal().published().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_mocks_live_in_one_process() {
    // A listener for each, and what a runtime and a connection need.
    if !may_open(400) {
        return;
    }
    let mut mocks = Vec::new();
    for _ in 0..300 {
        mocks.push(MockEventBridge::start().await);
    }
    for eventbridge in &mocks {
        assert_serves(eventbridge).await;
    }
    for eventbridge in mocks {
        assert_eq!(eventbridge.shutdown().await.published().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_clients_are_each_told_of_their_own_entries_and_a_fault_fires_as_often_as_it_should() {
    const CLIENTS: u64 = 64;
    // Both ends of each connection are in this process.
    if !may_open(150) {
        return;
    }
    let eventbridge = std::sync::Arc::new(MockEventBridge::start().await);
    let fault = eventbridge.inject(Fault::entry(EntryError::throttling()).times(17));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let eventbridge = std::sync::Arc::clone(&eventbridge);
            tokio::spawn(async move {
                let mut socket = Socket::connect(eventbridge.address()).await;
                let mut failed = 0;
                for round in 0..5 {
                    let request = put_events(entries([order(client * 100 + round), order(client * 100 + round + 50)]));
                    failed += socket.exchange(&request).await.unwrap().json()["FailedEntryCount"].as_u64().unwrap();
                }
                failed
            })
        })
        .collect();
    let mut failed = 0;
    for client in clients {
        failed += client.await.unwrap();
    }
    let journal = eventbridge.journal();
    assert_eq!((failed, fault.fired()), (17, 17), "{journal}");
    assert_eq!(journal.published().len() as u64, CLIENTS * 10 - 17);
    let numbers: Vec<usize> = journal.attempts().iter().map(putevents_mock::journal::Attempt::number).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
}

#[test]
fn any_bytes_on_a_socket_leave_the_server_alive() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let eventbridge = runtime.block_on(MockEventBridge::start());
    let whole = bytes_of(&good_request());
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        // A good request with something foreign in it.
        (0..whole.len(), prop::collection::vec(any::<u8>(), 1..5), any::<bool>()).prop_map(
            move |(at, foreign, cut)| {
                let rest = if cut { &[][..] } else { &whole[at..] };
                [&whole[..at], &foreign, rest].concat()
            }
        ),
    ];
    proptest!(ProptestConfig::with_cases(200), |(bytes in bytes)| {
        let received = runtime.block_on(async {
            let mut socket = send(&eventbridge, bytes).await;
            socket.finish_sending().await;
            socket.rest().await
        });
        prop_assert!(!received.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&received));
    });
    runtime.block_on(assert_serves(&eventbridge));
}

/// A mock that several tests share was often started on the runtime of the first.
#[test]
fn with_the_runtime_on_which_it_was_started_a_mock_refuses_connections_and_closes_those_it_had() {
    use std::io::Read;
    use std::net::TcpStream;
    use tokio::runtime::{Builder, Runtime};

    let on_one_thread = Builder::new_current_thread().enable_all().build().unwrap();
    let on_threads = || Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let drop_it: fn(Runtime) = drop;
    let shut_it_down: fn(Runtime) = |runtime| runtime.shutdown_timeout(PATIENCE);
    for (runtime, end) in [(on_one_thread, drop_it), (on_threads(), drop_it), (on_threads(), shut_it_down)] {
        let eventbridge = runtime.block_on(MockEventBridge::builder().account(OURS).start());
        let mut before = TcpStream::connect(eventbridge.address()).unwrap();
        before.set_read_timeout(Some(PATIENCE)).unwrap();
        end(runtime);
        let others = Builder::new_current_thread().enable_all().build().unwrap();
        assert!(!others.block_on(is_served(eventbridge.address(), OURS)));
        // What was connected, served or still waiting, is told as well: by an end or by a reset.
        if let Err(error) = before.read_to_end(&mut Vec::new()) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        assert!(eventbridge.journal().attempts().is_empty());
        // Whoever asks the mock then is told.
        let told = "the runtime on which the mock was started is gone, and the mock now refuses connections: start it with \
                    MockEventBridge::start_blocking(), which serves on its own thread\n";
        let timeline = "0 attempts, 0 events published\n";
        let mismatch = eventbridge.journal().published().check_count(1).unwrap_err().to_string();
        assert_eq!(mismatch, format!("0 events were published, but 1 was expected\n\n{timeline}\n{told}"));
        let timeout = others.block_on(eventbridge.wait_for_published(1, Duration::from_millis(1))).unwrap_err();
        assert_eq!(timeout.to_string(), format!("0 of 1 event published within 0.001 s\n\n{timeline}\n{told}"));
    }
}

#[tokio::test]
async fn a_mock_that_was_stopped_is_not_said_to_have_lost_its_runtime() {
    let shut_down = MockEventBridge::start().await.shutdown().await;
    let eventbridge = MockEventBridge::start().await;
    let dropped = eventbridge.journal();
    drop(eventbridge);
    // Its task has gone.
    tokio::task::yield_now().await;
    for journal in [shut_down, dropped] {
        let report = journal.published().check_count(1).unwrap_err().to_string();
        assert!(report.ends_with("is the publisher awaited, and does it use this endpoint?\n"), "{report}");
    }
}
