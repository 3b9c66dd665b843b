//! PutEvents as leanly as can be: what `limit` and `peer` answer.

use std::borrow::Cow;

use hyper::header::HeaderValue;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::fmt::Hyphenated;
use uuid::{Builder, Uuid};

const MAX_ENTRIES: usize = 10;
const MAX_SIZE: usize = 1_048_576;
const MAX_DETAIL_TYPE: usize = 128;
const SIZE_OF_TIME: usize = 14;
const BYTES_OF_ID: usize = 16;

pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
pub const CONTENT_TYPE_OF_ANSWERS: HeaderValue = HeaderValue::from_static(CONTENT_TYPE);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents<'a> {
    #[serde(borrow)]
    entries: Vec<Entry<'a>>,
}

/// An entry. What is not escaped in the body is borrowed from it, and what is missing is empty.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    #[serde(borrow, default)]
    source: Cow<'a, str>,
    #[serde(borrow, default)]
    detail_type: Cow<'a, str>,
    #[serde(borrow, default)]
    detail: Cow<'a, str>,
    #[serde(borrow, default)]
    resources: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
}

/// Whether the text of a Detail is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Details {
    Checked,
    Unchecked,
}

pub struct Answer {
    pub status: u16,
    pub request_id: String,
    pub body: String,
}

/// The answer to a body.
pub fn answer(body: &[u8], details: Details) -> Result<Answer, getrandom::Error> {
    let mut random = [0; BYTES_OF_ID * (MAX_ENTRIES + 1)];
    getrandom::fill(&mut random)?;
    let (of_request, of_entries) = random.split_at(BYTES_OF_ID);
    let request_id = Builder::from_random_bytes(bytes_of_id(of_request)).into_uuid().to_string();
    let (status, body) = match results(body, details, of_entries) {
        Ok(body) => (200, body),
        Err(body) => (400, body.to_owned()),
    };
    Ok(Answer { status, request_id, body })
}

fn results(body: &[u8], details: Details, random: &[u8]) -> Result<String, &'static str> {
    let request: PutEvents<'_> = serde_json::from_slice(body).map_err(|_| r#"{"__type":"SerializationException"}"#)?;
    let size: usize = request.entries.iter().map(Entry::size).sum();
    if request.entries.is_empty() || request.entries.len() > MAX_ENTRIES || size > MAX_SIZE {
        return Err(r#"{"__type":"ValidationException","message":"The request is not within the limits."}"#);
    }
    let mut failed = 0;
    let mut results = String::with_capacity(64 + 64 * request.entries.len());
    for (entry, random) in request.entries.iter().zip(random.chunks_exact(BYTES_OF_ID)) {
        results.push(if results.is_empty() { '[' } else { ',' });
        match entry.error(details) {
            None => {
                results.push_str(r#"{"EventId":""#);
                results.push_str(Uuid::from_bytes(bytes_of_id(random)).hyphenated().encode_lower(&mut id_buffer()));
                results.push_str(r#""}"#);
            }
            Some(error) => {
                failed += 1;
                results.push_str(error);
            }
        }
    }
    Ok(format!(r#"{{"FailedEntryCount":{failed},"Entries":{results}]}}"#))
}

fn id_buffer() -> [u8; Hyphenated::LENGTH] {
    [0; Hyphenated::LENGTH]
}

fn bytes_of_id(random: &[u8]) -> [u8; BYTES_OF_ID] {
    let mut bytes = [0; BYTES_OF_ID];
    bytes.copy_from_slice(random);
    bytes
}

impl Entry<'_> {
    fn size(&self) -> usize {
        let time = self.time.map_or(0, |_| SIZE_OF_TIME);
        let texts = [&self.source, &self.detail_type, &self.detail].into_iter().chain(&self.resources);
        time + texts.map(|text| text.len()).sum::<usize>()
    }

    fn error(&self, details: Details) -> Option<&'static str> {
        if self.source.is_empty() || self.detail_type.is_empty() || self.detail.is_empty() {
            return Some(r#"{"ErrorCode":"InvalidArgument","ErrorMessage":"A parameter is missing."}"#);
        }
        if self.detail_type.len() > MAX_DETAIL_TYPE {
            return Some(r#"{"ErrorCode":"InvalidArgument","ErrorMessage":"DetailType is too long."}"#);
        }
        let is_malformed = details == Details::Checked && !is_object(&self.detail);
        is_malformed.then_some(r#"{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}"#)
    }
}

fn is_object(detail: &str) -> bool {
    serde_json::from_str::<&RawValue>(detail).is_ok_and(|value| value.get().starts_with('{'))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answered(request: &Value) -> (u16, Value) {
        let answer = answer(request.to_string().as_bytes(), Details::Checked).unwrap();
        (answer.status, answer.body.parse().unwrap())
    }

    #[test]
    fn each_entry_has_its_result() {
        let good =
            json!({ "Source": "a", "DetailType": "b", "Detail": "{\"c\":\"\\\"\"}", "Time": 1, "Resources": ["r"] });
        let bad = ["[1]", "{\"c\":}", "1"];
        let bad = bad.map(|detail| json!({ "Source": "a", "DetailType": "b", "Detail": detail }));
        let entries: Vec<Value> = [good].into_iter().chain(bad).chain([json!({})]).collect();
        let (status, answer) = answered(&json!({ "Entries": entries }));
        assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(4)));
        let results = answer["Entries"].as_array().unwrap();
        assert_eq!(results[0]["EventId"].as_str().unwrap().len(), 36);
        let codes: Vec<_> = results[1..].iter().map(|result| result["ErrorCode"].as_str().unwrap()).collect();
        assert_eq!(codes, ["MalformedDetail", "MalformedDetail", "MalformedDetail", "InvalidArgument"]);
    }

    #[test]
    fn requests_beyond_the_limits_are_refused() {
        let entry = json!({ "Source": "a", "DetailType": "b", "Detail": "{}" });
        for entries in [Vec::new(), vec![entry.clone(); 11]] {
            assert_eq!(answered(&json!({ "Entries": entries })).0, 400);
        }
        let long = json!({ "Source": "x".repeat(MAX_SIZE), "DetailType": "b", "Detail": "{}" });
        assert_eq!(answered(&json!({ "Entries": [long] })).0, 400);
        assert_eq!(answered(&json!({ "Entries": [entry] })).0, 200);
    }
}
