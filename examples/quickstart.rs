//! A publisher with the real AWS SDK meets an InternalException and a throttled entry, and recovers.
//!
//! ```sh
//! cargo run --example quickstart
//! ```

use putevents_mock::{EntryError, Fault, MockEventBridge, RequestError, entry};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let eventbridge = MockEventBridge::start().await;
    println!("A mock of EventBridge listens on {}. It is told to go wrong:\n", eventbridge.endpoint_url());
    for fault in [
        Fault::request(RequestError::internal_exception()).times(1),
        Fault::entry(EntryError::throttling()).matching(entry().detail_at("/orderId", 2)).times(1),
    ] {
        println!("  {fault}");
        eventbridge.inject(fault);
    }

    println!("\nThe shop publishes its orders 1, 2 and 3 with the AWS SDK.");
    let published = shop::Publisher::new(eventbridge.endpoint_url()).publish([1, 2, 3]).await;
    match published {
        Ok(()) => println!("It says that all of them are published. What really happened:\n"),
        Err(given_up) => println!("It gave up on {given_up:?}. What really happened:\n"),
    }

    let journal = eventbridge.shutdown().await;
    println!("{journal}");
    println!("Each order once, with its EventId:\n");
    for event in journal.published() {
        println!("  {}  {}", event.id(), *event);
    }
    println!("\nThe SDK repeated #1 by itself. Only the shop's own code could resend the entry that failed in #2.");
}
