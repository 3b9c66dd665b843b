//! What the page is told of a journal: everything that is judged, without a browser.

use std::net::SocketAddr;
use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::{Gate, MalformedReply};
use putevents_mock::{Engine, EntryError, Fault, Journal, RequestError, entry};
use serde_json::{Value, json};

use super::{eventful, view};
use crate::support::{AUTHORIZATION, Bench, entries, order, put_events, with};

fn shown(journal: &Journal) -> Value {
    view(&journal.to_html())
}

/// One member of each attempt.
fn of_each(view: &Value, member: &str) -> Vec<Value> {
    view["attempts"].as_array().unwrap().iter().map(|attempt| attempt[member].clone()).collect()
}

/// The marks of the entries of each attempt.
fn marks(view: &Value) -> Vec<String> {
    let marks = |attempt: &Value| -> Vec<String> {
        let entries = attempt["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["mark"].as_str().unwrap().to_owned()).collect()
    };
    view["attempts"].as_array().unwrap().iter().map(|attempt| marks(attempt).join(" ")).collect()
}

fn bench() -> Bench {
    Bench::default().with_own_clock()
}

/// An order that is answered whole after some milliseconds.
fn told(bench: &mut Bench, request: http::Request<bytes::Bytes>, after: u64) {
    let reply = bench.handle(request);
    bench.wait(Duration::from_millis(after));
    bench.answered(&reply);
}

fn request(orders: &[u64]) -> http::Request<bytes::Bytes> {
    put_events(entries(orders.iter().map(|id| order(*id))))
}

/// The request with another header.
fn header(mut request: http::Request<bytes::Bytes>, name: &'static str, value: &str) -> http::Request<bytes::Bytes> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

#[test]
fn each_entry_has_a_mark_and_an_attempt_has_the_worst_of_them() {
    let view = shown(&eventful());
    assert_eq!(
        marks(&view),
        [
            "refused-injected refused-injected refused-injected",
            "accepted failed-injected accepted",
            "accepted accepted accepted",
            "unseen",
            "lost",
            "undelivered failed",
            "",
            &["refused"; 11].join(" "),
            "waiting",
        ]
    );
    let worst = of_each(&view, "mark");
    assert_eq!(
        worst,
        [
            "refused-injected",
            "failed-injected",
            "accepted",
            "unseen",
            "lost",
            "failed",
            "refused",
            "refused",
            "waiting"
        ]
    );
    let names: Vec<&String> = view["marks"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 10);
    assert_eq!(view["marks"]["lost"], "accepted, but the publisher was not told");
    assert_eq!(of_each(&view, "isTold"), [true, true, true, false, false, true, true, true, false]);
    assert_eq!(of_each(&view, "isFailure"), [true, true, false, true, true, true, true, true, true]);
    assert_eq!(of_each(&view, "isFinding"), [false, false, true, false, false, true, true, true, false]);
    assert_eq!(of_each(&view, "isInjected"), [true, true, false, true, true, false, false, false, true]);
}

#[test]
fn another_operation_has_a_mark_of_its_own() {
    let mut bench = Bench::new(Engine::new().known_buses(["orders"])).with_own_clock();
    bench.engine.answer("ListRules", json!({ "Rules": [] }));
    for (number, fault) in [
        (3, Fault::lost_reply()),
        (4, Fault::malformed_reply(MalformedReply::EmptyBody)),
        (5, Fault::request(RequestError::throttling())),
        (6, Fault::reset()),
        (7, Fault::hold(&Gate::new())),
    ] {
        bench.engine.inject(fault.on_operation("DescribeEventBus").on_attempt(number));
    }
    let ask = |operation: &str, text: &str| {
        let mut request = put_events(text.to_owned());
        request.headers_mut().insert("x-amz-target", format!("AWSEvents.{operation}").parse().unwrap());
        request
    };
    told(&mut bench, ask("DescribeEventBus", r#"{"Name":"orders"}"#), 1);
    told(&mut bench, ask("DescribeEventBus", r#"{"Name":"ordres"}"#), 1);
    for _ in 3..=6 {
        told(&mut bench, ask("DescribeEventBus", "{}"), 1);
    }
    bench.handle(ask("DescribeEventBus", "{}"));
    told(&mut bench, ask("ListRules", "{}"), 1);
    told(&mut bench, ask("ListTargetsByRule", "{}"), 1);
    let view = shown(&bench.journal());
    assert_eq!(
        of_each(&view, "mark"),
        ["answered", "refused", "answered", "answered", "refused-injected", "unseen", "waiting", "answered", "refused"]
    );
    assert_eq!(of_each(&view, "isFailure"), [false, true, true, true, true, true, true, false, true]);
    assert_eq!(view["marks"]["answered"], "a request for another operation, answered");
    // What became of the answer stands beside it.
    let reset = "DescribeEventBus: answered, then reset without a reply (injected)";
    assert_eq!(view["attempts"][2]["became"], reset);
}

#[test]
fn the_words_are_those_of_the_timeline() {
    let journal = eventful();
    let view = shown(&journal);
    let timeline = journal.to_string();
    for words in of_each(&view, "became") {
        assert!(timeline.contains(words.as_str().unwrap()), "{words} is not in {timeline}");
    }
    assert_eq!(view["attempts"][1]["became"], "[1] ThrottlingException (injected), 2 accepted");
    assert_eq!(view["attempts"][2]["note"], "[0, 2] accepted in #2 already");
    assert_eq!(view["facts"], json!({ "attempts": 9, "published": 8, "problems": 4, "forgotten": 0 }),);
}

#[test]
fn an_answer_that_was_broken_or_replaced_tells_nothing() {
    let mut bench = bench();
    bench.engine.inject(Fault::malformed_reply(MalformedReply::FewerResults).on_attempt(1));
    bench.engine.inject(Fault::lost_reply_as(RequestError::service_unavailable()).on_attempt(2));
    bench.engine.inject(Fault::close_after_reply().on_attempt(3));
    bench.engine.inject(Fault::truncated_body(4).on_attempt(4));
    for _ in 0..4 {
        let reply = bench.handle(request(&[1]));
        bench.engine.answered(reply.attempt(), bench.now());
    }
    // Its client has gone.
    let reply = bench.handle(request(&[1]));
    bench.engine.abandoned(reply.attempt(), bench.now());
    let view = shown(&bench.journal());
    assert_eq!(marks(&view), ["lost", "lost", "accepted", "lost", "lost"]);
    assert_eq!(
        of_each(&view, "delivery"),
        [
            json!(["delivered whole, without delay", "malformed: \"fewerResults\""]),
            json!(["delivered whole, without delay"]),
            json!(["the connection was closed after its last byte"]),
            json!(["the connection was closed after 4 bytes of its body"]),
            json!(["the client had left"]),
        ]
    );
}

#[test]
fn an_answer_on_its_way_is_told_in_words() {
    let mut bench = bench();
    let gate = Gate::new();
    for (attempt, fault) in (1..).zip([
        Fault::hold(&gate),
        Fault::latency(Duration::from_millis(1_250)),
        Fault::dribble(1, Duration::from_millis(7)),
        Fault::reset(),
        Fault::stall(),
        Fault::raw_answer([255, 0].as_slice()),
        Fault::reset_in_head(17),
    ]) {
        bench.engine.inject(fault.on_attempt(attempt));
    }
    for number in 1..=7 {
        let reply = bench.handle(request(&[number]));
        if number == 2 || number == 3 {
            bench.answered(&reply);
        }
    }
    let view = shown(&bench.journal());
    let not_ended = "the delivery has not ended yet";
    assert_eq!(
        of_each(&view, "delivery"),
        [
            json!(["held at a gate", not_ended]),
            json!(["delayed by 1.25 s"]),
            json!(["sent in pieces of 1 byte, one every 7 ms"]),
            json!(["the connection was reset before its first byte", not_ended]),
            json!(["nothing more came before its first byte, and the connection stayed open", not_ended]),
            json!(["other bytes came instead of the reply", not_ended]),
            json!(["the connection was reset after 17 bytes of its head", not_ended]),
        ]
    );
    assert_eq!(view["attempts"][5]["garbageHex"], "ff00");
    assert_eq!(view["attempts"][4]["garbage"], Value::Null);
    assert_eq!(view["attempts"][3]["reply"], Value::Null);
}

#[test]
fn the_time_since_the_attempt_before_is_told_where_it_is_worth_it() {
    let mut bench = bench();
    told(&mut bench, request(&[1]), 3);
    bench.wait(Duration::from_millis(52));
    told(&mut bench, request(&[2]), 1);
    bench.wait(Duration::from_millis(4));
    let slow = bench.handle(request(&[3]));
    bench.wait(Duration::from_millis(30));
    told(&mut bench, request(&[4]), 1);
    bench.answered(&slow);
    bench.handle(request(&[5]));
    bench.wait(Duration::from_millis(1_500));
    bench.handle(request(&[6]));
    let view = shown(&bench.journal());
    let waits = of_each(&view, "wait");
    assert_eq!(
        waits,
        [
            Value::Null,
            json!({ "ms": 52, "overlaps": false, "words": "waited 52 ms" }),
            Value::Null,
            json!({ "ms": 0, "overlaps": true, "words": "while #3 was not answered yet" }),
            Value::Null,
            json!({ "ms": 1500, "overlaps": false, "words": "1.5 s later" }),
        ]
    );
    assert_eq!(of_each(&view, "took")[..3], [json!("3 ms"), json!("1 ms"), json!("31 ms")]);
}

#[test]
fn a_signature_says_its_key_region_and_service_in_each_form() {
    let mut bench = bench();
    bench.handle(request(&[1]));
    // SigV4A is for a set of regions and names none.
    let of_set =
        "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20261123/events/aws4_request, SignedHeaders=host, Signature=00";
    bench.handle(header(request(&[2]), "authorization", of_set));
    let mut presigned = request(&[3]);
    presigned.headers_mut().remove("authorization");
    *presigned.uri_mut() =
        "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDQUERY%2F20261123%2Feu-west-1%2Fevents%2Faws4_request"
            .parse()
            .unwrap();
    bench.handle(presigned);
    let own = AUTHORIZATION.replace("us-east-1", "us-east-1-mock-7");
    bench.handle(header(request(&[4]), "authorization", &own));
    let mut unsigned = request(&[5]);
    unsigned.headers_mut().remove("authorization");
    bench.handle(unsigned);
    let view = shown(&bench.journal());
    let scope = |key, region| json!({ "accessKey": key, "region": region, "service": "events" });
    assert_eq!(
        of_each(&view, "credential"),
        [
            scope("AKIDEXAMPLE", "us-east-1"),
            json!({ "accessKey": "AKIDEXAMPLE", "service": "events" }),
            scope("AKIDQUERY", "eu-west-1"),
            scope("AKIDEXAMPLE", "us-east-1"),
            Value::Null,
        ]
    );
    assert_eq!(view["attempts"][4]["lint"], json!([{ "rule": "unsigned", "message": "the call is not signed" }]));
}

#[test]
fn the_tries_of_one_call_of_an_sdk_know_each_other() {
    let mut bench = bench();
    for (id, sdk_try) in [("one", 1), ("two", 1), ("one", 2), ("one", 3)] {
        let request = header(request(&[1]), "amz-sdk-invocation-id", id);
        let mut request =
            header(request, "amz-sdk-request", &format!("ttl=20261123T000000Z; attempt={sdk_try}; max=3"));
        request.extensions_mut().insert(SocketAddr::from(([127, 0, 0, 1], 4711)));
        bench.handle(header(request, "user-agent", "aws-sdk-rust/1.3.9 os/linux"));
    }
    for _ in 0..20 {
        bench.handle(header(request(&[1]), "amz-sdk-invocation-id", "many"));
    }
    let view = shown(&bench.journal());
    let first = |numbers: &[usize], more: usize| json!({ "first": numbers, "more": more });
    assert_eq!(
        of_each(&view, "otherTries")[..4],
        [first(&[3, 4], 0), Value::Null, first(&[1, 4], 0), first(&[1, 3], 0)]
    );
    assert_eq!(view["attempts"][4]["otherTries"], first(&[6, 7, 8, 9, 10, 11, 12, 13], 11));
    let third = &view["attempts"][2];
    assert_eq!((&third["sdkTry"], &third["invocation"]), (&json!(2), &json!("one")));
    assert_eq!(
        (&third["peer"], &third["userAgent"]),
        (&json!("127.0.0.1:4711"), &json!("aws-sdk-rust/1.3.9 os/linux"))
    );
}

#[test]
fn where_else_an_event_was_sent_is_what_the_ledger_says() {
    let mut bench = bench();
    let arn = "arn:aws:events:us-east-1:123456789012:event-bus/orders";
    let on = |bus: &str, trace: &str| with(with(order(1), "EventBusName", bus), "TraceHeader", trace);
    // A bus by its name and by its ARN, another header for tracing, other white space in the detail: the same event.
    bench.put([on("orders", "Root=1-1")]);
    bench.put([order(7), on(arn, "Root=1-2")]);
    bench.put([with(on("orders", "Root=1-3"), "Detail", "{ \"orderId\" : 1 }")]);
    // Another bus: another event.
    bench.put([on("others", "Root=1-1")]);
    // Two equal entries of one request are two events.
    bench.put([order(9), order(9)]);
    let journal = bench.journal();
    let view = shown(&journal);
    let places = |attempt: usize, index: usize| {
        let also = &view["attempts"][attempt - 1]["entries"][index]["alsoIn"];
        let first = also["first"].as_array().cloned().unwrap_or_default();
        first.iter().map(|place| format!("#{}[{}]", place["attempt"], place["index"])).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(places(1, 0), "#2[1] #3[0]");
    assert_eq!(places(2, 0), "");
    assert_eq!(places(2, 1), "#1[0] #3[0]");
    assert_eq!(places(3, 0), "#1[0] #2[1]");
    assert_eq!(places(4, 0), "");
    assert_eq!((places(5, 0), places(5, 1)), (String::new(), String::new()));
    let place = &view["attempts"][0]["entries"][0]["alsoIn"];
    assert_eq!((&place["first"][0]["mark"], &place["more"]), (&json!("accepted"), &json!(0)));
    // Of each line of the ledger, whatever its identity is made of.
    for line in journal.ledger().lines() {
        for one in line.tries() {
            let wanted: Vec<String> = line
                .tries()
                .iter()
                .filter(|other| other.attempt().number() != one.attempt().number())
                .map(|other| format!("#{}[{}]", other.attempt().number(), other.index()))
                .collect();
            assert_eq!(places(one.attempt().number(), one.index()), wanted.join(" "));
        }
    }
}

#[test]
fn an_entry_is_shown_as_it_was_sent_with_what_came_of_it() {
    let mut bench = bench();
    bench.engine.inject(Fault::entry(EntryError::new("Own", "own words")).at_index(1));
    let mut full = with(with(order(1), "EventBusName", "orders"), "TraceHeader", "Root=1-2");
    full = with(with(full, "Resources", json!(["arn:aws:s3:::a"])), "Time", 1_767_323_045.5);
    full = with(full, "Detail", "{\"total\": 1.10, \"orderId\":12345678901234567890123}");
    bench.put([full, order(2), with(order(3), "Source", Value::Null)]);
    let view = shown(&bench.journal());
    let entries = view["attempts"][0]["entries"].as_array().unwrap();
    let id = bench.journal().published()[0].id().to_string();
    assert_eq!(
        entries[0],
        json!({
            "mark": "accepted",
            "source": "shop.orders",
            "detailType": "OrderPlaced",
            "detail": "{\"total\": 1.10, \"orderId\":12345678901234567890123}",
            "bus": "orders",
            "time": "1767323045.5",
            "resources": ["arn:aws:s3:::a"],
            "trace": "Root=1-2",
            "eventId": id,
            "event": 1,
        })
    );
    let failure = |entry: &Value| json!([entry["code"], entry["message"], entry["isInjected"]]);
    assert_eq!(failure(&entries[1]), json!(["Own", "own words", true]));
    let missing = "Parameter Source is not valid. Reason: Source is a required argument.";
    assert_eq!(failure(&entries[2]), json!(["InvalidArgument", missing, null]));
    assert_eq!(entries[2]["source"], Value::Null);
}

#[test]
fn heads_and_bodies_are_texts_or_bytes() {
    let mut bench = bench();
    let mut request = put_events([0x1f, 0x8b, 0xff].as_slice());
    let value = http::HeaderValue::from_bytes(b"caf\xe9").unwrap();
    request.headers_mut().insert("user-agent", value);
    *request.uri_mut() = "/?a=b".parse().unwrap();
    bench.handle(request);
    let view = shown(&bench.journal());
    let request = &view["attempts"][0]["request"];
    assert_eq!((&request["line"], &request["bodyHex"]), (&json!("POST /?a=b"), &json!("1f8bff")));
    let head = request["head"].as_str().unwrap();
    assert!(head.contains("x-amz-target: AWSEvents.PutEvents\n") && head.contains("user-agent: caf\\xe9"), "{head}");
    let reply = &view["attempts"][0]["reply"];
    assert_eq!((&reply["line"], &view["attempts"][0]["entries"]), (&json!("400"), &json!([])));
    assert_eq!(reply["body"], "{\"__type\":\"SerializationException\"}");
}

#[test]
fn findings_with_equal_words_stand_together() {
    let mut bench = Bench::new(Engine::new().known_buses(["orders"])).with_own_clock();
    for id in 0..3 {
        told(&mut bench, put_events(entries([with(order(id), "EventBusName", "ordres")])), 1);
    }
    let mut unsigned = request(&[8]);
    unsigned.headers_mut().remove("authorization");
    told(&mut bench, unsigned, 1);
    told(&mut bench, put_events(entries([with(order(0), "EventBusName", "ordres")])), 1);
    let view = shown(&bench.journal());
    let unknown = "entry 0 went to the event bus \"ordres\", which is none of those known (default, orders): accepted, as AWS \
                   does, and delivered nowhere";
    assert_eq!(
        view["findings"],
        json!([
            { "tag": "sent again", "isAlarm": true, "message": "[0] accepted in #1 already", "attempts": [5], "entry": 0 },
            { "tag": "problem", "isAlarm": true, "message": unknown, "attempts": [1, 2, 3, 5], "entry": 0 },
            { "tag": "lint", "isAlarm": false, "message": "the call is not signed", "attempts": [4] },
        ])
    );
    assert_eq!(view["attempts"][0]["problems"], json!([{ "kind": "UnknownBus", "message": unknown, "entry": 0 }]));
}

#[test]
fn faults_lead_to_their_attempts_and_attempts_to_their_faults() {
    let mut bench = bench();
    for fault in [
        Fault::entry(EntryError::throttling()).matching(entry().detail_at("/orderId", 2)),
        Fault::entry(EntryError::internal_failure()).matching(entry().source("nobody")).times(2),
        Fault::entry(EntryError::malformed_detail()).at_index(2).times(3),
    ] {
        bench.engine.inject(fault);
    }
    let lifted = bench.engine.inject(Fault::latency(Duration::from_millis(9)).times(0..=1));
    bench.engine.lift(lifted);
    bench.put([order(2), order(2), order(3)]);
    bench.put([order(1)]);
    bench.put([order(2)]);
    let view = shown(&bench.journal());
    let told =
        |fault: &Value| json!([fault["id"], fault["fired"], fault["isAlarm"], fault["inForce"], fault["attempts"]]);
    assert_eq!(
        view["faults"].as_array().unwrap().iter().map(told).collect::<Vec<_>>(),
        [
            json!([1, "never fired", true, true, []]),
            json!([2, "fired 1 of 3 times", true, true, [1]]),
            json!([0, "fired 3 times", false, true, [1, 3]]),
            json!([3, "did not fire", false, false, []]),
        ]
    );
    let unfired = &view["faults"][0];
    assert!(unfired["why"].as_str().unwrap().starts_with("nearest: #"), "{unfired}");
    assert_eq!((&unfired["times"], &unfired["mustFire"]), (&json!(0), &json!(2)));
    assert!(unfired["place"].as_str().unwrap().starts_with("tests/it/page/view.rs:"), "{unfired}");
    assert_eq!(view["faults"][2]["why"], Value::Null);
    let ids = |attempt: &Value| -> Vec<u64> {
        let faults = attempt["faults"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| fault["id"].as_u64().unwrap()).collect()
    };
    let of_attempts: Vec<Vec<u64>> = view["attempts"].as_array().unwrap().iter().map(ids).collect();
    assert_eq!(of_attempts, [vec![0, 2], vec![], vec![0]]);
    assert_eq!(view["attempts"][0]["faults"][1]["sentence"], view["faults"][1]["sentence"]);
}
