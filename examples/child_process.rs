//! A child process publishes to the mock: it only gets an environment.
//!
//! ```sh
//! cargo run --example child_process
//! ```

use std::env;
use std::process::Command;

use putevents_mock::{EntryError, Fault, MockEventBridge, entry};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match env::args().nth(1) {
        Some(_) => publish(),
        None => watch(),
    }
}

/// The test: no runtime, a blocking wait for a child.
fn watch() -> Result<(), Box<dyn std::error::Error>> {
    let eventbridge = MockEventBridge::start_blocking();
    eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(0).times(1));

    // Here it is this very program; any program in any language would do.
    let mut publisher = Command::new(env::current_exe()?);
    eventbridge.apply_env(publisher.arg("publish"));
    let status = publisher.status()?;

    let journal = MockEventBridge::block_on(eventbridge.shutdown());
    println!("The child ended with {status}. What it did:\n\n{journal}");
    journal.check_every_fault_fired()?;
    journal.ledger().expecting([1, 2].map(|id| entry().detail_at("/orderId", id))).check_exactly_once()?;
    Ok(())
}

/// The program under test. It finds its endpoint in the environment, as an SDK that loads its configuration does by itself.
#[tokio::main(flavor = "current_thread")]
async fn publish() -> Result<(), Box<dyn std::error::Error>> {
    let publisher = shop::Publisher::new(env::var("AWS_ENDPOINT_URL_EVENTBRIDGE")?);
    publisher.publish([1, 2]).await.map_err(|given_up| format!("given up: {given_up:?}").into())
}
