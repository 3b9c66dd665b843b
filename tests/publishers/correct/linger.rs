//! Collects what comes within 50 milliseconds, ten orders at most; whoever brought an order waits for what becomes of it.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::delivery::{Account, MAX_ENTRIES, deliver};
use crate::order::{Order, Said};

const LINGER: Duration = Duration::from_millis(50);

type Brought = (Order, oneshot::Sender<Fate>);

#[derive(Clone, Copy)]
enum Fate {
    Published,
    Failed,
    Unknown,
}

async fn fill(batch: &mut Vec<Brought>, brought: &mut mpsc::UnboundedReceiver<Brought>) {
    while batch.len() < MAX_ENTRIES {
        let Some(next) = brought.recv().await else { break };
        batch.push(next);
    }
}

async fn collect(client: Client, mut brought: mpsc::UnboundedReceiver<Brought>) {
    while let Some(first) = brought.recv().await {
        let mut batch = vec![first];
        let _ = timeout(LINGER, fill(&mut batch, &mut brought)).await;
        let account = deliver(&client, batch.iter().map(|(order, _)| order.clone()).collect()).await;
        for (order, waiting) in batch {
            let _ = waiting.send(match order.id {
                id if account.published.contains(&id) => Fate::Published,
                id if account.failed.contains(&id) => Fate::Failed,
                _ => Fate::Unknown,
            });
        }
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (bring, brought) = mpsc::unbounded_channel();
    let collector = tokio::spawn(collect(client, brought));
    let mut fates = Vec::new();
    for order in orders {
        let (fate, known) = oneshot::channel();
        fates.push((order.id, known));
        let _ = bring.send((order, fate));
        sleep(Duration::from_millis(7)).await;
    }
    drop(bring);
    let _ = collector.await;
    let mut account = Account::default();
    for (id, known) in fates {
        match known.await.unwrap_or(Fate::Unknown) {
            Fate::Published => account.published.push(id),
            Fate::Failed => account.failed.push(id),
            Fate::Unknown => account.unknown.push(id),
        }
    }
    account.each()
}
