//! The search of fault schedules, with the publisher of `examples/shop` and the real SDK: how many schedules it runs in a
//! second, what a run costs beside one without a search, how large the tree of a workload is, and how long the scopes take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use aws_sdk_eventbridge::Client;
use putevents_mock::publisher_check::{AnyNumber, PublisherReport};
use putevents_mock::{MockEventBridge, PublisherCheck};
use shop::Publisher;

const EVENTS: usize = 3;
const ROUNDS: usize = 5;
const BARE_RUNS: u32 = 500;
/// Where a tree has more schedules than this, the benchmark says so and goes on.
const TREE_AT_MOST: usize = 60_000;

/// All of them, or those that are named: `cargo bench --bench search --features aws-sdk,check -- tree scopes`.
const SECTIONS: [(&str, fn()); 3] = [("runs", runs), ("tree", sizes), ("scopes", scopes)];

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, section) in SECTIONS {
        if named.is_empty() || named.iter().any(|other| other == name) {
            section();
        }
    }
}

fn runs() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let of_one = fastest(|| took(tree(EVENTS, 2, false).threads(1)));
    let of_all = fastest(|| took(tree(EVENTS, 2, false).threads(cores)));
    println!("schedules a second, {EVENTS} events, at most 2 deviations: the fastest of {ROUNDS} searches");
    println!("  1 thread   {:6.0}", per_second(of_one));
    println!("  {cores} threads  {:6.0}", per_second(of_all));

    let (schedules, requests) = counted(tree(EVENTS, 2, false));
    let bare = fastest(|| (bare_runs(), BARE_RUNS as usize)).0 / BARE_RUNS;
    let run = of_one.0.div_f64(schedules as f64);
    println!("one run on one thread");
    println!("  without a search: runtime, mock, client, one request  {bare:9.1?}");
    println!("  of a search, with {:.2} requests  {run:30.1?}", requests as f64 / schedules as f64);
    println!("  ratio  {:58.2}", run.as_secs_f64() / bare.as_secs_f64());
}

fn sizes() {
    println!("schedules of {EVENTS} events, those that are run twice among them");
    println!("  deviations  whole tree             with merging");
    for deviations in 1..=3 {
        println!("  {deviations:10}  {:21}  {}", size(deviations, false), size(deviations, true));
    }
}

fn scopes() {
    println!("time of a scope, on all threads");
    for (name, check) in [("smoke", check().smoke()), ("standard", check())] {
        let (time, schedules) = took(check);
        println!("  {name:8}  {schedules:5} schedules  {:6.2} s", time.as_secs_f64());
    }
}

fn check() -> PublisherCheck<AnyNumber<u64>> {
    let orders = |count| (0..count as u64).collect();
    // Without a bound on the time, which a busy machine would reach.
    PublisherCheck::of(orders).identified_by("/orderId").keeping_nothing().for_at_most(Duration::from_secs(1_000))
}

/// All schedules of so many events with so many deviations.
fn tree(events: usize, deviations: usize, merges: bool) -> PublisherCheck<AnyNumber<u64>> {
    check().tree(events, deviations, merges).schedules_at_most(TREE_AT_MOST)
}

async fn publish(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), Vec<(u64, String)>> {
    Publisher::with_client(Client::new(&eventbridge.sdk_config())).publish(orders).await
}

fn search(check: PublisherCheck<AnyNumber<u64>>) -> PublisherReport {
    let report = check.run(async |eventbridge, orders| publish(eventbridge, orders).await);
    report.assert_well_behaved();
    report
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn took(check: PublisherCheck<AnyNumber<u64>>) -> (Duration, usize) {
    let began = Instant::now();
    let schedules = search(check).schedules();
    (began.elapsed(), schedules)
}

/// How many schedules were run, and how many requests were made in them.
fn counted(check: PublisherCheck<AnyNumber<u64>>) -> (usize, usize) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let report = check.run(async move |eventbridge, orders| {
        let said = publish(eventbridge, orders).await;
        counter.fetch_add(eventbridge.journal().attempts().len(), Relaxed);
        said
    });
    (report.schedules(), requests.load(Relaxed))
}

fn size(deviations: usize, merges: bool) -> String {
    let (time, schedules) = took(tree(EVENTS, deviations, merges));
    let more = if schedules >= TREE_AT_MOST { "more than " } else { "" };
    format!("{more}{schedules} ({:.1} s)", time.as_secs_f64())
}

/// What a test without a search would do, so many times.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn bare_runs() -> Duration {
    let began = Instant::now();
    for _ in 0..BARE_RUNS {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let eventbridge = MockEventBridge::in_process();
            publish(&eventbridge, (0..EVENTS as u64).collect()).await.expect("all are accepted");
        });
    }
    began.elapsed()
}

fn fastest(mut round: impl FnMut() -> (Duration, usize)) -> (Duration, usize) {
    (0..ROUNDS).map(|_| round()).min().expect("a round")
}

fn per_second((time, schedules): (Duration, usize)) -> f64 {
    schedules as f64 / time.as_secs_f64()
}
