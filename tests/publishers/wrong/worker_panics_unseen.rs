//! Publishes in tasks: a task panics when its call fails, and whoever waits for it does not look at how it ended.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, batches, parcels, requests, try_once};
use crate::order::{Order, Said};

async fn work(client: Client, orders: Vec<Order>) {
    let mut account = Account::default();
    let mut open = parcels(orders);
    while !open.is_empty() {
        let mut again = Vec::new();
        for batch in batches(open) {
            again.extend(try_once(&client, batch, &mut account).await);
        }
        open = again;
        sleep(Duration::from_millis(100)).await;
    }
    account.all_published().expect("all orders are published");
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let workers: Vec<_> = requests(orders).into_iter().map(|chunk| tokio::spawn(work(client.clone(), chunk))).collect();
    for worker in workers {
        let _ = worker.await;
    }
    Said::Ok
}
