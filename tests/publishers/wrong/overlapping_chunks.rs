//! Sends chunks of orders at the same time: the end of each chunk counts twice, so the order there is in two of them.

use aws_sdk_eventbridge::Client;
use tokio::task::JoinSet;

use crate::delivery::{Account, deliver};
use crate::order::{Order, Said};

const CHUNK: usize = 9;

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut chunks = JoinSet::new();
    for start in (0..orders.len()).step_by(CHUNK) {
        let end = (start + CHUNK).min(orders.len() - 1);
        let (client, chunk) = (client.clone(), orders[start..=end].to_vec());
        chunks.spawn(async move { deliver(&client, chunk).await });
    }
    let mut account = Account::default();
    for part in chunks.join_all().await {
        account.add(part);
    }
    account.all_published().into()
}
