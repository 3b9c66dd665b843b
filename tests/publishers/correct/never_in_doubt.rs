//! Never sends again what may have been accepted, and says of it that nobody knows. The SDK does not try again.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use tokio::time::{sleep, timeout};

use crate::delivery::{Account, Answer, is_retryable, of_error};
use crate::order::{Order, Said};

async fn ask(client: &Client, order: &Order) -> Answer {
    match timeout(Duration::from_secs(3), client.put_events().entries(order.entry()).send()).await {
        Ok(Ok(reply)) => match reply.entries().first().map(|result| (result.event_id(), result.error_code())) {
            Some((Some(_), None)) => Answer::Published,
            Some((None, Some(code))) if is_retryable(code) => Answer::Again,
            Some((None, Some(_))) => Answer::Refused,
            _ => Answer::Unknown,
        },
        // With a status that says so, nothing was accepted.
        Ok(Err(error)) if error.raw_response().is_some_and(|it| it.status().is_server_error()) => Answer::Again,
        Ok(Err(error)) => of_error(&error),
        Err(_) => Answer::Unknown,
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let config = client.config().to_builder().retry_config(RetryConfig::disabled());
    let client = Client::from_conf(Builder::build(config));
    let mut account = Account::default();
    for order in orders {
        let mut answer = ask(&client, &order).await;
        for tries in 1..5 {
            if answer != Answer::Again {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(tries)).await;
            answer = ask(&client, &order).await;
        }
        match answer {
            Answer::Published => &mut account.published,
            Answer::Unknown => &mut account.unknown,
            _ => &mut account.failed,
        }
        .push(order.id);
    }
    account.each()
}
