//! Tries each order three times, gives up what has failed by then, and says of each what became of it.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, batches, parcels, put};
use crate::order::{Order, Said};

const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1)];

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (mut published, mut failed, mut in_doubt) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut open = parcels(orders);
    for pause in PAUSES {
        if open.is_empty() {
            break;
        }
        sleep(pause).await;
        let mut again = Vec::new();
        for batch in batches(open) {
            let orders: Vec<Order> = batch.iter().map(|parcel| parcel.order.clone()).collect();
            for (mut parcel, answer) in batch.into_iter().zip(put(&client, &orders).await) {
                let id = parcel.order.id;
                match answer {
                    Answer::Published => {
                        in_doubt.remove(&id);
                        published.push(id);
                    }
                    Answer::Again => again.push(parcel),
                    Answer::Unknown => {
                        in_doubt.insert(id);
                        again.push(parcel);
                    }
                    Answer::TooLarge if orders.len() > 1 => {
                        parcel.company = 1;
                        again.push(parcel);
                    }
                    Answer::TooLarge | Answer::Refused | Answer::NotAllowed => failed.push(id),
                }
            }
        }
        open = again;
    }
    failed.extend(open.iter().map(|parcel| parcel.order.id));
    failed.retain(|id| !in_doubt.contains(id));
    Said::Each { published, failed, unknown: in_doubt.into_iter().collect() }
}
