//! Leaves failed entries to a task in the background: it returns while that task is still sending.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, Parcel, batches, parcels, try_once};
use crate::order::{Order, Said};

async fn send(client: &Client, parcels: Vec<Parcel>) -> Vec<Parcel> {
    let mut account = Account::default();
    let mut again = Vec::new();
    for batch in batches(parcels) {
        again.extend(try_once(client, batch, &mut account).await);
    }
    again
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut open = send(&client, parcels(orders)).await;
    tokio::spawn(async move {
        let mut pause = Duration::from_secs(1);
        while !open.is_empty() {
            sleep(pause).await;
            pause *= 2;
            open = send(&client, open).await;
        }
    });
    Said::Nothing
}
