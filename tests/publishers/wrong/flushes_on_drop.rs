//! A buffer that publishes when it is dropped, in a task for which nobody waits.

use aws_sdk_eventbridge::Client;

use crate::delivery::deliver;
use crate::order::{Order, Said};

struct Buffer {
    client: Client,
    orders: Vec<Order>,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let (client, orders) = (self.client.clone(), std::mem::take(&mut self.orders));
        tokio::spawn(async move { deliver(&client, orders).await });
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut buffer = Buffer { client, orders: Vec::new() };
    buffer.orders.extend(orders);
    Said::Ok
}
