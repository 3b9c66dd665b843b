//! How long the SDK waits between its own tries, where there is no search.

use aws_smithy_types::retry::RetryConfig;

use crate::live::Live;

/// The SDK's default.
pub(super) fn retries(_: &Live) -> RetryConfig {
    RetryConfig::standard()
}
