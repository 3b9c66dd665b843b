//! What the crate promises, one module for each behaviour.

// Tests may look at the clock; only the core of the library may not.
#![allow(clippy::disallowed_methods)]

mod alike;
mod api;
mod client_types;
mod expectations;
mod fault_order;
mod faults;
mod golden;
mod growth;
mod hostile;
mod house;
mod journal;
mod ledger;
mod limits;
mod near;
mod nonsense;
mod operations;
mod page;
mod patterns;
mod plans;
mod publishers;
mod readable;
mod reports;
mod saved;
mod scenarios;
mod secrets;
mod support;
mod tries;
mod wire;

#[cfg(feature = "cli")]
mod admin;
#[cfg(all(feature = "aws-sdk", feature = "cli", feature = "tower", feature = "wiremock"))]
mod arms;
#[cfg(feature = "server")]
mod blocked;
#[cfg(feature = "server")]
mod blocking;
#[cfg(feature = "cli")]
mod bounds;
#[cfg(all(feature = "aws-sdk", feature = "check"))]
mod check;
#[cfg(feature = "cli")]
mod cli;
#[cfg(all(unix, feature = "aws-sdk", feature = "cli"))]
mod cli_explore;
#[cfg(all(unix, feature = "cli"))]
mod cli_over_stdio;
#[cfg(feature = "server")]
mod connections;
#[cfg(all(unix, feature = "cli"))]
mod environment;
#[cfg(all(feature = "server", feature = "json-schema"))]
mod gallery;
#[cfg(feature = "cli")]
mod guard;
#[cfg(feature = "server")]
mod handles;
#[cfg(feature = "aws-sdk")]
mod in_process;
#[cfg(all(feature = "aws-sdk", feature = "check"))]
mod judges;
#[cfg(all(target_os = "linux", feature = "cli"))]
mod memory;
#[cfg(feature = "server")]
mod places;
#[cfg(all(unix, feature = "cli"))]
mod questions;
#[cfg(feature = "server")]
mod readme;
#[cfg(feature = "server")]
mod same_report;
#[cfg(feature = "server")]
mod sdk;
#[cfg(all(feature = "aws-sdk", feature = "check"))]
mod searches;
#[cfg(feature = "server")]
mod starting;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "server")]
mod transport;
#[cfg(feature = "aws-sdk")]
mod virtual_time;
#[cfg(feature = "server")]
mod waits;
#[cfg(all(unix, feature = "cli"))]
mod whole_files;
#[cfg(feature = "wiremock")]
mod wiremock;
