//! A wrong publisher and a right one meet an InternalException and a throttled entry.
//!
//! ```sh
//! cargo run -p quickstart
//! ```

mod publisher;

use std::error::Error;

use publisher::{Resends, publish};
use putevents_mock::{EntryError, EntryMatcher, Fault, Journal, MockEventBridge, RequestError, entry};

const ORDERS: [u64; 3] = [1, 2, 3];

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(compare())
}

async fn compare() -> Result<(), Box<dyn Error>> {
    println!("A mock of EventBridge is told to go wrong:\n");
    faults().iter().for_each(|fault| println!("  {fault}"));

    println!("\n== A shop publishes its orders 1, 2 and 3, and sends the whole batch again when an entry failed. ==\n");
    let journal = afternoon(Resends::WholeBatch).await?;
    println!("It says that all of them are published. Its test fails:\n");
    match journal.published().check_exactly(ORDERS.map(order)) {
        Ok(()) => return Err("the test did not fail".into()),
        Err(report) => print!("{report}"),
    }

    println!("\n== Another one sends again what failed, and nothing else. ==\n");
    let journal = afternoon(Resends::FailedEntries).await?;
    journal.check_every_fault_fired()?;
    journal.published().check_exactly(ORDERS.map(order))?;
    println!("Its test passes. What happened:\n\n{journal}");
    println!("Each order once, with its EventId:\n");
    for event in journal.published() {
        println!("  {}  {event}", event.id());
    }
    Ok(())
}

/// What happens when the orders are published while the mock goes wrong.
async fn afternoon(resends: Resends) -> Result<Journal, Box<dyn Error>> {
    let eventbridge = MockEventBridge::start().await;
    eventbridge.inject_all(faults());
    publish(eventbridge.address(), &ORDERS, resends).await?;
    Ok(eventbridge.shutdown().await)
}

fn faults() -> [Fault; 2] {
    [
        Fault::request(RequestError::internal_exception()).times(1),
        Fault::entry(EntryError::throttling()).matching(order(2)).times(1),
    ]
}

fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}
