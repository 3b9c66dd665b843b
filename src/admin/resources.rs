//! The resources of one session.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::answer::{self, Answer, Refused, utf8};
use super::method_of;
use super::query::Query;
use super::sessions::{Session, Sessions};
use crate::check::Verdict;
use crate::expect::Mismatch;
use crate::fault::{Fault, FaultCause, FaultId, FaultRecord, read_fault, write_fault};
use crate::files::{
    Expectation, Plan, SETUP, check_all, fault_record, read_expectation, read_expectations, read_faults,
};
use crate::journal::{Event, Journal};
use crate::json::{Cursor, FormatError, cursor, object_of_texts};
use crate::page::{self, Judged};
use crate::service::{RequestHead, write_answers};
use crate::transport::authority;
use crate::words::count;

const HTML: &str = "text/html; charset=utf-8";
/// The default limit of a wait.
const USUAL_WAIT: Duration = Duration::from_secs(10);
const PLAIN: &str = "text/plain; charset=utf-8";

/// The methods of a path of a session; `None` if there is no such path.
fn methods(path: &[&str]) -> Option<&'static str> {
    match path {
        ["" | "published" | "report" | "view" | "wait"] => Some("GET"),
        ["faults"] => Some("GET, POST, DELETE"),
        ["faults", _] => Some("DELETE"),
        ["answers"] => Some("GET"),
        ["answers", _] => Some("PUT, DELETE"),
        ["journal"] => Some("GET, DELETE"),
        ["assertions" | "page" | "reset"] => Some("POST"),
        _ => None,
    }
}

pub(super) async fn answer(
    sessions: &Sessions,
    session: &Arc<Session>,
    head: &Parts,
    path: &[&str],
    body: &Bytes,
) -> Result<Answer, Refused> {
    match (method_of(head), path) {
        // The page of this session. It requests the view.
        ("GET", [""]) => Ok(answer::text(HTML, page::live())),
        ("GET", ["view"]) => {
            let origin = session.origin();
            tagged(sessions, session, head, move |journal, newest| view(journal, newest, &origin.plan)).await
        }
        ("GET", ["journal"]) => {
            tagged(sessions, session, head, |journal, newest| journal.newest(newest).to_json_text()).await
        }
        ("DELETE", ["journal"]) => {
            session.mock().clear_journal();
            Ok(answer::nothing())
        }
        ("GET", ["published"]) => shown(sessions, session, |journal| answer::written(published(journal))).await,
        ("GET", ["report"]) => shown(sessions, session, |journal| answer::text(PLAIN, journal.to_string())).await,
        ("GET", ["faults"]) => shown(sessions, session, |journal| answer::ok(&faults(journal))).await,
        ("POST", ["faults"]) => add_faults(sessions, session, head, utf8(body)?).await,
        ("DELETE", ["faults"]) => {
            session.mock().faults().clear_faults();
            Ok(answer::nothing())
        }
        ("DELETE", ["faults", id]) => lift(session, id),
        ("GET", ["answers"]) => {
            Ok(answer::ok(&json!({ "answers": session.mock().ask(|engine| write_answers(engine.answers())) })))
        }
        ("PUT", ["answers", operation]) => give_answer(session, operation, utf8(body)?),
        ("DELETE", ["answers", operation]) => take_answer_back(session, operation),
        ("GET", ["wait"]) => wait(sessions, session, head).await,
        ("POST", ["assertions"]) => assert(sessions, session, head, utf8(body)?).await,
        ("POST", ["page"]) => page_of(sessions, session, utf8(body)?).await,
        ("POST", ["reset"]) => sessions.reset(session).map(|()| answer::nothing()),
        _ => Err(match methods(path) {
            Some(methods) => Refused::method(methods),
            None => Refused::unknown(format!(
                "there is no {} here: GET /_mock/openapi.json lists the paths",
                head.uri.path()
            )),
        }),
    }
}

/// Makes an answer from the journal, which may be large. The snapshot is taken when the question gets its turn, so a waiting
/// question keeps no journal alive.
async fn shown(
    sessions: &Sessions,
    session: &Arc<Session>,
    show: impl FnOnce(&Journal) -> Answer + Send + 'static,
) -> Result<Answer, Refused> {
    let session = Arc::clone(session);
    sessions.questions().ask_for_much(move || show(&session.journal())).await
}

/// The data of the live page.
fn view(journal: &Journal, newest: usize, plan: &Plan) -> String {
    let mismatch = journal.check_meets(plan).err();
    let judged = Judged { expectations: plan.expectations().len(), mismatch: mismatch.as_ref(), goes_on: true };
    page::view(&journal.ledger(), newest, judged).to_string()
}

fn published(journal: &Journal) -> String {
    let mut written = "{\"published\":[".to_owned();
    for (index, one) in journal.published().iter().enumerate() {
        written.push_str(if index == 0 { "" } else { "," });
        written.push_str(&event(one));
    }
    written.push_str("]}");
    written
}

fn faults(journal: &Journal) -> Value {
    let record = |record: &FaultRecord| {
        let mut written = fault_record(record, journal);
        if let Value::Object(members) = &mut written {
            members.insert("inForce".to_owned(), (record.in_force && !record.is_used_up()).into());
            // Absent for a fault that only a program can have, such as one with a gate.
            if let FaultCause::Fault(fault, ..) = &record.cause {
                members.extend(write_fault(fault).ok().map(|json| ("json".to_owned(), json)));
            }
        }
        written
    };
    json!({ "faults": journal.faults().iter().map(record).collect::<Vec<_>>() })
}

async fn add_faults(sessions: &Sessions, session: &Session, head: &Parts, text: &str) -> Result<Answer, Refused> {
    let text = text.to_owned();
    let faults = sessions.questions().ask(move || faults_of(&text)).await?;
    let faults = faults.map_err(|error| Refused::bad(error.to_string()))?;
    let ids = sessions.inject(session, faults, &format!("POST {}", head.uri.path()))?;
    let ids: Vec<usize> = ids.into_iter().map(|id| id.0).collect();
    Ok(answer::json(StatusCode::CREATED, &json!({ "ids": ids })))
}

/// Reads one fault, a list of faults, or a plan.
fn faults_of(text: &str) -> Result<Vec<Fault>, FormatError> {
    let value = cursor::parse(text)?;
    let at = Cursor::root(&value);
    if value.is_array() {
        return read_faults(&at);
    }
    if at.get("faults").is_none() {
        return read_fault(&at).map(|fault| vec![fault]);
    }
    if let Some(answers) = at.get("answers") {
        return Err(answers.error("these are not faults: send each answer with PUT answers/OPERATION"));
    }
    let at_the_start = ["seed"].into_iter().chain(SETUP).map(|name| (name, "PUT /_mock/sessions/..."));
    for (elsewhere, where_then) in at_the_start.chain([("expect", "POST assertions")]) {
        if let Some(member) = at.get(elsewhere) {
            return Err(member.error(format!("this cannot change while a session runs: send it with {where_then}")));
        }
    }
    at.allow(&["faults", "$schema"])?;
    read_faults(&at.required("faults")?)
}

fn lift(session: &Session, id: &str) -> Result<Answer, Refused> {
    let mut engine = session.mock().faults();
    let known = engine.injected();
    match id.parse().ok().filter(|id| *id < known) {
        Some(id) => {
            engine.lift(FaultId(id));
            Ok(answer::nothing())
        }
        None => {
            let known = count(known, "fault");
            Err(Refused::unknown(format!("there is no fault {id:?}: this session has {known}, counted from 0")))
        }
    }
}

fn give_answer(session: &Session, operation: &str, text: &str) -> Result<Answer, Refused> {
    let value = cursor::parse(text).map_err(|error| Refused::bad(error.to_string()))?;
    let given = session.mock().give_answer(operation, value);
    given.map(|()| answer::nothing()).map_err(|error| Refused::bad(error.in_file))
}

fn take_answer_back(session: &Session, operation: &str) -> Result<Answer, Refused> {
    if session.mock().take_answer_back(operation) {
        return Ok(answer::nothing());
    }
    Err(Refused::unknown(format!("there is no answer to {operation:?}: GET answers lists those that were given")))
}

/// An event as JSON text. The details are in it as they were sent.
fn event(event: &Event) -> String {
    object_of_texts([
        ("id", json!(event.id().to_string()).to_string()),
        ("attempt", event.attempt().number().to_string()),
        ("index", event.index().to_string()),
        ("isDelivered", event.is_delivered().to_string()),
        ("envelope", event.envelope_text()),
    ])
}

/// Shows the newest attempts, with an ETag. A client that sends the current tag waits for the next change.
async fn tagged(
    sessions: &Sessions,
    session: &Arc<Session>,
    head: &Parts,
    show: impl FnOnce(&Journal, usize) -> String + Send + 'static,
) -> Result<Answer, Refused> {
    let query = Query::of(&head.uri, &["waitMs", "last"])?;
    let newest = query.number("last").unwrap_or(usize::MAX);
    let limit = query.limit("waitMs", Duration::ZERO)?;
    let mut changes = session.mock().changes();
    let tag = |changes: u64| format!("\"{}-{changes}\"", session.number());
    let seen = head.header("if-none-match").unwrap_or_default();
    let is_seen = |changes: u64| seen.split(',').any(|one| one.trim() == tag(changes));
    let new = async { changes.wait_for(|changes| !is_seen(changes.all)).await.map_or(0, |changes| changes.all) };
    // The tag is taken before the snapshot. It may be too old for it, and is never too new.
    let Ok(tag) = tokio::time::timeout(limit, new).await.map(tag) else {
        return Ok(answer::not_modified());
    };
    let mut answer = shown(sessions, session, move |journal| answer::written(show(journal, newest))).await?;
    if let Ok(tag) = HeaderValue::try_from(tag) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

async fn wait(sessions: &Sessions, session: &Session, head: &Parts) -> Result<Answer, Refused> {
    let query = Query::of(&head.uri, &["published", "attempts", "idleMs", "limitMs"])?;
    let (limit, mock) = (query.limit("limitMs", USUAL_WAIT)?, session.mock());
    let waited = match (query.number("published"), query.number("attempts"), query.milliseconds("idleMs")) {
        (Some(events), None, None) => mock.wait_for_published(events, limit).await,
        (None, Some(attempts), None) => mock.wait_for_attempts(attempts, limit).await,
        (None, None, Some(quiet_for)) => mock.wait_until_idle(quiet_for, limit).await,
        _ => return Err(Refused::bad("a wait has one condition: write one of published=N, attempts=N and idleMs=N")),
    };
    match waited {
        Ok(_) => Ok(answer::ok(&session.summary())),
        Err(timeout) => Err(Refused::conflict(sessions.questions().ask(move || timeout.to_string()).await?)),
    }
}

/// Checks one expectation, a list of expectations, or those of the session's plan. With a limit it checks again after each change,
/// until they are met. Changes during a check lead to one more check. A check that has begun is awaited also beyond the limit.
async fn assert(sessions: &Sessions, session: &Arc<Session>, head: &Parts, text: &str) -> Result<Answer, Refused> {
    let query = Query::of(&head.uri, &["limitMs"])?;
    let limit = query.limit("limitMs", Duration::ZERO)?;
    let asked = asked(sessions, session, text).await?;
    if asked.expectations.is_empty() {
        return Err(Refused::bad(
            "there is no expectation: send one, or a list, or an empty body if the session's plan has expectations",
        ));
    }
    let asked = Arc::new(asked);
    let url = url_of(head);
    let mut changes = session.mock().changes();
    let mut over = pin!(tokio::time::sleep(limit));
    let mut is_last = limit.is_zero();
    loop {
        let (asked, judged) = (Arc::clone(&asked), Arc::clone(session));
        let found = move || asked.check(&judged.journal()).map_err(|mismatch| mismatch.to_string());
        let Err(report) = sessions.questions().ask(found).await? else {
            return Ok(answer::ok(&json!({ "met": true })));
        };
        let has_changed = !is_last
            && tokio::select! {
                biased;
                () = &mut over => {
                    is_last = true;
                    changes.has_changed().unwrap_or(false)
                }
                changed = changes.changed() => changed.is_ok(),
            };
        if !has_changed {
            let hint = sessions.how_to_reach(session, &url).map(|hint| format!("\n{hint}\n")).unwrap_or_default();
            return Ok(answer::json(StatusCode::CONFLICT, &json!({ "met": false, "report": report + &hint })));
        }
    }
}

/// The page with its data, and the expectations that are not met at its top.
async fn page_of(sessions: &Sessions, session: &Arc<Session>, text: &str) -> Result<Answer, Refused> {
    let asked = asked(sessions, session, text).await?;
    let show = move |journal: &Journal| {
        let (expectations, mismatch) = (asked.expectations.len(), asked.check(journal).err());
        let judged = Judged { expectations, mismatch: mismatch.as_ref(), goes_on: false };
        answer::text(HTML, page::html(journal, judged))
    };
    shown(sessions, session, show).await
}

/// The URL of this server, as the client has it.
fn url_of(head: &Parts) -> String {
    let authority = authority(head.version, &head.uri, &head.headers).ok().flatten().unwrap_or_default();
    format!("http://{authority}")
}

/// Expectations that a client asks about.
struct Asked {
    expectations: Vec<Expectation>,
    /// Whether they are one object and not a list. A report on one assertion then needs no heading.
    are_one: bool,
}

/// Reads the expectations of a body. Patterns in them take time to compile.
async fn asked(sessions: &Sessions, session: &Session, text: &str) -> Result<Asked, Refused> {
    let (text, origin) = (text.to_owned(), session.origin());
    sessions.questions().ask(move || Asked::read(&text, &origin.plan)).await?
}

impl Asked {
    /// Reads an expectation or a list. An empty text stands for the expectations of the session's plan, which may have none.
    fn read(text: &str, of_session: &Plan) -> Result<Self, Refused> {
        if text.trim().is_empty() {
            return Ok(Self { expectations: of_session.expectations().to_vec(), are_one: false });
        }
        let read = || {
            let value = cursor::parse(text)?;
            let at = Cursor::root(&value);
            let are_one = !value.is_array();
            let expectations = if are_one { read_expectation(&at) } else { read_expectations(&at) }?;
            Ok(Self { expectations, are_one })
        };
        read().map_err(|error: FormatError| Refused::bad(error.to_string()))
    }

    fn check(&self, journal: &Journal) -> Result<(), Mismatch> {
        check_all(&self.expectations, journal).map_err(|mut unmet| {
            let alone = if self.are_one && unmet.len() == 1 { unmet.pop() } else { None };
            Mismatch::new(alone.map_or(Verdict::Unmet(unmet), |alone| alone.verdict), journal)
        })
    }
}
