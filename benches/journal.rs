//! What a long journal costs: `cargo bench --bench journal`. A look at it, the push after a look, pushes where it is full, its
//! end, and requests that others wait for.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use divan::Bencher;
use putevents_mock::engine::{Ids, Now};
use putevents_mock::{Engine, Journal, MockEventBridge};

const SIZES: [usize; 3] = [10, 1_000, 100_000];
const BODY: &str = r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"}]}"#;
const NOW: Now = Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH);
const PATIENCE: Duration = Duration::from_secs(600);

fn main() {
    divan::main();
    full_by_bytes();
    full_of_parsed_details();
    clearing();
    for waiters in [0, 100, 400] {
        waited_for(waiters);
    }
}

fn request() -> http::Request<Bytes> {
    http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSEvents.PutEvents")
        .body(BODY.into())
        .expect("a request")
}

/// An engine with a journal of so many attempts.
fn engine(attempts: usize) -> Engine {
    let (mut engine, mut ids) = (Engine::new(), Ids::counting());
    (0..attempts).for_each(|_| drop(engine.handle(request(), NOW, &mut ids)));
    engine
}

#[divan::bench(args = SIZES)]
fn look(bencher: Bencher<'_, '_>, attempts: usize) {
    let engine = engine(attempts);
    bencher.bench_local(|| engine.journal());
}

#[divan::bench(args = SIZES)]
fn push_without_a_look(bencher: Bencher<'_, '_>, attempts: usize) {
    let (mut engine, mut ids) = (engine(attempts), Ids::random());
    bencher.with_inputs(request).bench_local_values(|request| engine.handle(request, NOW, &mut ids));
}

#[divan::bench(args = SIZES)]
fn push_after_a_look(bencher: Bencher<'_, '_>, attempts: usize) {
    let (mut engine, mut ids) = (engine(attempts), Ids::random());
    let mut looked: Option<Journal> = None;
    bencher.with_inputs(request).bench_local_values(|request| {
        looked = Some(engine.journal());
        engine.handle(request, NOW, &mut ids)
    });
}

/// The longest and the usual push where each one makes the journal forget.
fn full_by_bytes() {
    let mut times = pushes(&mut engine(200_000), 200_000);
    println!("a push where the journal is full: {}", summary(&mut times));
    let mut engine = engine(200_000);
    let after_a_look = |_| {
        let _looked = engine.journal();
        pushes(&mut engine, 1)
    };
    let mut times: Vec<Duration> = (0..10_000).flat_map(after_a_look).collect();
    println!("the same after a look: {}", summary(&mut times));
}

/// The push that comes after somebody has parsed the details of a full journal.
fn full_of_parsed_details() {
    let mut engine = engine(200_000);
    let parsed = engine.journal().entries().filter_map(putevents_mock::journal::Entry::detail_json).count();
    println!("the push after {parsed} details were parsed: {}", summary(&mut pushes(&mut engine, 1)));
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn pushes(engine: &mut Engine, count: usize) -> Vec<Duration> {
    let mut ids = Ids::random();
    let push = |_| {
        let request = request();
        let started = Instant::now();
        let reply = engine.handle(request, NOW, &mut ids);
        let took = started.elapsed();
        drop(reply);
        took
    };
    (0..count).map(push).collect()
}

fn summary(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 1_000];
    format!("median {:?}, 99.9 % {:?}, longest {:?}", at(500), at(999), at(1_000))
}

/// How long a request waits that comes when a full journal is cleared.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn clearing() {
    let eventbridge = MockEventBridge::start_blocking();
    let mut client = Client::of(&eventbridge);
    (0..100_000).for_each(|_| client.publish());
    let has_begun = Barrier::new(2);
    let (longest, cleared) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            client.publish();
            has_begun.wait();
            let (began, mut longest) = (Instant::now(), Duration::ZERO);
            while began.elapsed() < Duration::from_millis(500) {
                let started = Instant::now();
                client.publish();
                longest = longest.max(started.elapsed());
            }
            longest
        });
        has_begun.wait();
        let started = Instant::now();
        eventbridge.clear_journal();
        let cleared = started.elapsed();
        (asking.join().expect("a time"), cleared)
    });
    println!("100,000 attempts cleared in {cleared:?}, the longest request meanwhile: {longest:?}");
}

/// Requests over a journal of 20,000 attempts, for which others wait.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn waited_for(waiters: usize) {
    let eventbridge = Arc::new(MockEventBridge::start_blocking());
    let mut client = Client::of(&eventbridge);
    (0..20_000).for_each(|_| client.publish());
    let requests = 200;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let waits: Vec<_> = (0..waiters)
        .map(|_| {
            let eventbridge = Arc::clone(&eventbridge);
            runtime.spawn(async move { eventbridge.wait_for_published(20_000 + requests, PATIENCE).await.is_ok() })
        })
        .collect();
    // The one worker takes its tasks in their order, so all of them wait when this one is done.
    runtime.block_on(runtime.spawn(async {})).expect("a task");
    let started = Instant::now();
    (0..requests).for_each(|_| client.publish());
    let per_request = started.elapsed() / 200;
    for wait in waits {
        assert!(runtime.block_on(wait).expect("a wait"), "it was published");
    }
    println!("a request for which {waiters} wait, over 20,000 attempts: {per_request:?}");
}

/// A connection that is kept.
struct Client(TcpStream);

impl Client {
    fn of(eventbridge: &MockEventBridge) -> Self {
        let stream = TcpStream::connect(eventbridge.address()).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self(stream)
    }

    fn publish(&mut self) {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AWSEvents.PutEvents\r\nContent-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        self.0.write_all(request.as_bytes()).expect("a request");
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"}]}") {
            let read = self.0.read(&mut piece).expect("an answer");
            assert!(read > 0, "the server closed the connection");
            answer.extend_from_slice(&piece[..read]);
        }
    }
}
