//! Says of all orders of a chunk that they failed when one of them did, also of those that were published.

use aws_sdk_eventbridge::Client;

use crate::delivery::{Account, deliver, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    for chunk in requests(orders) {
        let ids: Vec<u64> = chunk.iter().map(|order| order.id).collect();
        let of_chunk = deliver(&client, chunk).await;
        if of_chunk.all_published().is_ok() {
            account.published.extend(ids);
        } else {
            account.failed.extend(ids);
        }
    }
    account.each()
}
