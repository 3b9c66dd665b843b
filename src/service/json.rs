//! Errors in files.

use serde_json::{Map, Value, json};

use super::error::{EntryError, Form, RequestError, content_type_error, status_error};
use crate::json::{Cursor, FormatError};

pub(crate) fn read_entry_error(at: &Cursor<'_>) -> Result<EntryError, FormatError> {
    if let Value::String(code) = at.value {
        let error = EntryError::documented(code);
        return error.map_or_else(|| at.is_wrong("a documented code; write {\"code\": ..., \"message\": ...}"), Ok);
    }
    at.allow(&["code", "message"])?;
    let text = |name| Ok(at.required(name)?.text()?.to_owned());
    Ok(EntryError::new(text("code")?, text("message")?))
}

pub(crate) fn read_request_error(at: &Cursor<'_>) -> Result<RequestError, FormatError> {
    if let Value::String(code) = at.value {
        let error = RequestError::documented(code);
        return error
            .map_or_else(|| at.is_wrong("a known code; write {\"status\": ..., \"code\": ..., \"message\": ...}"), Ok);
    }
    at.allow(&["status", "code", "message", "contentType", "body", "headers"])?;
    let text = |name| at.get(name).map(|at: Cursor<'_>| at.text().map(str::to_owned)).transpose();
    let status = at.required("status")?;
    let number: u16 = status.whole_number()?;
    if let Some(error) = status_error(number) {
        return Err(status.error(error));
    }
    let (code, message, content_type, body) = (
        text("code")?,
        text("message")?,
        at.get("contentType").as_ref().map(read_content_type).transpose()?,
        text("body")?,
    );
    if (code.is_some() || message.is_some()) && (content_type.is_some() || body.is_some()) {
        return Err(at.error("a body of its own has no code and no message: write either the one or the other"));
    }
    let form = match body {
        Some(body) => Form::FrontEnd { content_type: content_type.map(Into::into), body: body.into() },
        None => Form::Json { code: code.map(Into::into), message: message.map(Into::into) },
    };
    let mut error = RequestError::formed(number, form);
    if let Some(headers) = at.get("headers") {
        for name in headers.members()?.keys() {
            let value = headers.required(name)?;
            error = value.check(error.checked_header(name.clone().into(), value.text()?.to_owned().into()))?;
        }
    }
    Ok(error)
}

pub(crate) fn read_content_type(at: &Cursor<'_>) -> Result<String, FormatError> {
    let content_type = at.text()?;
    content_type_error(content_type).map_or_else(|| Ok(content_type.to_owned()), |error| Err(at.error(error)))
}

pub(crate) fn write_entry_error(error: &EntryError) -> Value {
    if EntryError::documented(error.code()).as_ref() == Some(error) {
        return error.code().into();
    }
    json!({ "code": error.code(), "message": error.message() })
}

pub(crate) fn write_request_error(error: &RequestError) -> Value {
    if let Some(code) = error.code().filter(|code| RequestError::documented(code).as_ref() == Some(error)) {
        return code.into();
    }
    let mut members = Map::from_iter([("status".to_owned(), error.status().into())]);
    let mut member = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.into());
        }
    };
    match error.form() {
        Form::Json { code, message } => {
            member("code", code.as_deref());
            member("message", message.as_deref());
        }
        Form::FrontEnd { content_type, body } => {
            member("contentType", content_type.as_deref());
            member("body", Some(body));
        }
        Form::Xml { code } => member("code", Some(code)),
    }
    if !error.headers().is_empty() {
        let headers = error.headers().iter().map(|(name, value)| (name.to_string(), Value::from(&**value)));
        members.insert("headers".into(), headers.collect::<Map<_, _>>().into());
    }
    members.into()
}
