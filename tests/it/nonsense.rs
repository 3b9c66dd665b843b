//! No bytes make the engine panic, and its answers are right for any request. Property tests; a failure prints its seed.

use std::collections::HashSet;

use proptest::prelude::*;
use putevents_mock::engine::Ids;
use putevents_mock::journal::Attempt;
use putevents_mock::{Engine, EntryError, Fault, Limits, RequestError};
use serde_json::{Value, json};

use crate::plans::{any_effect, conditional};
use crate::support::{Bench, body, entries, order, put_events};

/// Any JSON, with the names of PutEvents among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof![Just("{}"), Just("[]"), Just("aws.x"), Just("")].prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("Entries"),
        Just("Source"),
        Just("DetailType"),
        Just("Detail"),
        Just("Resources"),
        Just("Time"),
        Just("EventBusName"),
        Just("TraceHeader"),
        Just("EndpointId"),
        Just("Other"),
    ];
    leaf.prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..10).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Value>()),
        ]
    })
}

/// A request that is a structure, mostly with a list of structures in it.
pub fn any_request() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![3 => any::<String>().prop_map(Value::from), 2 => Just(Value::Null), 1 => any_json()];
    let detail = prop_oneof![2 => Just(json!("{}")), 1 => any_json().prop_map(|value| value.to_string().into()), 1 => any_json()];
    let member = prop_oneof![
        (Just("Source"), text()),
        (Just("DetailType"), text()),
        (Just("EventBusName"), text()),
        (Just("TraceHeader"), text()),
        (Just("Resources"), any_json()),
        (Just("Time"), any_json()),
        (Just("Other"), any_json()),
    ];
    let entry = (prop::collection::vec(member, 0..6), detail).prop_map(|(members, detail)| {
        let mut entry = json!({ "Source": "shop", "DetailType": "t", "Detail": detail });
        members.into_iter().for_each(|(name, value)| entry[name] = value);
        entry
    });
    prop_oneof![
        4 => prop::collection::vec(entry, 0..13).prop_map(|items| json!({ "Entries": items })),
        1 => any_json(),
    ]
}

/// The rules for types, said a second time and in another way: does every known member hold what the model wants?
fn is_well_typed(request: &Value) -> bool {
    let text = |value: &Value| value.is_null() || value.is_string();
    let list_of = |value: &Value, item: &dyn Fn(&Value) -> bool| {
        value.is_null() || value.as_array().is_some_and(|items| items.iter().all(item))
    };
    let entry = |entry: &Value| {
        entry.is_null()
            || entry.is_object()
                && ["Source", "DetailType", "Detail", "EventBusName", "TraceHeader"]
                    .iter()
                    .all(|name| text(&entry[*name]))
                && (entry["Time"].is_null() || entry["Time"].is_number())
                && list_of(&entry["Resources"], &text)
    };
    request.is_object() && text(&request["EndpointId"]) && list_of(&request["Entries"], &entry)
}

/// What must hold for any answer, whatever was asked.
fn assert_is_an_answer(bench: &Bench, status: u16, answer: &Value) {
    let journal = bench.journal();
    let attempt = journal.attempts().last().unwrap();
    assert_eq!(status, attempt.reply().unwrap().status());
    match status {
        200 => assert_tells_the_same(attempt, &mut HashSet::new()),
        400..500 => {
            assert!(attempt.outcomes().is_empty() && attempt.error().is_some());
            assert_eq!(journal.problems().last().unwrap().attempt(), Some(attempt.number()), "a refusal is a problem");
        }
        _ => panic!("{status}: a client's error must not look like the service's, or SDKs would retry it\n{answer}"),
    }
}

/// The property of all answers that no fault breaks on purpose: the journal tells the same story as the bytes.
fn assert_tells_the_same(attempt: &Attempt, ids: &mut HashSet<String>) {
    let accepted = attempt.outcomes().iter().filter_map(|outcome| outcome.event_id());
    assert!(accepted.into_iter().all(|id| ids.insert(id.to_string())), "an EventId was given twice");
    let Some(reply) = attempt.reply() else {
        assert!(attempt.outcomes().is_empty() && attempt.faults().count() > 0);
        return;
    };
    if let Some(error) = attempt.error() {
        assert_eq!(reply.status(), error.status());
        return;
    }
    let answer = body(reply);
    let results = answer["Entries"].as_array().unwrap();
    assert_eq!((reply.status(), results.len()), (200, attempt.entries().len()));
    assert_eq!(answer["FailedEntryCount"], results.iter().filter(|result| result["ErrorCode"].is_string()).count());
    for (result, outcome) in results.iter().zip(attempt.outcomes()) {
        assert_eq!(result["EventId"].as_str().map(str::to_owned), outcome.event_id().map(|id| id.to_string()));
        assert_eq!(result["ErrorCode"].as_str(), outcome.error().map(EntryError::code));
        assert_eq!(result["ErrorMessage"].as_str(), outcome.error().map(EntryError::message));
    }
}

proptest! {
    #[test]
    fn under_any_faults_answers_are_right_and_the_same_seed_gives_the_same_bytes(
        requests in prop::collection::vec(prop_oneof![
            3 => prop::collection::vec(0..4_u64, 0..5).prop_map(|ids| json!({ "Entries": ids.into_iter().map(order).collect::<Vec<_>>() })),
            1 => any_request(),
        ], 1..8),
        faults in prop::collection::vec(conditional(any_effect()), 0..6),
        seed in any::<u64>(),
    ) {
        let run = || {
            let mut bench = Bench::new(Engine::new().seed(seed)).with_ids(Ids::seeded(seed));
            for fault in &faults {
                bench.engine.inject(fault.clone());
            }
            let replies: Vec<_> = requests.iter().map(|request| bench.handle(put_events(request.to_string()))).collect();
            (replies, bench.journal())
        };
        let (replies, journal) = run();
        let mut ids = HashSet::new();
        for (reply, attempt) in replies.iter().zip(journal.attempts()) {
            prop_assert!(attempt.reply().is_none_or(|recorded| recorded == reply));
            assert_tells_the_same(attempt, &mut ids);
        }
        prop_assert_eq!(ids.len(), journal.published().len());
        let (again, same_journal) = run();
        prop_assert_eq!(replies, again);
        prop_assert_eq!(journal.to_string(), same_journal.to_string());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bench = Bench::default();
        let reply = bench.handle(put_events(bytes));
        assert_is_an_answer(&bench, reply.status(), &body(&reply));
        prop_assert_eq!(&bench.put([order(1)])["FailedEntryCount"], 0);
    }

    #[test]
    fn any_mutilated_request_is_answered(at in 0_usize..200, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = entries([order(1), order(2)]).into_bytes();
        let at = at.min(bytes.len() - 1);
        bytes[at] = byte;
        if cut { bytes.truncate(at); }
        let mut bench = Bench::default();
        let reply = bench.handle(put_events(bytes));
        assert_is_an_answer(&bench, reply.status(), &body(&reply));
    }

    #[test]
    fn any_head_is_answered(
        method in "[A-Z]{1,8}", path in "/[a-z?=&%/.]{0,20}", name in "(content-type|x-amz-target|authorization|content-encoding|content-length|x-other)",
        value in prop::collection::vec(0x20_u8..0x7f, 0..40), strict in any::<bool>(),
    ) {
        let engine = if strict { Engine::new().strict_auth() } else { Engine::new() };
        let mut bench = Bench::new(engine);
        let mut request = put_events(entries([order(1)]));
        if name != "x-other" || method == "POST" {
            request.headers_mut().insert(http::HeaderName::try_from(name).unwrap(), http::HeaderValue::from_bytes(&value).unwrap());
        } else {
            *request.method_mut() = method.parse().unwrap();
            *request.uri_mut() = path.parse().unwrap();
        }
        let reply = bench.handle(request);
        assert_is_an_answer(&bench, reply.status(), &body(&reply));
    }

    #[test]
    fn any_json_is_answered_and_its_types_are_judged_as_the_model_does(request in any_request()) {
        let mut bench = Bench::default();
        let reply = bench.handle(put_events(request.to_string()));
        let answer = body(&reply);
        assert_is_an_answer(&bench, reply.status(), &answer);
        prop_assert_eq!(answer["__type"] != "SerializationException", is_well_typed(&request), "{} {}", answer, request);
    }

    #[test]
    fn without_limits_every_well_typed_request_is_accepted_as_it_was_sent(request in any_request()) {
        let mut bench = Bench::new(Engine::new().limits(Limits::none()));
        let reply = bench.handle(put_events(request.to_string()));
        prop_assert_eq!(reply.status() == 200, is_well_typed(&request));
        if reply.status() == 200 {
            let sent = request["Entries"].as_array().cloned().unwrap_or_default();
            let journal = bench.journal();
            for (sent, entry) in sent.iter().zip(journal.attempts()[0].entries()) {
                prop_assert_eq!(entry.source(), sent["Source"].as_str());
                prop_assert_eq!(entry.detail_type(), sent["DetailType"].as_str());
                prop_assert_eq!(entry.detail(), sent["Detail"].as_str());
                prop_assert_eq!(entry.trace_header(), sent["TraceHeader"].as_str());
                prop_assert_eq!(entry.event_bus(), sent["EventBusName"].as_str().unwrap_or("default"));
                prop_assert_eq!(entry.time_as_sent().map(str::to_owned), (!sent["Time"].is_null()).then(|| sent["Time"].to_string()));
                let resources: Vec<&str> = sent["Resources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                prop_assert_eq!(entry.resources().collect::<Vec<_>>(), resources);
            }
        }
    }

    #[test]
    fn the_journal_prints_itself_whatever_came(requests in prop::collection::vec(any_request(), 0..5)) {
        let mut bench = Bench::new(Engine::new().limits(Limits::none()));
        bench.engine.inject(Fault::request(RequestError::throttling()).times(1));
        for request in &requests {
            bench.handle(put_events(request.to_string()));
        }
        let report = bench.journal().to_string();
        prop_assert!(report.lines().count() <= 1 + 16 + 3 + 7 + 3 + 7, "{}", report);
    }
}
