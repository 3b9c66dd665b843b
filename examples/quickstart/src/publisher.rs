//! A publisher of a shop's orders, as it would be for the real EventBridge: the program under test. It has no AWS SDK, so that it
//! is built in no time; `examples/shop` has one.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Who signs is not what this is about, and the mock verifies no signature.
const SIGNATURE: &str =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/events/aws4_request, SignedHeaders=host, Signature=00";

/// What is sent again after an answer in which only some entries failed.
#[derive(Clone, Copy)]
pub enum Resends {
    WholeBatch,
    FailedEntries,
}

/// Publishes these orders as one batch, in at most five tries.
pub async fn publish(address: SocketAddr, orders: &[u64], resends: Resends) -> Result<(), Box<dyn Error>> {
    let mut batch = orders.to_vec();
    for try_number in 1..=5 {
        let failed = try_once(address, &batch).await?;
        if failed.is_empty() {
            return Ok(());
        }
        if let Resends::FailedEntries = resends {
            batch = failed;
        }
        tokio::time::sleep(Duration::from_millis(10) * 2_u32.pow(try_number)).await;
    }
    Err(format!("given up: {batch:?}").into())
}

/// Sends one batch and returns the orders that were not accepted.
async fn try_once(address: SocketAddr, batch: &[u64]) -> Result<Vec<u64>, Box<dyn Error>> {
    let entries: Vec<Value> = batch.iter().map(|order| entry(*order)).collect();
    let (status, answer) = put_events(address, &json!({ "Entries": entries })).await?;
    if status != StatusCode::OK {
        return Ok(batch.to_vec());
    }
    // HTTP 200 does not say that all entries were accepted. Only an EventId says it of one.
    let answer: Value = serde_json::from_slice(&answer)?;
    let results = (0..).map(|index| &answer["Entries"][index]);
    let failed = batch.iter().zip(results).filter(|(_, result)| !result["EventId"].is_string());
    Ok(failed.map(|(order, _)| *order).collect())
}

fn entry(order: u64) -> Value {
    let detail = json!({ "orderId": order }).to_string();
    json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail })
}

async fn put_events(address: SocketAddr, body: &Value) -> Result<(StatusCode, Bytes), Box<dyn Error>> {
    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) = http1::handshake(stream).await?;
    tokio::spawn(connection);
    let request = Request::post("/")
        .header("host", address.to_string())
        .header("authorization", SIGNATURE)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSEvents.PutEvents")
        .body(Full::<Bytes>::from(body.to_string()))?;
    let response = sender.send_request(request).await?;
    Ok((response.status(), response.into_body().collect().await?.to_bytes()))
}
