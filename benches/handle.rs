//! What one request costs inside the engine, without a socket: `cargo bench --bench handle`.
//!
//! Each case is a fresh engine and one request, so that the size of the journal plays no part. `parse_into_value` is
//! the yardstick: what serde_json alone takes to parse the same body and its details into `Value`s.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use divan::{Bencher, black_box};
use putevents_mock::Engine;
use putevents_mock::engine::{Ids, Now};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// Entries in the request, and bytes in each of them.
const CASES: [(usize, usize); 3] = [(1, 300), (10, 300), (10, 25_000)];

fn body((entries, bytes): (usize, usize)) -> Bytes {
    let items: Vec<Value> = (0..bytes / 50).map(|id| json!({ "sku": id, "name": "a thing in the basket" })).collect();
    let detail = json!({ "orderId": 1, "items": items }).to_string();
    let entry = json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail });
    json!({ "Entries": vec![entry; entries] }).to_string().into()
}

fn request(body: Bytes) -> http::Request<Bytes> {
    http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSEvents.PutEvents")
        .body(body)
        .unwrap()
}

#[divan::bench(args = CASES)]
fn handle(bencher: Bencher<'_, '_>, case: (usize, usize)) {
    let body = body(case);
    let now = Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH);
    let mut ids = Ids::random();
    bencher
        .with_inputs(|| (Engine::new(), request(body.clone())))
        .bench_local_values(|(mut engine, request)| (engine.handle(request, now, &mut ids), engine));
}

#[divan::bench(args = CASES)]
fn parse_into_value(bencher: Bencher<'_, '_>, case: (usize, usize)) {
    let body = body(case);
    bencher.bench_local(|| {
        let request: Value = serde_json::from_slice(black_box(&body)).unwrap();
        let details = request["Entries"].as_array().unwrap().iter().map(|entry| entry["Detail"].as_str().unwrap());
        details.map(|detail| serde_json::from_str(detail).unwrap()).collect::<Vec<Value>>()
    });
}
