//! A shop that publishes its orders with the AWS SDK, as it would to the real EventBridge: the program under test.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};

/// Publishes orders, and gives no order up before it had its tries.
pub struct Publisher {
    client: Client,
}

impl Publisher {
    /// How often an order is tried.
    const TRIES: u32 = 5;

    /// Publishes to this endpoint, with a client of its own.
    pub fn new(endpoint_url: impl Into<String>) -> Self {
        Self { client: client(endpoint_url) }
    }

    /// Publishes with this client.
    pub fn with_client(client: Client) -> Self {
        Self { client }
    }

    /// Publishes these orders. The error holds the orders that were not published, with the last reason.
    pub async fn publish(&self, orders: impl IntoIterator<Item = u64>) -> Result<(), Vec<(u64, String)>> {
        let mut unsent: Vec<u64> = orders.into_iter().collect();
        let mut given_up = Vec::new();
        for try_number in 1..=Self::TRIES {
            let mut failed = Vec::new();
            for batch in unsent.chunks(10) {
                failed.extend(self.try_once(batch).await);
            }
            let is_last = try_number == Self::TRIES;
            let (again, lost): (Vec<_>, Vec<_>) =
                failed.into_iter().partition(|(_, code)| !is_last && is_worth_another_try(code));
            given_up.extend(lost);
            unsent = again.into_iter().map(|(order, _)| order).collect();
            if unsent.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20) * 2_u32.pow(try_number)).await;
        }
        if given_up.is_empty() { Ok(()) } else { Err(given_up) }
    }

    /// Sends one batch and returns the orders that were not accepted. The SDK itself repeats whole requests that failed;
    /// it never repeats single entries that failed inside an answer of HTTP 200.
    async fn try_once(&self, batch: &[u64]) -> Vec<(u64, String)> {
        let entries = batch.iter().map(|order| entry(*order)).collect();
        match self.client.put_events().set_entries(Some(entries)).send().await {
            Err(error) => batch.iter().map(|order| (*order, error.to_string())).collect(),
            // Results stand in the order of the entries. Only an EventId says that an entry was accepted.
            Ok(reply) => {
                let results = reply.entries().iter().map(Some).chain(std::iter::repeat(None));
                let unaccepted = batch.iter().zip(results).filter(|(_, result)| !result.is_some_and(is_accepted));
                unaccepted.map(|(order, result)| (*order, code(result).to_owned())).collect()
            }
        }
    }
}

fn is_accepted(result: &PutEventsResultEntry) -> bool {
    result.event_id().is_some() && result.error_code().is_none()
}

fn code(result: Option<&PutEventsResultEntry>) -> &str {
    result.and_then(PutEventsResultEntry::error_code).unwrap_or("no EventId")
}

/// The codes that AWS documents as retryable; any other will come again however often one tries.
fn is_worth_another_try(code: &str) -> bool {
    ["InternalFailure", "ThrottlingException"].contains(&code)
}

fn entry(order: u64) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source("shop.orders")
        .detail_type("OrderPlaced")
        .detail(format!(r#"{{"orderId":{order}}}"#))
        .build()
}

/// A client for a test: any credentials, no TLS, and a back-off that a test can wait for.
pub fn client(endpoint_url: impl Into<String>) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "shop"))
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint_url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
        .build();
    Client::from_conf(config)
}

/// The README's code tests this crate, so it cannot be tested from the package of `putevents-mock`.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
