//! Flushes its buffer when it closes and by a timer: both take what another flush is still sending.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::deliver;
use crate::order::{Order, Said};

#[derive(Clone)]
struct Buffer {
    client: Client,
    orders: Arc<Mutex<Vec<Order>>>,
    failed: Arc<Mutex<Vec<u64>>>,
}

impl Buffer {
    async fn flush(&self) {
        let taken = self.orders.lock().unwrap().clone();
        let account = deliver(&self.client, taken.clone()).await;
        self.failed.lock().unwrap().extend(account.failed.into_iter().chain(account.unknown));
        self.orders.lock().unwrap().retain(|order| !taken.contains(order));
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let buffer = Buffer { client, orders: Arc::default(), failed: Arc::default() };
    let timer = tokio::spawn({
        let buffer = buffer.clone();
        async move {
            while !buffer.orders.lock().unwrap().is_empty() {
                sleep(Duration::from_millis(50)).await;
                buffer.flush().await;
            }
        }
    });
    *buffer.orders.lock().unwrap() = orders;
    buffer.flush().await;
    let _ = timer.await;
    let failed = buffer.failed.lock().unwrap();
    if failed.is_empty() { Said::Ok } else { Said::Err }
}
