//! A client that has left, asks nothing or sends half a request keeps nobody's place.

use std::io::Write;
use std::net::TcpStream as BlockingStream;
use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::Gate;
use putevents_mock::journal::ProblemKind;
use putevents_mock::mock::FaultHandle;
use putevents_mock::{Fault, Journal, MockEventBridge};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::socket::{PATIENCE, Socket, assert_serves, bytes_of, good_request, is_served};
use crate::support::{entries, may_open, order, put_events};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);
/// Connections that a mock takes beside those of the requests that it answers.
const BESIDE: usize = 64;

/// Everything for which an answer can be late.
fn late_answers() -> Vec<(Fault, Gate)> {
    let gate = Gate::new();
    let faults = [
        Fault::latency(LONG),
        Fault::dribble(1, LONG),
        Fault::hold(&gate),
        Fault::hold(&gate).before_acceptance(),
        Fault::stall(),
        Fault::stall().after_acceptance(),
    ];
    faults.map(|fault| (fault, gate.clone())).into()
}

/// How a client leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Leaves {
    /// FIN.
    Closes,
    /// RST.
    Resets,
}

/// A client that has sent one request, or two at once.
struct Client(TcpStream);

impl Client {
    async fn asking(eventbridge: &MockEventBridge, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect(eventbridge.address()).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, bytes).await.unwrap();
        Self(stream)
    }

    fn leave(self, how: Leaves) {
        if how == Leaves::Resets {
            self.0.set_zero_linger().unwrap();
        }
    }
}

fn request() -> Vec<u8> {
    bytes_of(&good_request())
}

/// Waits until the fault holds the reply to a request.
async fn is_held(fault: &FaultHandle) {
    let held = async {
        while fault.fired() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, held).await.expect("no request comes");
}

/// Waits until the next request is served.
async fn until_served(eventbridge: &MockEventBridge) {
    let serving = async {
        loop {
            let answer = Socket::connect(eventbridge.address()).await.exchange(&good_request()).await;
            if answer.is_some_and(|answer| answer.status == 200) {
                return;
            }
        }
    };
    let served = tokio::time::timeout(PATIENCE, serving).await;
    served.unwrap_or_else(|_| panic!("its place is never free\n{}", eventbridge.journal()));
}

fn first(journal: &Journal) -> Value {
    let attempt = &journal.to_json()["attempts"][0];
    json!({ "answered": attempt["answered"], "ended": !attempt["endedMs"].is_null() })
}

#[tokio::test]
async fn a_client_that_leaves_while_its_answer_is_late_leaves_its_place() {
    for how in [Leaves::Closes, Leaves::Resets] {
        for bytes in [request(), request().repeat(2), [request(), vec![b'x'; 100_000]].concat()] {
            for (fault, _gate) in late_answers() {
                let what = format!("{how:?} {} {fault}", bytes.len());
                let eventbridge = MockEventBridge::builder().max_connections(1).start().await;
                let fault = eventbridge.inject(fault);
                let client = Client::asking(&eventbridge, &bytes).await;
                is_held(&fault).await;
                client.leave(how);
                fault.lift();
                until_served(&eventbridge).await;
                let journal = eventbridge.shutdown().await;
                if journal.attempts()[0].faults().next().is_some() {
                    assert_eq!(first(&journal), json!({ "answered": false, "ended": true }), "{what}\n{journal}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_journal_learns_at_once_that_a_client_has_left() {
    for how in [Leaves::Closes, Leaves::Resets] {
        for (fault, _gate) in late_answers() {
            let what = format!("{how:?} {fault}");
            let eventbridge = MockEventBridge::start().await;
            let fault = eventbridge.inject(fault);
            let client = Client::asking(&eventbridge, &request()).await;
            is_held(&fault).await;
            client.leave(how);
            // Nothing is in flight any more.
            let journal = eventbridge.wait_until_idle(Duration::from_millis(1), PATIENCE).await.unwrap();
            if let Some(attempt) = journal.attempts().first() {
                assert_eq!(first(&journal), json!({ "answered": false, "ended": true }), "{what}\n{journal}");
                assert!(!attempt.is_told() && attempt.ended_at().unwrap() < LONG, "{what}");
            }
            assert!(journal.problems().is_empty(), "{what}\n{journal}");
        }
    }
}

#[tokio::test]
async fn a_client_that_closes_its_side_and_reads_on_gets_its_answer_however_late() {
    let (gate, before) = (Gate::new(), Gate::new());
    let faults = [
        Fault::latency(Duration::from_millis(20)),
        Fault::dribble(40, Duration::from_millis(1)),
        Fault::hold(&gate),
        Fault::hold(&before).before_acceptance(),
    ];
    for fault in faults {
        let eventbridge = MockEventBridge::start().await;
        let held = eventbridge.inject(fault.clone());
        let mut socket = Socket::connect(eventbridge.address()).await;
        socket.send(request()).await.unwrap();
        socket.finish_sending().await;
        is_held(&held).await;
        // It has time to learn that the side is closed.
        for _ in 0..3 {
            assert!(is_served(eventbridge.address(), "123456789012").await);
        }
        gate.release();
        before.release();
        assert_eq!(socket.answer().await.unwrap().json()["FailedEntryCount"], 0, "{fault}");
        assert_eq!(socket.rest().await, b"");
        // Whether it was still there nobody can know.
        let journal = eventbridge.shutdown().await;
        assert!(!journal.attempts()[0].is_told(), "{fault}\n{journal}");
    }
}

/// A mock on this runtime, and one on a thread of its own.
async fn both(max_connections: usize) -> [MockEventBridge; 2] {
    let builder = || MockEventBridge::builder().max_connections(max_connections);
    [builder().start().await, builder().start_blocking()]
}

#[tokio::test]
async fn one_request_too_many_is_told_so() {
    for eventbridge in both(2).await {
        let gate = Gate::new();
        let hold = eventbridge.inject(Fault::hold(&gate));
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut socket = Socket::connect(eventbridge.address()).await;
            socket.send(request()).await.unwrap();
            held.push(socket);
        }
        eventbridge.wait_until(PATIENCE, |journal| journal.attempts().len() == 2).await.unwrap();
        hold.lift();

        let mut third = Socket::connect(eventbridge.address()).await;
        let answer = third.exchange(&good_request()).await.unwrap();
        assert_eq!((answer.status, answer.json()), (503, json!({ "__type": "ServiceUnavailable" })));
        assert_eq!(third.rest().await, b"");
        assert_eq!(
            eventbridge.journal().problems()[0].to_string(),
            "attempt 3: this connection was one too many: the mock serves 2 at once"
        );
        gate.release();
        for mut socket in held {
            assert_eq!(socket.answer().await.unwrap().status, 200);
            // The place is free before the answer has left.
            assert_eq!(socket.exchange(&good_request()).await.unwrap().status, 200);
            assert_serves(&eventbridge).await;
        }
    }
}

/// Sends each of them on a connection of its own.
fn many(eventbridge: &MockEventBridge, connections: usize, bytes: &[u8]) -> Vec<BlockingStream> {
    let connect = |_| {
        let mut stream = BlockingStream::connect(eventbridge.address()).unwrap();
        stream.write_all(bytes).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream
    };
    (0..connections).map(connect).collect()
}

/// Whether the mock has closed it.
async fn is_closed(stream: BlockingStream) -> bool {
    let stream = TcpStream::from_std(stream).unwrap();
    let closed = async {
        stream.readable().await.unwrap();
        stream.try_read(&mut [0]).is_ok_and(|length| length == 0)
    };
    tokio::time::timeout(PATIENCE, closed).await.unwrap()
}

#[tokio::test]
async fn connections_on_which_nobody_asks_make_room_for_who_asks_and_the_longest_idle_one_goes_first() {
    if !may_open(4 * (BESIDE + 64)) {
        return;
    }
    for half in
        [&b""[..], b"POST / HTTP/1.1\r\nHost: loc", b"POST / HTTP/1.1\r\nHost: localhost\r\ncontent-length: 9\r\n\r\n{"]
    {
        for eventbridge in both(4).await {
            let gate = Gate::new();
            let hold = eventbridge.inject(Fault::hold(&gate));
            let mut answered = Socket::connect(eventbridge.address()).await;
            answered.send(request()).await.unwrap();
            is_held(&hold).await;
            hold.lift();

            let mut idle = Vec::new();
            // Fewer at a time than wait to be accepted.
            for _ in 0..8 {
                idle.extend(many(&eventbridge, (BESIDE + 64) / 8, half));
                assert_serves(&eventbridge).await;
            }
            assert!(is_closed(idle.remove(0)).await);
            let newest = TcpStream::from_std(idle.pop().unwrap()).unwrap();
            assert!(newest.try_read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
            if half.is_empty() {
                let answer = Socket::over(newest).exchange(&good_request()).await.unwrap();
                assert_eq!(answer.status, 200);
            } else {
                let problem = eventbridge.journal().problems()[0].clone();
                assert_eq!(
                    (problem.kind(), problem.message()),
                    (
                        ProblemKind::Connection,
                        "a request was only half sent when all 68 connections were in use and another client came: closed"
                    )
                );
            }
            // A request that is being answered goes for nobody.
            gate.release();
            assert_eq!(answered.answer().await.unwrap().status, 200);
        }
    }
}

#[tokio::test]
async fn a_connection_on_which_a_request_comes_just_now_is_not_the_one_that_makes_room() {
    if !may_open(2 * (BESIDE + 8)) {
        return;
    }
    for _ in 0..10 {
        let eventbridge = MockEventBridge::builder().max_connections(2).start().await;
        let mut pooled = Socket::connect(eventbridge.address()).await;
        assert_eq!(pooled.exchange(&good_request()).await.unwrap().status, 200);
        let idle = many(&eventbridge, BESIDE + 1, b"");
        // Both come before the mock has its turn. Of all connections the pooled one is the longest idle one.
        let newcomer = many(&eventbridge, 1, &request());
        pooled.send(request()).await.unwrap();
        assert_eq!(pooled.answer().await.map(|answer| answer.status), Some(200));
        drop((idle, newcomer));
    }
}

#[cfg(feature = "cli")]
mod stand_alone {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::support::program::{Program, command};

    fn ask(server: &Program, bytes: &str) -> BlockingStream {
        let mut stream = BlockingStream::connect(server.address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    }

    /// As an API that can be reached answers, and a mock that can.
    async fn assert_all_is_served(server: &Program) {
        assert_eq!(server.api().get("health").await, (200, json!({ "status": "ok" })));
        assert_eq!(server.publish("test", &[1]).await, 200);
    }

    #[tokio::test]
    async fn long_waits_of_the_api_whose_clients_have_gone_keep_nobody_out() {
        if !may_open(400) {
            return;
        }
        let server = Program::serve(&["--max-connections", "4"]);
        for path in ["wait?attempts=99&limitMs=300000", "view?waitMs=300000", "journal?waitMs=300000"] {
            let tag =
                if path.starts_with("wait") { "" } else { "If-None-Match: \"0-0\", \"0-1\", \"0-2\", \"0-3\"\r\n" };
            for how in [Leaves::Closes, Leaves::Resets] {
                let wait = format!("GET /_mock/{path} HTTP/1.1\r\nHost: localhost\r\n{tag}\r\n");
                let clients: Vec<_> = (0..400).map(|_| ask(&server, &wait)).collect();
                for client in clients {
                    let client = Client({
                        client.set_nonblocking(true).unwrap();
                        TcpStream::from_std(client).unwrap()
                    });
                    client.leave(how);
                }
                assert_eq!(server.api().get("health").await, (200, json!({ "status": "ok" })), "{path} {how:?}");
            }
        }
        assert_all_is_served(&server).await;
        let (status, _, _) = server.stop();
        assert_eq!(status, 0);
    }

    #[tokio::test]
    async fn the_api_has_places_of_its_own() {
        if !may_open(300) {
            return;
        }
        let server = Program::serve(&["--max-connections", "2"]);
        let fault = json!({ "latencyMs": 3_600_000 });
        assert_eq!(server.api().call("POST", "faults", fault).await.0, 201);
        let request = String::from_utf8(bytes_of(&put_events(entries([order(1)])))).unwrap();
        let held: Vec<_> = (0..2).map(|_| ask(&server, &request)).collect();
        let (_, session) = server.api().get("wait?attempts=2").await;
        assert_eq!(session["attempts"], 2, "{session}");
        assert_eq!(server.publish("test", &[1]).await, 503);
        assert_eq!(server.api().call("DELETE", "faults", Value::Null).await.0, 204);
        // Waits of the API leave the places of the mock alone, and are bounded.
        let wait = "GET /_mock/wait?attempts=99&limitMs=300000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        drop(held);
        let waits: Vec<_> = (0..256).map(|_| ask(&server, wait)).collect();
        assert_eq!(server.publish("test", &[1]).await, 200);
        let mut last = Socket::connect(server.address).await;
        last.send("GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let answer = last.answer().await.unwrap();
        let message =
            "too many requests to the API are being answered or wait: end some of the waits, or ask again later";
        assert_eq!((answer.status, answer.json()), (503, json!({ "message": message })));
        drop(waits);
        assert_all_is_served(&server).await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_server_that_has_no_file_descriptors_left_closes_idle_connections_for_who_asks() {
        if !may_open(200) {
            return;
        }
        let mut limited = std::process::Command::new("sh");
        let serve = command(&["serve", "--listen", "127.0.0.1:0"]);
        limited.args(["-c", "ulimit -n 64; exec \"$@\"", "sh"]).arg(serve.get_program()).args(serve.get_args());
        let server = Program::start(limited);
        let idle: Vec<_> = (0..150).map(|_| ask(&server, "")).collect();
        assert_all_is_served(&server).await;
        let halves: Vec<_> = (0..150).map(|_| ask(&server, "POST / HTTP/1.1\r\n")).collect();
        assert_all_is_served(&server).await;
        drop((idle, halves));
    }
}
