//! A journal from JSON.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::Value;

use super::super::attempt::{Ended, Received};
use super::super::problem::KINDS;
use super::super::{Attempt, Forgotten, Journal, Outcome, Problem};
use super::FORMAT;
use crate::delivery::{Cut, Delivery, End};
use crate::engine;
use crate::entry::Entry;
use crate::fault::plan::{read_entry_error, read_malformed, read_request_error};
use crate::fault::{FaultCause, FaultRecord};
use crate::gate::Gate;
use crate::json_at::{self, At, Misfit};
use crate::reply::Reply;

type Read<T> = Result<T, Misfit>;

pub(super) fn read(text: &str) -> Read<Journal> {
    let value = json_at::parse(text)?;
    let at = At::root(&value);
    let format = at.required("putevents-mock")?;
    if format.text()? != FORMAT {
        return format.is_wrong(&format!("{FORMAT:?}, the only kind of file that this version reads"));
    }
    let mut journal = Journal::new();
    journal.seed = at.optional("seed", At::whole_number)?;
    for item in at.required("attempts")?.items()? {
        journal.attempts.push(attempt(&item)?);
    }
    for item in at.required("problems")?.items()? {
        journal.problems.push(problem(&item)?);
    }
    journal.faults = at.required("faults")?.items()?.iter().enumerate().map(fault).collect::<Read<_>>()?;
    journal.recorded = at.required("recorded")?.whole_number()?;
    if let Some(forgotten) = at.get("forgotten") {
        journal.forgotten = Forgotten {
            attempts: forgotten.required("attempts")?.whole_number()?,
            events: forgotten.required("events")?.whole_number()?,
            until: time(&forgotten.required("untilMs")?)?,
        };
    }
    Ok(journal)
}

fn list<'a, T>(at: &At<'a>, name: &str, read: impl Fn(&At<'a>) -> Read<T>) -> Read<Vec<T>> {
    let items = at.optional(name, |at| at.items()?.iter().map(read).collect())?;
    Ok(items.unwrap_or_default())
}

fn attempt(at: &At<'_>) -> Read<Attempt> {
    let request = at.required("request")?;
    let mut head = http::Request::new(()).into_parts().0;
    let method = request.required("method")?;
    head.method = Method::try_from(method.text()?).or_else(|_| method.is_wrong("an HTTP method"))?;
    let uri = request.required("uri")?;
    head.uri = Uri::try_from(uri.text()?).or_else(|_| uri.is_wrong("a URI"))?;
    head.headers = headers(&request.required("headers")?)?;
    if let Some(peer) = at.get("peer") {
        let address: std::net::SocketAddr =
            peer.text()?.parse().or_else(|_| peer.is_wrong("an address with a port"))?;
        head.extensions.insert(address);
    }
    let body = bytes(&request.required("body")?)?;
    let entries = entries(at, &head, &body)?;
    let outcomes = list(at, "outcomes", outcome)?;
    if !outcomes.is_empty() && outcomes.len() != entries.len() {
        let message = format!("there are {} outcomes for {} entries", outcomes.len(), entries.len());
        return Err(at.error(message));
    }
    let number = at.required("number")?.whole_number()?;
    let delivery = at.optional("delivery", delivery)?.unwrap_or_default();
    let (reply, is_unseen) = match at.get("reply") {
        None => (Reply::never(number, delivery), true),
        Some(reply) => (read_reply(&reply)?.to(number).delivered(delivery), false),
    };
    let since_1970 = Duration::from_secs(at.required("date")?.whole_number()?);
    let received = Received {
        number,
        at: time(&at.required("atMs")?)?,
        date: SystemTime::UNIX_EPOCH.checked_add(since_1970).unwrap_or(SystemTime::UNIX_EPOCH),
        head,
        body,
        entries,
        outcomes,
        error: at.optional("error", read_request_error)?,
        faults: list(at, "faults", |at| Ok(at.text()?.into()))?,
        reply,
        is_unseen,
        was_refused_by_fault: at.optional("refusedByFault", At::yes)?.is_some(),
        malformed: at.optional("malformedReply", read_malformed)?,
    };
    let ended = at.optional("endedMs", time)?;
    let was_answered = at.get("answered").is_some_and(|answered| *answered.value == Value::Bool(true));
    Ok(Attempt::new(received, ended.map(|at| Ended { at, was_answered })))
}

/// The entries of the body, where there were any: what stands under `entries` is for people who read the file.
fn entries(at: &At<'_>, head: &http::request::Parts, body: &Bytes) -> Read<Vec<Entry>> {
    let Some(shown) = at.get("entries") else { return Ok(Vec::new()) };
    let entries = engine::entries_of(head, body);
    let (shown, found) = (shown.items()?.len(), entries.as_ref().map(Vec::len));
    match entries {
        Some(entries) if shown == entries.len() => Ok(entries),
        _ => {
            let found = found.map_or_else(|| "cannot be read".to_owned(), |found| format!("has {found}"));
            Err(at.error(format!(
                "there are {shown} entries, and the request's body {found}: it is the body that counts"
            )))
        }
    }
}

fn outcome(at: &At<'_>) -> Read<Outcome> {
    match (at.get("eventId"), at.get("error")) {
        (Some(id), None) => match id.text()?.parse() {
            Ok(event_id) => {
                Ok(Outcome::Accepted { event_id, is_delivered: at.optional("undelivered", At::yes)?.is_none() })
            }
            Err(_) => id.is_wrong("an EventId, in the form of a UUID"),
        },
        (None, Some(error)) => Ok(Outcome::Failed {
            error: read_entry_error(&error)?,
            injected: at.optional("injected", At::yes)?.is_some(),
        }),
        _ => Err(at.error("an outcome has either an \"eventId\" or an \"error\"")),
    }
}

fn read_reply(at: &At<'_>) -> Read<Reply> {
    let status = at.required("status")?;
    let Ok(code) = http::StatusCode::from_u16(status.whole_number()?) else { return status.is_wrong("an HTTP status") };
    Ok(Reply::new(code, headers(&at.required("headers")?)?, bytes(&at.required("body")?)?))
}

fn delivery(at: &At<'_>) -> Read<Delivery> {
    let pace = |at: &At<'_>| Ok((at.required("bytes")?.whole_number()?, time(&at.required("everyMs")?)?));
    Ok(Delivery {
        // Nobody waits at it any more.
        hold: at.optional("held", At::yes)?.map(|()| Gate::new()),
        delay: at.optional("delayMs", time)?.unwrap_or_default(),
        pace: at.optional("pace", pace)?,
        end: at.optional("end", end)?.unwrap_or_default(),
    })
}

fn end(at: &At<'_>) -> Read<End> {
    let cut_at = |name| at.get(name).map(|at| cut(&at)).transpose();
    match (cut_at("closed")?, cut_at("reset")?, cut_at("stalled")?, at.get("garbage")) {
        (Some(cut), None, None, None) => Ok(End::Closed(cut)),
        (None, Some(cut), None, None) => Ok(End::Reset(cut)),
        (None, None, Some(cut), None) => Ok(End::Stalled(cut)),
        (None, None, None, Some(garbage)) => bytes(&garbage).map(End::Garbage),
        _ => at.is_wrong("one of \"closed\", \"reset\", \"stalled\" and \"garbage\""),
    }
}

fn cut(at: &At<'_>) -> Read<Cut> {
    match (at.value.as_str(), at.get("head"), at.get("body")) {
        (Some("start"), ..) => Ok(Cut::Start),
        (Some("end"), ..) => Ok(Cut::End),
        (None, Some(bytes), None) => bytes.whole_number().map(Cut::Head),
        (None, None, Some(bytes)) => bytes.whole_number().map(Cut::Body),
        _ => at.is_wrong("\"start\", \"end\", {\"head\": ...} or {\"body\": ...}"),
    }
}

fn problem(at: &At<'_>) -> Read<Problem> {
    let kind = at.required("kind")?;
    let name = kind.text()?;
    let Some(found) = KINDS.iter().find(|kind| format!("{kind:?}") == name) else {
        return kind.is_wrong("a kind of problem");
    };
    Ok(Problem {
        kind: *found,
        attempt: at.optional("attempt", At::whole_number)?,
        at: time(&at.required("atMs")?)?,
        message: at.required("message")?.text()?.to_owned(),
    })
}

fn fault((index, at): (usize, &At<'_>)) -> Read<FaultRecord> {
    let why = at.optional("why", |at| Ok(at.text()?.to_owned()))?;
    Ok(FaultRecord {
        // Older files do not have it, and do not say whether it was lifted.
        id: at.optional("id", At::whole_number)?.unwrap_or(index),
        sentence: at.required("fault")?.text()?.into(),
        at: at.required("injectedAt")?.text()?.into(),
        fired: at.required("fired")?.whole_number()?,
        must_fire: at.required("mustFire")?.whole_number()?,
        in_force: at.optional("inForce", At::boolean)?.unwrap_or(true),
        cause: FaultCause::Known(why.unwrap_or_default()),
    })
}

fn headers(at: &At<'_>) -> Read<HeaderMap> {
    let mut headers = HeaderMap::new();
    for item in at.items()? {
        let pair = item.items()?;
        let [name, value] = &pair[..] else { return item.is_wrong("a pair of a name and a value") };
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name.text()?), HeaderValue::try_from(&bytes(value)?[..]))
        else {
            return item.is_wrong("a header");
        };
        headers.append(name, value);
    }
    Ok(headers)
}

fn bytes(at: &At<'_>) -> Read<Bytes> {
    if let Value::String(text) = at.value {
        return Ok(text.clone().into());
    }
    let hex = at.required("hex")?;
    let digits: Option<Vec<u8>> =
        hex.text()?.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| 16 * byte + digit)).collect())
        }
        _ => hex.is_wrong("an even number of hexadecimal digits"),
    }
}

/// To the nanosecond.
fn time(at: &At<'_>) -> Read<Duration> {
    at.milliseconds()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked by the line before")]
    let nanoseconds = (at.number()? * 1e6).round() as u64;
    Ok(Duration::from_nanos(nanoseconds))
}
