//! Adapters: the AWS SDK for Rust, `tower`, and `wiremock`.
//!
//! Each adapter adds methods to [`MockEventBridge`](crate::MockEventBridge) and calls the same engine as the server:
//! `sdk_config()` (feature `aws-sdk`), `http_service()` (feature `tower`), `mount_on()` (feature `wiremock`).

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
