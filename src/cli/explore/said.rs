//! The report of a command, in a file: `{"published": [1, 2], "failed": [3], "unknown": []}`.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use crate::check::Reported;
use crate::files::read_reported;
use crate::json::Cursor;
use crate::json::cursor::parse;

/// Reads the report; `None` if there is no file.
pub(super) fn read(path: &Path, identify_by: Option<&str>) -> Result<Option<Reported>, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let json = parse(&text).map_err(|error| error.to_string());
    let read = json.and_then(|json| reported(json, identify_by)).map(Some);
    read.map_err(|error| format!("the report of the command cannot be used: {error}"))
}

/// Reads a report, in which an id stands for an event.
pub(super) fn reported(mut json: Value, identify_by: Option<&str>) -> Result<Reported, String> {
    if let Some(lists) = json.as_object_mut() {
        for name in ["published", "failed", "unknown"] {
            for event in lists.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
                if !event.is_object() {
                    *event = matcher_of(event.take(), identify_by)?;
                }
            }
        }
        if !lists.is_empty() && !lists.contains_key("counts") {
            lists.entry("published").or_insert_with(|| Value::Array(Vec::new()));
        }
    }
    read_reported(&Cursor::root(&json)).map_err(|error| error.to_string())
}

/// The matcher for an id.
fn matcher_of(id: Value, identify_by: Option<&str>) -> Result<Value, String> {
    let Some(pointer) = identify_by else {
        return Err(format!(
            "{id} names no event without --identify-by: give it the JSON pointer of the id in the detail"
        ));
    };
    let detail = Map::from_iter([(pointer.to_owned(), id)]);
    Ok(Value::Object(Map::from_iter([("detail".to_owned(), Value::Object(detail))])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        parse(text).unwrap()
    }

    #[test]
    fn ids_and_matchers_name_events() {
        let said = |text| reported(json(text), Some("/orderId")).map(|said| said.to_string());
        assert_eq!(
            said(r#"{"published": [1, 2], "failed": [{"detail": {"/orderId": 3}}], "unknown": ["x"]}"#).unwrap(),
            "that 2 events were published, 1 not, and 1 unknown"
        );
        assert_eq!(said(r#"{"failed": [1]}"#).unwrap(), "that 0 events were published, 1 not");
        assert_eq!(said(r#""someFailed""#).unwrap(), "that not all events were published");
        assert_eq!(
            said(r#"{"counts": {"published": 2, "failed": 1}}"#).unwrap(),
            "that 2 events were published, 1 not"
        );
    }

    #[test]
    fn what_is_no_report_is_told_why() {
        assert_eq!(
            reported(json(r#"{"published": [1]}"#), None).unwrap_err(),
            "1 names no event without --identify-by: give it the JSON pointer of the id in the detail"
        );
        assert!(reported(json(r#"{"publisht": []}"#), None).unwrap_err().contains("publisht"));
        assert!(reported(json("[]"), None).is_err());
    }
}
