//! `putevents-mock explore`: a command for each schedule of faults.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::program::{command, told};
use crate::support::{AUTHORIZATION, directory, entries, order};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The publisher of these tests is this very program: it finds its endpoint in the environment. `PUBLISHER` says what is wrong
/// with it.
#[test]
#[ignore = "it is a publisher, and no test"]
fn a_publisher() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let published = runtime.block_on(publish(&variable("PUBLISHER").unwrap()));
    std::process::exit(i32::from(!published));
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn orders() -> Vec<u64> {
    let Some(path) = variable("PUTEVENTS_MOCK_EVENTS") else { return vec![1, 2] };
    let events: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    events.as_array().unwrap().iter().map(|event| event["orderId"].as_u64().unwrap()).collect()
}

async fn publish(publisher: &str) -> bool {
    // Which run it is stands in a file.
    if let Some(path) = variable("RUNS") {
        let mut runs = std::fs::read_to_string(&path).unwrap_or_default();
        runs.push_str("run\n");
        std::fs::write(path, &runs).unwrap();
        if variable("HANGS_IN").is_some_and(|run| runs.lines().count() >= run.parse().unwrap()) {
            std::future::pending::<()>().await;
        }
    }
    let config = aws_sdk_eventbridge::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(variable("AWS_ENDPOINT_URL_EVENTBRIDGE").unwrap())
        .region(Region::new(variable("AWS_REGION").unwrap()))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .build();
    let client = Client::from_conf(config);
    let all = orders();
    let size = if publisher == "sends eleven" { 11 } else { 10 };
    let mut failed = Vec::new();
    for batch in all.chunks(size) {
        failed.extend(publish_batch(&client, batch, publisher).await);
    }
    if publisher == "claims" {
        let report = json!({ "published": all, "failed": [] });
        std::fs::write(variable("PUTEVENTS_MOCK_REPORTED").unwrap(), report.to_string()).unwrap();
    }
    if publisher == "reports" {
        let published: Vec<u64> = all.iter().copied().filter(|id| !failed.contains(id)).collect();
        let report = json!({ "published": published, "unknown": failed });
        std::fs::write(variable("PUTEVENTS_MOCK_REPORTED").unwrap(), report.to_string()).unwrap();
        return true;
    }
    failed.is_empty()
}

/// What it could not publish.
async fn publish_batch(client: &Client, batch: &[u64], publisher: &str) -> Vec<u64> {
    let mut left = batch.to_vec();
    let mut refused = Vec::new();
    for attempt in 0..if publisher == "never ends" { 1_000 } else { 4 } {
        if attempt > 0 {
            tokio::time::sleep(Duration::from_millis(10 << attempt.min(3))).await;
        }
        let reply = client.put_events().set_entries(Some(left.iter().map(entry).collect())).send().await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 413) => break,
            Err(_) => continue,
        };
        let mut again = Vec::new();
        for (id, result) in left.iter().zip(reply.entries()) {
            match result.error_code() {
                None => {}
                Some("ThrottlingException" | "InternalFailure") => again.push(*id),
                Some(_) if publisher == "never ends" => again.push(*id),
                Some(_) => refused.push(*id),
            }
        }
        if again.is_empty() {
            return refused;
        }
        if publisher != "resends all" {
            left = again;
        }
    }
    left.extend(refused);
    left
}

fn entry(id: &u64) -> PutEventsRequestEntry {
    let detail = json!({ "orderId": id }).to_string();
    PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced").detail(detail).build()
}

/// `explore` with these flags for this program as a publisher.
fn exploring(flags: &[&str], publisher: &str) -> Command {
    let this = std::env::current_exe().unwrap();
    let this = [text(&this), "--exact", "cli_explore::a_publisher", "--ignored", "--nocapture"];
    let mut command = command(&[&["explore"], flags, &["--"], &this].concat());
    command.env("PUBLISHER", publisher);
    command
}

const BY_ID: [&str; 4] = ["--identify-by", "/orderId", "--jobs", "4"];

fn explore(flags: &[&str], publisher: &str) -> (i32, String, String) {
    told(exploring(&[&BY_ID, flags].concat(), publisher).output().unwrap())
}

/// `explore` with these flags for a shell script.
fn script(flags: &[&str], script: &str) -> (i32, String, String) {
    told(command(&[&["explore"], flags, &["--", "sh", "-c", script]].concat()).output().unwrap())
}

/// A line for the shell that publishes these orders.
fn curl(orders: &[u64]) -> String {
    let body = entries(orders.iter().map(|id| order(*id)));
    format!(
        "curl --silent --output /dev/null --header 'Content-Type: application/x-amz-json-1.1' \
         --header 'X-Amz-Target: AWSEvents.PutEvents' --header 'X-Amz-Date: 20261123T000000Z' \
         --header 'Authorization: {AUTHORIZATION}' --data '{body}' \"$AWS_ENDPOINT_URL_EVENTBRIDGE/\""
    )
}

fn file(name: &str, content: &str) -> PathBuf {
    let path = directory("explore").join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_correct_publisher_keeps_all_rules_and_nothing_else_is_printed() {
    let (status, report, errors) = explore(&["--runs", "20"], "right");
    assert_eq!((status, errors.as_str()), (0, ""), "{report}");
    assert!(report.contains(" keeps all rules in 20 schedules\n"), "{report}");
    assert!(
        report.contains("--events FILE.json lets the search choose how many events the command publishes"),
        "{report}"
    );
}

#[test]
fn what_is_found_is_told_to_people_and_to_programs() {
    let folder = directory("explore");
    let [json, junit, html, kept] = ["found.json", "junit.xml", "html", "schedules.txt"].map(|name| folder.join(name));
    let flags = ["--runs", "6", "--json", text(&json), "--junit", text(&junit)];
    let flags = [&flags[..], &["--html-dir", text(&html), "--schedules", text(&kept)]].concat();
    let (status, report, errors) = explore(&flags, "resends all");
    assert_eq!((status, errors.as_str()), (1, ""), "{report}");
    assert!(report.contains("1. Resent: only entries that failed are sent again\n"), "{report}");
    assert!(report.contains("\n   R  OrderPlaced 1, first try: ThrottlingException for the entry\n"), "{report}");
    assert!(report.contains("\n   run it again: --replay 'R'\n"), "{report}");

    let found: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(found["verdict"], "broken");
    assert!(found["runs"].as_u64().unwrap() >= 6, "and those that look at a finding again");
    let finding = &found["findings"][0];
    assert_eq!(
        (&finding["judge"], &finding["schedule"], &finding["event"], &finding["attempts"]),
        (&json!("Resent"), &json!("R"), &json!("OrderPlaced 2"), &json!([2]))
    );
    assert_eq!(finding["words"], "OrderPlaced 1, first try: ThrottlingException for the entry");
    assert_eq!(finding["plan"]["faults"][0]["entry"], "ThrottlingException");
    let journal = file("journal.json", &finding["journal"].to_string());
    assert_eq!(putevents_mock::Journal::from_file(journal).unwrap().attempts().len(), 2);

    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<testcase classname=\"putevents-mock.explore\" name=\"Resent: only entries"), "{junit}");
    assert!(junit.contains("<failure type=\"Resent\" message=\"OrderPlaced 2 was sent again"), "{junit}");
    assert!(junit.contains("<skipped message=\"no order is promised\"/>"), "{junit}");
    assert!(std::fs::read_to_string(html.join("1-Resent.html")).unwrap().starts_with("<!doctype html>"));

    // What is kept runs first, and goes once it is mended.
    let text_of = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert!(text_of(&kept).contains("\nR  # Resent: OrderPlaced 1, first try"), "{}", text_of(&kept));
    let again = ["--runs", "4", "--schedules", text(&kept)];
    assert_eq!(explore(&again, "resends all").0, 1);
    let (status, report, _) = explore(&again, "right");
    assert_eq!(status, 0, "{report}");
    assert!(report.contains("R failed before and passes now: it is no longer kept"), "{report}");
    assert!(!kept.exists());
}

#[test]
fn json_takes_standard_output_where_it_is_wanted_there() {
    let (status, found, report) = explore(&["--runs", "3", "--json", "-"], "resends all");
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!((status, &found["findings"][0]["schedule"]), (1, &json!("R")));
    assert!(report.contains("1. Resent"), "{report}");
}

#[test]
fn one_schedule_is_run_again_with_what_the_command_prints() {
    let (status, report, output) = explore(&["--replay", "A,R"], "resends all");
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("OrderPlaced 1 was sent again"), "{report}");
    assert!(output.contains("running 1 test"), "{output}");

    let (status, report, _) = explore(&["--replay", "R"], "right");
    assert_eq!(status, 0, "{report}");
    assert!(report.contains("[0] ThrottlingException (injected), 1 accepted"), "{report}");
    assert!(report.contains("the publisher said that all events were published"), "{report}");

    // A try that never came proves nothing.
    let (status, report, _) = explore(&["--replay", ".....R"], "right");
    assert_eq!(status, 3, "{report}");
}

#[test]
fn a_command_that_publishes_nothing_proves_nothing() {
    let (status, report, _) = script(&[], "true");
    assert_eq!(status, 3, "{report}");
    assert!(
        report.contains(
            "no event was published in the run without faults. Does the command use AWS_ENDPOINT_URL_EVENTBRIDGE"
        ),
        "{report}"
    );
    assert!(!report.contains("--ignore-status was given"), "{report}");
    let (status, report, _) = script(&[], "echo no such table; exit 4");
    assert_eq!(status, 3, "{report}");
    assert!(
        report
            .contains("command     ended with exit status: 4 where nothing went wrong; it printed\n  no such table\n"),
        "{report}"
    );
    let (status, report, _) = script(&["--run-time", "50ms"], "echo so far; sleep 1000");
    assert_eq!(status, 3, "{report}");
    assert!(report.contains("command     was not done after 0.050 s where nothing went wrong"), "{report}");
    // Nor do runs without faults.
    let (status, report, _) = explore(&["--runs", "2"], "right");
    assert_eq!(status, 3, "{report}");
    assert!(report.contains("no fault was tried: --runs and --time allow for too few runs"), "{report}");
}

#[test]
fn a_command_that_does_not_end_is_killed_with_its_children() {
    let pids = directory("explore").join("pids");
    let hangs = format!("sleep 1000 & echo $! >>{}; {}; wait", text(&pids), curl(&[1]));
    let (status, report, _) = script(&["--run-time", "2s", "--runs", "2"], &hangs);
    assert_eq!(status, 1, "{report}");
    assert!(
        report.contains(
            "the publisher was not done after 2.000 s, and was stopped; where it may take longer, --run-time says so"
        ),
        "{report}"
    );
    for pid in std::fs::read_to_string(&pids).unwrap().lines() {
        // It may take its time to die. Where nobody takes notice of that, a dead process stays in the list.
        let status = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        while !(status().is_empty() || status().contains(") Z ")) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_command_that_sends_for_ever_is_stopped_after_so_many_requests() {
    let (status, report, _) = explore(&["--runs", "10", "--requests", "5"], "never ends");
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("the publisher was not done after 5 requests, and was stopped"), "{report}");
}

#[test]
fn a_command_that_a_signal_ends_has_not_come_to_an_end() {
    let (status, report, _) = script(&["--runs", "3"], &format!("{}; kill -SEGV $$", curl(&[1])));
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("1. Endless") && report.contains("signal 11 ended it"), "{report}");
}

#[test]
fn what_a_command_writes_down_counts_more_than_its_status() {
    let (status, report, _) = explore(&["--runs", "6"], "claims");
    assert_eq!(status, 1, "{report}");
    assert!(report.contains(". Lost: every event is accepted, or reported as failed"), "{report}");
    assert!(report.contains("the publisher said that 2 events were published, 0 not"), "{report}");

    let (status, report, _) = explore(&["--runs", "12"], "reports");
    assert_eq!(status, 0, "{report}");

    // A file of the command's own.
    let own = directory("explore").join("own.json");
    let publishes = format!("{}; echo '{{\"failed\":[1,2]}}' >{}", curl(&[1, 2]), text(&own));
    let flags = ["--runs", "2", "--identify-by", "/orderId", "--reported", text(&own)];
    let (status, report, _) = script(&flags, &publishes);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("that 0 events were published, 2 not"), "{report}");

    let broken = format!("{}; echo '{{\"publisht\":[1]}}' >$PUTEVENTS_MOCK_REPORTED", curl(&[1, 2]));
    let (status, report, errors) = script(&["--runs", "2"], &broken);
    assert_eq!((status, report.as_str()), (2, ""));
    assert!(errors.contains("the report of the command cannot be used"), "{errors}");
}

#[test]
fn the_status_says_nothing_where_it_is_not_to() {
    let fails = format!("{}; exit 1", curl(&[1, 2]));
    let (status, report, _) = script(&["--replay", "A,A"], &fails);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("Untruthful"), "{report}");
    let (status, report, _) = script(&["--replay", "A,A", "--ignore-status"], &fails);
    assert_eq!(status, 0, "{report}");
}

#[test]
fn the_search_chooses_how_many_events_a_command_publishes() {
    let events: Vec<Value> = (1..=12).map(|id| json!({ "orderId": id })).collect();
    let events = file("events.json", &Value::Array(events).to_string());
    let (status, report, _) = explore(&["--runs", "4", "--events", text(&events)], "sends eleven");
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("Oversized") && report.contains("\n   11:A  nothing goes wrong (11 events)\n"), "{report}");
    let (status, report, _) = explore(&["--runs", "12", "--events", text(&events)], "right");
    assert_eq!(status, 0, "{report}");
    assert!(report.contains("no fault with 2 and 11 events"), "{report}");
}

#[test]
fn what_is_sent_after_the_command_has_ended_is_found() {
    let leaves = format!("{}; (sleep 0.4; {}) >/dev/null 2>&1 &", curl(&[1]), curl(&[2]));
    let (status, report, _) = script(&["--replay", "A", "--identify-by", "/orderId"], &leaves);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("Late: nothing is sent after the publisher is done"), "{report}");
}

/// Ends a search in the run of this number.
fn interrupted(publisher: &str, run: usize) -> (i32, String, String) {
    let runs = directory("explore").join("runs");
    let mut command = exploring(&["--identify-by", "/orderId"], publisher);
    command.env("RUNS", &runs).env("HANGS_IN", run.to_string()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while std::fs::read_to_string(&runs).unwrap_or_default().lines().count() < run {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
    told(child.wait_with_output().unwrap())
}

#[test]
fn ctrl_c_prints_what_was_found_until_then() {
    let (status, report, errors) = interrupted("resends all", 4);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("1. Resent") && report.contains("--replay 'R'"), "{report}");
    assert_eq!(errors, "putevents-mock: ended by SIGINT: this is what was found so far\n");
    let (status, report, _) = interrupted("right", 2);
    assert_eq!(status, 130, "{report}");
}

#[test]
fn what_cannot_be_used_is_told_with_status_2() {
    let no_list = file("events.json", "{}");
    let one = file("one.json", "[1]");
    for (flags, expected) in [
        (&["--runs", "0"][..], "0 is not in 1.."),
        (&["--identify-by", "orderId"], "orderId"),
        (&["--time", "soon"], "write a time such as 30s, 2m or 500ms"),
        (&["--without", "Hsty"], "there is no rule \"Hsty\": did you mean \"Hasty\"?"),
        (&["--replay", "Q"], "'Q' in \"Q\" is not a letter of a schedule"),
        (&["--events", text(&no_list)], "this is not a list of events: write a JSON array"),
        (&["--events", text(&one)], "the file has 1 event: write 2 or more, better 11 or more"),
        (&["--events", "no/such/file"], "no/such/file: No such file"),
        (&["--json", "no/such/folder/file"], "cannot write no/such/folder/file"),
        (&["--reported", "x", "--jobs", "2"], "--reported names one file for all runs"),
    ] {
        let (status, report, errors) = script(flags, "true");
        assert_eq!((status, report.as_str()), (2, ""), "{flags:?}");
        assert!(errors.contains(expected), "{flags:?}: {errors}");
    }
    let (status, _, errors) = told(command(&["explore", "--", "no-such-command"]).output().unwrap());
    assert_eq!(status, 2);
    assert!(errors.contains("cannot run no-such-command: No such file"), "{errors}");
    assert_eq!(told(command(&["explore"]).output().unwrap()).0, 2);
}
