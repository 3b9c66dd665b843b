//! Sorts each batch by size before it sends it: it pairs the results with the orders as they stood before.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let mut packed = open.clone();
            packed.sort_by_key(Order::size);
            let mut again = Vec::new();
            for (order, answer) in open.into_iter().zip(put(&client, &packed).await) {
                match answer {
                    Answer::Published => {}
                    Answer::Again | Answer::Unknown => again.push(order),
                    Answer::Refused | Answer::TooLarge | Answer::NotAllowed => failed.push(order.id),
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed.extend(open.iter().map(|order| order.id));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }.into()
}
