//! Rusoto, which nobody maintains any more and many still run.

use hyper::client::HttpConnector;
use rusoto_core::credential::StaticProvider;
use rusoto_core::{HttpClient, Region, RusotoError};
use rusoto_events::{EventBridge, EventBridgeClient, PutEventsError, PutEventsRequest, PutEventsRequestEntry};

use crate::{Call, Error, Seen, result, text};

pub async fn publish(call: Call) -> Seen {
    let entries = call.entries.iter().map(|entry| PutEventsRequestEntry {
        source: text(entry, "Source"),
        detail_type: text(entry, "DetailType"),
        detail: text(entry, "Detail"),
        ..PutEventsRequestEntry::default()
    });
    let request = PutEventsRequest { entries: entries.collect(), ..PutEventsRequest::default() };
    let variable = |name| std::env::var(name).expect("endpoint and region are in the environment");
    let region = Region::Custom { name: variable("AWS_REGION"), endpoint: variable("PUTEVENTS_MOCK_URL") };
    let credentials = StaticProvider::new_minimal(call.access_key, call.secret_key);
    let client = EventBridgeClient::new_with(HttpClient::from_connector(HttpConnector::new()), credentials, region);

    let answer = match call.read_timeout {
        None => client.put_events(request).await,
        // Rusoto has no limit of its own.
        Some(limit) => match tokio::time::timeout(limit, client.put_events(request)).await {
            Ok(answer) => answer,
            Err(_) => return Err(Error { code: "given up".to_owned(), message: format!("after {limit:?}") }),
        },
    };
    match answer {
        Ok(answer) => {
            let entries = answer.entries.unwrap_or_default();
            Ok((
                answer.failed_entry_count.unwrap_or_default(),
                entries.iter().map(|entry| result(entry.event_id.as_deref(), entry.error_code.as_deref())).collect(),
            ))
        }
        Err(error) => {
            let code = match &error {
                RusotoError::Service(PutEventsError::Internal(_)) => "PutEventsError::Internal",
                RusotoError::HttpDispatch(_) => "HttpDispatch",
                RusotoError::Validation(_) => "Validation",
                RusotoError::ParseError(_) => "ParseError",
                RusotoError::Unknown(answer) => {
                    return Err(Error {
                        code: format!("Unknown {}", answer.status.as_u16()),
                        message: error.to_string(),
                    });
                }
                _ => "another error",
            };
            Err(Error { code: code.to_owned(), message: error.to_string() })
        }
    }
}
