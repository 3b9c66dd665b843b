//! Whatever the engine takes, its journal is written so that it can be read again. Property tests; a failure prints its seed.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_ENCODING, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use proptest::prelude::*;
use proptest::sample::select;
use putevents_mock::engine::{Ids, Now};
use putevents_mock::{Engine, EntryError, Fault, Journal, Limits, entry};
use serde_json::json;

use crate::nonsense::any_request;
use crate::plans::{any_effect, any_malformed, conditional};
use crate::support::{AUTHORIZATION, Bench, bench, order, put_events, with};

/// A detail, with what serde_json alone cannot hold among it.
const DETAILS: [&str; 5] = [
    r#"{"id":12345678901234567890123,"total":1.10,"big":1e400}"#,
    r#"{"cut":"\ud83d","cut":"\ude00","":null}"#,
    "{\"\\u0000\":\"\\u2028\u{7f}\u{10ffff}\"}",
    "[1e400]",
    "5",
];

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let nested = (1..110_usize).prop_map(|levels| format!("{}{}", r#"{"a":"#.repeat(levels) + "7", "}".repeat(levels)));
    let with_detail = |detail: String| {
        let detail = serde_json::Value::from(detail);
        format!(r#"{{"Entries":[{{"Source":"a","DetailType":"b","Detail":{detail},"Time":1e3}},null]}}"#).into_bytes()
    };
    prop_oneof![
        4 => any_request().prop_map(|request| request.to_string().into_bytes()),
        2 => prop_oneof![nested, select(&DETAILS[..]).prop_map(str::to_owned), any::<String>()].prop_map(with_detail),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

/// A header whose value has any byte that HTTP lets through.
fn any_header() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let value = prop::collection::vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8, Just(b'\t')], 0..12);
    let name = select(vec!["user-agent", "x-odd", "host", "x-amz-security-token", "amz-sdk-request", "authorization"]);
    (name, value).prop_map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(&value).unwrap()))
}

fn any_http() -> impl Strategy<Value = Request<bytes::Bytes>> {
    let method =
        prop_oneof![4 => Just(Method::POST), 1 => select(vec![Method::GET, Method::CONNECT, "O-DD".parse().unwrap()])];
    let uri = select(vec![
        "/",
        "*",
        "/a%20b//?x=%ff&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Security-Token=abc",
        "http://127.0.0.1:80",
        "http://user@host/?",
        "host:443",
        "/?\u{e9}",
    ]);
    let uri = prop_oneof![4 => Just(Uri::from_static("/")), 1 => uri.prop_map(|uri| uri.parse().unwrap())];
    let target = prop_oneof![6 => Just("AWSEvents.PutEvents"), 1 => select(vec!["AWSEvents.DescribeEventBus", "AWSEvents.ListRules", "odd"])];
    let peer = prop::option::of(any::<([u8; 4], u16)>().prop_map(SocketAddr::from));
    let headers = prop::collection::vec(any_header(), 0..3);
    (method, uri, target, any_body(), any::<bool>(), headers, peer, any::<bool>()).prop_map(
        |(method, uri, target, body, is_signed, headers, peer, is_compressed)| {
            let mut request = put_events(body);
            *request.method_mut() = method;
            *request.uri_mut() = uri;
            request.headers_mut().insert("x-amz-target", HeaderValue::from_static(target));
            if is_signed {
                request.headers_mut().insert("authorization", HeaderValue::from_static(AUTHORIZATION));
            }
            if is_compressed && !is_signed {
                request.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
            for (name, value) in headers {
                request.headers_mut().append(name, value);
            }
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            request
        },
    )
}

/// From nothing up to the end of time, most of them with nanoseconds.
fn any_time() -> impl Strategy<Value = Duration> {
    let days = |days: u64| {
        (0..=days * 86_400, 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
    };
    prop_oneof![
        (0..5_000_u64).prop_map(Duration::from_millis),
        any::<u32>().prop_map(|nanos| Duration::from_nanos(nanos.into())),
        days(3),
        days(60),
        days(365 * 100),
        any::<(u64, u32)>().prop_map(|(seconds, nanos)| Duration::new(seconds, nanos % 1_000_000_000)),
        Just(Duration::MAX),
    ]
}

fn any_date() -> impl Strategy<Value = SystemTime> {
    any::<(i32, u32, bool)>().prop_map(|(seconds, nanos, is_far)| {
        let distance =
            Duration::new(u64::from(seconds.unsigned_abs()) << (u8::from(is_far) * 8), nanos % 1_000_000_000);
        if seconds < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
    })
}

fn any_engine() -> impl Strategy<Value = Engine> {
    let limits = select(vec![Limits::current(), Limits::before_2026(), Limits::none()]);
    (limits, any::<u64>(), any::<[bool; 5]>(), 1..6_usize).prop_map(
        |(limits, seed, [known, strict, account, region, few], attempts)| {
            let engine = Engine::new().limits(limits).seed(seed);
            let engine = if known { engine.known_buses(["orders"]) } else { engine };
            let engine = if strict { engine.strict_auth() } else { engine };
            let engine = if account { engine.account("000000000000") } else { engine };
            let engine = if region { engine.region("eu-north-1") } else { engine };
            if few { engine.max_journal_attempts(attempts) } else { engine }
        },
    )
}

fn any_fault() -> impl Strategy<Value = Fault> {
    let odd = select(vec![
        Fault::latency(Duration::MAX),
        Fault::latency(Duration::new(40 * 86_400, 1)),
        Fault::dribble(usize::MAX, Duration::new(40 * 86_400, 1)),
        Fault::raw_answer(&b"\xff\x00"[..]),
        Fault::hold(&putevents_mock::fault::Gate::new()),
        Fault::reset().matching(entry().satisfies("it panics \u{1b}\n", |_| panic!("as told \u{1b}\n"))),
    ]);
    conditional(prop_oneof![5 => any_effect(), 2 => any_malformed(), 1 => odd])
}

/// How an exchange goes on: how long after the one before, and whether and when it ends.
fn any_step() -> impl Strategy<Value = (Request<bytes::Bytes>, Duration, Option<(bool, Duration)>)> {
    (any_http(), any_time(), prop::option::of((any::<bool>(), any_time())))
}

fn assert_is_read_again(journal: &Journal) -> Result<(), TestCaseError> {
    let text = journal.to_json_text();
    let again = text.parse::<Journal>().map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
    prop_assert_eq!(&again.to_json_text(), &text);
    prop_assert_eq!(again.to_json().to_string(), journal.to_json().to_string());
    prop_assert_eq!(again.to_string(), journal.to_string());
    prop_assert_eq!(again.ledger().to_string(), journal.ledger().to_string());
    prop_assert_eq!(again.check_every_fault_fired(), journal.check_every_fault_fired());
    let lint = |journal: &Journal| journal.lint().check_clean().map_err(|mismatch| mismatch.to_string());
    prop_assert_eq!(lint(&again), lint(journal));
    prop_assert_eq!(again.redacted(), journal.redacted());
    for (one, other) in again.attempts().iter().zip(journal.attempts()) {
        prop_assert_eq!((one.at(), one.ended_at(), one.is_told()), (other.at(), other.ended_at(), other.is_told()));
        prop_assert_eq!((one.body(), one.headers(), one.peer()), (other.body(), other.headers(), other.peer()));
        prop_assert_eq!((one.method(), one.path()), (other.method(), other.path()));
        prop_assert_eq!((one.entries(), one.outcomes()), (other.entries(), other.outcomes()));
        prop_assert_eq!((one.error(), one.credential_scope()), (other.error(), other.credential_scope()));
        prop_assert_eq!(
            one.reply().map(|it| (it.headers(), it.body())),
            other.reply().map(|it| (it.headers(), it.body()))
        );
        prop_assert_eq!(one.faults().collect::<Vec<_>>(), other.faults().collect::<Vec<_>>());
    }
    let envelopes =
        |journal: &Journal| journal.published().iter().map(|event| event.envelope_text()).collect::<Vec<_>>();
    prop_assert_eq!(envelopes(&again), envelopes(journal));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_engine_takes_is_written_so_that_it_is_read_again(
        engine in any_engine(),
        faults in prop::collection::vec(any_fault(), 0..5),
        steps in prop::collection::vec(any_step(), 0..8),
        date in any_date(),
    ) {
        let (mut engine, mut ids, mut time) = (engine, Ids::counting(), Duration::ZERO);
        for fault in faults {
            engine.inject(fault);
        }
        for (request, wait, ended) in steps {
            time = time.saturating_add(wait);
            let reply = engine.handle(request, Now::new(time, date), &mut ids);
            if let Some((is_answered, took)) = ended {
                let now = Now::new(time.saturating_add(took), date);
                if is_answered { engine.answered(reply.attempt(), now) } else { engine.abandoned(reply.attempt(), now) }
            }
        }
        assert_is_read_again(&engine.journal())?;
    }
}

#[test]
fn times_keep_their_nanoseconds_for_years() {
    for days in [1, 3, 4, 29, 30, 365, 365 * 100, 365 * 1_000] {
        let at = Duration::new(days * 86_400, 123_456_789);
        let mut engine = Engine::new();
        let now = Now::new(at, SystemTime::UNIX_EPOCH);
        let reply = engine.handle(put_events("{}"), now, &mut Ids::counting());
        engine.answered(reply.attempt(), Now::new(at + Duration::from_nanos(1), now.date));
        let again: Journal = engine.journal().to_json_text().parse().unwrap();
        let attempt = &again.attempts()[0];
        assert_eq!((attempt.at(), attempt.ended_at()), (at, Some(at + Duration::from_nanos(1))), "{days} days");
        assert_eq!(again.problems()[0].at(), at);
    }
}

#[test]
fn a_time_that_is_none_is_told() {
    let mut engine = Engine::new();
    let now = Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH);
    engine.handle(put_events("{}"), now, &mut Ids::counting());
    let good = engine.journal().to_json();
    for (pointer, value, error) in [
        ("atNs", serde_json::json!("1e9"), "attempts[0].atNs: \"1e9\" is not a whole number of nanoseconds, as text"),
        ("atNs", serde_json::json!(5), "attempts[0].atNs: 5 is not a string"),
        ("date", serde_json::json!(0.5), "attempts[0].date: 0.5 is not a whole number of seconds since 1970"),
    ] {
        let mut journal = good.clone();
        journal["attempts"][0][pointer] = value;
        assert_eq!(journal.to_string().parse::<Journal>().unwrap_err().to_string(), error);
    }
}

#[test]
fn the_deepest_detail_needs_no_more_stack_than_a_test_has() {
    let nested = |levels: usize| format!("{}{}", r#"{"a":"#.repeat(levels) + "7", "}".repeat(levels));
    let entries = [1_000, 101, 100].map(|levels| with(order(1), "Detail", nested(levels)));
    let mut bench = Bench::default();
    bench.put(entries);
    let journal = bench.journal();
    let again: Journal = journal.to_json_text().parse().unwrap();
    for json in [again.to_json(), again.redacted()] {
        let entries = &json["attempts"][0]["entries"];
        assert_eq!(entries[0]["DetailText"], nested(1_000));
        assert_eq!(entries[1]["DetailText"], nested(101));
        assert_eq!(entries[2]["Detail"].to_string(), nested(100));
        // It can be read again as well, though an entry is shown in another way.
        let Ok(from_value) = json.to_string().parse::<Journal>() else { continue };
        assert_eq!(from_value.to_json_text(), journal.to_json_text());
    }
}

/// A fault that asks a pattern does so where requests are answered.
#[test]
fn the_deepest_detail_is_matched_and_enveloped_within_little_stack() {
    let levels = 1_000;
    let nested = format!("{}{}", r#"{"a":"#.repeat(levels) + "7", "}".repeat(levels));
    let matched = move || {
        let pattern = json!({ "detail": { "a": { "b": [{ "exists": false }] } } });
        let mut bench =
            bench([Fault::entry(EntryError::throttling()).matching(entry().matches_pattern(pattern)).times(1)]);
        bench.put([with(order(1), "Detail", nested.clone()), with(order(2), "Detail", nested)]);
        let published = bench.journal().published();
        assert_eq!((published.len(), published[0].index()), (1, 1));
        assert!(published[0].envelope()["detail"]["a"]["a"].is_object());
    };
    std::thread::Builder::new().stack_size(1024 * 1024).spawn(matched).unwrap().join().unwrap();
}
