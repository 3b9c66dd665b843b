//! How a search is bounded, repeated and run again, and what it says of itself.

use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use pretty_assertions::assert_eq;
use putevents_mock::publisher_check::{AnyNumber, Judge, PublisherReport};
use putevents_mock::{MockEventBridge, PublisherCheck};
use shop::Publisher;
use tokio::task::JoinSet;

use crate::support::child;
use crate::support::numbered::{client, entry_of, orders};

type Check = PublisherCheck<AnyNumber<u64>>;

fn check() -> Check {
    PublisherCheck::of(orders).identified_by("/orderId").keeping_nothing()
}

async fn put(client: &Client, orders: &[u64]) -> Result<(), ()> {
    let entries = orders.iter().copied().map(entry_of).collect();
    let reply = client.put_events().set_entries(Some(entries)).send().await.map_err(drop)?;
    if reply.failed_entry_count() == 0 { Ok(()) } else { Err(()) }
}

/// Sends a whole batch again where one entry of it failed.
async fn resend(client: Client, orders: Vec<u64>) -> Result<(), ()> {
    for _ in 0..3 {
        if put(&client, &orders).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(())
}

async fn resends_all(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    resend(client(eventbridge), orders).await
}

async fn shop(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    Publisher::with_client(client(eventbridge)).publish(orders).await.map_err(drop)
}

/// Sends batches of two at the same time.
async fn concurrent(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    let mut batches = JoinSet::new();
    for batch in orders.chunks(2) {
        batches.spawn(resend(client(eventbridge), batch.to_vec()));
    }
    let mut result = Ok(());
    while let Some(of_batch) = batches.join_next().await {
        result = result.and(of_batch.unwrap_or(Err(())));
    }
    result
}

fn broken(report: &PublisherReport) -> Vec<(Judge, String)> {
    report.broken().map(|broken| (broken.judge(), broken.schedule().to_owned())).collect()
}

#[test]
fn two_searches_of_a_concurrent_publisher_print_the_same_report_on_any_number_of_threads() {
    // On one line, for the report names it.
    let search = |threads| check().schedules_at_most(400).threads(threads).run(concurrent).to_string();
    let first = search(1);
    assert!(first.contains("Resent: only entries that failed are sent again"), "{first}");
    for threads in [1, 2, 4] {
        assert_eq!(search(threads), first);
    }
}

#[test]
fn a_seed_gives_the_same_report_again_and_another_one_gives_another() {
    let search = |seed| check().random(seed, 30).run(resends_all).to_string();
    let first = search(5);
    assert!(first.contains("; 30 at random\n"), "{first}");
    assert_eq!(search(5), first);
    assert_ne!(search(6), first);
}

#[test]
fn a_search_can_end_with_the_rule_that_it_is_asked_for() {
    let whole = check().schedules_at_most(400).run(resends_all);
    let until = check().schedules_at_most(400).until(Judge::Resent).run(resends_all);
    assert!(broken(&until).contains(&(Judge::Resent, "R,A".to_owned())), "{until}");
    assert!(until.schedules() < whole.schedules(), "{} of {}", until.schedules(), whole.schedules());
}

#[test]
fn what_a_budget_leaves_out_stands_in_the_report_in_numbers() {
    // Three workloads twice without faults, a look for time-outs, and then three of seventeen.
    let report = check().schedules_at_most(20).run(shop);
    let text = report.to_string();
    let left = text.lines().find(|line| line.starts_with("left out")).unwrap();
    let (first, others) = left.split_once("; ").unwrap();
    let numbers: Vec<usize> = first.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(numbers[0] < numbers[1], "{left}");
    assert!(others.starts_with("all of ") && others.ends_with(": the budget was used up"), "{left}");
    report.assert_well_behaved();
}

#[test]
fn a_search_without_time_is_no_pass() {
    let report = check().for_at_most(Duration::ZERO).run(shop);
    assert_eq!(report.schedules(), 0);
    let text = report.check_well_behaved().unwrap_err().to_string();
    assert!(text.contains("judged too little: nothing was run, because the budget allows no run"), "{text}");
    let report = check().schedules_at_most(0).run(shop);
    let text = report.check_at_least_once().unwrap_err().to_string();
    assert!(text.contains("judged too little: nothing was run, because the budget allows no run"), "{text}");
}

#[test]
fn each_finding_has_a_page_of_its_own() {
    let folder = crate::support::directory("findings").join("pages");
    let report = check().smoke().run(resends_all);
    report.write_html(&folder, "orders").unwrap();
    let found = broken(&report).len();
    assert!(found > 0);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), found);
    let page = std::fs::read_to_string(folder.join("orders-1.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("ThrottlingException"), "{page}");
    // A file stands where the folder should be.
    assert!(report.write_html(folder.join("orders-1.html"), "orders").is_err());
}

/// A search in a process of its own, for the next tests.
#[test]
#[ignore = "other tests run it, with environment variables"]
fn it_searches() {
    if child::is_child() {
        let check = PublisherCheck::of(orders).identified_by("/orderId");
        eprintln!("{}", check.smoke().run(resends_all));
    }
}

/// What the search prints with these variables, as a test of a crate in this folder.
fn search_with(folder: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = child::command("searches::it_searches", "only");
    command.env("CARGO_MANIFEST_DIR", folder).env_remove("CI").env_remove("PUTEVENTS_MOCK_SCHEDULE");
    let Output { stderr, stdout, .. } = command.envs(variables.iter().copied()).output().unwrap();
    assert!(String::from_utf8_lossy(&stdout).contains("running 1 test"));
    String::from_utf8(stderr).unwrap()
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_variable_runs_one_schedule_again_and_keeps_nothing() {
    let folder = crate::support::directory("replay");
    let report = search_with(&folder, &[("PUTEVENTS_MOCK_SCHEDULE", "A,R")]);
    assert!(report.contains("breaks 1 rule of 14"), "{report}");
    assert!(report.contains("\n   A,R  OrderPlaced 1, first try: ThrottlingException for the entry\n"), "{report}");
    assert!(!report.contains("searched"), "{report}");
    let report = search_with(&folder, &[("PUTEVENTS_MOCK_SCHEDULE", "Q")]);
    assert!(
        report.contains("the schedule to replay cannot be parsed: \"Q\": 'Q' in \"Q\" is not a letter"),
        "{report}"
    );
    assert!(is_empty(&folder));
    // An empty one is none.
    let report = search_with(&folder, &[("PUTEVENTS_MOCK_SCHEDULE", "")]);
    assert!(report.contains("searched"), "{report}");
}

#[test]
fn schedules_that_failed_stand_beside_the_manifest_under_the_name_of_the_test() {
    let folder = crate::support::directory("manifest");
    let report = search_with(&folder, &[]);
    let file = folder.join("putevents-mock-schedules").join("searches.it_searches.txt");
    assert!(report.contains(&format!("schedules   {} (they run first from now on)\n", file.display())), "{report}");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("\nR,A  # Resent: OrderPlaced 0, first try: ThrottlingException for the entry\n"), "{text}");
}

/// The report of a search without the place of the test in it.
fn without_place(report: &PublisherReport) -> String {
    let text = report.to_string();
    let (before, rest) = text.split_once("tests/it/").unwrap();
    let (_, after) = rest.split_once(' ').unwrap();
    format!("{before}TEST {after}")
}

/// The report is the one in the fixture of this name. `BLESS=1` writes it anew.
fn assert_is(report: &PublisherReport, fixture: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/search").join(format!("{fixture}.txt"));
    let text = without_place(report);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
}

#[test]
fn a_search_that_passes_says_what_it_has_searched() {
    let report = check().smoke().threads(2).run(shop);
    assert_is(&report, "passing");
}

#[test]
fn a_publisher_that_differs_from_run_to_run_is_told_of() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let fickle = async |eventbridge: &MockEventBridge, mut orders: Vec<u64>| {
        if RUNS.fetch_add(1, Relaxed) % 2 == 1 {
            orders.reverse();
        }
        shop(eventbridge, orders).await
    };
    let report = check().threads(1).schedules_at_most(8).run(fickle);
    assert_is(&report, "nondeterministic");
}

#[test]
fn a_schedule_that_the_publisher_does_not_reach_is_no_pass() {
    let report = check().replay("A,..R").run(shop);
    let text = report.check_well_behaved().unwrap_err().to_string();
    assert_eq!(text, report.to_string());
    assert_is(&report, "unreached");
}

#[test]
fn events_that_differ_from_run_to_run_are_no_pass() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let renumbers = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let run = RUNS.fetch_add(1, Relaxed) as u64 * 100;
        let orders: Vec<u64> = orders.into_iter().map(|order| order + run).collect();
        put(&client(eventbridge), &orders).await
    };
    let report = PublisherCheck::of(orders).keeping_nothing().smoke().threads(1).run(renumbers);
    assert_is(&report, "inconclusive");
}
