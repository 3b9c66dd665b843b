//! Which requests are PutEvents, in which order they are checked, and in which words they are refused.

use pretty_assertions::assert_eq;
use putevents_mock::Engine;
use putevents_mock::journal::ProblemKind;
use serde_json::{Value, json};

use crate::support::{Bench, answer, body, codes, entries, order, put_events, with};

const UNKNOWN_PROTOCOL: &str = "<UnknownOperationException/>\n";

fn with_header(name: &'static str, value: &str) -> http::Request<bytes::Bytes> {
    let mut request = put_events(entries([order(1)]));
    request.headers_mut().remove(name);
    if !value.is_empty() {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

fn unknown_operation() -> (u16, Value) {
    (400, json!({ "__type": "UnknownOperationException" }))
}

fn serialization(message: &str) -> (u16, Value) {
    (400, json!({ "__type": "SerializationException", "Message": message }))
}

fn not_json() -> (u16, Value) {
    (400, json!({ "__type": "SerializationException" }))
}

#[test]
fn a_content_type_may_have_parameters_spaces_and_any_case() {
    for good in [
        "application/x-amz-json-1.1; charset=utf-8",
        "application/x-amz-json-1.1;x=y",
        "Application/X-Amz-Json-1.1",
        "application/x-amz-json-1.1 ",
    ] {
        assert_eq!(answer(with_header("content-type", good)).0, 200, "{good}");
    }
    for bad in [
        "",
        "application/x-amz-json-1.0",
        "application/json",
        "application/cbor",
        "application/x-amz-json-1.10",
        "text/plain",
    ] {
        assert_eq!(answer(with_header("content-type", bad)), (404, UNKNOWN_PROTOCOL.into()), "{bad}");
    }
}

#[test]
fn only_a_post_to_the_root_is_put_events() {
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"] {
        let mut request = put_events(entries([order(1)]));
        *request.method_mut() = method.parse().unwrap();
        assert_eq!(answer(request), (404, UNKNOWN_PROTOCOL.into()), "{method}");
    }
    for (path, status) in
        [("/", 200), ("/?x=1", 200), ("http://localhost", 200), ("/events", 404), ("//", 404), ("/%2f", 404)]
    {
        let mut request = put_events(entries([order(1)]));
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(answer(request).0, status, "{path}");
    }
}

#[test]
fn the_target_is_taken_to_the_letter() {
    for target in [
        "awsevents.PutEvents",
        "AWSEvents.putEvents",
        "AWSEvents.PutEvents ",
        "PutEvents",
        ".PutEvents",
        "AWSEvents.",
        "AWSEvents.PutRule",
        "AWSEvents.describeEventBus",
        "DynamoDB_20120810.PutItem",
        "",
    ] {
        let mut request = put_events(entries([order(1)]));
        request.headers_mut().insert("x-amz-target", http::HeaderValue::from_bytes(target.as_bytes()).unwrap());
        // A header value that ends in a space only reaches the engine where no HTTP parser has trimmed it.
        assert_eq!(answer(request), unknown_operation(), "{target:?}");
    }
    let mut request = put_events(entries([order(1)]));
    request.headers_mut().remove("x-amz-target");
    assert_eq!(answer(request), unknown_operation());
    let mut request = put_events(entries([order(1)]));
    request.headers_mut().insert("x-amz-target", http::HeaderValue::from_bytes(b"AWSEvents.\xff").unwrap());
    assert_eq!(answer(request), unknown_operation());
}

/// The order of the checks, each pair of neighbours: a request that fails both is answered for the first.
#[test]
fn each_check_comes_before_the_next() {
    let strict = |request| {
        let reply = Bench::new(Engine::new().strict_auth()).handle(request);
        (reply.status(), body(&reply))
    };
    let unsigned = |text: &str| {
        let mut request = put_events(text.to_owned());
        request.headers_mut().remove("authorization");
        request
    };
    let elsewhere = |text: &str| {
        let mut request = put_events(text.to_owned());
        request.headers_mut().insert("x-amz-target", "AWSEvents.PutRule".parse().unwrap());
        request
    };

    // The content type before the body.
    let mut request = put_events("{");
    request.headers_mut().remove("content-type");
    assert_eq!(answer(request), (404, UNKNOWN_PROTOCOL.into()));
    // The syntax before the operation, except that an empty body says nothing of its own.
    assert_eq!(answer(elsewhere("{")), not_json());
    assert_eq!(answer(elsewhere("")), unknown_operation());
    assert_eq!(answer(put_events("")), not_json());
    // The syntax and the operation before authentication.
    assert_eq!(strict(unsigned("{")), not_json());
    let mut request = elsewhere("{}");
    request.headers_mut().remove("authorization");
    assert_eq!(strict(request), unknown_operation());
    // Authentication before types.
    assert_eq!(strict(unsigned("[]")).1["__type"], "MissingAuthenticationTokenException");
    // Types before constraints: a wrong type wins over a missing list and over eleven entries.
    assert_eq!(
        answer(put_events(r#"{"EndpointId":5}"#)),
        serialization("NUMBER_VALUE can not be converted to a String")
    );
    let eleven = entries((0..11).map(|id| if id == 10 { json!("x") } else { order(id) }));
    assert_eq!(answer(put_events(eleven)), serialization("Expected null"));
    // Constraints before the size.
    let large = with(order(1), "Detail", json!({ "x": "x".repeat(1_100_000) }).to_string());
    let (status, refused) = answer(put_events(entries([with(large.clone(), "EventBusName", "my bus")])));
    assert_eq!(status, 400);
    assert!(refused["message"].as_str().unwrap().contains("entries.1.member.eventBusName"), "{refused}");
    // The size before the entries.
    let (_, refused) = answer(put_events(entries([with(large, "Source", Value::Null)])));
    assert_eq!(refused["message"], "Total size of the entries in the request is over the limit.");
}

#[test]
fn what_is_not_json_is_refused_without_a_message() {
    for text in [
        "",
        " ",
        "{",
        "{\"Entries\":[",
        "{\"Entries\":[],}",
        "{\"Entries\":[]} x",
        "{\"Entries\":NaN}",
        "{'Entries':[]}",
        "\u{feff}{}",
        "Action=PutEvents&Entries.member.1.Source=shop",
        // JSON, but no structure.
        "null",
        "\"text\"",
        "5",
        "true",
    ] {
        assert_eq!(answer(put_events(text)), not_json(), "{text:?}");
    }
    assert_eq!(answer(put_events(&b"{\"Entries\":[{\"Source\":\"\xff\"}]}"[..])), not_json());
    assert_eq!(answer(put_events("{\"Entries\":[{\"Source\":\"\\ud800\"}]}")), not_json());
    assert_eq!(answer(put_events("[]")), serialization("Start of list found where not expected"));
}

/// Section by section the table of the wire's facts: what stands in the request against what the model wants there.
#[test]
fn a_member_of_the_wrong_type_is_refused_in_the_services_words() {
    let number = "NUMBER_VALUE can not be converted to a String";
    let yes = "TRUE_VALUE can not be converted to a String";
    let no = "FALSE_VALUE can not be converted to a String";
    let list = "Start of list found where not expected";
    let object = "Start of structure or map found where not expected.";
    let wrong: [(&str, [(&str, &str); 6]); 4] = [
        ("string", [("5", number), ("-0.5", number), ("true", yes), ("false", no), ("[]", list), ("{}", object)]),
        (
            "list",
            [
                ("\"x\"", "Expected list or null"),
                ("5", "Expected list or null"),
                ("true", "Expected list or null"),
                ("false", "Expected list or null"),
                ("{}", object),
                ("{\"a\":[1]}", object),
            ],
        ),
        (
            "structure",
            [
                ("\"x\"", "Expected null"),
                ("5", "Expected null"),
                ("true", "Expected null"),
                ("false", "Expected null"),
                ("[]", list),
                ("[{}]", list),
            ],
        ),
        (
            "timestamp",
            [
                ("\"2016-01-14T01:02:03Z\"", "STRING_VALUE cannot be converted to Date"),
                ("\"5\"", "STRING_VALUE cannot be converted to Date"),
                ("true", "TRUE_VALUE cannot be converted to Date"),
                ("false", "FALSE_VALUE cannot be converted to Date"),
                ("[5]", list),
                ("{}", object),
            ],
        ),
    ];
    let places: [(&str, &str); 11] = [
        ("string", r#"{"EndpointId":$}"#),
        ("string", r#"{"Entries":[{"Source":$}]}"#),
        ("string", r#"{"Entries":[{"DetailType":$}]}"#),
        ("string", r#"{"Entries":[{"Detail":$}]}"#),
        ("string", r#"{"Entries":[{"EventBusName":$}]}"#),
        ("string", r#"{"Entries":[{"TraceHeader":$}]}"#),
        ("string", r#"{"Entries":[{"Resources":["a",$]}]}"#),
        ("list", r#"{"Entries":$}"#),
        ("list", r#"{"Entries":[{"Resources":$}]}"#),
        ("structure", r#"{"Entries":[{},$]}"#),
        ("timestamp", r#"{"Entries":[{"Time":$}]}"#),
    ];
    for (wanted, template) in places {
        for (found, message) in wrong.iter().find(|(kind, _)| *kind == wanted).unwrap().1 {
            let text = template.replace('$', found);
            assert_eq!(answer(put_events(text.clone())), serialization(message), "{text}");
        }
    }
}

#[test]
fn a_problem_says_in_plain_words_what_to_write_instead() {
    let told = |body: &str| {
        let mut bench = Bench::new(Engine::new());
        bench.handle(put_events(body.to_owned()));
        bench.journal().problems()[0].message().to_owned()
    };
    for (body, expected) in [
        (
            r#"{"Entries":[{"Detail":{"a":1}}]}"#,
            "Entries[0].Detail has the wrong type: Start of structure or map found where not expected. Detail is a text that \
             holds JSON: stringify it, as with JSON.stringify(...) or json.dumps(...)",
        ),
        (
            r#"{"Entries":[{},{"Detail":[]}]}"#,
            "Entries[1].Detail has the wrong type: Start of list found where not expected. Detail is a text that holds JSON: \
             stringify it, as with JSON.stringify(...) or json.dumps(...)",
        ),
        (
            r#"{"Entries":[{"Source":{"name":"x"}}]}"#,
            "Entries[0].Source has the wrong type: Start of structure or map found where not expected. It is a text: write it \
             in quotes",
        ),
        (
            r#"{"Entries":[{"DetailType":5}]}"#,
            "Entries[0].DetailType has the wrong type: NUMBER_VALUE can not be converted to a String. It is a text: write it in \
             quotes",
        ),
        (
            r#"{"Entries":{"Source":"x"}}"#,
            "Entries has the wrong type: Start of structure or map found where not expected. It is a list, even for one item: \
             write [...]",
        ),
        (
            r#"{"Entries":[{"Resources":"arn:x"}]}"#,
            "Entries[0].Resources has the wrong type: Expected list or null. It is a list, even for one item: write \
             [...]",
        ),
        (r#"{"Entries":["{}"]}"#, "Entries[0] has the wrong type: Expected null. It is an object: do not stringify it"),
        (
            r#"{"Entries":[{"Time":"2026-01-01T00:00:00Z"}]}"#,
            "Entries[0].Time has the wrong type: STRING_VALUE cannot be converted to Date. It is a number: seconds since 1970, \
             as the AWS SDKs send it",
        ),
        ("[]", "the body has the wrong type: Start of list found where not expected. It is an object: write {...}"),
        ("null", "the body has the wrong type: expected an object"),
    ] {
        assert_eq!(told(body), expected);
    }
}

#[test]
fn the_first_wrong_type_in_the_document_is_named() {
    let text = r#"{"Entries":[{"Detail":{},"Source":5},"x"],"EndpointId":[]}"#;
    assert_eq!(answer(put_events(text)), serialization("Start of structure or map found where not expected."));
    let text = r#"{"EndpointId":[],"Entries":[{"Detail":{},"Source":5},"x"]}"#;
    assert_eq!(answer(put_events(text)), serialization("Start of list found where not expected"));
}

#[test]
fn unknown_members_may_hold_anything_at_any_depth() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let text = entries([order(1)]).replacen('{', &format!(r#"{{"Other":{deep},"#), 1);
    assert_eq!(answer(put_events(text)).0, 200);
}

#[test]
fn members_are_found_whatever_their_keys_escape_and_the_last_of_two_counts() {
    let text = r#"{"Entries":[{"\u0053ource":"first","Source":"shop","DetailType":"t","Detail":"{}"}],"Entries":null,
                   "Entries":[{"Source":5,"Source":"shop","DetailType":"t","Detail":"{}"}]}"#;
    assert_eq!(answer(put_events(text)), serialization("NUMBER_VALUE can not be converted to a String"));
    let mut bench = Bench::default();
    let text = text.replace("\"Source\":5,", "");
    assert_eq!(codes(&body(&bench.handle(put_events(text)))), ["ok"]);
    assert_eq!(bench.journal().entries().next().unwrap().source(), Some("shop"));
}

#[test]
fn all_members_are_read_as_they_were_sent() {
    let mut bench = Bench::default();
    let sent = json!({
        "Source": "shop.orders",
        "DetailType": "Bestellung \"ÄÖÜ\" 🛒",
        "Detail": "{\n  \"orderId\": 1, \"text\": \"ä\\u00e4\" }",
        "Resources": ["arn:aws:s3:::bucket", "", "x\ty"],
        "Time": 1_767_323_045.678_901_f64,
        "EventBusName": "arn:aws:events:us-east-1:123456789012:event-bus/orders",
        "TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793",
    });
    // Once as most clients write it, once with all that can be escaped escaped, as boto3 does.
    let plain = entries([sent]);
    let escaped: String = plain
        .chars()
        .flat_map(|c| {
            let mut units = [0; 2];
            if c.is_ascii() {
                vec![c.to_string()]
            } else {
                c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }
        })
        .collect();
    assert!(escaped.is_ascii());
    for text in [plain, escaped] {
        assert_eq!(codes(&body(&bench.handle(put_events(text)))), ["ok"]);
    }
    for event in bench.journal().published() {
        assert_eq!(event.source(), Some("shop.orders"));
        assert_eq!(event.detail_type(), Some("Bestellung \"ÄÖÜ\" 🛒"));
        assert_eq!(event.detail(), Some("{\n  \"orderId\": 1, \"text\": \"ä\\u00e4\" }"));
        assert_eq!(event.detail_json(), Some(&json!({ "orderId": 1, "text": "ää" })));
        assert_eq!(event.resources().collect::<Vec<_>>(), ["arn:aws:s3:::bucket", "", "x\ty"]);
        assert_eq!(event.time_as_sent(), Some("1767323045.678901"));
        assert_eq!(event.event_bus(), "arn:aws:events:us-east-1:123456789012:event-bus/orders");
        assert_eq!(event.trace_header(), Some("Root=1-5759e988-bd862e3fe1be46a994272793"));
    }
}

#[test]
fn an_answer_has_the_four_headers_of_the_service_and_no_others() {
    let reply = Bench::default().handle(put_events(entries([order(1)])));
    let headers: Vec<_> =
        reply.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(
        headers,
        [
            ("x-amzn-requestid", "00000000-0000-4000-8000-000000000001"),
            ("content-type", "application/x-amz-json-1.1"),
            ("content-length", "85"),
            ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ]
    );
}

#[test]
fn strict_authentication_names_what_is_missing() {
    let strict = |authorization: Option<&str>, date: Option<&str>, uri: &str| {
        let mut request = put_events(entries([order(1)]));
        *request.uri_mut() = uri.parse().unwrap();
        request.headers_mut().remove("authorization");
        request.headers_mut().remove("x-amz-date");
        if let Some(authorization) = authorization {
            request.headers_mut().insert("authorization", authorization.parse().unwrap());
        }
        if let Some(date) = date {
            request.headers_mut().insert("date", date.parse().unwrap());
        }
        let mut bench = Bench::new(Engine::new().strict_auth());
        let reply = bench.handle(request);
        let problems: Vec<_> = bench.journal().problems().iter().map(putevents_mock::journal::Problem::kind).collect();
        assert_eq!(problems, if reply.status() == 200 { vec![] } else { vec![ProblemKind::Unauthenticated] });
        (reply.status(), body(&reply)["message"].as_str().map(str::to_owned))
    };
    let refused = |message: &str| (400, Some(message.to_owned()));
    let whole =
        "AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/events/aws4_request, SignedHeaders=host, Signature=00";
    let without_spaces =
        "AWS4-HMAC-SHA256 Credential=A/20261123/us-east-1/events/aws4_request,SignedHeaders=host,Signature=00";
    let sigv4a = "AWS4-ECDSA-P256-SHA256 Credential=A/20261123/events/aws4_request, SignedHeaders=host, Signature=30";
    for good in [whole, without_spaces, sigv4a] {
        assert_eq!(strict(Some(good), Some("now"), "/").0, 200, "{good}");
    }
    assert_eq!(strict(None, None, "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00").0, 200);
    assert_eq!(strict(None, Some("now"), "/"), refused("Missing Authentication Token"));
    assert_eq!(
        strict(Some(whole), None, "/"),
        refused(&format!(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization={whole}"
        ))
    );
    assert_eq!(
        strict(Some("AWS4-HMAC-SHA256 Credential=A, Signature="), Some("now"), "/"),
        refused(
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
             Authorization=AWS4-HMAC-SHA256 Credential=A, Signature="
        )
    );
    assert_eq!(
        strict(Some(whole), Some("now"), "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        refused("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
    );
}

#[test]
fn a_compressed_body_is_refused_and_told_to_come_as_it_is() {
    let encoded = |body: Vec<u8>, encoding: &str| {
        let mut request = put_events(body);
        request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        request
    };
    let plain = entries([order(1), order(2)]).into_bytes();
    assert_eq!(answer(encoded(plain.clone(), "identity")).0, 200);
    for encoding in ["gzip", "br"] {
        let mut bench = Bench::default();
        let reply = bench.handle(encoded(plain.clone(), encoding));
        let refused = body(&reply);
        assert_eq!((reply.status(), &refused["__type"]), (400, &json!("MalformedHttpRequestException")), "{refused}");
        let journal = bench.journal();
        assert_eq!(journal.problems()[0].kind(), ProblemKind::Unreadable);
        assert_eq!(
            journal.problems()[0].message(),
            format!("the Content-Encoding is {encoding:?}; no AWS SDK compresses PutEvents: send the body as it is")
        );
    }
}

#[test]
fn what_an_error_repeats_of_a_head_is_cut() {
    let mut bench = Bench::new(Engine::new().strict_auth());
    let mut request = put_events("{}");
    let long = "x".repeat(60_000);
    request.headers_mut().insert("authorization", long.parse().unwrap());
    request.headers_mut().remove("x-amz-date");
    let refused = body(&bench.handle(request))["message"].as_str().unwrap().to_owned();
    assert!(
        refused.ends_with(&format!(" header. Authorization={} ... (60000 bytes in all)", &long[..4_096])),
        "{refused}"
    );
    let mut request = put_events("{}");
    request.headers_mut().insert("content-encoding", long.parse().unwrap());
    let refused = body(&bench.handle(request))["message"].as_str().unwrap().to_owned();
    let expected = format!(
        "the Content-Encoding is \"{} ...\"; no AWS SDK compresses PutEvents: send the body as it is",
        &long[..512]
    );
    assert_eq!(refused, expected);
    let mut request = put_events("{}");
    request.headers_mut().insert("x-amz-target", long.parse().unwrap());
    assert_eq!(body(&bench.handle(request)), json!({ "__type": "UnknownOperationException" }));
    assert!(bench.journal().problems().iter().all(|problem| problem.message().len() < 500));
}

#[test]
fn a_body_over_the_bound_is_answered_with_413_and_a_close() {
    let mut bench = Bench::new(Engine::new().max_body_size(100));
    let reply = bench.handle(put_events(vec![b' '; 101]));
    assert_eq!(reply.status(), 413);
    assert!(reply.body().is_empty());
    assert_eq!(reply.headers()["connection"], "close");
    assert_eq!(bench.handle(put_events(vec![b' '; 100])).status(), 400);
    assert_eq!(bench.journal().problems()[0].kind(), ProblemKind::TooLarge);
}
