//! Tries failed entries again: its list of failures keeps those that have passed since, so it reports them as failed.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failures = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let mut again = Vec::new();
            for (order, answer) in open.iter().zip(put(&client, &open).await) {
                if answer != Answer::Published {
                    failures.push((order.id, answer));
                }
                if matches!(answer, Answer::Again | Answer::Unknown) {
                    again.push(order.clone());
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }.into()
}
