//! How long the SDK waits between its own tries: in the runs of a search always the same.

use aws_smithy_types::retry::RetryConfig;

use crate::live::Live;

/// The SDK's default, without its randomness where two runs must be the same.
pub(super) fn retries(live: &Live) -> RetryConfig {
    RetryConfig::standard().with_use_static_exponential_base(live.rehearsal().is_some())
}
