//! Reads a journal from JSON.

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::FORMAT;
use crate::fault::{
    Cut, Decided, Delivery, End, FaultCause, FaultId, FaultRecord, Gate, Pace, Reply, read_whole_malformed,
};
use crate::journal::{Answer, Attempt, Ended, Forgotten, Journal, Received, Refuser, Story};
use crate::json::{
    Cursor, FormatError, cursor, read_bytes, read_hex, read_text, read_time, read_time_if_any, take_apart,
};
use crate::service::{
    Body, Entry, Head, MAX_DETAIL_DEPTH, Outcome, Problem, ProblemCause, ProblemKind, Sender, entries_of,
    read_entry_error, read_whole_request_error, since_1970, withhold,
};

type Read<T> = Result<T, FormatError>;

/// A detail stands in five containers of the journal. The journal itself may stand in a few more.
const MAX_DEPTH: usize = MAX_DETAIL_DEPTH + 16;

pub(super) fn read(text: &str) -> Read<Journal> {
    let value = cursor::parse_to(text, MAX_DEPTH)?;
    let journal = journal(&Cursor::root(&value));
    take_apart(value);
    journal
}

fn journal(at: &Cursor<'_>) -> Read<Journal> {
    let format = at.required("putevents-mock")?;
    if format.text()? != FORMAT {
        return format.is_wrong(&format!("{FORMAT:?}, the only kind of file that this version reads"));
    }
    let forgotten = |at: &Cursor<'_>| {
        Ok(Forgotten {
            attempts: at.required("attempts")?.whole_number()?,
            events: at.required("events")?.whole_number()?,
            until: read_time(at, "until")?,
        })
    };
    let faults = at.required("faults")?.items()?.iter().enumerate().map(fault).collect::<Read<Vec<_>>>()?;
    let attempts = at.required("attempts")?.items()?;
    let attempts = attempts.iter().map(|at| attempt(at, &faults)).collect::<Read<_>>()?;
    let problems = at.required("problems")?.items()?.iter().map(problem).collect::<Read<_>>()?;
    let recorded = at.required("recorded")?.whole_number()?;
    let forgotten = at.optional("forgotten", forgotten)?.unwrap_or_default();
    let seed = at.optional("seed", Cursor::whole_number)?;
    Ok(Journal::restored(attempts, problems, (recorded, forgotten), (faults, seed)))
}

fn list<'a, T>(at: &Cursor<'a>, name: &str, read: impl Fn(&Cursor<'a>) -> Read<T>) -> Read<Vec<T>> {
    let items = at.optional(name, |at| at.items()?.iter().map(read).collect())?;
    Ok(items.unwrap_or_default())
}

fn attempt(at: &Cursor<'_>, faults: &[FaultRecord]) -> Read<Attempt> {
    let request = at.required("request")?;
    let mut head = http::Request::new(()).into_parts().0;
    let method = request.required("method")?;
    head.method = Method::try_from(method.text()?).or_else(|_| method.is_wrong("an HTTP method"))?;
    let uri = request.required("uri")?;
    head.uri = Uri::try_from(uri.text()?).or_else(|_| uri.is_wrong("a URI"))?;
    head.headers = headers(&request.required("headers")?)?;
    // Older files have secrets.
    withhold(&mut head, false);
    if let Some(peer) = at.get("peer") {
        let address: std::net::SocketAddr =
            peer.text()?.parse().or_else(|_| peer.is_wrong("an address with a port"))?;
        head.extensions.insert(address);
    }
    let (head, body) = (Head::of(head), Body::of(read_bytes(&request, "body")?, sender(at)?));
    let entries = entries(at, &head, &body)?;
    let number = at.required("number")?.whole_number()?;
    let delivery = at.optional("delivery", delivery)?.unwrap_or_default();
    let (reply, story) = match at.get("reply") {
        None => (Reply::never(), Story::Unseen),
        Some(reply) => (read_reply(&reply)?, story(at, entries.len())?),
    };
    let date = at.required("date")?;
    let date = date.value.as_i64().map_or_else(|| date.is_wrong("a whole number of seconds since 1970"), Ok)?;
    let received = Received {
        number,
        at: read_time(at, "at")?,
        date: since_1970(date).unwrap_or(SystemTime::UNIX_EPOCH),
        head,
        body,
        entries,
        story,
        faults: decided(at, faults)?,
        reply: reply.to(number).delivered(delivery),
    };
    let was_answered = at.optional("answered", Cursor::boolean)?.unwrap_or(false);
    let ended = read_time_if_any(at, "ended")?.map(|at| Ended { at, was_answered });
    Ok(Attempt::new(received, ended))
}

/// Reads what became of a request that the service saw.
fn story(at: &Cursor<'_>, entries: usize) -> Read<Story> {
    let error = at.optional("error", read_whole_request_error)?;
    let malformed = at.optional("malformedReply", read_whole_malformed)?;
    let by = if at.optional("refusedByFault", Cursor::yes)?.is_some() { Refuser::Fault } else { Refuser::Service };
    let outcomes: Option<Vec<Outcome>> = at.optional("outcomes", |at| at.items()?.iter().map(outcome).collect())?;
    match (outcomes, error) {
        (Some(outcomes), _) if outcomes.len() != entries => {
            Err(at.error(format!("there are {} outcomes for {entries} entries", outcomes.len())))
        }
        (None, Some(error)) => Ok(Story::Refused { error: Box::new(error), by }),
        // Older files always have outcomes for PutEvents.
        (None, None) => Ok(Story::Other { malformed }),
        (Some(outcomes), error) => {
            let answer = match (error, malformed) {
                (Some(error), _) => Answer::Error(Box::new(error)),
                (None, Some(how)) => Answer::Malformed(how),
                (None, None) => Answer::Truth,
            };
            Ok(Story::Answered { outcomes, answer })
        }
    }
}

/// Reads the faults that decided about an attempt. Older files have their sentences only.
fn decided(at: &Cursor<'_>, faults: &[FaultRecord]) -> Read<Vec<Decided>> {
    let sentences = list(at, "faults", |at| Ok(at.text()?.into()))?;
    let ids: Vec<usize> = list(at, "faultIds", Cursor::whole_number)?;
    if ids.is_empty() {
        let with_sentence = |sentence: &str| faults.iter().find(|record| &*record.sentence == sentence);
        let decided = |sentence: Arc<str>| with_sentence(&sentence).map(|record| Decided { id: record.id, sentence });
        return Ok(sentences.into_iter().filter_map(decided).collect());
    }
    if ids.len() != sentences.len() {
        return Err(at.error(format!("there are {} faultIds for {} faults", ids.len(), sentences.len())));
    }
    Ok(sentences.into_iter().zip(ids).map(|(sentence, id)| Decided { id: FaultId(id), sentence }).collect())
}

/// Reads the account and the region of the sender.
fn sender(at: &Cursor<'_>) -> Read<Option<Arc<Sender>>> {
    let text = |name| at.optional(name, |at| Ok(at.text()?.to_owned()));
    let sender = Sender { account: text("account")?, region: text("region")? };
    Ok((sender != Sender::default()).then(|| Arc::new(sender)))
}

/// Reads the entries from the body. The member `entries` is for people who read the file, and only its length counts.
fn entries(at: &Cursor<'_>, head: &Head, body: &Body) -> Read<Vec<Entry>> {
    let Some(shown) = at.get("entries") else { return Ok(Vec::new()) };
    let entries = entries_of(head, body);
    let (shown, found) = (shown.items()?.len(), entries.as_ref().map(Vec::len));
    match entries {
        Some(entries) if shown == entries.len() => Ok(entries),
        _ => {
            let found = found.map_or_else(|| "cannot be read".to_owned(), |found| format!("has {found}"));
            Err(at.error(format!(
                "\"entries\" has {shown}, but the request's body {found}: write the entries of the body"
            )))
        }
    }
}

fn outcome(at: &Cursor<'_>) -> Read<Outcome> {
    match (at.get("eventId"), at.get("error")) {
        (Some(id), None) => match id.text()?.parse() {
            Ok(event_id) => {
                Ok(Outcome::Accepted { event_id, is_delivered: at.optional("undelivered", Cursor::yes)?.is_none() })
            }
            Err(_) => id.is_wrong("an EventId, in the form of a UUID"),
        },
        (None, Some(error)) => Ok(Outcome::Failed {
            error: read_entry_error(&error)?,
            injected: at.optional("injected", Cursor::yes)?.is_some(),
        }),
        _ => Err(at.error("an outcome has either an \"eventId\" or an \"error\"")),
    }
}

fn read_reply(at: &Cursor<'_>) -> Read<Reply> {
    let status = at.required("status")?;
    let Ok(code) = http::StatusCode::from_u16(status.whole_number()?) else { return status.is_wrong("an HTTP status") };
    Ok(Reply::new(code, headers(&at.required("headers")?)?, read_bytes(at, "body")?))
}

fn delivery(at: &Cursor<'_>) -> Read<Delivery> {
    let pace =
        |at: &Cursor<'_>| Ok(Pace { bytes: at.required("bytes")?.whole_number()?, every: read_time(at, "every")? });
    Ok(Delivery {
        // Nobody waits at it any more.
        hold: at.optional("held", Cursor::yes)?.map(|()| Gate::new()),
        delay: read_time_if_any(at, "delay")?.unwrap_or_default(),
        pace: at.optional("pace", pace)?,
        end: at.optional("end", end)?.unwrap_or_default(),
    })
}

fn end(at: &Cursor<'_>) -> Read<End> {
    let cut_at = |name| at.get(name).map(|at| cut(&at)).transpose();
    let is_garbage = ["garbage", "garbageHex"].iter().any(|name| at.get(name).is_some());
    match (cut_at("closed")?, cut_at("reset")?, cut_at("stalled")?) {
        (Some(cut), None, None) if !is_garbage => Ok(End::Closed(cut)),
        (None, Some(cut), None) if !is_garbage => Ok(End::Reset(cut)),
        (None, None, Some(cut)) if !is_garbage => Ok(End::Stalled(cut)),
        (None, None, None) if is_garbage => read_bytes(at, "garbage").map(End::Garbage),
        _ => at.is_wrong("one of \"closed\", \"reset\", \"stalled\" and \"garbage\""),
    }
}

fn cut(at: &Cursor<'_>) -> Read<Cut> {
    let bytes = || at.required("bytes")?.whole_number();
    match at.get("at").map(|place| place.text()).transpose()? {
        Some("start") => Ok(Cut::Start),
        Some("end") => Ok(Cut::End),
        Some("head") => bytes().map(Cut::Head),
        Some("body") => bytes().map(Cut::Body),
        Some(_) => at.is_wrong("a place: \"at\" is \"start\", \"head\", \"body\" or \"end\""),
        None => old_cut(at),
    }
}

/// As older files have it.
fn old_cut(at: &Cursor<'_>) -> Read<Cut> {
    match (at.value.as_str(), at.get("head"), at.get("body")) {
        (Some("start"), ..) => Ok(Cut::Start),
        (Some("end"), ..) => Ok(Cut::End),
        (None, Some(bytes), None) => bytes.whole_number().map(Cut::Head),
        (None, None, Some(bytes)) => bytes.whole_number().map(Cut::Body),
        _ => at.is_wrong("a place, such as {\"at\": \"body\", \"bytes\": 17}"),
    }
}

fn problem(at: &Cursor<'_>) -> Read<Problem> {
    let kind = at.required("kind")?;
    let Some(named) = ProblemKind::named(kind.text()?) else { return kind.is_wrong("a kind of problem") };
    Ok(Problem {
        attempt: at.optional("attempt", Cursor::whole_number)?,
        at: read_time(at, "at")?,
        cause: ProblemCause::new(named, at.required("message")?.text()?),
    })
}

fn fault((index, at): (usize, &Cursor<'_>)) -> Read<FaultRecord> {
    let why = at.optional("why", |at| Ok(at.text()?.to_owned()))?;
    Ok(FaultRecord {
        // Older files have neither `id` nor `inForce`.
        id: FaultId(at.optional("id", Cursor::whole_number)?.unwrap_or(index)),
        sentence: at.required("fault")?.text()?.into(),
        at: at.required("injectedAt")?.text()?.into(),
        fired: at.required("fired")?.whole_number()?,
        must_fire: at.required("mustFire")?.whole_number()?,
        in_force: at.optional("inForce", Cursor::boolean)?.unwrap_or(true),
        cause: FaultCause::Known(why.unwrap_or_default()),
    })
}

fn headers(at: &Cursor<'_>) -> Read<HeaderMap> {
    let mut headers = HeaderMap::new();
    for item in at.items()? {
        let pair = item.items()?;
        let (name, value) = match &pair[..] {
            [name, value] => (name, read_text(value)?),
            [name, value, form] if form.value == "hex" => (name, read_hex(value)?),
            _ => return item.is_wrong("a pair of a name and a value"),
        };
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name.text()?), HeaderValue::try_from(&value[..])) else {
            return item.is_wrong("a header");
        };
        // There is a bound.
        headers.try_append(name, value).map(|_| ()).or_else(|_| item.is_wrong("a header, for there are too many"))?;
    }
    Ok(headers)
}
