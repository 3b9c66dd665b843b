//! Publishes one order after the other: at the first one that fails for good it returns, and the rest is never sent.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put};
use crate::order::{Order, Said};

async fn publish_one(client: &Client, order: &Order) -> Result<(), String> {
    for number in 1..=4 {
        match put(client, std::slice::from_ref(order)).await[0] {
            Answer::Published => return Ok(()),
            Answer::Again | Answer::Unknown => sleep(Duration::from_millis(50) * 3_u32.pow(number)).await,
            answer => return Err(format!("order {}: {answer:?}", order.id)),
        }
    }
    Err(format!("order {}: no success after four tries", order.id))
}

async fn publish_all(client: &Client, orders: &[Order]) -> Result<(), String> {
    for order in orders {
        publish_one(client, order).await?;
    }
    Ok(())
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    publish_all(&client, &orders).await.into()
}
