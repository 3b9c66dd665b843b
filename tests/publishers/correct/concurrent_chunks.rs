//! Sends all chunks at the same time, each in a task of its own that looks after its failed entries.

use aws_sdk_eventbridge::Client;
use tokio::task::JoinSet;

use crate::delivery::{Account, deliver, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut chunks = JoinSet::new();
    for chunk in requests(orders) {
        let client = client.clone();
        chunks.spawn(async move { deliver(&client, chunk).await });
    }
    let mut account = Account::default();
    for part in chunks.join_all().await {
        account.add(part);
    }
    account.each()
}
