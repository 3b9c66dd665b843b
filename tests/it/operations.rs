//! What publishers ask beside PutEvents.

use std::time::Duration;

use bytes::Bytes;
use putevents_mock::__private::rows;
use putevents_mock::engine::Reply;
use putevents_mock::engine::{Cut, End};
use putevents_mock::fault::{Gate, MalformedReply, Quota};
use putevents_mock::journal::ProblemKind;
use putevents_mock::{Engine, EntryError, Fault, Journal, Limits, Plan, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, body, order, put_events};

/// A request for an operation.
fn ask(operation: &str, text: impl Into<Bytes>) -> http::Request<Bytes> {
    let mut request = put_events(text);
    request.headers_mut().insert("x-amz-target", format!("AWSEvents.{operation}").parse().unwrap());
    request
}

fn describe(bench: &mut Bench, name: &str) -> (u16, Value) {
    let reply = bench.handle(ask("DescribeEventBus", json!({ "Name": name }).to_string()));
    (reply.status(), body(&reply))
}

fn bus(arn: &str, name: &str) -> (u16, Value) {
    (200, json!({ "Arn": arn, "CreationTime": 1_562_803_200, "LastModifiedTime": 1_562_803_200, "Name": name }))
}

fn not_there(name: &str) -> (u16, Value) {
    let message = format!("Event bus {name} does not exist.");
    (400, json!({ "__type": "ResourceNotFoundException", "message": message }))
}

/// The last line of the timeline of attempts, without number and time.
fn last_line(journal: &Journal) -> String {
    let text = journal.to_string();
    let line = text.lines().take_while(|line| !line.is_empty()).last().unwrap();
    line.split_once(" s ").unwrap().1.trim().to_owned()
}

#[test]
fn a_known_bus_is_described_and_any_other_is_not_found() {
    let mut bench =
        Bench::new(Engine::new().known_buses(["orders", "arn:aws:events:us-east-1:123456789012:event-bus/audit"]));
    let arn = |name: &str| format!("arn:aws:events:us-east-1:123456789012:event-bus/{name}");
    for name in ["orders", "audit", "default"] {
        assert_eq!(describe(&mut bench, name), bus(&arn(name), name));
        assert_eq!(describe(&mut bench, &arn(name)), bus(&arn(name), name));
    }
    for name in ["Orders", "order", "aws.partner/example.com/orders"] {
        assert_eq!(describe(&mut bench, name), not_there(name));
        assert_eq!(describe(&mut bench, &arn(name)), not_there(name));
    }
    // Without a name it is the default one.
    for text in ["{}", "{\"Name\":null}", "{\"Other\":1}"] {
        let reply = bench.handle(ask("DescribeEventBus", text));
        assert_eq!((reply.status(), body(&reply)), bus(&arn("default"), "default"));
        assert_eq!(reply.headers()["content-type"], "application/x-amz-json-1.1");
    }
    bench.journal().assert_no_problems();
}

#[test]
fn where_no_buses_are_named_every_valid_one_is_there() {
    let mut bench = Bench::default();
    for name in ["default", "orders", "a.b-c_d", "aws.partner/example.com/1"] {
        assert_eq!(describe(&mut bench, name).1["Name"], *name);
    }
    bench.journal().assert_no_problems();
    for (text, code, message) in [
        (
            json!({ "Name": "a b" }).to_string(),
            "ValidationException",
            "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: (arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+",
        ),
        (
            json!({ "Name": "x".repeat(1_601) }).to_string(),
            "ValidationException",
            "1 validation error detected: Value 'x",
        ),
        (json!({ "Name": 5 }).to_string(), "SerializationException", "NUMBER_VALUE can not be converted to a String"),
        (json!(["orders"]).to_string(), "SerializationException", "Start of list found where not expected"),
    ] {
        let reply = bench.handle(ask("DescribeEventBus", text.clone()));
        let answer = body(&reply);
        assert_eq!((reply.status(), &answer["__type"]), (400, &json!(code)), "{text}");
        let told = answer["message"].as_str().or(answer["Message"].as_str()).unwrap();
        assert!(told.starts_with(message), "{told}");
    }
    let reply = bench.handle(ask("DescribeEventBus", ""));
    assert_eq!((reply.status(), body(&reply)), (400, json!({ "__type": "SerializationException" })));
    let kinds: Vec<ProblemKind> =
        bench.journal().problems().iter().map(putevents_mock::journal::Problem::kind).collect();
    let (invalid, unreadable) = (ProblemKind::Invalid, ProblemKind::Unreadable);
    assert_eq!(kinds, [invalid, invalid, unreadable, unreadable, unreadable]);
    // Without limits every name is as good as another.
    let mut bench = Bench::new(Engine::new().limits(Limits::none()));
    assert_eq!(describe(&mut bench, "a b").0, 200);
}

#[test]
fn a_bus_is_in_the_account_and_the_region_of_the_mock() {
    let arn = |engine: Engine, region: &str, name: &str| {
        let mut request = ask("DescribeEventBus", json!({ "Name": name }).to_string());
        let signed = crate::support::AUTHORIZATION.replace("us-east-1", region);
        request.headers_mut().insert("authorization", signed.parse().unwrap());
        body(&Bench::new(engine).handle(request))["Arn"].as_str().unwrap().to_owned()
    };
    let ours = || Engine::new().account("111122223333").region("eu-central-1");
    assert_eq!(arn(ours(), "us-east-1", "a"), "arn:aws:events:eu-central-1:111122223333:event-bus/a");
    assert_eq!(arn(Engine::new(), "eu-west-1", "a"), "arn:aws:events:eu-west-1:123456789012:event-bus/a");
    assert_eq!(arn(Engine::new(), "us-east-1-mock-7", "a"), "arn:aws:events:us-east-1:123456789012:event-bus/a");
    assert_eq!(
        arn(Engine::new().region("cn-north-1"), "x", "a"),
        "arn:aws-cn:events:cn-north-1:123456789012:event-bus/a"
    );
    assert_eq!(
        arn(Engine::new(), "us-gov-west-1", "a"),
        "arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/a"
    );
    // An ARN says itself where its bus is.
    let elsewhere = "arn:aws:events:ap-south-1:444455556666:event-bus/a";
    assert_eq!(arn(ours(), "us-east-1", elsewhere), elsewhere);
}

#[test]
fn an_answer_is_given_to_any_other_operation_and_to_describe_event_bus_as_well() {
    let mut bench = Bench::default();
    for operation in rows::operations().into_iter().filter(|operation| *operation != "PutEvents") {
        bench.engine.answer(operation, json!({ "Of": operation }));
        for text in ["", "{}", "{\"Name\":\"a b\"}"] {
            let reply = bench.handle(ask(operation, text));
            assert_eq!((reply.status(), body(&reply)), (200, json!({ "Of": operation })));
            assert_eq!(reply.headers()["content-type"], "application/x-amz-json-1.1");
            assert!(reply.headers().contains_key("x-amzn-requestid"));
        }
    }
    // The last one counts.
    bench.engine.answer("ListRules", json!({ "Rules": [{ "Name": "a" }] }));
    assert_eq!(body(&bench.handle(ask("ListRules", "{}"))), json!({ "Rules": [{ "Name": "a" }] }));
    let journal = bench.journal();
    journal.assert_no_problems();
    let attempt = journal.attempts().last().unwrap();
    assert_eq!((attempt.operation(), attempt.entries().len()), (Some("ListRules"), 0));
    assert_eq!(last_line(&journal), "ListRules: answered");
    // The body is JSON all the same.
    assert_eq!(bench.handle(ask("ListRules", "{")).status(), 400);
    assert_eq!(bench.journal().problems()[0].kind(), ProblemKind::Unreadable);
}

#[test]
fn an_operation_without_an_answer_stays_a_problem_that_says_how_to_give_one() {
    let mut bench = Bench::default();
    for (target, message) in [
        (
            "AWSEvents.ListRules",
            "the operation is ListRules, and the mock has no answer to it: give it one with answer(\"ListRules\", ...), or in \
             a plan with \"answers\": {\"ListRules\": {...}}",
        ),
        (
            "AWSEvents.listRules",
            "the operation is \"AWSEvents.listRules\", which EventBridge does not have: did you mean \"AWSEvents.ListRules\"?",
        ),
        (
            "PutEvents",
            "the operation is \"PutEvents\", which EventBridge does not have: did you mean \"AWSEvents.PutEvents\"?",
        ),
        (
            "secretsmanager.GetSecretValue",
            "the operation is \"secretsmanager.GetSecretValue\", which EventBridge does not have; PutEvents is \
             \"AWSEvents.PutEvents\"",
        ),
    ] {
        let mut request = put_events("{}");
        request.headers_mut().insert("x-amz-target", target.parse().unwrap());
        let reply = bench.handle(request);
        assert_eq!((reply.status(), body(&reply)), (400, json!({ "__type": "UnknownOperationException" })));
        let journal = bench.journal();
        let problem = journal.problems().last().unwrap();
        assert_eq!((problem.kind(), problem.message()), (ProblemKind::OtherOperation, message));
    }
}

#[test]
fn an_answer_that_cannot_be_meant_is_told() {
    let panic = |operation: &'static str, answer: Value| {
        let given = std::panic::catch_unwind(|| Engine::new().answer(operation, answer));
        *given.unwrap_err().downcast::<String>().unwrap()
    };
    for (operation, answer, in_program, in_file) in [
        (
            "listRules",
            json!({}),
            "\"listRules\" is not an operation of EventBridge: did you mean \"ListRules\"?",
            "\"listRules\" is not an operation of EventBridge: did you mean \"ListRules\"?",
        ),
        (
            "DescribeEventBuss",
            json!({}),
            "\"DescribeEventBuss\" is not an operation of EventBridge: did you mean \"DescribeEventBus\"?",
            "\"DescribeEventBuss\" is not an operation of EventBridge: did you mean \"DescribeEventBus\"?",
        ),
        (
            "GetItem",
            json!({}),
            "\"GetItem\" is not an operation of EventBridge: write one such as \"ListRules\"",
            "\"GetItem\" is not an operation of EventBridge: write one such as \"ListRules\"",
        ),
        (
            "PutEvents",
            json!({ "Entries": [] }),
            "the mock itself answers PutEvents: write Fault::answer_with(...) for another body",
            "the mock itself answers PutEvents: write a fault with the effect \"answer\" for another body",
        ),
        (
            "ListRules",
            json!([]),
            "[] is not an answer to ListRules: write an object, such as {}",
            "[] is not an answer to ListRules: write an object, such as {}",
        ),
    ] {
        let plan = json!({ "answers": { operation: answer.clone() } });
        let error = plan.to_string().parse::<Plan>().unwrap_err().to_string();
        assert_eq!(error, format!("answers.{operation}: {in_file}"));
        assert_eq!(panic(operation, answer), in_program);
    }
}

#[test]
fn a_plan_gives_answers_and_is_written_as_it_was_read() {
    let plan =
        json!({ "faults": [], "answers": { "DescribeEventBus": { "Name": "x" }, "ListRules": { "Rules": [] } } });
    let read: Plan = plan.to_string().parse().unwrap();
    let built = Plan::new([])
        .with_answer("ListRules", json!({ "Rules": [] }))
        .with_answer("DescribeEventBus", json!({ "Name": "x" }));
    assert_eq!(read, built);
    assert_eq!(built.to_json().unwrap(), plan);
    assert_eq!(read.answer("ListRules"), Some(&json!({ "Rules": [] })));
    assert_eq!((read.answer("PutRule"), read.answer("nothing")), (None, None));
    // Faults can be left out.
    let alone: Plan = json!({ "answers": { "ListRules": {} } }).to_string().parse().unwrap();
    assert_eq!(alone.answer("ListRules"), Some(&json!({})));
}

#[test]
fn other_operations_count_nowhere_as_put_events() {
    let mut bench = Bench::default();
    bench.engine.answer("ListRules", json!({ "Rules": [] }));
    let fault = bench.engine.inject(Fault::request(RequestError::throttling()).on_attempt(2));
    let once = bench.engine.inject(Fault::latency(Duration::from_secs(1)).times(2));
    for _ in 0..3 {
        bench.handle(ask("ListRules", "{}"));
        describe(&mut bench, "orders");
    }
    assert_eq!((bench.engine.fired(fault), bench.engine.fired(once)), (0, 0));
    bench.put([order(1)]);
    describe(&mut bench, "orders");
    bench.put([order(2)]);
    let journal = bench.journal();
    journal.assert_every_fault_fired();
    assert_eq!(last_line(&journal), "1 entry  400 ThrottlingException (injected), 1s late (injected)");
    // Nobody has said that any of them was answered, and only those for PutEvents count.
    journal.assert_in_flight_at_most(2);
    journal.ledger().assert_tries_at_most(1);
    journal.lint().assert_clean();
}

#[test]
fn with_strict_authentication_what_is_answered_must_be_signed() {
    let mut bench = Bench::new(Engine::new().strict_auth());
    bench.engine.answer("ListRules", json!({}));
    let mut unsigned = |operation: &str| {
        let mut request = ask(operation, "{}");
        request.headers_mut().remove("authorization");
        body(&bench.handle(request))["__type"].clone()
    };
    assert_eq!(unsigned("ListRules"), "MissingAuthenticationTokenException");
    assert_eq!(unsigned("DescribeEventBus"), "MissingAuthenticationTokenException");
    // The operation comes first.
    assert_eq!(unsigned("PutRule"), "UnknownOperationException");
    assert_eq!(bench.handle(ask("ListRules", "{}")).status(), 200);
}

#[test]
fn a_fault_can_be_narrowed_to_an_operation() {
    let body_of = |reply: &Reply| String::from_utf8_lossy(reply.body()).into_owned();
    let arn = "{\"Arn\":\"arn:aws:events:us-east-1:123456789012:event-bus/default\",\"CreationTime\":1562803200,\"";
    for (fault, line, status, text) in [
        (
            Fault::request(RequestError::access_denied()),
            "DescribeEventBus: 400 AccessDeniedException (injected)",
            400,
            "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: ",
        ),
        (
            Fault::requests([Some(RequestError::throttling())]),
            "DescribeEventBus: 400 ThrottlingException (injected)",
            400,
            "{\"__type\":\"ThrottlingException\"",
        ),
        (Fault::reset(), "DescribeEventBus: reset without a reply (injected)", 200, ""),
        (Fault::lost_reply(), "DescribeEventBus: answered, then reset without a reply (injected)", 200, arn),
        (
            Fault::lost_reply_as(RequestError::service_unavailable()),
            "DescribeEventBus: 503 ServiceUnavailable (injected)",
            503,
            "{\"__type\":\"ServiceUnavailable\"}",
        ),
        (
            Fault::answer_with("{\"Name\":\"other\"}"),
            "DescribeEventBus: answered with the body {\"Name\":\"other\"} (injected)",
            200,
            "{\"Name\":\"other\"}",
        ),
        (
            Fault::malformed_reply(MalformedReply::BrokenJson),
            "DescribeEventBus: answered with broken JSON (injected)",
            200,
            "{\"Arn\":",
        ),
        (
            Fault::malformed_reply(MalformedReply::EmptyBody),
            "DescribeEventBus: answered with an empty body (injected)",
            200,
            "",
        ),
        (Fault::latency(Duration::from_secs(2)), "DescribeEventBus: answered, 2s late (injected)", 200, arn),
        (
            Fault::truncated_body(3),
            "DescribeEventBus: answered, then closed after 3 bytes of the reply's body (injected)",
            200,
            arn,
        ),
        (Fault::quota(Quota::requests_per_second(0.001).burst(1)), "DescribeEventBus: answered", 200, arn),
    ] {
        let fault = fault.on_operation("DescribeEventBus");
        let mut bench = Bench::default();
        let id = bench.engine.inject(fault.clone());
        bench.put([order(1)]);
        bench.handle(ask("ListRules", "{}"));
        assert_eq!(bench.engine.fired(id), 0, "{fault}");
        let reply = bench.handle(ask("DescribeEventBus", "{}"));
        let answer = body_of(&reply);
        assert_eq!((last_line(&bench.journal()), reply.status()), (line.to_owned(), status), "{fault}");
        assert!(answer.starts_with(text) && answer.is_empty() == text.is_empty(), "{fault}: {answer}");
        // In a file it is the same.
        let json = serde_json::to_value(&fault).unwrap();
        assert_eq!(json["onOperation"], "DescribeEventBus");
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
    }
    let mut bench = Bench::default();
    let quota = Fault::quota(Quota::requests_per_second(0.001).burst(1)).on_operation("DescribeEventBus");
    bench.engine.inject(quota);
    let statuses = [(); 3].map(|()| bench.handle(ask("DescribeEventBus", "{}")).status());
    assert_eq!(statuses, [200, 400, 400]);
}

#[test]
fn a_request_for_an_operation_can_be_held() {
    let mut bench = Bench::default();
    let gate = Gate::new();
    bench.engine.inject(Fault::hold(&gate).before_acceptance().on_operation("DescribeEventBus").times(1));
    let now = bench.now();
    assert!(bench.engine.gate_before(&put_events("{}"), now).is_none());
    assert!(bench.engine.gate_before(&ask("ListRules", "{}"), now).is_none());
    assert!(bench.engine.gate_before(&ask("DescribeEventBus", "{}"), now).is_some());
    assert!(bench.engine.gate_before(&ask("DescribeEventBus", "{}"), now).is_none());
    bench.engine.inject(Fault::hold(&gate).on_operation("ListRules"));
    bench.engine.answer("ListRules", json!({}));
    assert!(bench.handle(ask("ListRules", "{}")).delivery().hold.is_some());
    assert!(bench.handle(ask("DescribeEventBus", "{}")).delivery().hold.is_none());
}

#[test]
fn a_fault_of_requests_needs_no_answer_and_counts_the_attempts_at_its_operation() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::request(RequestError::throttling()).on_operation("ListRules").on_attempt(2));
    bench.engine.inject(Fault::empty_response().on_operation("ListRules").on_attempt(3));
    let mut ends = Vec::new();
    for _ in 0..4 {
        bench.put([order(1)]);
        ends.push(bench.handle(ask("ListRules", "{}")));
    }
    let told: Vec<(u16, &End)> = ends.iter().map(|reply| (reply.status(), &reply.delivery().end)).collect();
    let whole = &End::Whole;
    assert_eq!(told, [(400, whole), (400, whole), (200, &End::Closed(Cut::Start)), (400, whole)]);
    assert_eq!(body(&ends[1])["__type"], "ThrottlingException");
    let journal = bench.journal();
    journal.assert_every_fault_fired();
    // What a fault decided is no problem.
    let numbers: Vec<_> = journal.problems().iter().filter_map(putevents_mock::journal::Problem::attempt).collect();
    assert_eq!(numbers, [2, 8]);
}

#[test]
fn a_fault_about_entries_cannot_be_one_of_another_operation() {
    fn throttling() -> Fault {
        Fault::entry(EntryError::throttling())
    }
    type Case = (fn() -> Fault, &'static str);
    let refused: [Case; 8] = [
        (
            || throttling().on_operation("ListRules"),
            "ThrottlingException for entries cannot happen to ListRules, which has no entries: leave out on_operation, or write a fault \
             of requests, such as Fault::request(...)",
        ),
        (
            || Fault::undelivered().on_operation("ListRules"),
            "acceptance without delivery for entries cannot happen to ListRules, which has no entries: ",
        ),
        (
            || Fault::malformed_reply(MalformedReply::FewerResults).on_operation("ListRules"),
            "a reply with one result too few cannot happen to ListRules, which has no entries: ",
        ),
        (
            || Fault::quota(Quota::entries_per_second(1.0).refusing_whole_requests()).on_operation("ListRules"),
            "ThrottlingException over 1 entries a second (burst 1) cannot happen to ListRules, which has no entries: ",
        ),
        (
            || Fault::reset().on_operation("ListRules").matching(entry().source("a")),
            "a reset without a reply (before acceptance) for requests with entries with source \"a\" cannot happen to ListRules, which \
             has no entries: ",
        ),
        (
            || Fault::reset().keyed_by("/a").on_operation("ListRules"),
            "a reset without a reply (before acceptance) by detail /a cannot happen to ListRules, which has no entries: ",
        ),
        (
            || Fault::reset_on_connect().on_operation("ListRules"),
            "a reset on connect comes before any request, so on_operation cannot hold: write Fault::reset() to choose by \
             request",
        ),
        (
            || Fault::reset().on_operation("listRules"),
            "\"listRules\" is not an operation of EventBridge: did you mean \"ListRules\"?",
        ),
    ];
    for (build, message) in refused {
        let panic = std::panic::catch_unwind(build).unwrap_err();
        let text = panic.downcast::<String>().unwrap();
        assert!(text.starts_with(message), "{text}\n{message}");
    }
    let in_file = json!({ "faults": [{ "entry": "ThrottlingException", "onOperation": "ListRules" }] });
    assert_eq!(
        in_file.to_string().parse::<Plan>().unwrap_err().to_string(),
        "faults[0].onOperation: ThrottlingException for entries cannot happen to ListRules, which has no entries: leave out \
         onOperation, or write a fault of requests, such as \"request\""
    );
    // PutEvents has entries, and is meant without a word.
    assert_eq!(throttling().on_operation("PutEvents"), throttling());
}

#[test]
fn why_a_fault_of_an_operation_did_not_apply_is_true() {
    fn reason(fault: Fault, of: impl FnOnce(&mut Bench)) -> String {
        let mut bench = Bench::default();
        bench.handle(ask("PutRule", "{}"));
        bench.engine.inject(fault.on_operation("ListRules"));
        of(&mut bench);
        let report = bench.journal().check_every_fault_fired().unwrap_err().to_string();
        report.lines().nth(4).unwrap_or(&report).trim().to_owned()
    }
    let throttled = || Fault::request(RequestError::throttling()).times(1);
    let list_rules = |bench: &mut Bench| drop(bench.handle(ask("ListRules", "{}")));
    for (found, expected) in [
        (
            reason(throttled(), |bench| drop(bench.put([order(1)]))),
            "no attempt at ListRules was received, only 2 requests for something else",
        ),
        (reason(throttled().on_attempt(2), list_rules), "there was no attempt 2 at ListRules"),
        (
            reason(throttled(), |bench| {
                bench.engine.clear_faults();
                list_rules(bench);
            }),
            "it was lifted before the next request for ListRules came",
        ),
        (
            reason(throttled(), |bench| {
                bench.put([order(1)]);
                bench.engine.clear_faults();
            }),
            "no request for ListRules came before it was lifted",
        ),
        (
            reason(Fault::reset(), |bench| {
                list_rules(bench);
                bench.engine.inject(throttled().on_operation("ListRules"));
            }),
            "it was injected after the only attempt at ListRules",
        ),
        (
            reason(Fault::answer_with("{}"), list_rules),
            "ListRules was refused in #2 (400 UnknownOperationException), so there was no reply to change",
        ),
        (
            {
                let mut bench = Bench::default();
                bench.engine.inject(Fault::reset().on_operation("ListRules"));
                bench.engine.inject(throttled().on_operation("ListRules"));
                list_rules(&mut bench);
                bench
                    .journal()
                    .check_every_fault_fired()
                    .unwrap_err()
                    .to_string()
                    .lines()
                    .nth(4)
                    .unwrap()
                    .trim()
                    .to_owned()
            },
            "other faults, or the limits, always decided first",
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_journal_keeps_what_was_asked_and_answered() {
    let mut bench = Bench::new(Engine::new().known_buses(["orders"]));
    bench.engine.answer("ListRules", json!({ "Rules": [] }));
    bench.engine.inject(Fault::malformed_reply(MalformedReply::BrokenJson).on_operation("ListRules").on_attempt(2));
    bench.engine.inject(Fault::stall().on_operation("ListRules").on_attempt(3));
    for _ in 0..3 {
        bench.handle(ask("ListRules", "{}"));
    }
    describe(&mut bench, "audit");
    describe(&mut bench, "orders");
    bench.handle(ask("PutRule", "{}"));
    bench.put([order(1)]);
    let journal = bench.journal();
    let saved = journal.to_json();
    let again: Journal = saved.to_string().parse().unwrap();
    assert_eq!(again.to_json(), saved);
    assert_eq!(again.to_string(), journal.to_string());
    let operations: Vec<&Value> = saved["attempts"].as_array().unwrap().iter().map(|one| &one["operation"]).collect();
    assert_eq!(
        operations,
        ["ListRules", "ListRules", "ListRules", "DescribeEventBus", "DescribeEventBus", "PutRule", "PutEvents"]
    );
    let told: Vec<String> = journal.to_string().lines().skip(1).take(7).map(str::to_owned).collect();
    assert_eq!(
        told,
        [
            "  #1  +0.000 s           ListRules: answered",
            "  #2  +1.000 s           ListRules: answered with broken JSON (injected)",
            "  #3  +2.000 s           ListRules: stalled without a reply (injected)",
            "  #4  +3.000 s           DescribeEventBus: 400 ResourceNotFoundException",
            "  #5  +4.000 s           DescribeEventBus: answered",
            "  #6  +5.000 s           PutRule: 400 UnknownOperationException",
            "  #7  +6.000 s  1 entry  accepted",
        ]
    );
    assert_eq!(journal.problems().len(), 1);
    let redacted = journal.redacted();
    assert_eq!(redacted["attempts"][0], json!({ "number": 1, "operation": "ListRules", "status": 200 }));
    assert_eq!(redacted["attempts"][6]["operation"], Value::Null);
}

#[test]
fn the_schema_of_plans_has_the_operations() {
    let schema: Value = serde_json::from_str(include_str!("../../fixtures/fault-plan.schema.json")).unwrap();
    let expected: Vec<&str> = rows::operations().into_iter().filter(|name| *name != "PutEvents").collect();
    assert_eq!(schema["$defs"]["operation"]["enum"], json!(expected));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (plan, is_valid) in [
        (json!({ "answers": { "ListRules": { "Rules": [] } } }), true),
        (json!({ "answers": { "listRules": {} } }), false),
        (json!({ "answers": { "PutEvents": {} } }), false),
        (json!({ "answers": { "ListRules": [] } }), false),
        (json!({ "faults": [{ "reset": true, "onOperation": "ListRules", "onAttempt": 1 }] }), true),
        (json!({ "faults": [{ "entry": "InternalFailure", "onOperation": "PutEvents" }] }), true),
        (json!({ "faults": [{ "entry": "InternalFailure", "onOperation": "ListRules" }] }), false),
        (json!({ "faults": [{ "reset": true, "matching": {}, "onOperation": "ListRules" }] }), false),
        (json!({ "faults": [{ "reset": true, "onOperation": "listRules" }] }), false),
    ] {
        assert_eq!(validator.is_valid(&plan), is_valid, "{plan}");
        assert_eq!(plan.to_string().parse::<Plan>().is_ok(), is_valid, "{plan}");
    }
}
