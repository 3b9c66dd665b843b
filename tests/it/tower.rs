//! The mock as a service: called, served by hyper, and on a simulated network.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, Cursor, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use pretty_assertions::assert_eq;
use putevents_mock::adapters::{HttpBody, HttpService};
use putevents_mock::journal::ProblemKind;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::support::{entries, order, put_events, waits};

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4711);

/// The first twenty bytes of the body of an answer.
const BEGINNING: &str = r#"{"FailedEntryCount":"#;

async fn publish(eventbridge: &MockEventBridge, id: u64) -> io::Result<http::Response<HttpBody>> {
    eventbridge.http_service().oneshot(put_events(entries([order(id)])).map(Full::new)).await
}

fn is_order(id: u64) -> EntryMatcher {
    putevents_mock::entry().source("shop.orders").detail_at("/orderId", id)
}

#[tokio::test]
async fn a_good_request_is_answered_by_the_service_of_any_mock() {
    for eventbridge in [MockEventBridge::in_process(), MockEventBridge::start().await] {
        let mut request = put_events(entries([order(1)])).map(Full::new);
        request.extensions_mut().insert(PEER);
        let response = eventbridge.http_service().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let (declared, hint) = (response.headers()["content-length"].clone(), response.body().size_hint());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!((hint.exact().unwrap(), declared.to_str().unwrap()), (body.len() as u64, &*body.len().to_string()));
        let body = serde_json::from_slice::<Value>(&body).unwrap();
        let journal = eventbridge.shutdown().await;
        journal.published().assert_exactly([is_order(1)]);
        assert_eq!(body["Entries"][0]["EventId"], journal.published()[0].id().to_string());
        assert!(journal.attempts()[0].is_told() && journal.problems().is_empty(), "{journal}");
        assert_eq!(journal.attempts()[0].peer(), Some(PEER));
    }
}

#[tokio::test]
async fn a_body_may_come_in_pieces_of_any_kind_of_buffer() {
    let eventbridge = MockEventBridge::in_process();
    let (head, body) = put_events(entries([order(1), order(2)])).into_parts();
    let pieces = body.chunks(7).map(|piece| Cursor::new(piece.to_vec())).collect::<Vec<_>>();
    let request = http::Request::from_parts(head, Pieces(pieces.into_iter().collect(), None));
    assert_eq!(eventbridge.http_service().oneshot(request).await.unwrap().status(), 200);
    eventbridge.journal().published().assert_exactly([is_order(1), is_order(2)]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_not_collected() {
    let eventbridge = MockEventBridge::in_process();
    let piece = Cursor::new(vec![b' '; 1024 * 1024]);
    let request = put_events("").map(|_| Pieces(vec![piece; 20].into(), None));
    let response = eventbridge.http_service().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(eventbridge.journal().problems()[0].kind(), ProblemKind::TooLarge);
}

#[tokio::test]
async fn a_body_that_fails_is_an_error_and_a_problem() {
    let eventbridge = MockEventBridge::in_process();
    let request = put_events("").map(|_| Pieces(Default::default(), Some("the cable was cut")));
    let error = eventbridge.http_service().oneshot(request).await.unwrap_err();
    assert_eq!(error.to_string(), "the cable was cut");
    let journal = eventbridge.journal();
    assert!(journal.attempts().is_empty());
    assert_eq!(journal.problems()[0].kind(), ProblemKind::Connection);
    assert_eq!(journal.problems()[0].message(), "the body of a request broke off: the cable was cut");
}

/// A body of these pieces, which may fail in the end.
struct Pieces(VecDeque<Cursor<Vec<u8>>>, Option<&'static str>);

impl Body for Pieces {
    type Data = Cursor<Vec<u8>>;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let data = self.0.pop_front().map(|piece| Ok(Frame::data(piece)));
        Poll::Ready(data.or_else(|| self.1.take().map(Err)))
    }
}

#[tokio::test]
async fn a_body_that_is_cut_fails_after_its_bytes() {
    for (fault, kind) in [
        (Fault::truncated_body(20), ErrorKind::UnexpectedEof),
        (Fault::truncated_body(0), ErrorKind::UnexpectedEof),
        (Fault::reset_in_body(20), ErrorKind::ConnectionReset),
    ] {
        let eventbridge = MockEventBridge::in_process();
        let kept = if fault == Fault::truncated_body(0) { 0 } else { 20 };
        eventbridge.inject(fault);
        let response = publish(&eventbridge, 1).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        assert_eq!((body.size_hint().lower(), body.size_hint().upper(), body.is_end_stream()), (kept, None, false));
        if kept > 0 {
            let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert_eq!(data, BEGINNING);
        }
        assert_eq!(body.frame().await.unwrap().unwrap_err().kind(), kind);
        assert!(body.is_end_stream() && body.frame().await.is_none());
        assert!(!eventbridge.journal().attempts()[0].is_told());
    }
}

#[tokio::test]
async fn what_is_no_answer_is_an_error() {
    for (fault, kind) in [
        (Fault::refuse_connections(), ErrorKind::ConnectionRefused),
        (Fault::reset_on_connect(), ErrorKind::ConnectionReset),
        (Fault::reset(), ErrorKind::ConnectionReset),
        (Fault::reset_in_head(20), ErrorKind::ConnectionReset),
        (Fault::empty_response(), ErrorKind::UnexpectedEof),
        (Fault::truncated_head(20), ErrorKind::UnexpectedEof),
        (Fault::garbage(), ErrorKind::InvalidData),
    ] {
        let eventbridge = MockEventBridge::in_process();
        let text = fault.to_string();
        let handle = eventbridge.inject(fault);
        assert_eq!(publish(&eventbridge, 1).await.unwrap_err().kind(), kind, "{text}");
        handle.lift();
        assert_eq!(publish(&eventbridge, 1).await.unwrap().status(), 200, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stall_lasts_until_somebody_gives_up_and_that_answer_is_abandoned() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::stall().times(1));
    let limit = Duration::from_secs(3600);
    assert!(timeout(limit, publish(&eventbridge, 1)).await.is_err());
    publish(&eventbridge, 1).await.unwrap();
    let journal = eventbridge.journal();
    assert!(!journal.attempts()[0].is_told() && journal.attempts()[1].is_told(), "{journal}");
    assert_eq!(journal.attempts()[0].ended_at(), Some(limit));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_waits_for_was_never_given() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::latency(Duration::from_secs(60)).times(1));
    assert!(timeout(Duration::from_secs(1), publish(&eventbridge, 1)).await.is_err());
    publish(&eventbridge, 1).await.unwrap();
    let journal = eventbridge.journal();
    assert!(!journal.attempts()[0].is_told(), "{journal}");
    assert_eq!(journal.attempts()[0].ended_at(), Some(Duration::from_secs(1)));
    journal.ledger().assert_only_failed_entries_resent();
}

/// Serves one connection with hyper.
async fn serve(service: HttpService, stream: impl AsyncRead + AsyncWrite + Unpin) -> hyper::Result<()> {
    http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await
}

fn over_the_wire(request: &http::Request<Bytes>) -> Vec<u8> {
    let mut text = format!("POST / HTTP/1.1\r\nHost: eventbridge\r\nContent-Length: {}\r\n", request.body().len());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    [text.as_bytes(), b"Connection: close\r\n\r\n", request.body()].concat()
}

#[tokio::test]
async fn behind_hyper_a_cut_answer_arrives_as_far_as_it_goes() {
    for (fault, wanted) in [
        (Fault::truncated_body(20), Some(BEGINNING)),
        (Fault::truncated_body(0), Some("")),
        (Fault::reset(), None),
        (Fault::garbage(), None),
    ] {
        let eventbridge = MockEventBridge::in_process();
        eventbridge.inject(fault);
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let served = tokio::spawn(serve(eventbridge.http_service(), server));
        client.write_all(&over_the_wire(&put_events(entries([order(1)])))).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(served.await.unwrap().is_err());
        assert_eq!(answer.split_once("\r\n\r\n").map(|(_, body)| body), wanted, "{answer}");
        assert!(answer.is_empty() || answer.contains("content-length: "), "{answer}");
    }
}

/// The results of the entries, as far as the answer arrived whole.
async fn publish_over_turmoil(id: u64) -> Option<Value> {
    let mut stream = turmoil::net::TcpStream::connect("eventbridge:80").await.ok()?;
    stream.write_all(&over_the_wire(&put_events(entries([order(id)])))).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200 ").then(|| serde_json::from_str(body).ok())?
}

#[test]
fn on_a_simulated_network_nothing_is_lost_in_a_partition() {
    const ORDERS: u64 = 20;
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(is_order(3)).times(1));
    eventbridge.inject(Fault::lost_reply().on_attempt(5));
    let mut simulation = turmoil::Builder::new().rng_seed(7).simulation_duration(Duration::from_secs(120)).build();
    let service = eventbridge.http_service();
    simulation.host("eventbridge", move || {
        let service = service.clone();
        async move {
            let listener = turmoil::net::TcpListener::bind("0.0.0.0:80").await?;
            loop {
                let (stream, _) = listener.accept().await?;
                tokio::spawn(serve(service.clone(), stream));
            }
        }
    });
    let failures = Rc::new(Cell::new(0));
    let counted = Rc::clone(&failures);
    simulation.client("client", async move {
        for id in 1..=ORDERS {
            loop {
                let results = timeout(Duration::from_secs(1), publish_over_turmoil(id)).await.ok().flatten();
                if results.is_some_and(|results| results["FailedEntryCount"] == 0) {
                    break;
                }
                counted.set(counted.get() + 1);
                sleep(Duration::from_millis(300)).await;
            }
            sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    });
    simulation.client("operator", async {
        sleep(Duration::from_secs(3)).await;
        turmoil::partition("client", "eventbridge");
        sleep(Duration::from_secs(10)).await;
        turmoil::repair("client", "eventbridge");
        Ok(())
    });
    simulation.run().unwrap();
    let journal = eventbridge.journal();
    journal.ledger().expecting((1..=ORDERS).map(is_order)).assert_at_least_once();
    journal.assert_every_fault_fired();
    // The two faults, and what the partition kept away.
    assert!(failures.get() > 4, "{} failures\n{journal}", failures.get());
    let gaps = waits(&journal).max().unwrap();
    assert!((Duration::from_secs(9)..Duration::from_secs(13)).contains(&gaps), "{gaps:?}\n{journal}");
}

/// As a mock with a socket does.
#[tokio::test]
async fn a_service_that_outlives_its_mock_refuses_connections_and_says_why() {
    for (eventbridge, is_shut_down) in [
        (MockEventBridge::in_process(), false),
        (MockEventBridge::in_process(), true),
        (MockEventBridge::start().await, false),
    ] {
        let service = eventbridge.http_service();
        if is_shut_down {
            assert!(eventbridge.shutdown().await.attempts().is_empty());
        } else {
            drop(eventbridge);
        }
        let error = service.oneshot(put_events(entries([order(1)])).map(Full::new)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(
            error.to_string(),
            "the mock is gone: it was dropped or shut down before this request; keep it until the publisher is done"
        );
    }
}
