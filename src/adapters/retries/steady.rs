//! The waits between the SDK's own tries. In the runs of a search they are always the same.

use aws_smithy_types::retry::RetryConfig;

use crate::live::Live;

/// The SDK's default, without jitter in the runs of a search.
pub(super) fn retries(live: &Live) -> RetryConfig {
    RetryConfig::standard().with_use_static_exponential_base(live.rehearsal().is_some())
}
