//! Hands orders to a worker in the background and flushes it before it returns; what failed becomes a dead letter.

use aws_sdk_eventbridge::Client;
use tokio::sync::{mpsc, oneshot};

use crate::delivery::deliver;
use crate::order::{Order, Said};

enum Command {
    Publish(Order),
    Flush(oneshot::Sender<()>),
}

async fn work(client: Client, mut commands: mpsc::Receiver<Command>) -> Vec<u64> {
    let mut dead_letters = Vec::new();
    let mut batch = Vec::new();
    while let Some(command) = commands.recv().await {
        let mut done = None;
        match command {
            Command::Publish(order) => batch.push(order),
            Command::Flush(flushed) => done = Some(flushed),
        }
        if batch.len() == 10 || done.is_some() {
            let account = deliver(&client, std::mem::take(&mut batch)).await;
            dead_letters.extend(account.failed.into_iter().chain(account.unknown));
        }
        if let Some(done) = done {
            let _ = done.send(());
        }
    }
    dead_letters
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (commands, received) = mpsc::channel(4);
    let worker = tokio::spawn(work(client, received));
    for order in orders {
        let _ = commands.send(Command::Publish(order)).await;
    }
    let (flushed, done) = oneshot::channel();
    let _ = commands.send(Command::Flush(flushed)).await;
    let _ = done.await;
    drop(commands);
    let _ = worker.await;
    Said::Nothing
}
