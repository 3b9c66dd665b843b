//! Promises to keep the order of each customer: failed orders join the end of the queue, behind later ones of the same customer.

use std::collections::VecDeque;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, TRIES, parcels, try_once};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    let mut queue = VecDeque::from(parcels(orders));
    while let Some(parcel) = queue.pop_front() {
        if parcel.tries > 0 {
            sleep(Duration::from_millis(100) * (TRIES + parcel.tries)).await;
        }
        queue.extend(try_once(&client, vec![parcel], &mut account).await);
    }
    account.each()
}
