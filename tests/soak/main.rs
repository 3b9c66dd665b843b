//! 64 publishers against the stand-alone server with all kinds of faults. Its record is counted again from the bytes that the
//! publishers sent and got: each request that was answered is in the journal once, with these bytes.
//!
//! It takes some seconds. `SOAK=300 cargo test --release --all-features --test soak -- --nocapture` takes 300.

#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "it takes as long as it is told to, in real time")]

mod client;
mod recount;
mod server;
#[path = "../it/support/mod.rs"]
#[allow(dead_code, reason = "most of it is for other tests")]
mod support;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use client::{Client, Exchange};
use putevents_mock::MockEventBridge;
use recount::difference;
use server::{Server, Usage};

const PUBLISHERS: usize = 64;
/// Requests of each publisher between two counts. The journal must hold those of all publishers.
const REQUESTS: usize = 20;

/// Numbers below a bound that look random, and are the same for the same seed.
fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |bound| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    }
}

/// One test at a time: they measure.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// `SEED`, or another one each time.
fn seed() -> u64 {
    let seed = variable("SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("SEED={seed}");
    seed
}

fn publishers(server: &Server, seed: u64) -> Vec<(Client, impl FnMut(usize) -> usize + Send + use<>)> {
    (0..PUBLISHERS)
        .map(|number| (Client::new(number, server.0.address), random(seed ^ (number as u64) << 32)))
        .collect()
}

#[test]
fn the_journal_is_what_64_publishers_sent_and_got_whatever_goes_wrong() {
    let _alone = alone();
    let time = Duration::from_secs(variable("SOAK").unwrap_or(3));
    let seed = seed();
    let server = Server::start(seed, &[]);
    let mut publishers = publishers(&server, seed);
    let before = server.usage();
    let (began, mut requests, mut answered, mut rounds, mut early) = (Instant::now(), 0, 0, 0, None);
    while rounds < 2 || began.elapsed() < time {
        let exchanges = publish(&mut publishers);
        let journal = server.call("GET", "journal");
        if let Some(difference) = difference(&exchanges, &journal) {
            panic!("{difference}\n  in round {rounds} with SEED={seed}");
        }
        server.call("DELETE", "journal");
        requests += exchanges.len();
        answered += exchanges.iter().filter(|exchange| exchange.answer.is_some()).count();
        rounds += 1;
        if early.is_none() && began.elapsed() >= time / 4 {
            early = Some(server.usage());
        }
    }
    let late = server.usage();
    publishers.iter_mut().for_each(|(client, _)| client.leave());
    let after = server.usage_when_quiet(before.descriptors);
    println!("{requests} requests, {answered} whole answers, in {rounds} rounds");
    println!("before {before:?}\nearly  {early:?}\nlate   {late:?}\nafter  {after:?}");
    assert_eq!(after.descriptors, before.descriptors, "descriptors stay open when all publishers are gone");
    assert!(late.threads <= before.threads + 8, "{before:?}, {late:?}");
    let early = early.map_or(late.kilobytes, |usage| usage.kilobytes);
    assert!(late.kilobytes < early * 5 / 4 + 16 * 1024, "memory grew from {early} to {} KiB", late.kilobytes);
}

#[test]
fn a_server_that_is_told_to_end_under_load_writes_all_that_a_publisher_was_told() {
    let _alone = alone();
    let seed = seed();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("soak-{}.json", std::process::id()));
    let server = Server::start(seed, &["--journal-file", path.to_str().unwrap()]);
    let mut publishers = publishers(&server, seed);
    let mut exchanges = publish(&mut publishers);
    exchanges.extend(std::thread::scope(|scope| {
        let threads: Vec<_> = publishers
            .iter_mut()
            .map(|(client, random)| {
                scope.spawn(|| {
                    std::iter::from_fn(|| client.finds_server().then(|| client.publish(random))).collect::<Vec<_>>()
                })
            })
            .collect();
        while server.call("GET", "sessions")["sessions"][0]["attempts"].as_u64() < Some(2_000) {}
        server.0.signal("-TERM");
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    }));
    assert_eq!(server.0.end().0, 0);
    let journal = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let _ = std::fs::remove_file(path);
    if let Some(difference) = difference(&exchanges, &journal) {
        panic!("{difference}");
    }
}

#[test]
fn mocks_that_are_gone_leave_nothing_behind() {
    let _alone = alone();
    let start_and_drop = |mocks: usize| {
        for _ in 0..mocks {
            let eventbridge = MockEventBridge::start_blocking();
            assert!(Client::new(0, eventbridge.address()).publish(&mut random(1)).answer.is_some());
        }
        Usage::of("self")
    };
    let first = start_and_drop(500);
    let last = start_and_drop(1_500);
    assert!(last.threads <= first.threads && last.kilobytes < first.kilobytes + 8 * 1024, "{first:?}, {last:?}");
}

/// All of them at the same time, so many requests each.
fn publish(publishers: &mut [(Client, impl FnMut(usize) -> usize + Send)]) -> Vec<Exchange> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = publishers
            .iter_mut()
            .map(|(client, random)| scope.spawn(|| (0..REQUESTS).map(|_| client.publish(random)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
