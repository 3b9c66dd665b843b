//! Keeps orders in a table and polls it; a row is done when its entry was accepted, and dead after some polls.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, MAX_BYTES, put};
use crate::order::{Order, Said};

const POLLS: usize = 8;
const INTERVAL: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Waiting,
    Published,
    Dead,
}

struct Row {
    order: Order,
    status: Status,
    in_doubt: bool,
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let row = |order| Row { order, status: Status::Waiting, in_doubt: false };
    let mut table: Vec<Row> = orders.into_iter().map(row).collect();
    let mut page_size = 10;
    for _ in 0..POLLS {
        let mut waiting = table.iter_mut().filter(|row| row.status == Status::Waiting).peekable();
        if waiting.peek().is_none() {
            break;
        }
        while waiting.peek().is_some() {
            let (mut page, mut bytes) = (Vec::new(), 0);
            while let Some(row) = waiting
                .next_if(|row| page.is_empty() || (page.len() < page_size && bytes + row.order.size() <= MAX_BYTES))
            {
                bytes += row.order.size();
                page.push(row);
            }
            let orders: Vec<Order> = page.iter().map(|row| row.order.clone()).collect();
            for (row, answer) in page.into_iter().zip(put(&client, &orders).await) {
                row.in_doubt |= answer == Answer::Unknown;
                row.status = match answer {
                    Answer::Published => Status::Published,
                    Answer::Refused | Answer::NotAllowed => Status::Dead,
                    Answer::TooLarge if orders.len() == 1 => Status::Dead,
                    Answer::Again | Answer::Unknown | Answer::TooLarge => Status::Waiting,
                };
                if answer == Answer::TooLarge {
                    page_size = (orders.len() / 2).max(1);
                }
            }
        }
        sleep(INTERVAL).await;
    }
    let ids = |wanted: fn(&Row) -> bool| table.iter().filter(|row| wanted(row)).map(|row| row.order.id).collect();
    Said::Each {
        published: ids(|row| row.status == Status::Published),
        failed: ids(|row| row.status != Status::Published && !row.in_doubt),
        unknown: ids(|row| row.status != Status::Published && row.in_doubt),
    }
}
