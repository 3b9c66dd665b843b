//! A zoo of publishers with the real AWS SDK, correct ones and ones with one bug each, and the search that tells them apart.
//!
//! What the whole zoo takes is too much for each test run: here each search is bounded. `ZOO=standard` and `ZOO=thorough`
//! search without that bound, best with `--release`.

mod correct;
mod delivery;
mod few_runs;
mod order;
mod wrong;
mod zoo;

use std::collections::BTreeSet;
use std::path::Path;

use aws_sdk_eventbridge::Client;
use order::{Order, orders};
use putevents_mock::PublisherCheck;
use putevents_mock::expect::Reported;
use putevents_mock::publisher_check::{AnyNumber, BrokenRule, Judge, PublisherReport};
use zoo::{CORRECT, MISJUDGED, Resident, WRONG};

/// So many schedules show each bug.
const ENOUGH: usize = 2_000;
/// And so many of a correct publisher are run each time.
const FEW: usize = 300;

type Check = PublisherCheck<AnyNumber<Order>>;

/// Unbounded where the whole zoo is wanted.
fn check(resident: &Resident) -> Check {
    let check =
        PublisherCheck::of(orders).identified_by("/orderId").keeping_nothing().sized(|mut order: Order, bytes| {
            order.note = "é".repeat(bytes / 2); // Two bytes each.
            order
        });
    let check = if resident.keeps_order { check.keeps_order_by("/customer") } else { check };
    let check = if resident.hedges { check.without(Judge::TwiceAtOnce, "it hedges") } else { check };
    match std::env::var("ZOO").as_deref() {
        Ok("standard") => check,
        Ok("thorough") => check.thorough(),
        _ => check.schedules_at_most(ENOUGH),
    }
}

fn run(check: Check, resident: &Resident) -> PublisherReport {
    let publish = resident.publish;
    check.run(async move |eventbridge, orders| {
        Reported::from(publish(Client::new(&eventbridge.sdk_config()), orders).await)
    })
}

/// One line of what was found.
fn findings(report: &PublisherReport) -> String {
    report
        .broken()
        .map(|broken| format!("{} {}", broken.judge().name(), broken.schedule()))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn no_correct_publisher_is_accused() {
    let mut accused = Vec::new();
    for resident in CORRECT {
        let check = check(resident);
        let check = if std::env::var_os("ZOO").is_none() { check.schedules_at_most(FEW) } else { check };
        let report = run(check, resident);
        println!("{}: {} schedules {}", resident.name, report.schedules(), findings(&report));
        if let Err(misbehaviour) = report.check_well_behaved() {
            accused.push(format!("{}: {misbehaviour}", resident.name));
        }
    }
    assert!(accused.is_empty(), "{}", accused.join("\n\n"));
}

#[test]
fn what_was_once_taken_for_a_mistake_is_none() {
    for (name, schedule) in MISJUDGED {
        let resident = CORRECT.iter().find(|resident| resident.name == *name).unwrap();
        run(check(resident).replay(*schedule), resident).assert_well_behaved();
    }
}

#[test]
fn every_bug_is_found_by_the_judge_that_is_meant_for_it_with_the_smallest_schedule() {
    let mut wrong = Vec::new();
    for resident in WRONG {
        let Some(judge) = resident.judge else { panic!("{} has no judge", resident.name) };
        // Answers that break the rules of the service are only tried where it is thorough.
        let is_malformed = ["S", "N"].contains(&resident.schedule);
        let check = if is_malformed { check(resident).thorough() } else { check(resident) };
        let report = run(check.until(judge), resident);
        let found = report.broken().find(|broken| broken.judge() == judge);
        println!("{}: {} schedules {}", resident.name, report.schedules(), findings(&report));
        if found.as_ref().map(BrokenRule::schedule) != Some(resident.schedule) {
            wrong.push(format!(
                "{}: {:?} {} expected, {}",
                resident.name,
                resident.judge,
                resident.schedule,
                findings(&report)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn without_its_judge_a_bug_is_not_found_by_it() {
    for judge in Judge::ALL.iter().copied() {
        let meant = |resident: &&Resident| resident.judge == Some(judge) && resident.schedule.len() <= 5;
        let resident = WRONG.iter().find(meant).unwrap_or_else(|| panic!("no publisher is there for {judge:?}"));
        let with = run(check(resident).replay(resident.schedule), resident);
        assert!(with.broken().any(|broken| broken.judge() == judge), "{}: {with}", resident.name);
        let without = run(check(resident).replay(resident.schedule).without(judge, "a test of the judge"), resident);
        assert!(without.broken().all(|broken| broken.judge() != judge), "{}: {without}", resident.name);
    }
}

#[test]
fn each_publisher_lives_in_a_file_that_says_what_it_does_and_does_not_know_the_mock() {
    for (folder, residents) in [("correct", CORRECT), ("wrong", WRONG)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/publishers").join(folder);
        let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let files: BTreeSet<String> = files.filter(|file| file != "mod.rs").collect();
        assert_eq!(files, residents.iter().map(|resident| format!("{}.rs", resident.name)).collect());
        for file in files {
            let text = std::fs::read_to_string(folder.join(&file)).unwrap();
            assert!(text.starts_with("//! ") && !text.contains("mock"), "{file}");
        }
    }
}
