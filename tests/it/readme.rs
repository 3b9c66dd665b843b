//! The README keeps what it says. Its code is tested as documentation.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::{Engine, Scenario};

use crate::support::{Bench, entries, order, put_events};

const README: &str = include_str!("../../README.md");
const CI: &str = include_str!("../../.ci/run");

const SERVER: &str = include_str!("../../docs/stand-alone-server.md");

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    blocks_of(README, language)
}

fn blocks_of(text: &'static str, language: &str) -> Vec<&'static str> {
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix(language)?.split_once('\n')).map(|(_, text)| text).collect()
}

#[test]
fn the_first_test_has_at_most_25_lines() {
    let first = blocks("rust")[0];
    assert!(first.contains("#[tokio::test]"));
    assert!(first.lines().count() <= 25, "{first}");
}

#[test]
fn ci_runs_the_readmes_test_command() {
    let test = blocks("sh").iter().flat_map(|block| block.lines()).find(|line| line.starts_with("cargo test")).unwrap();
    assert!(CI.lines().any(|line| line == test), "{test}");
}

#[test]
fn the_plans_that_are_shown_are_plans() {
    let shown: Vec<Scenario> =
        [README, SERVER].iter().flat_map(|text| blocks_of(text, "json")).map(|plan| plan.parse().unwrap()).collect();
    assert_eq!(shown.len(), 2);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/plans/one-order-fails.json");
    let whole = Scenario::from_file(path).unwrap();
    assert!(shown.iter().all(|scenario| scenario.plan() == whole.plan()));
}

#[test]
fn the_report_that_is_shown_is_the_one_that_is_given() {
    let scenario: Scenario = blocks_of(SERVER, "json")[0].parse().unwrap();
    let mut bench = Bench::new(Engine::new()).with_own_clock();
    for fault in scenario.plan().clone() {
        bench.engine.inject(fault);
    }
    for milliseconds in [3, 51] {
        bench.wait(Duration::from_millis(milliseconds));
        let reply = bench.handle(put_events(entries([1, 2].map(order))));
        bench.answered(&reply);
    }
    let report = bench.journal().check_meets(&scenario).unwrap_err();
    assert_eq!(blocks_of(SERVER, "text")[0], format!("putevents-mock: {report}"));
}
