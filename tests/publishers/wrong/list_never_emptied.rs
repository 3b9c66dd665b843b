//! Collects failed orders in a list and sends that again: it never empties the list, so orders stay in it that passed since.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = 0;
    for mut open in requests(orders) {
        let mut again = BTreeMap::new();
        for number in 1..=5 {
            let mut is_done = true;
            for (order, answer) in open.iter().zip(put(&client, &open).await) {
                match answer {
                    Answer::Published => {}
                    Answer::Again | Answer::Unknown => {
                        again.insert(order.id, order.clone());
                        is_done = false;
                    }
                    Answer::Refused | Answer::TooLarge | Answer::NotAllowed => failed += 1,
                }
            }
            if is_done {
                break;
            }
            if number == 5 {
                failed += 1;
            }
            open = again.values().cloned().collect();
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
    }
    if failed == 0 { Said::Ok } else { Said::Err }
}
