//! The API of the stand-alone server, over sockets and against its description.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::program::{OPENAPI, Program};
use crate::support::socket::{Socket, bytes_of, good_request};

#[tokio::test]
async fn a_program_of_any_language_injects_a_fault_waits_and_asserts() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let fault = json!({ "entry": "ThrottlingException", "matching": { "detail": { "/orderId": 2 } }, "times": 1 });
    assert_eq!(api.call("POST", "faults", fault).await, (201, json!({ "ids": [0] })));

    assert_eq!(server.publish("test", &[1, 2]).await, 200);
    assert_eq!(server.publish("test", &[1, 2]).await, 200);

    let (status, session) = api.get("wait?published=3").await;
    assert_eq!((status, session), (200, json!({ "name": null, "attempts": 2, "published": 3 })));
    let (status, answer) = api.call("POST", "assertions", json!({ "exactlyOnce": true })).await;
    assert_eq!((status, &answer["met"]), (409, &json!(false)));
    let (_, timeline) = api.get("report").await;
    let wanted = "1 event was not accepted exactly once\n\n  shop.orders / OrderPlaced {\"orderId\":1}\n    \
                  was accepted twice, in #1[0] and #2[0]\n\n";
    assert_eq!(answer["report"].as_str().unwrap(), format!("{wanted}{}", timeline.as_str().unwrap()));
    assert_eq!(api.call("POST", "assertions", json!([{ "everyFaultFired": true }])).await.0, 200);
}

#[tokio::test]
async fn each_access_key_with_a_session_has_its_own_faults_and_journal() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let plan = json!({ "faults": [{ "request": "ThrottlingException" }], "expect": [{ "publishedCount": 0 }] });
    assert_eq!(api.call("PUT", "sessions/test-1", plan).await.0, 201);
    assert_eq!(api.call("PUT", "sessions/test-2", Value::Null).await.0, 201);

    let statuses = tokio::join!(
        server.publish("test-1", &[1]),
        server.publish("test-2", &[2, 3]),
        server.publish("somebody-else", &[4])
    );

    assert_eq!(statuses, (400, 200, 200));
    assert_eq!(
        api.get("sessions").await.1["sessions"],
        json!([
            { "name": null, "attempts": 1, "published": 1 },
            { "name": "test-1", "attempts": 1, "published": 0 },
            { "name": "test-2", "attempts": 1, "published": 2 },
        ])
    );
    assert_eq!(api.call("POST", "sessions/test-1/assertions", Value::Null).await, (200, json!({ "met": true })));
    assert_eq!(api.get("sessions/test-2/faults").await.1, json!({ "faults": [] }));
    let (_, published) = api.get("sessions/test-2/published").await;
    assert_eq!(published["published"][1]["envelope"]["detail"], json!({ "orderId": 3 }));
    assert_eq!(published["published"][1]["index"], 1);

    // Without its session, a key is like any other.
    assert_eq!(api.call("DELETE", "sessions/test-1", Value::Null).await.0, 204);
    assert_eq!(server.publish("test-1", &[1]).await, 200);
    let (status, answer) = api.get("sessions/test-1/journal").await;
    assert_eq!(
        (status, answer["message"].as_str().unwrap()),
        (
            404,
            "there is no session \"test-1\", and 1 of the default session's attempts were signed with that access key id: \
             make the session with PUT /_mock/sessions/test-1 before the client begins"
        )
    );
}

#[tokio::test]
async fn forty_sessions_side_by_side_do_not_meet() {
    let server = Arc::new(Program::serve(&[]));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..40 {
        let server = Arc::clone(&server);
        clients.spawn(async move {
            let (name, mut api) = (format!("test-{number}"), server.api());
            // Each has its own number of failures before anything is accepted.
            let plan = json!({ "faults": [{ "request": "ThrottlingException", "times": number % 5 + 1 }] });
            assert_eq!(api.call("PUT", &format!("sessions/{name}"), plan).await.0, 201);
            let mut tries = 1;
            while server.publish(&name, &[number]).await != 200 {
                tries += 1;
            }
            assert_eq!(tries, number % 5 + 2, "{name}");
            let expectation = json!({ "publishedExactly": [{ "detail": { "/orderId": number } }] });
            let (status, answer) = api.call("POST", &format!("sessions/{name}/assertions"), expectation).await;
            assert_eq!(status, 200, "{answer}");
        });
    }
    clients.join_all().await;
    assert_eq!(server.api().get("wait?attempts=0").await.1["attempts"], 0);
}

#[tokio::test]
async fn each_access_key_gets_a_session_by_itself_where_that_is_wanted() {
    let server = Program::serve(&["--session-per-key"]);
    let mut api = server.api();
    assert_eq!(server.publish("test-17", &[1]).await, 200);
    assert_eq!(api.get("sessions/test-17").await.1["published"], 1);
    assert_eq!(api.get("wait?attempts=0").await.1["attempts"], 0);
    // What cannot be the name of a session goes to the default one.
    assert_eq!(server.publish("test+17", &[1]).await, 200);
    assert_eq!(api.get("sessions").await.1["sessions"][0]["attempts"], 1);
}

#[tokio::test]
async fn an_access_key_that_gets_no_session_is_told_where_its_requests_went() {
    let server = Program::serve(&["--session-per-key", "--max-sessions", "2", "--fail-on-problems"]);
    let mut api = server.api();
    for key in ["a", "b", "c", "c", "d+"] {
        assert_eq!(server.publish(key, &[1]).await, 200);
    }
    let (_, sessions) = api.get("sessions").await;
    let received: Vec<_> =
        sessions["sessions"].as_array().unwrap().iter().map(|one| (&one["name"], &one["attempts"])).collect();
    assert_eq!(json!(received), json!([[null, 3], ["a", 1], ["b", 1]]));
    let (_, journal) = api.get("journal").await;
    let none = |attempt: usize, key: &str, why: &str| {
        let message = format!(
            "the request went to the default session, because the access key id {key:?} could get no session: {why}"
        );
        json!([attempt, "NoSession", message])
    };
    let too_many = "the server has 2 sessions already: DELETE the sessions that are done, or raise --max-sessions";
    let no_name = "\"d+\" cannot name a session: write an access key id, of 1 to 128 letters, digits, _, - and .";
    let problems = journal["problems"].as_array().unwrap().iter();
    let problems: Vec<_> = problems.map(|one| json!([one["attempt"], one["kind"], one["message"]])).collect();
    assert_eq!(problems, [none(1, "c", too_many), none(2, "c", too_many), none(3, "d+", no_name)]);
    assert_eq!(api.call("PUT", "sessions/e", Value::Null).await, (409, json!({ "message": too_many })));
    // There is room again, and the next one gets it.
    assert_eq!(api.call("DELETE", "sessions/a", Value::Null).await.0, 204);
    assert_eq!(server.publish("c", &[1]).await, 200);
    assert_eq!(api.get("sessions/c").await.1["attempts"], 1);
    let (status, _, log) = server.stop();
    assert!(status == 1 && log.matches("WARN the request went to the default session").count() == 3, "{status} {log}");
}

#[tokio::test]
async fn a_session_begins_as_the_server_does_and_is_reset_to_that() {
    let plan = crate::support::directory("plan").join("plan.json");
    std::fs::write(&plan, r#"{ "seed": 5, "faults": [{ "request": "InternalException", "onAttempt": 1 }] }"#).unwrap();
    let server = Program::serve(&["--plan", plan.to_str().unwrap()]);
    let mut api = server.api();
    assert_eq!(api.call("PUT", "sessions/a", Value::Null).await.0, 201);
    for round in 0..3 {
        assert_eq!(server.publish("a", &[1]).await, 500, "round {round}");
        assert_eq!(server.publish("a", &[1]).await, 200, "round {round}");
        api.call("POST", "sessions/a/faults", json!({ "request": "ThrottlingException" })).await;
        assert_eq!(server.publish("a", &[1]).await, 400, "round {round}");
        let (_, faults) = api.get("sessions/a/faults").await;
        assert_eq!(faults["faults"][0]["injectedAt"], format!("{}: faults[0]", plan.display()));
        assert_eq!(faults["faults"][1]["injectedAt"], "POST /_mock/sessions/a/faults");
        // A reset, or to begin anew.
        let again = [("POST", "sessions/a/reset"), ("PUT", "sessions/a")][round % 2];
        assert!([200, 204].contains(&api.call(again.0, again.1, Value::Null).await.0));
        assert_eq!(api.get("sessions/a").await.1["attempts"], 0);
    }
    // To forget is less: faults stay, and attempts are counted on.
    assert_eq!(server.publish("a", &[1]).await, 500);
    assert_eq!(api.call("DELETE", "sessions/a/journal", Value::Null).await.0, 204);
    assert_eq!(server.publish("a", &[1]).await, 200);
    assert_eq!(api.get("sessions/a/journal").await.1["attempts"][0]["number"], 2);
}

#[tokio::test]
async fn an_answer_from_before_a_reset_does_not_end_an_attempt_after_it() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let mut sent = Vec::new();
    for latency in [200, 300_000] {
        api.call("POST", "reset", Value::Null).await;
        api.call("POST", "faults", json!({ "latencyMs": latency })).await;
        let mut socket = Socket::connect(server.address).await;
        socket.send(bytes_of(&good_request())).await.unwrap();
        assert_eq!(api.get("wait?attempts=1").await.0, 200);
        sent.push(socket);
    }
    assert_eq!(sent[0].answer().await.unwrap().status, 200);
    let (_, journal) = api.get("journal").await;
    assert_eq!((&journal["attempts"][0]["number"], &journal["attempts"][0]["endedMs"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn a_fault_can_be_lifted() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let plan = json!({ "faults": [{ "request": "ThrottlingException" }, { "lostReply": true }] });
    assert_eq!(api.call("POST", "faults", plan).await.1, json!({ "ids": [0, 1] }));
    assert_eq!(server.publish("test", &[1]).await, 400);
    assert_eq!(api.call("DELETE", "faults/0", Value::Null).await.0, 204);
    assert_eq!(server.publish("test", &[1]).await, 0);
    let in_force = |faults: Value| -> Vec<bool> {
        faults["faults"].as_array().unwrap().iter().map(|fault| fault["inForce"] == true).collect()
    };
    assert_eq!(in_force(api.get("faults").await.1), [false, true]);
    assert_eq!(api.call("DELETE", "faults", Value::Null).await.0, 204);
    assert_eq!(in_force(api.get("faults").await.1), [false, false]);
    assert_eq!(server.publish("test", &[1]).await, 200);
}

#[tokio::test]
async fn a_long_poll_answers_as_soon_as_something_changes() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let first = api.exchange("GET", "journal", &[], "").await;
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(api.exchange("GET", "journal?waitMs=1", &[("If-None-Match", &tag)], "").await.status, 304);
    let several = format!("\"other\", {tag}");
    assert_eq!(api.exchange("GET", "view", &[("If-None-Match", &several)], "").await.status, 304);

    let began = Instant::now();
    let mut poller = server.api();
    let headers = [("If-None-Match", tag.as_str())];
    let polled = poller.exchange("GET", "journal?waitMs=60000&last=1", &headers, "");
    let (polled, _) = tokio::join!(polled, async {
        server.publish("test", &[1]).await;
        server.publish("test", &[2]).await
    });
    assert!(began.elapsed() < Duration::from_secs(50));
    assert_eq!((polled.status, polled.json()["attempts"].as_array().unwrap().len()), (200, 1));
    let newest = api.exchange("GET", "view?last=1", &[], "").await;
    assert_eq!(newest.json()["attempts"][0]["number"], 2);
    assert_ne!(newest.header("etag"), Some(tag.as_str()));
    // A session that has the name of another one does not have its tags.
    api.call("PUT", "sessions/a", Value::Null).await;
    let tag = api.exchange("GET", "sessions/a/journal", &[], "").await.header("etag").unwrap().to_owned();
    api.call("DELETE", "sessions/a", Value::Null).await;
    api.call("PUT", "sessions/a", Value::Null).await;
    assert_eq!(api.exchange("GET", "sessions/a/journal", &[("If-None-Match", &tag)], "").await.status, 200);
}

#[tokio::test]
async fn an_assertion_waits_for_a_publisher_that_works_in_the_background() {
    let server = Program::serve(&[]);
    let (mut api, mut other) = (server.api(), server.api());
    let expectation = json!({ "publishedContain": [{ "detail": { "/orderId": 7 } }] });
    let (asserted, _) = tokio::join!(api.call("POST", "assertions?limitMs=60000", expectation.clone()), async {
        other.get("wait?idleMs=50").await;
        server.publish("test", &[6]).await;
        server.publish("test", &[7]).await
    });
    assert_eq!(asserted, (200, json!({ "met": true })));
    let never = json!({ "publishedCount": 3 });
    let (status, answer) = api.call("POST", "assertions?limitMs=50", never).await;
    assert_eq!(status, 409);
    assert!(
        answer["report"].as_str().unwrap().starts_with("2 events were published, but 3 were expected\n"),
        "{answer}"
    );
    let (status, answer) = api.get("wait?published=3&limitMs=50").await;
    assert_eq!(status, 409);
    assert!(answer["message"].as_str().unwrap().starts_with("2 of 3 events published within 0.05 s\n\n2 attempts"));
    let (_, answer) = api.get("wait?attempts=9&limitMs=0").await;
    assert!(answer["message"].as_str().unwrap().starts_with("2 of 9 attempts received within 0 s\n"), "{answer}");
    // A request for another operation is an attempt as well.
    let mut describe = crate::support::put_events("{}");
    describe.headers_mut().insert("x-amz-target", "AWSEvents.DescribeEventBus".parse().unwrap());
    let mut socket = crate::support::socket::Socket::connect(server.address).await;
    assert_eq!(socket.exchange(&describe).await.unwrap().status, 200);
    assert_eq!(api.get("wait?attempts=3&limitMs=0").await.1["attempts"], 3);
}

#[tokio::test]
async fn several_assertions_of_one_expectation_have_a_heading_only_if_several_are_not_met() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    for _ in 0..2 {
        assert_eq!(server.publish("test", &[1]).await, 200);
    }
    let asked = json!({ "everyFaultFired": true, "exactlyOnce": true, "identifyBy": "/orderId" });
    let (status, answer) = api.call("POST", "assertions", asked).await;
    let report = answer["report"].as_str().unwrap();
    assert_eq!(status, 409);
    assert!(report.starts_with("1 event was not accepted exactly once\n\n"), "{report}");
    let asked = json!({ "publishedCount": 1, "exactlyOnce": true, "noProblems": true, "identifyBy": "/orderId" });
    let (_, answer) = api.call("POST", "assertions", asked).await;
    let report = answer["report"].as_str().unwrap();
    let start = "2 expectations are not met\n\nexpect[0]: {\"publishedCount\":1}\n2 events were published, but 1 was expected\n";
    assert!(report.starts_with(start), "{report}");
    assert!(report.contains("\nexpect[0]: {\"exactlyOnce\":true,\"identifyBy\":\"/orderId\"}\n"), "{report}");
}

#[tokio::test]
async fn a_page_to_keep_has_the_journal_and_the_expectations_that_are_not_met() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    api.call("PUT", "sessions/a", json!({ "expect": [{ "publishedCount": 7 }] })).await;
    assert_eq!(server.publish("a", &[4711]).await, 200);
    for (body, shown) in [
        ("", Some("1 event was published, but 7 were expected")),
        (r#"{"publishedCount": 8}"#, Some("1 event was published, but 8 were expected")),
        (r#"{"publishedCount": 1}"#, None),
    ] {
        let answer = api.exchange("POST", "sessions/a/page", &[], body).await;
        let page = String::from_utf8(answer.body.to_vec()).unwrap();
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(page.contains("4711") && page.contains("1 attempt, 1 event published"), "{body}");
        assert_eq!(page.contains("was published, but"), shown.is_some(), "{body}");
        assert!(shown.is_none_or(|shown| page.contains(shown)), "{body}");
    }
}

#[tokio::test]
async fn a_session_without_a_request_is_told_how_it_is_reached_and_where_requests_went() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    api.call("PUT", "sessions/test-17", Value::Null).await;
    let hint = async |api: &mut crate::support::program::Api| {
        let (_, answer) = api.call("POST", "sessions/test-17/assertions", json!({ "publishedCount": 1 })).await;
        let report = answer["report"].as_str().unwrap().to_owned();
        assert!(report.contains("\nno request was received: is the publisher awaited"), "{report}");
        report.lines().last().unwrap().to_owned()
    };
    // The host is the one of the request: the client of this test says localhost.
    let reached = "Requests reach this session at http://localhost with the access key id test-17. ";
    assert_eq!(
        hint(&mut api).await,
        format!(
            "{reached}The default session has received no request either: was the client made before this session, or with an \
             endpoint of its own?"
        )
    );
    server.publish("test-16", &[1]).await;
    server.publish("AKIDEXAMPLE", &[1]).await;
    assert_eq!(
        hint(&mut api).await,
        format!(
            "{reached}The default session has received 2 requests, signed by AKIDEXAMPLE and test-16: was the client made before \
             this session, or with credentials of its own?"
        )
    );
    // Once a request has come, the report is about it alone.
    server.publish("test-17", &[1, 2]).await;
    let (_, answer) = api.call("POST", "sessions/test-17/assertions", json!({ "publishedCount": 1 })).await;
    let report = answer["report"].as_str().unwrap();
    assert!(report.starts_with("2 events were published") && !report.contains("Requests reach"), "{report}");
    // Also if the journal was cleared since.
    api.call("DELETE", "sessions/test-17/journal", Value::Null).await;
    let (_, answer) = api.call("POST", "sessions/test-17/assertions", json!({ "publishedCount": 1 })).await;
    let report = answer["report"].as_str().unwrap();
    assert!(!report.contains("Requests reach"), "{report}");
}

#[tokio::test]
async fn a_connection_that_is_reset_does_not_shut_out_the_api() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    assert_eq!(api.call("POST", "faults", json!({ "resetOnConnect": true, "times": 1 })).await.0, 201);
    assert_eq!(server.publish("test", &[1]).await, 0);
    assert_eq!(server.publish("test", &[1]).await, 200);
    assert_eq!(api.get("faults").await.1["faults"][0]["fired"], 1);
}

#[tokio::test]
async fn digits_of_a_detail_survive_into_what_the_api_tells() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let detail = r#"{"id":12345678901234567890123,"total":1.10}"#;
    let entry = crate::support::with(crate::support::order(1), "Detail", detail);
    assert_eq!(server.publish_entries("test", [entry]).await, 200);
    for path in ["published", "journal"] {
        let answer = api.exchange("GET", path, &[], "").await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains(detail), "{path}: {text}");
    }
}

#[tokio::test]
async fn each_session_has_limits_buses_strictness_and_an_account_of_its_own() {
    let server = Program::serve(&["--region", "eu-west-1"]);
    let mut api = server.api();
    let plan = json!({ "limits": "none", "knownBuses": ["orders"], "account": "111122223333", "region": "eu-north-1" });
    assert_eq!(api.call("PUT", "sessions/a", plan).await.0, 201);
    assert_eq!(api.call("PUT", "sessions/b", json!({ "strictAuth": true })).await.0, 201);
    assert_eq!(api.call("PUT", "sessions/c", json!({ "limits": { "maxRequestSize": 10 } })).await.0, 201);
    let many: Vec<u64> = (1..=11).collect();
    for (key, status) in [("a", 200), ("b", 400), ("c", 400), ("test", 400)] {
        assert_eq!(server.publish(key, &many).await, status, "{key}");
    }
    assert_eq!((server.publish("c", &[1]).await, server.publish("test", &[1]).await), (400, 200));
    let envelope = |published: &Value| published["published"][0]["envelope"].clone();
    // The flag wins over the plan.
    let of_a = envelope(&api.get("sessions/a/published").await.1);
    assert_eq!((&of_a["account"], &of_a["region"]), (&json!("111122223333"), &json!("eu-west-1")));
    let of_default = envelope(&api.get("published").await.1);
    assert_eq!((&of_default["account"], &of_default["region"]), (&json!("123456789012"), &json!("eu-west-1")));
    let (_, journal) = api.get("sessions/a/journal").await;
    assert_eq!(
        (&journal["attempts"][0]["account"], &journal["attempts"][0]["region"]),
        (&of_a["account"], &of_a["region"])
    );
    // A reset leaves them as they are, and they cannot change meanwhile.
    api.call("POST", "sessions/a/reset", Value::Null).await;
    assert_eq!(server.publish("a", &many).await, 200);
    let (status, answer) = api.call("POST", "sessions/a/faults", json!({ "faults": [], "limits": "none" })).await;
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("limits: this cannot change while a session runs: send it with PUT /_mock/sessions/..."))
    );
    let (status, answer) = api.call("PUT", "sessions/d", json!({ "account": "x" })).await;
    assert_eq!(
        (status, &answer["message"]),
        (400, &json!("account: \"x\" is not an account id: write its twelve digits, such as \"111122223333\""))
    );
}

#[tokio::test]
async fn each_session_has_answers_of_its_own() {
    let server = Program::serve(&["--known-bus", "orders"]);
    let mut api = server.api();
    let ask = async |key: &str, operation: &str, text: &str| {
        let mut request = crate::support::put_events(text.to_owned());
        request.headers_mut().insert("x-amz-target", format!("AWSEvents.{operation}").parse().unwrap());
        let signed = crate::support::AUTHORIZATION.replace("AKIDEXAMPLE", key);
        request.headers_mut().insert("authorization", signed.parse().unwrap());
        let answer = Socket::connect(server.address).await.exchange(&request).await.unwrap();
        (answer.status, answer.json())
    };
    let unknown = (400, json!({ "__type": "UnknownOperationException" }));
    let rules = |name: &str| json!({ "Rules": [{ "Name": name }] });
    let plan = json!({ "answers": { "ListRules": rules("plan") } });
    assert_eq!(api.call("PUT", "sessions/a", plan).await.0, 201);
    assert_eq!(ask("a", "ListRules", "{}").await, (200, rules("plan")));
    assert_eq!(ask("test", "ListRules", "{}").await, unknown);
    assert_eq!(api.get("sessions/a/answers").await, (200, json!({ "answers": { "ListRules": rules("plan") } })));
    assert_eq!(api.get("answers").await, (200, json!({ "answers": {} })));
    // While it runs.
    assert_eq!(api.call("PUT", "answers/ListRules", rules("default")).await.0, 204);
    assert_eq!(api.call("PUT", "sessions/a/answers/ListRules", rules("now")).await.0, 204);
    assert_eq!(ask("test", "ListRules", "").await, (200, rules("default")));
    assert_eq!(ask("a", "ListRules", "").await, (200, rules("now")));
    assert_eq!(api.call("DELETE", "answers/ListRules", Value::Null).await.0, 204);
    assert_eq!(ask("test", "ListRules", "{}").await, unknown);
    // A reset goes back to the plan.
    assert_eq!(api.call("POST", "sessions/a/reset", Value::Null).await.0, 204);
    assert_eq!(ask("a", "ListRules", "{}").await, (200, rules("plan")));
    // Before and after an answer to DescribeEventBus, the server's own.
    let described = json!({ "Arn": "x" });
    let name = |name: &str| json!({ "Name": name }).to_string();
    assert_eq!(ask("test", "DescribeEventBus", &name("orders")).await.1["Name"], "orders");
    assert_eq!(api.call("PUT", "answers/DescribeEventBus", described.clone()).await.0, 204);
    assert_eq!(ask("test", "DescribeEventBus", &name("audit")).await, (200, described));
    assert_eq!(api.call("DELETE", "answers/DescribeEventBus", Value::Null).await.0, 204);
    assert_eq!(ask("test", "DescribeEventBus", &name("audit")).await.1["__type"], "ResourceNotFoundException");
    for (method, path, body, status, message) in [
        (
            "PUT",
            "answers/listRules",
            json!({}),
            400,
            "\"listRules\" is not an operation of EventBridge: did you mean \"ListRules\"?",
        ),
        (
            "PUT",
            "answers/PutEvents",
            json!({}),
            400,
            "the mock itself answers PutEvents: write a fault with the effect \"answer\" for another body",
        ),
        ("PUT", "answers/ListRules", json!(5), 400, "5 is not an answer to ListRules: write an object, such as {}"),
        (
            "DELETE",
            "answers/ListRules",
            Value::Null,
            404,
            "there is no answer to \"ListRules\": GET answers lists those that were given",
        ),
        ("GET", "answers/ListRules", Value::Null, 405, "this path does not have this method: write PUT, DELETE"),
        (
            "POST",
            "faults",
            json!({ "faults": [], "answers": { "ListRules": {} } }),
            400,
            "answers: these are not faults: send each answer with PUT answers/OPERATION",
        ),
    ] {
        assert_eq!(api.call(method, path, body).await, (status, json!({ "message": message })), "{method} {path}");
    }
    // An error is a fault.
    let denied = json!({ "request": "AccessDeniedException", "onOperation": "ListRules", "times": 1 });
    assert_eq!(api.call("POST", "sessions/a/faults", denied.clone()).await.0, 201);
    assert_eq!(ask("a", "ListRules", "{}").await.1["__type"], "AccessDeniedException");
    assert_eq!(api.get("sessions/a/faults").await.1["faults"][0]["json"], denied);
    let (_, journal) = api.get("sessions/a/journal").await;
    assert_eq!(journal["attempts"][0]["operation"], "ListRules");
    assert_eq!(journal["problems"], json!([]));
}

#[tokio::test]
async fn faults_come_one_by_one_or_as_a_list_and_are_listed_with_their_json() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    let once = json!({ "entry": "ThrottlingException", "times": 1 });
    let twice = json!({ "request": { "code": "ServiceUnavailable", "message": "x" }, "times": { "min": 0, "max": 2 } });
    assert_eq!(api.call("POST", "faults", json!([once, twice])).await, (201, json!({ "ids": [0, 1] })));
    assert_eq!(api.call("POST", "faults", json!([])).await, (201, json!({ "ids": [] })));
    let always = json!({ "answer": "{}" });
    assert_eq!(api.call("POST", "faults", always.clone()).await, (201, json!({ "ids": [2] })));
    let listed = api.get("faults").await.1;
    let jsons: Vec<&Value> = listed["faults"].as_array().unwrap().iter().map(|fault| &fault["json"]).collect();
    let written = json!({ "request": { "status": 503, "code": "ServiceUnavailable", "message": "x" }, "times": { "min": 0, "max": 2 } });
    assert_eq!(jsons, [&once, &written, &always]);
    // What can apply no more is not in force.
    for in_force in [[true, true, true], [true, true, true], [true, false, true], [false, false, true]] {
        let listed = api.get("faults").await.1;
        let found: Vec<_> = listed["faults"].as_array().unwrap().iter().map(|fault| fault["inForce"] == true).collect();
        assert_eq!(found, in_force);
        server.publish("test", &[1]).await;
    }
    // All that an answer can be is described.
    for fault in [
        json!({ "malformedReply": { "failedEntryCount": 3 }, "times": 1 }),
        json!({ "malformedReply": "moreResults", "times": 1 }),
        json!({ "lostReply": { "status": 503, "body": "x", "contentType": "a/b", "headers": { "a": "b" } }, "times": 1 }),
        json!({ "dribble": { "bytes": 100, "everyMs": 0.5 }, "times": 1 }),
        json!({ "latencyMs": 1.5, "times": 1 }),
        json!({ "truncatedBody": 3, "times": 1 }),
        json!({ "resetInHead": 3, "times": 1 }),
        json!({ "garbage": true, "times": 1, "afterAcceptance": true }),
        json!({ "emptyResponse": true, "times": 1 }),
        json!({ "entry": { "code": "X", "message": "y" }, "times": 1 }),
        json!({ "request": "badGateway", "times": 1 }),
    ] {
        api.call("DELETE", "faults", Value::Null).await;
        assert_eq!(api.call("POST", "faults", fault).await.0, 201);
        server.publish("test", &[1]).await;
        assert_eq!(api.get("journal").await.0, 200);
    }
    // One member has one type: an error is told whole, also where a plan names it by its code.
    let (_, journal) = api.get("journal").await;
    let attempts = journal["attempts"].as_array().unwrap();
    let whole = json!({ "code": "ThrottlingException", "message": "Rate exceeded" });
    assert!(attempts.iter().any(|attempt| attempt["outcomes"][0]["error"] == whole), "{attempts:?}");
    let badly = attempts.iter().find(|attempt| attempt["error"]["status"] == 502).unwrap();
    assert_eq!(badly["error"]["contentType"], "text/html");
    let odd = json!({ "Source": "", "Detail": "[1]", "Resources": ["a", null], "Time": 1.5, "TraceHeader": "t", "EventBusName": "b" });
    let request = crate::support::put_events(crate::support::entries([odd]));
    Socket::connect(server.address).await.exchange(&request).await;
    let (_, journal) = api.get("journal").await;
    let entry = &journal["attempts"].as_array().unwrap().last().unwrap()["entries"][0];
    assert_eq!((&entry["Detail"], &entry["DetailText"]), (&Value::Null, &json!("[1]")));
}

/// Whatever stands in the answers of the API; the body of a request may be this or that.
#[test]
fn each_member_that_the_api_writes_has_one_type() {
    fn unions(at: &str, schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                for (name, value) in members.iter().filter(|(name, _)| *name != "requestBody") {
                    let at = format!("{at}/{name}");
                    let is_union =
                        ["oneOf", "anyOf", "allOf"].contains(&name.as_str()) || (name == "type" && value.is_array());
                    found.extend(is_union.then(|| at.clone()));
                    unions(&at, value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| unions(at, item, found)),
            _ => {}
        }
    }
    let description: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut found = Vec::new();
    unions("", &description, &mut found);
    // The default session has no name.
    assert_eq!(found, ["/components/schemas/Session/properties/name/type"]);
}

#[tokio::test]
async fn bad_input_gets_a_sentence_and_loses_nothing() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    api.call("PUT", "sessions/a", Value::Null).await;
    server.publish("test", &[1]).await;
    let cases = [
        ("GET", "nothing", "", 404, "there is no /_mock/nothing here: GET /_mock/openapi.json lists the paths"),
        ("GET", "sessions/b/report", "", 404, "there is no session \"b\": make it with PUT /_mock/sessions/b"),
        ("DELETE", "sessions/b", "", 404, "there is no session \"b\": make it with PUT /_mock/sessions/b"),
        ("PUT", "sessions/b%20c", "", 400, "\"b%20c\" cannot name a session: write an access key id, of 1 to 128"),
        ("PUT", "sessions/a", "{", 400, "not JSON: EOF while parsing an object at line 1 column 1"),
        (
            "PUT",
            "sessions/a",
            r#"{"faults":[{"stal":true}]}"#,
            400,
            "faults[0]: \"stal\" is not known here: did you mean \"stall\"? Write",
        ),
        (
            "PUT",
            "sessions/a",
            r#"{"faults":[{"entry":"InternalFailure","atIndex":10}]}"#,
            400,
            "session a: faults[0]: no request within the limits has an entry at index 10: write 9 for the last one",
        ),
        (
            "PUT",
            "sessions/a",
            r#"{"faults":[{"resetOnConnect":true,"times":1}]}"#,
            400,
            "session a: faults[0]: a reset on connect",
        ),
        (
            "PUT",
            "sessions/a",
            r#"{"seed":"x","faults":[{"stall":1},5]}"#,
            400,
            "seed: \"x\" is not a whole number from 0 up\nfaults[0].stall: 1 is not true; write true, or leave it out\n\
             faults[1]: 5 is not a fault",
        ),
        (
            "POST",
            "assertions",
            r#"[{"noneLost":1},{"publishedCount":-1}]"#,
            400,
            "[0].noneLost: 1 is not true; write true, or leave it out\n[1].publishedCount: -1 is not",
        ),
        ("POST", "faults", "", 400, "not JSON: EOF while parsing a value at line 1 column 0"),
        ("POST", "faults", "5", 400, "5 is not a fault: write an object, such as"),
        ("POST", "faults", "[{\"stall\":true},5]", 400, "[1]: 5 is not a fault"),
        (
            "POST",
            "faults",
            r#"{"faults":[{"stall":true},{"entry":"X"}]}"#,
            400,
            "faults[1].entry: \"X\" is not a documented",
        ),
        (
            "POST",
            "faults",
            r#"{"seed":1,"faults":[]}"#,
            400,
            "seed: this cannot change while a session runs: send it with PUT",
        ),
        (
            "POST",
            "faults",
            r#"{"entry":"InternalFailure","atIndex":10}"#,
            400,
            "no request within the limits has an entry",
        ),
        (
            "POST",
            "faults",
            r#"{"refuseConnections":true}"#,
            400,
            "connections refused: this would make the API unreachable too",
        ),
        (
            "POST",
            "faults",
            r#"{"resetOnConnect":true}"#,
            400,
            "a reset on connect: this would make the API unreachable too",
        ),
        ("DELETE", "faults/0", "", 404, "there is no fault \"0\": this session has 0 faults, counted from 0"),
        ("DELETE", "faults/x", "", 404, "there is no fault \"x\""),
        ("GET", "journal?lst=1", "", 400, "the query \"lst\" is not known here; there are waitMs, last"),
        ("GET", "journal?last=-1", "", 400, "the query \"last\" is \"-1\": write a whole number from 0 up"),
        (
            "GET",
            "journal?waitMs=300001",
            "",
            400,
            "waitMs is 300001: write at most 300000, and ask again if that is too short",
        ),
        ("GET", "wait", "", 400, "a wait has one condition: write one of published=N, attempts=N and idleMs=N"),
        ("GET", "wait?published=1&attempts=1", "", 400, "a wait has one condition: write one of"),
        ("POST", "assertions", "", 400, "there is no expectation: send one, or a list, or an empty body"),
        ("POST", "assertions", "[]", 400, "there is no expectation: send one"),
        ("POST", "assertions", "[{}]", 400, "[0]: nothing is expected: write one of publishedExactly"),
        (
            "POST",
            "assertions",
            r#"{"noneLst":true}"#,
            400,
            "\"noneLst\" is not known here: did you mean \"noneLost\"? Write",
        ),
        ("POST", "journal", "", 405, "this path does not have this method: write GET, DELETE"),
        ("PATCH", "sessions/a", "", 405, "this path does not have this method: write GET, PUT, DELETE"),
        ("POST", "health", "", 405, "this path does not have this method: write GET"),
    ];
    for (method, path, body, status, message) in cases {
        let answer = api.exchange(method, path, &[], body).await;
        let told = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status, status, "{method} {path} {body}: {told}");
        assert!(told.starts_with(message), "{method} {path} {body}\n  {told}\n  {message}");
        assert_eq!(answer.header("allow").is_some(), status == 405);
    }
    for (bytes, expected) in [
        (&[0xff, 0xfe][..], "the body cannot be read: this is UTF-16: save it as UTF-8"),
        (&[b'{', 0xe4], "the body cannot be read: not UTF-8: "),
    ] {
        let garbled = http::Request::post("/_mock/faults").body(bytes.to_vec().into()).unwrap();
        let answer = Socket::connect(server.address).await.exchange(&garbled).await.unwrap();
        assert_eq!(answer.status, 400);
        assert!(answer.json()["message"].as_str().unwrap().starts_with(expected), "{}", answer.json());
    }

    assert_eq!(api.get("faults").await.1, json!({ "faults": [] }));
    let (_, journal) = api.get("journal").await;
    assert_eq!((journal["attempts"].as_array().unwrap().len(), &journal["problems"]), (1, &json!([])));
}

#[tokio::test]
async fn the_api_is_never_mistaken_for_the_service_nor_the_service_for_it() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    for path in ["/_mockery", "/x/_mock/journal", "/_mocK/journal"] {
        let request = http::Request::get(path).body("".into()).unwrap();
        let answer = Socket::connect(server.address).await.exchange(&request).await.unwrap();
        assert_eq!((answer.status, answer.json()), (404, json!("<UnknownOperationException/>\n")), "{path}");
    }
    // Whatever is below /_mock is the API's, even a PutEvents.
    let mut request = good_request();
    *request.uri_mut() = "/_mock/faults".parse().unwrap();
    assert_eq!(Socket::connect(server.address).await.exchange(&request).await.unwrap().status, 400);
    assert_eq!(api.get("wait?attempts=0").await.1, json!({ "name": null, "attempts": 3, "published": 0 }));
    let request = http::Request::get("/_mock").body("".into()).unwrap();
    let moved = Socket::connect(server.address).await.exchange(&request).await.unwrap();
    assert_eq!((moved.status, moved.header("location")), (308, Some("/_mock/")));
    assert_eq!(server.publish("test", &[1]).await, 200);
}

/// Every operation with every answer that is described.
#[tokio::test]
async fn a_probe_or_a_browser_at_the_root_is_led_to_the_page_and_is_no_attempt() {
    let server = Program::serve(&[]);
    for (method, path) in [("GET", "/"), ("HEAD", "/"), ("GET", "/favicon.ico")] {
        let request = http::Request::builder().method(method).uri(path).body(bytes::Bytes::new()).unwrap();
        let answer = Socket::connect(server.address).await.exchange(&request).await.unwrap();
        assert_eq!((answer.status, answer.header("location")), (307, Some("/_mock/")), "{method} {path}");
    }
    assert_eq!(server.api().get("sessions").await.1["sessions"][0]["attempts"], 0);
    // What is signed, posted, or goes elsewhere means the service.
    for (method, path, header) in [("GET", "/", "authorization"), ("POST", "/", "accept"), ("GET", "/other", "accept")]
    {
        let request = http::Request::builder().method(method).uri(path).header(header, "x");
        let request = request.body(bytes::Bytes::new()).unwrap();
        let answer = Socket::connect(server.address).await.exchange(&request).await.unwrap();
        assert!((400..500).contains(&answer.status), "{method} {path}");
    }
    let (_, journal) = server.api().get("journal").await;
    assert_eq!(journal["problems"].as_array().unwrap().len(), 3, "{journal}");
}

#[tokio::test]
async fn the_server_does_all_that_is_described() {
    let server = Program::serve(&[]);
    let mut api = server.api();
    for path in ["", "health", "version", "openapi.json", "fault-plan.schema.json", "sessions"] {
        assert_eq!(api.get(path).await.0, 200, "{path}");
    }
    assert_eq!(api.get("openapi.json").await.1, serde_json::from_str::<Value>(OPENAPI).unwrap());
    let plan = json!({ "faults": [{ "entry": "InternalFailure", "times": 2 }], "expect": [{ "publishedCount": 2 }] });
    assert_eq!(api.call("PUT", "sessions/a", plan.clone()).await.0, 201);
    assert_eq!(api.call("PUT", "sessions/a", plan).await.0, 200);
    assert_eq!(api.call("PUT", "sessions/a", json!(5)).await.0, 400);
    assert_eq!(api.call("PUT", "sessions/a", "x".repeat(9 * 1024 * 1024).into()).await.0, 413);
    assert_eq!(api.get("sessions/a").await.0, 200);
    assert_eq!(api.get("sessions/a/").await.0, 200);
    for (key, prefix) in [("test", ""), ("a", "sessions/a/")] {
        let at = |path: &str| format!("{prefix}{path}");
        server.publish(key, &[1, 2]).await;
        server.publish(key, &[1, 2]).await;
        let garbage = json!({ "garbage": { "bytes": [255, 0] } });
        assert_eq!(api.call("POST", &at("faults"), garbage).await.0, 201);
        assert_eq!(api.call("POST", &at("faults"), json!({})).await.0, 400);
        assert_eq!(server.publish(key, &[1]).await, 0);
        assert_eq!(api.get(&at("faults")).await.0, 200);
        assert_eq!(api.call("DELETE", &at("faults/0"), Value::Null).await.0, 204);
        assert_eq!(api.call("DELETE", &at("faults/99"), Value::Null).await.0, 404);
        assert_eq!(api.call("DELETE", &at("faults"), Value::Null).await.0, 204);
        for (method, status) in [("PUT", 204), ("DELETE", 204), ("DELETE", 404)] {
            assert_eq!(api.call(method, &at("answers/ListRules"), json!({})).await.0, status, "{method}");
        }
        assert_eq!(api.call("PUT", &at("answers/ListRules"), json!([])).await.0, 400);
        assert_eq!(api.get(&at("answers")).await.0, 200);
        for path in ["journal", "view"] {
            let answer = api.exchange("GET", &at(path), &[], "").await;
            let tag = answer.header("etag").unwrap().to_owned();
            assert_eq!(api.exchange("GET", &at(path), &[("If-None-Match", &tag)], "").await.status, 304);
            assert_eq!(api.get(&at(&format!("{path}?x"))).await.0, 400);
        }
        for path in ["published", "report", "wait?idleMs=1"] {
            assert_eq!(api.get(&at(path)).await.0, 200, "{path}");
        }
        assert_eq!(api.get(&at("wait?published=99&limitMs=1")).await.0, 409);
        assert_eq!(api.get(&at("wait")).await.0, 400);
        for (expectation, status) in
            [(json!({ "triesAtMost": 3 }), 200), (json!({ "triesAtMost": 1 }), 409), (json!(1), 400)]
        {
            assert_eq!(api.call("POST", &at("assertions"), expectation.clone()).await.0, status, "{expectation}");
        }
        let large = Value::from("x".repeat(9 * 1024 * 1024));
        for (page, status) in [(Value::Null, 200), (json!({ "triesAtMost": 1 }), 200), (json!(1), 400)] {
            assert_eq!(api.call("POST", &at("page"), page.clone()).await.0, status, "{page}");
        }
        for path in ["faults", "assertions", "page"] {
            assert_eq!(api.call("POST", &at(path), large.clone()).await.0, 413, "{path}");
        }
        assert_eq!(api.call("PUT", &at("answers/ListRules"), large.clone()).await.0, 413);
        assert_eq!(api.call("DELETE", &at("journal"), Value::Null).await.0, 204);
        assert_eq!(api.call("POST", &at("reset"), Value::Null).await.0, 204);
    }
    for (method, path) in [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/"),
        ("GET", "/faults"),
        ("POST", "/faults"),
        ("DELETE", "/faults"),
        ("DELETE", "/faults/0"),
        ("GET", "/answers"),
        ("PUT", "/answers/ListRules"),
        ("DELETE", "/answers/ListRules"),
        ("GET", "/journal"),
        ("DELETE", "/journal"),
        ("GET", "/view"),
        ("GET", "/published"),
        ("GET", "/report"),
        ("GET", "/wait"),
        ("POST", "/assertions"),
        ("POST", "/page"),
        ("POST", "/reset"),
    ] {
        assert_eq!(api.call(method, &format!("sessions/none{path}"), Value::Null).await.0, 404, "{method} {path}");
    }
    for number in 0..1_000 {
        api.call("PUT", &format!("sessions/{number}"), Value::Null).await;
    }
    let (status, answer) = api.call("PUT", "sessions/one-more", Value::Null).await;
    assert_eq!(
        (status, &answer["message"]),
        (
            409,
            &json!("the server has 1000 sessions already: DELETE the sessions that are done, or raise --max-sessions")
        )
    );
    assert_eq!(api.call("DELETE", "sessions/a", Value::Null).await.0, 204);

    let description: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters") {
            // The tests of `questions.rs` see those that are 503.
            for status in operation["responses"].as_object().unwrap().keys().filter(|status| *status != "503") {
                described.insert((path.clone(), method.clone(), status.clone()));
            }
        }
    }
    let unseen: Vec<_> = described.difference(&api.seen).collect();
    assert!(unseen.is_empty(), "described and never seen: {unseen:?}");
}
