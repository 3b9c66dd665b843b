//! Every case in `fixtures/golden`, through the engine and through a socket. A new file there is a new test.

use std::collections::HashSet;
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

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden")
}

fn cases() -> Vec<Case> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|name| name == "json")).collect();
    files.sort();
    let read = |file: PathBuf| {
        let text = std::fs::read(&file).unwrap();
        let mut data = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        expand(&mut data);
        Case { data, file: file.file_name().unwrap().to_string_lossy().into_owned() }
    };
    files.into_iter().map(read).collect()
}

/// Writes out `<x*3>`, which stands for `xxx`, in every text.
fn expand(value: &mut Value) {
    match value {
        Value::String(text) => {
            let mut written = String::new();
            let mut rest = text.as_str();
            while let Some(start) = rest.find('<') {
                written += &rest[..start];
                rest = &rest[start..];
                let end = rest.find('>').map_or(rest.len(), |end| end + 1);
                let repeated = rest[1..end].strip_suffix('>').and_then(|inside| inside.split_once('*'));
                match repeated.and_then(|(part, times)| Some(part.repeat(times.parse().ok()?))) {
                    Some(repeated) => written += &repeated,
                    None => written += &rest[..end],
                }
                rest = &rest[end..];
            }
            *text = written + rest;
        }
        Value::Array(items) => items.iter_mut().for_each(expand),
        Value::Object(members) => members.values_mut().for_each(expand),
        _ => {}
    }
}

impl Case {
    fn request(&self) -> http::Request<Bytes> {
        let request = &self.data["request"];
        let mut builder =
            http::Request::builder().method(request["method"].as_str().unwrap()).uri(request["path"].as_str().unwrap());
        for (name, value) in request["headers"].as_object().unwrap() {
            builder = builder.header(name, value.as_str().unwrap());
        }
        let of = |name: &str| request.get(name);
        let body = match (of("body"), of("body_raw"), of("body_hex"), of("body_generator")) {
            (None, None, None, None) => Bytes::new(),
            (Some(body), None, None, None) => body.to_string().into(),
            (None, Some(raw), None, None) => raw.as_str().unwrap().to_owned().into(),
            (None, None, Some(hex), None) => bytes_of_hex(hex.as_str().unwrap()).into(),
            (None, None, None, Some(generator)) => generated(generator).into(),
            _ => panic!("{}: the request has two bodies: write one of them", self.file),
        };
        builder.body(body).unwrap()
    }

    /// Whether the mock must be made strict, or know its buses, for this case.
    fn needs(&self, setting: &str) -> bool {
        self.data["trigger"] == setting
    }

    /// The faults that make the mock answer as an injected case wants it, found by their codes.
    fn faults(&self) -> Vec<Fault> {
        let response = &self.data["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let code = text(&response["body"]["__type"]);
        match (self.data["trigger"].as_str().unwrap(), status) {
            ("default" | "strict-auth" | "known-buses", _) => vec![],
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

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).unwrap();
    hex.as_bytes().chunks(2).map(|pair| u8::try_from(digit(&pair[0]) * 16 + digit(&pair[1])).unwrap()).collect()
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
        let detail = template.replace("x…", &"x".repeat(padding));
        let mut entry = json!({ "Source": source, "DetailType": detail_type, "Detail": detail });
        if let Some(trace_header) = generator.get("TraceHeader") {
            entry["TraceHeader"] = trace_header.clone();
        }
        entry
    };
    crate::support::entries((0..count).map(entry))
}

impl Case {
    /// `| 21 | Source in the reserved aws. namespace | A | HTTP 200: NotAuthorizedForSourceException | where it was recorded |`
    fn row(&self) -> String {
        let text =
            |name: &str| self.data[name].as_str().unwrap_or_else(|| panic!("{}: no {name}", self.file)).to_owned();
        let number = self.file.split('_').next().unwrap().trim_start_matches('0');
        let sources: Vec<&str> =
            self.data["source"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        let cells = [number.to_owned(), text("title"), text("confidence"), self.shown(), sources.join("; ")];
        format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
    }

    /// What the answer is, in short.
    fn shown(&self) -> String {
        let response = &self.data["response"];
        let answer = match (response["body"]["Entries"].as_array(), response["body"]["__type"].as_str()) {
            (Some(results), _) => {
                let results = results.iter().map(|result| result["ErrorCode"].as_str().unwrap_or("EventId"));
                results.collect::<Vec<_>>().join(", ")
            }
            (None, Some(code)) => code.to_owned(),
            (None, None) => match response["body_raw"].as_str() {
                Some("") => "no body".to_owned(),
                Some(raw) => format!("`{}`", raw.trim_end()),
                None => response["body"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(", "),
            },
        };
        format!("HTTP {}: {answer}", response["status"])
    }
}

/// The text between a line of this name and the next `<!-- end -->` is the one expected. `BLESS=1` writes it anew.
fn assert_readme_has(section: &str, expected: &str) {
    let path = folder().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = format!("<!-- {section} -->\n");
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("README.md has no line {begin:?}"));
    let (found, after) = rest.split_once("<!-- end -->\n").expect("the section has no end");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{expected}<!-- end -->\n{after}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "the table {section:?} of fixtures/golden/README.md; BLESS=1 writes it anew");
}

#[test]
fn the_readme_has_a_row_for_each_case() {
    let head = "| # | case | letter | the answer | source |\n|---|---|---|---|---|\n";
    let table = |is_open: bool| {
        let cases = cases().into_iter().filter(|case| (case.data["confidence"] == "D") == is_open);
        head.to_owned() + &cases.map(|case| case.row()).collect::<String>()
    };
    assert_readme_has("cases", &table(false));
    assert_readme_has("proposals", &table(true));
}

#[test]
fn each_case_has_a_letter_a_number_and_an_id_of_its_own() {
    let mut seen = HashSet::new();
    for case in cases() {
        let (number, id) = case.file.strip_suffix(".json").unwrap().split_once('_').unwrap();
        assert_eq!(case.data["id"], id, "{}: the id is the name of the file without its number", case.file);
        assert!(seen.insert(number.to_owned()), "{}: the number {number} is taken", case.file);
        assert!(matches!(case.data["confidence"].as_str(), Some("A" | "B" | "C" | "D")), "{}", case.file);
        let has_source = case.data["source"][0].as_str().is_some_and(|source| !source.is_empty());
        assert!(has_source, "{}: there is no source", case.file);
    }
    assert!(seen.len() >= 89);
}

#[test]
fn every_golden_case_passes_through_the_engine() {
    for case in cases() {
        let engine = Engine::new();
        let engine = if case.needs("strict-auth") { engine.strict_auth() } else { engine };
        let mut bench = Bench::new(if case.needs("known-buses") { engine.known_buses(["default"]) } else { engine });
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
        let builder = if case.needs("strict-auth") { builder.strict_auth() } else { builder };
        let builder = if case.needs("known-buses") { builder.known_buses(["default"]) } else { builder };
        let eventbridge = builder.start().await;
        for fault in case.faults() {
            eventbridge.inject(fault);
        }
        let answer = Socket::connect(eventbridge.address()).await.exchange(&case.request()).await;
        let answer = answer.unwrap_or_else(|| panic!("{}: no answer", case.file));
        case.assert_answer(answer.status, |name| answer.header(name).map(str::to_owned), &answer.json());
    }
}
