//! Waits for its task a second at most and then returns an error: the task goes on sending.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::timeout;

use crate::delivery::deliver;
use crate::order::{Order, Said};

const DEADLINE: Duration = Duration::from_secs(1);

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let task = tokio::spawn(async move { deliver(&client, orders).await.all_published() });
    match timeout(DEADLINE, task).await {
        Ok(Ok(result)) => result.into(),
        Ok(Err(_)) | Err(_) => Said::Err,
    }
}
