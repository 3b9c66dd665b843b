//! Tries each batch four times, and the whole publication four times: together that makes sixteen tries of an order.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

/// Gives back what is worth another try, and how many orders are not.
async fn publish_batch(client: &Client, mut open: Vec<Order>) -> (Vec<Order>, usize) {
    let mut hopeless = 0;
    for number in 1..=4 {
        let mut again = Vec::new();
        for (order, answer) in open.iter().zip(put(client, &open).await) {
            match answer {
                Answer::Published => {}
                Answer::Again | Answer::Unknown => again.push(order.clone()),
                Answer::Refused | Answer::TooLarge | Answer::NotAllowed => hopeless += 1,
            }
        }
        open = again;
        if open.is_empty() {
            break;
        }
        sleep(Duration::from_millis(50) * 2_u32.pow(number)).await;
    }
    (open, hopeless)
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (mut open, mut hopeless) = (orders, 0);
    for _ in 0..4 {
        let mut left = Vec::new();
        for batch in requests(open) {
            let (again, lost) = publish_batch(&client, batch).await;
            left.extend(again);
            hopeless += lost;
        }
        open = left;
        if open.is_empty() {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
    if open.len() + hopeless == 0 { Said::Ok } else { Said::Err }
}
