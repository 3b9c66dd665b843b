//! What the service refuses by itself, for whole requests and for single entries.

use pretty_assertions::assert_eq;
use putevents_mock::journal::{Outcome, ProblemKind};
use putevents_mock::{Engine, Limits};
use serde_json::{Value, json};

use crate::support::{Bench, answer, body, codes, entries, order, put_events, with};

fn refusal(items: Value) -> String {
    let (status, refused) = answer(put_events(json!({ "Entries": items }).to_string()));
    assert_eq!((status, &refused["__type"]), (400, &json!("ValidationException")), "{refused}");
    refused["message"].as_str().unwrap().to_owned()
}

/// The result of a single entry.
fn result(entry: Value) -> Value {
    Bench::default().put([entry])["Entries"][0].clone()
}

fn error(code: &str, message: &str) -> Value {
    json!({ "ErrorCode": code, "ErrorMessage": message })
}

const PATTERN: &str = r"Member must satisfy regular expression pattern: (arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+";

#[test]
fn ten_entries_are_taken_and_eleven_are_not() {
    assert_eq!(Bench::default().put((0..10).map(order))["FailedEntryCount"], 0);
    let message = refusal((0..11).map(order).collect());
    assert!(
        message
            .starts_with("1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=shop.orders, ")
    );
    assert!(
        message.ends_with(
            "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"
        )
    );
    assert_eq!(message.matches("PutEventsRequestEntry(").count(), 11);
}

#[test]
fn the_refused_list_is_printed_as_java_prints_it() {
    let full = json!({
        "Source": "s", "DetailType": "t", "Detail": "{\"a\": 1}", "Resources": ["r1", "r2", null],
        "EventBusName": "b", "TraceHeader": "h", "Time": 5,
    });
    let mut items = vec![full, json!(null)];
    items.resize(11, json!({ "Resources": [] }));
    let message = refusal(items.into());
    let empty = "kmsKeyIdentifier=null, internalMetadata=null)";
    assert!(
        message.contains(&format!(
            "'[PutEventsRequestEntry(time=5, source=s, resources=[r1, r2, null], detailType=t, detail={{\"a\": 1}}, \
             eventBusName=b, traceHeader=h, {empty}, PutEventsRequestEntry(time=null, source=null, resources=null, \
             detailType=null, detail=null, eventBusName=null, traceHeader=null, {empty}, PutEventsRequestEntry(time=null, \
             source=null, resources=[], "
        )),
        "{message}"
    );
}

#[test]
fn the_text_of_an_error_repeats_as_much_of_a_value_as_it_has_room_for_and_says_how_much_there_is() {
    let refused = |body: String| {
        let mut bench = Bench::default();
        let reply = bench.handle(put_events(body));
        assert_eq!(reply.status(), 400);
        let problem = bench.journal().problems()[0].message().to_owned();
        (self::body(&reply)["message"].as_str().unwrap().to_owned(), problem)
    };
    let too_many = "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10";
    // Eleven entries with a detail of a thousand bytes stand there whole.
    let detail = json!({ "x": "y".repeat(992) }).to_string();
    let eleven = entries((0..11).map(|id| with(order(id), "Detail", detail.as_str())));
    assert!(refused(eleven).0.ends_with(&format!("internalMetadata=null){too_many}")));
    let many = format!(r#"{{"Entries":[{}{{}}]}}"#, "null,".repeat(299_999));
    let (message, problem) = refused(many);
    let end = " ... (300000 entries in all)' at 'entries' failed to satisfy constraint: Member must have length less than or \
               equal to 10";
    assert!(message.ends_with(end), "{message}");
    let begin = "1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=null, ";
    assert!(message.starts_with(begin) && message.len() < 17_000, "{}", message.len());
    assert!(problem.starts_with(begin) && problem.len() < 1_000, "{}", problem.len());
    let long = json!({ "Entries": [with(order(1), "TraceHeader", "\u{e9}".repeat(500_000))] });
    let (message, _) = refused(long.to_string());
    let value = "\u{e9}".repeat(8_192);
    assert_eq!(
        message,
        format!(
            "1 validation error detected: Value '{value} ... (1000000 bytes in all)' at 'entries.1.member.traceHeader' \
             failed to satisfy constraint: Member must have length less than or equal to 500"
        )
    );
    let long = json!({ "Entries": [with(order(1), "Resources", vec!["r".repeat(3_000); 100])] });
    let (message, _) = refused(long.to_string());
    assert!(message.contains(", rrr") && message.contains("r ... (100 resources in all)' at 'entries.1.member."));
}

#[test]
fn more_entries_or_resources_than_the_mock_keeps_are_counted_and_refused_whatever_the_limits_are() {
    let refused = |limits: Limits, body: String| {
        let mut bench = Bench::new(Engine::new().limits(limits));
        let reply = bench.handle(put_events(body));
        assert_eq!(reply.status(), 400);
        let journal = bench.journal();
        let kept = journal.attempts()[0].entries();
        let resources: usize = kept.iter().map(|entry| entry.resources().count()).sum();
        let problem = &journal.problems()[0];
        assert_eq!(problem.kind(), ProblemKind::Invalid);
        let message = self::body(&reply)["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&problem.message()[..40]));
        (kept.len(), resources, message)
    };
    let many = |count: usize| format!(r#"{{"Entries":[{}null]}}"#, "{},".repeat(count - 1));
    let (kept, _, message) = refused(Limits::none(), many(10_001));
    let expected = "the request has 10001 entries, and this mock takes at most 10000 of them, whatever its limits are";
    assert_eq!((kept, message.as_str()), (10_000, expected));
    let (kept, _, message) = refused(Limits::current(), many(10_001));
    assert!(kept == 10_000 && message.contains(" ... (10001 entries in all)' at 'entries' failed"), "{message}");
    let mut bench = Bench::new(Engine::new().limits(Limits::none()));
    assert_eq!(bench.handle(put_events(many(10_000))).status(), 200);

    let with_resources = |count: usize| {
        let list = vec![r#""""#; count / 2].join(",");
        let entry = format!(r#"{{"Source":"s","DetailType":"d","Detail":"{{}}","Resources":[{list}]}}"#);
        format!(r#"{{"Entries":[{entry},{entry}]}}"#)
    };
    for limits in [Limits::none(), Limits::current()] {
        let (_, kept, message) = refused(limits, with_resources(100_002));
        let expected =
            "the request has 100002 resources, and this mock takes at most 100000 of them, whatever its limits are";
        assert_eq!((kept, message.as_str()), (100_000, expected));
        let mut bench = Bench::new(Engine::new().limits(limits));
        assert_eq!(bench.handle(put_events(with_resources(100_000))).status(), 200);
    }
    // What comes after them is read all the same: types win over numbers.
    let wrong = many(20_000).replace("null", "0");
    let (status, wrong) = answer(put_events(wrong));
    assert_eq!((status, wrong), (400, json!({ "__type": "SerializationException", "Message": "Expected null" })));
}

#[test]
fn an_empty_and_an_absent_list_are_told_apart() {
    let empty = "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1";
    let absent =
        "1 validation error detected: Value null at 'entries' failed to satisfy constraint: Member must not be null";
    assert_eq!(refusal(json!([])), empty);
    assert_eq!(refusal(json!(null)), absent);
    assert_eq!(answer(put_events("{}")).1["message"], absent);
}

#[test]
fn every_broken_constraint_is_listed() {
    let (status, refused) = answer(put_events(
        json!({
            "Entries": [
                order(1),
                with(with(order(2), "EventBusName", ""), "TraceHeader", ""),
                with(with(order(3), "EventBusName", "a/b"), "TraceHeader", "x".repeat(501)),
            ],
            "EndpointId": "nodot",
        })
        .to_string(),
    ));
    assert_eq!(status, 400);
    let long = "x".repeat(501);
    assert_eq!(
        refused["message"],
        format!(
            "6 validation errors detected: \
             Value '' at 'entries.2.member.eventBusName' failed to satisfy constraint: {PATTERN}; \
             Value '' at 'entries.2.member.eventBusName' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value '' at 'entries.2.member.traceHeader' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value 'a/b' at 'entries.3.member.eventBusName' failed to satisfy constraint: {PATTERN}; \
             Value '{long}' at 'entries.3.member.traceHeader' failed to satisfy constraint: Member must have length less than or equal to 500; \
             Value 'nodot' at 'endpointId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[A-Za-z0-9\\-]+[\\.][A-Za-z0-9\\-]+$"
        )
    );
}

#[test]
fn at_most_ten_broken_constraints_are_listed() {
    let message = refusal((0..10).map(|id| with(order(id), "EventBusName", "")).collect());
    assert!(message.starts_with("10 validation errors detected: "));
    assert_eq!(message.matches("failed to satisfy constraint").count(), 10);
    assert!(message.contains("entries.5.member") && !message.contains("entries.6.member"));
}

#[test]
fn lengths_are_counted_in_characters_and_the_limit_itself_is_allowed() {
    let is_taken = |member: &str, value: Value| answer(put_events(entries([with(order(1), member, value)]))).0 == 200;
    for (member, max) in [("EventBusName", 1_600), ("TraceHeader", 500)] {
        assert!(is_taken(member, "x".repeat(max).into()), "{member}");
        assert!(!is_taken(member, "x".repeat(max + 1).into()), "{member}");
    }
    assert!(is_taken("TraceHeader", "ä".repeat(500).into()));
    assert!(is_taken("Resources", json!(["ä".repeat(2_048), "x".repeat(2_048)])));
    let message = refusal(json!([with(order(1), "Resources", json!(["a", "x".repeat(2_049)]))]));
    assert!(message.contains("' at 'entries.1.member.resources' failed to satisfy constraint: "), "{message}");
    let endpoint = |id: String| {
        let mut request: Value = serde_json::from_str(&entries([order(1)])).unwrap();
        request["EndpointId"] = id.into();
        answer(put_events(request.to_string())).0
    };
    assert_eq!(endpoint(format!("{}.x", "x".repeat(48))), 200);
    assert_eq!(endpoint(format!("{}.x", "x".repeat(49))), 400);
}

/// An entry of exactly `size` bytes by the documented formula.
fn entry_of(size: usize) -> Value {
    json!({ "Source": "source", "DetailType": "type", "Detail": json!({ "x": "x".repeat(size - 18) }).to_string() })
}

fn is_too_large(limits: Limits, items: impl IntoIterator<Item = Value>) -> bool {
    let reply = Bench::new(Engine::new().limits(limits)).handle(put_events(entries(items)));
    let refused = body(&reply);
    assert!(
        reply.status() == 200
            || refused
                == json!({ "__type": "ValidationException", "message": "Total size of the entries in the request is over the limit." }),
        "{refused}"
    );
    reply.status() != 200
}

#[test]
fn the_size_is_the_sum_over_the_request_and_the_limit_itself_is_allowed() {
    for (limits, max) in [
        (Limits::current(), 1_048_576),
        (Limits::before_2026(), 262_144),
        (Limits::current().with_max_request_size(1_000), 1_000),
    ] {
        assert!(!is_too_large(limits, [entry_of(max)]), "{max}");
        assert!(is_too_large(limits, [entry_of(max + 1)]), "{max}");
        assert!(!is_too_large(limits, [entry_of(max / 2), entry_of(max / 2)]), "{max}");
        assert!(is_too_large(limits, [entry_of(max / 2), entry_of(max / 2 + 1)]), "{max}");
    }
}

#[test]
fn the_size_counts_utf_8_bytes_and_14_for_a_time_and_neither_bus_nor_trace_header() {
    let size = |entry: Value| {
        let mut bench = Bench::default();
        bench.put([entry]);
        bench.journal().entries().next().unwrap().size()
    };
    assert_eq!(size(entry_of(100)), 100);
    assert_eq!(size(with(entry_of(100), "Time", 5)), 114);
    assert_eq!(size(with(entry_of(100), "Source", "söurce")), 101);
    assert_eq!(size(with(entry_of(100), "DetailType", "🛒")), 100);
    assert_eq!(size(with(entry_of(100), "Detail", "{\"x\":\"\\n\"}")), 6 + 4 + 10);
    assert_eq!(size(with(entry_of(100), "Resources", json!(["abc", "ä", null]))), 105);
    assert_eq!(size(with(with(entry_of(100), "EventBusName", "orders"), "TraceHeader", "Root=1")), 100);
    assert_eq!(size(json!({})), 0);
}

#[test]
fn a_legal_request_may_be_many_times_larger_on_the_wire() {
    let detail = format!(r#"{{"x":"{}"}}"#, "ä".repeat(524_000));
    let text = entries([with(order(1), "Detail", detail)]).replace('ä', "\\u00e4");
    assert!(text.len() > 3_000_000);
    assert_eq!(answer(put_events(text)).0, 200);
    // As bad as it can be: every byte of a full request written as \u00XX.
    let text: String =
        json!({ "x": "x".repeat(1_048_549) }).to_string().bytes().map(|b| format!("\\u{b:04x}")).collect();
    let text = format!(r#"{{"Entries":[{{"Source":"source","DetailType":"type","Detail":"{text}"}}]}}"#);
    assert!(text.len() > 6_200_000);
    assert_eq!(answer(put_events(text)).0, 200);
}

#[test]
fn the_first_missing_member_is_named() {
    let required = |name: &str| {
        error("InvalidArgument", &format!("Parameter {name} is not valid. Reason: {name} is a required argument."))
    };
    for (name, nothing) in
        ["Source", "DetailType", "Detail"].into_iter().flat_map(|name| [(name, json!(null)), (name, json!(""))])
    {
        assert_eq!(result(with(order(1), name, nothing)), required(name));
    }
    assert_eq!(result(json!({})), required("Source"));
    assert_eq!(result(json!(null)), required("Source"));
    assert_eq!(result(json!({ "Source": "s" })), required("DetailType"));
    assert_eq!(result(json!({ "Source": "aws.s3", "DetailType": "t" })), required("Detail"));
}

#[test]
fn a_detail_type_has_at_most_128_characters() {
    assert!(result(with(order(1), "DetailType", "ä".repeat(128)))["EventId"].is_string());
    assert_eq!(result(with(order(1), "DetailType", "ä".repeat(129)))["ErrorCode"], "InvalidArgument");
}

#[test]
fn only_sources_that_begin_with_aws_and_a_dot_are_reserved() {
    let reserved = error("NotAuthorizedForSourceException", "Not authorized for the source.");
    for source in ["aws.ec2", "aws.", "aws.anything.else"] {
        assert_eq!(result(with(order(1), "Source", source)), reserved, "{source}");
    }
    for source in ["aws", "aws-x", "awsome.shop", "AWS.ec2", "my.aws.ec2", " aws.ec2", "x".repeat(5_000).as_str()] {
        assert!(result(with(order(1), "Source", source))["EventId"].is_string(), "{source}");
    }
}

#[test]
fn a_detail_is_a_json_object_and_nothing_else() {
    let malformed = error("MalformedDetail", "Detail is malformed.");
    for detail in [
        "text",
        "[]",
        "[{}]",
        "\"{}\"",
        "5",
        "true",
        "null",
        "{",
        "{\"a\":}",
        "{\"a\":1}}",
        "{a:1}",
        "{\"a\":1,}",
        " ",
        "\u{feff}{}",
    ] {
        assert_eq!(result(with(order(1), "Detail", detail)), malformed, "{detail}");
    }
    for detail in ["{}", " {\n} ", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{\"a\":1,\"a\":2}", "{\"\":-0.0}"] {
        assert!(result(with(order(1), "Detail", detail))["EventId"].is_string(), "{detail}");
    }
}

#[test]
fn a_detail_is_nested_at_most_1000_levels_deep() {
    for (open, inner, close) in [("{\"a\":", "{}", "}"), ("{\"a\":[", "{\"b\":\"}]\"}", "]}")] {
        let nested = |levels: usize| {
            let step = open.matches(['{', '[']).count();
            let detail = format!("{}{inner}{}", open.repeat((levels - 1) / step), close.repeat((levels - 1) / step));
            with(order(1), "Detail", detail)
        };
        let (deep, too_deep) = (if open.contains('[') { 999 } else { 1_000 }, 1_001);
        assert!(result(nested(deep))["EventId"].is_string(), "{open}");
        assert_eq!(result(nested(too_deep))["ErrorCode"], "MalformedDetail", "{open}");
    }
    let mut bench = Bench::default();
    bench.put([with(order(1), "Detail", "[".repeat(900_000))]);
    bench.put([with(order(1), "Detail", "{\"a\":".repeat(200_000) + &"}".repeat(200_000))]);
    for entry in bench.journal().entries() {
        assert_eq!(entry.detail_json(), None);
    }
}

#[test]
fn a_null_among_the_resources_is_a_failure_of_the_service() {
    let entry = with(order(1), "Resources", json!(["a", null]));
    assert_eq!(result(entry), error("InternalFailure", "Internal Service Failure"));
}

#[test]
fn an_entry_fails_alone_and_results_keep_the_order_of_the_entries() {
    let mut bench = Bench::default();
    let answer = bench.put([
        with(order(0), "Source", Value::Null),
        order(1),
        with(order(2), "Detail", "x"),
        order(3),
        with(order(4), "Source", "aws.x"),
    ]);
    assert_eq!(answer["FailedEntryCount"], 3);
    assert_eq!(codes(&answer), ["InvalidArgument", "ok", "MalformedDetail", "ok", "NotAuthorizedForSourceException"]);
    assert_eq!(answer["Entries"][1], json!({ "EventId": "00000000-0000-0000-0000-000000000001" }));
    assert_eq!(answer["Entries"][3], json!({ "EventId": "00000000-0000-0000-0000-000000000002" }));
    assert!(matches!(bench.journal().attempts()[0].outcomes()[0], Outcome::Failed { injected: false, .. }));
}

#[test]
fn without_limits_whatever_can_be_decoded_is_accepted() {
    let mut bench = Bench::new(Engine::new().limits(Limits::none()));
    let nonsense =
        (0..25).map(|_| json!({ "Source": "aws.x", "EventBusName": "", "Detail": "x", "Resources": [null] }));
    assert_eq!(bench.put(nonsense)["FailedEntryCount"], 0);
    assert_eq!(bench.put([]), json!({ "FailedEntryCount": 0, "Entries": [] }));
    assert_eq!(body(&bench.handle(put_events("{}"))), json!({ "FailedEntryCount": 0, "Entries": [] }));
    assert_eq!(body(&bench.handle(put_events("[]")))["__type"], "SerializationException");
    assert_eq!(bench.journal().published().len(), 25);
}

#[test]
fn an_unknown_bus_is_accepted_as_aws_does_and_reported() {
    let arn = "arn:aws:events:us-east-1:123456789012:event-bus/audit";
    let mut bench = Bench::new(Engine::new().known_buses(["orders", arn]));
    let answer = bench.put([
        order(0),
        with(order(1), "EventBusName", "default"),
        with(order(2), "EventBusName", "orders"),
        with(order(3), "EventBusName", "ordres"),
        with(order(4), "EventBusName", "audit"),
        with(order(5), "EventBusName", arn),
    ]);
    assert_eq!(answer["FailedEntryCount"], 0);
    let journal = bench.journal();
    assert_eq!(journal.problems().len(), 1, "{journal}");
    assert_eq!(journal.problems()[0].kind(), ProblemKind::UnknownBus);
    assert_eq!(
        journal.problems()[0].to_string(),
        "attempt 1: entry 3 went to the event bus \"ordres\", which is none of those known (default, orders, audit): \
         accepted, as AWS does, and delivered nowhere"
    );
}
