//! Keeps up to three requests in flight; what failed joins the queue again and travels with whatever comes next.

use std::collections::VecDeque;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::delivery::{Account, Parcel, batches, parcels, try_once};
use crate::order::{Order, Said};

const IN_FLIGHT: usize = 3;

async fn send(client: Client, batch: Vec<Parcel>) -> (Vec<Parcel>, Account) {
    let tries = batch.iter().map(|parcel| parcel.tries).max().unwrap_or_default();
    if tries > 0 {
        sleep(Duration::from_millis(40) * 2_u32.pow(tries)).await;
    }
    let mut account = Account::default();
    let again = try_once(&client, batch, &mut account).await;
    (again, account)
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut queue = VecDeque::from(batches(parcels(orders)));
    let mut in_flight = JoinSet::new();
    let mut account = Account::default();
    loop {
        while in_flight.len() < IN_FLIGHT {
            let Some(batch) = queue.pop_front() else { break };
            in_flight.spawn(send(client.clone(), batch));
        }
        let Some(Ok((again, part))) = in_flight.join_next().await else { break };
        account.add(part);
        let waiting = again.into_iter().chain(queue.drain(..).flatten()).collect();
        queue = batches(waiting).into();
    }
    account.each()
}
