//! The AWS SDK for Rust: EventBridge, and CloudWatch Events, as it was called before.

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;

use crate::{Call, Error, Seen, result, text};

async fn config(call: &Call) -> SdkConfig {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .credentials_provider(Credentials::from_keys(&call.access_key, &call.secret_key, None))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    if let Some(limit) = call.read_timeout {
        config = config.timeout_config(TimeoutConfig::builder().read_timeout(limit).build());
    }
    config.load().await
}

macro_rules! publish {
    ($name:ident, $sdk:ident) => {
        pub async fn $name(call: Call) -> Seen {
            use $sdk::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
            use $sdk::types::PutEventsRequestEntry;

            let entries = call.entries.iter().map(|entry| {
                PutEventsRequestEntry::builder()
                    .set_source(text(entry, "Source"))
                    .set_detail_type(text(entry, "DetailType"))
                    .set_detail(text(entry, "Detail"))
                    .build()
            });
            let client = $sdk::Client::new(&config(&call).await);
            match client.put_events().set_entries(Some(entries.collect())).send().await {
                Ok(answer) => Ok((
                    answer.failed_entry_count().into(),
                    answer.entries().iter().map(|entry| result(entry.event_id(), entry.error_code())).collect(),
                )),
                Err(error) => {
                    let code = match &error {
                        SdkError::ServiceError(error) if error.err().is_internal_exception() => {
                            "is_internal_exception()"
                        }
                        SdkError::ServiceError(error) => error.err().code().unwrap_or("ServiceError without a code"),
                        SdkError::TimeoutError(_) => "TimeoutError",
                        SdkError::DispatchFailure(failure) if failure.is_timeout() => "DispatchFailure, is_timeout()",
                        SdkError::DispatchFailure(failure) if failure.is_io() => "DispatchFailure, is_io()",
                        SdkError::DispatchFailure(_) => "DispatchFailure",
                        SdkError::ResponseError(_) => "ResponseError",
                        _ => "another error",
                    };
                    Err(Error { code: code.to_owned(), message: DisplayErrorContext(&error).to_string() })
                }
            }
        }
    };
}

publish!(eventbridge, aws_sdk_eventbridge);
publish!(cloudwatchevents, aws_sdk_cloudwatchevents);
