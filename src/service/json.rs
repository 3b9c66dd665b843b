//! Errors and limits in files.

use serde_json::{Map, Value, json};

use super::error::{EntryError, Form, RequestError, content_type_error, status_error};
use super::limits::Limits;
use crate::json::{Cursor, FormatError, did_you_mean};

pub(crate) fn read_entry_error(at: &Cursor<'_>) -> Result<EntryError, FormatError> {
    if let Value::String(code) = at.value {
        let known = [&EntryError::DOCUMENTED[..], &["{\"code\": ..., \"message\": ...}"]].concat();
        return EntryError::documented(code).map_or_else(|| at.is_not_known(code, "a documented code", &known), Ok);
    }
    at.object_or("an error: write a documented code or {\"code\": ..., \"message\": ...}")?;
    at.allow(&["code", "message"])?;
    let text = |name| Ok(at.required(name)?.text()?.to_owned());
    Ok(EntryError::new(text("code")?, text("message")?))
}

pub(crate) fn read_request_error(at: &Cursor<'_>) -> Result<RequestError, FormatError> {
    if let Value::String(code) = at.value {
        let known = [&RequestError::DOCUMENTED[..], &["{\"status\": ..., \"code\": ..., \"message\": ...}"]].concat();
        return RequestError::documented(code).map_or_else(|| at.is_not_known(code, "a known code", &known), Ok);
    }
    at.object_or("an error: write a known code or {\"status\": ..., \"code\": ..., \"message\": ...}")?;
    at.allow(&["status", "code", "message", "contentType", "body", "headers"])?;
    let text = |name| at.get(name).map(|at: Cursor<'_>| at.text().map(str::to_owned)).transpose();
    let known = at.get("code").map(|code| status_of(&code));
    let number = match (at.get("status"), known) {
        (Some(status), _) => {
            let number = status.whole_number()?;
            status_error(number).map_or(Ok(number), |error| Err(status.error(error)))?
        }
        (None, Some(known)) => known?,
        (None, None) => at.required("status")?.whole_number()?,
    };
    let (code, message, content_type, body) = (
        text("code")?,
        text("message")?,
        at.get("contentType").as_ref().map(read_content_type).transpose()?,
        text("body")?,
    );
    if (code.is_some() || message.is_some()) && (content_type.is_some() || body.is_some()) {
        return Err(
            at.error("an error with a body or a contentType has no code and no message: write either a body or a code")
        );
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

/// Reads an error as journals write it. Journals have one form more than plans: an error of the framework before the service.
pub(crate) fn read_whole_request_error(at: &Cursor<'_>) -> Result<RequestError, FormatError> {
    if at.optional("xml", Cursor::yes)?.is_none() {
        return read_request_error(at);
    }
    let (status, code) = (at.required("status")?, at.required("code")?.text()?.to_owned().into());
    let number = status.whole_number()?;
    let error = RequestError::formed(number, Form::Xml { code });
    status_error(number).map_or(Ok(error), |error| Err(status.error(error)))
}

/// Returns the default status of a code.
fn status_of(code: &Cursor<'_>) -> Result<u16, FormatError> {
    let text = code.text()?;
    let with_codes = RequestError::DOCUMENTED.iter().filter_map(|name| RequestError::documented(name));
    let known = with_codes.clone().find(|error| error.code() == Some(text));
    known.map(|error| error.status()).ok_or_else(|| {
        let codes: Vec<String> = with_codes.filter_map(|error| error.code().map(str::to_owned)).collect();
        let near = did_you_mean(text, codes.iter().map(String::as_str));
        let (near, write) = if near.is_empty() { (";".to_owned(), "write") } else { (near, "Else write") };
        code.error(format!("{text:?} is not a known code{near} {write} its \"status\" as well"))
    })
}

/// Reads limits by their name, or today's limits with another size of a request.
pub(crate) fn read_limits(at: &Cursor<'_>) -> Result<Limits, FormatError> {
    if at.value.is_object() {
        at.allow(&["maxRequestSize"])?;
        return Ok(Limits::current().with_max_request_size(at.required("maxRequestSize")?.whole_number()?));
    }
    let name = at.text()?;
    Limits::named(name).map_or_else(|| at.is_not_known(name, "the name of limits", &Limits::NAMES), Ok)
}

/// Writes limits. All limits that enforce nothing are `none`.
pub(crate) fn write_limits(limits: &Limits) -> Value {
    let named = Limits::NAMES.into_iter().find(|name| Limits::named(name).as_ref() == Some(limits));
    match named {
        Some(name) => name.into(),
        None if limits.max_entries() == usize::MAX => "none".into(),
        None => json!({ "maxRequestSize": limits.max_request_size() }),
    }
}

pub(crate) fn read_content_type(at: &Cursor<'_>) -> Result<String, FormatError> {
    let content_type = at.text()?;
    content_type_error(content_type).map_or_else(|| Ok(content_type.to_owned()), |error| Err(at.error(error)))
}

pub(crate) fn write_entry_error(error: &EntryError) -> Value {
    if EntryError::documented(error.code()).as_ref() == Some(error) {
        return error.code().into();
    }
    write_whole_entry_error(error)
}

/// Writes an error as journals do: always an object with a code and a message.
pub(crate) fn write_whole_entry_error(error: &EntryError) -> Value {
    json!({ "code": error.code(), "message": error.message() })
}

pub(crate) fn write_request_error(error: &RequestError) -> Value {
    if let Some(name) =
        RequestError::DOCUMENTED.iter().find(|name| RequestError::documented(name).as_ref() == Some(error))
    {
        return (*name).into();
    }
    write_whole_request_error(error)
}

/// Writes an error as journals do: always an object with all members.
pub(crate) fn write_whole_request_error(error: &RequestError) -> Value {
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
        Form::Xml { code } => {
            member("code", Some(code));
            members.insert("xml".to_owned(), true.into());
        }
    }
    if !error.headers().is_empty() {
        let headers = error.headers().iter().map(|(name, value)| (name.to_string(), Value::from(&**value)));
        members.insert("headers".into(), headers.collect::<Map<_, _>>().into());
    }
    members.into()
}
