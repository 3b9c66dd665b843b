//! A lost event and the nearly equal one that came later: what the reports say of both.

use pretty_assertions::assert_eq;
use putevents_mock::expect::Reported;
use putevents_mock::{EntryError, EntryMatcher, Fault, Journal, entry};
use serde_json::{Value, json};

use crate::support::{Bench, order, with};

fn detail(detail: &Value) -> Value {
    with(order(1), "Detail", detail.to_string())
}

/// Each batch is a request, and the first `failing` entries are throttled.
fn sent(failing: usize, batches: impl IntoIterator<Item = Vec<Value>>) -> Journal {
    let mut bench = Bench::default();
    if failing > 0 {
        bench.engine.inject(Fault::entry(EntryError::throttling()).times(failing));
    }
    batches.into_iter().for_each(|batch| drop(bench.put(batch)));
    bench.journal()
}

fn report(journal: &Journal) -> String {
    journal.ledger().check_none_lost().unwrap_err().to_string()
}

/// What is said of the nearly equal event: where it differs, and what to write.
fn said(journal: &Journal) -> Option<(String, String)> {
    let report = report(journal);
    let mut lines = report.lines().skip_while(|line| !line.contains("a nearly equal event came"));
    let near = lines.next()?.trim().to_owned();
    let advice = lines.next().filter(|line| line.contains("identify_by")).unwrap_or_default();
    Some((near, advice.trim().to_owned()))
}

#[test]
fn an_event_that_changes_with_each_try_is_told_with_the_next_one_and_what_to_write() {
    let try_of = |id: u64, attempt: u64| detail(&json!({ "meta": { "attempt": attempt }, "orderId": id }));
    let journal = sent(2, [vec![try_of(1, 1)], vec![try_of(1, 2), try_of(2, 1)], vec![try_of(1, 3)]]);
    assert_eq!(
        report(&journal),
        r#"2 events were lost or given up

  shop.orders / OrderPlaced {"meta":{"attempt":1},"orderId":1}
    got ThrottlingException in #1[0] and was never sent again
    a nearly equal event came in #2[0]: detail /meta/attempt is 2, and was 1
    if it is the same event, write identify_by("/orderId"), or "identifyBy": "/orderId" in a plan
  shop.orders / OrderPlaced {"meta":{"attempt":2},"orderId":1}
    got ThrottlingException in #2[0] and was never sent again
    a nearly equal event came in #3[0]: detail /meta/attempt is 3, and was 2
    if it is the same event, write identify_by("/orderId"), or "identifyBy": "/orderId" in a plan

  This assertion does not know what the publisher reported. If it reported these events as failed, they are not lost: write assert_none_silently_lost(result.into()) with the result of the publisher, or "noneSilentlyLost" in a plan.

3 attempts, 2 events published
  #1  +0.000 s  1 entry    [0] ThrottlingException (injected), none accepted
  #2  +1.000 s  2 entries  [0] ThrottlingException (injected), 1 accepted
  #3  +2.000 s  1 entry    accepted
"#
    );
    journal.ledger().identify_by("/orderId").assert_none_lost();
}

#[test]
fn a_new_id_or_a_new_time_in_the_detail_is_found_by_what_stays() {
    for (first, second, near, pointer) in [
        (
            json!({ "eventId": "a-1", "orderId": 17 }),
            json!({ "eventId": "b-2", "orderId": 17 }),
            r#"detail /eventId is "b-2", and was "a-1""#,
            "/orderId",
        ),
        (
            json!({ "order": { "number": "X1" }, "sentAt": "2026-01-01T00:00:00Z", "paid": true }),
            json!({ "order": { "number": "X1" }, "sentAt": "2026-01-01T00:00:07Z", "paid": true }),
            r#"detail /sentAt is "2026-01-01T00:00:07Z", and was "2026-01-01T00:00:00Z""#,
            "/order/number",
        ),
        (
            json!({ "what": "x", "retry": 0 }),
            json!({ "what": "x", "retry": 1, "again": true }),
            "detail /retry is 1, and was 0; detail /again is true, and was missing",
            "/what",
        ),
    ] {
        let (said_near, advice) = said(&sent(1, [vec![detail(&first)], vec![detail(&second)]])).unwrap();
        assert_eq!(said_near, format!("a nearly equal event came in #2[0]: {near}"));
        assert!(advice.contains(&format!("identify_by({pointer:?})")), "{advice}");
    }
    // Other resources are another event as well, and nothing in the detail tells them apart.
    let other = with(detail(&json!({})), "Resources", json!(["arn"]));
    let (near, advice) = said(&sent(1, [vec![detail(&json!({}))], vec![other]])).unwrap();
    assert_eq!((&*near, &*advice), (r#"a nearly equal event came in #2[0]: resources is ["arn"], and was []"#, ""));
}

#[test]
fn other_events_are_not_taken_for_it() {
    let of = |id: u64| detail(&json!({ "orderId": id, "customerId": 5, "currency": "EUR" }));
    for (what, journal) in [
        ("nothing stays", sent(1, [vec![order(1)], vec![order(2)]])),
        ("another order of one customer, two in one request", sent(1, [vec![of(1), of(2)], vec![of(3)]])),
        ("another order after an accepted one", sent(1, [vec![of(1)], vec![of(2)], vec![of(3)]])),
        ("it came before", sent(0, [vec![detail(&json!({ "orderId": 1, "n": 1 }))]])),
        ("another source", sent(1, [vec![of(1)], vec![with(of(1), "Source", "other")]])),
        ("another bus", sent(1, [vec![of(1)], vec![with(of(1), "EventBusName", "other")]])),
        (
            "too much of it is different",
            sent(
                1,
                [
                    vec![detail(&json!({ "orderId": 1, "a": 1, "b": 1, "c": 1, "d": 1 }))],
                    vec![detail(&json!({ "orderId": 1, "a": 2, "b": 2, "c": 2, "d": 2 }))],
                ],
            ),
        ),
    ] {
        let near = journal.ledger().check_none_lost().err().map(|report| report.to_string()).unwrap_or_default();
        assert!(!near.contains("nearly equal"), "{what}\n{near}");
    }
}

#[test]
fn what_was_expected_beside_it_is_another_event() {
    let of = |id: u64, n: u64| detail(&json!({ "ref": "r", "id": id, "n": n }));
    let is = |id: u64| -> EntryMatcher { entry().detail_at("/id", id) };
    let journal = sent(1, [vec![of(1, 1)], vec![of(2, 1)]]);
    assert!(report(&journal).contains("nearly equal"), "by all that is known");
    let told = journal.ledger().expecting([is(1), is(2)]).check_none_lost().unwrap_err().to_string();
    assert!(!told.contains("nearly equal"), "{told}");
    // Both tries are what was expected once.
    let journal = sent(1, [vec![of(1, 1)], vec![of(1, 2)]]);
    let told = journal.ledger().expecting([is(1)]).check_none_lost().unwrap_err().to_string();
    assert!(told.contains("a nearly equal event came in #2[0]: detail /n is 2, and was 1"), "{told}");
}

#[test]
fn every_judgement_about_lost_events_says_it() {
    let of = |n: u64| detail(&json!({ "orderId": 1, "n": n }));
    let journal = sent(1, [vec![of(1)], vec![of(2)]]);
    let ledger = journal.ledger();
    for checked in [
        ledger.check_at_least_once(),
        ledger.check_exactly_once(),
        ledger.check_none_lost(),
        ledger.check_none_silently_lost(Reported::all_published()),
        ledger.check_reported(Reported::all_published()),
        ledger.check_reported(Reported::published([entry(), entry()])),
    ] {
        let report = checked.unwrap_err().to_string();
        assert!(report.contains("a nearly equal event came in #2[0]: detail /n is 2, and was 1\n"), "{report}");
    }
    ledger.assert_no_duplicates();
}

#[test]
fn the_search_is_bounded() {
    let of = |id: u64, n: u64| detail(&json!({ "orderId": id, "n": n, "x": "y".repeat(100) }));
    let mut bench = Bench::default();
    bench.engine.inject(Fault::entry(EntryError::throttling()));
    (0..600).for_each(|batch| drop(bench.put((0..10).map(|id| of(batch * 10 + id, batch)))));
    let journal = bench.journal();
    let ledger = journal.ledger();
    // A search among all of them for each would take minutes.
    let report = ledger.check_none_lost().unwrap_err().to_string();
    assert!(report.starts_with("6000 events were lost"));
}
