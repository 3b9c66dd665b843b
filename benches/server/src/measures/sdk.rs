//! A call of the AWS SDK in process, against the same call with the canned client of the SDK's own HTTP crate: a whole
//! service against a fixed answer. Both take turns.

use std::io;
use std::time::{Instant, SystemTime};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::test_util::infallible_client_fn;
use putevents_mock::MockEventBridge;
use tokio::runtime::Builder;

use crate::args::Args;
use crate::statistics::median;
use crate::table::{Table, number, ratio};

/// Rounds of one run.
const ROUNDS: usize = 8;
const CALLS: usize = 100;

pub fn take(args: &Args) -> io::Result<String> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::new(1, &["entries", "ours µs", "canned client µs", "ours ÷ canned client"]);
    for entries in [1, 10] {
        eprintln!("sdk: {entries} entries");
        let (ours, canned) = runtime.block_on(compare(entries, args.runs * ROUNDS))?;
        let numbers = [number(median(ours.clone())), number(median(canned.clone())), ratio(&ours, &canned)];
        table.row([entries.to_string()].into_iter().chain(numbers));
    }
    Ok(table.to_string())
}

/// The microseconds of a call, for each round.
async fn compare(entries: usize, rounds: usize) -> io::Result<(Vec<f64>, Vec<f64>)> {
    let eventbridge = MockEventBridge::builder().max_journal_attempts(100).in_process();
    let config = eventbridge.sdk_config();
    let with_canned = config.clone().into_builder().http_client(infallible_client_fn(canned(entries))).build();
    let (ours, canned) = (Client::new(&config), Client::new(&with_canned));
    let (mut of_ours, mut of_canned) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (client, times) in [(&ours, &mut of_ours), (&canned, &mut of_canned)] {
            let started = Instant::now();
            for number in 0..CALLS {
                let batch = (0..entries).map(|index| order(number * 10 + index)).collect();
                client.put_events().set_entries(Some(batch)).send().await.map_err(io::Error::other)?;
            }
            times.push(started.elapsed().as_secs_f64() * 1_000_000.0 / CALLS as f64);
        }
    }
    Ok((of_ours, of_canned))
}

/// An answer with the headers of the service: the SDK looks at each of them.
fn canned<T>(entries: usize) -> impl Fn(T) -> http::Response<String> {
    let results = vec![r#"{"EventId":"11710aed-b79e-4468-a20b-bb3c0c3b4860"}"#; entries].join(",");
    let body = format!(r#"{{"FailedEntryCount":0,"Entries":[{results}]}}"#);
    move |_| {
        http::Response::builder()
            .header("x-amzn-requestid", "11710aed-b79e-4468-a20b-bb3c0c3b4860")
            .header("content-type", "application/x-amz-json-1.1")
            .header("content-length", body.len())
            .header("date", httpdate::fmt_http_date(SystemTime::now()))
            .body(body.clone())
            .expect("these are headers")
    }
}

fn order(id: usize) -> PutEventsRequestEntry {
    let detail = format!(r#"{{"orderId":{id},"note":"{}"}}"#, "x".repeat(250));
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}
