//! Returns an error at once when its credentials or permissions do not do, for then somebody has to act; tries all else again.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, TRIES, batches, parcels, put};
use crate::order::{Order, Said};

#[derive(Debug)]
enum Error {
    NotAllowed,
    NotPublished(#[allow(dead_code)] Vec<u64>),
}

async fn publish_all(client: &Client, orders: Vec<Order>) -> Result<(), Error> {
    let mut failed = Vec::new();
    let mut open = parcels(orders);
    for number in 1..=TRIES {
        let mut again = Vec::new();
        for batch in batches(open) {
            let orders: Vec<Order> = batch.iter().map(|parcel| parcel.order.clone()).collect();
            for (mut parcel, answer) in batch.into_iter().zip(put(client, &orders).await) {
                match answer {
                    Answer::Published => {}
                    Answer::NotAllowed => return Err(Error::NotAllowed),
                    Answer::Again | Answer::Unknown => again.push(parcel),
                    Answer::TooLarge if orders.len() > 1 => {
                        parcel.company = 1;
                        again.push(parcel);
                    }
                    Answer::TooLarge | Answer::Refused => failed.push(parcel.order.id),
                }
            }
        }
        open = again;
        if open.is_empty() {
            break;
        }
        if number < TRIES {
            sleep(Duration::from_millis(80) * number.pow(2)).await;
        }
    }
    failed.extend(open.iter().map(|parcel| parcel.order.id));
    if failed.is_empty() { Ok(()) } else { Err(Error::NotPublished(failed)) }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    publish_all(&client, orders).await.into()
}
