//! Every fault, seen by a client that reads bytes, by the real SDK, and by the journal; and the next request is served.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::fault::{Gate, MalformedReply, Quota};
use putevents_mock::{EntryError, Fault, MockEventBridge, RequestError};
use tokio::net::TcpStream;

use crate::support::socket::{Ended, OURS, PATIENCE, Socket, assert_serves, bytes_of, is_served};
use crate::support::{entries, order, put_events};

/// What a client sees that reads bytes.
#[derive(Debug, Clone, PartialEq)]
enum Raw {
    Refused,
    /// So many bytes in all, and then this end.
    Bytes(usize, Ended),
    /// A whole head, so many bytes of the body, and then this end.
    HeadAndBody(usize, Ended),
    /// Nothing, and the connection stays open.
    Silence,
    /// A whole answer with this status, and the connection serves on.
    Status(u16),
    /// A whole answer with status 200 and this end of the connection.
    AnswerThen(Ended),
}

/// What the SDK tells its caller in the end.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    /// HTTP 200 with so many failed entries and so many results.
    Ok {
        failed: i32,
        results: usize,
    },
    Code(&'static str),
    /// An error of the service's without a code, by its status.
    Status(u16),
    /// No answer that is one: the connection failed.
    Dispatch,
    /// An answer that cannot be read.
    Response,
    Timeout,
}

struct Row {
    fault: Fault,
    raw: Raw,
    /// How many of the two entries the journal has as accepted after one request of the raw client's.
    accepted: usize,
    /// How often the SDK tries, and what it tells in the end.
    sdk: (usize, Told),
}

fn row(fault: Fault, raw: Raw, accepted: usize, tries: usize, told: Told) -> Row {
    Row { fault, raw, accepted, sdk: (tries, told) }
}

const FINE: Told = Told::Ok { failed: 0, results: 2 };

/// The facts about the SDK are those of its retry policy: transient are 500, 502, 503, 504, time-outs and connections that
/// fail, throttling are the throttling codes, and nothing else is tried again.
#[rustfmt::skip]
fn rows() -> Vec<Row> {
    use Ended::{Closed, Reset};
    let request = |error: RequestError, status, tries, told| row(Fault::request(error), Raw::Status(status), 0, tries, told);
    let malformed = |how, tries, told| row(Fault::malformed_reply(how), Raw::Status(200), 2, tries, told);
    let ms = Duration::from_millis;
    vec![
        // Entries.
        row(Fault::entry(EntryError::internal_failure()).at_index(0), Raw::Status(200), 1, 1, Told::Ok { failed: 1, results: 2 }),
        row(Fault::entry(EntryError::malformed_detail()), Raw::Status(200), 0, 1, Told::Ok { failed: 2, results: 2 }),
        row(Fault::entries([None, Some(EntryError::throttling())]), Raw::Status(200), 1, 1, Told::Ok { failed: 1, results: 2 }),
        row(Fault::quota(Quota::entries_per_second(0.001)), Raw::Status(200), 1, 1, Told::Ok { failed: 1, results: 2 }),
        row(Fault::undelivered(), Raw::Status(200), 2, 1, FINE),
        // Whole requests.
        request(RequestError::internal_exception(), 500, 3, Told::Code("InternalException")),
        request(RequestError::internal_failure(), 500, 3, Told::Code("InternalFailure")),
        request(RequestError::service_unavailable(), 503, 3, Told::Code("ServiceUnavailable")),
        request(RequestError::bad_gateway(), 502, 3, Told::Status(502)),
        request(RequestError::bad_gateway().without_body(), 502, 3, Told::Status(502)),
        request(RequestError::gateway_timeout(), 504, 3, Told::Status(504)),
        request(RequestError::gateway_timeout().without_body(), 504, 3, Told::Status(504)),
        request(RequestError::throttling(), 400, 3, Told::Code("ThrottlingException")),
        request(RequestError::too_many_requests(), 429, 1, Told::Status(429)),
        request(RequestError::access_denied(), 400, 1, Told::Code("AccessDeniedException")),
        request(RequestError::unrecognized_client(), 400, 1, Told::Code("UnrecognizedClientException")),
        request(RequestError::expired_token(), 400, 1, Told::Code("ExpiredTokenException")),
        request(RequestError::invalid_signature(), 400, 1, Told::Code("InvalidSignatureException")),
        request(RequestError::signature_expired(), 400, 1, Told::Code("InvalidSignatureException")),
        request(RequestError::missing_authentication_token(), 400, 1, Told::Code("MissingAuthenticationTokenException")),
        request(RequestError::incomplete_signature(), 400, 1, Told::Code("IncompleteSignatureException")),
        request(RequestError::new(400, "RequestTimeout", "x"), 400, 3, Told::Code("RequestTimeout")),
        request(RequestError::new(400, "LimitExceededException", "x"), 400, 3, Told::Code("LimitExceededException")),
        request(RequestError::new(400, "RequestLimitExceeded", "x"), 400, 3, Told::Code("RequestLimitExceeded")),
        request(RequestError::new(400, "Throttling", "x"), 400, 3, Told::Code("Throttling")),
        request(RequestError::new(400, "ValidationException", "x"), 400, 1, Told::Code("ValidationException")),
        request(RequestError::new(400, "SerializationException", "x"), 400, 1, Told::Code("SerializationException")),
        request(RequestError::new(400, "RequestExpired", "x"), 400, 1, Told::Code("RequestExpired")),
        request(RequestError::raw(404, "text/xml", "<UnknownOperationException/>\n"), 404, 1, Told::Status(404)),
        request(
            RequestError::raw(400, "application/x-amz-json-1.1", "{}").with_header("x-amzn-ErrorType", "ThrottlingException"),
            400, 3, Told::Code("ThrottlingException"),
        ),
        request(RequestError::new(408, "Odd", "x"), 408, 1, Told::Code("Odd")),
        request(RequestError::raw(509, "text/plain", ""), 509, 1, Told::Status(509)),
        row(Fault::request(RequestError::payload_too_large()), Raw::Bytes(0, Closed), 0, 1, Told::Status(413)),
        row(Fault::requests([Some(RequestError::throttling()), None]), Raw::Status(400), 0, 2, FINE),
        row(Fault::quota(Quota::requests_per_second(0.001)), Raw::Status(200), 2, 1, FINE),
        // Connections.
        row(Fault::refuse_connections(), Raw::Refused, 0, 0, Told::Dispatch),
        row(Fault::reset_on_connect(), Raw::Bytes(0, Reset), 0, 0, Told::Dispatch),
        row(Fault::reset(), Raw::Bytes(0, Reset), 0, 3, Told::Dispatch),
        row(Fault::empty_response(), Raw::Bytes(0, Closed), 0, 3, Told::Dispatch),
        row(Fault::stall(), Raw::Silence, 0, 3, Told::Timeout),
        row(Fault::garbage(), Raw::Bytes(28, Closed), 0, 1, Told::Dispatch),
        row(Fault::raw_answer("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"), Raw::HeadAndBody(2, Closed), 0, 1, Told::Ok { failed: 0, results: 0 }),
        row(Fault::lost_reply(), Raw::Bytes(0, Reset), 2, 3, Told::Dispatch),
        row(Fault::lost_reply_as(RequestError::service_unavailable()), Raw::Status(503), 2, 3, Told::Code("ServiceUnavailable")),
        row(Fault::empty_response().after_acceptance(), Raw::Bytes(0, Closed), 2, 3, Told::Dispatch),
        row(Fault::stall().after_acceptance(), Raw::Silence, 2, 3, Told::Timeout),
        row(Fault::garbage().after_acceptance(), Raw::Bytes(28, Closed), 2, 1, Told::Dispatch),
        row(Fault::truncated_head(0), Raw::Bytes(0, Closed), 2, 3, Told::Dispatch),
        row(Fault::truncated_head(17), Raw::Bytes(17, Closed), 2, 3, Told::Dispatch),
        row(Fault::truncated_body(0), Raw::HeadAndBody(0, Closed), 2, 3, Told::Response),
        row(Fault::truncated_body(17), Raw::HeadAndBody(17, Closed), 2, 3, Told::Response),
        row(Fault::truncated_body(1_000_000), Raw::AnswerThen(Closed), 2, 1, FINE),
        row(Fault::reset_in_head(17), Raw::Bytes(17, Reset), 2, 3, Told::Dispatch),
        row(Fault::reset_in_body(17), Raw::HeadAndBody(17, Reset), 2, 3, Told::Response),
        row(Fault::close_after_reply(), Raw::AnswerThen(Closed), 2, 1, FINE),
        // Late answers.
        row(Fault::latency(ms(5)), Raw::Status(200), 2, 1, FINE),
        row(Fault::latency_between(ms(1), ms(9)), Raw::Status(200), 2, 1, FINE),
        row(Fault::latency_log_normal(ms(2), 0.3), Raw::Status(200), 2, 1, FINE),
        row(Fault::latency_percentiles([(100.0, ms(9))]), Raw::Status(200), 2, 1, FINE),
        row(Fault::dribble(50, ms(1)), Raw::Status(200), 2, 1, FINE),
        row(Fault::hold(&Gate::new()), Raw::Silence, 2, 3, Told::Timeout),
        row(Fault::hold(&Gate::new()).before_acceptance(), Raw::Silence, 0, 0, Told::Timeout),
        // Answers that the service never gives.
        malformed(MalformedReply::FewerResults, 1, Told::Ok { failed: 0, results: 1 }),
        malformed(MalformedReply::MoreResults, 1, Told::Ok { failed: 0, results: 3 }),
        malformed(MalformedReply::ReorderedResults, 1, FINE),
        malformed(MalformedReply::FailedEntryCount(7), 1, Told::Ok { failed: 7, results: 2 }),
        malformed(MalformedReply::NoEventIds, 1, FINE),
        malformed(MalformedReply::EventIdsWithErrorCodes, 1, FINE),
        malformed(MalformedReply::BrokenJson, 1, Told::Status(200)),
        malformed(MalformedReply::EmptyBody, 1, Told::Ok { failed: 0, results: 0 }),
        malformed(MalformedReply::ContentType("text/html".into()), 1, FINE),
    ]
}

#[tokio::test]
async fn a_client_that_reads_bytes_sees_what_each_fault_says() {
    for Row { fault, raw, accepted, .. } in rows() {
        let eventbridge = MockEventBridge::builder().seed(1).start().await;
        let scope = eventbridge.inject_scoped(fault.clone());
        let seen = see(&eventbridge, &raw).await;
        assert_eq!(seen, raw, "{fault}\n{}", eventbridge.journal());
        let journal = eventbridge.journal();
        let first = journal
            .attempts()
            .first()
            .map_or(0, |first| first.outcomes().iter().filter(|outcome| outcome.event_id().is_some()).count());
        assert_eq!(first, accepted, "{fault}\n{journal}");
        assert!(journal.problems().is_empty(), "{fault}\n{journal}");
        assert!(scope.fired() > 0, "{fault}");
        eventbridge.assert_every_fault_fired();
        drop(scope);
        assert_serves(&eventbridge).await;
        let stopped = tokio::time::timeout(PATIENCE, eventbridge.shutdown()).await;
        stopped.unwrap_or_else(|_| panic!("shutdown waits for {fault}"));
    }
}

async fn see(eventbridge: &MockEventBridge, expected: &Raw) -> Raw {
    let request = put_events(entries([order(1), order(2)]));
    let mut socket = match TcpStream::connect(eventbridge.address()).await {
        Ok(stream) => Socket::over(stream),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Raw::Refused,
        // A reset that is quick enough is seen by the very call that connects.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => return Raw::Bytes(0, Ended::Reset),
        Err(error) => panic!("{error}"),
    };
    let _ = socket.send(bytes_of(&request)).await;
    if let Raw::Status(_) = expected {
        let status = socket.answer().await.expect("an answer").status;
        let next = socket.exchange(&request).await;
        assert!(next.is_some(), "the connection does not serve on after {status}");
        // Only the first request is compared with the row.
        return Raw::Status(status);
    }
    let silence = if *expected == Raw::Silence { Duration::from_millis(30) } else { PATIENCE };
    let (bytes, end) = socket.until_end(silence).await;
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
    match (end, head) {
        (None, _) if bytes.is_empty() => Raw::Silence,
        (Some(end), Some(head)) if bytes.starts_with(b"HTTP/1.1 ") => {
            let body = bytes.len() - head;
            let text = String::from_utf8_lossy(&bytes);
            let length: usize =
                text.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
            match text.split(' ').nth(1).unwrap() {
                "413" => Raw::Bytes(0, end),
                _ if body == length && *expected != Raw::HeadAndBody(body, end) => Raw::AnswerThen(end),
                _ => Raw::HeadAndBody(body, end),
            }
        }
        (Some(end), _) => Raw::Bytes(bytes.len(), end),
        (None, _) => panic!("neither an end nor silence after {} bytes", bytes.len()),
    }
}

fn impatient(eventbridge: &MockEventBridge) -> Client {
    let config = shop::client(eventbridge.endpoint_url()).config().to_builder();
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(300)).build();
    Client::from_conf(config.timeout_config(timeouts).build())
}

fn entry(id: u64) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder().source("s").detail_type("t").detail(format!(r#"{{"orderId":{id}}}"#)).build()
}

async fn tell(client: &Client) -> Told {
    match client.put_events().entries(entry(1)).entries(entry(2)).send().await {
        Ok(reply) => Told::Ok { failed: reply.failed_entry_count(), results: reply.entries().len() },
        Err(SdkError::TimeoutError(_)) => Told::Timeout,
        Err(SdkError::DispatchFailure(_)) => Told::Dispatch,
        Err(SdkError::ResponseError(_)) => Told::Response,
        Err(SdkError::ServiceError(error)) => match error.err().code() {
            None => Told::Status(error.raw().status().as_u16()),
            Some(code) => {
                let known = rows().into_iter().map(|row| row.sdk.1);
                known
                    .into_iter()
                    .find(|told| matches!(told, Told::Code(known) if *known == code))
                    .unwrap_or(Told::Response)
            }
        },
        Err(other) => panic!("{other:?}"),
    }
}

/// On a paused clock the SDK's time-out comes where nothing else can happen any more, however busy the machine is.
#[tokio::test(start_paused = true)]
async fn the_sdk_sees_what_each_fault_says_and_tries_again_as_its_policy_does() {
    for Row { fault, sdk, .. } in rows() {
        let eventbridge = MockEventBridge::builder().seed(1).start().await;
        let scope = eventbridge.inject_scoped(fault.clone());
        let client = impatient(&eventbridge);
        let told = tell(&client).await;
        let journal = eventbridge.journal();
        assert_eq!(
            (journal.attempts().len(), told),
            sdk,
            "{fault}
{journal}"
        );
        drop(scope);
        // The same client recovers.
        assert_eq!(tell(&client).await, FINE, "after {fault}\n{}", eventbridge.journal());
    }
}

#[tokio::test]
async fn connections_that_never_become_requests_are_counted_and_tried_three_times() {
    let eventbridge = MockEventBridge::start().await;
    let fault = eventbridge.inject(Fault::reset_on_connect());
    assert_eq!(tell(&impatient(&eventbridge)).await, Told::Dispatch);
    assert_eq!(fault.fired(), 3);
}

#[tokio::test]
async fn the_sdk_waits_as_long_as_it_is_asked_to() {
    let eventbridge = MockEventBridge::start().await;
    let wait = Duration::from_millis(400);
    eventbridge.inject(Fault::request(RequestError::service_unavailable().retry_after(wait)).times(1));
    assert_eq!(tell(&shop::client(eventbridge.endpoint_url())).await, FINE);
    let journal = eventbridge.journal();
    let gap = journal.attempts()[1].at() - journal.attempts()[0].at();
    assert!(gap >= wait, "{gap:?}");
}

#[tokio::test]
async fn a_late_answer_is_late_by_the_clock_of_its_client() {
    let eventbridge = MockEventBridge::start().await;
    let latency = Duration::from_millis(40);
    eventbridge.inject(Fault::latency(latency));
    let started = Instant::now();
    assert_serves(&eventbridge).await;
    assert!(started.elapsed() >= latency, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_dribbled_answer_comes_in_pieces_with_pauses() {
    let eventbridge = MockEventBridge::start().await;
    let every = Duration::from_millis(2);
    eventbridge.inject(Fault::dribble(10, every));
    let mut socket = Socket::connect(eventbridge.address()).await;
    for _ in 0..2 {
        let started = Instant::now();
        let answer = socket.exchange(&put_events(entries([order(1)]))).await.unwrap();
        let pieces = u32::try_from(answer.body.len() / 10).unwrap();
        assert_eq!(answer.status, 200);
        assert!(started.elapsed() >= every * pieces, "{:?} for {pieces} pieces and more", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn latencies_cost_no_time_where_the_tests_clock_is_paused() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::latency(Duration::from_secs(600)));
    let (started, virtually) = (Instant::now(), tokio::time::Instant::now());
    let mut stream = TcpStream::connect(eventbridge.address()).await.unwrap();
    let request = bytes_of(&put_events(entries([order(1)])));
    tokio::io::AsyncWriteExt::write_all(&mut stream, &request).await.unwrap();
    let mut answer = vec![0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");
    assert!(virtually.elapsed() >= Duration::from_secs(600));
    assert!(started.elapsed() < PATIENCE);
}

#[tokio::test]
async fn a_refused_connection_is_refused_at_once_and_accepted_at_once_when_the_fault_is_lifted() {
    let eventbridge = MockEventBridge::start().await;
    let mut open = Socket::connect(eventbridge.address()).await;
    assert_eq!(open.exchange(&put_events(entries([order(1)]))).await.unwrap().status, 200);
    for _ in 0..20 {
        let fault = eventbridge.inject(Fault::refuse_connections());
        let refused = TcpStream::connect(eventbridge.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(open.exchange(&put_events(entries([order(2)]))).await.unwrap().status, 200, "what is open stays");
        fault.lift();
        assert_serves(&eventbridge).await;
    }
    eventbridge.inject(Fault::refuse_connections());
    eventbridge.clear_faults();
    assert_serves(&eventbridge).await;
}

#[tokio::test]
async fn a_handle_that_outlives_its_mock_opens_no_port() {
    let eventbridge = MockEventBridge::builder().account(OURS).start().await;
    let (fault, address) = (eventbridge.inject(Fault::refuse_connections()), eventbridge.address());
    eventbridge.shutdown().await;
    fault.lift();
    assert!(!is_served(address, OURS).await);
    let eventbridge = MockEventBridge::builder().account(OURS).start().await;
    let (fault, address) = (eventbridge.inject(Fault::refuse_connections()), eventbridge.address());
    drop(eventbridge);
    fault.lift();
    assert!(!is_served(address, OURS).await);
}

#[tokio::test]
async fn an_answer_to_a_head_request_is_spoilt_by_its_own_length() {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject(Fault::dribble(20, Duration::from_millis(1)));
    let mut socket = Socket::connect(eventbridge.address()).await;
    socket.send("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    socket.send(bytes_of(&put_events(entries([order(1)])))).await.unwrap();
    let text = socket.until("\"FailedEntryCount\":0").await;
    assert!(text.starts_with("HTTP/1.1 404") && text.contains("\r\n\r\nHTTP/1.1 200 OK\r\n"), "{text}");
}

#[tokio::test]
async fn a_stalled_connection_ends_with_its_client() {
    let eventbridge = MockEventBridge::builder().max_connections(1).start().await;
    let stall = eventbridge.inject(Fault::stall());
    for _ in 0..3 {
        let mut socket = Socket::connect(eventbridge.address()).await;
        socket.send(bytes_of(&put_events(entries([order(1)])))).await.unwrap();
        let fired = stall.fired();
        eventbridge.wait_until(PATIENCE, |_| stall.fired() > fired || fired > 0).await.unwrap();
    }
    stall.lift();
    let mut served = false;
    while !served {
        let mut socket = Socket::connect(eventbridge.address()).await;
        let answer = socket.exchange(&put_events(entries([order(1)]))).await;
        served = answer.is_some_and(|answer| answer.status == 200); // As soon as the mock has noticed that all have gone.
    }
}
