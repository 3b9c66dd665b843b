//! Publishes two orders at a time and returns the first error: it cancels the other order and never sends those to come.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::delivery::{Answer, put};
use crate::order::{Order, Said};

const AT_A_TIME: usize = 2;

async fn publish_one(client: Client, order: Order) -> Result<(), String> {
    for number in 1..=4 {
        match put(&client, std::slice::from_ref(&order)).await[0] {
            Answer::Published => return Ok(()),
            Answer::Again | Answer::Unknown => sleep(Duration::from_millis(50) * 3_u32.pow(number)).await,
            answer => return Err(format!("order {}: {answer:?}", order.id)),
        }
    }
    Err(format!("order {}: no success after four tries", order.id))
}

async fn next(tasks: &mut JoinSet<Result<(), String>>) -> Result<(), String> {
    let done = tasks.join_next().await;
    done.unwrap_or(Ok(Ok(()))).map_err(|error| error.to_string())?
}

async fn try_for_each(client: &Client, orders: Vec<Order>) -> Result<(), String> {
    let mut tasks = JoinSet::new();
    for order in orders {
        if tasks.len() == AT_A_TIME {
            next(&mut tasks).await?;
        }
        tasks.spawn(publish_one(client.clone(), order));
    }
    while !tasks.is_empty() {
        next(&mut tasks).await?;
    }
    Ok(())
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    try_for_each(&client, orders).await.into()
}
