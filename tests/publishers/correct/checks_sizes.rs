//! Puts an order that is too large aside without asking the service. What failed is a dead letter, and the caller hears nothing.

use aws_sdk_eventbridge::Client;

use crate::delivery::{MAX_BYTES, deliver};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (small, large): (Vec<Order>, Vec<Order>) = orders.into_iter().partition(|order| order.size() <= MAX_BYTES);
    let mut dead_letters: Vec<u64> = large.iter().map(|order| order.id).collect();
    let account = deliver(&client, small).await;
    dead_letters.extend(account.failed.into_iter().chain(account.unknown));
    Said::Nothing
}
