//! Keeps the order of each customer: once an order of a customer has failed, the later ones are failed unsent.

use std::collections::BTreeSet;

use aws_sdk_eventbridge::Client;

use crate::delivery::{Account, deliver};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut stopped = BTreeSet::new();
    let mut account = Account::default();
    for order in orders {
        let Order { id, customer, .. } = order;
        if stopped.contains(&customer) {
            account.failed.push(id);
            continue;
        }
        let of_order = deliver(&client, vec![order]).await;
        if of_order.published.is_empty() {
            stopped.insert(customer);
        }
        account.add(of_order);
    }
    account.each()
}
