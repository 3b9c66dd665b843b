//! Halves a batch that is too large at once and without a pause, and knows nothing of the limits beforehand but ten entries.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, MAX_BYTES, put};
use crate::order::{Order, Said};

fn is_too_large(batch: &[Order]) -> bool {
    batch.len() > 10 || batch.len() > 1 && batch.iter().map(Order::size).sum::<usize>() > MAX_BYTES
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = 0;
    let mut stack = vec![(orders, 1)];
    while let Some((mut batch, tries)) = stack.pop() {
        let answers = if is_too_large(&batch) { vec![Answer::TooLarge] } else { put(&client, &batch).await };
        if answers.contains(&Answer::TooLarge) && batch.len() > 1 {
            let second = batch.split_off(batch.len() / 2);
            stack.extend([(second, tries), (batch, tries)]);
            continue;
        }
        let mut again = Vec::new();
        for (order, answer) in batch.into_iter().zip(answers) {
            match answer {
                Answer::Published => {}
                Answer::Again | Answer::Unknown if tries < 5 => again.push(order),
                _ => failed += 1,
            }
        }
        if !again.is_empty() {
            sleep(Duration::from_millis(50) * 2_u32.pow(tries)).await;
            stack.push((again, tries + 1));
        }
    }
    if failed == 0 { Said::Ok } else { Said::Err }
}
