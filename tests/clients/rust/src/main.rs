//! Publishes with one of the SDKs for Rust, which the argument names: one line of JSON on stdin is one call with a client of
//! its own, one line on stdout what came of it. All calls run at once. Endpoint, region and secret key come from the
//! environment.

mod rusoto;
mod sdk;

use std::io::{Write as _, stdin, stdout};

use serde_json::{Value, json};
use tokio::task::JoinSet;

/// One call to PutEvents.
struct Call {
    case: String,
    access_key: String,
    secret_key: String,
    entries: Vec<Value>,
    read_timeout: Option<std::time::Duration>,
}

/// What the caller sees: the count of failed entries and the results, or the error.
type Seen = Result<(i64, Vec<Value>), Error>;

struct Error {
    code: String,
    message: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = std::env::args().nth(1).expect("the name of a client is the argument");
    let mut calls = JoinSet::new();
    for line in stdin().lines() {
        let call = Call::read(&line.expect("stdin can be read"));
        let client = client.clone();
        calls.spawn(async move {
            let case = call.case.clone();
            let seen = match client.as_str() {
                "aws-sdk-eventbridge" => sdk::eventbridge(call).await,
                "aws-sdk-cloudwatchevents" => sdk::cloudwatchevents(call).await,
                "rusoto" => rusoto::publish(call).await,
                other => panic!("there is no client {other:?}"),
            };
            (case, seen)
        });
    }
    while let Some(done) = calls.join_next().await {
        let (case, seen) = done.expect("a call does not panic");
        let line = match seen {
            Ok((failed, entries)) => {
                json!({ "case": case, "ok": true, "failedEntryCount": failed, "entries": entries })
            }
            Err(Error { code, message }) => json!({ "case": case, "ok": false, "error": code, "message": message }),
        };
        writeln!(stdout(), "{line}").expect("stdout can be written");
    }
}

impl Call {
    fn read(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |name: &str| line[name].as_str().expect("a string").to_owned();
        Self {
            case: text("case"),
            access_key: text("accessKey"),
            secret_key: std::env::var("AWS_SECRET_ACCESS_KEY").expect("a secret key is in the environment"),
            entries: line["entries"].as_array().expect("a list").clone(),
            read_timeout: line["readTimeoutMs"].as_u64().map(std::time::Duration::from_millis),
        }
    }
}

fn text(entry: &Value, name: &str) -> Option<String> {
    entry[name].as_str().map(str::to_owned)
}

fn result(event_id: Option<&str>, code: Option<&str>) -> Value {
    match (event_id, code) {
        (Some(id), None) => json!({ "EventId": id }),
        (id, code) => json!({ "EventId": id, "ErrorCode": code }),
    }
}
