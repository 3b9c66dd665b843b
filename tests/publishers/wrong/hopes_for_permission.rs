//! Tries again whatever error the call has: without permission it tries for ever.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = 0;
    for mut open in requests(orders) {
        let (mut tries, mut pause) = (0, Duration::from_millis(100));
        while !open.is_empty() {
            let mut again = Vec::new();
            for (order, answer) in open.iter().zip(put(&client, &open).await) {
                match answer {
                    Answer::Published => {}
                    Answer::Refused | Answer::TooLarge => failed += 1,
                    Answer::Again | Answer::Unknown if tries == 4 => failed += 1,
                    Answer::Again | Answer::Unknown => again.push(order.clone()),
                    Answer::NotAllowed => {
                        tries = 0;
                        again.push(order.clone());
                    }
                }
            }
            open = again;
            tries += 1;
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    }
    if failed == 0 { Said::Ok } else { Said::Err }
}
