//! The publisher is a child process, in any language, and finds the mock in its environment.
//!
//! A wrong program:
//!
//! * ends with success though an order was not published: `assert_reported` finds it.
//! * sends the whole batch again: `assert_only_failed_entries_resent` finds it.

use std::process::Command;

use putevents_mock::expect::Reported;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, entry};

/// The program under test, order_publisher.rs. It could be `Command::new("python3")` with a script.
fn publisher() -> Command {
    Command::new(env!("CARGO_BIN_EXE_order-publisher"))
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

// No runtime: the test blocks until the program ends, while the mock serves on a thread of its own.
#[test]
fn a_program_sends_only_the_order_again_that_was_throttled() {
    let eventbridge = MockEventBridge::start_blocking();
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(1)).times(1));

    let mut program = publisher();
    eventbridge.apply_env(&mut program);
    let status = program.status().expect("the program can be started");

    let journal = MockEventBridge::block_on(eventbridge.shutdown());
    assert!(status.success(), "{status}\n{journal}");
    journal.assert_every_fault_fired();
    let ledger = journal.ledger().expecting([1, 2].map(order));
    ledger.assert_only_failed_entries_resent();
    ledger.assert_exactly_once();
}

#[test]
fn a_program_that_could_not_publish_ends_with_a_failure() {
    let eventbridge = MockEventBridge::start_blocking();
    eventbridge.inject(Fault::entry(EntryError::malformed_detail()).matching(order(2)));

    let mut program = publisher();
    eventbridge.apply_env(&mut program);
    let output = program.output().expect("the program can be started");

    let journal = MockEventBridge::block_on(eventbridge.shutdown());
    let reported = if output.status.success() { Reported::all_published() } else { Reported::some_failed() };
    journal.ledger().expecting([1, 2].map(order)).assert_reported(reported);
}
