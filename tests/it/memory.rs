//! What a request takes and leaves, by the operating system's own count: a server of its own under a limit on its memory, which
//! ends the process where it asks for more.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::support::program::{Program, command};
use crate::support::put_events;
use crate::support::socket::{Answer, Socket, bytes_of, good_request};

const MIB: usize = 1024 * 1024;

/// `serve` with 1 GiB of memory.
fn serve(arguments: &[&str]) -> Program {
    let serve = command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -v 1048576; exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    Program::start(limited)
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
