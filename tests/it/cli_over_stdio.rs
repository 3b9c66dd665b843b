//! `putevents-mock explore --over-stdio`: the program that started the search publishes.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::time::Duration;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::program::{command, told};
use crate::support::socket::Socket;
use crate::support::{directory, entries, order, put_events};

/// The end of a search: its status, the report of its last line, and its log.
struct End {
    status: i32,
    report: String,
    log: String,
}

/// A search that this test drives.
struct Search {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Search {
    fn start(flags: &[&str]) -> Self {
        let mut explore = command(&[&["explore", "--over-stdio"], flags].concat());
        let mut child = explore.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line; `None` at the end.
    fn next(&mut self) -> Option<Value> {
        self.lines.next().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
    }

    fn say(&mut self, line: &Value) {
        writeln!(self.child.stdin.as_ref().unwrap(), "{line}").unwrap();
    }

    fn end(self, report: Option<Value>) -> End {
        let (status, _, log) = told(self.child.wait_with_output().unwrap());
        let Some(report) = report else { return End { status, report: String::new(), log } };
        assert_eq!(report["status"], status);
        End { status, report: report["report"].as_str().unwrap().to_owned(), log }
    }
}

/// Runs a search to its end. `publish` gets each run, and returns what it reports.
async fn search(flags: &[&str], publish: impl AsyncFn(&Value) -> Value) -> End {
    let mut search = Search::start(flags);
    loop {
        match search.next() {
            Some(run) if run.get("run").is_some() => {
                let mut line = publish(&run).await;
                line["run"] = run["run"].clone();
                search.say(&line);
            }
            Some(stop) if stop.get("stop").is_some() => {}
            end => return search.end(end),
        }
    }
}

/// Publishes orders, and sends what failed again: only that, or the whole batch. Returns its report.
async fn publish(run: &Value, orders: &[u64], resends_all: bool) -> Value {
    let address: SocketAddr = run["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let (mut left, mut failed) = (orders.to_vec(), Vec::new());
    for attempt in 0..5 {
        // A publisher that does not back off breaks a rule of the search, which runs on real time.
        tokio::time::sleep(Duration::from_millis(if attempt == 0 { 0 } else { 10 << attempt })).await;
        let request = put_events(entries(left.iter().copied().map(order)));
        let Ok(stream) = tokio::net::TcpStream::connect(address).await else { continue };
        let Some(reply) = Socket::over(stream).exchange(&request).await.filter(|reply| reply.status == 200) else {
            continue;
        };
        let results = reply.json()["Entries"].as_array().unwrap().clone();
        let with = |codes: &[Option<&str>]| -> Vec<u64> {
            let all = left.iter().zip(&results);
            all.filter(|(_, result)| codes.contains(&result["ErrorCode"].as_str())).map(|(id, _)| *id).collect()
        };
        let again = with(&[Some("ThrottlingException"), Some("InternalFailure")]);
        let accepted = with(&[None]);
        failed.extend(left.iter().filter(|id| !again.contains(id) && !accepted.contains(id)));
        if again.is_empty() {
            left.clear();
            break;
        }
        left = if resends_all { left } else { again };
    }
    failed.extend(left);
    let published: Vec<u64> = orders.iter().copied().filter(|id| !failed.contains(id)).collect();
    json!({ "reported": { "published": published, "failed": failed } })
}

#[tokio::test]
async fn a_correct_publisher_keeps_all_rules() {
    let flags = ["--identify-by", "/orderId", "--runs", "12"];
    let end = search(&flags, async |run| publish(run, &[1, 2], false).await).await;
    assert_eq!((end.status, end.log.as_str()), (0, ""), "{}", end.report);
    assert!(end.report.starts_with("the publisher keeps all rules in 12 schedules\n"), "{}", end.report);
}

#[tokio::test]
async fn a_publisher_that_resends_all_breaks_the_rule_and_one_run_shows_it_again() {
    let flags = ["--identify-by", "/orderId", "--runs", "12"];
    let end = search(&flags, async |run| publish(run, &[1, 2], true).await).await;
    assert_eq!(end.status, 1, "{}", end.report);
    assert!(end.report.contains("Resent: only entries that failed are sent again\n"), "{}", end.report);
    assert!(end.report.contains("\n   run it again: replay \"R\"\n"), "{}", end.report);
    let end =
        search(&["--identify-by", "/orderId", "--replay", "R"], async |run| publish(run, &[1, 2], true).await).await;
    assert_eq!(end.status, 1, "{}", end.report);
    assert!(end.report.contains("Resent"), "{}", end.report);
}

#[tokio::test]
async fn each_run_has_an_environment_and_as_many_events_as_the_search_chooses() {
    let events: Vec<Value> = (1..=12).map(|id| json!({ "orderId": id })).collect();
    let file = directory("over-stdio").join("events.json");
    std::fs::write(&file, Value::Array(events).to_string()).unwrap();
    let flags = ["--identify-by", "/orderId", "--runs", "6", "--events", file.to_str().unwrap()];
    let end = search(&flags, async |run| {
        assert_eq!(run["environment"]["AWS_ENDPOINT_URL_EVENTBRIDGE"], run["url"]);
        assert_eq!(run["environment"]["AWS_PROFILE"], Value::Null);
        let orders = run["events"].as_array().unwrap().iter().map(|event| event["orderId"].as_u64().unwrap());
        publish(run, &orders.collect::<Vec<_>>(), false).await
    });
    let end = end.await;
    // Eleven entries in one request are one too many.
    assert_eq!(end.status, 1, "{}", end.report);
    assert!(end.report.contains("Oversized") && end.report.contains("(11 events)"), "{}", end.report);
}

#[tokio::test]
async fn a_publisher_that_fails_or_publishes_nothing_is_told_that_nothing_was_judged() {
    let end = search(&[], async |_| json!({ "raised": "ValueError: no such table" })).await;
    assert_eq!(end.status, 3, "{}", end.report);
    assert!(
        end.report.contains("Does the function make its client anew in each run, and does it wait for its publisher?"),
        "{}",
        end.report
    );
    let told = "\npublisher   failed with ValueError: no such table where nothing went wrong\n";
    assert!(end.report.contains(told), "{}", end.report);
}

#[tokio::test]
async fn a_pointer_that_no_event_has_is_told() {
    let told = "\nidentified  no event has a member at /orderid, so entries with the same content are the same event\n";
    for (pointer, is_told) in [("/orderid", true), ("/orderId", false)] {
        let flags = ["--identify-by", pointer, "--replay", "A"];
        let end = search(&flags, async |run| {
            publish(run, &[1], false).await;
            json!({ "reported": "allPublished" })
        });
        let end = end.await;
        assert_eq!((end.status, end.report.contains(told)), (0, is_told), "{}", end.report);
    }
}

#[tokio::test]
async fn a_publisher_that_keeps_its_client_is_told_so() {
    let first = std::sync::OnceLock::new();
    let end = search(&["--identify-by", "/orderId"], async |run| {
        publish(first.get_or_init(|| run.clone()), &[1, 2], false).await
    });
    let end = end.await;
    assert_eq!(end.status, 3, "{}", end.report);
    let told = "the check of the publisher judged too little: the second run without faults published nothing. Does the function \
                make its client anew in each run, and does it publish the same events?\n";
    assert!(end.report.starts_with(told), "{}", end.report);
}

#[tokio::test]
async fn a_publisher_that_takes_too_long_is_awaited_after_its_mock_is_gone() {
    let flags = ["--identify-by", "/orderId", "--run-time", "300ms", "--runs", "4"];
    let end = search(&flags, async |run| {
        let report = publish(run, &[1], false).await;
        let address: SocketAddr = run["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        // Until its mock is gone.
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        report
    });
    let end = end.await;
    assert_eq!(end.status, 1, "{}", end.report);
    let told = "the publisher was not done after 0.300 s, and was stopped; where it may take longer, runTime says so";
    assert!(end.report.contains("Endless") && end.report.contains(told), "{}", end.report);
}

#[tokio::test]
async fn a_publisher_that_never_ends_ends_the_search() {
    let mut search = Search::start(&["--identify-by", "/orderId", "--run-time", "300ms"]);
    for _ in 0..2 {
        let run = search.next().unwrap();
        let mut line = publish(&run, &[1, 2], false).await;
        line["run"] = run["run"].clone();
        search.say(&line);
    }
    assert_eq!(search.next().unwrap()["run"], 3);
    assert_eq!(search.next(), Some(json!({ "stop": 3 })));
    // The third run gets no line, and no other run begins.
    let end = search.next();
    let end = search.end(end);
    assert_eq!(end.status, 1, "{}", end.report);
    assert!(end.report.contains("the publisher was not done after 0.300 s, and was stopped"), "{}", end.report);
}

#[tokio::test]
async fn the_search_goes_on_after_a_publisher_that_its_caller_has_stopped() {
    let mut search = Search::start(&["--identify-by", "/orderId", "--run-time", "300ms", "--runs", "8"]);
    let (mut runs, mut stopped) = (0, Vec::new());
    let end = loop {
        let asked = search.next();
        let asked = match asked {
            Some(asked) if asked.get("status").is_none() => asked,
            end => break search.end(end),
        };
        if asked.get("stop").is_some() {
            stopped.push(asked["stop"].clone());
            search.say(&json!({ "run": asked["stop"], "raised": "Stopped" }));
            continue;
        }
        runs += 1;
        let mut line = publish(&asked, &[1, 2], false).await;
        // The publisher does not end where it would have to report a failed order.
        if line["reported"]["failed"] == json!([]) {
            line["run"] = asked["run"].clone();
            search.say(&line);
        }
    };
    assert_eq!(end.status, 1, "{}", end.report);
    assert!(stopped.len() > 1 && runs > stopped.len(), "{runs} runs, stopped: {stopped:?}");
    assert!(end.report.contains("Endless: the publisher comes to an end\n"), "{}", end.report);
}

#[tokio::test]
async fn a_line_that_cannot_be_used_and_the_end_of_the_program_are_told_with_status_2() {
    for (line, told) in [
        ("{", "the line { cannot be used: not JSON: EOF while parsing an object at line 1 column 1"),
        (r#"{"run":7,"reported":"allPublished"}"#, "cannot be used: it is about run 7, and run 1 is on"),
        (r#"{"run":1}"#, "cannot be used: it needs one of \"reported\" and \"raised\""),
        (
            r#"{"run":1,"reportd":"allPublished"}"#,
            "cannot be used: \"reportd\" is not known here: did you mean \"reported\"?",
        ),
        (r#"{"run":1,"reported":{"published":[1]}}"#, "cannot be used: 1 names no event without --identify-by"),
    ] {
        let mut search = Search::start(&[]);
        assert_eq!(search.next().unwrap()["run"], 1);
        writeln!(search.child.stdin.as_ref().unwrap(), "{line}").unwrap();
        let end = search.next();
        let end = search.end(end);
        assert_eq!((end.status, end.report.as_str()), (2, ""));
        assert!(end.log.starts_with("putevents-mock: ") && end.log.contains(told), "{}", end.log);
    }
    let mut search = Search::start(&[]);
    search.next().unwrap();
    drop(search.child.stdin.take());
    let end = search.end(None);
    let told = "putevents-mock: standard input has ended: the program that publishes is gone\n";
    assert_eq!((end.status, end.log.as_str()), (2, told));
}

#[test]
fn what_cannot_go_together_is_told_with_status_2() {
    for (flags, expected) in [
        (&["--", "true"][..], "the argument '--over-stdio' cannot be used with '[COMMAND]...'"),
        (&["--reported", "x"], "the argument '--over-stdio' cannot be used with '--reported <FILE.json>'"),
        (&["--jobs", "2"], "putevents-mock: --over-stdio has one run at a time: leave out --jobs"),
        (&["--json", "-"], "putevents-mock: --over-stdio needs standard output: let --json name a file"),
    ] {
        let (status, out, log) = told(command(&[&["explore", "--over-stdio"], flags].concat()).output().unwrap());
        assert_eq!((status, out.as_str()), (2, ""), "{flags:?}");
        assert!(log.contains(expected), "{flags:?}: {log}");
    }
}
