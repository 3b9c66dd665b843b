//! Questions to a stand-alone server: few at a time, beside its requests, with an end; and how the server ends meanwhile.

use std::collections::BTreeSet;
use std::path::Path;

use pretty_assertions::assert_eq;
use putevents_mock::Journal;
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::support::program::{Program, command, command_after, ignores_hangup, told};
use crate::support::socket::Socket;
use crate::support::{directory, put_events};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// An expectation that is judged for minutes where `publish_many` was published: each matcher is another one, and no index
/// says which entries it means.
fn without_end() -> Value {
    let matchers = if cfg!(debug_assertions) { 20_000 } else { 200_000 };
    let other = |number: i64| json!({ "detailContains": -1 - number });
    json!({ "publishedExactly": (0..matchers).map(other).collect::<Value>() })
}

async fn publish_many(server: &Program) {
    for request in 0..300 {
        let orders: Vec<u64> = (0..10).map(|id| request * 10 + id).collect();
        assert_eq!(server.publish("test", &orders).await, 200);
    }
}

const TURN: &str = "this question did not get its turn within 1 s (--question-timeout): 4 of 4 questions are being worked on, \
                    and 0 of 2 large answers are being made or read. Read answers to their end, and ask again";
const TOO_LONG: &str = "this question was not answered within 1 s (--question-timeout): ask about less, such as the newest \
                        attempts with last=100, or raise --question-timeout";

#[tokio::test]
async fn a_question_that_takes_too_long_is_told_the_limit_and_holds_up_nobody() {
    let folder = directory("questions");
    let journal = folder.join("journal.json");
    let plan = folder.join("plan.json");
    std::fs::write(&plan, json!({ "expect": [without_end()] }).to_string()).unwrap();
    let flags = ["--question-timeout", "1", "--plan", text(&plan), "--journal-file", text(&journal)];
    let server = Program::serve(&flags);
    publish_many(&server).await;
    server.api().call("PUT", "sessions/a", Value::Null).await;
    let tag = loop {
        // A second may be too short on a busy machine.
        let answer = server.api().exchange("GET", "journal?last=1", &[], "").await;
        if let Some(tag) = answer.header("etag") {
            break tag.to_owned();
        }
    };

    // As many as may be worked on, and nobody waits for any of them any more.
    let mut too_long = 0;
    loop {
        let (status, answer) = server.api().call("POST", "assertions", Value::Null).await;
        assert_eq!(status, 503);
        if answer["message"] == TURN {
            break;
        }
        assert_eq!(answer["message"], TOO_LONG);
        too_long += 1;
    }
    assert!(too_long >= 4, "{too_long}");
    let mut asked = JoinSet::new();
    for (method, path, body) in QUESTIONS {
        for prefix in ["", "sessions/a/"] {
            let (mut api, path) = (server.api(), format!("{prefix}{path}"));
            asked.spawn(async move {
                let answer = api.exchange(method, &path, &[], body).await;
                (path, answer, api.seen)
            });
        }
    }
    let mut api = server.api();
    asked.spawn(async move {
        let answer = api.exchange("PUT", "sessions/b", &[], r#"{"faults": []}"#).await;
        (String::new(), answer, api.seen)
    });
    let mut seen = BTreeSet::new();
    for (path, answer, of_one) in asked.join_all().await {
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{path}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        // Those that are for much wait in two lines, and may be the first in one of them.
        assert_eq!(
            ["1", "2"].iter().fold(message, |message, some| message.replace(&format!("{some} of 2"), "0 of 2")),
            TURN,
            "{path}"
        );
        seen.extend(of_one);
    }
    let described = server.api().described_with("503");
    assert_eq!(seen, described, "questions that are described to be refused, and those that were");

    // What is no question of that kind is answered as ever.
    for path in ["", "health", "version", "openapi.json", "sessions", "sessions/a", "answers", "wait?attempts=300"] {
        assert_eq!(server.api().get(path).await.0, 200, "{path}");
    }
    let unchanged = server.api().exchange("GET", "journal", &[("If-None-Match", &tag)], "").await;
    assert_eq!(unchanged.status, 304);
    assert_eq!(server.api().call("PUT", "sessions/c", Value::Null).await.0, 201);
    assert_eq!(server.publish("test", &[1]).await, 200);

    // Four threads are at work for minutes, and the server ends all the same.
    assert_eq!(server.stop().0, 0);
    assert_eq!(Journal::from_file(&journal).unwrap().attempts().len(), 301);
}

const QUESTIONS: [(&str, &str, &str); 9] = [
    ("GET", "journal", ""),
    ("GET", "view", ""),
    ("GET", "published", ""),
    ("GET", "report", ""),
    ("GET", "faults", ""),
    ("GET", "wait?attempts=99999&limitMs=1", ""),
    ("POST", "faults", r#"{"entry": "InternalFailure"}"#),
    ("POST", "assertions", r#"{"noneLost": true}"#),
    ("POST", "page", ""),
];

/// A client that asks for the journal and reads nothing yet.
async fn silent(server: &Program) -> Socket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut socket = Socket::over(socket.connect(server.address).await.unwrap());
    socket.send("GET /_mock/journal HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").await.unwrap();
    socket
}

#[tokio::test]
async fn sixty_clients_that_do_not_read_have_two_answers_in_memory_for_a_while() {
    let journal = directory("questions").join("journal.json");
    let server = Program::serve(&["--question-timeout", "5", "--journal-file", text(&journal)]);
    for _ in 0..8 {
        let request = put_events("x".repeat(1024 * 1024));
        assert_eq!(Socket::connect(server.address).await.exchange(&request).await.unwrap().status, 400);
    }
    let mut clients = Vec::new();
    for _ in 0..60 {
        clients.push(silent(&server).await);
    }
    assert_eq!(server.api().get("health").await.0, 200);
    // It comes to its turn when those before it had their time.
    let mut whole = 0;
    while whole == 0 {
        let answer = server.api().exchange("GET", "journal", &[], "").await;
        match answer.status {
            200 => whole = answer.body.len(),
            status => assert_eq!(status, 503),
        }
    }
    assert!(whole > 8 * 1024 * 1024, "{whole}");
    let mut told = 0;
    for client in clients {
        let received = client.rest().await;
        assert!(received.len() < whole, "it had a whole reply waiting for it");
        told += usize::from(received.starts_with(b"HTTP/1.1 503 "));
    }
    assert!(told > 40, "{told} were told that their turn did not come");
    #[cfg(target_os = "linux")]
    {
        let peak = server.peak();
        assert!(peak < 120 * 1024 * 1024, "{peak} bytes for a journal of 8 MiB");
    }
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(silent(&server).await);
    }
    for client in &mut clients[..1] {
        client.until("HTTP/1.1 200 OK").await;
    }
    assert_eq!(server.stop().0, 0);
    assert_eq!(Journal::from_file(&journal).unwrap().attempts().len(), 8);
}

#[tokio::test]
async fn what_is_not_judged_in_time_is_said_after_the_journal_was_written() {
    let folder = directory("questions");
    let (journal, junit, plan) = (folder.join("journal.json"), folder.join("junit.xml"), folder.join("plan.json"));
    std::fs::write(&plan, json!({ "expect": [without_end()] }).to_string()).unwrap();
    let files = ["--plan", text(&plan), "--journal-file", text(&journal), "--junit", text(&junit)];
    let server = Program::serve(&[&files[..], &["--stop-timeout", "1", "--fail-on-problems"]].concat());
    publish_many(&server).await;
    let (status, _, log) = server.stop();
    let message = "judging was cut off after 1 s (--stop-timeout): the journals are written, but messages, \
                   pages and reports may be missing";
    assert_eq!(status, 2, "{log}");
    assert_eq!(log.lines().last().unwrap(), format!("putevents-mock: {message}"));
    assert_eq!(Journal::from_file(&journal).unwrap().attempts().len(), 300);
    let report = std::fs::read_to_string(&junit).unwrap();
    assert!(report.contains(r#"tests="1" failures="1""#) && report.contains(message), "{report}");

    // Nobody asked `run` to end, so the limit is that of questions.
    let publish =
        format!("for i in $(seq 300); do {}; done", crate::cli::publishing_once(&(0..10).collect::<Vec<u64>>()));
    let run =
        command(&[&["run", "--question-timeout", "1"], &files[..], &["--", "sh", "-c", &publish]].concat()).output();
    let (status, _, log) = told(run.unwrap());
    assert_eq!((status, log), (2, format!("putevents-mock: {}\n", message.replace("stop", "question"))));
    assert_eq!(Journal::from_file(&journal).unwrap().attempts().len(), 300);
}

#[tokio::test]
async fn a_signal_that_comes_again_ends_the_end() {
    let folder = directory("questions");
    let (journal, plan) = (folder.join("journal.json"), folder.join("plan.json"));
    std::fs::write(&plan, json!({ "expect": [without_end()] }).to_string()).unwrap();
    let files = ["--plan", text(&plan), "--journal-file", text(&journal)];
    let server = Program::serve(&[&files[..], &["--stop-timeout", "86400", "--fail-on-problems"]].concat());
    publish_many(&server).await;
    server.signal("-TERM");
    while Journal::from_file(&journal).is_err() {
        tokio::task::yield_now().await;
    }
    server.signal("-INT");
    let (status, _, log) = server.end();
    let message = "putevents-mock: SIGINT came while the server was ending already, so it ended at once: ";
    assert!(status == 2 && log.lines().last().unwrap().starts_with(message), "{status} {log}");
    assert_eq!(Journal::from_file(&journal).unwrap().attempts().len(), 300);
}

#[tokio::test]
async fn sighup_ends_a_server_as_sigterm_does_unless_it_was_ignored_from_the_start() {
    if ignores_hangup() {
        return;
    }
    let journal = directory("questions").join("journal.json");
    let server = Program::serve(&["--journal-file", text(&journal)]);
    server.publish("test", &[1]).await;
    server.signal("-HUP");
    let (status, _, log) = server.end();
    assert!(status == 0 && log.contains("ending on SIGHUP"), "{status} {log}");
    assert_eq!(Journal::from_file(&journal).unwrap().attempts().len(), 1);

    let server = Program::start(command_after("trap '' HUP;", &["serve", "--listen", "127.0.0.1:0"]));
    server.signal("-HUP");
    assert_eq!(server.publish("test", &[1]).await, 200);
    let (status, _, log) = server.stop();
    assert!(status == 0 && log.contains("ending on SIGTERM"), "{status} {log}");
}
