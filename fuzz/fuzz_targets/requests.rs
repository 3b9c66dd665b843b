//! A plan, a line `---`, and requests, with `---` between them: headers in lines, an empty line, a body. Whatever comes, the engine
//! answers, the journal tells what the answer says, stays within its bound, and everything that is made of it can be made.

#![no_main]

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use putevents_mock::engine::{Ids, Now};
use putevents_mock::journal::Attempt;
use putevents_mock::{Engine, Journal, Limits, Plan};
use serde_json::Value;

const MAX_ATTEMPTS: usize = 6;
const MAX_BYTES: usize = 16_384;

fuzz_target!(|data: &[u8]| {
    let mut parts = split(data);
    let plan = parts.next().and_then(|text| std::str::from_utf8(text).ok()?.parse::<Plan>().ok()).unwrap_or_default();
    let mut engine = engine(&plan);
    let mut ids = Ids::counting();
    let mut time = Duration::ZERO;
    for part in parts.take(24) {
        let now = Now::new(time, SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + time);
        let reply = engine.handle(request(part), now, &mut ids);
        let journal = engine.journal();
        let attempt = journal.attempts().last();
        if let Some(attempt) = attempt.filter(|attempt| attempt.number() == reply.attempt()) {
            assert_tells_the_same(attempt);
        }
        assert!(journal.attempts().len() <= MAX_ATTEMPTS);
        let kept: usize = journal.attempts().iter().map(|attempt| attempt.body().len()).sum();
        assert!(kept <= MAX_BYTES.max(part.len()), "{kept} bytes of bodies in a journal of {MAX_BYTES}");
        if reply.attempt() % 3 == 0 {
            engine.abandoned(reply.attempt(), now);
        } else {
            engine.answered(reply.attempt(), now);
        }
        time += Duration::from_millis(250);
    }
    render(&engine.journal(), &plan);
});

/// The parts between lines of three dashes.
fn split(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LINE: &[u8] = b"\n---\n";
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let all = rest?;
        let end = all.windows(LINE.len()).position(|window| window == LINE);
        rest = end.and_then(|end| all.get(end + LINE.len()..));
        end.map_or(Some(all), |end| all.get(..end))
    })
}

fn engine(plan: &Plan) -> Engine {
    let mut engine =
        Engine::new().max_journal_attempts(MAX_ATTEMPTS).max_journal_size(MAX_BYTES).max_body_size(1 << 20);
    engine = engine.limits(plan.limits().unwrap_or_else(Limits::current)).seed(plan.seed().unwrap_or(1));
    if let Some(buses) = plan.known_buses() {
        engine = engine.known_buses(buses);
    }
    if plan.strict_auth() == Some(true) {
        engine = engine.strict_auth();
    }
    for fault in plan.faults() {
        engine.inject(fault.clone());
    }
    engine
}

/// A request of PutEvents, with other headers where they are given.
fn request(part: &[u8]) -> Request<Bytes> {
    let body_at = part.windows(2).position(|window| window == b"\n\n");
    let (head, body) = body_at.map_or((&[][..], part), |at| (&part[..at], &part[at + 2..]));
    let mut request = Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSEvents.PutEvents")
        .body(Bytes::copy_from_slice(body))
        .expect("it is a request");
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..]));
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().insert(name, value);
        }
    }
    request
}

/// Without a fault the journal has one outcome for each entry, and the answer says the same.
fn assert_tells_the_same(attempt: &Attempt) {
    let Some(reply) = attempt.reply().filter(|_| attempt.faults().next().is_none()) else { return };
    if let Some(error) = attempt.error() {
        assert_eq!(reply.status(), error.status());
        return;
    }
    let answer: Value = serde_json::from_slice(reply.body()).expect("no fault broke the answer");
    let Some(results) = answer["Entries"].as_array() else { return };
    assert_eq!((results.len(), attempt.outcomes().len()), (attempt.entries().len(), attempt.entries().len()));
    let failed = results.iter().filter(|result| result["ErrorCode"].is_string()).count();
    assert_eq!(answer["FailedEntryCount"], failed);
    for (result, outcome) in results.iter().zip(attempt.outcomes()) {
        assert_eq!(result["EventId"].as_str().map(str::to_owned), outcome.event_id().map(|id| id.to_string()));
    }
}

fn render(journal: &Journal, plan: &Plan) {
    let ledger = journal.ledger();
    assert!(!journal.to_string().is_empty() && !ledger.to_string().is_empty());
    journal.redacted();
    let judged = [
        journal.check_meets(plan),
        journal.check_no_problems(),
        ledger.check_exactly_once(),
        ledger.check_only_failed_entries_resent(),
        journal.lint().check_clean(),
    ];
    let mut mismatches = judged.into_iter().filter_map(Result::err).inspect(|mismatch| {
        assert!(!mismatch.to_string().is_empty());
    });
    // A page is long, so one is enough.
    let page = mismatches.next().map_or_else(|| journal.to_html(), |mismatch| mismatch.to_html());
    assert!(!page.is_empty());
    mismatches.for_each(drop);
    let written = journal.to_json_text();
    let again: Journal = written.parse().unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(again.to_json_text(), written);
}
