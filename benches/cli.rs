//! The stand-alone server: how soon it is ready, and how much memory it has taken then, after 10,000 requests that its
//! journal holds, and after 100,000 that it does not. The start is set against that of the same binary with `--version`,
//! which only begins and ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: usize = 200;

fn main() {
    let (mut to_ready, mut to_version) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let (server, _, time) = start(&[]);
        to_ready.push(time);
        stop(server);
        to_version.push(version());
    }
    let (ready, version) = (median(to_ready), median(to_version));
    let ratio = ready.as_secs_f64() / version.as_secs_f64();
    println!("ready after {ready:?}, --version over after {version:?}, ratio {ratio:.2}");

    let (server, port, _) = start(&["--journal-limit", "16"]);
    println!("idle: {}", memory(&server));
    publish(port, 10_000);
    println!("after 10,000 requests: {}", memory(&server));
    publish(port, 90_000);
    println!("after 100,000 requests, with a journal of 16 MiB: {}", memory(&server));
    stop(server);
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_putevents-mock"))
}

/// A server that is ready, its port, and how long that took.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn start(arguments: &[&str]) -> (Child, u16, Duration) {
    let began = Instant::now();
    let mut server = binary()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .env("RUST_LOG", "off")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let took = began.elapsed();
    let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    (server, port, took)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn version() -> Duration {
    let began = Instant::now();
    binary().arg("--version").stdout(Stdio::null()).status().expect("a status");
    began.elapsed()
}

fn stop(mut server: Child) {
    server.kill().and_then(|()| server.wait()).expect("its end");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// What the system says that the process has in memory, where it says so.
fn memory(server: &Child) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "unknown on this system".to_owned(), |line| line.trim().to_owned())
}

/// Requests of one entry, one after the other on one connection.
fn publish(port: u16, requests: usize) {
    let body = r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"}]}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: \
         AWSEvents.PutEvents\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut answer = [0; 2048];
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).expect("a request");
        // The answers are small and come in one piece.
        assert!(stream.read(&mut answer).expect("an answer") > 0);
    }
}
