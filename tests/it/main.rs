//! What the crate promises, one module for each behaviour.

// Tests may look at the clock; only the core of the library may not.
#![allow(clippy::disallowed_methods)]

mod fault_order;
mod faults;
mod golden;
mod journal;
mod limits;
mod nonsense;
mod patterns;
mod plans;
mod reports;
mod support;
mod wire;

#[cfg(feature = "server")]
mod connections;
#[cfg(feature = "server")]
mod handles;
#[cfg(feature = "server")]
mod readme;
#[cfg(feature = "server")]
mod sdk;
#[cfg(feature = "server")]
mod transport;
#[cfg(feature = "wiremock")]
mod wiremock;
