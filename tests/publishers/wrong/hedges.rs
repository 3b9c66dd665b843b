//! Sends a request again when no answer has come after two seconds: the first one is still on its way.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::timeout;

use crate::delivery::deliver;
use crate::order::{Order, Said};

const PATIENCE: Duration = Duration::from_secs(2);

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let send = || {
        let (client, orders) = (client.clone(), orders.clone());
        tokio::spawn(async move { deliver(&client, orders).await })
    };
    let mut first = send();
    let account = match timeout(PATIENCE, &mut first).await {
        Ok(account) => account,
        Err(_) => {
            let second = send().await;
            first.await.or(second)
        }
    };
    account.map_err(|error| error.to_string()).and_then(|account| account.all_published()).into()
}
