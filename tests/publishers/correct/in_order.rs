//! Keeps the order of each customer: the next order of a customer waits until it is settled what became of the one before.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::Client;
use tokio::task::JoinSet;

use crate::delivery::{Account, deliver};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut customers: BTreeMap<u64, Vec<Order>> = BTreeMap::new();
    for order in orders {
        customers.entry(order.customer).or_default().push(order);
    }
    let mut queues = JoinSet::new();
    for orders in customers.into_values() {
        let client = client.clone();
        queues.spawn(async move {
            let mut account = Account::default();
            for order in orders {
                account.add(deliver(&client, vec![order]).await);
            }
            account
        });
    }
    let mut account = Account::default();
    while let Some(Ok(queue)) = queues.join_next().await {
        account.add(queue);
    }
    account.each()
}
