//! Sends one batch after the other; failed entries are tried again, with pauses that double.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, batches, parcels, try_once};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    for batch in batches(parcels(orders)) {
        let mut unsent = vec![batch];
        let mut pause = Duration::from_millis(50);
        while !unsent.is_empty() {
            let mut again = Vec::new();
            for part in unsent {
                again.extend(try_once(&client, part, &mut account).await);
            }
            if !again.is_empty() {
                sleep(pause).await;
                pause *= 2;
            }
            unsent = batches(again);
        }
    }
    account.all_published().into()
}
