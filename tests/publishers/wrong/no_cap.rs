//! Waits until the service is there again: through a long outage it tries the same orders without any bound.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, Answer, batches, parcels, put};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    let mut open = parcels(orders);
    let mut pause = Duration::from_millis(100);
    loop {
        let mut again = Vec::new();
        for batch in batches(open) {
            let orders: Vec<Order> = batch.iter().map(|parcel| parcel.order.clone()).collect();
            for (mut parcel, answer) in batch.into_iter().zip(put(&client, &orders).await) {
                parcel.may_be_there |= answer == Answer::Unknown;
                match answer {
                    Answer::Published => account.published.push(parcel.order.id),
                    Answer::Again | Answer::Unknown => again.push(parcel),
                    Answer::TooLarge if orders.len() > 1 => {
                        parcel.company = 1;
                        again.push(parcel);
                    }
                    Answer::Refused | Answer::NotAllowed | Answer::TooLarge => account.give_up(&parcel),
                }
            }
        }
        if again.is_empty() {
            return account.each();
        }
        open = again;
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}
