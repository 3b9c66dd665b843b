//! Tries failed entries up to five times: it does not wait in between.

use aws_sdk_eventbridge::Client;

use crate::delivery::{Account, batches, parcels, try_once};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    let mut open = parcels(orders);
    while !open.is_empty() {
        let mut again = Vec::new();
        for batch in batches(open) {
            again.extend(try_once(&client, batch, &mut account).await);
        }
        open = again;
    }
    account.each()
}
