//! Cuts orders into batches for the service: it puts eleven entries into a request.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put};
use crate::order::{Order, Said};

const MAX_INDEX: usize = 10;

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = 0;
    for batch in orders.chunks(MAX_INDEX + 1) {
        let mut open = batch.to_vec();
        for number in 1..=5 {
            let mut again = Vec::new();
            for (order, answer) in open.iter().zip(put(&client, &open).await) {
                match answer {
                    Answer::Published => {}
                    Answer::Again | Answer::Unknown => again.push(order.clone()),
                    Answer::Refused | Answer::TooLarge | Answer::NotAllowed => failed += 1,
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed += open.len();
    }
    if failed == 0 { Said::Ok } else { Said::Err }
}
