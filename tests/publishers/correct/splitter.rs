//! Halves a batch that the service finds too large, until it fits; an order that is too large alone has failed.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, Answer, Parcel, batches, parcels, put};
use crate::order::{Order, Said};

const TRIES: u32 = 4;

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    let mut stack = batches(parcels(orders));
    stack.reverse();
    while let Some(mut batch) = stack.pop() {
        let tries = batch.iter().map(|parcel| parcel.tries).max().unwrap_or_default();
        if tries > 0 {
            sleep(Duration::from_millis(30) * 2_u32.pow(tries)).await;
        }
        let orders: Vec<Order> = batch.iter().map(|parcel| parcel.order.clone()).collect();
        let answers = put(&client, &orders).await;
        if answers.contains(&Answer::TooLarge) && batch.len() > 1 {
            batch.iter_mut().for_each(|parcel| parcel.tries = parcel.tries.max(1));
            let second = batch.split_off(batch.len() / 2);
            stack.extend([second, batch]);
            continue;
        }
        let mut again: Vec<Parcel> = Vec::new();
        for (mut parcel, answer) in batch.into_iter().zip(answers) {
            parcel.tries += 1;
            parcel.may_be_there |= answer == Answer::Unknown;
            match answer {
                Answer::Published => account.published.push(parcel.order.id),
                Answer::Again | Answer::Unknown if parcel.tries < TRIES => again.push(parcel),
                _ => account.give_up(&parcel),
            }
        }
        if !again.is_empty() {
            stack.push(again);
        }
    }
    account.each()
}
