//! Tries failed entries up to four times: it does not look at what the last answer said, and takes it for a success.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut refused = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=4 {
            let mut again = Vec::new();
            for (order, answer) in open.iter().zip(put(&client, &open).await) {
                match answer {
                    Answer::Published => {}
                    Answer::Again | Answer::Unknown => again.push(order.clone()),
                    Answer::Refused | Answer::TooLarge | Answer::NotAllowed => refused.push(order.id),
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }.into()
}
