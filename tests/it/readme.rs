//! The README keeps what it says. Its code is tested as documentation.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::{Engine, EntryError, Fault, Plan, RequestError, entry};
use serde_json::Value;

use crate::support::{Bench, entries, order, put_events};

const README: &str = include_str!("../../README.md");
const LIB: &str = include_str!("../../src/lib.rs");

const PLANS: &str = include_str!("../../docs/plans.md");
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
fn the_first_report_that_is_shown_is_the_one_that_is_given() {
    let mut bench = Bench::default().with_own_clock();
    bench.engine.inject(Fault::request(RequestError::internal_exception()).times(1));
    bench.engine.inject(Fault::entry(EntryError::throttling()).at_index(1).times(1));
    for milliseconds in [3, 50, 43] {
        bench.wait(Duration::from_millis(milliseconds));
        let reply = bench.handle(put_events(entries([1, 2, 3].map(order))));
        bench.answered(&reply);
    }
    let expected = [1, 2, 3].map(|id| entry().detail_at("/orderId", id));
    let report = bench.journal().published().check_exactly(expected).unwrap_err();
    assert_eq!(blocks("text")[0], report.to_string());
    let crate_page: Vec<&str> = LIB.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let shown: Vec<&str> = crate_page.into_iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    assert!(shown.join("\n").contains(&report.to_string()), "the crate page shows another report than the README");
    // The test needs the crate `shop`, which a package cannot name, so the README's copy is the one that runs.
    assert!(shown.join("\n").contains(blocks("rust")[0]), "the crate page shows another test than the README");
}

#[test]
fn the_plans_that_are_shown_are_plans() {
    let shown: Vec<Plan> =
        [README, SERVER].iter().flat_map(|text| blocks_of(text, "json")).map(|plan| plan.parse().unwrap()).collect();
    assert_eq!(shown.len(), 2);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/plans/one-order-fails.json");
    let whole = Plan::from_file(path).unwrap();
    assert!(shown.iter().all(|scenario| scenario.seed() == whole.seed() && scenario.faults() == whole.faults()));
}

#[cfg(feature = "check")]
#[test]
fn the_guide_lists_every_rule_with_its_sentence() {
    let guide = include_str!("../../docs/check-a-publisher.md");
    let table = guide.split_once("## The rules").unwrap().1.split_once("\n\nThe documentation").unwrap().0;
    let rows: Vec<String> = table.lines().skip(4).map(str::to_owned).collect();
    let judges = putevents_mock::publisher_check::Judge::ALL.iter();
    let expected: Vec<String> = judges.map(|judge| format!("| `{}` | {} |", judge.name(), judge.rule())).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_report_that_is_shown_is_the_one_that_is_given() {
    let scenario: Plan = blocks_of(SERVER, "json")[0].parse().unwrap();
    let mut bench = Bench::new(Engine::new()).with_own_clock();
    for fault in scenario.clone() {
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

#[test]
fn the_page_on_plans_names_whatever_a_plan_can_say() {
    let whole: Plan = blocks_of(PLANS, "json")[0].parse().unwrap();
    assert_eq!((whole.faults().len(), whole.expectations().len()), (4, 3));
    let schema: Value = serde_json::from_str(include_str!("../../fixtures/fault-plan.schema.json")).unwrap();
    let mut names = Vec::new();
    collect_names(&schema, &mut names);
    assert!(names.len() > 80, "{names:?}");
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !PLANS.contains(&format!("\"{name}\"")) && !PLANS.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    // What stands in the first column of a table is as a plan has it, once its words are filled in.
    let words = [("ERROR", "\"ThrottlingException\""), ("MATCHER", "{}"), ("REPORT", "\"allPublished\"")];
    let examples =
        PLANS.lines().filter_map(|line| line.strip_prefix("| `\"")?.split_once("` | ")).map(|(example, _)| example);
    for example in examples.flat_map(|cell| format!("\"{cell}").split("`, `").map(str::to_owned).collect::<Vec<_>>()) {
        let filled = words.iter().fold(example.clone(), |text, (word, value)| text.replace(word, value));
        let Ok(members) = format!("{{{filled}}}").parse::<Value>() else {
            assert!(!example.contains(": "), "{example}");
            continue;
        };
        let name = members.as_object().unwrap().keys().next().unwrap().clone();
        let with = |key: &str, rest: &str| format!(r#"{{"{key}":[{{{filled}{rest}}}]}}"#);
        let in_matcher = format!(r#"{{"faults":[{{"lostReply":true,"matching":{{{filled}}}}}]}}"#);
        let rest_of_condition = match name.as_str() {
            "afterAcceptance" | "onOperation" => r#","reset":true"#,
            "probability" | "matching" | "onAttempt" | "onTry" | "lasting" | "after" | "every" | "times"
            | "atIndex" => r#","entry":"InternalFailure""#,
            _ => "",
        };
        let at_the_top = format!("{{{filled}}}");
        let forms = [with("faults", rest_of_condition), with("expect", ""), in_matcher, at_the_top];
        let needs_more = name == "detailsConform" && !cfg!(feature = "json-schema");
        assert!(needs_more || forms.iter().any(|form| form.parse::<Plan>().is_ok()), "{example}: {forms:?}");
    }
}

/// The members and the words that the schema knows.
fn collect_names(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => {
                        names.extend(properties.keys().filter(|name| *name != "$schema").cloned());
                        properties.values().for_each(|property| collect_names(property, names));
                    }
                    _ => collect_names(value, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        _ => {}
    }
}
