//! Waiting for programs that work in the background, on paused and on real clocks, and what the mock knows of time.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use pretty_assertions::assert_eq;
use putevents_mock::expect::{Backoff, Reported};
use putevents_mock::fault::Gate;
use putevents_mock::{EntryError, EntryMatcher, Fault, Limits, MockEventBridge, entry};

use crate::support::socket::{PATIENCE, Socket, good_request, put};
use crate::support::{entries, order, put_events, with};

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_program_in_the_background_are_waited_for() {
    let eventbridge = Arc::new(MockEventBridge::start().await);
    let waiting = tokio::spawn({
        let eventbridge = Arc::clone(&eventbridge);
        async move { eventbridge.wait_for_published(3, PATIENCE).await.unwrap() }
    });
    put(&eventbridge, [order(1)]).await;
    put(&eventbridge, [order(2), order(3)]).await;
    waiting.await.unwrap().published().assert_exactly([1, 2, 3].map(is_order));
    // More than enough is enough.
    eventbridge.wait_for_published(1, Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn events_count_for_waits_even_when_the_journal_has_forgotten_them() {
    let eventbridge = MockEventBridge::builder().max_journal_attempts(1).start().await;
    put(&eventbridge, [order(1), order(2)]).await;
    put(&eventbridge, [order(3)]).await;
    let journal = eventbridge.wait_for_published(3, PATIENCE).await.unwrap();
    assert_eq!((journal.attempts().len(), journal.forgotten()), (1, 1));
    eventbridge.clear_journal();
    assert!(eventbridge.wait_for_published(1, Duration::ZERO).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn limits_of_waits_are_on_the_paused_clock() {
    let eventbridge = MockEventBridge::start().await;
    let started = tokio::time::Instant::now();
    let hour = Duration::from_secs(3_600);
    assert!(eventbridge.wait_for_published(1, hour).await.is_err());
    assert!(eventbridge.wait_until_idle(2 * hour, hour).await.is_err());
    eventbridge.wait_until_idle(hour, 2 * hour).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 3 * 3_600);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_faults_does_not_look_like_a_busy_publisher() {
    let eventbridge = MockEventBridge::in_process();
    let started = tokio::time::Instant::now();
    let second = Duration::from_secs(1);
    let changing = async {
        tokio::time::sleep(9 * second).await;
        eventbridge.inject(Fault::stall()).lift();
    };
    let (idle, ()) = tokio::join!(eventbridge.wait_until_idle(10 * second, 60 * second), changing);
    idle.unwrap();
    assert_eq!(started.elapsed(), 10 * second);
}

#[tokio::test]
async fn a_mock_is_not_idle_while_an_answer_is_held() {
    let eventbridge = Arc::new(MockEventBridge::start().await);
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate).times(1));
    let sending = tokio::spawn({
        let eventbridge = Arc::clone(&eventbridge);
        async move { put(&eventbridge, [order(1)]).await }
    });
    gate.wait_until_reached(PATIENCE).await.unwrap();
    let (quiet, limit) = (Duration::from_millis(20), Duration::from_millis(200));
    let timeout = eventbridge.wait_until_idle(quiet, limit).await.unwrap_err();
    assert_eq!(timeout.journal().attempts()[0].ended_at(), None);
    gate.release();
    let journal = eventbridge.wait_until_idle(quiet, PATIENCE).await.unwrap();
    assert!(journal.attempts()[0].ended_at().unwrap() > journal.attempts()[0].at() + limit);
    assert_eq!(sending.await.unwrap(), 200);
}

#[tokio::test]
async fn a_subscription_gives_every_event_once_whatever_is_cancelled() {
    let eventbridge = MockEventBridge::builder().max_journal_attempts(2).start().await;
    put(&eventbridge, [order(1)]).await;
    let mut events = eventbridge.subscribe();
    for id in 2..10 {
        put(&eventbridge, [order(id)]).await;
    }
    let mut seen = Vec::new();
    while seen.len() < 9 {
        tokio::select! {
            biased;
            () = tokio::task::yield_now(), if seen.len() % 2 == 0 => {}
            event = events.next() => seen.push(event.unwrap()),
        }
        if seen.len() % 2 == 0 {
            // As a stream, too.
            let mut events = pin!(&mut events);
            seen.extend(std::future::poll_fn(|cx| events.as_mut().poll_next(cx)).await);
        }
    }
    let ids: Vec<_> = seen.iter().map(|event| event.detail_json().unwrap()["orderId"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..10).collect::<Vec<u64>>());
    eventbridge.shutdown().await;
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_attempt_knows_its_connection_and_its_signature() {
    let eventbridge = MockEventBridge::start().await;
    let mut first = Socket::connect(eventbridge.address()).await;
    let mut request = good_request();
    request.headers_mut().insert("amz-sdk-request", "attempt=2; max=3".parse().unwrap());
    request.headers_mut().insert("amz-sdk-invocation-id", "abc".parse().unwrap());
    request.headers_mut().insert("user-agent", "shop/1".parse().unwrap());
    first.exchange(&request).await.unwrap();
    first.exchange(&good_request()).await.unwrap();
    put(&eventbridge, [order(1)]).await;
    let journal = eventbridge.journal();
    let peers: Vec<_> = journal.attempts().iter().map(|attempt| attempt.peer().unwrap()).collect();
    assert!(peers[0] == peers[1] && peers[1] != peers[2], "{peers:?}");
    let attempt = &journal.attempts()[0];
    let scope = attempt.credential_scope().unwrap();
    assert_eq!((scope.access_key(), scope.region(), scope.service()), ("AKIDEXAMPLE", Some("us-east-1"), "events"));
    assert_eq!((attempt.sdk_attempt(), attempt.sdk_invocation_id()), (Some(2), Some("abc")));
    assert_eq!(attempt.user_agent(), Some("shop/1"));
    assert_eq!((journal.attempts()[1].sdk_attempt(), journal.attempts()[1].user_agent()), (None, None));
}

#[tokio::test]
async fn requests_one_after_the_other_are_never_in_flight_together() {
    let eventbridge = MockEventBridge::start().await;
    for id in 0..100 {
        // A new connection each time: the answer of one and the arrival of the next have only time in common.
        put(&eventbridge, [order(id)]).await;
    }
    eventbridge.journal().assert_in_flight_at_most(1);
}

#[tokio::test]
async fn requests_at_the_same_time_are_in_flight_together() {
    let eventbridge = Arc::new(MockEventBridge::start().await);
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate));
    let sending: Vec<_> = (0..3)
        .map(|id| {
            let eventbridge = Arc::clone(&eventbridge);
            tokio::spawn(async move { put(&eventbridge, [order(id)]).await })
        })
        .collect();
    eventbridge.wait_for_published(3, PATIENCE).await.unwrap();
    gate.release();
    for sending in sending {
        sending.await.unwrap();
    }
    let journal = eventbridge.journal();
    journal.assert_in_flight_at_most(3);
    assert!(journal.check_in_flight_at_most(2).is_err(), "{journal}");
}

#[tokio::test]
async fn a_client_that_did_not_wait_for_its_answer_was_told_nothing() {
    let eventbridge = MockEventBridge::start().await;
    let gate = Gate::new();
    eventbridge.inject(Fault::hold(&gate).times(1));
    let mut impatient = Socket::connect(eventbridge.address()).await;
    impatient.send(crate::support::socket::bytes_of(&put_events(entries([order(1)])))).await.unwrap();
    gate.wait_until_reached(PATIENCE).await.unwrap();
    drop(impatient);
    put(&eventbridge, [order(2)]).await; // Meanwhile its end has arrived.
    gate.release();
    eventbridge.wait_until(PATIENCE, |journal| journal.attempts()[0].ended_at().is_some()).await.unwrap();
    put(&eventbridge, [order(1)]).await;
    let journal = eventbridge.journal();
    assert_eq!(
        journal.attempts().iter().map(putevents_mock::journal::Attempt::is_told).collect::<Vec<_>>(),
        [false, true, true]
    );
    assert!(journal.to_string().contains("1 entry  accepted, but its client had gone\n"), "{journal}");
    journal.ledger().assert_only_failed_entries_resent();
}

#[tokio::test]
async fn the_shop_with_the_real_sdk_passes_every_assertion_about_its_ledger() {
    let eventbridge = MockEventBridge::start().await;
    let requests = [Some(putevents_mock::RequestError::internal_exception()), None];
    eventbridge.inject(Fault::requests(requests));
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(is_order(2)).times(2));
    eventbridge.inject(Fault::entry(EntryError::malformed_detail()).matching(is_order(3)));

    let failed = shop::Publisher::new(eventbridge.endpoint_url()).publish(1..=12).await.unwrap_err();

    let journal = eventbridge.wait_until_idle(Duration::from_millis(5), PATIENCE).await.unwrap();
    journal.assert_every_fault_fired();
    let ledger = journal.ledger().expecting((1..=12).map(is_order));
    ledger.assert_none_lost();
    ledger.assert_no_duplicates();
    ledger.assert_only_failed_entries_resent();
    ledger.assert_permanent_errors_not_retried();
    ledger.assert_tries_at_most(5);
    ledger.assert_backoff(Backoff::new().in_all_at_most(PATIENCE));
    let published = (1..=12).filter(|id| *id != 3).map(is_order);
    ledger.assert_reported(Reported::published(published).failed(failed.iter().map(|(id, _)| is_order(*id))));
    journal.assert_batches_within(Limits::current());
    journal.assert_batches_full(Limits::current());
    journal.assert_in_flight_at_most(1);
    journal.lint().assert_clean();
}

#[tokio::test]
async fn a_subscription_that_nobody_reads_holds_as_much_as_a_journal_and_says_what_it_missed() {
    let eventbridge = MockEventBridge::builder().max_journal_size(64 * 1024).start().await;
    let mut unread = eventbridge.subscribe();
    let weak = {
        let first = eventbridge.subscribe();
        for id in 0..200 {
            assert_eq!(
                put(&eventbridge, [with(order(id), "Detail", format!("{{\"orderId\":{id},\"x\":\"{:4000}\"}}", ""))])
                    .await,
                200
            );
        }
        first.missed()
    };
    let missed = unread.missed();
    assert!(weak == missed && (180..200).contains(&missed), "{weak}, {missed}");
    eventbridge.shutdown().await;
    let mut taken = Vec::new();
    while let Some(event) = unread.next().await {
        taken.push(event.detail_json().unwrap()["orderId"].as_u64().unwrap());
    }
    assert_eq!(taken, (missed as u64..200).collect::<Vec<_>>());
}
