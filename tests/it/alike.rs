//! Tries of one event that differ: what is told of them, and the assertion that holds them alike.

use pretty_assertions::assert_eq;
use putevents_mock::expect::Alike;
use putevents_mock::{EntryError, Fault, Journal, Plan, entry};
use serde_json::{Value, json};

use crate::support::{Bench, order, with};

/// One entry after the other; all but the last are throttled.
fn tried(entries: impl IntoIterator<Item = Value>) -> Journal {
    let entries: Vec<Value> = entries.into_iter().collect();
    let mut bench = Bench::default();
    if entries.len() > 1 {
        bench.engine.inject(Fault::entry(EntryError::throttling()).times(entries.len() - 1));
    }
    entries.into_iter().for_each(|entry| drop(bench.put([entry])));
    bench.journal()
}

fn detail(text: &str) -> Value {
    with(order(1), "Detail", text)
}

/// The differences of the only event, in words.
fn told(journal: &Journal, pointer: &str) -> Vec<String> {
    let ledger = journal.ledger().identify_by(pointer);
    let [line] = ledger.lines() else { panic!("{ledger}") };
    line.differences().iter().map(ToString::to_string).collect()
}

#[test]
fn what_one_try_has_otherwise_than_the_one_before_is_told_place_by_place() {
    for (entries, expected) in [
        (vec![detail(r#"{"id":1,"n":1}"#), detail(r#"{"id":1,"n":2}"#)], vec!["detail /n is 2, and was 1"]),
        (vec![detail(r#"{"id":1}"#), detail(r#"{"id":1,"a/b":{}}"#)], vec!["detail /a~1b is {}, and was missing"]),
        (
            vec![detail(r#"{"id":1,"x":[1,2]}"#), detail(r#"{"id":1,"x":[1]}"#)],
            vec!["detail /x/1 is missing, and was 2"],
        ),
        (
            vec![with(detail(r#"{"id":1}"#), "Time", 5), with(detail(r#"{"id":1}"#), "Time", 6)],
            vec!["Time is 6, and was 5"],
        ),
        (vec![detail(r#"{"id":1}"#), with(detail(r#"{"id":1}"#), "Time", 6)], vec!["Time is 6, and was missing"]),
        (
            vec![detail(r#"{"id":1}"#), with(detail(r#"{"id":1}"#), "Resources", json!(["r"]))],
            vec![r#"resources is ["r"], and was []"#],
        ),
        (
            vec![detail(r#"{"id":1,"n":1}"#), detail(r#"{"id":1,"n":2}"#), detail(r#"{"id":1,"n":1}"#)],
            vec!["detail /n is 2, and was 1", "detail /n is 1, and was 2"],
        ),
    ] {
        assert_eq!(told(&tried(entries), "/id"), expected);
    }
}

#[test]
fn the_order_of_members_white_space_numbers_and_trace_headers_make_no_difference() {
    for (one, other) in [
        (detail(r#"{"id":1,"a":{"b":1,"c":[100]}}"#), detail(r#"{ "a": { "c": [1e2], "b": 1.0 }, "id": 1.0 }"#)),
        (detail(r#"{"id":1,"t":"\u0041"}"#), detail(r#"{"id":1,"t":"A"}"#)),
        (with(detail(r#"{"id":1}"#), "Time", json!(5)), with(detail(r#"{"id":1}"#), "Time", json!(5.0))),
        (with(order(1), "TraceHeader", "Root=1-1"), with(order(1), "TraceHeader", "Root=1-2")),
        (with(order(1), "EventBusName", "default"), order(1)),
    ] {
        let journal = tried([one, other]);
        assert_eq!(told(&journal, "/id"), [""; 0]);
        assert_eq!(told(&journal, "/orderId"), [""; 0]);
        journal.ledger().assert_tries_alike(Alike::new());
    }
}

#[test]
fn differences_are_data() {
    let journal = tried([
        with(detail(r#"{"id":"a","meta":{"attempt":1}}"#), "Time", 1),
        with(detail(r#"{"id":"a","meta":{"attempt":"x"}}"#), "Time", 2),
    ]);
    let ledger = journal.ledger().identify_by("/id");
    let [time, attempt] = &ledger.lines()[0].differences()[..] else { panic!("{ledger}") };
    assert_eq!((time.member(), time.pointer(), time.before(), time.after()), ("Time", None, Some("1"), Some("2")));
    let pointer = Some("/meta/attempt");
    assert_eq!((attempt.member(), attempt.pointer()), ("Detail", pointer));
    assert_eq!((attempt.before(), attempt.after()), (Some("1"), Some("\"x\"")));
    assert_eq!((attempt.earlier().attempt().number(), attempt.later().attempt().number()), (1, 2));
}

#[test]
fn an_event_that_changed_between_tries_fails_but_for_what_may_change() {
    let journal = tried([
        with(detail(r#"{"id":1,"meta":{"attempt":1,"at":5},"metal":1}"#), "Time", 5),
        with(detail(r#"{"id":1,"meta":{"attempt":2,"at":6},"metal":1}"#), "Time", 6),
    ]);
    let ledger = journal.ledger().identify_by("/id");
    for (alike, is_met) in [
        (Alike::new(), false),
        (Alike::new().except_time(), false),
        (Alike::new().except_detail_at("/meta"), false),
        (Alike::new().except_time().except_detail_at("/meta/attempt"), false),
        (Alike::new().except_time().except_detail_at("/met"), false),
        (Alike::new().except_time().except_detail_at("/meta"), true),
        (Alike::new().except_time().except_detail_at("/meta/attempt").except_detail_at("/meta/at"), true),
        (Alike::new().except_time().except_detail_at(""), true),
    ] {
        assert_eq!(ledger.check_tries_alike(alike.clone()).is_ok(), is_met, "{alike}");
    }
    let mismatch = ledger.check_tries_alike(Alike::new().except_time()).unwrap_err();
    assert_eq!((mismatch.attempts(), mismatch.entries().len()), (vec![2], 1));
    // By its content it is two events, and each is alike.
    journal.ledger().assert_tries_alike(Alike::new());
}

#[test]
fn a_publisher_that_stamps_each_try_is_seen_without_an_id() {
    let journal = tried([5, 6, 7].map(|time| with(order(1), "Time", time)));
    let ledger = journal.ledger();
    assert_eq!(ledger.lines().len(), 1);
    ledger.assert_tries_alike(Alike::new().except_time());
    let report = ledger.check_tries_alike(Alike::new()).unwrap_err().to_string();
    assert_eq!(
        report,
        r#"1 event was not the same in each try

  shop.orders / OrderPlaced {"orderId":1}
    changed from #1[0] to #2[0]: Time is 6, and was 5; 1 more try differs

3 attempts, 1 event published
  #1  +0.000 s  1 entry  [0] ThrottlingException (injected), none accepted
  #2  +1.000 s  1 entry  [0] ThrottlingException (injected), none accepted  <- [0] with another Time than in #1
  #3  +2.000 s  1 entry  accepted                                           <- [0] with another Time than in #2
"#
    );
}

#[test]
fn an_event_that_was_accepted_twice_says_that_its_tries_differ() {
    let mut bench = Bench::default();
    bench.put([with(order(1), "Time", 5), order(2)]);
    bench.put([with(order(1), "Time", 6), order(2)]);
    let journal = bench.journal();
    let report = journal.ledger().check_no_duplicates().unwrap_err().to_string();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(
        lines[3],
        "    was accepted twice, in #1[0] and #2[0]; it changed from #1[0] to #2[0]: Time is 6, and was 5"
    );
    assert_eq!(lines[5], "    was accepted twice, in #1[1] and #2[1]");
    assert!(lines[9].ends_with("<- [0, 1] accepted in #1 already, [0] with another Time than in #1"), "{report}");
    let ledger = journal.ledger().to_string();
    assert!(ledger.contains("it changed from #1[0] to #2[0]: Time is 6, and was 5"), "{ledger}");
}

#[test]
fn the_same_id_twice_in_one_request_is_compared_as_well() {
    let mut bench = Bench::default();
    bench.put([detail(r#"{"id":1,"n":1}"#), detail(r#"{"id":1,"n":2}"#)]);
    let ledger = bench.journal().ledger().identify_by("/id");
    assert!(ledger.check_tries_alike(Alike::new()).is_err());
    // Nothing was received that this is about.
    assert!(ledger.clone().matching(entry().source("other")).check_tries_alike(Alike::new()).is_err());
}

#[test]
fn a_plan_says_what_may_change() {
    let journal = tried([with(detail(r#"{"id":1,"n":1}"#), "Time", 5), with(detail(r#"{"id":1,"n":2}"#), "Time", 6)]);
    let is_met = |alike: &str| {
        let plan: Plan = format!(r#"{{"expect":[{{"triesAlike":{alike},"identifyBy":"/id"}}]}}"#).parse().unwrap();
        journal.check_meets(&plan).is_ok()
    };
    let met = ["true", r#"{"except":["/n"]}"#, r#"{"except":["/n"],"exceptTime":true}"#].map(is_met);
    assert_eq!(met, [false, false, true]);
    let error =
        |alike: &str| format!(r#"{{"expect":[{{"triesAlike":{alike}}}]}}"#).parse::<Plan>().unwrap_err().to_string();
    assert_eq!(
        ["false", "\"x\"", r#"{"except":["n"]}"#, r#"{"except":"/n"}"#].map(error),
        [
            "expect[0].triesAlike: false is not true; write true, or leave it out",
            r#"expect[0].triesAlike: "x" is not true or {"except": [...], "exceptTime": true}"#,
            r#"expect[0].triesAlike.except[0]: a JSON pointer begins with a slash: write "/n" instead of "n""#,
            r#"expect[0].triesAlike.except: "/n" is not a list"#,
        ]
    );
}
