//! The waits between the SDK's own tries, without the feature `check`.

use aws_smithy_types::retry::RetryConfig;

use crate::live::Live;

/// The SDK's default.
pub(super) fn retries(_: &Live) -> RetryConfig {
    RetryConfig::standard()
}
