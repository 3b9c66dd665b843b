//! A call of the AWS SDK in process, against the same call with the canned client of the SDK's own HTTP crate: a whole
//! service against a fixed answer. Both take turns, and the ratio of their medians is printed.

use std::time::{Duration, Instant};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::test_util::infallible_client_fn;
use putevents_mock::MockEventBridge;

const ROUNDS: usize = 40;
const CALLS: u32 = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for entries in [1, 10] {
        runtime.block_on(compare(entries));
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
async fn compare(entries: usize) {
    let results = vec![r#"{"EventId":"11710aed-b79e-4468-a20b-bb3c0c3b4860"}"#; entries].join(",");
    let canned = format!(r#"{{"FailedEntryCount":0,"Entries":[{results}]}}"#);
    // With the headers of the service: the SDK looks at each of them.
    let answer = move |_| {
        http::Response::builder()
            .header("x-amzn-requestid", "11710aed-b79e-4468-a20b-bb3c0c3b4860")
            .header("content-type", "application/x-amz-json-1.1")
            .header("content-length", canned.len())
            .header("date", httpdate::fmt_http_date(std::time::SystemTime::now()))
            .body(canned.clone())
            .expect("an answer")
    };

    let eventbridge = MockEventBridge::builder().max_journal_attempts(100).in_process();
    let mock = Client::new(&eventbridge.sdk_config());
    let with_canned = eventbridge.sdk_config().into_builder().http_client(infallible_client_fn(answer)).build();
    let canned = Client::new(&with_canned);

    let (mut of_mock, mut of_canned) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (client, times) in [(&mock, &mut of_mock), (&canned, &mut of_canned)] {
            let started = Instant::now();
            for number in 0..CALLS {
                let batch = (0..entries).map(|index| order(u64::from(number) * 10 + index as u64)).collect();
                client.put_events().set_entries(Some(batch)).send().await.expect("it is accepted");
            }
            times.push(started.elapsed() / CALLS);
        }
    }
    let (mock, canned) = (median(of_mock), median(of_canned));
    let ratio = mock.as_secs_f64() / canned.as_secs_f64();
    println!("{entries:2} entries: mock in process {mock:?}, canned answer {canned:?}, ratio {ratio:.3}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn order(id: u64) -> PutEventsRequestEntry {
    let detail = format!(r#"{{"orderId":{id},"note":"{}"}}"#, "x".repeat(250));
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}
