//! A mock of Amazon EventBridge's PutEvents that makes the bugs of event publishers fail a test.
//!
//! PutEvents is a trap: HTTP 200 may carry failed entries, SDKs repeat only whole requests, and whatever else must be
//! sent again is up to the publisher's own code. This crate answers as the real service does, goes wrong when it is told
//! to, and remembers everything that it received.
//!
//! * [`MockEventBridge`] is the running mock: start it, give its `endpoint_url()` to the program under test, and
//!   look at its [`journal()`](Journal).
//! * [`Fault`] is something that goes wrong: an [`EntryError`] for some entries, a [`RequestError`] for a whole request, a
//!   connection that is reset, an answer that is lost. [`entry()`] says which entries are meant, and [`what_can_go_wrong`]
//!   lists all faults with what the real service does and a good publisher should.
//! * [`Journal`] is what happened: every [`Attempt`] with its [entries](Entry) and their [outcomes](Outcome), every
//!   published [`Event`], and every [`Problem`] of the traffic.
//! * [`Events`] and the [`Ledger`], which follows each event across all attempts, have the assertions: `assert_*` panics at
//!   your line with a report, `check_*` returns the same report as a [`Mismatch`]. [`Lint`] needs not be asked anything.
//! * [`Plan`] holds faults and [expectations](Expectation), which are assertions as data: a file for tests in any language.
//! * [`PublisherCheck`] needs no faults: it runs a publisher with all small combinations of them, and hands back the smallest
//!   one with which it breaks a rule (feature `check`).
//! * [`Limits`] is what the service refuses by itself.
//! * [`Engine`] is all of it without a socket, a clock or an async runtime.
//!
//! The API is the classic PutEvents of 2015-10-07 (`AWSEvents.PutEvents`) with all of today's members. The operation of
//! the same name in the API *EventBridgeV2* of 2025 is another one on another protocol and is not mocked.
//!
//! # Where the facts come from
//!
//! No fact about the service is a guess that looks like one. Texts and codes were recorded from the service, or from a
//! sister service on the same framework, or follow from the service's model; what nobody has recorded is marked as a
//! proposal, with a D, where it stands.
//!
//! # Features
//!
//! * `server` (default): [`MockEventBridge`]. Without it only the engine is built, and neither tokio nor hyper.
//! * `json-schema`: `assert_details_conform` holds details against a JSON Schema.
//! * `check`: [`PublisherCheck`], with `aws-sdk` beside it, so that its runs need no socket.
//! * `aws-sdk`: the AWS SDK for Rust, configured for a mock, also without a socket.
//! * `tower`: a mock as a `tower::Service`, for servers and simulated networks of the test's own.
//! * `wiremock`: a mock can be mounted on a `wiremock::MockServer`, beside other mocks.
//! * `cli`: the binary `putevents-mock` for programs of any language: a stand-alone server, and the same search for a command.

// What these features bring is not there to be linked without them.
#![doc = ""]
#![cfg_attr(not(feature = "check"), doc = "[`PublisherCheck`]: #features")]
#![cfg_attr(not(feature = "server"), doc = "[`MockEventBridge`]: #features")]
// On docs.rs each item says which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// A server that panics blames the program under test for its own bug.
#![warn(clippy::expect_used, clippy::unwrap_used)]
// What a room offers does not depend on the features, so that no other file needs to ask for one. With all features nothing
// may be unused.
#![cfg_attr(
    not(all(feature = "aws-sdk", feature = "check", feature = "cli", feature = "tower", feature = "wiremock")),
    allow(dead_code, unused_imports)
)]

#[cfg(feature = "server")]
mod adapters;
#[cfg(feature = "cli")]
mod admin;
mod assignment;
mod check;
#[cfg(feature = "cli")]
mod cli;
mod engine;
mod expect;
mod explore;
mod fault;
mod files;
mod growth;
mod journal;
mod json;
mod ledger;
#[cfg(feature = "server")]
mod live;
mod matcher;
#[cfg(feature = "server")]
mod mock;
mod page;
mod pattern;
mod printable;
#[cfg(feature = "check")]
mod publisher_check;
mod random;
mod records;
mod report;
#[cfg_attr(feature = "json-schema", path = "schema/with.rs")]
#[cfg_attr(not(feature = "json-schema"), path = "schema/without.rs")]
mod schema;
mod service;
#[cfg(feature = "server")]
mod transport;
mod whole_file;
mod words;

#[cfg(feature = "tower")]
pub use adapters::{HttpBody, HttpService};
#[cfg(feature = "wiremock")]
pub use adapters::{WiremockGuard, WiremockMount};
pub use check::{Alike, Backoff, Finding, LintRule, Reported};
#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main as __main;
pub use engine::{Engine, Now};
pub use expect::{Lint, Mismatch, MismatchKind};
#[cfg(feature = "check")]
pub use explore::Judge;
pub use fault::{Cut, Delivery, End, Fault, FaultId, Gate, Lasting, MalformedReply, Pace, Quota, Reply, Times};
#[doc(hidden)]
pub use files::rows as __rows;
pub use files::{Expectation, JournalError, Plan, PlanError};
pub use journal::{Attempt, Event, Events, Journal};
pub use ledger::{Difference, Failure, Fate, Ledger, Line, Try};
#[cfg(feature = "server")]
pub use live::{GateTimeout, Subscription, WaitTimeout};
#[doc(hidden)]
pub use matcher::__entry_of;
pub use matcher::{EntryMatcher, IntoMatchers, TextMatcher, entry, one_of, prefix};
#[cfg(feature = "server")]
#[doc(hidden)]
pub use mock::environment_rows as __environment_rows;
#[cfg(feature = "server")]
pub use mock::{ClockHold, FaultHandle, MockEventBridge, MockEventBridgeBuilder, ScopedFault, hold_clock};
pub use pattern::{EventPattern, PatternError, Undecided};
#[cfg(feature = "check")]
pub use publisher_check::{AnyNumber, Misbehaviour, OwnEvents, PublisherCheck, PublisherReport};
pub use records::{Records, RecordsIter};
pub use service::{
    CredentialScope, Entry, EntryError, ErrorClass, EventId, Ids, Limits, Outcome, Problem, ProblemKind, RequestError,
};

#[doc = include_str!("../docs/what-can-go-wrong.md")]
pub mod what_can_go_wrong {}

#[cfg(all(feature = "check", feature = "aws-sdk"))]
#[doc = include_str!("../docs/check-a-publisher.md")]
pub mod check_a_publisher {}
