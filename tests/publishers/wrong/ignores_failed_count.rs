//! Sends batches of ten and takes every answer for a success: it never looks at FailedEntryCount.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::SdkError;
use aws_sdk_eventbridge::operation::put_events::PutEventsError;

use crate::delivery::requests;
use crate::order::{Order, Said};

async fn send(client: &Client, orders: Vec<Order>) -> Result<(), SdkError<PutEventsError>> {
    for batch in requests(orders) {
        let entries = batch.iter().map(Order::entry).collect();
        client.put_events().set_entries(Some(entries)).send().await?;
    }
    Ok(())
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    send(&client, orders).await.into()
}
