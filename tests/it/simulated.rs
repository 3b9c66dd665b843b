//! The mock as a `tower` service: alone, and on a simulated network that breaks.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use pretty_assertions::assert_eq;
use putevents_mock::{EntryError, EntryMatcher, Fault, HttpService, MockEventBridge, entry};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::support::{entries, order, put_events};

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

fn request(ids: &[u64]) -> http::Request<Full<Bytes>> {
    put_events(entries(ids.iter().copied().map(order))).map(Full::new)
}

#[tokio::test(start_paused = true)]
async fn a_service_answers_breaks_and_stalls_as_it_is_told() {
    let eventbridge = MockEventBridge::in_process();
    let service = eventbridge.http_service();
    let answer = service.clone().oneshot(request(&[1])).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-amz-json-1.1");
    assert_eq!(answer.headers()["content-length"], answer.body().size_hint().exact().unwrap().to_string());

    let reset = eventbridge.inject(Fault::reset());
    let error = service.clone().oneshot(request(&[2])).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    reset.lift();

    let cut = eventbridge.inject(Fault::truncated_body(10));
    let mut body = service.clone().oneshot(request(&[3])).await.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), 10);
    assert_eq!(body.frame().await.unwrap().unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    cut.lift();

    let stall = eventbridge.inject(Fault::stall().after_acceptance());
    assert!(timeout(Duration::from_secs(600), service.clone().oneshot(request(&[4]))).await.is_err());
    stall.lift();

    let journal = eventbridge.journal();
    journal.published().assert_exactly([1, 3, 4].map(is_order));
    let told: Vec<bool> = journal.attempts().iter().map(putevents_mock::Attempt::is_told).collect();
    assert_eq!(told, [true, false, false, false]);
}

/// Serves on the simulated network until the simulation ends.
async fn serve(service: HttpService) -> turmoil::Result {
    let listener = turmoil::net::TcpListener::bind("0.0.0.0:80").await?;
    loop {
        let (stream, peer) = listener.accept().await?;
        let service = service.clone();
        let service = tower::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(peer);
            service.clone().oneshot(request)
        });
        tokio::spawn(async move {
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
        });
    }
}

/// One request on a connection of its own; the ids that were not accepted, or nothing where no answer came.
async fn put(ids: &[u64]) -> Option<Vec<u64>> {
    let stream = turmoil::net::TcpStream::connect("eventbridge:80").await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let body = sender.send_request(request(ids)).await.ok()?.into_body().collect().await.ok()?.to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let results = body["Entries"].as_array()?.iter().zip(ids);
    Some(results.filter(|(result, _)| result["EventId"].is_null()).map(|(_, id)| *id).collect())
}

#[test]
fn a_publisher_loses_nothing_when_the_network_is_partitioned() {
    let eventbridge = Arc::new(MockEventBridge::in_process());
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(is_order(2)).times(2));
    let service = eventbridge.http_service();

    let mut network = turmoil::Builder::new().simulation_duration(Duration::from_secs(120)).build();
    network.host("eventbridge", move || serve(service.clone()));
    network.client("publisher", async {
        for batch in [[1, 2, 3], [4, 5, 6], [7, 8, 9]] {
            let mut unsent = batch.to_vec();
            while !unsent.is_empty() {
                if let Ok(Some(failed)) = timeout(Duration::from_secs(2), put(&unsent)).await {
                    unsent = failed;
                }
                sleep(Duration::from_secs(1)).await;
            }
        }
        Ok(())
    });
    network.client("weather", async {
        sleep(Duration::from_millis(3_500)).await;
        turmoil::partition("publisher", "eventbridge");
        sleep(Duration::from_secs(20)).await;
        turmoil::repair("publisher", "eventbridge");
        Ok(())
    });
    network.run().unwrap();

    let journal = eventbridge.journal();
    let ledger = journal.ledger().expecting((1..=9).map(is_order));
    assert!(journal.attempts().last().unwrap().at() > Duration::from_secs(20), "it met the partition\n{journal}");
    ledger.assert_at_least_once();
    ledger.assert_only_failed_entries_resent();
    journal.assert_every_fault_fired();
}
