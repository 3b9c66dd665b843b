//! The search of fault schedules: what it finds, and how it is run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::expect::Reported;
use putevents_mock::publisher_check::{Judge, PublisherReport};
use putevents_mock::{MockEventBridge, PublisherCheck, entry};
use shop::Publisher;

use crate::support::numbered::{client, entry_of, orders};

/// One call for all of them, and no other try.
async fn once(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    let entries = orders.into_iter().map(entry_of).collect();
    let reply = client(eventbridge).put_events().set_entries(Some(entries)).send().await.map_err(|_| ())?;
    if reply.failed_entry_count() == 0 { Ok(()) } else { Err(()) }
}

/// Sends the whole batch again where one entry failed.
async fn resends_all(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    let client = client(eventbridge);
    for _ in 0..4 {
        let entries = orders.iter().copied().map(entry_of).collect();
        let reply = client.put_events().set_entries(Some(entries)).send().await;
        if reply.is_ok_and(|reply| reply.failed_entry_count() == 0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(())
}

fn check() -> PublisherCheck<putevents_mock::publisher_check::AnyNumber<u64>> {
    PublisherCheck::of(orders).identified_by("/orderId").keeping_nothing()
}

fn broken(report: &PublisherReport) -> Vec<(Judge, String)> {
    report.broken().map(|broken| (broken.judge(), broken.schedule().to_owned())).collect()
}

#[test]
fn the_shop_of_the_readme_keeps_all_rules() {
    check()
        .run(async |eventbridge, orders| Publisher::with_client(client(eventbridge)).publish(orders).await)
        .assert_well_behaved();
}

#[test]
fn a_publisher_that_sends_all_again_is_shown_the_smallest_schedule() {
    let report = check().smoke().run(resends_all);
    assert_eq!(broken(&report)[0], (Judge::Resent, "R,A".to_owned()), "{report}");
    report.assert_at_least_once();
    let misbehaviour = report.check_exactly_once_attempted().unwrap_err();
    assert_eq!(misbehaviour.judges(), [Judge::Resent]);
    let text = misbehaviour.to_string();
    let (_, found) = text.split_once("\n\n").unwrap();
    let (found, summary) = found.split_once("\n\n").unwrap();
    // The members of a plan stand in the order that the features of serde_json give them.
    let (found, plan) = found.split_once("   as a plan: ").unwrap();
    assert_eq!(found, include_str!("../../fixtures/search/finding.txt"));
    assert_eq!(plan.parse::<putevents_mock::Plan>().unwrap(), *report.broken().next().unwrap().plan());
    assert_eq!(summary, include_str!("../../fixtures/search/summary.txt"));
}

#[test]
fn schedules_that_failed_are_kept_and_run_first_until_they_pass() {
    let folder = crate::support::directory("schedules");
    let check = || PublisherCheck::of(orders).identified_by("/orderId").named("orders").kept_in(&folder);
    let text = || std::fs::read_to_string(folder.join("orders.txt")).unwrap();
    let report = check().smoke().run(resends_all).to_string();
    assert!(report.contains("orders.txt (they run first from now on)"), "{report}");
    let head = "# Schedules of faults that failed once. They run first. Commit this file.\n";
    let resent = "R,A  # Resent: OrderPlaced 0, first try: ThrottlingException for the entry\n";
    assert!(text().starts_with(&format!("{head}{resent}")), "{}", text());
    // They are run where there is room for nothing else.
    let report = check().smoke().schedules_at_most(4).run(resends_all);
    assert!(broken(&report).contains(&(Judge::Resent, "R,A".to_owned())), "{report}");
    std::fs::write(folder.join("orders.txt"), format!("{head}{resent}Q\n")).unwrap();
    let mended = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        Publisher::with_client(client(eventbridge)).publish(orders).await
    };
    let report = check().smoke().run(mended);
    report.assert_well_behaved();
    let report = report.to_string();
    assert!(report.contains("R,A failed before and passes now: it is no longer kept"), "{report}");
    assert!(report.contains("\"Q\" is not a schedule: the line is kept unchanged"), "{report}");
    assert_eq!(text(), format!("{head}Q\n"));
    std::fs::write(folder.join("orders.txt"), resent).unwrap();
    check().smoke().run(mended).assert_well_behaved();
    assert!(!folder.join("orders.txt").exists());
}

#[test]
fn two_searches_of_the_same_publisher_print_the_same_report() {
    // On one line, for the report names it.
    let [one, other] = [1, 2].map(|threads| check().smoke().threads(threads).run(resends_all).to_string());
    assert_eq!(one, other);
}

#[test]
fn one_schedule_can_be_run_again() {
    let report = check().replay("R,A").run(resends_all);
    assert_eq!(broken(&report), [(Judge::Resent, "R,A".to_owned())]);
    let report = check().replay("A,A").run(resends_all);
    report.assert_well_behaved();
    let text = report.to_string();
    assert!(text.contains("nothing goes wrong"), "{text}");
    assert!(text.contains("#1  +0.000 s  2 entries  all accepted"), "{text}");
}

#[test]
#[should_panic(expected = "the schedule to replay cannot be parsed: \"Q\": 'Q' in \"Q\" is not a letter of a schedule")]
fn what_is_no_schedule_cannot_be_run_again() {
    let _ = check().replay("Q").run(once);
}

#[test]
fn the_faults_of_a_finding_do_the_same_in_a_plain_test() {
    let report = check().smoke().run(resends_all);
    let plan = report.broken().next().unwrap().plan().clone();
    let again: putevents_mock::Plan = plan.to_json().unwrap().to_string().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let eventbridge = MockEventBridge::builder().plan(again).in_process();
        resends_all(&eventbridge, orders(2)).await.unwrap();
        let ledger = eventbridge.journal().ledger().identify_by("/orderId");
        assert!(ledger.check_only_failed_entries_resent().is_err());
    });
}

#[test]
fn a_publisher_that_publishes_its_own_events_is_checked_as_well() {
    let report = PublisherCheck::of_own_events()
        .identified_by("/orderId")
        .smoke()
        .keeping_nothing()
        .run(async |eventbridge| resends_all(eventbridge, orders(2)).await);
    assert_eq!(broken(&report)[0], (Judge::Resent, "R".to_owned()), "{report}");
    let text = report.to_string();
    assert!(text.contains("let the check choose how many events there are: PublisherCheck::of(events)"), "{text}");
}

#[test]
fn a_publisher_that_publishes_nothing_is_no_pass() {
    let report = check().run(async |_, _| Ok::<(), ()>(()));
    let text = report.check_well_behaved().unwrap_err().to_string();
    assert!(
        text.contains(
            "judged too little: no event was published in the run without faults. Does the publisher use the client that it was \
             given, and does the closure await it?"
        ),
        "{text}"
    );
}

#[test]
fn a_publisher_that_tries_for_ever_without_a_pause_is_stopped() {
    let report =
        check().smoke().run(async |eventbridge, orders| while once(eventbridge, orders.clone()).await.is_err() {});
    let found = broken(&report);
    assert!(
        found.contains(&(Judge::Endless, "R*,A".to_owned())) || found.iter().any(|(judge, _)| *judge == Judge::Endless),
        "{report}"
    );
    assert!(report.to_string().contains("the publisher was not done after 300 requests, and was stopped"), "{report}");
}

#[test]
fn a_publisher_that_waits_for_ever_is_stopped() {
    let report = check().smoke().run(async |eventbridge, orders| {
        if once(eventbridge, orders).await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    assert!(broken(&report).iter().any(|(judge, _)| *judge == Judge::Endless), "{report}");
    assert!(report.to_string().contains("the publisher was not done after 3600.000 s, and was stopped"), "{report}");
}

#[test]
fn panics_of_a_publisher_and_of_its_tasks_are_found() {
    let report = check().smoke().run(async |eventbridge, orders| {
        once(eventbridge, orders).await.expect("all is well");
    });
    assert!(report.to_string().contains("the publisher panicked: all is well: () at tests/it/check.rs:"), "{report}");
    let report = check().smoke().run(async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let failed = once(eventbridge, orders).await.is_err();
        let task = tokio::spawn(async move { assert!(!failed, "nobody asks for this") });
        let _ = task.await;
    });
    assert!(report.to_string().contains("the publisher panicked: nobody asks for this at"), "{report}");
}

#[test]
fn what_is_sent_after_the_publisher_is_done_is_found() {
    let report = check().smoke().run(async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let config = eventbridge.sdk_config();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let entries = orders.into_iter().map(entry_of).collect();
            let _ = Client::new(&config).put_events().set_entries(Some(entries)).send().await;
        });
    });
    assert_eq!(broken(&report)[0], (Judge::Late, "A".to_owned()), "{report}");
}

#[test]
fn a_rule_can_be_left_out_with_a_reason() {
    let report = check().smoke().without(Judge::Resent, "consumers take an order once").run(resends_all);
    assert!(broken(&report).iter().all(|(judge, _)| *judge != Judge::Resent), "{report}");
    assert!(report.to_string().contains("without     Resent: consumers take an order once"), "{report}");
}

#[test]
fn shards_are_disjoint_and_together_they_are_the_whole() {
    let schedules = |part: usize, of: usize| {
        let check =
            PublisherCheck::of(orders).identified_by("/orderId").keeping_nothing().smoke().schedules_at_most(10_000);
        check.shard(part, of).run(resends_all).schedules()
    };
    let whole = schedules(1, 1);
    let parts: usize = (1..=3).map(|part| schedules(part, 3)).sum();
    // Each part has the runs without faults, twice for each workload, and looks again at what it has found.
    assert!(parts >= whole && parts <= whole + 2 * (2 * 3 + 40), "{parts} of {whole}");
}

#[test]
fn what_a_publisher_reports_of_each_event_is_held_against_what_happened() {
    let report = check().smoke().run(async |eventbridge, orders| {
        let order = |id: &u64| entry().detail_at("/orderId", *id);
        let _ = once(eventbridge, orders.clone()).await;
        Reported::published(orders.iter().map(order).collect::<Vec<_>>())
    });
    assert!(broken(&report).contains(&(Judge::Lost, "R".to_owned())), "{report}");
}

#[test]
fn a_publisher_is_run_over_sockets_on_real_time() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let report = check().smoke().over_socket().schedules_at_most(12).run(async move |eventbridge, orders| {
        counted.fetch_add(1, Relaxed);
        let config = eventbridge.sdk_config().into_builder();
        let config = config.http_client(aws_smithy_http_client::Builder::new().build_http()).build();
        let entries: Vec<PutEventsRequestEntry> = Vec::<u64>::into_iter(orders).map(entry_of).collect();
        let reply = Client::new(&config).put_events().set_entries(Some(entries)).send().await.map_err(drop)?;
        if reply.failed_entry_count() == 0 { Ok(()) } else { Err(()) }
    });
    assert_eq!(broken(&report)[0].0, Judge::GivenUpEarly, "{report}");
    assert!(runs.load(Relaxed) >= 12);
}
