//! Gates, handles, scopes, and faults that never applied.

use std::time::Duration;

use pretty_assertions::assert_eq;
use putevents_mock::fault::Gate;
use putevents_mock::journal::Attempt;
use putevents_mock::mock::FaultHandle;
use putevents_mock::{EntryError, Fault, Limits, MockEventBridge, Plan, RequestError, entry};
use shop::Publisher;

use crate::support::socket::{PATIENCE, Socket, assert_serves, bytes_of, put};
use crate::support::{entries, order, put_events, with};

#[tokio::test]
async fn a_gate_holds_answers_after_acceptance_and_requests_before() {
    for (fault, accepted) in [(Fault::hold as fn(&Gate) -> Fault, 1), (|gate| Fault::hold(gate).before_acceptance(), 0)]
    {
        let eventbridge = MockEventBridge::start().await;
        let gate = Gate::new();
        eventbridge.inject(fault(&gate));
        let mut socket = Socket::connect(eventbridge.address()).await;
        socket.send(bytes_of(&put_events(entries([order(1)])))).await.unwrap();
        gate.wait_until_reached(PATIENCE).await.unwrap();
        assert_eq!((gate.held(), eventbridge.journal().published().len()), (1, accepted));
        gate.release();
        assert_eq!(socket.answer().await.unwrap().status, 200);
        assert_eq!((gate.held(), eventbridge.journal().published().len()), (0, 1));
        assert_eq!(put(&eventbridge, [order(2)]).await, 200, "a gate stays open");
        assert_eq!(gate.reached(), 2);
    }
}

#[tokio::test]
async fn a_gate_tells_how_many_it_held_at_once() {
    let eventbridge = MockEventBridge::start().await;
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate));
    let mut sockets = Vec::new();
    for id in 0..5 {
        let mut socket = Socket::connect(eventbridge.address()).await;
        socket.send(bytes_of(&put_events(entries([order(id)])))).await.unwrap();
        sockets.push(socket);
    }
    eventbridge.wait_until(PATIENCE, |journal| journal.attempts().len() == 5).await.unwrap();
    gate.release();
    for mut socket in sockets {
        assert_eq!(socket.answer().await.unwrap().status, 200);
    }
    assert_eq!((gate.held(), gate.reached()), (0, 5));
    assert!((1..=5).contains(&gate.most_held_at_once()));
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_nothing_reaches_says_so() {
    let timeout = Gate::new().wait_until_reached(Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(
        timeout.to_string(),
        "nothing reached the gate within 5 s: tokio's clock is paused, and jumped to the limit. If another thread serves the mock, \
         start() it on this runtime, or keep the clock from jumping with hold_clock()"
    );
    assert_eq!(format!("{timeout:?}"), timeout.to_string());
}

#[tokio::test]
async fn a_gate_that_nothing_reaches_in_real_time_says_nothing_of_the_clock() {
    let timeout = Gate::new().wait_until_reached(Duration::from_millis(5)).await.unwrap_err();
    assert_eq!(timeout.to_string(), "nothing reached the gate within 0.005 s");
}

#[tokio::test]
async fn a_scoped_fault_is_lifted_at_the_end_of_its_scope() {
    let eventbridge = MockEventBridge::start().await;
    {
        let fault = eventbridge.inject_scoped(Fault::request(RequestError::internal_exception()));
        assert_eq!(put(&eventbridge, [order(1)]).await, 500);
        assert_eq!(fault.fired(), 1);
    }
    assert_serves(&eventbridge).await;
}

#[tokio::test]
async fn clearing_lifts_every_fault_and_keeps_what_was_counted() {
    let eventbridge = MockEventBridge::start().await;
    let handles = eventbridge.inject_all([
        Fault::request(RequestError::internal_exception()).times(1),
        Fault::entry(EntryError::throttling()),
    ]);
    assert_eq!(put(&eventbridge, [order(1)]).await, 500);
    eventbridge.clear_faults();
    assert_serves(&eventbridge).await;
    assert_eq!(eventbridge.journal().published().len(), 1);
    assert_eq!(handles.iter().map(putevents_mock::mock::FaultHandle::fired).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(eventbridge.plan_in_force().faults(), []);
}

#[tokio::test]
async fn a_plan_is_in_force_from_the_start_with_its_seed_and_prints_itself() {
    let plan = Plan::new([Fault::entry(EntryError::throttling()).with_probability(0.5)]).with_seed(42);
    let eventbridge = MockEventBridge::builder().plan(plan.clone()).start().await;
    assert_eq!(eventbridge.plan_in_force(), plan);
    assert_eq!(put(&eventbridge, (0..10).map(order)).await, 200);
    let report = eventbridge.journal().to_string();
    assert!(
        report.lines().next().unwrap().ends_with("events published (seed 42: PUTEVENTS_MOCK_SEED=42 repeats it)"),
        "{report}"
    );

    let again = MockEventBridge::builder().plan(plan.to_string().parse().unwrap()).start().await;
    assert_eq!(put(&again, (0..10).map(order)).await, 200);
    let fates = |mock: &MockEventBridge| {
        mock.journal().attempts()[0].outcomes().iter().map(|o| o.error().is_some()).collect::<Vec<_>>()
    };
    assert_eq!(fates(&again), fates(&eventbridge));
    assert!(fates(&again).contains(&true) && fates(&again).contains(&false));
}

#[tokio::test]
async fn the_environment_can_name_the_seed() {
    const VARIABLE: &str = "PUTEVENTS_MOCK_SEED";
    if std::env::var(VARIABLE).is_ok() {
        // The child of the lines below, or a run that somebody repeats.
        println!("seed: {:?}", MockEventBridge::start().await.plan_in_force().seed());
        return;
    }
    let run_with = |seed: &str| {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "handles::the_environment_can_name_the_seed", "--nocapture"])
            .env(VARIABLE, seed)
            .output()
            .unwrap();
        String::from_utf8(child.stdout).unwrap() + &String::from_utf8(child.stderr).unwrap()
    };
    let output = run_with("1234");
    assert!(output.contains("seed: Some(1234)"), "{output}");
    // CI sets variables without a value to an empty text.
    let output = run_with("");
    assert!(output.contains("seed: Some(") && output.contains("1 passed"), "{output}");
    let output = run_with("abc");
    let expected = "PUTEVENTS_MOCK_SEED is \"abc\", which is no seed: write a whole number from 0 up";
    assert!(output.contains(expected), "{output}");
}

#[tokio::test]
async fn every_fault_that_applied_satisfies_and_others_are_explained() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::request(RequestError::internal_exception()).times(1));
    eventbridge.inject(Fault::entry(EntryError::throttling()).times(1..=9));
    Publisher::new(eventbridge.endpoint_url()).publish([1]).await.unwrap_err();
    eventbridge.assert_every_fault_fired();

    let line = line!() + 1;
    eventbridge.inject(
        Fault::entry(EntryError::malformed_detail()).matching(entry().source("shop.orders").detail_at("/orderId", 4)),
    );
    Publisher::new(eventbridge.endpoint_url()).publish([3]).await.unwrap();
    let report = eventbridge.journal().check_every_fault_fired().unwrap_err().to_string();
    let expected = format!(
        "\
1 fault did not apply as often as injected

  never: MalformedDetail for entries with source \"shop.orders\", detail /orderId = 4
    injected at tests/it/handles.rs:{line}:17
    nearest: #7[0]  shop.orders / OrderPlaced {{\"orderId\":3}}: detail /orderId is 3, not 4

"
    );
    let (head, timeline) = report.split_at(expected.len());
    assert_eq!(head, expected);
    assert_eq!(timeline, eventbridge.journal().to_string());
}

#[tokio::test]
async fn each_reason_for_a_fault_that_did_not_apply_is_named() {
    let blue = || entry().event_bus("blue");
    let cases: [(Fault, &str); 11] = [
        (Fault::entry(EntryError::throttling()).at_index(3), "no request had an entry at index 3"),
        (Fault::lost_reply().on_attempt(9), "there was no attempt 9 at PutEvents"),
        (
            Fault::entry(EntryError::throttling()).after(2),
            "it could apply to only 2 entries, and it let the first pass",
        ),
        (Fault::lost_reply().times(3), "1 of 3 times"),
        (Fault::entries([None, None, Some(EntryError::throttling())]), "it could apply to only 2 entries"),
        (Fault::lost_reply().matching(blue()), "event bus is \"default\", not \"blue\""),
        (Fault::lost_reply().matching(entry().detail_type("x")), "detail-type is \"OrderPlaced\", not \"x\""),
        (Fault::lost_reply().matching(entry().source("x")), "source is missing, not \"x\""),
        (Fault::lost_reply().matching(entry().detail_at("/a", 1)), "detail has nothing at \"/a\""),
        (Fault::lost_reply().matching(entry().resource("r")), "no resource is \"r\""),
        (Fault::reset_on_connect().after(1), "it could apply to only 1 connection, and it let the first pass"),
    ];
    for (fault, reason) in cases {
        let eventbridge = MockEventBridge::start().await;
        eventbridge.inject(fault.clone());
        put(&eventbridge, [with(order(1), "Source", serde_json::Value::Null), order(1), order(2)]).await;
        let report = eventbridge.journal().check_every_fault_fired().unwrap_err().to_string();
        assert!(report.contains(reason), "{reason}\n\n{report}");
    }
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::lost_reply());
    let report = eventbridge.journal().check_every_fault_fired().unwrap_err().to_string();
    assert!(report.contains("no request was received"), "{report}");
}

#[tokio::test]
async fn lifted_faults_do_not_pile_up() {
    let eventbridge = MockEventBridge::in_process();
    let kept = eventbridge.inject(Fault::request(RequestError::throttling()).after(1_000_000).times(0..=1));
    let unmet = eventbridge.inject(Fault::stall().on_attempt(7));
    unmet.lift();
    let handles: Vec<_> = (0..3_000).map(|_| eventbridge.inject(Fault::stall().times(0..=1))).collect();
    handles.iter().for_each(putevents_mock::mock::FaultHandle::lift);
    let faults = eventbridge.journal().to_json()["faults"].as_array().unwrap().clone();
    let ids: Vec<u64> = faults.iter().map(|fault| fault["id"].as_u64().unwrap()).collect();
    // What is in force stays, and so does what must still be told of.
    assert_eq!(ids[..3], [0, 1, 2_003]);
    assert_eq!((ids.len(), ids.last()), (1_001, Some(&3_001)));
    handles.iter().for_each(putevents_mock::mock::FaultHandle::lift);
    assert_eq!((handles[0].fired(), kept.fired()), (0, 0));
    assert!(
        eventbridge.journal().check_every_fault_fired().unwrap_err().to_string().starts_with("1 fault did not apply")
    );
}

#[tokio::test]
async fn a_fault_leads_to_its_attempts_and_an_attempt_to_its_faults() {
    let eventbridge = MockEventBridge::start().await;
    let throttled =
        eventbridge.inject(Fault::entry(EntryError::throttling()).matching(entry().detail_at("/orderId", 1)));
    let late = eventbridge.inject(Fault::latency(Duration::from_millis(1)).on_attempt(3));
    let never = eventbridge.inject(Fault::lost_reply().on_attempt(9));
    for id in [1, 2, 1] {
        put(&eventbridge, [order(id)]).await;
    }
    let journal = eventbridge.journal();
    let attempts = |fault: &FaultHandle| journal.attempts_of(fault.id()).map(Attempt::number).collect::<Vec<_>>();
    assert_eq!(attempts(&throttled), [1, 3]);
    assert_eq!(attempts(&late), [3]);
    assert_eq!(attempts(&never), [0; 0]);
    let third = &journal.attempts()[2];
    assert_eq!(third.fault_ids().collect::<Vec<_>>(), [throttled.id(), late.id()]);
    // The same after the journal was saved, and in files of versions that had only the sentences.
    let json = journal.to_json();
    assert_eq!(json["attempts"][2]["faultIds"], serde_json::json!([0, 1]));
    let mut older = json.clone();
    older["attempts"][2].as_object_mut().unwrap().remove("faultIds");
    for json in [json, older] {
        let again: putevents_mock::Journal = json.to_string().parse().unwrap();
        assert_eq!(again.attempts()[2].fault_ids().collect::<Vec<_>>(), [throttled.id(), late.id()]);
    }
}

#[tokio::test]
async fn why_a_fault_did_not_apply_is_said_of_all_attempts_also_in_a_part_of_the_journal() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(entry().detail_at("/orderId", 3)));
    for id in [2, 1] {
        put(&eventbridge, [order(id)]).await;
    }
    let journal = eventbridge.journal();
    let nothing = journal.filter(|_| false);
    let parts =
        [journal.filter(|attempt| attempt.number() == 2), nothing.clone(), nothing.between(..), journal.between(..)];
    for part in parts {
        let report = part.check_every_fault_fired().unwrap_err().to_string();
        let nearest = "nearest: #1[0]  shop.orders / OrderPlaced {\"orderId\":2}: detail /orderId is 2, not 3";
        assert!(report.contains(nearest), "{report}");
    }
}

#[tokio::test]
async fn what_the_builder_says_counts_more_than_what_the_plan_says() {
    let plan: Plan = r#"{ "limits": "none", "knownBuses": ["orders"], "account": "111122223333", "region": "eu-north-1" }"#
        .parse()
        .unwrap();
    let origin = |eventbridge: &MockEventBridge| {
        let envelope = eventbridge.journal().published()[0].envelope();
        (envelope["account"].as_str().unwrap().to_owned(), envelope["region"].as_str().unwrap().to_owned())
    };
    let eventbridge = MockEventBridge::builder().plan(plan.clone()).start().await;
    assert_eq!(put(&eventbridge, (1..=11).map(order)).await, 200);
    assert_eq!(origin(&eventbridge), ("111122223333".to_owned(), "eu-north-1".to_owned()));
    for builder in [
        MockEventBridge::builder().limits(Limits::current()).account("999999999999").plan(plan.clone()),
        MockEventBridge::builder().plan(plan).limits(Limits::current()).account("999999999999"),
    ] {
        let eventbridge = builder.start().await;
        assert_eq!(put(&eventbridge, (1..=11).map(order)).await, 400);
        assert_eq!(put(&eventbridge, [order(1)]).await, 200);
        assert_eq!(origin(&eventbridge), ("999999999999".to_owned(), "eu-north-1".to_owned()));
    }
}
