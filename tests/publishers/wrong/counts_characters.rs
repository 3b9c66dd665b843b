//! Cuts orders into requests of at most one mebibyte: it counts characters, and the service counts bytes.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, MAX_BYTES, MAX_ENTRIES, put};
use crate::order::{DETAIL_TYPE, Order, SOURCE, Said};

fn size(order: &Order) -> usize {
    [SOURCE, DETAIL_TYPE, &order.detail()].iter().map(|text| text.chars().count()).sum()
}

fn requests(orders: Vec<Order>) -> Vec<Vec<Order>> {
    let mut requests: Vec<Vec<Order>> = Vec::new();
    for order in orders {
        let fits = |request: &&mut Vec<Order>| {
            request.len() < MAX_ENTRIES && request.iter().map(size).sum::<usize>() + size(&order) <= MAX_BYTES
        };
        match requests.last_mut().filter(fits) {
            Some(request) => request.push(order),
            None => requests.push(vec![order]),
        }
    }
    requests
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = 0;
    for mut open in requests(orders) {
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
