//! Where a paused clock can be trusted: everything that the mock serves on the runtime of the test, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::expect::Reported;
use putevents_mock::fault::MalformedReply;
use putevents_mock::mock::hold_clock;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, RequestError, entry};
use tokio::time::Instant;

use crate::support::order;
use crate::support::socket::put;

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

/// SplitMix64, for scenarios that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Something that a publisher recovers from, or has to report.
fn any_fault(random: &mut Random) -> Fault {
    let id = 1 + random.below(12);
    let number = 1 + random.below(4) as usize;
    let seconds = Duration::from_secs(1 + random.below(60));
    match random.below(10) {
        0 => Fault::entry(EntryError::throttling()).matching(is_order(id)).times(1..=3),
        1 => Fault::entry(EntryError::internal_failure()).matching(is_order(id)).times(1..=9),
        2 => Fault::entry(EntryError::malformed_detail()).matching(is_order(id)),
        3 => Fault::request(RequestError::internal_exception()).on_attempt(number),
        4 => Fault::requests([Some(RequestError::throttling()), None, Some(RequestError::service_unavailable())]),
        5 => Fault::reset().on_attempt(number),
        6 => Fault::lost_reply().on_attempt(number),
        7 => Fault::stall().on_attempt(number),
        8 => Fault::latency(seconds).on_attempt(number),
        _ => Fault::malformed_reply(MalformedReply::NoEventIds).on_attempt(number),
    }
}

/// One scenario from its seed: the shop publishes twelve orders under up to four faults.
async fn scenario(seed: u64) {
    let mut random = Random(seed);
    let eventbridge = MockEventBridge::in_process();
    for _ in 0..=random.below(4) {
        eventbridge.inject(any_fault(&mut random));
    }
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(30)).build();
    let client = Client::new(&eventbridge.sdk_config().into_builder().timeout_config(timeouts).build());
    let result = shop::Publisher::with_client(client).publish(1..=12).await;

    let journal = eventbridge.journal();
    let failed: Vec<u64> = result.err().into_iter().flatten().map(|(id, _)| id).collect();
    let published = (1..=12).filter(|id| !failed.contains(id)).map(is_order);
    let reported = Reported::published(published).failed(failed.iter().copied().map(is_order));
    let ledger = journal.ledger().expecting((1..=12).map(is_order));
    let judged = ledger
        .check_reported(reported)
        .and_then(|()| ledger.check_only_failed_entries_resent())
        .and_then(|()| ledger.check_permanent_errors_not_retried())
        .and_then(|()| ledger.check_tries_at_most(15));
    if let Err(mismatch) = judged {
        panic!("seed {seed}\n{}\n{mismatch}", eventbridge.plan_in_force());
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_scenarios_with_the_real_sdk_and_its_retries() {
    let started = Instant::now();
    for seed in 0..1_000 {
        scenario(seed).await;
    }
    let took = started.elapsed();
    assert!(took > Duration::from_secs(600), "they wait, but not in real time: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_requests_over_sockets_wait_exactly_as_long_as_they_are_told() {
    let eventbridge = MockEventBridge::start().await;
    let mut random = Random(42);
    for id in 0..1_000 {
        let latency = Duration::from_millis(random.below(59_000));
        let fault = eventbridge.inject(Fault::latency(latency));
        let started = Instant::now();
        let answered = tokio::time::timeout(latency + Duration::from_millis(2), put(&eventbridge, [order(id)])).await;
        assert_eq!(answered, Ok(200), "after {:?} instead of {latency:?}", started.elapsed());
        assert!(started.elapsed() >= latency);
        fault.lift();
    }
}

#[tokio::test(start_paused = true)]
async fn clients_that_overlap_over_sockets_see_the_same_clock() {
    let eventbridge = Arc::new(MockEventBridge::start().await);
    eventbridge.inject(Fault::latency(Duration::from_secs(30)));
    let started = Instant::now();
    let clients: Vec<_> = (0..50)
        .map(|id| {
            let eventbridge = Arc::clone(&eventbridge);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(id)).await;
                put(&eventbridge, [order(id)]).await
            })
        })
        .collect();
    for client in clients {
        assert_eq!(client.await.unwrap(), 200);
    }
    assert_eq!(started.elapsed().as_secs(), 49 + 30);
    eventbridge.journal().assert_in_flight_at_most(31);
}

#[tokio::test(start_paused = true)]
async fn a_held_clock_lets_a_server_on_another_thread_answer_in_time() {
    let eventbridge = MockEventBridge::start_blocking();
    for id in 0..50 {
        let hold = hold_clock();
        let answer = tokio::time::timeout(Duration::from_secs(5), put(&eventbridge, [order(id)])).await;
        drop(hold);
        assert_eq!(answer, Ok(200));
    }
    // And it jumps again.
    let started = Instant::now();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(started.elapsed().as_secs(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_clock_jumped_over_says_so() {
    let eventbridge = MockEventBridge::start_blocking();
    let waited = eventbridge.wait_for_published(1, Duration::from_secs(60)).await;
    assert_eq!(
        waited.unwrap_err().to_string(),
        "0 of 1 event published within 60 s: tokio's clock is paused, and jumped to the limit while another thread serves the \
         mock. start() the mock on this runtime, or keep the clock from jumping with hold_clock()\n\n\
         0 attempts, 0 events published\n\n\
         no request was received: is the publisher awaited, and does it use this endpoint?\n"
    );
}

/// An SDK that takes the answer's date for a sign that its own clock is off tries again what it should not.
#[tokio::test(start_paused = true)]
async fn after_an_hour_of_virtual_time_the_sdk_sees_no_skew_and_does_not_try_again() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::access_denied()));
    for hours in 1..=3 {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        let client = Client::new(&eventbridge.sdk_config());
        let entry = PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced").detail("{}").build();
        client.put_events().entries(entry).send().await.unwrap_err();
        assert_eq!(eventbridge.journal().attempts().len(), hours);
    }
}

/// The SDK asks for the date on the clock of the test, and the server on its own.
#[tokio::test(start_paused = true)]
async fn after_an_hour_of_virtual_time_the_sdk_sees_no_skew_of_a_server_on_another_thread() {
    let eventbridge = MockEventBridge::start_blocking();
    eventbridge.inject(Fault::request(RequestError::access_denied()));
    for hours in 1..=3 {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        let config = eventbridge
            .sdk_config()
            .into_builder()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let entry = PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced").detail("{}").build();
        let _hold = hold_clock();
        Client::new(&config).put_events().entries(entry).send().await.unwrap_err();
        assert_eq!(eventbridge.journal().attempts().len(), hours);
    }
}

#[cfg(feature = "wiremock")]
#[tokio::test(start_paused = true)]
async fn what_is_mounted_on_wiremock_in_a_paused_runtime_is_timed_by_the_real_clock() {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let server = wiremock::MockServer::start().await;
    let eventbridge = MockEventBridge::in_process();
    eventbridge.mount_on(&server).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    for id in 0..3 {
        let _hold = hold_clock();
        let mut socket = crate::support::socket::Socket::connect(*server.address()).await;
        let answer = socket.exchange(&crate::support::put_events(crate::support::entries([order(id)]))).await;
        assert_eq!(answer.unwrap().status, 200);
    }
    let journal = eventbridge.journal();
    let times: Vec<Duration> = journal.attempts().iter().map(putevents_mock::journal::Attempt::at).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    assert!(times[0] > Duration::ZERO && times[2] < Duration::from_secs(3_600), "{times:?}");
}
