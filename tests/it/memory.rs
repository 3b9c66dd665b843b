//! What a request takes and leaves, by the operating system's own count: a server of its own under a limit on its memory, which
//! ends the process where it asks for more.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::program::{Program, command_after};
use crate::support::put_events;
use crate::support::socket::{Answer, Socket, bytes_of, good_request, head_of};

const MIB: usize = 1024 * 1024;

/// `serve` with 1 GiB of memory.
fn serve(arguments: &[&str]) -> Program {
    let serve = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
    Program::start(command_after("ulimit -v 1048576;", &serve))
}

async fn send(server: &Program, body: impl Into<bytes::Bytes>) -> Answer {
    Socket::connect(server.address).await.exchange(&put_events(body)).await.expect("an answer")
}

/// Other clients are served, and the process has never taken more than so many MiB.
async fn assert_is_well(server: &Program, most: usize, what: &str) {
    let answer = Socket::connect(server.address).await.exchange(&good_request()).await;
    assert_eq!(answer.map(|answer| answer.status), Some(200), "{what}");
    let peak = server.peak() / MIB;
    println!("{what}: {peak} MiB");
    assert!(peak <= most, "{what}: {peak} MiB");
}

fn list_of(item: &str, count: usize) -> String {
    format!(r#"{{"Entries":[{}{item}]}}"#, format!("{item},").repeat(count - 1))
}

fn entry_with(member: &str) -> String {
    format!(r#"{{"Entries":[{{"Source":"s","DetailType":"d","Detail":"{{}}",{member}}}]}}"#)
}

#[tokio::test]
async fn no_body_of_8_mib_takes_more_than_a_few_times_its_size() {
    for (what, status, body) in [
        ("a million entries", 400, list_of("{}", MIB)),
        ("nulls", 400, list_of("null", 1_500_000)),
        ("entries of the wrong type", 400, list_of("0", 4_000_000)),
        ("resources", 400, entry_with(&format!(r#""Resources":[{}""]"#, r#""","#.repeat(2_700_000)))),
        ("a bus of colons", 400, entry_with(&format!(r#""EventBusName":"{}""#, ":".repeat(8_000_000)))),
        ("unknown members", 200, entry_with(&format!(r#"{}"":0"#, r#""":0,"#.repeat(1_500_000)))),
        ("members of the wrong type", 400, entry_with(&format!(r#"{}"Source":0"#, r#""":0,"#.repeat(1_500_000)))),
        (
            "the same member again",
            400,
            entry_with(&format!(r#"{}"Resources":0"#, r#""Resources":["",""],"#.repeat(350_000))),
        ),
        ("escapes", 400, entry_with(&format!(r#""TraceHeader":"{}""#, r"\u0001".repeat(1_300_000)))),
        ("a text", 400, format!("\"{}\"", "x".repeat(8_000_000))),
    ] {
        let server = serve(&[]);
        let answer = send(&server, body).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.json());
        assert!(answer.body.len() < 200_000, "{what}: an answer of {} bytes", answer.body.len());
        assert_is_well(&server, 64, what).await;
    }
}

#[tokio::test]
async fn a_compressed_body_is_never_inflated() {
    let server = serve(&[]);
    let mut request = put_events(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3]);
    request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    for _ in 0..100 {
        let answer = Socket::connect(server.address).await.exchange(&request).await.unwrap();
        assert_eq!((answer.status, &answer.json()["__type"]), (400, &json!("MalformedHttpRequestException")));
    }
    assert_is_well(&server, 40, "compressed").await;
}

#[tokio::test]
async fn bodies_that_are_received_at_once_have_one_bound_together() {
    let server = serve(&[]);
    let mut body = crate::support::entries([crate::support::order(1)]);
    body.push_str(&" ".repeat(8 * MIB - body.len()));
    let request = put_events(body);
    let bytes = bytes_of(&request);
    let half = bytes.len() / 2;
    let mut sockets = Vec::new();
    for _ in 0..63 {
        let mut socket = Socket::connect(server.address).await;
        socket.send(&bytes[..half]).await.unwrap();
        sockets.push(socket);
    }
    assert_is_well(&server, 160, "63 bodies, half sent").await;
    let health = server.api().get("health").await;
    assert_eq!(health.0, 200);
    let (mut served, mut refused) = (0, 0);
    for mut socket in sockets {
        socket.send(&bytes[half..]).await.unwrap();
        let answer = socket.answer().await.unwrap();
        match answer.status {
            200 => served += 1,
            503 => refused += 1,
            other => panic!("{other}: {}", answer.json()),
        }
        // Either way the connection goes on.
        assert_eq!(socket.exchange(&good_request()).await.unwrap().status, 200);
    }
    assert!(served >= 7 && refused >= 63 - 16, "{served} served, {refused} refused");
    assert_eq!(send(&server, request.into_body()).await.status, 200, "all room was given back");
    assert_is_well(&server, 160, "63 bodies").await;
}

#[tokio::test]
async fn the_bound_of_the_journal_holds_for_whatever_a_request_leaves() {
    let escaped = |member: &str| entry_with(&format!(r#""{member}":"{}""#, r"\u0061".repeat(1_300_000)));
    let chunked = head_of(&put_events("")).replace("content-length: 0", "transfer-encoding: chunked");
    let server = serve(&["--journal-limit", "32", "--limits", "none"]);
    for (what, body) in [
        ("decoded texts", escaped("TraceHeader")),
        ("many entries", list_of("{}", 9_000)),
        ("many failed entries", list_of(r#"{"Source":"aws.s","DetailType":"d","Detail":"{}"}"#, 9_000)),
        ("many resources", entry_with(&format!(r#""Resources":[{}""]"#, r#""","#.repeat(90_000)))),
    ] {
        for _ in 0..20 {
            assert_eq!(send(&server, body.clone()).await.status, 200, "{what}");
        }
        assert_is_well(&server, 110, what).await;
    }
    for _ in 0..60 {
        let mut socket = Socket::connect(server.address).await;
        let chunk = [b"120000\r\n", &vec![b' '; 0x0012_0000][..], b"\r\n"].concat();
        socket.send([chunked.as_bytes(), &chunk, b"0\r\n\r\n"].concat()).await.unwrap();
        assert_eq!(socket.answer().await.unwrap().status, 400);
    }
    assert_is_well(&server, 110, "chunked bodies").await;
}

/// A request whose detail of 100 KB takes some 9 MB when it is parsed.
fn request_with_a_detail() -> String {
    let detail = format!(r#"{{"x":[{}0]}}"#, r#"{"a":1},"#.repeat(12_000));
    json!({ "Entries": [{ "Source": "s", "DetailType": "d", "Detail": detail }] }).to_string()
}

/// An expectation that is not met, and for which every detail is parsed.
fn expectation() -> Value {
    json!([{ "publishedContain": [{ "detail": { "/x/0/a": 2 } }] }])
}

#[tokio::test]
async fn parsed_details_count_in_the_bound_of_the_journal() {
    let server = serve(&["--journal-limit", "32"]);
    for _ in 0..30 {
        assert_eq!(send(&server, request_with_a_detail()).await.status, 200);
        let (status, answer) = server.api().call("POST", "assertions", expectation()).await;
        assert_eq!(status, 409, "{answer}");
    }
    assert_is_well(&server, 120, "parsed details").await;
}
