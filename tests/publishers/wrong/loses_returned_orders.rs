//! Puts failed orders back into its buffer for the next flush: after the flush at its close there is no next one.

use aws_sdk_eventbridge::Client;

use crate::delivery::{Account, Parcel, batches, try_once};
use crate::order::{Order, Said};

struct Buffer {
    client: Client,
    waiting: Vec<Parcel>,
    account: Account,
}

impl Buffer {
    async fn flush(&mut self) {
        for batch in batches(std::mem::take(&mut self.waiting)) {
            let again = try_once(&self.client, batch, &mut self.account).await;
            self.waiting.extend(again);
        }
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut buffer = Buffer { client, waiting: Vec::new(), account: Account::default() };
    for order in orders {
        buffer.waiting.push(order.into());
        if buffer.waiting.len() >= 10 {
            buffer.flush().await;
        }
    }
    buffer.flush().await;
    buffer.account.all_published().into()
}
