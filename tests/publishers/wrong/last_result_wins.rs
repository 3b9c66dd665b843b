//! Publishes one order after the other and returns the result: it is that of the last order alone.

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

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut result = Ok(());
    for order in &orders {
        result = publish_one(&client, order).await;
    }
    result.into()
}
