//! A journal as JSON: read again it is the same, and what is wrong with one is said with its place.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::MalformedReply;
use putevents_mock::files::JournalError;
use putevents_mock::{Engine, EntryError, Fault, Journal, RequestError, entry};
use serde_json::{Value, json};

use crate::support::{Bench, order, put_events, with};

/// A conversation in which everything happens that a journal can tell.
fn eventful() -> Journal {
    let mut bench = Bench::new(Engine::new().seed(7).known_buses(["orders"]).max_journal_attempts(20));
    for (number, fault) in (1..).zip([
        Fault::entry(EntryError::throttling()).matching(entry().satisfies("odd", |_| true)),
        Fault::reset(),
        Fault::lost_reply(),
        Fault::truncated_body(17),
        Fault::truncated_head(3),
        Fault::lost_reply_as(RequestError::bad_gateway()),
        Fault::malformed_reply(MalformedReply::FailedEntryCount(0)),
        Fault::latency(Duration::from_nanos(30_000_001)),
        Fault::undelivered().at_index(1),
        Fault::stall().after_acceptance(),
        Fault::raw_answer(&b"\xff\x00"[..]),
        Fault::dribble(3, Duration::from_millis(2)),
        Fault::close_after_reply(),
        Fault::request(RequestError::access_denied()),
        Fault::entry(EntryError::new("Custom", "text")).with_probability(1.0),
        Fault::hold(&putevents_mock::fault::Gate::new()),
    ]) {
        bench.engine.inject(fault.on_attempt(number));
    }
    bench.engine.inject(Fault::entry(EntryError::throttling()).matching(entry().source("nobody")));
    for id in 0..17 {
        let reply = bench.handle(put_events(crate::support::entries([order(2 * id), order(2 * id + 1)])));
        bench.answered(&reply);
    }
    bench.put([with(with(order(1), "EventBusName", "ordres"), "Resources", json!(["a", null])), order(99)]);
    bench.handle(put_events(&b"\xff"[..]));
    bench.handle(put_events("{\"Entries\":[]}"));
    let mut with_peer = put_events(crate::support::entries([with(order(3), "Time", 1.5)]));
    with_peer.extensions_mut().insert(std::net::SocketAddr::from(([127, 0, 0, 1], 4711)));
    bench.handle(with_peer);
    bench.journal()
}

#[test]
fn a_journal_that_is_saved_and_read_again_says_the_same() {
    let journal = eventful();
    assert!(journal.forgotten() > 0);
    let again: Journal = journal.to_json().to_string().parse().unwrap();
    assert_eq!(again.to_json(), journal.to_json());
    assert_eq!(again.to_string(), journal.to_string());
    assert_eq!(again.ledger().to_string(), journal.ledger().to_string());
    assert_eq!(again.check_every_fault_fired(), journal.check_every_fault_fired());
    assert_eq!(again.check_in_flight_at_most(1), journal.check_in_flight_at_most(1));
    assert_eq!(again.lint().len(), journal.lint().len());
    assert_eq!(again.redacted(), journal.redacted());
    for (one, other) in again.attempts().iter().zip(journal.attempts()) {
        assert_eq!((one.body(), one.headers(), one.peer()), (other.body(), other.headers(), other.peer()));
        assert_eq!((one.entries(), one.outcomes()), (other.entries(), other.outcomes()));
        assert_eq!((one.at(), one.ended_at(), one.is_told()), (other.at(), other.ended_at(), other.is_told()));
        assert_eq!(one.faults().collect::<Vec<_>>(), other.faults().collect::<Vec<_>>());
    }
    for (one, other) in again.published().iter().zip(&journal.published()) {
        assert_eq!(one.envelope(), other.envelope());
    }
}

/// How older versions wrote what has one type for each member now.
fn as_older_versions_wrote_it(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(as_older_versions_wrote_it),
        Value::Object(members) => {
            for name in ["body", "garbage"] {
                if let Some(hex) = members.remove(&format!("{name}Hex")) {
                    members.insert(name.to_owned(), json!({ "hex": hex }));
                }
            }
            if let Some(text) = members.remove("DetailText") {
                members.insert("Detail".to_owned(), text);
            }
            for header in members.get_mut("headers").and_then(Value::as_array_mut).into_iter().flatten() {
                if let [name, hex, _] = &header.as_array().unwrap()[..] {
                    *header = json!([name, { "hex": hex }]);
                }
            }
            if let Some(kind) = members.remove("kind") {
                let name = kind.as_str().unwrap();
                *value = if members.is_empty() { kind } else { json!({ name: members[name] }) };
                return;
            }
            if let Some(place) = members.remove("at") {
                let bytes = members.remove("bytes");
                *value = bytes.map_or_else(|| place.clone(), |bytes| json!({ place.as_str().unwrap(): bytes }));
                return;
            }
            members.remove("operation");
            members.values_mut().for_each(as_older_versions_wrote_it);
        }
        _ => {}
    }
}

#[test]
fn a_journal_of_an_older_version_is_still_read() {
    let mut bench = Bench::default();
    for (number, fault) in (1..).zip([
        Fault::malformed_reply(MalformedReply::FewerResults),
        Fault::malformed_reply(MalformedReply::FailedEntryCount(3)),
        Fault::malformed_reply(MalformedReply::ContentType("text/html".into())),
        Fault::answer_with("{}"),
        Fault::lost_reply(),
        Fault::truncated_body(17),
        Fault::reset_in_head(3),
        Fault::close_after_reply(),
        Fault::stall().after_acceptance(),
        Fault::raw_answer(&b"\xff\x00"[..]),
        Fault::garbage(),
    ]) {
        bench.engine.inject(fault.on_attempt(number));
    }
    for id in 0..11 {
        bench.put([order(id), with(order(1), "Detail", "[1]"), with(order(1), "Detail", Value::Null)]);
    }
    let mut odd = put_events(&b"\xff"[..]);
    odd.headers_mut().insert("user-agent", http::HeaderValue::from_bytes(b"caf\xe9").unwrap());
    bench.handle(odd);
    let journal = bench.journal();
    let new = journal.to_json();
    let (mut old, text) = (new.clone(), new.to_string());
    as_older_versions_wrote_it(&mut old["attempts"]);
    let older = old.to_string();
    for form in [
        r#""malformedReply":"fewerResults""#,
        r#""malformedReply":{"failedEntryCount":3}"#,
        r#""malformedReply":{"contentType":"text/html"}"#,
        r#""malformedReply":{"body":"{}"}"#,
        r#""reset":"start""#,
        r#""closed":{"body":17}"#,
        r#""reset":{"head":3}"#,
        r#""closed":"end""#,
        r#""stalled":"start""#,
        r#""garbage":{"hex":"ff00"}"#,
        r#""body":{"hex":"ff"}"#,
        r#"["user-agent",{"hex":"636166e9"}]"#,
        r#""Detail":"[1]""#,
    ] {
        assert!(older.contains(form) && !text.contains(form), "{form}\n{older}");
    }
    let again: Journal = older.parse().unwrap();
    assert_eq!(again.to_json(), new);
}

#[test]
fn a_place_in_an_answer_that_is_none_is_told() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::truncated_body(17));
    bench.put([order(1)]);
    let good = bench.journal().to_json();
    for (cut, error) in [
        (
            json!({ "at": "middle" }),
            "{\"at\":\"middle\"} is not a place: \"at\" is \"start\", \"head\", \"body\" or \"end\"",
        ),
        (json!({ "at": "body" }), "there is no \"bytes\""),
        (json!({ "at": 5 }), "5 is not a string"),
        (json!(17), "17 is not a place, such as {\"at\": \"body\", \"bytes\": 17}"),
    ] {
        let mut journal = good.clone();
        journal["attempts"][0]["delivery"]["end"]["closed"] = cut.clone();
        let told = journal.to_string().parse::<Journal>().unwrap_err().to_string();
        assert!(told.starts_with("attempts[0].delivery.end.closed") && told.ends_with(error), "{told}\n{error}");
    }
}

#[test]
fn details_are_in_the_file_as_they_were_sent() {
    let mut bench = Bench::default();
    let details = [
        r#"{"id": 12345678901234567890123}"#,
        r#"{"total":1.10,"title":"cut \ud83d"}"#,
        r#"{"plain":1}"#,
        r#"{"big":1e400}"#,
        "\"a text, which is refused\"",
        "[1e400]",
    ];
    bench.put(details.map(|detail| with(order(1), "Detail", detail)));
    let journal = bench.journal();
    let text = journal.to_json_text();
    for written in [
        r#""Detail":{"id":12345678901234567890123}"#,
        r#""Detail":{"total":1.10,"title":"cut \ud83d"}"#,
        r#""Detail":{"plain":1}"#,
        r#""Detail":{"big":1e400}"#,
        r#""DetailText":"\"a text, which is refused\"""#,
        r#""DetailText":"[1e400]""#,
    ] {
        assert!(text.contains(written), "{written}\n{text}");
    }
    let path = crate::support::directory("digits").join("journal.json");
    journal.save(&path).unwrap();
    // With numbers of arbitrary precision a value holds the digits, and they stand on a line of their own.
    assert!(std::fs::read_to_string(&path).unwrap().contains("12345678901234567890123"));
    let again = Journal::from_file(&path).unwrap();
    assert_eq!((again.to_json_text(), again.to_json()), (text, journal.to_json()));
    assert_eq!(again.published()[0].envelope_text(), journal.published()[0].envelope_text());
    // Where a value holds all, the text is that of the value.
    let plain = eventful();
    assert_eq!(plain.to_json_text(), plain.to_json().to_string());
}

#[test]
fn details_as_deep_as_the_service_takes_them_can_be_saved_and_read_again() {
    let nested = |levels: usize, inside: &str| {
        format!("{}{{\"id\":{inside}}}{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1))
    };
    for levels in [120, 121, 127, 128, 500, 1_000, 1_001] {
        let mut bench = Bench::default();
        bench.put([with(order(1), "Detail", nested(levels, "7")), with(order(2), "Detail", nested(levels, "1.10"))]);
        let journal = bench.journal();
        assert_eq!(journal.published().len(), if levels > 1_000 { 0 } else { 2 }, "{levels}");
        let path = crate::support::directory("deep").join("journal.json");
        journal.save(&path).unwrap();
        let again = Journal::from_file(&path).unwrap();
        assert_eq!(again.to_json_text(), journal.to_json_text(), "{levels}");
        assert_eq!(again.attempts()[0].entries(), journal.attempts()[0].entries(), "{levels}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let error = format!("{{\"putevents-mock\":{deep}}}").parse::<Journal>().unwrap_err().to_string();
    assert_eq!(error, "not JSON: recursion limit exceeded at line 1 column 145");
}

#[test]
fn a_journal_goes_into_a_file_and_comes_back() {
    let path = std::env::temp_dir().join(format!("putevents-mock-journal-{}.json", std::process::id()));
    let journal = eventful();
    journal.save(&path).unwrap();
    assert_eq!(Journal::from_file(&path).unwrap().to_json(), journal.to_json());
    std::fs::write(&path, "{").unwrap();
    let error = Journal::from_file(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}: not JSON: EOF while parsing an object at line 1 column 1", path.display()));
    std::fs::remove_file(&path).unwrap();
    assert!(Journal::from_file(&path).unwrap_err().to_string().starts_with(&path.display().to_string()));
}

#[test]
fn what_is_wrong_with_a_journal_is_said_with_its_place() {
    let mut bench = Bench::default();
    bench.put([order(1)]);
    bench.engine.answered(1, bench.now());
    let good = bench.journal().to_json();
    let changed = |pointer: &str, value: Value| {
        let mut journal = good.clone();
        *journal.pointer_mut(pointer).unwrap() = value;
        journal.to_string().parse::<Journal>().map(|_| ()).map_err(|error: JournalError| error.to_string())
    };
    assert_eq!(changed("/recorded", 1.into()), Ok(()));
    for (pointer, value, error) in [
        (
            "/putevents-mock",
            json!("journal 2"),
            "putevents-mock: \"journal 2\" is not \"journal 1\", the only kind of file that this version reads",
        ),
        ("/attempts", json!({}), "attempts: {} is not a list"),
        ("/attempts/0", json!({}), "attempts[0]: there is no \"request\""),
        ("/attempts/0/request/method", json!("P O"), "attempts[0].request.method: \"P O\" is not an HTTP method"),
        ("/attempts/0/request/uri", json!("\n"), "attempts[0].request.uri: \"\\n\" is not a URI"),
        (
            "/attempts/0/request/headers",
            json!([["a"]]),
            "attempts[0].request.headers[0]: [\"a\"] is not a pair of a name and a value",
        ),
        (
            "/attempts/0/request/body",
            json!({ "hex": "abc" }),
            "attempts[0].request.body.hex: \"abc\" is not an even number of hexadecimal digits",
        ),
        (
            "/attempts/0/request/body",
            json!("{}"),
            "attempts[0]: \"entries\" has 1, but the request's body cannot be read: write the entries of the body",
        ),
        (
            "/attempts/0/entries",
            json!([1, 2]),
            "attempts[0]: \"entries\" has 2, but the request's body has 1: write the entries of the body",
        ),
        (
            "/attempts/0/outcomes",
            json!([{}]),
            "attempts[0].outcomes[0]: an outcome has either an \"eventId\" or an \"error\"",
        ),
        (
            "/attempts/0/outcomes",
            json!([{ "eventId": "x" }]),
            "attempts[0].outcomes[0].eventId: \"x\" is not an EventId, in the form of a UUID",
        ),
        (
            "/attempts/0/outcomes",
            json!([{ "error": "InternalFailure" }, { "error": "InternalFailure" }]),
            "attempts[0]: there are 2 outcomes for 1 entries",
        ),
        ("/attempts/0/reply/status", json!(99), "attempts[0].reply.status: 99 is not an HTTP status"),
        ("/attempts/0/atMs", json!(-1), "attempts[0].atMs: -1 is not a number of milliseconds from 0 up"),
        ("/attempts/0/answered", json!("yes"), "attempts[0].answered: \"yes\" is not true or false"),
        ("/problems", json!([{ "kind": "Odd" }]), "problems[0].kind: \"Odd\" is not a kind of problem"),
        ("/faults", json!([{}]), "faults[0]: there is no \"fault\""),
    ] {
        assert_eq!(changed(pointer, value), Err(error.to_owned()));
    }
    let not_json: JournalError = "{".parse::<Journal>().unwrap_err();
    assert_eq!(format!("{not_json:?}"), "not JSON: EOF while parsing an object at line 1 column 1");
}

#[test]
fn a_snapshot_test_sees_what_is_the_same_in_each_run() {
    let mut bench = Bench::default().with_ids(putevents_mock::engine::Ids::random());
    bench.engine.inject(Fault::entry(EntryError::throttling()).at_index(1).times(1));
    bench.put([with(order(1), "Time", 1_767_323_045.5), order(2)]);
    bench.put([order(2)]);
    bench.handle(put_events("{"));
    let snapshot = serde_json::to_string_pretty(&bench.journal().redacted()).unwrap();
    assert_eq!(
        snapshot,
        r#"{
  "attempts": [
    {
      "entries": [
        {
          "Detail": {
            "orderId": 1
          },
          "DetailType": "OrderPlaced",
          "Source": "shop.orders",
          "Time": "[time]"
        },
        {
          "Detail": {
            "orderId": 2
          },
          "DetailType": "OrderPlaced",
          "Source": "shop.orders"
        }
      ],
      "faults": [
        "ThrottlingException for entries at index 1, once"
      ],
      "number": 1,
      "outcomes": [
        "[event-1]",
        "ThrottlingException: Rate exceeded"
      ],
      "status": 200
    },
    {
      "entries": [
        {
          "Detail": {
            "orderId": 2
          },
          "DetailType": "OrderPlaced",
          "Source": "shop.orders"
        }
      ],
      "number": 2,
      "outcomes": [
        "[event-2]"
      ],
      "status": 200
    },
    {
      "error": "400 SerializationException",
      "number": 3,
      "status": 400
    }
  ],
  "problems": [
    "attempt 3: the body is not JSON: EOF while parsing an object at line 1 column 1"
  ]
}"#
    );
}
