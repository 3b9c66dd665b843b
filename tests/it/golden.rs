//! Every case in `fixtures/golden`, through the engine and through a socket. A new file there is a new test.

use std::path::PathBuf;

use bytes::Bytes;
use pretty_assertions::assert_eq;
use putevents_mock::{Engine, EntryError, Fault, RequestError};
use serde_json::{Value, json};

use crate::support::{Bench, body};

struct Case {
    file: String,
    data: Value,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: PathBuf| Case {
        data: serde_json::from_slice(&std::fs::read(&file).unwrap())
            .unwrap_or_else(|error| panic!("{file:?}: {error}")),
        file: file.file_name().unwrap().to_string_lossy().into_owned(),
    };
    files.into_iter().map(read).collect()
}

impl Case {
    fn request(&self) -> http::Request<Bytes> {
        let request = &self.data["request"];
        let mut builder =
            http::Request::builder().method(request["method"].as_str().unwrap()).uri(request["path"].as_str().unwrap());
        for (name, value) in request["headers"].as_object().unwrap() {
            builder = builder.header(name, value.as_str().unwrap());
        }
        let body = match (&request["body"], &request["body_raw"], &request["body_generator"]) {
            (Value::Null, Value::Null, Value::Null) => Bytes::new(),
            (Value::Null, Value::String(raw), Value::Null) => raw.clone().into(),
            (Value::Null, Value::Null, generator) => generated(generator).into(),
            (body, _, _) => body.to_string().into(),
        };
        builder.body(body).unwrap()
    }

    fn is_strict_about_authentication(&self) -> bool {
        self.data["trigger"] == "strict-auth"
    }

    /// The faults that make the mock answer as an injected case wants it, found by their codes.
    fn faults(&self) -> Vec<Fault> {
        let response = &self.data["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let code = text(&response["body"]["__type"]);
        match (self.data["trigger"].as_str().unwrap(), status) {
            ("default" | "strict-auth", _) => vec![],
            ("injected", 200) => {
                let results = response["body"]["Entries"].as_array().unwrap().iter().enumerate();
                let failed = results.filter(|(_, result)| result["ErrorCode"].is_string());
                let fault = |(index, result): (usize, &Value)| {
                    let code = text(&result["ErrorCode"]);
                    let error = EntryError::documented(&code);
                    Fault::entry(error.unwrap_or_else(|| EntryError::new(code, text(&result["ErrorMessage"]))))
                        .at_index(index)
                };
                failed.map(fault).collect()
            }
            ("injected", 413) => vec![Fault::request(RequestError::payload_too_large())],
            ("injected", _) => {
                let error = RequestError::documented(&code);
                let message = text(&response["body"]["message"]);
                vec![Fault::request(error.unwrap_or_else(|| RequestError::new(status, code, message)))]
            }
            (other, _) => panic!("{}: the trigger {other:?} is unknown", self.file),
        }
    }

    fn assert_answer(&self, status: u16, header: impl Fn(&str) -> Option<String>, body: &Value) {
        let (file, expected) = (&self.file, &self.data["response"]);
        assert_eq!(json!(status), expected["status"], "{file}: {body}");
        for (name, value) in expected["headers"].as_object().unwrap() {
            let found = header(name).unwrap_or_else(|| panic!("{file}: there is no header {name}"));
            assert_like(file, &json!(found), value);
        }
        assert_like(file, body, if expected["body"].is_null() { &expected["body_raw"] } else { &expected["body"] });
    }
}

/// Equal, where `<uuid>` stands for anything of that shape and `<any>` for anything.
fn assert_like(file: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::String(_), Value::String(any)) if any == "<any>" => {}
        (Value::String(id), Value::String(shape)) if shape == "<uuid>" => {
            assert!(is_uuid(id), "{file}: {id} has not the shape of a UUID");
        }
        (Value::Array(found_items), Value::Array(items)) if found_items.len() == items.len() => {
            found_items.iter().zip(items).for_each(|(found, item)| assert_like(file, found, item));
        }
        (Value::Object(found_members), Value::Object(members)) if found_members.keys().eq(members.keys()) => {
            members.iter().for_each(|(name, member)| assert_like(file, &found_members[name], member));
        }
        _ => assert_eq!(found, expected, "{file}"),
    }
}

fn is_uuid(text: &str) -> bool {
    let is_hex = |part: &str| part.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(is_hex)
}

/// The body of a request whose entries have a given size together.
fn generated(generator: &Value) -> String {
    let number = |name: &str| usize::try_from(generator[name].as_u64().unwrap()).unwrap();
    let (count, total) = (number("entries"), number("total_entry_size_bytes"));
    let (source, detail_type) = (generator["Source"].as_str().unwrap(), generator["DetailType"].as_str().unwrap());
    let template = generator["detail_template"].as_str().unwrap();
    let entry = |index: usize| {
        let size = total / count + if index == 0 { total % count } else { 0 };
        let padding = size - source.len() - detail_type.len() - (template.len() - "x…".len());
        json!({ "Source": source, "DetailType": detail_type, "Detail": template.replace("x…", &"x".repeat(padding)) })
    };
    crate::support::entries((0..count).map(entry))
}

#[test]
fn there_are_cases() {
    assert!(cases().len() >= 49);
}

#[test]
fn every_golden_case_passes_through_the_engine() {
    for case in cases() {
        let engine = Engine::new();
        let mut bench = Bench::new(if case.is_strict_about_authentication() { engine.strict_auth() } else { engine });
        for fault in case.faults() {
            bench.engine.inject(fault);
        }
        let reply = bench.handle(case.request());
        let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        case.assert_answer(reply.status(), header, &body(&reply));
    }
}

#[cfg(feature = "server")]
#[tokio::test]
async fn every_golden_case_passes_over_a_socket() {
    use crate::support::socket::Socket;
    use putevents_mock::MockEventBridge;

    for case in cases() {
        let builder = MockEventBridge::builder();
        let builder = if case.is_strict_about_authentication() { builder.strict_auth() } else { builder };
        let eventbridge = builder.start().await;
        for fault in case.faults() {
            eventbridge.inject(fault);
        }
        let answer = Socket::connect(eventbridge.address()).await.exchange(&case.request()).await;
        let answer = answer.unwrap_or_else(|| panic!("{}: no answer", case.file));
        case.assert_answer(answer.status, |name| answer.header(name).map(str::to_owned), &answer.json());
    }
}
