//! The binary as its users start it: flags, files, signals and exit statuses.

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use pretty_assertions::assert_eq;
use putevents_mock::Journal;
use serde_json::{Value, json};

use crate::support::program::{Program, command, ignores_hangup, output, told};
use crate::support::{AUTHORIZATION, directory, entries, order};

fn file(name: &str, text: &str) -> PathBuf {
    let path = directory("cli").join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A shell script that publishes these orders with curl, as `run` has it in its environment, and ends with a status.
fn publishing(orders: &[u64], status: u8) -> String {
    format!("{}; exit {status}", publishing_once(orders))
}

/// The same as a command among others.
pub fn publishing_once(orders: &[u64]) -> String {
    let body = entries(orders.iter().map(|id| order(*id)));
    format!(
        "curl --silent --show-error --output /dev/null --header 'Content-Type: application/x-amz-json-1.1' \
         --header 'X-Amz-Target: AWSEvents.PutEvents' --header 'X-Amz-Date: 20261123T000000Z' \
         --header 'Authorization: {AUTHORIZATION}' --data '{body}' \"$AWS_ENDPOINT_URL_EVENTBRIDGE/\""
    )
}

#[test]
fn serve_prints_one_line_when_it_is_ready_and_ends_in_order() {
    for signal in ["-TERM", "-INT"] {
        let port_file = directory("cli").join("port");
        let server = Program::serve(&["--port-file", text(&port_file)]);
        assert_eq!(server.ready, format!("putevents-mock listening on http://{}\n", server.address));
        assert_eq!(std::fs::read_to_string(&port_file).unwrap(), format!("{}\n", server.address.port()));
        server.signal(signal);
        let (status, rest, _) = server.end();
        assert_eq!((status, rest.as_str()), (0, ""));
    }
}

#[tokio::test]
async fn the_journals_are_written_in_the_end() {
    let folder = directory("cli");
    let (json, html) = (folder.join("journal.json"), folder.join("journal.html"));
    let server = Program::serve(&["--journal-file", text(&json), "--html-file", text(&html)]);
    server.api().call("PUT", "sessions/test-17", Value::Null).await;
    server.publish("test", &[1]).await;
    server.publish("test-17", &[2, 3]).await;
    assert_eq!(server.stop().0, 0);
    Journal::from_file(&json).unwrap().published().assert_count(1);
    Journal::from_file(folder.join("journal.test-17.json")).unwrap().published().assert_count(2);
    for page in [html, folder.join("journal.test-17.html")] {
        assert!(std::fs::read_to_string(page).unwrap().starts_with("<!doctype html>"));
    }

    let (status, timeline, _) = output(&["report", text(&folder.join("journal.test-17.json"))]);
    assert_eq!(status, 0);
    assert!(timeline.starts_with("1 attempt, 2 events published\n  #1  +"), "{timeline}");
    let again = folder.join("again.html");
    assert_eq!(output(&["report", text(&json), "--html", text(&again)]), (0, String::new(), String::new()));
    assert!(std::fs::read_to_string(again).unwrap().contains("OrderPlaced"));
    assert_eq!(output(&["lint", text(&json)]), (0, "nothing found in 1 attempt\n".into(), String::new()));
}

#[tokio::test]
async fn what_deleted_sessions_received_is_written_in_the_end_too() {
    let folder = directory("cli");
    let [json, html, junit] = ["all.journal.json", "all.html", "junit.xml"].map(|name| folder.join(name));
    let server = Program::serve(&["--journal-file", text(&json), "--html-file", text(&html), "--junit", text(&junit)]);
    let mut api = server.api();
    for orders in [&[1][..], &[1, 2], &[]] {
        assert_eq!(api.call("PUT", "sessions/a", Value::Null).await.0, 201);
        if !orders.is_empty() {
            server.publish("a", orders).await;
        }
        assert_eq!(api.call("DELETE", "sessions/a", Value::Null).await.0, 204);
    }
    // The same name lives on, and another one looks like that of a file of a deleted one.
    for (name, orders) in [("a", &[1, 2, 3][..]), ("a.deleted-2", &[]), ("b", &[])] {
        api.call("PUT", &format!("sessions/{name}"), Value::Null).await;
        server.publish(name, orders).await;
    }
    assert_eq!(api.call("DELETE", "sessions/b", Value::Null).await.0, 204);
    assert_eq!(api.get("sessions/b").await.0, 404);
    assert_eq!(server.stop().0, 0);
    let mut written: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    written.sort();
    let sessions = ["a", "a.deleted", "a.deleted-2", "a.deleted-3", "b.deleted"];
    let mut expected: Vec<String> =
        ["html", "journal.json"].iter().map(|extension| format!("all.{extension}")).collect();
    expected.extend(sessions.iter().flat_map(|name| [format!("all.{name}.html"), format!("all.journal.{name}.json")]));
    expected.push("junit.xml".to_owned());
    expected.sort();
    assert_eq!(written, expected);
    for (suffix, session, is_deleted, events) in [
        ("a", "a", false, 3),
        ("a.deleted", "a", true, 1),
        ("a.deleted-2", "a.deleted-2", false, 0),
        ("a.deleted-3", "a", true, 2),
        ("b.deleted", "b", true, 0),
    ] {
        let path = folder.join(format!("all.journal.{suffix}.json"));
        let value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!((&value["session"], value.get("deleted")), (&json!(session), is_deleted.then_some(&json!(true))));
        Journal::from_file(&path).unwrap().published().assert_count(events);
        let (status, timeline, _) = output(&["report", text(&path)]);
        assert!(status == 0 && timeline.starts_with("1 attempt, "), "{timeline}");
        assert_eq!(output(&["lint", text(&path)]).0, 0);
    }
    let cases = cases_of(&std::fs::read_to_string(&junit).unwrap());
    assert!(cases[5].0.starts_with("session b (deleted): no problems") && cases[5].1.is_some(), "{cases:?}");
}

#[tokio::test]
async fn the_file_of_a_session_has_each_detail_as_it_was_sent() {
    let json = directory("cli").join("journal.json");
    let server = Program::serve(&["--journal-file", text(&json)]);
    let mut api = server.api();
    for (name, detail) in
        [("a", r#"{"id":12345678901234567890123}"#), ("b", r#"{"total":1.10}"#), ("c", r#"{"cut":"\ud83d"}"#)]
    {
        api.call("PUT", &format!("sessions/{name}"), Value::Null).await;
        let sent = json!({ "Source": name, "DetailType": "d", "Detail": detail });
        let mut request = crate::support::put_events(entries([sent]));
        let authorization = AUTHORIZATION.replacen("Credential=AKIDEXAMPLE/", &format!("Credential={name}/"), 1);
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        let socket = crate::support::socket::Socket::connect(server.address);
        assert_eq!(socket.await.exchange(&request).await.unwrap().status, 200);
    }
    assert_eq!(api.call("DELETE", "sessions/c", Value::Null).await.0, 204);
    assert_eq!(server.stop().0, 0);
    for (suffix, detail, members) in [
        ("a.json", r#"{"id":12345678901234567890123}"#, json!(["a", null])),
        ("b.json", r#"{"total":1.10}"#, json!(["b", null])),
        ("c.deleted.json", r#"{"cut":"\ud83d"}"#, json!(["c", true])),
    ] {
        let path = json.with_extension(suffix);
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains(&format!("\"Detail\": {detail}")), "{written}");
        let journal = Journal::from_file(&path).unwrap();
        assert_eq!(journal.attempts()[0].entries()[0].detail(), Some(detail));
        let session = format!("\"session\": {}", members[0]);
        assert_eq!(
            (written.contains(&session), written.contains("\"deleted\": true")),
            (true, members[1] == true),
            "{suffix}"
        );
    }
}

#[tokio::test]
async fn deleted_sessions_are_kept_within_a_bound_and_counted_beyond_it() {
    let json = directory("cli").join("journal.json");
    let server = Program::serve(&["--journal-file", text(&json), "--journal-limit", "1"]);
    let mut api = server.api();
    for round in 0..4 {
        let name = format!("s{round}");
        api.call("PUT", &format!("sessions/{name}"), Value::Null).await;
        let long =
            json!({ "Source": name, "DetailType": "d", "Detail": json!({ "x": "y".repeat(400_000) }).to_string() });
        let mut request = crate::support::put_events(entries([long]));
        let authorization = AUTHORIZATION.replacen("Credential=AKIDEXAMPLE/", &format!("Credential={name}/"), 1);
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        let socket = crate::support::socket::Socket::connect(server.address);
        assert_eq!(socket.await.exchange(&request).await.unwrap().status, 200);
        assert_eq!(api.get(&format!("sessions/{name}")).await.1["published"], 1);
        assert_eq!(api.call("DELETE", &format!("sessions/{name}"), Value::Null).await.0, 204);
    }
    let (status, _, log) = server.stop();
    assert_eq!(status, 0);
    let told = "putevents-mock: the journals of 3 deleted sessions were dropped for newer ones, to stay within --journal-limit\n";
    let is_there: Vec<bool> =
        (0..4).map(|round| json.with_extension(format!("s{round}.deleted.json")).exists()).collect();
    let forgotten = is_there.iter().filter(|there| !**there).count();
    assert!(log.contains(&told.replace('3', &forgotten.to_string())), "{log}");
    assert!((1..4).contains(&forgotten) && is_there.is_sorted(), "{is_there:?}");
}

#[test]
fn run_counts_what_deleted_sessions_received_and_their_problems() {
    let plan = file("plan.json", r#"{ "expect": [{ "noProblems": true }] }"#);
    let session = "\"$PUTEVENTS_MOCK_URL/_mock/sessions/AKIDEXAMPLE\"";
    let script = |orders: &[u64]| {
        let publish = publishing(orders, 0);
        let publish = publish.trim_end_matches("; exit 0");
        format!("curl -s -X PUT {session} > /dev/null && {publish} && curl -s -X DELETE {session}")
    };
    let met = "putevents-mock: 1 expectation met, 2 events published in 1 attempt\n";
    let run = ["run", "--plan", text(&plan), "--", "sh", "-c"];
    assert_eq!(output(&[&run[..], &[&script(&[1, 2])]].concat()), (0, String::new(), met.to_owned()));
    let strict = [&run[..3], &["--fail-on-problems"], &run[3..]].concat();
    let (status, _, log) = output(&[&strict[..], &[&script(&[])]].concat());
    assert_eq!(status, 1);
    assert!(log.starts_with("putevents-mock: session AKIDEXAMPLE (deleted): 1 problem in the traffic\n"), "{log}");
}

#[test]
fn run_says_whose_traffic_a_plan_is_about_where_all_requests_went_to_sessions() {
    let plan = file("plan.json", r#"{ "expect": [{ "publishedCount": 1 }] }"#);
    let sentence = "putevents-mock: all requests went to sessions, and the plan is checked for the default session only: leave --plan \
                    out, and check the expectations of each session with POST /_mock/sessions/NAME/assertions\n";
    for (flags, is_said) in [(&["--session-per-key"][..], true), (&[][..], false)] {
        let publish = publishing(&[1, 2], 0);
        let (status, _, log) =
            output(&[&["run", "--plan", text(&plan)], flags, &["--", "sh", "-c", &publish]].concat());
        assert_eq!(status, 1, "{log}");
        assert_eq!(log.contains(sentence), is_said, "{log}");
    }
}

#[tokio::test]
async fn problems_fail_the_server_where_that_is_wanted() {
    for (flags, expected) in [(&["--fail-on-problems"][..], 1), (&[][..], 0)] {
        let server = Program::serve(flags);
        server.publish("test", &[1]).await;
        server.publish("test", &[]).await;
        let (status, _, log) = server.stop();
        assert_eq!(status, expected, "{log}");
        assert_eq!(
            log.contains("putevents-mock: 1 problem in the traffic\n\n2 attempts, 1 event published\n"),
            expected == 1
        );
    }
}

#[tokio::test]
async fn the_log_tells_of_each_attempt() {
    let server = Program::serve(&[]);
    server.publish("test", &[1]).await;
    let (_, _, log) = server.stop();
    assert!(log.contains(" INFO accepted attempt=1 entries=1\n"), "{log}");

    let server = Program::serve(&["--log-format", "json"]);
    server.api().call("PUT", "sessions/a", Value::Null).await;
    server.publish("a", &[]).await;
    let (_, _, log) = server.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["level"], &lines[0]["session"], &lines[0]["message"]),
        (&json!("INFO"), &json!("a"), &json!("400 ValidationException"))
    );
    assert_eq!(lines[1]["level"], "WARN");

    // What goes wrong on a connection is told as well.
    let server = Program::serve(&[]);
    let mut socket = crate::support::socket::Socket::connect(server.address).await;
    socket.send("nonsense\r\n\r\n").await.unwrap();
    socket.rest().await;
    let (_, _, log) = server.stop();
    assert!(log.contains(" WARN what was sent is not HTTP/1.1 (invalid HTTP method parsed): refused\n"), "{log}");

    let mut quiet = command(&["serve", "--listen", "127.0.0.1:0"]);
    quiet.env("RUST_LOG", "off");
    let server = Program::start(quiet);
    server.publish("test", &[1]).await;
    assert_eq!(server.stop().2, "");
}

#[tokio::test]
async fn every_flag_is_an_environment_variable_too() {
    let plan = file("plan.json", r#"{ "seed": 3, "faults": [{ "undelivered": true, "probability": 1 }] }"#);
    let folder = directory("cli");
    let [port, journal, html, junit] =
        ["port", "journal.json", "journal.html", "junit.xml"].map(|name| folder.join(name));
    let variables = [
        ("PUTEVENTS_MOCK_LISTEN", "localhost:0"),
        ("PUTEVENTS_MOCK_PORT_FILE", text(&port)),
        ("PUTEVENTS_MOCK_PLAN", text(&plan)),
        ("PUTEVENTS_MOCK_SEED", "77"),
        ("PUTEVENTS_MOCK_LIMITS", "none"),
        ("PUTEVENTS_MOCK_KNOWN_BUS", "orders,audit"),
        ("PUTEVENTS_MOCK_STRICT_AUTH", "true"),
        ("PUTEVENTS_MOCK_ACCOUNT", "111122223333"),
        ("PUTEVENTS_MOCK_REGION", "eu-central-1"),
        ("PUTEVENTS_MOCK_SESSION_PER_KEY", "false"),
        ("PUTEVENTS_MOCK_SHORTEN_KEYS", "true"),
        ("PUTEVENTS_MOCK_JOURNAL_FILE", text(&journal)),
        ("PUTEVENTS_MOCK_HTML_FILE", text(&html)),
        ("PUTEVENTS_MOCK_JUNIT", text(&junit)),
        ("PUTEVENTS_MOCK_NO_ANNOTATIONS", "1"),
        ("PUTEVENTS_MOCK_JOURNAL_LIMIT", "1"),
        ("PUTEVENTS_MOCK_MAX_SESSIONS", "2"),
        ("PUTEVENTS_MOCK_QUESTION_TIMEOUT", "60"),
        ("PUTEVENTS_MOCK_STOP_TIMEOUT", "60"),
        ("PUTEVENTS_MOCK_RECEIVE_LIMIT", "16"),
        ("PUTEVENTS_MOCK_FAIL_ON_PROBLEMS", "yes"),
        ("PUTEVENTS_MOCK_LOG_FORMAT", "json"),
        ("PUTEVENTS_MOCK_ALLOW_HOST", "eventbridge,mock.example.com"),
        ("PUTEVENTS_MOCK_MAX_CONNECTIONS", "8"),
        ("PUTEVENTS_MOCK_RECEIVE_TIMEOUT", "60s"),
    ];
    let mut serve = command(&["serve"]);
    serve.envs(variables).env("GITHUB_ACTIONS", "true");
    let server = Program::start(serve);
    server.publish("test", &(1..=11).collect::<Vec<_>>()).await;
    let unsigned = http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSEvents.PutEvents")
        .body("{}".into())
        .unwrap();
    let answer = crate::support::socket::Socket::connect(server.address).await.exchange(&unsigned).await.unwrap();
    assert_eq!(answer.status, 400);
    for _ in 0..3 {
        let long = json!({ "Source": "s", "DetailType": "d", "Detail": json!({ "x": "y".repeat(900_000) }).to_string(), "EventBusName": "odd" });
        let request = crate::support::put_events(entries([long]));
        crate::support::socket::Socket::connect(server.address).await.exchange(&request).await.unwrap();
    }
    let (status, _, log) = server.stop();
    assert_eq!(status, 1);
    assert!(log.starts_with('{') && port.exists() && html.exists() && !log.contains("::error"), "{log}");
    assert!(std::fs::read_to_string(&junit).unwrap().contains("failures=\"1\""));
    let journal = Journal::from_file(&journal).unwrap();
    assert!(journal.forgotten() > 0, "{journal}");
    assert_eq!(journal.to_json()["seed"], 77);
    let envelope = journal.published()[0].envelope();
    assert_eq!((&envelope["account"], &envelope["region"]), (&json!("111122223333"), &json!("eu-central-1")));
    assert!(journal.to_string().contains("none of those known (default, orders, audit)"), "{journal}");
    // The description of each flag names its variable, so that none is forgotten here.
    let (_, help, _) = output(&["serve", "--help"]);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(help.matches("[env: PUTEVENTS_MOCK_").count(), variables.len(), "{help}");
    assert!(variables.iter().all(|(name, _)| help.contains(&format!("[env: {name}="))), "{help}");
}

#[tokio::test]
async fn an_empty_variable_is_as_good_as_none() {
    let (_, help, _) = output(&["serve", "--help"]);
    let variables = help.split("[env: ").skip(1).map(|rest| rest.split('=').next().unwrap());
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    for name in variables {
        serve.env(name, "");
    }
    let server = Program::start(serve);
    assert_eq!(server.publish("test", &[1]).await, 200);
    assert_eq!(server.stop().0, 0);
    let mut run = command(&["run", "--", "true"]);
    for name in ["PUTEVENTS_MOCK_SEED", "PUTEVENTS_MOCK_LIMITS", "PUTEVENTS_MOCK_PLAN", "PUTEVENTS_MOCK_HTML_FILE"] {
        run.env(name, "");
    }
    assert_eq!(told(run.output().unwrap()), (0, String::new(), String::new()));
}

#[tokio::test]
async fn a_flag_counts_more_than_the_plan() {
    let plan = file("plan.json", r#"{ "strictAuth": true, "limits": "none" }"#);
    let many: Vec<u64> = (1..=11).collect();
    for (flags, variable, expected) in [
        (&[][..], None, (400, 200)),
        (&[], Some("false"), (200, 200)),
        (&["--strict-auth"], Some("false"), (400, 200)),
        (&["--limits", "current"], None, (400, 400)),
    ] {
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--plan", text(&plan)]);
        serve.args(flags);
        if let Some(value) = variable {
            serve.env("PUTEVENTS_MOCK_STRICT_AUTH", value);
        }
        let server = Program::start(serve);
        let mut unsigned = crate::support::put_events(entries([order(1)]));
        unsigned.headers_mut().remove("authorization");
        let socket = crate::support::socket::Socket::connect(server.address);
        let answer = socket.await.exchange(&unsigned).await.unwrap();
        assert_eq!((answer.status, server.publish("test", &many).await), expected, "{flags:?} {variable:?}");
    }
}

#[test]
fn a_plan_can_be_given_by_its_older_name_and_not_by_two_names_at_once() {
    let [one, other] = [("one.json", 1), ("other.json", 2)]
        .map(|(name, events)| file(name, &format!("{{ \"expect\": [{{ \"publishedCount\": {events} }}] }}")));
    let run = |flags: &[&str], variables: &[(&str, &Path)]| {
        let mut run = command(&[&["run"], flags, &["--", "sh", "-c", &publishing(&[1], 0)]].concat());
        told(run.envs(variables.iter().copied()).output().unwrap())
    };
    let met = (0, String::new(), "putevents-mock: 1 expectation met, 1 event published in 1 attempt\n".to_owned());
    let (plan, faults, nothing) = ("PUTEVENTS_MOCK_PLAN", "PUTEVENTS_MOCK_FAULTS", Path::new(""));
    for (flags, variables) in [
        (&["--plan", text(&one)][..], &[][..]),
        (&["--faults", text(&one)], &[]),
        (&[], &[(plan, &*one)]),
        (&[], &[(faults, &*one)]),
        (&[], &[(plan, &*one), (faults, &*one)]),
        (&[], &[(plan, &*one), (faults, nothing)]),
        (&[], &[(plan, nothing), (faults, &*one)]),
        // A flag counts more than any variable.
        (&["--plan", text(&one)], &[(faults, &*other)]),
        (&["--faults", text(&one)], &[(plan, &*other)]),
        (&["--faults", text(&one)], &[(plan, nothing), (faults, &*other)]),
    ] {
        assert_eq!(run(flags, variables), met, "{flags:?} {variables:?}");
    }
    let (status, _, log) = run(&["--plan", text(&one), "--faults", text(&other)], &[]);
    assert_eq!(status, 2);
    assert!(log.starts_with("error: the argument '--plan <PLAN.json>' cannot be used multiple times\n"), "{log}");
    let (status, _, log) = run(&[], &[(plan, &one), (faults, &other)]);
    let expected = format!(
        "error: PUTEVENTS_MOCK_PLAN is {one:?}, and PUTEVENTS_MOCK_FAULTS, its older name, is {other:?}: leave one of them out\n"
    );
    assert_eq!(status, 2);
    assert!(log.starts_with(&expected), "{log}");
    // Those that take no plan do not care.
    let mut check = command(&["check", text(&one)]);
    assert_eq!(told(check.envs([(plan, &one), (faults, &other)]).output().unwrap()).0, 0);
}

#[test]
fn files_may_begin_with_a_byte_order_mark() {
    let plan = file("marked.json", "\u{feff}{ \"faults\": [{ \"reset\": true }] }");
    assert_eq!(output(&["check", text(&plan)]).0, 0);
    let journal = file("journal.json", &format!("\u{feff}{}", putevents_mock::Engine::new().journal().to_json()));
    assert_eq!(output(&["report", text(&journal)]).0, 0);
    // A mark in the middle is none.
    let odd = file("odd.json", "{ \u{feff}\"faults\": [] }");
    assert_eq!(output(&["check", text(&odd)]).0, 2);
    for encode in [u16::to_le_bytes, u16::to_be_bytes] {
        let utf16: Vec<u8> = "\u{feff}{\"faults\":[]}".encode_utf16().flat_map(encode).collect();
        std::fs::write(&plan, utf16).unwrap();
        let expected = format!("putevents-mock: {}: this is UTF-16: save it as UTF-8\n", plan.display());
        assert_eq!(output(&["check", text(&plan)]), (2, String::new(), expected));
    }
    std::fs::write(&plan, b"{\"faults\":[\"\xe4\"]}").unwrap();
    let (_, _, log) = output(&["check", text(&plan)]);
    assert!(log.contains(": not UTF-8: "), "{log}");
}

#[test]
fn run_ends_as_its_command_and_its_expectations_do() {
    let plan = r#"{
        "faults": [{ "entry": "ThrottlingException", "matching": { "detail": { "/orderId": 2 } }, "times": 1 }],
        "expect": [{ "everyFaultFired": true }, { "noneLost": true }]
    }"#;
    let plan = file("plan.json", plan);
    let run =
        |orders: &[u64], status| output(&["run", "--plan", text(&plan), "--", "sh", "-c", &publishing(orders, status)]);
    let (status, out, report) = run(&[1, 2], 0);
    assert_eq!((status, out.as_str()), (1, ""));
    let expected = "putevents-mock: 1 expectation is not met\n\nexpect[1]: {\"noneLost\":true}\n1 event was lost or given up\n\n  \
                    shop.orders / OrderPlaced {\"orderId\":2}\n";
    assert!(report.starts_with(expected), "{report}");
    let (status, _, report) = run(&[1], 0);
    assert_eq!(status, 1);
    assert!(report.contains(&format!("injected at {}: faults[0]", plan.display())), "{report}");
    // The command's own status comes first, and the report is told all the same.
    let (status, _, report) = run(&[1, 2], 7);
    assert_eq!(status, 7);
    assert!(report.contains("1 event was lost"), "{report}");

    let met = file("met.json", r#"{ "expect": [{ "publishedCount": 2 }, { "lintClean": true }] }"#);
    assert_eq!(
        output(&["run", "--plan", text(&met), "--", "sh", "-c", &publishing(&[1, 2], 0)]),
        (0, String::new(), "putevents-mock: 2 expectations met, 2 events published in 1 attempt\n".to_owned())
    );
}

#[test]
fn run_doubts_that_expectations_are_met_where_no_request_came() {
    let run = |name: &str, expect: &str| {
        let plan = file(name, &format!("{{ \"expect\": {expect} }}"));
        output(&["run", "--plan", text(&plan), "--", "true"])
    };
    let doubt = "putevents-mock: no request came. Does the command use AWS_ENDPOINT_URL_EVENTBRIDGE, and does it wait for its \
                 publisher? If nothing is to be published, expect { \"publishedCount\": 0 }\n";
    for expect in [
        r#"[{ "noProblems": true }]"#,
        r#"[{ "lintClean": true }, { "noProblems": true }]"#,
        r#"[{ "inFlightAtMost": 1 }]"#,
    ] {
        assert_eq!(run("silent.json", expect), (1, String::new(), doubt.to_owned()), "{expect}");
    }
    for expect in [
        r#"[{ "publishedCount": 0 }]"#,
        r#"[{ "publishedExactly": [] }]"#,
        r#"[{ "exactlyOnce": true, "expecting": [] }]"#,
    ] {
        let met = "putevents-mock: 1 expectation met, 0 events published in 0 attempts\n";
        assert_eq!(run("none.json", expect), (0, String::new(), met.to_owned()), "{expect}");
    }
    let (status, _, report) = run("lost.json", r#"[{ "noneLost": true }]"#);
    assert_eq!(status, 1);
    assert!(
        report.contains("no event was received that this assertion is about, so there was nothing to judge"),
        "{report}"
    );
    // Where nothing was expected, nothing is said.
    assert_eq!(run("nothing.json", "[]"), (0, String::new(), String::new()));
}

#[test]
fn run_doubts_as_well_where_requests_came_and_none_of_them_was_for_put_events() {
    let asking = |targets: &[&str]| {
        let curl = |target: &&str| {
            format!(
                "curl -s -o /dev/null -X POST -H 'X-Amz-Target: {target}' -H 'Content-Type: application/x-amz-json-1.1' -d '{{}}' $PUTEVENTS_MOCK_URL/\n"
            )
        };
        targets.iter().map(curl).collect::<String>()
    };
    if output(&["run", "--", "curl", "--version"]).0 != 0 {
        return println!("SKIPPED: there is no program curl here");
    }
    let run = |name: &str, expect: &str, targets: &[&str]| {
        let plan = file(name, &format!("{{ \"expect\": {expect} }}"));
        output(&["run", "--plan", text(&plan), "--", "sh", "-c", &asking(targets)])
    };
    let (describe, list) = ("AWSEvents.DescribeEventBus", "AWSEvents.ListRules");
    let expect = r#"[{ "inFlightAtMost": 1 }]"#;
    for (targets, others) in [
        (&[describe][..], "1 for DescribeEventBus"),
        (&[describe, list, describe], "2 for DescribeEventBus, 1 for ListRules"),
        (&["", describe], "1 for DescribeEventBus, 1 for no operation of EventBridge"),
    ] {
        let doubt = format!(
            "putevents-mock: no request for PutEvents came, only {others}. Does the command wait for its publisher? If nothing \
             is to be published, expect {{ \"publishedCount\": 0 }}\n"
        );
        assert_eq!(run("others.json", expect, targets), (1, String::new(), doubt));
    }
    // One that cannot be read is a request for PutEvents as well.
    let met = "putevents-mock: 1 expectation met, 1 problem in the traffic, 0 events published in 2 attempts\n";
    assert_eq!(run("read.json", expect, &[describe, "AWSEvents.PutEvents"]), (0, String::new(), met.to_owned()));
    let met = "putevents-mock: 1 expectation met, 0 events published in 1 attempt\n";
    let silence = r#"[{ "publishedCount": 0 }]"#;
    assert_eq!(run("silence.json", silence, &[describe]), (0, String::new(), met.to_owned()));
}

#[test]
fn run_gives_its_command_an_environment_for_aws_sdks() {
    let (status, out, log) = output(&["run", "--", "env"]);
    assert_eq!((status, log.as_str()), (0, ""));
    let value = |name: &str| out.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
    let url = value("PUTEVENTS_MOCK_URL").unwrap();
    assert!(url.starts_with("http://127.0.0.1:"), "{out}");
    for name in ["AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_CLOUDWATCH_EVENTS"] {
        assert_eq!(value(name), Some(url));
    }
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"] {
        assert!(value(name).is_some(), "{name}\n{out}");
    }
}

#[test]
fn run_keeps_the_region_that_its_command_has_and_the_events_are_from_there() {
    let plan = file("plan.json", r#"{ "region": "eu-north-1", "faults": [] }"#);
    let publish = publishing(&[1], 0).replacen("/us-east-1/", "/'$AWS_REGION'/", 1);
    let script = format!("echo $AWS_REGION $AWS_DEFAULT_REGION; {publish}");
    for (flags, region, default_region, of_command, of_events) in [
        (&[][..], None, None, "us-east-1 us-east-1", "us-east-1"),
        (&[], Some("eu-west-1"), None, "eu-west-1 eu-west-1", "eu-west-1"),
        (&[], None, Some("eu-west-2"), "eu-west-2 eu-west-2", "eu-west-2"),
        (&[], Some("eu-west-1"), Some("eu-west-2"), "eu-west-1 eu-west-2", "eu-west-1"),
        (&[], Some(""), Some("eu-west-2"), "eu-west-2 eu-west-2", "eu-west-2"),
        (&[], Some(""), Some(""), "us-east-1 us-east-1", "us-east-1"),
        // What the mock is told counts for its events, and for a command that has no region.
        (&["--region", "eu-central-1"], None, None, "eu-central-1 eu-central-1", "eu-central-1"),
        (&["--region", "eu-central-1"], Some("eu-west-1"), None, "eu-west-1 eu-west-1", "eu-central-1"),
        (&["--plan", text(&plan)], None, None, "eu-north-1 eu-north-1", "eu-north-1"),
        (&["--plan", text(&plan)], None, Some("eu-west-2"), "eu-west-2 eu-west-2", "eu-north-1"),
        (&["--plan", text(&plan), "--region", "eu-central-1"], None, None, "eu-central-1 eu-central-1", "eu-central-1"),
    ] {
        let journal = directory("cli").join("journal.json");
        let mut run =
            command(&[&["run", "--journal-file", text(&journal)], flags, &["--", "sh", "-c", &script]].concat());
        for (name, value) in [("AWS_REGION", region), ("AWS_DEFAULT_REGION", default_region)] {
            match value {
                Some(value) => run.env(name, value),
                None => run.env_remove(name),
            };
        }
        assert_eq!(told(run.output().unwrap()), (0, format!("{of_command}\n"), String::new()), "{flags:?}");
        let envelope = Journal::from_file(&journal).unwrap().published()[0].envelope();
        assert_eq!(envelope["region"], of_events, "{flags:?} {region:?} {default_region:?}");
    }
}

#[test]
fn run_passes_on_signals_and_statuses() {
    let (status, ..) = output(&["run", "--", "sh", "-c", "kill -KILL $$"]);
    assert_eq!(status, 128 + 9);
    // The script is ready when it says so, where the server would say it.
    let script = "trap 'exit 23' TERM; echo ready $PUTEVENTS_MOCK_URL; while :; do sleep 0.01; done";
    let running = Program::start(command(&["run", "--", "sh", "-c", script]));
    assert_eq!(running.stop().0, 23);
    let running = Program::start(command(&["run", "--", "sh", "-c", &script.replace("TERM", "INT")]));
    running.signal("-INT");
    assert_eq!(running.end().0, 23);
    if !ignores_hangup() {
        let running = Program::start(command(&["run", "--", "sh", "-c", &script.replace("TERM", "HUP")]));
        running.signal("-HUP");
        assert_eq!(running.end().0, 23);
    }
    assert_eq!(
        output(&["run", "--", "./no-such-command"]),
        (
            127,
            String::new(),
            "putevents-mock: cannot run ./no-such-command: No such file or directory (os error 2)\n".into()
        )
    );
    let folder = directory("cli");
    let (status, _, log) = output(&["run", "--", text(&folder)]);
    assert_eq!(status, 126);
    assert!(log.ends_with("Permission denied (os error 13)\n"), "{log}");
    // The status of the command is told even where the journal cannot be written in the end.
    let journal = folder.join("journal.json");
    let spoil = format!("mkdir {}; exit 7", journal.display());
    let (status, _, log) = output(&["run", "--journal-file", text(&journal), "--", "sh", "-c", &spoil]);
    assert_eq!(
        (status, log),
        (7, format!("putevents-mock: cannot write {}: Is a directory (os error 21)\n", journal.display()))
    );
}

#[test]
fn a_server_that_does_not_start_leaves_nothing_behind() {
    let journal = directory("cli").join("journal.json");
    let (status, ..) = output(&["serve", "--journal-file", text(&journal), "--plan", "no/plan.json"]);
    assert_eq!((status, journal.exists()), (2, false));
    // The seed of the flag wins, whatever the environment says.
    let mut check = command(&["run", "--seed", "1", "--", "true"]);
    assert_eq!(told(check.env("PUTEVENTS_MOCK_SEED", "x").output().unwrap()), (0, String::new(), String::new()));
}

#[test]
fn a_server_ends_in_order_with_its_standard_input_if_that_is_wanted() {
    let journal = directory("cli").join("journal.json");
    let flags = ["serve", "--listen", "127.0.0.1:0", "--journal-file", text(&journal)];
    let mut serve = command(&[&flags[..], &["--until-stdin-ends"]].concat());
    let (input, held) = std::io::pipe().unwrap();
    let server = Program::start({
        serve.stdin(input);
        serve
    });
    // What is written into the pipe is ignored. Only its end counts.
    (&held).write_all(b"hello\n").unwrap();
    assert!(std::net::TcpStream::connect(server.address).is_ok());
    drop(held);
    let (status, out, log) = server.end();
    assert_eq!((status, out.as_str()), (0, ""));
    assert!(log.contains("ending on the end of standard input"), "{log}");
    Journal::from_file(&journal).unwrap();
    // Without the flag a server outlives its standard input, and with it signals count all the same.
    let server = Program::serve(&[]);
    assert_eq!(server.stop().0, 0);
    let mut serve = command(&[&flags[..], &["--until-stdin-ends"]].concat());
    let (input, held) = std::io::pipe().unwrap();
    serve.stdin(input);
    let server = Program::start(serve);
    assert_eq!(server.stop().0, 0);
    drop(held);
}

#[test]
fn health_is_whether_a_server_is_ready() {
    let server = Program::serve(&[]);
    let url = format!("http://{}", server.address);
    assert_eq!(output(&["health", "--url", &url]), (0, "ok\n".to_owned(), String::new()));
    assert_eq!(server.stop().0, 0);
    let (status, out, log) = output(&["health", "--url", &url]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(
        log.starts_with(&format!("putevents-mock: the server at {url} does not reply: Connection refused")),
        "{log}"
    );
    // A server of something else.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", other.local_addr().unwrap());
    let replying = std::thread::spawn(move || {
        let (mut client, _) = other.accept().unwrap();
        let lines = std::io::BufReader::new(client.try_clone().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.is_empty()), "the request has an end");
        client.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap();
    });
    let told = format!(
        "putevents-mock: the server at {url} is no mock that is ready: it replied \"HTTP/1.1 404 Not Found\"\n"
    );
    assert_eq!(output(&["health", "--url", &url]), (1, String::new(), told));
    replying.join().unwrap();
}

#[test]
fn what_shuts_out_the_api_is_for_run_only() {
    let plan = file("plan.json", r#"{ "faults": [{ "refuseConnections": true }] }"#);
    let (status, _, log) = output(&["serve", "--listen", "127.0.0.1:0", "--plan", text(&plan)]);
    let sentence = "connections refused: this would make the API unreachable too, so that the fault could not be lifted: stop the \
                    server instead, or use putevents-mock run";
    assert_eq!((status, log), (2, format!("putevents-mock: {}: faults[0]: {sentence}\n", plan.display())));
    let (status, _, log) = output(&["run", "--plan", text(&plan), "--", "sh", "-c", &publishing(&[1], 0)]);
    assert_eq!(status, 0);
    assert!(log.contains("Failed to connect") || log.contains("Connection refused"), "{log}");
}

#[test]
fn check_tells_a_good_plan_from_a_bad_one() {
    let good =
        file("good.json", r#"{ "faults": [{ "lostReply": true, "times": 1 }], "expect": [{ "noneLost": true }] }"#);
    let expected = format!(
        "{}: 1 fault, 1 expectation\n  faults[0]  a reset without a reply (after acceptance), once\n  expect[0]  \
         {{\"noneLost\":true}}\n",
        good.display()
    );
    assert_eq!(output(&["check", text(&good)]), (0, expected, String::new()));
    let whole = r#"{ "limits": "before-2026", "knownBuses": ["orders", "audit"], "strictAuth": true, "account": "111122223333",
        "region": "eu-central-1", "answers": { "ListRules": { "Rules": [] }, "DescribeEventBus": {} },
        "faults": [{ "request": "AccessDeniedException", "onOperation": "PutRule" }] }"#;
    for (plan, said) in [
        (
            whole,
            "1 fault, 0 expectations\n  limits  before-2026\n  knownBuses  default, orders and audit\n  strictAuth  requests must be \
             signed\n  account  111122223333\n  region  eu-central-1\n  answers  to DescribeEventBus, ListRules\n  faults[0]  400 \
             AccessDeniedException for PutRule\n",
        ),
        (
            r#"{ "limits": { "maxRequestSize": 1000 }, "knownBuses": [], "strictAuth": false }"#,
            "0 faults, 0 expectations\n  limits  current, with at most 1000 bytes in a request\n  knownBuses  default\n  strictAuth  \
             requests need not be signed\n",
        ),
        (r#"{ "answers": { "ListRules": {} } }"#, "0 faults, 0 expectations\n  answers  to ListRules\n"),
        (r#"{ "limits": "none", "faults": [] }"#, "0 faults, 0 expectations\n  limits  none\n"),
    ] {
        let plan = file("setup.json", plan);
        assert_eq!(output(&["check", text(&plan)]), (0, format!("{}: {said}", plan.display()), String::new()));
    }
    for (plan, place) in [
        (r#"{ "faults": [{ "stall": 1 }] }"#, "faults[0].stall: 1 is not true; write true, or leave it out"),
        (r#"{ "faults": [{ "entry": "InternalFailure", "atIndex": 99 }] }"#, "faults[0]: no request within the limits"),
        (r#"{ "expect": [{ "noneLost": true, "onBus": "x" }] }"#, "expect[0]: \"onBus\" is not known here"),
        ("{", "not JSON: EOF while parsing an object at line 1 column 1"),
    ] {
        let bad = file("bad.json", plan);
        let (status, out, log) = output(&["check", text(&bad)]);
        assert_eq!((status, out.as_str()), (2, ""));
        assert!(log.starts_with(&format!("putevents-mock: {}: {place}", bad.display())), "{log}");
    }
}

#[test]
fn check_takes_several_plans_and_standard_input_and_tells_all_that_is_wrong_with_each() {
    let [good, bad, beyond] = [
        ("good.json", r#"{ "faults": [{ "reset": true }] }"#),
        ("bad.json", r#"{ "faults": [{ "stall": 1 }, { "entry": "InternalFailure", "times": 0 }], "expect": [7] }"#),
        (
            "beyond.json",
            r#"{ "faults": [{ "undelivered": true, "atIndex": 10 }, { "undelivered": true, "atIndex": 11 }] }"#,
        ),
    ]
    .map(|(name, plan)| file(name, plan));
    let told_of_good =
        format!("{}: 1 fault, 0 expectations\n  faults[0]  a reset without a reply (before acceptance)\n", text(&good));
    let of_bad = |name: &str| {
        format!(
            "putevents-mock: {name}: faults[0].stall: 1 is not true; write true, or leave it out\n\
             putevents-mock: {name}: faults[1].times: a fault that applies 0 times does nothing: leave it out, or write 1\n\
             putevents-mock: {name}: expect[0]: 7 is not an expectation: write an object, such as {{\"noneLost\": true}}\n"
        )
    };
    let of_beyond = |name: &str| {
        let of = |fault, index| {
            format!(
                "putevents-mock: {name}: faults[{fault}]: no request within the limits has an entry at index {index}: write 9 \
                 for the last one, or let the mock have the limits \"none\"\n"
            )
        };
        of(0, 10) + &of(1, 11)
    };
    let missing = "putevents-mock: no/plan.json: No such file or directory (os error 2)\n";
    assert_eq!(output(&["check", text(&good), text(&good)]), (0, told_of_good.repeat(2), String::new()));
    assert_eq!(
        output(&["check", text(&bad), text(&good), "no/plan.json", text(&beyond)]),
        (2, told_of_good, of_bad(text(&bad)) + missing + &of_beyond(text(&beyond)))
    );
    let piped = |plan: &Path, arguments: &[&str]| {
        let mut check = command(&[&["check"], arguments].concat());
        told(check.stdin(std::fs::File::open(plan).unwrap()).output().unwrap())
    };
    let told_of_piped =
        "standard input: 1 fault, 0 expectations\n  faults[0]  a reset without a reply (before acceptance)\n";
    assert_eq!(piped(&good, &["-"]), (0, told_of_piped.into(), String::new()));
    assert_eq!(piped(&bad, &["-"]), (2, String::new(), of_bad("standard input")));
    assert_eq!(piped(&good, &[text(&bad), "-"]), (2, told_of_piped.into(), of_bad(text(&bad))));
    // A server tells all of it as well.
    let (status, _, log) = output(&["run", "--plan", text(&bad), "--", "true"]);
    assert_eq!((status, log), (2, of_bad(text(&bad))));
    let (status, _, log) = output(&["run", "--plan", text(&beyond), "--", "true"]);
    assert_eq!((status, log), (2, of_beyond(text(&beyond))));
}

#[test]
fn shells_complete_commands_and_flags() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (status, script, log) = output(&["completions", shell]);
        assert_eq!((status, log.as_str()), (0, ""), "{shell}");
        for name in ["serve", "run", "check", "completions", "journal-file", "fail-on-problems"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
    let (status, _, log) = output(&["completions", "tcsh"]);
    assert_eq!(status, 2);
    assert!(log.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{log}");

    let complete = r#"
        source <("$0" completions bash)
        COMP_WORDS=(putevents-mock "$@"); COMP_CWORD=$#
        _putevents__mock putevents-mock "${!#}" "${COMP_WORDS[$#-1]}"
        echo "${COMPREPLY[*]}"
    "#;
    let completed = |words: &[&str]| {
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", complete, env!("CARGO_BIN_EXE_putevents-mock")]).args(words);
        told(bash.output().unwrap())
    };
    if std::process::Command::new("bash").arg("--version").output().is_err() {
        return println!("SKIPPED: there is no bash, so its completion was not tried");
    }
    for (words, expected) in [
        (&["ch"][..], "check"),
        (&["run", "--pl"], "--plan"),
        (&["run", "--journal-"], "--journal-file --journal-limit"),
        (&["serve", "--limits", ""], "current before-2026 none"),
        (&["completions", "z"], "zsh"),
    ] {
        assert_eq!(completed(words), (0, format!("{expected}\n"), String::new()), "{words:?}");
    }
}

#[tokio::test]
async fn bad_input_gets_one_sentence_and_a_status() {
    let server = Program::serve(&[]);
    let taken = server.address.to_string();
    let plan = file("plan.json", r#"{ "faults": 5 }"#);
    let cases: [(&[&str], &str); 10] = [
        (
            &["serve", "--listen", &taken],
            &format!(
                "putevents-mock: cannot listen on {taken}: Address already in use (os error 98); --listen 127.0.0.1:0 takes a \
                 free port\n"
            ),
        ),
        (
            &["serve", "--listen", "4010"],
            "error: invalid value '4010' for '--listen <ADDRESS>': write an address and a port, such as 127.0.0.1:4010, or \
             127.0.0.1:0 for a free port\n",
        ),
        (&["serve", "--plan", text(&plan)], &format!("putevents-mock: {}: faults: 5 is not a list\n", plan.display())),
        (
            &["serve", "--plan", "no/plan.json"],
            "putevents-mock: no/plan.json: No such file or directory (os error 2)\n",
        ),
        (
            &["serve", "--journal-file", "no/journal.json"],
            "putevents-mock: cannot write no/journal.json: No such file or directory (os error 2)\n",
        ),
        (
            &["serve", "--listen", "127.0.0.1:0", "--port-file", "no/port"],
            "putevents-mock: cannot write the port file no/port: No such file or directory (os error 2)\n",
        ),
        (
            &["serve", "--limits", "odd"],
            "error: invalid value 'odd' for '--limits <LIMITS>'\n  [possible values: current, before-2026, none]\n",
        ),
        (&["serve", "--sed", "1"], "error: unexpected argument '--sed' found\n"),
        (&["run"], "error: the following required arguments were not provided:\n  <COMMAND>...\n"),
        (&["report", "no/journal.json"], "putevents-mock: no/journal.json: No such file or directory (os error 2)\n"),
    ];
    for (arguments, sentence) in cases {
        let (status, out, log) = output(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}\n{log}");
        assert!(log.starts_with(sentence), "{arguments:?}\n{log}\n{sentence}");
    }
    let mut odd = command(&["serve"]);
    let (status, _, log) = told(odd.env("PUTEVENTS_MOCK_SEED", "x").output().unwrap());
    assert_eq!(status, 2);
    assert!(log.starts_with("error: invalid value 'x' for 'PUTEVENTS_MOCK_SEED (--seed <N>)'"), "{log}");
    for (name, value, expected) in [
        ("PUTEVENTS_MOCK_LISTEN", "4010", "'PUTEVENTS_MOCK_LISTEN (--listen <ADDRESS>)': write an address and a port"),
        ("PUTEVENTS_MOCK_LIMITS", "odd", "'PUTEVENTS_MOCK_LIMITS (--limits <LIMITS>)'"),
        (
            "PUTEVENTS_MOCK_ACCOUNT",
            "12",
            "'PUTEVENTS_MOCK_ACCOUNT (--account <ACCOUNT>)': \"12\" is not an account id: write its",
        ),
        ("PUTEVENTS_MOCK_REGION", "EU", "'PUTEVENTS_MOCK_REGION (--region <REGION>)': \"EU\" is not a region"),
        ("PUTEVENTS_MOCK_STRICT_AUTH", "maybe", "'PUTEVENTS_MOCK_STRICT_AUTH (--strict-auth)'"),
        ("PUTEVENTS_MOCK_JOURNAL_LIMIT", "-1", "'PUTEVENTS_MOCK_JOURNAL_LIMIT (--journal-limit <MIB>)'"),
        ("PUTEVENTS_MOCK_RECEIVE_LIMIT", "x", "'PUTEVENTS_MOCK_RECEIVE_LIMIT (--receive-limit <MIB>)'"),
        (
            "PUTEVENTS_MOCK_ALLOW_HOST",
            "http://eventbridge:4010",
            "'PUTEVENTS_MOCK_ALLOW_HOST (--allow-host <NAME>)': write a host name without scheme, port and wildcard, such as \
             eventbridge",
        ),
        ("PUTEVENTS_MOCK_MAX_CONNECTIONS", "0", "'PUTEVENTS_MOCK_MAX_CONNECTIONS (--max-connections <N>)'"),
        (
            "PUTEVENTS_MOCK_RECEIVE_TIMEOUT",
            "soon",
            "'PUTEVENTS_MOCK_RECEIVE_TIMEOUT (--receive-timeout <TIME>)': write a time such as 30s, 2m or 500ms",
        ),
    ] {
        // What stands behind -- is not ours.
        let mut odd = command(&["run", "--", "true", "--limits=none", "--listen"]);
        if name == "PUTEVENTS_MOCK_LISTEN" {
            odd = command(&["serve"]);
        }
        let (status, _, log) = told(odd.env(name, value).output().unwrap());
        assert_eq!(status, 2, "{log}");
        assert!(log.contains(expected), "{log}");
    }
    let mut both = command(&["serve", "--seed=y"]);
    let (_, _, log) = told(both.env("PUTEVENTS_MOCK_SEED", "1").output().unwrap());
    assert!(log.starts_with("error: invalid value 'y' for '--seed <N>'"), "{log}");
    // The one that has the port is none the worse.
    assert_eq!(server.publish("test", &[1]).await, 200);
}

/// The cases of a JUnit report: their names, and the kind and the text of each that failed or was skipped.
fn cases_of(xml: &str) -> Vec<(String, Option<String>)> {
    let text =
        |escaped: &str| escaped.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let cases = xml.split("<testcase ").skip(1).map(|case| case.split("</testcase>").next().unwrap());
    let name = |case: &str| text(case.split("name=\"").nth(2).unwrap().split('"').next().unwrap());
    let within =
        |case: &str| case.split_once("time=\"0\">").map(|(_, inner)| text(inner)).filter(|inner| !inner.is_empty());
    cases.map(|case| (name(case), within(case))).collect()
}

#[test]
fn run_writes_what_it_judged_as_a_junit_report() {
    let plan = r#"{
        "seed": 7,
        "faults": [{ "entry": "ThrottlingException", "matching": { "detail": { "/orderId": 2 } }, "times": 1 }],
        "expect": [{ "everyFaultFired": true }, { "noneLost": true, "matching": { "source": { "prefix": "<&\u0007" } } }, { "noneLost": true }]
    }"#;
    let plan = file("some.plan.json", plan);
    let run = |flags: &[&str], script: &str| {
        let junit = directory("cli").join("junit.xml");
        let (status, ..) = output(
            &[&["run", "--plan", text(&plan), "--junit", text(&junit)], flags, &["--", "sh", "-c", script]].concat(),
        );
        (status, std::fs::read_to_string(junit).unwrap())
    };
    let (status, xml) = run(&[], &publishing(&[1, 2], 0));
    assert_eq!(status, 1);
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"putevents-mock\" ";
    assert!(xml.starts_with(head), "{xml}");
    assert!(xml.contains(" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\" time=\"0."), "{xml}");
    assert!(xml.contains("classname=\"putevents-mock.some-plan\""), "{xml}");
    let cases = cases_of(&xml);
    let names: Vec<&str> = cases.iter().map(|(name, _)| name.as_str()).collect();
    let narrowed = r#"expect[1]: {"noneLost":true,"matching":{"source":{"prefix":"<&\u0007"}}}"#;
    let names_then = [
        r#"expect[0]: {"everyFaultFired":true}"#,
        narrowed,
        r#"expect[2]: {"noneLost":true}"#,
        "no problems in the traffic",
    ];
    assert_eq!(names, names_then);
    assert!(cases[0].1.is_none() && cases[3].1.is_none(), "{cases:?}");
    assert!(
        cases[1].1.as_deref().unwrap().starts_with("<failure type=\"NothingToJudge\" message=\"no event was received")
    );
    let lost = cases[2].1.as_deref().unwrap();
    let report = "<failure type=\"Ledger\" message=\"1 event was lost or given up\">1 event was lost or given up\n\n  shop.orders / \
                  OrderPlaced {\"orderId\":2}\n";
    assert!(lost.starts_with(report) && lost.ends_with("</failure>"), "{lost}");

    // Problems are a failure where they are one for the exit status; and that no request came is one, too.
    let (status, xml) = run(&[], &publishing(&[], 0));
    assert_eq!(status, 1);
    let excuse = "<skipped message=\"1 problem in the traffic, and no --fail-on-problems\"/>";
    assert_eq!(cases_of(&xml)[3].1.as_deref(), Some(excuse), "{xml}");
    let (_, xml) = run(&["--fail-on-problems"], &publishing(&[], 0));
    assert!(
        cases_of(&xml)[3].1.as_deref().unwrap().starts_with("<failure type=\"Problems\" message=\"1 problem in"),
        "{xml}"
    );
    let junit = directory("cli").join("junit.xml");
    let silent = file("silent.json", r#"{ "expect": [{ "noProblems": true }] }"#);
    assert_eq!(output(&["run", "--plan", text(&silent), "--junit", text(&junit), "--", "true"]).0, 1);
    let cases = cases_of(&std::fs::read_to_string(&junit).unwrap());
    assert_eq!((cases.len(), cases[2].0.as_str()), (3, "a request for PutEvents came"));
    assert!(cases[2].1.as_deref().unwrap().starts_with("<failure type=\"NoRequest\" message=\"no request came. "));
    // Whether it can be written is known before anything runs.
    let (status, out, log) = output(&["run", "--junit", "no/junit.xml", "--", "echo", "ran"]);
    let expected = "putevents-mock: cannot write no/junit.xml: No such file or directory (os error 2)\n";
    assert_eq!((status, out.as_str(), log.as_str()), (2, "", expected));
}

#[tokio::test]
async fn serve_writes_a_junit_report_at_its_end_and_judges_the_expectations_for_it() {
    let plan = file("plan.json", r#"{ "expect": [{ "publishedCount": 3 }] }"#);
    for (flags, status) in [(&[][..], 0), (&["--fail-on-problems"], 1)] {
        let junit = directory("cli").join("junit.xml");
        let server = Program::serve(&[&["--plan", text(&plan), "--junit", text(&junit)], flags].concat());
        server.api().call("PUT", "sessions/a", json!({ "faults": [] })).await;
        server.publish("test", &[1]).await;
        server.publish("a", &[]).await;
        assert_eq!(server.stop().0, status);
        let xml = std::fs::read_to_string(&junit).unwrap();
        let cases = cases_of(&xml);
        let names: Vec<&str> = cases.iter().map(|(name, _)| name.as_str()).collect();
        let problems = "no problems in the traffic";
        assert_eq!(names, [r#"expect[0]: {"publishedCount":3}"#, problems, &format!("session a: {problems}")]);
        assert!(cases[0].1.as_deref().unwrap().starts_with("<failure type=\"PublishedCount\""), "{xml}");
        assert_eq!(cases[2].1.as_deref().unwrap().starts_with("<failure type=\"Problems\""), status == 1, "{xml}");
    }
}

#[test]
fn a_workflow_of_github_is_told_what_is_not_met_unless_nobody_wants_it_to() {
    let plan = r#"{ "expect": [{ "publishedCount": 2 }, { "publishedContain": [{ "source": "100%, `a`" }] }] }"#;
    let (plan, met) = (file("plan.json", plan), file("met.json", r#"{ "expect": [{ "publishedCount": 1 }] }"#));
    let run = |plan: &Path, flags: &[&str], actions: &str| {
        let summary = file("summary.md", "before\n");
        let script = publishing(&[1], 0);
        let mut run = command(&[&["run", "--plan", text(plan)], flags, &["--", "sh", "-c", &script]].concat());
        run.env("GITHUB_ACTIONS", actions).env("GITHUB_STEP_SUMMARY", &summary);
        let (status, out, log) = told(run.output().unwrap());
        assert_eq!(out, "");
        let commands: Vec<String> = log.lines().filter(|line| line.starts_with("::")).map(str::to_owned).collect();
        (status, commands, std::fs::read_to_string(summary).unwrap())
    };
    let (status, commands, summary) = run(&plan, &[], "true");
    assert_eq!((status, commands.len()), (1, 2));
    let first = "::error title=putevents-mock%3A expect[0]%3A {\"publishedCount\"%3A2}::1 event was published, but 2 were expected%0A";
    assert!(commands[0].starts_with(first), "{}", commands[0]);
    let second = "::error title=putevents-mock%3A expect[1]%3A {\"publishedContain\"%3A[{\"source\"%3A\"100%25%2C `a`\"}]}::the expected event";
    assert!(commands[1].starts_with(second), "{}", commands[1]);
    let expected = "before\n**putevents-mock**: 2 of 2 expectations are not met, 1 event published in 1 attempt\n\n```text\nexpect[0]: \
                    {\"publishedCount\":2}\n1 event was published, but 2 were expected\n";
    assert!(summary.starts_with(expected), "{summary}");
    assert!(summary.ends_with("\n```\n\n") && summary.matches("```").count() == 4, "{summary}");

    let (status, commands, summary) = run(&met, &[], "true");
    let told_of_met = "before\n**putevents-mock**: 1 expectation met, 1 event published in 1 attempt\n\n";
    assert_eq!((status, commands, summary.as_str()), (0, vec![], told_of_met));
    for (flags, actions) in [(&["--no-annotations"][..], "true"), (&[], "false"), (&[], "")] {
        assert_eq!(run(&plan, flags, actions), (1, vec![], "before\n".to_owned()), "{flags:?} {actions}");
    }
    // Where nothing was to be judged, nothing is told.
    let nothing = file("nothing.json", r#"{ "faults": [] }"#);
    assert_eq!(run(&nothing, &[], "true"), (0, vec![], "before\n".to_owned()));
    let (status, commands, summary) = run(&nothing, &["--fail-on-problems"], "true");
    assert_eq!((status, commands.len()), (0, 0));
    assert_eq!(summary, "before\n**putevents-mock**: 1 event published in 1 attempt\n\n");
}

#[tokio::test]
async fn lint_finds_what_a_real_account_would_punish() {
    let journal = directory("cli").join("journal.json");
    let server = Program::serve(&["--journal-file", text(&journal)]);
    server.publish("test", &[1, 1]).await;
    server.stop();
    let (status, found, _) = output(&["lint", text(&journal)]);
    assert_eq!(status, 1);
    assert!(found.starts_with("1 thing that would go wrong on a real account\n\n  #1  entries 0 and 1 are equal\n"));
}

#[tokio::test]
async fn nobody_need_read_what_is_printed() {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::with_log(serve.stderr(writer));
    assert_eq!(server.publish("test", &[1]).await, 200);
    drop(reader);
    assert_eq!(server.publish("test", &[1]).await, 200);
    assert_eq!(server.api().get("wait?published=2").await.0, 200);
    assert_eq!(server.stop().0, 0);

    let plan = file("plan.json", r#"{ "faults": [] }"#);
    for arguments in [&["check", text(&plan)][..], &["check", "no/plan.json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut check = command(arguments);
        let status = check.stdout(writer.try_clone().unwrap()).stderr(writer).stdin(Stdio::null()).status().unwrap();
        assert!([Some(0), Some(2)].contains(&status.code()), "{status}");
    }
}

#[tokio::test]
async fn a_server_that_others_can_reach_says_so_and_who_reaches_it() {
    let mut all = command(&["serve", "--listen", "0.0.0.0:0"]);
    let server = Program::start({
        all.env("RUST_LOG", "off");
        all
    });
    let port = server.address.port();
    assert_eq!(server.ready, format!("putevents-mock listening on http://127.0.0.1:{port}\n"));
    assert_eq!(server.publish("test", &[1]).await, 200);
    let warning = |place: &str| {
        format!(
            "putevents-mock: warning: it listens on {place}: everybody who reaches this machine can publish, read the journal and \
             inject faults. Write --listen 127.0.0.1:{port} to accept requests of this machine only\n"
        )
    };
    let all =
        format!("port {port} of all addresses of this machine (0.0.0.0:{port}), http://127.0.0.1:{port} among them");
    assert_eq!(server.stop(), (0, String::new(), warning(&all)));
    for loopback in ["127.0.0.1:0", "127.9.9.9:0", "localhost:0"] {
        let mut alone = command(&["serve", "--listen", loopback]);
        alone.env("RUST_LOG", "off");
        assert_eq!(Program::start(alone).stop(), (0, String::new(), String::new()), "{loopback}");
    }
}
