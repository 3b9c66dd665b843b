//! What assertions about published events accept, and what they say where others mislead. Their texts as such stand in the
//! gallery.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::expect::{Backoff, MismatchKind, Reported};
use putevents_mock::journal::Event;
use putevents_mock::matcher::prefix;
use putevents_mock::{Engine, EntryError, EntryMatcher, Fault, Limits, Mismatch, entry};
use serde_json::{Value, json};

use crate::support::{Bench, order, put_events, with};

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

fn published(batches: impl IntoIterator<Item = Vec<Value>>) -> putevents_mock::journal::Events {
    let mut bench = Bench::default();
    for batch in batches {
        bench.put(batch);
    }
    bench.journal().published()
}

#[test]
fn events_are_found_wherever_they_stand_in_whichever_batch() {
    let events = published([vec![order(3), order(1)], vec![order(2)]]);
    events.assert_exactly([1, 2, 3].map(is_order));
    events.assert_in_order([3, 1, 2].map(is_order));
    events.assert_contain([is_order(1)]);
    events.assert_count(3);
    events.assert_none_match(is_order(4));
    events.matching(is_order(2)).assert_exactly([entry()]);
}

#[test]
fn expectations_that_overlap_are_given_the_events_that_suit_all() {
    let events = published([vec![order(1), order(2)]]);
    events.assert_exactly([entry(), is_order(1)]);
    events.assert_exactly([is_order(1), entry()]);
    assert!(events.check_exactly([is_order(1), is_order(1)]).is_err());
}

#[test]
fn nothing_is_expected_of_nothing() {
    let events = published([]);
    assert!(events.check_contain([entry()]).is_err());
    let nothing = events.check_contain([entry()]).unwrap_err().to_string();
    assert_eq!(
        nothing,
        "the expected event was not published\n\n  missing  any entries\n\n0 attempts, 0 events published\n\n\
         no request was received: is the publisher awaited, and does it use this endpoint?\n"
    );
}

#[test]
fn an_empty_list_is_one_without_another_word() {
    let nothing = published([]);
    nothing.assert_exactly([]);
    nothing.assert_exactly(&[]);
    nothing.assert_in_order([]);
    nothing.assert_contain([]);
    let some = published([vec![order(1)]]);
    some.assert_contain([]);
    assert!(some.check_exactly([]).is_err());
    assert!(some.check_in_order([]).is_err());
    let ledger = Bench::default().journal().ledger();
    ledger.clone().expecting([]).assert_exactly_once();
    ledger.expecting([]).assert_reported(Reported::published([]).failed([]).unknown([]));
}

#[test]
fn matchers_are_taken_in_any_form_by_value_and_by_reference() {
    let events = published([vec![order(1), order(2)]]);
    let (one, two) = (is_order(1), is_order(2));
    let all = [one.clone(), two.clone()];
    events.assert_exactly(all.clone());
    events.assert_exactly(&all);
    events.assert_exactly(&all[..]);
    events.assert_exactly(all.iter());
    events.assert_exactly([&one, &two]);
    let vector = all.to_vec();
    events.assert_exactly(&vector);
    events.assert_exactly(vector);
    events.assert_exactly(vec![&one, &two]);
    events.assert_exactly((1..=2).map(is_order));
    events.assert_exactly(std::collections::VecDeque::from(all.clone()));
    events.assert_contain(Some(&one));
    events.assert_contain(None::<EntryMatcher>);
    events.assert_contain([1, 2].map(is_order).into_iter().filter(|matcher| *matcher == one));
    assert!(events.check_exactly(std::array::from_fn::<_, 128, _>(|_| entry())).is_err());
    let three = is_order(3);
    events.assert_none_match(&three);
    events.assert_none_match(three);
    assert_eq!((events.clone().matching(&one).len(), events.clone().matching(one.clone()).len()), (1, 1));
    assert_eq!(one.clone().and(&two), one.clone().and(two.clone()));
    assert_eq!(one.clone().or(&two), one.clone().or(two.clone()));
    let fault = || Fault::entry(EntryError::throttling());
    assert_eq!(fault().matching(&one), fault().matching(one.clone()));
    let ledger = Bench::default().journal().ledger().expecting(&all);
    assert_eq!((ledger.clone().matching(&one).lines().len(), ledger.matching(two).lines().len()), (1, 1));
}

#[test]
fn a_pointer_that_begins_with_the_name_of_the_detail_is_told_what_to_write() {
    let events = published([vec![order(1)]]);
    let told = events.check_contain([entry().detail_at("/detail/orderId", 1)]).unwrap_err().to_string();
    let advice = r#"detail has nothing at "/detail/orderId": a pointer begins inside the detail, so write "/orderId""#;
    assert!(told.contains(advice), "{told}");

    let mut bench = Bench::default();
    bench.engine.inject(Fault::entry(EntryError::throttling()).matching(entry().detail_at("/detail/orderId", 1)));
    bench.engine.inject(Fault::entry(EntryError::throttling()).on_try_by("/detail/orderId", 3));
    bench.put([order(1)]);
    bench.put([order(1)]);
    let journal = bench.journal();
    let advice_for_all =
        r#""/detail/orderId" leads nowhere in any detail: a pointer begins inside the detail, so write "/orderId""#;
    let unfired = journal.check_every_fault_fired();
    let unfired = unfired.unwrap_err().to_string();
    assert!(unfired.contains(advice) && unfired.contains(advice_for_all), "{unfired}");
    let ledger = journal.ledger().identify_by("/detail/orderId");
    for check in [
        ledger.check_at_least_once(),
        ledger.check_no_duplicates(),
        ledger.check_reported(Reported::all_published()),
        ledger.check_backoff(Backoff::new()),
        journal.ledger().check_order_kept_per("/detail/orderId"),
    ] {
        let mismatch = check.unwrap_err();
        assert_eq!((mismatch.kind(), &*mismatch.to_string()), (MismatchKind::BadQuestion, advice_for_all));
    }
    let plan = r#"{"expect":[{"atLeastOnce":true,"identifyBy":"/detail/orderId"}]}"#.parse().unwrap();
    let report = journal.check_meets(&plan).unwrap_err().to_string();
    assert!(report.contains(advice_for_all), "{report}");
}

#[test]
fn a_detail_may_have_a_member_of_that_name() {
    let nested = |id: u64| with(order(id), "Detail", json!({ "detail": { "orderId": id } }).to_string());
    let events = published([vec![nested(1), nested(2)]]);
    events.assert_contain([entry().detail_at("/detail/orderId", 1)]);
    let mut bench = Bench::default();
    bench.put([nested(1), order(2)]);
    bench.journal().ledger().identify_by("/detail/orderId").assert_exactly_once();
    bench.journal().ledger().assert_order_kept_per("/detail/orderId");
    // Where nothing is there that could be meant, nobody knows better.
    bench.journal().ledger().identify_by("/detail/customerId").assert_exactly_once();
}

#[test]
fn events_are_filtered_by_matcher_bus_and_time() {
    let on = |bus: &str, id| with(order(id), "EventBusName", bus);
    let arn = "arn:aws:events:us-east-1:123456789012:event-bus/orders";
    let events = published([vec![on("orders", 1), on(arn, 2), order(3)], vec![on("orders", 4)]]);
    let ids = |events: &[Event]| -> Vec<u64> {
        events.iter().map(|event| event.detail_json().unwrap()["orderId"].as_u64().unwrap()).collect()
    };
    let second = std::time::Duration::from_secs(1);
    assert_eq!(ids(&events.clone().on_bus("orders")), [1, 2, 4]);
    assert_eq!(ids(&events.clone().on_bus(arn)), [1, 2, 4]);
    assert_eq!(ids(&events.clone().on_bus("default")), [3]);
    assert_eq!(ids(&events.clone().between(second..)), [4]);
    assert_eq!(ids(&events.clone().on_bus("orders").between(..second).filter(|event| event.index() > 0)), [2]);
    let journal = {
        let mut bench = Bench::default();
        bench.put([order(1)]);
        bench.handle(put_events("{"));
        bench.put([order(2)]);
        bench.journal()
    };
    assert_eq!(ids(&journal.between(second..).published()), [2]);
    assert_eq!((journal.between(second..).problems().len(), journal.between(..second).problems().len()), (1, 0));
    assert_eq!(journal.filter(|attempt| attempt.number() == 3).attempts().len(), 1);
    assert!(journal.filter(|attempt| attempt.number() == 3).problems().is_empty());
}

#[test]
fn a_request_that_could_not_be_read_is_named_where_its_event_is_missing() {
    let mut bench = Bench::default();
    bench.handle(put_events(&b"{\"Entries\":[{\"Source\":\"\xff\xfe\"}]}"[..]));
    let mismatch = bench.journal().published().check_exactly([is_order(1)]).unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        "\
the expected event was not published

  missing  detail-type \"OrderPlaced\", detail /orderId = 1

1 attempt, 0 events published
  #1  +0.000 s  400 SerializationException

problems
  #1  +0.000 s  the body is not JSON: invalid utf-8 sequence of 1 bytes from index 23
"
    );
}

#[test]
fn a_report_on_a_large_batch_stays_short() {
    let mut bench = Bench::default();
    let large = |id: u64| {
        let detail = json!({ "orderId": id, "note": "x".repeat(100_000) });
        with(order(id), "Detail", detail.to_string())
    };
    bench.put((1..=10).map(large));
    bench.put((1..=10).map(large));
    let mismatch = bench.journal().published().check_exactly((11..=30).map(is_order)).unwrap_err();
    assert!(mismatch.to_string().len() < 10_000, "{mismatch}");
    let wanted = entry().detail(json!({ "orderId": 1, "note": "y".repeat(100_000) }));
    let mismatch = bench.journal().published().check_contain([wanted]).unwrap_err();
    assert!(mismatch.to_string().len() < 5_000, "{mismatch}");
}

#[test]
fn the_nearest_event_is_the_one_that_is_most_alike() {
    let refunded = with(order(4), "DetailType", "OrderRefunded");
    let text = with(order(0), "Detail", "{\"orderId\":\"4\"}");
    for (others, nearest) in [
        (
            vec![order(1), refunded.clone()],
            "#1[1]  shop.orders / OrderRefunded {\"orderId\":4}: detail-type is \
                                            \"OrderRefunded\", not \"OrderPlaced\"",
        ),
        (
            vec![order(9), text, order(7)],
            "#1[1]  shop.orders / OrderPlaced {\"orderId\":\"4\"}: detail /orderId is \"4\", \
                                          not 4",
        ),
        (vec![order(9), order(5)], "#1[1]  shop.orders / OrderPlaced {\"orderId\":5}: detail /orderId is 5, not 4"),
    ] {
        let mismatch = published([others]).check_contain([is_order(4)]).unwrap_err().to_string();
        assert_eq!(mismatch.lines().nth(3), Some(&*format!("  nearest  {nearest}")), "{mismatch}");
    }
}

#[test]
fn differences_are_told_with_their_place_in_the_detail() {
    let detail = |detail: Value| with(order(0), "Detail", detail.to_string());
    for (sent, matcher, difference) in [
        (json!({ "a": [1, 2] }), entry().detail(json!({ "a": [1] })), "detail /a/1 is 2, and should not be there"),
        (json!({ "a": [1] }), entry().detail(json!({ "a": [1, { "b": 2 }] })), "detail /a/1 is missing, not {\"b\":2}"),
        (json!({ "a/b": 1 }), entry().detail_includes(json!({ "a/b": 2 })), "detail /a~1b is 1, not 2"),
        (json!({ "a": 1, "z": 0 }), entry().detail_includes(json!({ "a": null })), "detail /a is 1, not null"),
        (json!({ "a": [{ "b": 1 }] }), entry().detail_contains(2), "detail holds 2 nowhere"),
        (
            json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": 5 }),
            entry().detail(json!({})),
            "detail /a is 1, and should not be there; detail /b is 2, and should not be there; detail /c is 3, and should \
             not be there; and 2 more differences",
        ),
        (
            json!({ "order": { "id": 7 } }),
            entry().detail_at("/order", json!({ "id": 8 })),
            "detail /order/id is 7, not 8",
        ),
        (
            json!({ "order_id": 7 }),
            entry().detail_at("/orderId", 7),
            "detail has nothing at \"/orderId\", but at \"/order_id\"",
        ),
        (
            json!({ "ordrId": 7 }),
            entry().detail_at("/orderId", 7),
            "detail has nothing at \"/orderId\", but at \"/ordrId\"",
        ),
        (json!({ "total": 7 }), entry().detail_at("/orderId", 7), "detail has nothing at \"/orderId\""),
        (json!({}), entry().detail_at_satisfies("/a", "over 5", |_| false), "it is not detail /a over 5"),
        (json!({}), entry().satisfies("odd", |_| panic!("no")), "it is not odd"),
        (json!({}), entry().source(prefix("shop.")).not(), "it is one of entries with source \"shop.\"..."),
        (
            json!({}),
            entry().source("a").or(entry().source("b")).and(entry()),
            "it is none of (entries with source \"a\" or entries with source \"b\")",
        ),
        (
            json!({}),
            entry().matches_pattern(json!({ "source": ["a"] })),
            "source is \"shop.orders\", and the pattern wants [\"a\"]",
        ),
        (
            json!({ "order": { "total": "5000" } }),
            entry().matches_pattern(json!({
                "source": ["shop.orders"],
                "detail": { "order": { "total": [{ "numeric": [">=", 1000] }] }, "paid": [true] },
            })),
            "detail.order.total is \"5000\", and the pattern wants [{\"numeric\":[\">=\",1000]}]; detail.paid is missing, and the \
             pattern wants [true]",
        ),
        (
            json!({ "items": [{ "a": 1, "b": 2 }, { "a": 3, "b": 4 }] }),
            entry().matches_pattern(json!({ "detail": { "items": { "a": [1], "b": [4] } } })),
            "it does not match the event pattern {\"detail\":{\"items\":{\"a\":[1],\"b\":[4]}}}",
        ),
        (
            json!({ "a": 1 }),
            entry().matches_pattern(json!({ "$or": [{ "source": ["a"] }, { "detail": { "a": [2] } }] })),
            "it does not match the event pattern {\"$or\":[{\"source\":[\"a\"]},{\"detail\":{\"a\":[2]}}]}",
        ),
    ] {
        let events = published([vec![detail(sent)]]);
        // A closure that panics does so in the assertion as well, so the report alone is asked for.
        let mismatch = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| events.check_contain([matcher])));
        let Ok(mismatch) = mismatch else { continue };
        let text = mismatch.unwrap_err().to_string();
        let nearest = text.lines().nth(3).unwrap();
        assert!(nearest.ends_with(&format!("}}: {difference}")), "{text}\nshould have: {difference}");
    }
}

#[test]
fn an_expected_event_that_a_filter_left_out_is_shown_where_it_was_published() {
    let events = published([vec![order(1)], vec![order(2)]]);
    let mismatch = events.on_bus("audit").check_contain([entry().detail_at("/orderId", 2)]).unwrap_err();
    let expected = "the expected event was not published\n\n  \
                    missing   detail /orderId = 2\n  \
                    received  #2[0]  shop.orders / OrderPlaced {\"orderId\":2}: published, but left out of the events that were asked\n";
    assert_eq!(mismatch.to_string().lines().take(4).collect::<Vec<_>>().join("\n") + "\n", expected);
}

#[test]
fn details_can_be_matched_whole_and_in_part() {
    let mut bench = Bench::default();
    bench.put([with(order(1), "Detail", "{\"a\":{\"b\":1,\"c\":[{\"d\":2,\"e\":3}]}}")]);
    let journal = bench.journal();
    let sent = &journal.attempts()[0].entries()[0];
    assert!(entry().detail(json!({ "a": { "b": 1, "c": [{ "d": 2, "e": 3 }] } })).matches(sent));
    assert!(!entry().detail(json!({ "a": { "b": 1 } })).matches(sent));
    assert!(entry().detail_includes(json!({ "a": { "b": 1 } })).matches(sent));
    assert!(entry().detail_includes(json!({ "a": { "c": [{ "d": 2 }] } })).matches(sent));
    assert!(!entry().detail_includes(json!({ "a": { "c": [] } })).matches(sent));
    assert!(!entry().detail_includes(json!({ "f": null })).matches(sent));
}

#[test]
fn event_patterns_of_rules_are_matchers_too() {
    let large =
        with(with(order(1), "Detail", "{\"total\":250.5,\"items\":[{\"sku\":\"a\"}]}"), "Resources", json!(["arn:1"]));
    let events = published([vec![large, order(2)]]);
    for (pattern, count) in [
        (json!({ "source": [{ "prefix": "shop." }] }), 2),
        (json!({ "detail": { "total": [{ "numeric": [">", 100] }] } }), 1),
        (json!({ "detail": { "items": { "sku": ["a"] } }, "resources": ["arn:1"] }), 1),
        (json!({ "detail-type": [{ "anything-but": "OrderPlaced" }] }), 0),
        (json!({ "account": ["123456789012"], "region": ["us-east-1"], "time": [{ "exists": false }] }), 2),
    ] {
        let matcher = entry().matches_pattern(pattern.clone());
        assert_eq!(events.clone().matching(&matcher).len(), count, "{matcher}");
        assert_eq!(events.clone().matching(entry().matches_pattern(&pattern)).len(), count);
        assert_eq!(events.clone().matching(entry().matches_pattern(&*pattern.to_string())).len(), count);
    }
    assert_eq!(
        entry().matches_pattern("{\"source\": [\"a\"]}").to_string(),
        "entries with event pattern {\"source\":[\"a\"]}"
    );
    let panic = std::panic::catch_unwind(|| entry().matches_pattern("{\"source\": \"a\"}")).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert_eq!(text, "this is not an event pattern: source: must be an array of values; write [\"a\"]");
}

#[test]
fn what_was_forgotten_is_never_judged() {
    let mut bench = Bench::new(Engine::new().max_journal_attempts(2));
    (1..=6).for_each(|id| drop(bench.put([order(id)])));
    let journal = bench.journal();
    assert_eq!((journal.forgotten(), journal.attempts().len()), (4, 2));
    let refusal = journal.published().check_count(6).unwrap_err().to_string();
    assert!(
        refusal.starts_with("the journal has forgotten its oldest 4 attempts, so this cannot be judged"),
        "{refusal}"
    );
    let all_refuse = [
        journal.published().check_exactly([5, 6].map(is_order)),
        journal.published().check_contain([is_order(1)]),
        journal.published().check_none_match(is_order(1)),
        journal.ledger().check_none_lost(),
        journal.ledger().check_order_kept(),
        journal.ledger().check_backoff(putevents_mock::expect::Backoff::new()),
        journal.ledger().check_reported(putevents_mock::expect::Reported::all_published()),
        journal.check_in_flight_at_most(1),
        journal.check_batches_within(putevents_mock::Limits::current()),
        journal.check_batches_full(putevents_mock::Limits::current()),
        journal.lint().check_clean(),
    ];
    for result in all_refuse {
        assert_eq!(result.unwrap_err().to_string(), refusal);
    }
    // What is still there can be told.
    journal.published().assert_contain([is_order(6)]);
    assert!(journal.published().check_none_match(is_order(6)).unwrap_err().to_string().starts_with("1 event was"));
    journal.between(std::time::Duration::from_secs(4)..).published().assert_exactly([5, 6].map(is_order));
}

#[test]
fn a_cleared_journal_begins_anew_and_counts_on() {
    let mut bench = Bench::new(Engine::new().max_journal_attempts(1));
    bench.put([order(1)]);
    bench.put([order(2)]);
    bench.engine.inject(Fault::entry(EntryError::throttling()).times(1));
    bench.engine.clear_journal();
    assert_eq!(bench.journal().to_string(), "0 attempts, 0 events published\n");
    bench.put([order(3)]);
    let journal = bench.journal();
    assert_eq!((journal.attempts()[0].number(), journal.forgotten()), (3, 0));
    journal.assert_every_fault_fired();
    journal.published().assert_count(0);
}

#[test]
fn an_envelope_is_what_the_target_of_a_rule_receives() {
    let mut bench = Bench::default();
    let arn = "arn:aws:events:eu-west-1:123456789012:event-bus/orders";
    let full = with(with(order(1), "Resources", json!(["arn:aws:s3:::a", "b"])), "Time", json!(1_700_000_000.999));
    bench.put([full, with(order(2), "EventBusName", arn)]);
    let published = bench.journal().published();
    assert_eq!(
        published[0].envelope(),
        json!({
            "version": "0",
            "id": "00000000-0000-0000-0000-000000000001",
            "detail-type": "OrderPlaced",
            "source": "shop.orders",
            "account": "123456789012",
            "time": "2023-11-14T22:13:20Z",
            "region": "us-east-1",
            "resources": ["arn:aws:s3:::a", "b"],
            "detail": { "orderId": 1 },
        })
    );
    assert_eq!(
        (&published[1].envelope()["time"], &published[1].envelope()["region"]),
        (&json!("2026-01-02T03:04:05Z"), &json!("eu-west-1"))
    );
}

#[test]
fn the_text_of_an_envelope_has_the_detail_as_it_was_sent() {
    let mut bench = Bench::default();
    let with_detail = |detail: &str| with(order(1), "Detail", detail);
    let details = [
        (r#"{"id":12345678901234567890123}"#, r#"{"id":12345678901234567890123}"#),
        ("{ \"total\" : 1.10 ,\n \"z\": -0.0, \"a\": 1E+2 }", r#"{"total":1.10,"z":-0.0,"a":1E+2}"#),
        (r#"{"big":1e400,"small":1e-400}"#, r#"{"big":1e400,"small":1e-400}"#),
        (r#"{"title":"Great \ud83d", "\ude00": " a " }"#, r#"{"title":"Great \ud83d","\ude00":" a "}"#),
        (r#"{"twice":1,"twice":2}"#, r#"{"twice":1,"twice":2}"#),
    ];
    bench.put(details.map(|(sent, _)| with_detail(sent)));
    let published = bench.journal().published();
    assert_eq!(published.len(), details.len());
    for (event, (_, detail)) in published.iter().zip(details) {
        let (head, id) = (r#"{"version":"0","id":""#, event.id());
        let middle = r#"","detail-type":"OrderPlaced","source":"shop.orders","account":"123456789012","#;
        let rest = r#""time":"2026-01-02T03:04:05Z","region":"us-east-1","resources":[],"detail":"#;
        assert_eq!(event.envelope_text(), format!("{head}{id}{middle}{rest}{detail}}}"));
    }
    let mut deep = Bench::default();
    let detail = format!("{}{{}}{}", r#"{"a": "#.repeat(999), "}".repeat(999));
    deep.put([with_detail(&detail)]);
    assert!(deep.journal().published()[0].envelope_text().ends_with(&format!("{}}}", detail.replace(' ', ""))));
    // Where a value holds all, both say the same.
    let mut plain = Bench::default();
    plain.put([order(1), with(order(2), "Resources", json!(["a \"b\""]))]);
    for event in &plain.journal().published() {
        assert_eq!(event.envelope_text().parse::<Value>().unwrap(), event.envelope());
    }
}

#[test]
fn a_program_can_ask_a_mismatch_what_was_wrong() {
    let mut bench = Bench::default();
    bench.engine.inject(Fault::lost_reply().on_attempt(9));
    bench.put([order(1), order(2)]);
    bench.engine.answered(1, bench.now());
    bench.put([order(2), order(3)]);
    bench.put((10..21).map(order));
    let journal = bench.journal();
    let (published, ledger) = (journal.published(), journal.ledger());
    let id = |entry: &putevents_mock::journal::Entry| entry.detail_json().unwrap()["orderId"].as_u64().unwrap();
    let seen = |mismatch: &Mismatch| {
        (mismatch.kind(), mismatch.entries().into_iter().map(id).collect::<Vec<_>>(), mismatch.attempts())
    };

    let mismatch = published.check_exactly([1, 2, 3, 4].map(is_order)).unwrap_err();
    assert_eq!(seen(&mismatch), (MismatchKind::PublishedEvents, vec![2], vec![2]));
    assert_eq!(mismatch.missing(), [&is_order(4)]);
    let mismatch = published.check_in_order([2, 1, 2, 3].map(is_order)).unwrap_err();
    assert_eq!(seen(&mismatch), (MismatchKind::PublishedOrder, vec![1, 2, 2, 3], vec![1, 2]));
    let mismatch = published.check_none_match(is_order(3)).unwrap_err();
    assert_eq!(seen(&mismatch), (MismatchKind::UnwantedEvents, vec![3], vec![2]));
    assert_eq!(published.check_count(9).unwrap_err().kind(), MismatchKind::PublishedCount);
    let mismatch = ledger.check_only_failed_entries_resent().unwrap_err();
    assert_eq!(seen(&mismatch), (MismatchKind::Ledger, vec![2], vec![2]));
    let mismatch = ledger.check_no_duplicates().unwrap_err();
    assert_eq!(seen(&mismatch), (MismatchKind::Ledger, vec![2], vec![1, 2]));
    let mismatch = ledger.clone().expecting([is_order(7)]).check_none_lost().unwrap_err();
    assert_eq!(mismatch.missing(), [&is_order(7)]);
    let mismatch = ledger.check_reported(Reported::published([7].map(is_order))).unwrap_err();
    assert_eq!((mismatch.kind(), mismatch.missing()), (MismatchKind::Reported, vec![&is_order(7)]));
    let mismatch = ledger.check_backoff(Backoff::new().at_least(Duration::from_secs(60))).unwrap_err();
    assert_eq!((mismatch.kind(), mismatch.attempts()), (MismatchKind::Backoff, vec![2]));
    let mismatch = journal.check_batches_within(Limits::current()).unwrap_err();
    assert_eq!((mismatch.kind(), mismatch.attempts()), (MismatchKind::TooLarge, vec![3]));
    assert_eq!(journal.check_in_flight_at_most(0).unwrap_err().kind(), MismatchKind::InFlight);
    let mismatch = journal.check_no_problems().unwrap_err();
    assert_eq!((mismatch.kind(), mismatch.attempts()), (MismatchKind::Problems, vec![3]));
    let mismatch = journal.lint().check_clean().unwrap_err();
    assert_eq!((mismatch.kind(), mismatch.attempts()), (MismatchKind::Lint, vec![2, 3]));
    assert_eq!(journal.check_every_fault_fired().unwrap_err().kind(), MismatchKind::UnfiredFaults);

    let plan = r#"{"expect": [{"noProblems": true}, {"publishedCount": 4}, {"noDuplicates": true}]}"#.parse().unwrap();
    let mismatch = journal.check_meets(&plan).unwrap_err();
    let unmet: Vec<_> = mismatch.unmet().into_iter().map(|(index, unmet)| (index, unmet.kind())).collect();
    assert_eq!(unmet, [(0, MismatchKind::Problems), (2, MismatchKind::Ledger)]);
    assert_eq!((mismatch.kind(), mismatch.attempts()), (MismatchKind::Expectations, vec![1, 2, 3]));
    assert_eq!(mismatch.journal().attempts().len(), 3);
}

#[test]
fn a_value_is_found_somewhere_in_the_detail() {
    let detail = json!({ "order": { "id": "order-17", "lines": [{ "sku": "a", "total": 100 }, { "tags": ["x", null] }] }, "n": 0 });
    let mut bench = Bench::default();
    bench.put([with(order(1), "Detail", detail.to_string())]);
    let journal = bench.journal();
    let published = journal.published();
    let sent = &published[0];
    for found in [
        json!("order-17"),
        json!(100.0),
        json!(1e2),
        json!(null),
        json!(["x", null]),
        json!({ "total": 1e2, "sku": "a" }),
        json!(-0.0),
        detail,
    ] {
        assert!(entry().detail_contains(found.clone()).matches(sent), "{found}");
    }
    for absent in [
        json!("order-1"),
        json!("id"),
        json!(17),
        json!("100"),
        json!(["x"]),
        json!({ "sku": "a" }),
        json!({}),
        json!(false),
    ] {
        assert!(!entry().detail_contains(absent.clone()).matches(sent), "{absent}");
    }
    assert_eq!(entry().detail_contains("order-17").to_string(), "entries with \"order-17\" in the detail");
    assert!(!entry().detail_contains(json!(null)).matches(&putevents_mock::journal::Entry::default()));
}
