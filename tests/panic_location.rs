//! What panics on purpose panics at the line of the test that caused it. Alone in its binary, because it watches panics.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Mutex;
use std::time::Duration;

use putevents_mock::{Engine, EntryError, Fault, MalformedReply, Quota, RequestError, entry, one_of};

static SEEN: Mutex<Option<(String, u32)>> = Mutex::new(None);

macro_rules! panics_here {
    ($($case:expr;)*) => {
        [$(Box::new(|| { let _ = $case; }) as Box<dyn Fn()>),*]
    };
}

#[test]
fn misuse_and_failed_assertions_point_at_the_callers_line() {
    let throttling = || Fault::entry(EntryError::throttling());
    let journal = {
        let mut engine = Engine::new();
        engine.inject(Fault::lost_reply());
        engine.journal()
    };
    #[rustfmt::skip]
    let cases = panics_here![
        throttling().times(0);
        throttling().nth(0);
        throttling().every(0);
        throttling().with_probability(2.0);
        throttling().keyed_by("x");
        throttling().on_attempt(0);
        throttling().after_acceptance();
        throttling().before_acceptance();
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
        one_of([""; 0]);
        Engine::new().inject(throttling().at_index(10));
        journal.assert_every_fault_fired();
    ];
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
