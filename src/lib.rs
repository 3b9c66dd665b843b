//! A mock of Amazon EventBridge's PutEvents that makes the bugs of event publishers fail a test.
//!
//! PutEvents can answer HTTP 200 with failed entries. SDKs retry whole requests only, so the publisher's own code must resend the
//! failed entries, and nothing else. This crate answers as the service does, fails entries, requests and connections on purpose, and
//! records what the publisher did about it.
//!
//! # A test
//!
//! Start the mock, say what goes wrong, run the publisher, and ask the journal:
//!
//! ```ignore
//! use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, RequestError, entry};
//!
//! #[tokio::test]
//! async fn resends_only_the_order_that_failed() {
//!     let eventbridge = MockEventBridge::start().await;
//!     eventbridge.inject(Fault::request(RequestError::internal_exception()).times(1));
//!     eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(2)).times(1));
//!
//!     // `shop` is the program under test: a publisher with the AWS SDK, see examples/shop.
//!     shop::Publisher::new(eventbridge.endpoint_url()).publish([1, 2, 3]).await.unwrap();
//!
//!     let journal = eventbridge.journal();
//!     journal.published().assert_exactly([order(1), order(2), order(3)]);
//!     journal.ledger().assert_only_failed_entries_resent();
//!     journal.assert_every_fault_fired();
//! }
//!
//! fn order(id: u64) -> EntryMatcher {
//!     entry().detail_type("OrderPlaced").detail_at("/orderId", id)
//! }
//! ```
//!
//! If the publisher resends its whole batch, the test fails at the line of the assertion with this report:
//!
//! ```text
//! 5 events were published, but 3 were expected
//!
//!   surplus  #3[0]  shop.orders / OrderPlaced {"orderId":1}: accepted before, in #2[0]
//!   surplus  #3[2]  shop.orders / OrderPlaced {"orderId":3}: accepted before, in #2[2]
//!
//! 3 attempts, 5 events published
//!   #1  +0.003 s  3 entries  500 InternalException (injected)
//!   #2  +0.053 s  3 entries  [1] ThrottlingException (injected), 2 accepted
//!   #3  +0.096 s  3 entries  all accepted                                    <- [0, 2] accepted in #2 already
//! ```
//!
//! # Which way in
//!
//! | the code under test | start with |
//! |---|---|
//! | has an endpoint URL to set | [`MockEventBridge::start`], and `endpoint_url()` |
//! | takes a client of the AWS SDK for Rust | [`MockEventBridge::in_process`], and `sdk_config()` (feature `aws-sdk`) |
//! | waits and retries for minutes | the same in a `#[tokio::test(start_paused = true)]`: the mock runs on the paused clock |
//! | blocks, or the test has no runtime | [`MockEventBridge::start_blocking`] |
//! | is a child process, in any language | [`MockEventBridge::start_blocking`], and `apply_env()` |
//! | talks to a `wiremock::MockServer` | [`MockEventBridge::in_process`], and `mount_on()` (feature `wiremock`) |
//! | runs inside axum, hyper or turmoil | [`MockEventBridge::in_process`], and `http_service()` (feature `tower`) |
//! | should be tried with all small fault schedules | [`PublisherCheck`] (features `aws-sdk` and `check`) |
//! | is synchronous and has its own clock | [`Engine`] (no feature) |
//!
//! # What to read next
//!
//! * [`Fault`] and [`what_can_go_wrong`]: every fault, what the service does, and what a good publisher does.
//! * [`entry()`]: which entries a fault or an assertion is about. [`entry_of!`] makes a matcher from an entry of the AWS SDK.
//! * [`Journal`]: the [attempts](journal::Attempt), the [published events](journal::Events) and the [problems](journal::Problem).
//! * [`Ledger`]: each event across all attempts, with the assertions about retries.
//! * [`Journal::lint`]: finds what a real account would refuse or drop, without a question from the test.
//! * [`Mismatch`]: each `assert_*` panics at your line with a report, and its `check_*` returns that report as an error.
//! * [`Plan`]: faults and expectations as data, in a file for tests in any language.
//! * [`PublisherCheck`] and [`check_a_publisher`]: the search for the smallest fault schedule with which a publisher breaks a rule.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `server` (default) | [`MockEventBridge`]. Without it the crate is the [`Engine`] alone, and builds neither tokio nor hyper. |
//! | `aws-sdk` | `MockEventBridge::sdk_config()`: the AWS SDK for Rust, configured for a mock, without a socket |
//! | `check` | [`PublisherCheck`]; with `aws-sdk` its runs need no socket |
//! | `json-schema` | `assert_details_conform`, which validates details against a JSON Schema |
//! | `tower` | `MockEventBridge::http_service()`: the mock as a `tower::Service` |
//! | `wiremock` | `MockEventBridge::mount_on()`: the mock on a `wiremock::MockServer`, beside other mocks |
//! | `cli` | the binary `putevents-mock` for publishers in any language: a stand-alone server, and the search for a command |
//!
//! # Where the facts about AWS come from
//!
//! The mock is PutEvents of the API version 2015-10-07 (`AWSEvents.PutEvents`), with the members of 2026. Each code, text and
//! limit was recorded from the service, recorded from another service on the same framework, or taken from the service's model and
//! documentation. What nobody has recorded is a proposal. The documentation marks a proposal with a D where it stands.
//!
//! The API *EventBridgeV2* has an operation with the same name on another protocol. This crate does not mock it.

// What these features bring is not there to be linked without them.
#![doc = ""]
#![cfg_attr(not(feature = "check"), doc = "[`PublisherCheck`]: #features")]
#![cfg_attr(not(feature = "check"), doc = "[`check_a_publisher`]: #features")]
#![cfg_attr(not(feature = "server"), doc = "[`MockEventBridge`]: #features")]
#![cfg_attr(not(feature = "server"), doc = "[`MockEventBridge::start`]: #features")]
#![cfg_attr(not(feature = "server"), doc = "[`MockEventBridge::start_blocking`]: #features")]
#![cfg_attr(not(feature = "server"), doc = "[`MockEventBridge::in_process`]: #features")]
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

// The documentation of a type lists its methods in the order of these modules: what a test needs first comes first.

#[cfg(feature = "server")]
pub mod mock;

pub mod fault;

pub mod matcher;

pub mod journal;

pub mod ledger;

pub mod expect;

pub mod files;

pub mod pattern;

pub mod engine;

#[cfg(feature = "check")]
pub mod publisher_check;

#[cfg(feature = "server")]
pub mod adapters;

#[cfg(feature = "cli")]
mod admin;
mod assignment;
mod check;
#[cfg(feature = "cli")]
mod cli;
mod explore;
mod growth;
mod json;
#[cfg(feature = "server")]
mod live;
mod page;
mod printable;
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

// The types of these crates are part of the API.
pub use {bytes, http, serde_json};

#[cfg(feature = "server")]
#[doc(inline)]
pub use crate::mock::MockEventBridge;
#[cfg(feature = "check")]
#[doc(inline)]
pub use crate::publisher_check::PublisherCheck;
#[doc(inline)]
pub use crate::{
    engine::{Engine, Limits},
    expect::Mismatch,
    fault::{EntryError, Fault, RequestError},
    files::Plan,
    journal::Journal,
    ledger::Ledger,
    matcher::{EntryMatcher, entry},
    pattern::EventPattern,
};

/// What the macros, the binary and the tests of this crate need. It may change in any release.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "cli")]
    pub use crate::cli::main;
    pub use crate::files::rows;
    pub use crate::matcher::entry_of;
    #[cfg(feature = "server")]
    pub use crate::mock::environment_rows;
    pub use crate::pattern::decide_counting;
}

#[doc = include_str!("../docs/what-can-go-wrong.md")]
pub mod what_can_go_wrong {}

#[cfg(feature = "check")]
#[cfg_attr(feature = "aws-sdk", doc = include_str!("../docs/check-a-publisher.md"))]
#[cfg_attr(
    not(feature = "aws-sdk"),
    doc = "The guide to `PublisherCheck`. Its publishers use the AWS SDK: build with the feature `aws-sdk` too."
)]
pub mod check_a_publisher {}
