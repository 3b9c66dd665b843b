//! Faults as data: what is written can be read, what is wrong is named with its place, and the schema says the same.

use std::time::Duration;

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::sample::select;
use putevents_mock::__private::rows::{self, Row};
use putevents_mock::fault::{Gate, MalformedReply, Quota};
use putevents_mock::matcher::{one_of, prefix};
use putevents_mock::{EntryError, EntryMatcher, Fault, Limits, Plan, RequestError, entry};
use serde_json::{Value, json};

fn schema() -> jsonschema::Validator {
    let schema = serde_json::from_str(include_str!("../../fixtures/fault-plan.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn read(faults: Value) -> Result<Plan, String> {
    json!({ "faults": faults }).to_string().parse().map_err(|error: putevents_mock::files::PlanError| error.to_string())
}

#[test]
fn a_plan_in_a_file_says_what_the_same_calls_say() {
    let ms = Duration::from_millis;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/plans/bad-afternoon.json");
    let plan = Plan::from_file(path).unwrap();
    assert_eq!(plan.seed(), Some(42));
    assert_eq!(
        plan.faults(),
        [
            Fault::request(RequestError::internal_exception()).on_attempt(1),
            Fault::entry(EntryError::throttling())
                .matching(entry().detail_type("OrderPlaced").detail_at("/orderId", 2))
                .times(2),
            Fault::entries([Some(EntryError::internal_failure()), None, Some(EntryError::internal_failure())])
                .matching(entry().source(prefix("shop."))),
            Fault::lost_reply().after(5).times(0..=1),
            Fault::request(RequestError::service_unavailable().retry_after(ms(250))).with_probability(0.05),
            Fault::quota(Quota::entries_per_second(400.0).burst(800)),
            Fault::latency_percentiles([(50.0, ms(8)), (99.0, ms(120)), (100.0, ms(900))]),
        ]
    );
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(schema().is_valid(&value));
}

#[test]
fn a_bad_plan_is_told_what_is_wrong_and_where() {
    let cases = [
        (json!("x"), "faults: \"x\" is not a list"),
        (json!([5]), "faults[0]: 5 is not a fault: write an object, such as {\"reset\": true}"),
        (
            json!([{ "entry": "Throttled" }]),
            "faults[0].entry: \"Throttled\" is not a documented code: did you mean \"ThrottlingException\"? Write one of Int",
        ),
        (json!([{ "entry": { "code": "X" } }]), "faults[0].entry: there is no \"message\""),
        (
            json!([{ "stall": true }, { "reset": true, "tims": 1 }]),
            "faults[1]: \"tims\" is not known here: did you mean \"times\"? Write one of entry, entries, request",
        ),
        (json!([{ "times": 1 }]), "faults[0]: nothing goes wrong: write one of entry, entries, request"),
        (
            json!([{ "reset": true, "stall": true }]),
            "faults[0]: a fault does one thing: make faults[0].reset and faults[0].stall two faults",
        ),
        (json!([{ "reset": false }]), "faults[0].reset: false is not true; write true, or leave it out"),
        (
            json!([{ "reset": true, "times": 0 }]),
            "faults[0].times: a fault that applies 0 times does nothing: leave it out, or write 1",
        ),
        (json!([{ "reset": true, "times": -1 }]), "faults[0].times: -1 is not a whole number from 0 up"),
        (
            json!([{ "reset": true, "times": { "min": 3, "max": 2 } }]),
            "faults[0].times: min is 3 and max is 2: write a min that is at most the max",
        ),
        (
            json!([{ "reset": true, "probability": 1.5 }]),
            "faults[0].probability: 1.5 is not a probability: write a number above 0 and up to 1, such as 0.1",
        ),
        (
            json!([{ "reset": true, "atIndex": 0 }]),
            "faults[0].atIndex: a reset without a reply (before acceptance) has no index: atIndex is for faults of entries; choose requests with onAttempt or matching",
        ),
        (
            json!([{ "entry": "InternalFailure", "afterAcceptance": true }]),
            "faults[0].afterAcceptance: InternalFailure for entries has a fixed place in a request: only reset, emptyResponse,",
        ),
        (
            json!([{ "refuseConnections": true, "times": 1 }]),
            "faults[0].times: connections refused has no conditions, because refused connections cannot be counted: leave them out",
        ),
        (
            json!([{ "resetOnConnect": true, "matching": {} }]),
            "faults[0].matching: a reset on connect comes before any request, so matching cannot hold: write reset to",
        ),
        (
            json!([{ "entries": [null] }]),
            "faults[0].entries: a series without an error does nothing: write at least one error beside the nulls",
        ),
        (json!([{ "entries": [null, "X"] }]), "faults[0].entries[1]: \"X\" is not a documented code"),
        (
            json!([{ "request": { "status": 200 } }]),
            "faults[0].request.status: a request error needs an HTTP status from 400 to 599, not 200",
        ),
        (
            json!([{ "request": { "status": 400, "code": "X", "body": "y" } }]),
            "faults[0].request: an error with a body or a contentType has no code and no message",
        ),
        (
            json!([{ "request": { "status": 400, "headers": { "Content-Length": "1" } } }]),
            "faults[0].request.headers.Content-Length: the header \"Content-Length\" would contradict the body",
        ),
        (
            json!([{ "request": { "status": 502, "contentType": "\n", "body": "" } }]),
            "faults[0].request.contentType: \"\\n\" is not a content type: HTTP allows visible ASCII characters",
        ),
        (
            json!([{ "malformedReply": { "contentType": "\n" } }]),
            "faults[0].malformedReply.contentType: \"\\n\" is not a content type: HTTP allows visible ASCII characters",
        ),
        (
            json!([{ "quota": { "burst": 1 } }]),
            "faults[0].quota: a quota counts one thing: write either requestsPerSecond or entriesPerSecond",
        ),
        (
            json!([{ "quota": { "requestsPerSecond": 0 } }]),
            "faults[0].quota.requestsPerSecond: a quota of 0 a second lets nothing pass",
        ),
        (
            json!([{ "malformedReply": "odd" }]),
            "faults[0].malformedReply: \"odd\" is not a malformed reply; write one of fewerResults, moreResults",
        ),
        (
            json!([{ "dribble": { "bytes": 0, "everyMs": 1 } }]),
            "faults[0].dribble.bytes: 0 is not a number of bytes in a piece",
        ),
        (
            json!([{ "latencyMs": { "from": 2, "to": 1 } }]),
            "faults[0].latencyMs: a latency from 2ms to 1ms goes backwards",
        ),
        (json!([{ "latencyMs": -1 }]), "faults[0].latencyMs: -1 is not a number of milliseconds from 0 up"),
        (
            json!([{ "latencyMs": { "percentiles": [[50]] } }]),
            "faults[0].latencyMs.percentiles[0]: [50] is not a pair of a percentage and a number",
        ),
        (
            json!([{ "reset": true, "matching": { "detail": { "id": 1 } } }]),
            "faults[0].matching.detail: a JSON pointer begins with a slash: write \"/id\" instead of \"id\"",
        ),
        (
            json!([{ "reset": true, "matching": { "source": { "suffix": "x" } } }]),
            "faults[0].matching.source: \"suffix\" is not known here; write one of prefix, oneOf",
        ),
        (
            json!([{ "reset": true, "matching": { "anyOf": [{}, 5] } }]),
            "faults[0].matching.anyOf[1]: 5 is not a matcher: write an object",
        ),
        // Names that are nearly right, and types that are wrong.
        (
            json!([{ "request": "Throttling" }]),
            "faults[0].request: \"Throttling\" is not a known code: did you mean \"ThrottlingException\"?",
        ),
        (
            json!([{ "request": { "code": "AccessDenied" } }]),
            "faults[0].request.code: \"AccessDenied\" is not a known code: did you mean \"AccessDeniedException\"? Else write its \
             \"status\" as well",
        ),
        (
            json!([{ "request": { "code": "Odd", "message": "x" } }]),
            "faults[0].request.code: \"Odd\" is not a known code; write its \"status\" as well",
        ),
        (
            json!([{ "request": { "code": "badGateway" } }]),
            "faults[0].request.code: \"badGateway\" is not a known code",
        ),
        (json!([{ "request": { "message": "x" } }]), "faults[0].request: there is no \"status\""),
        (
            json!([{ "request": 503 }]),
            "faults[0].request: 503 is not an error: write a known code or {\"status\": ...,",
        ),
        (json!([{ "entry": [] }]), "faults[0].entry: [] is not an error: write a documented code or {\"code\": ...,"),
        (json!([{ "resets": true }]), "faults[0]: \"resets\" is not known here: did you mean \"reset\"? Write one of"),
        (
            json!([{ "reset": true, "matching": { "detail_type": "x" } }]),
            "faults[0].matching: \"detail_type\" is not known here: did you mean \"detailType\"? Write one of source,",
        ),
        (
            json!([{ "reset": true, "matching": "shop" }]),
            "faults[0].matching: \"shop\" is not a matcher: write an object",
        ),
        (
            json!([{ "reset": true, "matching": { "source": 5 } }]),
            "faults[0].matching.source: 5 is not a string, {\"prefix\": ...} or {\"oneOf\": [...]}",
        ),
        (
            json!([{ "reset": true, "times": "2" }]),
            "faults[0].times: \"2\" is not a number of times or {\"min\": ..., \"max\": ...}",
        ),
        (
            json!([{ "reset": true, "onAttempt": 0 }]),
            "faults[0].onAttempt: attempts are counted from 1: write 1 for the first",
        ),
        (
            json!([{ "reset": true, "every": 0 }]),
            "faults[0].every: every 0th candidate does not exist: write 1 for all, 2 for every other",
        ),
        (
            json!([{ "latencyMs": "1s" }]),
            "faults[0].latencyMs: \"1s\" is not a number of milliseconds, {\"from\": ..., \"to\": ...},",
        ),
        (
            json!([{ "latencyMs": { "percentiles": [] } }]),
            "faults[0].latencyMs: the list of percentiles is empty: write at least one, such as [50, 20]",
        ),
        (
            json!([{ "quota": 400 }]),
            "faults[0].quota: 400 is not {\"requestsPerSecond\": ...} or {\"entriesPerSecond\": ...}",
        ),
        (json!([{ "dribble": 1 }]), "faults[0].dribble: 1 is not {\"bytes\": ..., \"everyMs\": ...}"),
        (json!([{ "garbage": 1 }]), "faults[0].garbage: 1 is not true, a text or {\"bytes\": [...]}"),
        (
            json!([{ "answer": true }]),
            "faults[0].answer: true is not a body: write an object, a list, or any other body as a",
        ),
        (
            json!([{ "malformedReply": { "body": "x" } }]),
            "faults[0].malformedReply.body: a body that the test writes is another effect: write \"answer\" instead",
        ),
        (
            json!([{ "malformedReply": "fewer_results" }]),
            "faults[0].malformedReply: \"fewer_results\" is not a malformed reply: did you mean \"fewerResults\"? Write one of",
        ),
        (json!([{ "garbage": { "bytes": [256] } }]), "faults[0].garbage.bytes[0]: 256 is not a whole number from 0 up"),
    ];
    let schema = schema();
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for (faults, expected) in cases {
        let error = read(faults.clone()).unwrap_err();
        if let Some([fault]) = faults.as_array().map(Vec::as_slice) {
            errors.push(error.replace("faults[0]", &format!("faults[{}]", all.len())));
            all.push(fault.clone());
        }
        assert!(error.starts_with(expected), "{faults}\n  {error}\n  {expected}");
        // What depends on more than one member is beyond the schema.
        let beyond = [
            "goes backwards",
            "at most the max",
            "has no index",
            "has a fixed place",
            "comes before",
            "would contradict",
            "not a content type",
        ];
        let is_beyond = beyond.iter().any(|text| error.contains(text));
        assert!(is_beyond || !schema.is_valid(&json!({ "faults": faults })), "the schema allows {faults}");
    }
    // All of them in one plan are told as each by itself.
    assert!(all.len() > 30);
    assert_eq!(read(all.into()).unwrap_err(), errors.join("\n"));
    let error = |text: &str| text.parse::<Plan>().unwrap_err().to_string();
    assert_eq!(error("{"), "not JSON: EOF while parsing an object at line 1 column 1");
    assert_eq!(
        error("{}"),
        "the plan has no faults and no expectations: write \"faults\", \"expect\", or a setting such as \"limits\""
    );
    assert_eq!(error("{\"$schema\":1,\"faults\":[]}"), "$schema: 1 is not a string");
    assert_eq!(error("{\"seed\":-1,\"faults\":[]}"), "seed: -1 is not a whole number from 0 up");
    assert_eq!(
        error("{\"fault\":[]}"),
        "\"fault\" is not known here: did you mean \"faults\"? Write one of seed, faults, expect, limits, \
         knownBuses, strictAuth, account, region, answers, $schema"
    );
    // What is expected, likewise; and nothing is told in Rust's words.
    for (expected, words) in [
        (
            r#"{"noneLst":true}"#,
            "\"noneLst\" is not known here: did you mean \"noneLost\"? Write one of publishedExactly",
        ),
        (
            r#"{"batchesFull":"before"}"#,
            "batchesFull: \"before\" is not the name of limits: did you mean \"before-2026\"?",
        ),
        (
            r#"{"lintClean":{"without":["unsined"]}}"#,
            "lintClean.without[0]: \"unsined\" is not a rule: did you mean \"unsigned\"?",
        ),
        (r#"{"lintClean":5}"#, "lintClean: 5 is not true or {\"without\": [...]}"),
        ("5", "5 is not an expectation: write an object, such as {\"noneLost\": true}"),
    ] {
        let found = error(&format!("{{\"expect\":[{expected}]}}"));
        assert!(found.contains(words), "{found}\n{words}");
    }
}

#[test]
fn everything_that_is_wrong_with_a_plan_is_told_at_once_and_nothing_that_only_follows_from_it() {
    let plan = json!({
        "seeds": 1, "$schema": 5, "limits": "curent", "knownBuses": ["a", 1, 2], "account": "1",
        "faults": [
            // Two things that are wrong with an effect, and two with its conditions.
            { "entries": ["Throttling", null, "X"], "times": 0, "matching": { "source": 5, "detail": { "id": 1 } } },
            // What is not known is not missing as well.
            { "rest": true, "onAttempt": "1" },
            { "stall": true },
            { "rset": true, "afterAcceptance": true, "probability": 2 },
        ],
        "expect": [
            { "exactlyOnce": 1, "expecting": [{ "sorce": "x" }, {}, 5], "identifyBy": "orderId" },
            { "noneLst": true },
            { "publishedCount": 1, "expecting": [] },
            { "backoff": { "atLeastMs": -1, "growing": false } },
            { "reported": { "failed": [1], "unknown": [2] } },
        ],
    });
    let error = plan.to_string().parse::<Plan>().unwrap_err();
    let told = error.to_string();
    let expected = [
        "\"seeds\" is not known here: did you mean \"seed\"?",
        "$schema: 5 is not a string",
        "limits: \"curent\" is not the name of limits: did you mean \"current\"?",
        "knownBuses[1]: 1 is not a string",
        "knownBuses[2]: 2 is not a string",
        "account: \"1\" is not an account id",
        "faults[0].entries[0]: \"Throttling\" is not a documented code",
        "faults[0].entries[2]: \"X\" is not a documented code",
        "faults[0].matching.source: 5 is not a string, ",
        "faults[0].matching.detail: a JSON pointer begins with a slash",
        "faults[0].times: a fault that applies 0 times does nothing",
        "faults[1]: \"rest\" is not known here: did you mean \"reset\"?",
        "faults[1].onAttempt: \"1\" is not a whole number from 0 up",
        "faults[3]: \"rset\" is not known here: did you mean \"reset\"?",
        "faults[3].probability: 2 is not a probability",
        "expect[0].exactlyOnce: 1 is not true",
        "expect[0].expecting[0]: \"sorce\" is not known here: did you mean \"source\"?",
        "expect[0].expecting[2]: 5 is not a matcher",
        "expect[0].identifyBy: a JSON pointer begins with a slash",
        "expect[1]: \"noneLst\" is not known here: did you mean \"noneLost\"?",
        "expect[2]: \"expecting\" is not known here; write one of publishedCount, matching, onBus",
        "expect[3].backoff.atLeastMs: -1 is not a number of milliseconds from 0 up",
        "expect[3].backoff.growing: false is not true",
        "expect[4].reported: there is no \"published\"",
        "expect[4].reported.failed[0]: 1 is not a matcher",
        "expect[4].reported.unknown[0]: 2 is not a matcher",
    ];
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{told}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\n{expected}");
    }
    assert_eq!(error.place(), "");
    // In a file, each line has its name.
    let path = crate::support::directory("plans").join("wrong.json");
    std::fs::write(&path, r#"{ "faults": [{ "stall": 1 }, 5], "seed": -1 }"#).unwrap();
    let error = Plan::from_file(&path).unwrap_err();
    let file = path.display();
    assert_eq!(
        error.to_string(),
        format!(
            "{file}: seed: -1 is not a whole number from 0 up\n{file}: faults[0].stall: 1 is not true; write true, or \
             leave it out\n{file}: faults[1]: 5 is not a fault: write an object, such as {{\"reset\": true}}"
        )
    );
    assert_eq!(error.place(), "seed");
}

#[test]
fn an_error_is_said_by_its_code_alone_by_its_name_or_with_all_that_differs() {
    let request = |error: Value| read(json!([{ "request": error }])).unwrap().faults()[0].clone();
    for (json, error) in [
        (
            json!({ "code": "AccessDeniedException", "message": "x" }),
            RequestError::new(400, "AccessDeniedException", "x"),
        ),
        (
            json!({ "code": "ThrottlingException", "message": "slow" }),
            RequestError::new(400, "ThrottlingException", "slow"),
        ),
        (
            json!({ "code": "ServiceUnavailable", "message": "busy" }),
            RequestError::new(503, "ServiceUnavailable", "busy"),
        ),
        (json!("payloadTooLarge"), RequestError::payload_too_large()),
        (json!("badGateway"), RequestError::bad_gateway()),
        (json!("gatewayTimeout"), RequestError::gateway_timeout()),
        (json!("tooManyRequests"), RequestError::too_many_requests()),
    ] {
        assert!(schema().is_valid(&json!({ "faults": [{ "request": json }] })), "{json}");
        let fault = request(json.clone());
        assert_eq!(fault, Fault::request(error), "{json}");
        let written = serde_json::to_value(&fault).unwrap();
        assert_eq!(serde_json::from_value::<Fault>(written.clone()).unwrap(), fault);
        assert!(json.is_object() || written == json!({ "request": json }), "{written}");
    }
    let answer = |body: Value| read(json!([{ "answer": body }])).unwrap().faults()[0].clone();
    assert_eq!(answer(json!({ "Entries": [null] })), Fault::answer_with(r#"{"Entries":[null]}"#));
    assert_eq!(answer(json!([1])), Fault::answer_with("[1]"));
    assert_eq!(answer(json!("\n<html>")), Fault::answer_with("\n<html>"));
    assert_eq!(answer(json!("\n<html>")).to_string(), "a reply with the body \\n<html>");
}

#[test]
fn every_name_in_a_plan_stands_in_the_schema_and_in_the_documentation() {
    let documentation = include_str!("../../docs/plans.md");
    let schema = schema();
    let value = |example: &str| serde_json::from_str::<Value>(example).unwrap();
    let effects = rows::effects().into_iter().map(|Row { name, example }| (name, json!({ name: value(example) })));
    let conditions = rows::fault_conditions().into_iter().map(|Row { name, example }| (name, value(example)));
    let matchers = rows::entry_conditions().into_iter();
    let matchers = matchers
        .map(|Row { name, example }| (name, json!({ "undelivered": true, "matching": { name: value(example) } })));
    let faults: Vec<(&str, Value)> = effects.chain(conditions).chain(matchers).collect();
    assert!(faults.len() > 30, "{faults:?}");
    for (name, fault) in faults {
        let plan = json!({ "faults": [fault] });
        assert!(schema.is_valid(&plan), "the schema refuses {plan}");
        assert_eq!(plan.to_string().parse::<Plan>().unwrap().to_json().unwrap(), plan);
        assert!(documentation.contains(&format!("`\"{name}\"")), "docs/plans.md does not tell of {name}");
    }
    for Row { name, .. } in rows::expectations() {
        assert!(documentation.contains(&format!("`\"{name}\"")), "docs/plans.md does not tell of {name}");
    }
    assert_eq!(rows::problem_kinds().len(), 12);
}

#[test]
fn a_plan_says_how_its_mock_differs() {
    let plan = json!({
        "limits": "none", "knownBuses": ["orders"], "strictAuth": true, "account": "111122223333", "region": "eu-central-1",
    });
    let read: Plan = plan.to_string().parse().unwrap();
    assert_eq!(read.limits(), Some(Limits::none()));
    assert_eq!(read.known_buses(), Some(&["orders".to_owned()][..]));
    assert_eq!(
        (read.strict_auth(), read.account(), read.region()),
        (Some(true), Some("111122223333"), Some("eu-central-1"))
    );
    let built = Plan::new([])
        .with_limits(Limits::none())
        .with_known_buses(["orders"])
        .with_strict_auth(true)
        .with_account("111122223333")
        .with_region("eu-central-1");
    assert_eq!(read, built);
    assert_eq!(built.to_string().parse::<Plan>().unwrap(), built);
    assert!(schema().is_valid(&plan) && schema().is_valid(&built.to_json().unwrap()));
    let small = Plan::new([]).with_limits(Limits::current().with_max_request_size(1_000));
    assert_eq!(small.to_json().unwrap(), json!({ "faults": [], "limits": { "maxRequestSize": 1_000 } }));
    assert_eq!(small.to_string().parse::<Plan>().unwrap(), small);
    let told = Plan::new([Fault::hold(&Gate::new())]).with_account("111122223333").to_string();
    assert_eq!(told, "account \"111122223333\"\n1. a gate that holds the reply\n");
    let documentation = include_str!("../../docs/plans.md");
    for (plan, expected) in [
        (json!({ "limits": "currant" }), "limits: \"currant\" is not the name of limits: did you mean \"current\"?"),
        (json!({ "limits": 5 }), "limits: 5 is not a string"),
        (json!({ "knownBuses": "orders" }), "knownBuses: \"orders\" is not a list"),
        (json!({ "strictAuth": "yes" }), "strictAuth: \"yes\" is not true or false"),
        (
            json!({ "account": "1234" }),
            "account: \"1234\" is not an account id: write its twelve digits, such as \"111122223333\"",
        ),
        (json!({ "account": 111_122_223_333_u64 }), "account: 111122223333 is not a string"),
        (json!({ "region": "EU" }), "region: \"EU\" is not a region: write its code, such as \"eu-central-1\""),
    ] {
        let error = plan.to_string().parse::<Plan>().unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
        assert!(!schema().is_valid(&plan), "the schema allows {plan}");
        let name = plan.as_object().unwrap().keys().next().unwrap();
        assert!(documentation.contains(&format!("`\"{name}\"")), "docs/plans.md does not tell of {name}");
    }
}

#[test]
fn a_plan_with_expectations_is_written_as_it_was_read() {
    let plan = json!({ "seed": 7, "faults": [{ "reset": true, "times": 1 }], "expect": [{ "noneLost": true }] });
    let read: Plan = plan.to_string().parse().unwrap();
    assert_eq!(read.to_json().unwrap(), plan);
    assert_eq!(read.to_string().parse::<Plan>().unwrap(), read);
}

#[test]
fn an_error_in_a_file_names_the_file() {
    let missing = Plan::from_file("no/such/plan.json").unwrap_err();
    assert!(missing.to_string().starts_with("no/such/plan.json: "), "{missing}");
    let path = std::env::temp_dir().join(format!("putevents-mock-{}.json", std::process::id()));
    std::fs::write(&path, r#"{"faults":[{"reset":1}]}"#).unwrap();
    let bad = Plan::from_file(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        bad.to_string(),
        format!("{}: faults[0].reset: 1 is not true; write true, or leave it out", path.display())
    );
    assert_eq!(format!("{bad:?}"), bad.to_string());
    assert_eq!(bad.place(), "faults[0].reset");
}

#[test]
fn what_only_a_program_can_have_is_not_written() {
    let plan = Plan::new([Fault::stall(), Fault::hold(&Gate::new())]);
    assert_eq!(
        plan.to_json().unwrap_err().to_string(),
        "faults[1]: a gate belongs to a running test and cannot be written as JSON"
    );
    assert_eq!(plan.to_string(), "1. a stall without a reply (before acceptance)\n2. a gate that holds the reply\n");
    let closure = Fault::lost_reply().matching(entry().satisfies("odd", |_| true));
    assert_eq!(
        serde_json::to_string(&closure).unwrap_err().to_string(),
        "the closure for \"odd\" cannot be written as JSON"
    );
}

// --- Any fault ------------------------------------------------------------------------------------------------------

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![Just("shop.orders".to_owned()), "[a-zA-Z0-9 .~/\"-]{0,12}", any::<String>()]
}

fn any_matcher() -> impl Strategy<Value = EntryMatcher> {
    let text = prop_oneof![
        any_text().prop_map(Into::into),
        any_text().prop_map(prefix),
        prop::collection::vec(any_text(), 1..4).prop_map(one_of),
    ];
    let pointer = select(vec!["", "/orderId", "/a/0", "/a~1b/~0"]);
    let value = prop_oneof![
        Just(json!(1)),
        Just(json!("x")),
        Just(json!({ "a": [null, true] })),
        any::<i64>().prop_map(Value::from)
    ];
    let simple = prop_oneof![
        text.clone().prop_map(|text| entry().source(text)),
        text.clone().prop_map(|text| entry().detail_type(text)),
        text.clone().prop_map(|text| entry().event_bus(text)),
        text.prop_map(|text| entry().resource(text)),
        (pointer, value.clone()).prop_map(|(pointer, value)| entry().detail_at(pointer, value)),
        value.prop_map(|value| entry().detail_includes(value)),
        Just(entry().matches_pattern(json!({ "source": [{ "prefix": "a" }] }))),
        Just(entry()),
    ];
    simple.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.prop_map(EntryMatcher::not),
        ]
    })
}

fn any_entry_error() -> impl Strategy<Value = EntryError> {
    prop_oneof![
        Just(EntryError::throttling()),
        Just(EntryError::internal_failure()),
        (any_text(), any_text()).prop_map(|(code, message)| EntryError::new(code, message)),
    ]
}

fn any_request_error() -> impl Strategy<Value = RequestError> {
    prop_oneof![
        Just(RequestError::internal_exception()),
        Just(RequestError::too_many_requests()),
        Just(RequestError::bad_gateway()),
        Just(RequestError::payload_too_large()),
        Just(RequestError::throttling().without_body()),
        (400..=599_u16, any_text(), any_text())
            .prop_map(|(status, code, message)| RequestError::new(status, code, message)),
        (0..5_000_u64).prop_map(|wait| RequestError::service_unavailable().retry_after(Duration::from_millis(wait))),
        (400..=599_u16, any_text()).prop_map(|(status, body)| RequestError::raw(status, "text/plain", body)),
    ]
}

/// Any effect that a plan can hold, malformed replies aside.
pub fn any_effect() -> impl Strategy<Value = Fault> {
    let ms = || (0..100_u64).prop_map(Duration::from_millis);
    let bytes = || 0..300_usize;
    prop_oneof![
        any_entry_error().prop_map(Fault::entry),
        any_request_error().prop_map(Fault::request),
        prop::collection::vec(prop::option::of(any_entry_error()), 0..4).prop_map(|mut errors| {
            errors.push(Some(EntryError::throttling()));
            Fault::entries(errors)
        }),
        prop::collection::vec(prop::option::of(any_request_error()), 0..4).prop_map(|mut errors| {
            errors.push(Some(RequestError::throttling()));
            Fault::requests(errors)
        }),
        (1..500_u32).prop_map(|rate| Fault::quota(Quota::entries_per_second(f64::from(rate) / 4.0))),
        (1..500_u32, 1..50_u32)
            .prop_map(|(rate, burst)| Fault::quota(Quota::requests_per_second(f64::from(rate)).burst(burst))),
        (1..500_u32)
            .prop_map(|rate| Fault::quota(Quota::entries_per_second(f64::from(rate)).refusing_whole_requests())),
        select(vec![
            Fault::undelivered(),
            Fault::reset(),
            Fault::empty_response(),
            Fault::stall(),
            Fault::garbage(),
            Fault::lost_reply(),
            Fault::empty_response().after_acceptance(),
            Fault::stall().after_acceptance(),
            Fault::garbage().after_acceptance(),
            Fault::close_after_reply(),
        ]),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Fault::raw_answer),
        bytes().prop_map(Fault::truncated_head),
        bytes().prop_map(Fault::truncated_body),
        bytes().prop_map(Fault::reset_in_head),
        bytes().prop_map(Fault::reset_in_body),
        (1..50_usize, ms()).prop_map(|(bytes, every)| Fault::dribble(bytes, every)),
        ms().prop_map(Fault::latency),
        (ms(), ms()).prop_map(|(from, more)| Fault::latency_between(from, from + more)),
        (ms(), 0..40_u32).prop_map(|(median, sigma)| Fault::latency_log_normal(median, f64::from(sigma) / 4.0)),
        (ms(), ms()).prop_map(|(half, more)| Fault::latency_percentiles([(50.0, half), (99.9, half + more)])),
        any_request_error().prop_map(Fault::lost_reply_as),
    ]
}

pub fn any_malformed() -> impl Strategy<Value = Fault> {
    select(vec![
        MalformedReply::FewerResults,
        MalformedReply::MoreResults,
        MalformedReply::ReorderedResults,
        MalformedReply::FailedEntryCount(3),
        MalformedReply::NoEventIds,
        MalformedReply::EventIdsWithErrorCodes,
        MalformedReply::BrokenJson,
        MalformedReply::EmptyBody,
        MalformedReply::ContentType("text/html".into()),
    ])
    .prop_map(Fault::malformed_reply)
}

/// The effect under any conditions.
pub fn conditional(effect: impl Strategy<Value = Fault>) -> impl Strategy<Value = Fault> {
    let conditions = (
        prop::option::of(any_matcher()),
        prop::option::of(1..6_usize),
        0..3_usize,
        prop::option::of(1..4_usize),
        prop::option::of((0..3_usize, 0..3_usize)),
        prop::option::of((1..=20_u32, prop::option::of(select(vec!["", "/orderId"])))),
    );
    (effect, conditions).prop_map(|(fault, (matcher, attempt, after, every, times, chance))| {
        let fault = matcher.into_iter().fold(fault, Fault::matching);
        let fault = attempt.into_iter().fold(fault, Fault::on_attempt);
        let fault = every.into_iter().fold(fault.after(after), Fault::every);
        let fault =
            times.into_iter().fold(fault, |fault, (min, more)| fault.times(min..=min + more + usize::from(min == 0)));
        chance.into_iter().fold(fault, |fault, (probability, key)| {
            let fault = fault.with_probability(f64::from(probability) / 20.0);
            key.into_iter().fold(fault, Fault::keyed_by)
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same_and_fits_the_schema(
        faults in prop::collection::vec(conditional(prop_oneof![4 => any_effect(), 1 => any_malformed()]), 0..6),
        seed in prop::option::of(any::<u64>()),
    ) {
        let plan = seed.into_iter().fold(Plan::new(faults), Plan::with_seed);
        let written = plan.to_json().unwrap();
        let read: Plan = written.to_string().parse().unwrap();
        prop_assert_eq!(&read, &plan, "{}", written);
        prop_assert_eq!(&plan.to_string().parse::<Plan>().unwrap(), &plan);
        let schema = schema();
        let errors: Vec<String> = schema.iter_errors(&written).map(|error| error.to_string()).collect();
        prop_assert!(errors.is_empty(), "{:?} in {:#}", errors, written);
        for fault in plan.faults() {
            let read: Fault = serde_json::from_str(&serde_json::to_string(fault).unwrap()).unwrap();
            prop_assert_eq!(&read, fault);
            prop_assert!(!fault.to_string().is_empty());
        }
    }
}
