//! Other ways in: the AWS SDK, tower and wiremock. Each calls the engine of a mock, and adds nothing of its own.

#[cfg(feature = "aws-sdk")]
mod aws_sdk;
#[cfg(any(feature = "aws-sdk", feature = "tower"))]
mod http_body;
#[cfg(feature = "aws-sdk")]
#[cfg_attr(feature = "check", path = "retries/steady.rs")]
#[cfg_attr(not(feature = "check"), path = "retries/usual.rs")]
mod retries;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "wiremock")]
mod wiremock;

#[cfg(feature = "wiremock")]
pub use self::wiremock::{WiremockGuard, WiremockMount};
#[cfg(feature = "tower")]
pub use self::{http_body::HttpBody, tower::HttpService};
