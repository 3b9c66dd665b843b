//! Sends one order per request, each with a limit of time of its own, and knows of each what became of it.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::{sleep, timeout};

use crate::delivery::{Account, Answer, put};
use crate::order::{Order, Said};

const LIMIT: Duration = Duration::from_secs(20);
const TRIES: u32 = 4;

async fn publish_one(client: &Client, order: &Order, account: &mut Account) {
    let mut in_doubt = false;
    for number in 1..=TRIES {
        let answer = timeout(LIMIT, put(client, std::slice::from_ref(order))).await;
        match answer.ok().and_then(|answers| answers.first().copied()).unwrap_or(Answer::Unknown) {
            Answer::Published => return account.published.push(order.id),
            Answer::Unknown => in_doubt = true,
            Answer::Again => {}
            Answer::Refused | Answer::TooLarge | Answer::NotAllowed => break,
        }
        if number < TRIES {
            sleep(Duration::from_millis(25) * 4_u32.pow(number)).await;
        }
    }
    if in_doubt { &mut account.unknown } else { &mut account.failed }.push(order.id);
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    for order in &orders {
        publish_one(&client, order, &mut account).await;
    }
    account.each()
}
