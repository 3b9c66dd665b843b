//! Tries failed entries up to five times: it does not look at their codes, so it also tries those that can never pass.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::put;
use crate::delivery::{Answer, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let answers = put(&client, &open).await;
            let mut answers = answers.iter();
            open.retain(|_| answers.next() != Some(&Answer::Published));
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed.extend(open.into_iter().map(|order| order.id));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }.into()
}
