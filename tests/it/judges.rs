//! Whom each judge must not blame: publishers that are right and look wrong, and beside each the nearest one that is wrong.
//!
//! Each is run with the one schedule that would mislead a judge which looks less closely.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Credentials;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_eventbridge::types::builders::PutEventsRequestEntryBuilder;
use putevents_mock::expect::Reported;
use putevents_mock::publisher_check::{AnyNumber, Judge, PublisherReport};
use putevents_mock::{MockEventBridge, PublisherCheck, entry};
use tokio::time::{sleep, timeout};

use crate::support::numbered::{client, entry_of, orders};

type Check = PublisherCheck<AnyNumber<u64>>;

fn check(schedule: &str) -> Check {
    by_content(schedule).identified_by("/orderId")
}

/// Equal events are events on their own.
fn by_content(schedule: &str) -> Check {
    PublisherCheck::of(orders).keeping_nothing().replay(schedule)
}

/// Nothing is found, and all that was to go wrong did.
#[track_caller]
fn assert_right(report: &PublisherReport) {
    assert!(report.check_well_behaved().is_ok(), "{report}");
}

#[track_caller]
fn assert_wrong(report: &PublisherReport, judge: Judge) {
    assert!(report.broken().any(|broken| broken.judge() == judge), "{judge:?} blames nothing\n{report}");
}

/// What an answer says about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accepted,
    /// It was not accepted, and may be the next time.
    Again,
    /// It may have been accepted.
    Unknown,
    Refused,
    /// The request was too large.
    TooLarge,
    /// Nobody may publish, or these credentials may not.
    NotAllowed,
}

fn blank() -> PutEventsRequestEntryBuilder {
    PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced")
}

async fn put(client: &Client, entries: Vec<PutEventsRequestEntry>) -> Vec<Answer> {
    let count = entries.len();
    let error = match client.put_events().set_entries(Some(entries)).send().await {
        Ok(reply) => {
            let answer = |code: Option<&str>| match code {
                None => Answer::Accepted,
                Some("ThrottlingException" | "InternalFailure") => Answer::Again,
                Some(_) => Answer::Refused,
            };
            return reply.entries().iter().map(|result| answer(result.error_code())).collect();
        }
        Err(error) => error,
    };
    let status = error.raw_response().map(|response| response.status().as_u16());
    let answer = match (status, error.code()) {
        (Some(413), _) => Answer::TooLarge,
        (_, Some("ThrottlingException")) => Answer::Again,
        (Some(400..500), _) => Answer::NotAllowed,
        _ if matches!(error, SdkError::ConstructionFailure(_)) => Answer::Refused,
        _ => Answer::Unknown,
    };
    vec![answer; count]
}

async fn put_orders(client: &Client, orders: &[u64]) -> Vec<Answer> {
    put(client, orders.iter().copied().map(entry_of).collect()).await
}

/// Those with this answer.
fn with(answer: Answer, orders: &[u64], answers: &[Answer]) -> Vec<u64> {
    orders.iter().zip(answers).filter(|(_, it)| **it == answer).map(|(order, _)| *order).collect()
}

fn all_accepted(answers: &[Answer]) -> Result<(), ()> {
    if answers.iter().all(|answer| *answer == Answer::Accepted) { Ok(()) } else { Err(()) }
}

/// Sends again what was throttled, after these pauses.
async fn patient(eventbridge: &MockEventBridge, orders: Vec<u64>, pauses: &[Duration]) -> Result<(), ()> {
    let client = client(eventbridge);
    let mut pauses = pauses.iter();
    let mut open = orders;
    loop {
        let answers = put_orders(&client, &open).await;
        let again: Vec<u64> =
            [Answer::Again, Answer::Unknown].iter().flat_map(|it| with(*it, &open, &answers)).collect();
        match pauses.next() {
            _ if again.is_empty() => return all_accepted(&answers),
            Some(pause) => sleep(*pause).await,
            None => return Err(()),
        }
        open = again;
    }
}

/// One call, and no other try.
async fn once(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    all_accepted(&put_orders(&client(eventbridge), &orders).await)
}

/// One call for each.
async fn one_by_one(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    for order in orders {
        once(eventbridge, vec![order]).await?;
    }
    Ok(())
}

fn seconds(seconds: &[u64]) -> Vec<Duration> {
    seconds.iter().copied().map(Duration::from_secs).collect()
}

fn event(order: &u64) -> putevents_mock::EntryMatcher {
    entry().detail_at("/orderId", *order)
}

/// Says what the answers of the only call said.
async fn each(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Reported {
    let answers = put_orders(&client(eventbridge), &orders).await;
    let with = |answer| with(answer, &orders, &answers).iter().map(event).collect::<Vec<_>>();
    Reported::published(with(Answer::Accepted)).failed(with(Answer::NotAllowed)).unknown(with(Answer::Unknown))
}

// Lost.

#[test]
fn what_was_given_up_and_reported_is_not_lost() {
    let run = async |eventbridge: &MockEventBridge, orders| patient(eventbridge, orders, &seconds(&[1, 2, 4])).await;
    assert_right(&check("R*").run(run));
    assert_wrong(
        &check("R*").run(async move |eventbridge, orders| run(eventbridge, orders).await.or(Ok::<_, ()>(()))),
        Judge::Lost,
    );
}

#[test]
fn what_is_reported_as_unknown_is_not_lost() {
    // Whether it was accepted or not.
    assert_right(&check("5+").run(each));
    assert_right(&check("L+").run(each));
    let forgets = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let _ = each(eventbridge, orders.clone()).await;
        Reported::published(orders.iter().map(event).collect::<Vec<_>>())
    };
    assert_wrong(&check("5+").run(forgets), Judge::Lost);
    assert_right(&check("L+").run(forgets));
}

#[test]
fn where_nothing_is_said_only_what_was_never_sent_is_lost() {
    assert_right(&check("P").run(async |eventbridge, orders| drop(each(eventbridge, orders).await)));
    let stops = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        for order in orders {
            if put_orders(&client(eventbridge), &[order]).await != [Answer::Accepted] {
                return;
            }
        }
    };
    assert_wrong(&check("P,A").run(stops), Judge::Lost);
}

// Endless.

#[test]
fn what_takes_long_and_is_bounded_ends() {
    let minutes = |count: usize| vec![Duration::from_secs(600); count];
    let run = async move |eventbridge: &MockEventBridge, orders| patient(eventbridge, orders, &minutes(5)).await;
    assert_right(&check("R*").run(run));
    let run = async move |eventbridge: &MockEventBridge, orders| patient(eventbridge, orders, &minutes(8)).await;
    assert_wrong(&check("R*").run(run), Judge::Endless);
    assert_right(&check("R*").time_limit(Duration::from_secs(2 * 60 * 60)).run(run));
}

// Untruthful.

#[test]
fn whoever_never_saw_an_answer_may_report_a_failure() {
    assert_right(&check("L+").run(once));
    // Here the second try was answered.
    let remembers = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let first = put_orders(&client(eventbridge), &orders).await;
        let result = all_accepted(&first);
        if result.is_err() {
            sleep(Duration::from_secs(1)).await;
            put_orders(&client(eventbridge), &orders).await;
        }
        result
    };
    assert_wrong(&check("L+").run(remembers), Judge::Untruthful);
}

#[test]
fn an_event_whose_answer_was_lost_may_be_reported_either_way() {
    let says = |says: fn(Vec<putevents_mock::EntryMatcher>) -> Reported| {
        async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
            let answers = put_orders(&client(eventbridge), &orders).await;
            let events = orders.iter().map(event).collect();
            if all_accepted(&answers).is_ok() { Reported::published(events) } else { says(events) }
        }
    };
    let failed = |events| Reported::published(Vec::<putevents_mock::EntryMatcher>::new()).failed(events);
    assert_right(&check("L+").run(says(failed)));
    assert_right(&check("L+").run(says(Reported::published)));
    let swapped = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        put_orders(&client(eventbridge), &orders).await;
        Reported::published(Vec::<putevents_mock::EntryMatcher>::new()).failed(orders.iter().map(event))
    };
    assert_wrong(&check("A").run(swapped), Judge::Untruthful);
}

// Resent.

#[test]
fn an_accepted_event_whose_answer_was_lost_may_be_sent_again() {
    let run = async |eventbridge: &MockEventBridge, orders| patient(eventbridge, orders, &seconds(&[1, 2])).await;
    for schedule in ["L", "L+", "L+,A", "X+,A", "W,A"] {
        let report = check(schedule).run(run);
        assert!(report.broken().all(|broken| broken.judge() != Judge::Resent), "{report}");
    }
    assert_right(&check("L+,A").run(run));
    let resends_all = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let first = put_orders(&client(eventbridge), &orders).await;
        if all_accepted(&first).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_secs(1)).await;
        all_accepted(&put_orders(&client(eventbridge), &orders).await)
    };
    assert_right(&check("L+,A").run(resends_all));
    assert_wrong(&check("R,A").run(resends_all), Judge::Resent);
}

#[test]
fn equal_events_of_a_workload_are_not_sent_again() {
    assert_right(&by_content("equal:A").run(one_by_one));
    let first_once_more = async |eventbridge: &MockEventBridge, mut orders: Vec<u64>| {
        orders.insert(0, orders[0]);
        one_by_one(eventbridge, orders).await
    };
    assert_wrong(&by_content("A,A").run(first_once_more), Judge::Resent);
}

// TwiceAtOnce.

#[test]
fn equal_events_of_a_workload_may_be_in_one_request() {
    assert_right(&by_content("equal:A").run(once));
    let doubles = async |eventbridge: &MockEventBridge, orders: Vec<u64>| once(eventbridge, orders.repeat(2)).await;
    assert_wrong(&check("A").run(doubles), Judge::TwiceAtOnce);
}

#[test]
fn a_request_that_was_abandoned_is_on_its_way_no_longer() {
    let patience = Duration::from_secs(2); // Less than the SDK has.
    let abandons = async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let client = client(eventbridge);
        if let Ok(answers) = timeout(patience, put_orders(&client, &orders)).await {
            return all_accepted(&answers);
        }
        all_accepted(&put_orders(&client, &orders).await)
    };
    assert_right(&check("W").run(abandons));
    let hedges = async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let client = client(eventbridge);
        let mut first = Box::pin(put_orders(&client, &orders));
        if let Ok(answers) = timeout(patience, &mut first).await {
            return all_accepted(&answers);
        }
        let second = put_orders(&client, &orders).await;
        all_accepted(&second).or(all_accepted(&first.await))
    };
    assert_wrong(&check("W").run(hedges), Judge::TwiceAtOnce);
}

// PermanentRetried.

#[test]
fn a_batch_that_was_too_large_may_come_again_in_parts() {
    let splits = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let client = client(eventbridge);
        let answers = put_orders(&client, &orders).await;
        if !answers.contains(&Answer::TooLarge) {
            return all_accepted(&answers);
        }
        let mut all = Vec::new();
        for half in orders.chunks(orders.len().div_ceil(2)) {
            all.extend(put_orders(&client, half).await);
        }
        all_accepted(&all)
    };
    assert_right(&check("B,A").run(splits));
    let insists = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let client = client(eventbridge);
        let answers = put_orders(&client, &orders).await;
        if !answers.contains(&Answer::TooLarge) {
            return all_accepted(&answers);
        }
        sleep(Duration::from_secs(1)).await;
        all_accepted(&put_orders(&client, &orders).await)
    };
    assert_wrong(&check("B,A").run(insists), Judge::PermanentRetried);
}

#[test]
fn a_caller_that_was_refused_may_come_again_with_other_credentials() {
    let renews = |second: &'static str| {
        async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
            let with_key = |key: &str| {
                let credentials = Credentials::new(key, "secret", Some("token".to_owned()), None, "test");
                let config = aws_sdk_eventbridge::config::Builder::from(&eventbridge.sdk_config());
                Client::from_conf(config.credentials_provider(credentials).build())
            };
            let answers = put_orders(&with_key("AKIDFIRST"), &orders).await;
            if !answers.contains(&Answer::NotAllowed) {
                return all_accepted(&answers);
            }
            sleep(Duration::from_secs(1)).await;
            all_accepted(&put_orders(&with_key(second), &orders).await)
        }
    };
    assert_right(&check("E").run(renews("AKIDSECOND")));
    // Nothing is said about any entry, and credentials may be renewed where the mock does not see it.
    assert_right(&check("E").run(renews("AKIDFIRST")));
    assert_wrong(&check("P").run(renews_whatever_is_refused), Judge::PermanentRetried);
}

/// Takes any refusal for one that other credentials can help.
async fn renews_whatever_is_refused(eventbridge: &MockEventBridge, orders: Vec<u64>) -> Result<(), ()> {
    if once(eventbridge, orders.clone()).await.is_ok() {
        return Ok(());
    }
    sleep(Duration::from_secs(1)).await;
    once(eventbridge, orders).await
}

// GivenUpEarly.

#[test]
fn three_tries_of_the_sdk_are_enough() {
    for schedule in ["5+", "T+", "X+", "5*"] {
        assert_right(&check(schedule).run(once));
    }
    // The SDK does not look into a successful answer.
    assert_wrong(&check("R").run(once), Judge::GivenUpEarly);
    assert_right(&check("R").may_give_up_after(1).run(once));
}

#[test]
fn a_call_that_was_cancelled_was_not_given_up_early() {
    let impatient = async |eventbridge: &MockEventBridge, orders: Vec<u64>| match timeout(
        Duration::from_secs(10),
        put_orders(&client(eventbridge), &orders),
    )
    .await
    {
        Ok(answers) => all_accepted(&answers),
        Err(_) => Err(()),
    };
    assert_right(&check("W").run(impatient));
    assert_wrong(&check("R").run(impatient), Judge::GivenUpEarly);
}

#[test]
fn a_caller_who_may_not_publish_may_give_up_at_once() {
    assert_right(&check("D*").run(once));
    assert_right(&check("E").run(once));
    assert_right(&check("P").run(once));
    assert_wrong(&check("I").run(once), Judge::GivenUpEarly);
}

// Dependent.

/// Sends them one by one, each up to three times, and stops where something like this became of one.
async fn stopping_at(eventbridge: &MockEventBridge, orders: Vec<u64>, stops_at: &[Answer]) -> Result<(), ()> {
    let client = client(eventbridge);
    let mut result = Ok(());
    for order in orders {
        let mut answer = Answer::Again;
        for pause in [0, 1, 2] {
            sleep(Duration::from_secs(pause)).await;
            answer = put_orders(&client, &[order]).await[0];
            if ![Answer::Again, Answer::Unknown].contains(&answer) {
                break;
            }
        }
        if answer != Answer::Accepted {
            result = Err(());
        }
        if stops_at.contains(&answer) {
            return result;
        }
    }
    result
}

#[test]
fn an_outage_and_an_error_about_the_caller_concern_every_event() {
    let stops_at = |stops_at: &'static [Answer]| {
        async move |eventbridge: &MockEventBridge, orders: Vec<u64>| stopping_at(eventbridge, orders, stops_at).await
    };
    assert_right(&check("5*,A").run(stops_at(&[Answer::Unknown])));
    assert_right(&check("D*,A").run(stops_at(&[Answer::NotAllowed])));
    assert_right(&check("E,A").run(stops_at(&[Answer::NotAllowed])));
    assert_right(&check("P,A").run(stops_at(&[])));
    assert_wrong(&check("P,A").run(stops_at(&[Answer::Refused])), Judge::Dependent);
}

#[test]
fn events_of_one_batch_share_what_happens_to_it() {
    let run = async |eventbridge: &MockEventBridge, orders| patient(eventbridge, orders, &seconds(&[1, 2])).await;
    for schedule in ["5+,A", "T+,A,A", "R*,A", "R*,R,A"] {
        assert_right(&check(schedule).run(run));
    }
    // Everything is given up once one of them has had its tries.
    let shares = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let client = client(eventbridge);
        let mut budget = 3;
        for order in orders {
            while put_orders(&client, &[order]).await[0] != Answer::Accepted {
                budget -= 1;
                if budget == 0 {
                    return Err(());
                }
                sleep(Duration::from_secs(1)).await;
            }
        }
        Ok(())
    };
    assert_wrong(&check("R*,A").run(shares), Judge::Dependent);
}

#[test]
fn where_an_order_is_promised_one_event_may_stop_those_behind_it() {
    let stops =
        async |eventbridge: &MockEventBridge, orders| stopping_at(eventbridge, orders, &[Answer::Refused]).await;
    assert_right(&check("P,A").keeps_order().run(stops));
    assert_wrong(&check("P,A").run(stops), Judge::Dependent);
}

// Changed.

/// Tries up to three times, each time with what is made of the number of the try.
async fn remade(
    eventbridge: &MockEventBridge,
    orders: Vec<u64>,
    make: impl Fn(u64, i64) -> PutEventsRequestEntry,
) -> Result<(), ()> {
    for number in 1..=3 {
        let entries = orders.iter().map(|order| make(*order, number)).collect();
        let answers = put(&client(eventbridge), entries).await;
        if all_accepted(&answers).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_secs(1)).await;
    }
    Err(())
}

type Make = fn(u64, i64) -> PutEventsRequestEntry;

fn run_remade(check: Check, make: Make) -> PublisherReport {
    check.run(async move |eventbridge, orders| remade(eventbridge, orders, make).await)
}

#[test]
fn content_is_compared_as_json_and_without_the_time() {
    let timed: Make = |order, number| {
        let time = aws_sdk_eventbridge::primitives::DateTime::from_secs(1_767_323_045 + number);
        blank().detail(format!(r#"{{"orderId":{order}}}"#)).time(time).build()
    };
    let spelled: Make = |order, number| {
        let detail = match number {
            1 => format!(r#"{{"orderId":{order},"total":10.50,"note":"ä"}}"#),
            _ => format!("{{ \"note\": \"\\u00e4\",\n  \"total\": 105e-1, \"orderId\": {order} }}"),
        };
        blank().detail(detail).build()
    };
    let resources: Make = |order, number| {
        blank().detail(format!(r#"{{"orderId":{order}}}"#)).resources(format!("arn:aws:s3:::try-{number}")).build()
    };
    let total: Make = |order, number| blank().detail(format!(r#"{{"orderId":{order},"total":{number}}}"#)).build();
    for make in [timed, spelled] {
        assert_right(&run_remade(check("R"), make));
        assert_right(&run_remade(check("5+"), make));
    }
    for make in [resources, total] {
        assert_right(&run_remade(check("A"), make));
        assert_wrong(&run_remade(check("R"), make), Judge::Changed);
        assert_wrong(&run_remade(check("5+"), make), Judge::Changed);
    }
}

#[test]
fn what_is_declared_to_change_may_change_and_nothing_beside_it() {
    let counted: Make =
        |order, number| blank().detail(format!(r#"{{"orderId":{order},"meta":{{"attempt":{number}}}}}"#)).build();
    assert_wrong(&run_remade(check("R"), counted), Judge::Changed);
    assert_right(&run_remade(check("R").may_change("/meta/attempt"), counted));
    let also_a_total: Make = |order, number| {
        blank().detail(format!(r#"{{"orderId":{order},"meta":{{"attempt":{number}}},"total":{number}}}"#)).build()
    };
    assert_wrong(&run_remade(check("R").may_change("/meta/attempt"), also_a_total), Judge::Changed);
    // A member that is there only in later tries.
    let appears: Make = |order, number| {
        let meta = if number == 1 { "{}".to_owned() } else { format!(r#"{{"attempt":{number}}}"#) };
        blank().detail(format!(r#"{{"orderId":{order},"meta":{meta}}}"#)).build()
    };
    assert_right(&run_remade(check("R").may_change("/meta/attempt"), appears));
}

// Oversized.

#[test]
fn one_event_that_is_too_large_is_nobodys_fault() {
    // An order is as many bytes as its number says.
    let entry_of_size = |bytes: &u64| {
        let detail = format!(r#"{{"note":"{}"}}"#, "x".repeat(usize::try_from(*bytes).unwrap()));
        blank().detail(detail).build()
    };
    let sized = |schedule: &str| {
        PublisherCheck::of(|count| (100..100 + count as u64).collect())
            .sized(|order, bytes| bytes as u64 + order) // Each unlike the others.
            .keeping_nothing()
            .replay(schedule)
    };
    let one_by_one = async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let mut answers = Vec::new();
        for order in &orders {
            answers.extend(put(&client(eventbridge), vec![entry_of_size(order)]).await);
        }
        all_accepted(&answers)
    };
    for schedule in ["large:A", "near:A"] {
        assert_right(&sized(schedule).run(one_by_one));
    }
    let together = async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        all_accepted(&put(&client(eventbridge), orders.iter().map(entry_of_size).collect()).await)
    };
    for schedule in ["large:A", "near:A"] {
        assert_wrong(&sized(schedule).run(together), Judge::Oversized);
    }
}

#[test]
fn ten_entries_are_not_too_many() {
    assert_right(&check("10:A").run(once));
    assert_wrong(&check("11:A").run(once), Judge::Oversized);
}

// Late.

#[test]
fn a_request_that_was_on_its_way_when_the_publisher_was_done_is_not_late() {
    let returns_early = |pause: u64| {
        async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
            let client = client(eventbridge);
            let events: Vec<_> = orders.iter().map(event).collect();
            let sending = tokio::spawn(async move {
                sleep(Duration::from_secs(pause)).await;
                put_orders(&client, &orders).await
            });
            let _ = timeout(Duration::from_secs(10), sending).await;
            Reported::published(Vec::<putevents_mock::EntryMatcher>::new()).unknown(events)
        }
    };
    assert_right(&check("W").run(returns_early(0)));
    assert_wrong(&check("A").run(returns_early(20)), Judge::Late);
}

// Unbounded.

#[test]
fn tries_of_the_sdk_are_not_counted_as_the_publishers_own() {
    let calls = |pauses: usize| {
        async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
            patient(eventbridge, orders, &vec![Duration::from_secs(5); pauses]).await
        }
    };
    // Ten calls are thirty tries on the wire.
    let report = check("5*").run(calls(9));
    assert!(report.to_string().contains("30 attempts"), "{report}");
    assert_right(&report);
    assert_wrong(&check("5*").run(calls(10)), Judge::Unbounded);
    assert_right(&check("5*").calls_at_most(11).run(calls(10)));
}

// Hasty.

#[test]
fn one_short_wait_may_be_jitter() {
    let waits = |waits: &'static [u64]| {
        async move |eventbridge: &MockEventBridge, orders: Vec<u64>| {
            let waits: Vec<Duration> = waits.iter().copied().map(Duration::from_millis).collect();
            patient(eventbridge, orders, &waits).await
        }
    };
    for schedule in ["R", "R*", "5*"] {
        // The first one at once, or one of a full jitter.
        assert_right(&check(schedule).run(waits(&[0, 100, 200])));
        assert_right(&check(schedule).run(waits(&[100, 0, 200])));
    }
    assert_wrong(&check("R*").run(waits(&[0, 0, 200])), Judge::Hasty);
    // The SDK waits between its tries, and nobody between the calls.
    assert_wrong(&check("5*").run(waits(&[0, 0, 0])), Judge::Hasty);
}

#[test]
fn waits_of_the_sdk_are_its_own() {
    let once = async |eventbridge: &MockEventBridge, orders: Vec<u64>| {
        let config = aws_sdk_eventbridge::config::Builder::from(&eventbridge.sdk_config());
        let hasty = aws_sdk_eventbridge::config::retry::RetryConfig::standard().with_initial_backoff(Duration::ZERO);
        let client = Client::from_conf(config.retry_config(hasty).build());
        all_accepted(&put_orders(&client, &orders).await)
    };
    assert_right(&check("5+").run(once));
}

// OutOfOrder.

#[test]
fn order_is_judged_only_where_it_is_promised() {
    let run = async |eventbridge: &MockEventBridge, orders| patient(eventbridge, orders, &seconds(&[1, 2])).await;
    assert_right(&check("R,A").run(run));
    assert_wrong(&check("R,A").keeps_order().run(run), Judge::OutOfOrder);
    // Each order is a customer of its own.
    assert_right(&check("R,A").keeps_order_by("/orderId").run(run));
}
