//! What panics on purpose panics at the line of the test that caused it. Alone in its binary, because it watches panics.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use putevents_mock::__private::rows::assertions;
use putevents_mock::engine::{Ids, Now};
use putevents_mock::expect::{Alike, Backoff, Reported};
use putevents_mock::fault::{MalformedReply, Quota};
use putevents_mock::matcher::one_of;
use putevents_mock::{Engine, EntryError, Fault, Journal, Limits, Plan, RequestError, entry};

static SEEN: Mutex<Option<(String, u32)>> = Mutex::new(None);

macro_rules! panics_here {
    ($($case:expr;)*) => {
        [$(Box::new(|| { let _ = $case; }) as Box<dyn Fn()>),*]
    };
}

#[test]
fn misuse_and_failed_assertions_point_at_the_callers_line() {
    let throttling = || Fault::entry(EntryError::throttling());
    let journal = a_bad_day();
    let (published, ledger) = (journal.published(), journal.ledger());
    let expecting =
        |orders: &[u64]| journal.ledger().expecting(orders.iter().map(|id| entry().detail_at("/orderId", *id)));
    #[rustfmt::skip]
    let cases = panics_here![
        throttling().times(0);
        throttling().nth(0);
        throttling().every(0);
        throttling().with_probability(2.0);
        throttling().keyed_by("x");
        throttling().on_attempt(0);
        throttling().on_try(0);
        throttling().on_try_by("x", 1);
        throttling().after_acceptance();
        throttling().before_acceptance();
        throttling().on_operation("ListRules");
        Fault::reset().on_operation("listRules");
        Fault::lost_reply().at_index(0);
        Fault::refuse_connections().after(1);
        Fault::reset_on_connect().matching(entry());
        Fault::entries([None]);
        Fault::requests([None]);
        Fault::dribble(0, Duration::ZERO);
        Fault::latency_between(Duration::MAX, Duration::ZERO);
        Fault::latency_log_normal(Duration::ZERO, f64::NAN);
        Fault::latency_percentiles([]);
        Fault::malformed_reply(MalformedReply::ContentType("\n".into()));
        Quota::entries_per_second(-1.0);
        Quota::requests_per_second(1.0).burst(0);
        Quota::requests_per_second(1.0).refusing_whole_requests();
        RequestError::new(200, "", "");
        RequestError::raw(600, "", "");
        RequestError::throttling().with_header("\n", "");
        entry().detail_at("x", 1);
        entry().detail_at_satisfies("x", "", |_| true);
        entry().matches_pattern("{}");
        one_of([""; 0]);
        Engine::new().inject(throttling().at_index(10));
        Engine::new().max_journal_attempts(0);
        Engine::new().answer("listRules", serde_json::json!({}));
        Plan::new([]).with_answer("PutEvents", serde_json::json!({}));
        Reported::counts(1, 1).failed([entry()]);
        ledger.clone().identify_by("orderId");
        ledger.clone().identify_by("/detail/orderId").assert_at_least_once();
        journal.assert_every_fault_fired();
        journal.assert_no_problems();
        journal.assert_meets(&r#"{"expect":[{"noProblems":true}]}"#.parse().unwrap());
        published.assert_exactly([entry().source("other")]);
        published.assert_in_order([entry().source("other")]);
        published.assert_contain([entry().source("other")]);
        published.assert_count(99);
        published.assert_none_match(entry());
        published.assert_details_conform("OrderPlaced", &false.into());
        expecting(&[9]).assert_at_least_once();
        expecting(&[9]).assert_exactly_once();
        expecting(&[9]).assert_none_lost();
        expecting(&[9]).assert_none_silently_lost(Reported::all_published());
        ledger.assert_no_duplicates();
        ledger.assert_only_failed_entries_resent();
        ledger.assert_permanent_errors_not_retried();
        ledger.assert_tries_at_most(1);
        expecting(&[4, 1]).assert_order_kept();
        expecting(&[4, 1]).assert_order_kept_per("/customerId");
        ledger.assert_tries_alike(Alike::new());
        Alike::new().except_detail_at("x");
        ledger.assert_backoff(Backoff::new().at_least(Duration::MAX));
        ledger.assert_reported(Reported::counts(99, 0));
        journal.assert_batches_within(Limits::current().with_max_request_size(1));
        journal.assert_batches_full(Limits::current());
        journal.assert_in_flight_at_most(0);
        journal.lint().assert_clean();
    ];
    let this_file = include_str!("panic_location.rs");
    for (of, assertion) in assertions() {
        assert!(this_file.contains(&format!(".{assertion}(")), "there is no case for {assertion} of {of}");
    }
    set_hook(Box::new(|panic| {
        *SEEN.lock().unwrap() = panic.location().map(|at| (at.file().to_owned(), at.line()));
    }));
    let panics: Vec<_> = cases
        .iter()
        .map(|case| catch_unwind(AssertUnwindSafe(case)).map_err(|_| SEEN.lock().unwrap().take().unwrap()))
        .collect();
    drop(take_hook());

    // Each case stands on the line after the one before.
    let mut line = None;
    for (index, panic) in panics.into_iter().enumerate() {
        let (file, at) = panic.expect_err(&format!("case {index} does not panic"));
        assert!(file.ends_with("panic_location.rs"), "case {index}: {file}:{at}");
        assert!(line.is_none_or(|before| at == before + 1), "case {index}: {file}:{at}");
        line = Some(at);
    }
}

/// Whatever an assertion can have something against has happened here.
fn a_bad_day() -> Journal {
    let mut engine = Engine::new();
    engine.inject(Fault::lost_reply().on_attempt(99));
    for (seconds, body) in [
        r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"},{"Source":"shop"}]}"#,
        r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}","Time":1},{"Source":"shop"}]}"#,
        r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":4}"}]}"#,
        "no JSON",
    ]
    .into_iter()
    .enumerate()
    {
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "AWSEvents.PutEvents")
            .body(body.into())
            .unwrap();
        let now = Now::new(Duration::from_secs(seconds as u64), SystemTime::UNIX_EPOCH);
        let reply = engine.handle(request, now, &mut Ids::counting());
        engine.answered(reply.attempt(), now);
    }
    engine.journal()
}
