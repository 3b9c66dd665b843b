//! A call of the AWS SDK in process, against the same call with a canned client: a whole service against a fixed answer. Both
//! take turns, and the ratio of their medians is printed.

use std::time::{Duration, Instant};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use putevents_mock::MockEventBridge;

const ROUNDS: usize = 40;
const CALLS: u32 = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for entries in [1, 10] {
        runtime.block_on(compare(entries));
    }
}

/// Gives this body as the answer to every request.
#[derive(Debug)]
struct Canned(String);

impl HttpConnector for Canned {
    #[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        // With the headers of the service: the SDK looks at each of them.
        let answer = http::Response::builder()
            .header("x-amzn-requestid", "11710aed-b79e-4468-a20b-bb3c0c3b4860")
            .header("content-type", "application/x-amz-json-1.1")
            .header("content-length", self.0.len())
            .header("date", httpdate::fmt_http_date(std::time::SystemTime::now()))
            .body(SdkBody::from(self.0.clone()))
            .expect("an answer");
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(answer).expect("an answer of the SDK's")))
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
async fn compare(entries: usize) {
    let results = vec![r#"{"EventId":"11710aed-b79e-4468-a20b-bb3c0c3b4860"}"#; entries].join(",");
    let canned = format!(r#"{{"FailedEntryCount":0,"Entries":[{results}]}}"#);
    let eventbridge = MockEventBridge::builder().max_journal_attempts(100).in_process();
    let mock = Client::new(&eventbridge.sdk_config());
    let canned = http_client_fn(move |_, _| SharedHttpConnector::new(Canned(canned.clone())));
    let canned = Client::new(&eventbridge.sdk_config().into_builder().http_client(canned).build());

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
