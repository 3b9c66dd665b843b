//! The real AWS SDKs: today's crate for EventBridge, and the one for CloudWatch Events with the API's first form.

use std::time::Duration;

use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::operation::put_events::PutEventsError;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::fault::MalformedReply;
use putevents_mock::{EntryError, Fault, Journal, MockEventBridge, RequestError};
use serde_json::json;
use shop::{Publisher, client};

fn order(id: u64) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source("shop.orders")
        .detail_type("OrderPlaced")
        .detail(json!({ "orderId": id }).to_string())
        .build()
}

/// The attempts of each call of the SDK's, told apart by its invocation ids.
fn attempts_per_call(journal: &Journal) -> Vec<usize> {
    let mut calls: Vec<(&str, usize)> = Vec::new();
    for attempt in journal.attempts() {
        let call = attempt.header("amz-sdk-invocation-id").unwrap();
        match calls.iter_mut().find(|(known, _)| *known == call) {
            Some((_, count)) => *count += 1,
            None => calls.push((call, 1)),
        }
        let number = calls.iter().find(|(known, _)| *known == call).unwrap().1;
        assert!(attempt.header("amz-sdk-request").unwrap().starts_with(&format!("attempt={number}")), "{journal}");
    }
    calls.into_iter().map(|(_, count)| count).collect()
}

#[tokio::test]
async fn the_documentations_example_of_two_entries_is_accepted() {
    let eventbridge = MockEventBridge::start().await;
    let entry = |first: &str, second: &str| {
        PutEventsRequestEntry::builder()
            .source("com.mycompany.myapp")
            .detail(format!(r#"{{ "key1": "{first}", "key2": "{second}" }}"#))
            .set_resources(Some(vec!["resource1".into(), "resource2".into()]))
            .detail_type("myDetailType")
            .build()
    };
    let sent = client(eventbridge.endpoint_url()).put_events();
    let reply = sent.entries(entry("value1", "value2")).entries(entry("value3", "value4")).send().await.unwrap();

    assert_eq!(reply.failed_entry_count(), 0);
    let published = eventbridge.journal().published();
    let ids: Vec<_> = published.iter().map(|event| Some(event.id().to_string())).collect();
    assert_eq!(reply.entries().iter().map(|result| result.event_id().map(str::to_owned)).collect::<Vec<_>>(), ids);
    assert_eq!(published[1].detail_json(), Some(&json!({ "key1": "value3", "key2": "value4" })));
    assert_eq!(published[1].resources().collect::<Vec<_>>(), ["resource1", "resource2"]);
}

#[tokio::test]
async fn ten_entries_with_every_member_arrive_as_they_were_sent() {
    let eventbridge = MockEventBridge::start().await;
    let entries = (0..10).map(|id| {
        PutEventsRequestEntry::builder()
            .source(format!("shop.{id}"))
            .detail_type("Größe \"🛒\"")
            .detail(json!({ "id": id, "text": "ä\n\"" }).to_string())
            .resources(format!("arn:aws:s3:::bucket-{id}"))
            .time(DateTime::from_millis(1_767_323_045_678 + id))
            .event_bus_name("orders")
            .trace_header("Root=1-5759e988-bd862e3fe1be46a994272793")
            .build()
    });
    let reply =
        client(eventbridge.endpoint_url()).put_events().set_entries(Some(entries.collect())).send().await.unwrap();
    assert_eq!((reply.failed_entry_count(), reply.entries().len()), (0, 10));

    let journal = eventbridge.journal();
    assert!(journal.problems().is_empty(), "{journal}");
    for (id, event) in (0_u64..).zip(journal.published()) {
        assert_eq!(event.source(), Some(&*format!("shop.{id}")));
        assert_eq!(event.detail_type(), Some("Größe \"🛒\""));
        assert_eq!(event.detail_json(), Some(&json!({ "id": id, "text": "ä\n\"" })));
        assert_eq!(event.resources().collect::<Vec<_>>(), [format!("arn:aws:s3:::bucket-{id}")]);
        let since_1970 = event.time().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(since_1970, Duration::from_millis(1_767_323_045_678 + id));
        assert_eq!(
            (event.event_bus(), event.trace_header()),
            ("orders", Some("Root=1-5759e988-bd862e3fe1be46a994272793"))
        );
    }
}

#[tokio::test]
async fn the_sdk_signs_its_requests_completely() {
    let eventbridge = MockEventBridge::builder().strict_auth().start().await;
    client(eventbridge.endpoint_url()).put_events().entries(order(1)).send().await.unwrap();
    assert!(eventbridge.journal().problems().is_empty());
}

#[tokio::test]
async fn the_sdk_reports_failed_entries_and_does_not_retry_them() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(1));
    let sent =
        client(eventbridge.endpoint_url()).put_events().entries(order(1)).entries(order(2)).send().await.unwrap();
    assert_eq!(sent.failed_entry_count(), 1);
    assert!(sent.entries()[0].event_id().is_some() && sent.entries()[0].error_code().is_none());
    assert_eq!(sent.entries()[1].error_code(), Some("ThrottlingException"));
    assert_eq!(sent.entries()[1].error_message(), Some("Rate exceeded"));
    assert_eq!(attempts_per_call(&eventbridge.journal()), [1]);
}

#[tokio::test]
async fn the_sdk_retries_what_its_policy_says_and_nothing_else() {
    let three_times = [
        RequestError::internal_exception(),
        RequestError::internal_failure(),
        RequestError::service_unavailable(),
        RequestError::throttling(),
    ];
    let once = [
        RequestError::access_denied(),
        RequestError::unrecognized_client(),
        RequestError::expired_token(),
        RequestError::invalid_signature(),
        RequestError::payload_too_large(),
    ];
    for (error, attempts) in three_times.map(|error| (error, 3)).into_iter().chain(once.map(|error| (error, 1))) {
        let eventbridge = MockEventBridge::start().await;
        eventbridge.inject(Fault::request(error.clone()));
        let failed = client(eventbridge.endpoint_url()).put_events().entries(order(1)).send().await.unwrap_err();
        assert_eq!(attempts_per_call(&eventbridge.journal()), [attempts], "{error}");
        if let (Some(code), SdkError::ServiceError(failed)) = (error.code(), &failed) {
            assert_eq!(failed.err().code(), Some(code));
            assert_eq!(failed.err().message(), error.message(), "{error}");
            assert_eq!(failed.raw().status().as_u16(), error.status());
        }
        assert!(eventbridge.journal().published().is_empty());
    }
}

#[tokio::test]
async fn an_internal_exception_is_a_typed_error() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::request(RequestError::internal_exception()));
    let failed = client(eventbridge.endpoint_url()).put_events().entries(order(1)).send().await.unwrap_err();
    assert!(matches!(failed.as_service_error(), Some(PutEventsError::InternalException(_))), "{failed:?}");
}

#[tokio::test]
async fn the_sdk_recovers_by_itself_when_a_request_fails_once() {
    for error in [RequestError::internal_exception(), RequestError::throttling()] {
        let eventbridge = MockEventBridge::start().await;
        let fault = eventbridge.inject(Fault::request(error).times(2));
        client(eventbridge.endpoint_url()).put_events().entries(order(1)).send().await.unwrap();
        let journal = eventbridge.journal();
        assert_eq!(
            (attempts_per_call(&journal), fault.fired(), journal.published().len()),
            (vec![3], 2, 1),
            "{journal}"
        );
    }
}

#[tokio::test]
async fn the_sdk_sends_eleven_entries_and_none_and_is_refused_once() {
    let eventbridge = MockEventBridge::start().await;
    for count in [0, 11] {
        let entries = (0..count).map(order).collect();
        let sent = client(eventbridge.endpoint_url()).put_events().set_entries(Some(entries)).send().await;
        assert_eq!(sent.unwrap_err().as_service_error().unwrap().code(), Some("ValidationException"));
    }
    assert_eq!(attempts_per_call(&eventbridge.journal()), [1, 1]);
}

#[tokio::test]
async fn another_operation_is_refused_once_and_reported() {
    let eventbridge = MockEventBridge::start().await;
    let asked = client(eventbridge.endpoint_url()).list_rules().send().await;
    assert_eq!(asked.unwrap_err().as_service_error().unwrap().code(), Some("UnknownOperationException"));
    let journal = eventbridge.journal();
    assert_eq!(attempts_per_call(&journal), [1]);
    assert_eq!(
        journal.problems()[0].to_string(),
        "attempt 1: the operation is ListRules, and the mock has no answer to it: give it one with answer(\"ListRules\", \
         ...), or in a plan with \"answers\": {\"ListRules\": {...}}"
    );
}

/// As a library does that puts nothing on a bus that is not there.
#[tokio::test]
async fn a_publisher_that_asks_for_its_bus_and_its_rules_gets_to_publish() {
    let eventbridge = MockEventBridge::builder()
        .known_buses(["orders"])
        .account("111122223333")
        .answer("ListRules", json!({ "Rules": [{ "Name": "all", "State": "ENABLED" }] }))
        .start()
        .await;
    let client = client(eventbridge.endpoint_url());
    let bus = client.describe_event_bus().name("orders").send().await.unwrap();
    assert_eq!(
        (bus.name(), bus.arn(), bus.creation_time().map(aws_sdk_eventbridge::primitives::DateTime::secs)),
        (Some("orders"), Some("arn:aws:events:us-east-1:111122223333:event-bus/orders"), Some(1_562_803_200))
    );
    let by_arn = client.describe_event_bus().name(bus.arn().unwrap()).send().await.unwrap();
    assert_eq!(by_arn.name(), Some("orders"));
    let missing = client.describe_event_bus().name("audit").send().await.unwrap_err().into_service_error();
    assert!(missing.is_resource_not_found_exception());
    assert_eq!(missing.message(), Some("Event bus audit does not exist."));
    assert_eq!(client.list_rules().send().await.unwrap().rules()[0].name(), Some("all"));
    eventbridge.answer("ListRules", json!({ "Rules": [] }));
    assert!(client.list_rules().send().await.unwrap().rules().is_empty());
    eventbridge.inject(Fault::request(RequestError::throttling()).on_operation("DescribeEventBus").times(1));
    client.describe_event_bus().send().await.unwrap();
    client.put_events().entries(order(1)).send().await.unwrap();
    let journal = eventbridge.journal();
    assert_eq!(attempts_per_call(&journal), [1, 1, 1, 1, 1, 2, 1]);
    journal.assert_no_problems();
    journal.assert_every_fault_fired();
    assert_eq!(journal.published().len(), 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_meant_panics_and_leaves_the_mock_as_it_was() {
    let eventbridge = MockEventBridge::builder().quiet_on_panic().start().await;
    let given = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| eventbridge.answer("listRules", json!({}))));
    let text = *given.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(text, "\"listRules\" is not an operation of EventBridge: did you mean \"ListRules\"?");
    client(eventbridge.endpoint_url()).put_events().entries(order(1)).send().await.unwrap();
}

#[tokio::test]
async fn a_megabyte_travels_in_one_request() {
    let eventbridge = MockEventBridge::start().await;
    let entry = |length: usize| {
        let detail = json!({ "x": "x".repeat(length) }).to_string();
        PutEventsRequestEntry::builder().source("s").detail_type("t").detail(detail).build()
    };
    let client = client(eventbridge.endpoint_url());
    let full = 1_048_576 - 2 - 8;
    client.put_events().entries(entry(full)).send().await.unwrap();
    let refused = client.put_events().entries(entry(full + 1)).send().await.unwrap_err();
    assert_eq!(
        refused.as_service_error().unwrap().message(),
        Some("Total size of the entries in the request is over the limit.")
    );
}

#[tokio::test]
async fn the_cloudwatch_events_crate_is_served_the_same() {
    use aws_sdk_cloudwatchevents::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_cloudwatchevents::{Client, Config, config::retry::RetryConfig, types};

    let eventbridge = MockEventBridge::start().await;
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .region(Region::new("us-east-1"))
        .endpoint_url(eventbridge.endpoint_url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(10)))
        .build();
    let client = Client::from_conf(config);
    let entry = |id: u64| {
        types::PutEventsRequestEntry::builder()
            .source("shop.orders")
            .detail_type("OrderPlaced")
            .detail(json!({ "orderId": id }).to_string())
            .build()
    };

    eventbridge.inject(Fault::request(RequestError::throttling()).on_attempt(1));
    eventbridge.inject(Fault::entry(EntryError::internal_failure()).at_index(0).times(1));
    let reply = client.put_events().set_entries(Some((0..10).map(entry).collect())).send().await.unwrap();
    assert_eq!(reply.failed_entry_count(), 1);
    assert_eq!(reply.entries()[0].error_code(), Some("InternalFailure"));
    assert_eq!(reply.entries().iter().filter(|result| result.event_id().is_some()).count(), 9);

    eventbridge.inject(Fault::request(RequestError::internal_exception()));
    let failed = client.put_events().entries(entry(10)).send().await.unwrap_err();
    assert!(failed.as_service_error().unwrap().is_internal_exception(), "{failed:?}");
    assert_eq!(attempts_per_call(&eventbridge.journal()), [2, 3]);
}

#[tokio::test]
async fn a_publisher_recovers_from_both_kinds_of_failure_without_losing_or_doubling() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::request(RequestError::internal_exception()).times(1));
    eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(1).times(1));
    Publisher::new(eventbridge.endpoint_url()).publish(1..=25).await.unwrap();

    let journal = eventbridge.shutdown().await;
    let id = |event: &putevents_mock::journal::Event| event.detail_json().unwrap()["orderId"].as_u64().unwrap();
    let mut published: Vec<u64> = journal.published().iter().map(id).collect();
    published.sort_unstable();
    assert_eq!(published, (1..=25).collect::<Vec<_>>(), "{journal}");
    assert_eq!(
        journal.attempts().iter().map(|attempt| attempt.entries().len()).collect::<Vec<_>>(),
        [10, 10, 10, 5, 1]
    );
}

#[tokio::test]
async fn a_publisher_is_told_of_what_it_had_to_give_up() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::entry(EntryError::malformed_detail()).at_index(0));
    let given_up = Publisher::new(eventbridge.endpoint_url()).publish([1, 2]).await.unwrap_err();
    assert_eq!(given_up, [(1, "MalformedDetail".to_owned())]);
    assert_eq!(eventbridge.journal().attempts().len(), 1, "a permanent error is not retried");
}

#[tokio::test]
async fn a_publisher_that_trusts_event_ids_only_takes_no_malformed_reply_for_success() {
    for (how, given_up) in [
        (MalformedReply::FewerResults, vec![2]),
        (MalformedReply::EmptyBody, vec![1, 2]),
        (MalformedReply::NoEventIds, vec![1, 2]),
        (MalformedReply::EventIdsWithErrorCodes, vec![]),
        (MalformedReply::FailedEntryCount(7), vec![]),
        (MalformedReply::MoreResults, vec![]),
    ] {
        let eventbridge = MockEventBridge::start().await;
        eventbridge.inject(Fault::malformed_reply(how.clone()).times(1));
        let published = Publisher::new(eventbridge.endpoint_url()).publish([1, 2]).await;
        let orders: Vec<u64> = published.err().into_iter().flatten().map(|(order, _)| order).collect();
        assert_eq!(orders, given_up, "{how}\n{}", eventbridge.journal());
    }
}

/// How many attempts each of sixty calls had, each to a mock of its own that fails for ever.
async fn attempts_of_sixty(region: impl Fn(&MockEventBridge) -> String) -> Vec<usize> {
    let mut attempts = Vec::new();
    for _ in 0..60 {
        let eventbridge = MockEventBridge::start().await;
        eventbridge.inject(Fault::request(RequestError::internal_exception()));
        let sent = client_in(region(&eventbridge), &eventbridge).put_events().entries(order(1)).send().await;
        assert!(sent.unwrap_err().as_service_error().unwrap().is_internal_exception());
        attempts.push(eventbridge.shutdown().await.attempts().len());
    }
    attempts
}

/// A client that is made by hand.
fn client_in(region: String, eventbridge: &MockEventBridge) -> aws_sdk_eventbridge::Client {
    let config = aws_sdk_eventbridge::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .region(Region::new(region))
        .endpoint_url(eventbridge.endpoint_url())
        .retry_config(RetryConfig::standard())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_eventbridge::Client::from_conf(config)
}

#[tokio::test(start_paused = true)]
async fn a_client_in_the_region_of_its_mock_as_in_the_readme_never_runs_out_of_retries() {
    assert!(include_str!("../../README.md").contains(".region(Region::new(eventbridge.region()))"));
    let own = attempts_of_sixty(MockEventBridge::region).await;
    assert_eq!(own, [3; 60]);
    let shared = attempts_of_sixty(|_| "one-for-sixty-mocks".to_owned()).await;
    assert!(shared[..49] == [3; 49] && shared[49..].iter().all(|attempts| *attempts < 3), "{shared:?}");
}

#[tokio::test]
async fn the_region_of_a_mock_is_its_own_and_the_journal_calls_it_by_its_name_alone() {
    let named = || MockEventBridge::builder().region("eu-central-1");
    let (one, other) = (MockEventBridge::start().await, named().start().await);
    let in_process = named().in_process();
    assert!(one.region().starts_with("us-east-1-mock-"), "{}", one.region());
    assert!(other.region().starts_with("eu-central-1-mock-"), "{}", other.region());
    assert_ne!(other.region(), in_process.region());
    assert_eq!(one.region(), one.region());
    for (mock, name) in [(&one, "us-east-1"), (&other, "eu-central-1")] {
        client_in(mock.region(), mock).put_events().entries(order(1)).send().await.unwrap();
        let journal = mock.journal();
        assert_eq!(journal.attempts()[0].credential_scope().unwrap().region(), Some(name));
        let event = journal.published().iter().next().unwrap().envelope();
        assert_eq!(event["region"], name, "{event}");
    }
}
