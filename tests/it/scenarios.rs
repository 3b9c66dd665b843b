//! Expectations as data: they ask what the methods ask, and give the same reports.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::__private::rows::{self, Row};
use putevents_mock::expect::{Alike, Backoff, LintRule, Reported};
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, Journal, Limits, Mismatch, Plan, entry};
use serde_json::{Value, json};

use crate::support::{Bench, entries, order, put_events, with};

/// Order 2 fails once and the whole batch is sent again; order 3 fails for good and is sent again all the same; each try has
/// a `Time` of its own; somebody
/// asks for another operation, and one fault never applies.
fn a_bad_day() -> Journal {
    let mut engine = Engine::new();
    engine.inject(Fault::entry(EntryError::throttling()).matching(is_order(2)).times(1));
    engine.inject(Fault::entry(EntryError::malformed_detail()).matching(is_order(3)));
    engine.inject(Fault::lost_reply().on_attempt(99));
    let mut bench = Bench::new(engine);
    for (time, batch) in (1..).zip([&[1, 2][..], &[1, 2], &[3], &[3], &[2, 4]]) {
        let orders = batch.iter().map(|id| with(order(*id), "Time", time));
        let reply = bench.handle(put_events(entries(orders)));
        bench.answered(&reply);
    }
    bench.handle(http::Request::get("/").body("".into()).unwrap());
    bench.journal()
}

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

/// The same as data.
fn json_order(id: u64) -> Value {
    json!({ "detailType": "OrderPlaced", "detail": { "/orderId": id } })
}

fn scenario(expect: Value) -> Result<Plan, String> {
    let parsed = json!({ "expect": [expect] }).to_string().parse();
    parsed.map_err(|error: putevents_mock::files::PlanError| error.to_string())
}

fn schema() -> jsonschema::Validator {
    let schema = serde_json::from_str(include_str!("../../fixtures/fault-plan.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// Each assertion as data, and what its method says. All of them fail here.
fn cases(journal: &Journal) -> Vec<(Value, Result<(), Mismatch>)> {
    let (published, ledger) = (journal.published(), journal.ledger());
    let orders = || [1, 2, 3].map(is_order);
    let json_orders = || [1, 2, 3].map(json_order);
    let expecting = || ledger.clone().expecting(orders());
    let ms = Duration::from_millis;
    vec![
        (json!({ "everyFaultFired": true }), journal.check_every_fault_fired()),
        (json!({ "noProblems": true }), journal.check_no_problems()),
        (json!({ "publishedExactly": json_orders() }), published.check_exactly(orders())),
        (json!({ "publishedInOrder": json_orders() }), published.check_in_order(orders())),
        (json!({ "publishedContain": json_orders() }), published.check_contain(orders())),
        (json!({ "publishedCount": 1 }), published.check_count(1)),
        (
            json!({ "publishedCount": 9, "matching": json_order(1), "onBus": "default" }),
            published.on_bus("default").matching(is_order(1)).check_count(9),
        ),
        (json!({ "publishedNoneMatch": json_order(1) }), published.check_none_match(is_order(1))),
        (json!({ "atLeastOnce": true, "expecting": json_orders() }), expecting().check_at_least_once()),
        (json!({ "exactlyOnce": true, "expecting": json_orders() }), expecting().check_exactly_once()),
        (
            json!({ "exactlyOnce": true, "identifyBy": "/orderId", "matching": json_order(2) }),
            ledger.clone().identify_by("/orderId").matching(is_order(2)).check_exactly_once(),
        ),
        (
            json!({ "noneLost": true, "expecting": [json_order(7)] }),
            ledger.clone().expecting([is_order(7)]).check_none_lost(),
        ),
        (json!({ "noDuplicates": true }), ledger.check_no_duplicates()),
        (json!({ "onlyFailedEntriesResent": true }), ledger.check_only_failed_entries_resent()),
        (json!({ "permanentErrorsNotRetried": true }), ledger.check_permanent_errors_not_retried()),
        (json!({ "triesAtMost": 1 }), ledger.check_tries_at_most(1)),
        (
            json!({ "orderKept": true, "expecting": [json_order(4), json_order(1)] }),
            ledger.clone().expecting([4, 1].map(is_order)).check_order_kept(),
        ),
        (
            json!({ "orderKeptPer": "/customerId", "expecting": [json_order(4), json_order(1)] }),
            ledger.clone().expecting([4, 1].map(is_order)).check_order_kept_per("/customerId"),
        ),
        (
            json!({
                "backoff": { "atLeastMs": 2_000, "atMostMs": 10, "inAllAtMostMs": 0.5, "growing": true, "jittered": true }
            }),
            ledger.check_backoff(
                Backoff::new()
                    .at_least(ms(2_000))
                    .at_most(ms(10))
                    .in_all_at_most(Duration::from_micros(500))
                    .growing()
                    .jittered(),
            ),
        ),
        (json!({ "triesAlike": true }), ledger.check_tries_alike(Alike::new())),
        (
            json!({ "triesAlike": { "except": ["/orderId"] }, "identifyBy": "/orderId" }),
            ledger.clone().identify_by("/orderId").check_tries_alike(Alike::new().except_detail_at("/orderId")),
        ),
        (json!({ "reported": "allPublished" }), ledger.check_reported(Reported::all_published())),
        (
            json!({ "reported": { "published": [json_order(3)], "failed": [json_order(1)] } }),
            ledger.check_reported(Reported::published([is_order(3)]).failed([is_order(1)])),
        ),
        (
            json!({ "reported": { "counts": { "published": 9, "failed": 1 } } }),
            ledger.check_reported(Reported::counts(9, 1)),
        ),
        (json!({ "batchesFull": "current" }), journal.check_batches_full(Limits::current())),
        (json!({ "inFlightAtMost": 0 }), journal.check_in_flight_at_most(0)),
        (json!({ "lintClean": true }), journal.lint().check_clean()),
        (
            json!({ "lintClean": { "without": ["acceptedEntryResent"] } }),
            journal.lint().without(LintRule::AcceptedEntryResent).check_clean(),
        ),
        #[cfg(feature = "json-schema")]
        (
            json!({ "detailsConform": { "detailType": "OrderPlaced", "schema": { "required": ["total"] } } }),
            published.check_details_conform("OrderPlaced", &json!({ "required": ["total"] })),
        ),
    ]
}

#[test]
fn an_expectation_gives_the_report_of_its_assertion() {
    let journal = a_bad_day();
    let schema = schema();
    for (json, by_method) in cases(&journal) {
        let scenario = scenario(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"));
        let expectation = &scenario.expectations()[0];
        assert_eq!(expectation.check(&journal), by_method, "{json}");
        assert!(by_method.is_err(), "{json} is met");
        assert_eq!(expectation.as_json(), &json);
        assert!(schema.is_valid(&json!({ "expect": [json] })), "the schema refuses {json}");
    }
}

#[test]
fn an_expectation_that_is_met_says_nothing() {
    let mut bench = Bench::default();
    bench.put([1, 2].map(order));
    let journal = bench.journal();
    let both = || json!([json_order(1), json_order(2)]);
    let expect = json!([
        { "everyFaultFired": true },
        { "noProblems": true },
        { "publishedExactly": both() },
        { "publishedInOrder": both() },
        { "publishedContain": [json_order(2)] },
        { "publishedCount": 1, "matching": json_order(1) },
        { "publishedCount": 0, "onBus": "other" },
        { "publishedNoneMatch": json_order(3) },
        { "exactlyOnce": true, "expecting": both() },
        { "noneLost": true },
        { "triesAtMost": 1 },
        { "orderKept": true },
        { "reported": { "counts": { "published": 2, "failed": 0 } } },
        { "batchesWithin": "before-2026" },
        { "inFlightAtMost": 1 },
        { "lintClean": true },
    ]);
    let scenario: Plan = json!({ "expect": expect }).to_string().parse().unwrap();
    journal.assert_meets(&scenario);
}

#[test]
fn every_assertion_can_be_written_as_data() {
    let as_data = rows::expected_assertions();
    for assertion in rows::assertions() {
        // The one that asks for all expectations of a plan.
        let is_about_plans = assertion == ("Journal", "assert_meets");
        assert!(is_about_plans || as_data.contains(&assertion), "{assertion:?}");
    }
    for assertion in as_data {
        assert!(rows::assertions().contains(&assertion), "{assertion:?}");
    }
}

#[test]
fn every_expectation_stands_in_the_schema() {
    let schema = schema();
    for Row { name, example } in rows::expectations() {
        let expectation = json!({ name: serde_json::from_str::<Value>(example).unwrap() });
        assert!(schema.is_valid(&json!({ "expect": [expectation] })), "the schema refuses {expectation}");
    }
    let text = include_str!("../../fixtures/fault-plan.schema.json");
    for rule in rows::lint_rules() {
        assert!(text.contains(&format!("\"{rule}\"")), "{rule}");
    }
}

#[test]
fn each_assertion_of_one_object_is_an_expectation_with_the_members_that_it_takes() {
    let plan = json!({ "expect": [
        { "noProblems": true },
        { "everyFaultFired": true, "exactlyOnce": true, "publishedCount": 3, "identifyBy": "/orderId", "matching": { "source": "a" } },
    ] });
    assert!(schema().is_valid(&plan));
    let plan: Plan = plan.to_string().parse().unwrap();
    let single: Vec<String> = plan.expectations().iter().map(ToString::to_string).collect();
    assert_eq!(
        single,
        [
            r#"{"noProblems":true}"#,
            r#"{"publishedCount":3,"matching":{"source":"a"}}"#,
            r#"{"exactlyOnce":true,"matching":{"source":"a"},"identifyBy":"/orderId"}"#,
            r#"{"everyFaultFired":true}"#,
        ]
    );
    // Written and read again, each is an object of its own, and means the same.
    let written = plan.to_json().unwrap();
    assert_eq!(written["expect"].as_array().unwrap().len(), 4);
    assert_eq!(written.to_string().parse::<Plan>().unwrap(), plan);
}

#[test]
fn a_report_names_each_unmet_assertion_by_the_place_of_its_object() {
    let plan =
        r#"{ "expect": [{ "noProblems": true }, { "publishedCount": 1, "triesAtMost": 1, "exactlyOnce": true }] }"#;
    let plan: Plan = plan.parse().unwrap();
    let mut bench = Bench::default();
    bench.put([order(1)]);
    bench.put([order(1)]);
    let mismatch = bench.journal().check_meets(&plan).unwrap_err();
    let report = mismatch.to_string();
    let headings: Vec<&str> = report.lines().filter(|line| line.starts_with("expect[")).collect();
    assert_eq!(
        headings,
        [r#"expect[1]: {"publishedCount":1}"#, r#"expect[1]: {"exactlyOnce":true}"#, r#"expect[1]: {"triesAtMost":1}"#]
    );
    let indices: Vec<usize> = mismatch.unmet().iter().map(|(index, _)| *index).collect();
    assert_eq!(indices, [1, 2, 3]);
}

#[test]
fn a_bad_expectation_is_told_what_is_wrong_and_where() {
    let cases = [
        (json!(5), "expect[0]: 5 is not an expectation: write an object"),
        (
            json!({ "noneLst": true }),
            "expect[0]: \"noneLst\" is not known here: did you mean \"noneLost\"? Write one of publishedExactly",
        ),
        (json!({ "matching": {} }), "expect[0]: nothing is expected: write one of publishedExactly"),
        (json!({}), "expect[0]: nothing is expected: write one of publishedExactly, publishedInOrder"),
        (
            json!({ "exactlyOnce": true, "everyFaultFired": true, "onBus": "x" }),
            "expect[0]: \"onBus\" is not known here; write one of exactlyOnce, matching, expecting, identifyBy, everyFaultFired",
        ),
        (json!({ "exactlyOnce": false }), "expect[0].exactlyOnce: false is not true; write true, or leave it out"),
        (
            json!({ "exactlyOnce": true, "onBus": "x" }),
            "expect[0]: \"onBus\" is not known here; write one of exactlyOnce, matching, expecting, identifyBy",
        ),
        (
            json!({ "noProblems": true, "matching": {} }),
            "expect[0]: \"matching\" is not known here; write one of noProblems",
        ),
        (
            json!({ "exactlyOnce": true, "identifyBy": "id" }),
            "expect[0].identifyBy: a JSON pointer begins with a slash: write \"/id\" instead of \"id\"",
        ),
        (json!({ "orderKeptPer": "id" }), "expect[0].orderKeptPer: a JSON pointer begins with a slash"),
        (json!({ "publishedCount": -1 }), "expect[0].publishedCount: -1 is not a whole number from 0 up"),
        (
            json!({ "publishedExactly": [{}, { "sorce": "x" }] }),
            "expect[0].publishedExactly[1]: \"sorce\" is not known here",
        ),
        (
            json!({ "batchesWithin": "2026" }),
            "expect[0].batchesWithin: \"2026\" is not the name of limits; write one of current, before-2026, none",
        ),
        (
            json!({ "backoff": { "atLeast": 1 } }),
            "expect[0].backoff: \"atLeast\" is not known here: did you mean \"atLeastMs\"? Write one of atLeastMs",
        ),
        (json!({ "backoff": { "atLeastMs": -1 } }), "expect[0].backoff.atLeastMs: -1 is not a number of milliseconds"),
        (
            json!({ "reported": true }),
            "expect[0].reported: true is not \"allPublished\", \"someFailed\", {\"published\"",
        ),
        (json!({ "reported": { "failed": [] } }), "expect[0].reported: there is no \"published\""),
        (
            json!({ "reported": { "counts": { "published": 1, "failed": 0 }, "failed": [] } }),
            "expect[0].reported: \"failed\" is not known here; write one of counts",
        ),
        (
            json!({ "lintClean": { "without": ["odd"] } }),
            "expect[0].lintClean.without[0]: \"odd\" is not a rule; write one of",
        ),
    ];
    let schema = schema();
    for (expect, expected) in cases {
        let error = scenario(expect.clone()).unwrap_err();
        assert!(error.starts_with(expected), "{expect}\n  {error}\n  {expected}");
        assert!(!schema.is_valid(&json!({ "expect": [expect] })), "the schema allows {expect}");
    }
}

#[test]
fn details_conform_to_a_schema_where_that_is_built_in() {
    let asked = scenario(json!({ "detailsConform": { "detailType": "OrderPlaced", "schema": { "type": 5 } } }));
    let error = asked.unwrap_err();
    if cfg!(feature = "json-schema") {
        assert!(error.starts_with("expect[0].detailsConform.schema: this is not a JSON Schema: "), "{error}");
    } else {
        assert_eq!(
            error,
            "expect[0].detailsConform.schema: this program was built without the feature json-schema: build it with that feature"
        );
    }
}

#[test]
fn a_scenario_is_a_plan_with_expectations_and_a_plan_alone_has_none() {
    let text = r#"{ "seed": 7, "faults": [{ "stall": true }], "expect": [{ "noneLost": true }] }"#;
    let scenario: Plan = text.parse().unwrap();
    assert_eq!((scenario.seed(), scenario.faults()), (Some(7), &[Fault::stall()][..]));
    assert_eq!(scenario.expectations()[0].to_string(), r#"{"noneLost":true}"#);
    let without: Plan = r#"{ "faults": [] }"#.parse().unwrap();
    assert!(without.expectations().is_empty());
    let error = |text: &str| text.parse::<Plan>().unwrap_err().to_string();
    assert_eq!(
        error("{}"),
        "the plan has no faults and no expectations: write \"faults\", \"expect\", or a setting such as \"limits\""
    );
    assert_eq!(
        error(r#"{ "expected": [] }"#),
        "\"expected\" is not known here: did you mean \"expect\"? Write one of seed, faults, expect, limits, \
         knownBuses, strictAuth, account, region, answers, $schema"
    );
    let missing = Plan::from_file("no/such/plan.json").unwrap_err();
    assert!(missing.to_string().starts_with("no/such/plan.json: "), "{missing}");
}

#[test]
fn several_unmet_expectations_share_one_timeline() {
    let text = r#"{ "expect": [
        { "publishedCount": 9, "matching": { "detail": { "/orderId": 1 } } },
        { "noneLost": true },
        { "triesAtMost": 1 }
    ] }"#;
    let mut bench = Bench::default();
    bench.put([order(1)]);
    bench.put([order(1)]);
    let report = bench.journal().check_meets(&text.parse().unwrap()).unwrap_err().to_string();
    assert_eq!(
        report,
        r#"2 expectations are not met

expect[0]: {"publishedCount":9,"matching":{"detail":{"/orderId":1}}}
2 events were published, but 9 were expected

  #1[0]  shop.orders / OrderPlaced {"orderId":1}
  #2[0]  shop.orders / OrderPlaced {"orderId":1}

expect[2]: {"triesAtMost":1}
1 event was tried more than once

  shop.orders / OrderPlaced {"orderId":1}
    was tried twice, from #1[0] to #2[0]

2 attempts, 2 events published
  #1  +0.000 s  1 entry  accepted
  #2  +1.000 s  1 entry  accepted  <- [0] accepted in #1 already
"#
    );
}
