//! Texts of clients steer no terminal and forge no line, wherever they are told.

use http::HeaderValue;
use putevents_mock::{Engine, EntryMatcher, Fault, Journal, Plan, entry};
use serde_json::{Value, json};

use crate::support::{Bench, body, entries, order, put_events, with};

/// Ends lines, steers terminals, turns the direction of writing, and cannot be seen.
const HOSTILE: &str = "a\u{1b}[31m\r\nFORGED line\u{2028}FORGED\u{85}\u{202e}b\u{0}\u{7}\u{8}\u{9b}2J\u{7f}\u{200b}\u{feff}\u{2066}\u{ad}z\t";
/// The same as far as a header can have it.
const IN_A_HEADER: &str = "a\u{2028}FORGED\u{85}\u{202e}b\u{9b}2J\u{200b}\u{feff}\u{2066}\u{ad}z";

/// What a text that is shown to people may not have: the tests have a list of their own.
fn is_hostile(c: char) -> bool {
    let is_invisible = ['\u{ad}', '\u{200b}', '\u{feff}', '\u{2028}', '\u{2029}'].contains(&c);
    c.is_control() || is_invisible || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// Fails where a text of several lines has one that a client made, or characters that are not seen.
#[track_caller]
pub fn assert_harmless(what: &str, text: &str) {
    for line in text.split('\n') {
        let found: Vec<char> = line.chars().filter(|c| is_hostile(*c)).collect();
        assert!(found.is_empty(), "{what}: {found:?} in {line:?}");
        assert!(!line.trim_start().starts_with("FORGED"), "{what}: forged {line:?}");
    }
}

fn hostile_header() -> HeaderValue {
    HeaderValue::from_bytes(IN_A_HEADER.as_bytes()).unwrap()
}

/// Requests with a hostile text in each place where one can stand.
pub fn hostile_requests() -> Vec<http::Request<bytes::Bytes>> {
    let detail = json!({ "orderId": 1, HOSTILE: [HOSTILE, 1] }).to_string();
    let raw = detail.replace("\\u202e", "\u{202e}");
    let mut requests = Vec::new();
    for entry in [
        with(order(1), "Source", HOSTILE),
        with(order(2), "DetailType", HOSTILE),
        with(order(3), "Detail", detail),
        with(order(4), "Detail", raw),
        with(order(5), "Detail", HOSTILE),
        with(order(6), "Detail", format!("{{\"a\":{HOSTILE}}}")),
        with(order(7), "EventBusName", HOSTILE),
        with(order(8), "EventBusName", IN_A_HEADER),
        with(order(9), "Resources", json!([HOSTILE])),
        with(order(10), "TraceHeader", HOSTILE),
        with(order(11), "Time", HOSTILE),
        with(order(12), HOSTILE, HOSTILE),
        with(order(13), "Source", format!("aws.{HOSTILE}")),
    ] {
        // Again, so that reports tell of tries.
        let all = [&entry, &entry].map(|entry| put_events(entries([entry.clone(), order(99)])));
        requests.extend(all);
    }
    for name in [
        "x-amz-target",
        "content-type",
        "content-encoding",
        "user-agent",
        "authorization",
        "host",
        "x-amz-date",
        "amz-sdk-invocation-id",
    ] {
        let mut request = put_events(entries([order(20)]));
        request.headers_mut().insert(name, hostile_header());
        requests.push(request);
    }
    let signed = format!(
        "AWS4-HMAC-SHA256 Credential={IN_A_HEADER}/20261123/{IN_A_HEADER}/events/aws4_request, SignedHeaders=host, Signature=0"
    );
    let mut request = put_events(entries([order(21)]));
    request.headers_mut().insert("authorization", HeaderValue::from_bytes(signed.as_bytes()).unwrap());
    requests.push(request);
    let mut request = put_events(entries([order(22)]));
    request
        .headers_mut()
        .insert("x-amz-target", HeaderValue::from_bytes(format!("AWSEvents.{IN_A_HEADER}").as_bytes()).unwrap());
    requests.push(request);
    for uri in ["/%0AFORGED%1b?a=%0aFORGED", "/\u{9b}\u{202e}\u{85}"] {
        if let Ok(request) = http::Request::post(uri).body(entries([order(23)]).into()) {
            requests.push(request);
        }
    }
    for text in [
        HOSTILE.to_owned(),
        format!("{{\"Entries\": {HOSTILE}}}"),
        json!({ "Entries": HOSTILE, HOSTILE: 1 }).to_string(),
    ] {
        requests.push(put_events(text));
    }
    requests
}

/// Each expectation, as far as it may fail, and with hostile texts of its own.
fn plan() -> Plan {
    let matcher = json!({ "source": HOSTILE, "detail": { format!("/{HOSTILE}"): HOSTILE } });
    let pointer = format!("/{HOSTILE}");
    let expect = json!([
        { "publishedExactly": [matcher] },
        { "publishedExactly": [{ "detailContains": HOSTILE }, { "detailType": { "prefix": HOSTILE } }, { "eventBus": HOSTILE }] },
        { "publishedInOrder": [{ "source": "shop.orders" }, matcher] },
        { "publishedContain": [matcher, { "detail": { "/orderId": 77 } }] },
        { "publishedCount": 99 },
        { "publishedNoneMatch": { "source": { "prefix": "" } } },
        { "detailsConform": { "detailType": "OrderPlaced", "schema": { "additionalProperties": false, "properties": { "orderId": { "type": "string" } } } } },
        { "detailsConform": { "detailType": HOSTILE, "schema": {} } },
        { "atLeastOnce": true, "expecting": [matcher] },
        { "exactlyOnce": true },
        { "exactlyOnce": true, "identifyBy": pointer },
        { "noneLost": true, "expecting": [matcher, { "detail": { "/orderId": 78 } }] },
        { "noneSilentlyLost": { "published": [matcher], "failed": [matcher] } },
        { "noDuplicates": true },
        { "onlyFailedEntriesResent": true },
        { "permanentErrorsNotRetried": true },
        { "triesAtMost": 1 },
        { "orderKept": true },
        { "orderKeptPer": pointer },
        { "triesAlike": {}, "identifyBy": "/orderId" },
        { "backoff": { "atLeastMs": 50_000, "growing": true } },
        { "reported": "allPublished" },
        { "everyFaultFired": true },
        { "noProblems": true },
        { "batchesWithin": "current" },
        { "batchesFull": "current" },
        { "lintClean": true },
    ]);
    let all: Vec<Value> = expect
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| {
            let plan = json!({ "expect": [one] }).to_string().parse::<Plan>();
            if let Err(error) = &plan {
                assert_harmless("an error of a plan", &error.to_string());
            }
            plan.is_ok()
        })
        .cloned()
        .collect();
    assert!(all.len() > 18, "{} of them can be read", all.len());
    json!({ "expect": all }).to_string().parse().unwrap()
}

/// The engine with all of these requests, and faults whose texts are hostile.
fn hostile_journal() -> Journal {
    let mut bench = Bench::new(Engine::new().known_buses([HOSTILE]).strict_auth());
    let matcher: EntryMatcher = entry().source(HOSTILE).detail_at("/orderId", HOSTILE);
    bench.engine.inject(
        Fault::entry(putevents_mock::EntryError::new(HOSTILE, HOSTILE)).matching(entry().detail_at("/orderId", 1)),
    );
    bench.engine.inject(Fault::entry(putevents_mock::EntryError::new("A", HOSTILE)).matching(matcher));
    for request in hostile_requests() {
        let reply = bench.handle(request);
        let _ = body(&reply);
        bench.answered(&reply);
    }
    bench.journal()
}

#[test]
fn texts_of_clients_steer_no_terminal_and_forge_no_line_of_a_report() {
    let journal = hostile_journal();
    assert!(journal.problems().len() > 15 && journal.published().len() > 5, "{journal}");
    assert_harmless("the timeline", &journal.to_string());
    let ledger = journal.ledger();
    assert_harmless("the ledger", &ledger.to_string());
    for line in ledger.lines() {
        assert_harmless("a line of the ledger", &line.to_string());
    }
    for problem in journal.problems() {
        assert_harmless("a problem", &problem.to_string());
        assert_harmless("the message of a problem", problem.message());
    }
    for attempt in journal.attempts() {
        attempt.faults().for_each(|fault| assert_harmless("a fault", fault));
        attempt.entries().iter().for_each(|entry| assert_harmless("an entry", &entry.to_string()));
        attempt
            .outcomes()
            .iter()
            .filter_map(|outcome| outcome.error())
            .for_each(|error| assert_harmless("an error", &error.to_string()));
        attempt.error().iter().for_each(|error| assert_harmless("an error of a request", &error.to_string()));
    }
    let plan = plan();
    for expectation in plan.expectations() {
        assert_harmless("an expectation", &expectation.to_string());
    }
    let mismatch = journal.check_meets(&plan).unwrap_err();
    assert_harmless("what is not met", &mismatch.to_string());
    assert_harmless("what is not met, in a panic", &format!("{mismatch:?}"));
    for (_, unmet) in mismatch.unmet() {
        assert_harmless("one that is not met", &unmet.to_string());
    }
    let findings = journal.lint().check_clean().unwrap_err();
    assert_harmless("lint", &findings.to_string());
    assert_harmless("faults that did not apply", &journal.check_every_fault_fired().unwrap_err().to_string());
}

#[cfg(feature = "cli")]
mod in_the_binary {
    use serde_json::{Value, json};

    use super::{HOSTILE, assert_harmless, hostile_requests};
    use crate::support::directory;
    use crate::support::program::{Program, command, output};
    use crate::support::socket::{Socket, bytes_of};

    /// Sends all of them as they are, and a few that are no HTTP.
    async fn send_all(server: &Program) {
        for request in hostile_requests() {
            let mut socket = Socket::connect(server.address).await;
            socket.send(bytes_of(&request)).await.unwrap();
            socket.finish_sending().await;
            socket.rest().await;
        }
        for nonsense in [
            "\u{1b}[31mFORGED\r\n\r\n",
            "GET /\u{9b}\u{202e} HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\n\u{202e}: x\r\n\r\n",
        ] {
            let mut socket = Socket::connect(server.address).await;
            socket.send(nonsense).await.unwrap();
            socket.finish_sending().await;
            socket.rest().await;
        }
    }

    #[tokio::test]
    async fn texts_of_clients_forge_no_line_in_logs_annotations_and_reports() {
        let folder = directory("hostile");
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let (plan, junit, journal, html, summary) =
            (file("plan.json"), file("junit.xml"), file("journal.json"), file("page.html"), file("summary.md"));
        let expect = json!([
            { "publishedExactly": [{ "source": HOSTILE }] },
            { "noneLost": true },
            { "publishedNoneMatch": { "detailContains": HOSTILE } },
        ]);
        std::fs::write(&plan, json!({ "expect": expect, "knownBuses": [HOSTILE] }).to_string()).unwrap();
        for format in ["text", "json"] {
            let flags = ["--plan", &plan, "--junit", &junit, "--journal-file", &journal, "--html-file", &html];
            let more = ["--log-format", format, "--fail-on-problems", "--session-per-key", "--max-sessions", "1"];
            let mut serve = command(&[&["serve", "--listen", "127.0.0.1:0"], &flags[..], &more].concat());
            serve.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary).env("RUST_LOG", "debug");
            let server = Program::start(serve);
            send_all(&server).await;
            for path in ["report", "wait?published=9999&limitMs=1"] {
                let text = server.api().exchange("GET", path, &[], "").await;
                let text = if text.status == 200 {
                    String::from_utf8(text.body).unwrap()
                } else {
                    text.json()["message"].as_str().unwrap().to_owned()
                };
                assert_harmless(path, &text);
            }
            let met = server.api().call("POST", "assertions", Value::Null).await;
            assert_harmless("an answer", met.1["report"].as_str().unwrap());
            let wrong = server.api().call("POST", "faults", json!({ HOSTILE: HOSTILE })).await;
            assert_harmless("an error of the API", wrong.1["message"].as_str().unwrap());
            let (status, _, log) = server.stop();
            assert_eq!(status, 1);
            assert_harmless("the log", &log);
            let logged = log.lines().take_while(|line| !line.starts_with("putevents-mock: "));
            let logged: Vec<&str> = logged.collect();
            assert!(logged.len() > 40, "{log}");
            for line in logged {
                let is_ours = match format {
                    "json" => serde_json::from_str::<Value>(line).is_ok(),
                    _ => line.starts_with("20") && line.get(10..11) == Some("T"),
                };
                assert!(is_ours, "{line:?}");
            }
            assert_harmless("the JUnit report", &std::fs::read_to_string(&junit).unwrap());
            assert_harmless("the summary of a step", &std::fs::read_to_string(&summary).unwrap());
        }
        for arguments in
            [&["report", &journal][..], &["report", &journal, "--plan", &plan], &["lint", &journal], &["check", &plan]]
        {
            let (_, printed, complained) = output(arguments);
            assert_harmless(arguments[0], &printed);
            assert_harmless(arguments[0], &complained);
        }
        let page = std::fs::read_to_string(&html).unwrap();
        let text = page.split("<pre").nth(1).unwrap().split("</pre>").next().unwrap();
        assert_harmless("the page as text", text);
    }
}
