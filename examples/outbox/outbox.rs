//! An outbox in SQLite marks a row as sent only when its entry was accepted, so a lost reply loses no event.
//!
//! A wrong relay:
//!
//! * marks rows before it sends them, or all rows of a batch after HTTP 200, and loses orders: `assert_none_lost` finds it.
//! * sends rows again that were accepted, because another row failed: `assert_only_failed_entries_resent` finds it.
//! * sends a row for ever that can never be accepted: `assert_permanent_errors_not_retried` finds it.

use std::error::Error;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use rusqlite::Connection;

/// A shop's database. Its outbox has a row for each event; `event_id` is set once the event was accepted, and `refused` where
/// it never can be.
pub struct Shop(Connection);

impl Shop {
    /// Opens the outbox in this database, and makes its table where there is none.
    pub fn open(database: Connection) -> rusqlite::Result<Self> {
        database.execute_batch(
            "create table if not exists orders (id integer primary key);
             create table if not exists outbox (id integer primary key, detail text, event_id text, refused text);",
        )?;
        Ok(Self(database))
    }

    /// Stores an order and its event in one transaction: both or none.
    pub fn place_order(&mut self, order: u64) -> rusqlite::Result<()> {
        let transaction = self.0.transaction()?;
        transaction.execute("insert into orders (id) values (?1)", [order as i64])?;
        let detail = format!(r#"{{"orderId":{order}}}"#);
        transaction.execute("insert into outbox (detail) values (?1)", [detail])?;
        transaction.commit()
    }

    /// The rows that are still to be sent, the oldest first.
    pub fn unsent(&self) -> rusqlite::Result<Vec<(i64, String)>> {
        let unsent = "select id, detail from outbox where event_id is null and refused is null order by id";
        self.0.prepare(unsent)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    /// Sends each unsent row once. A worker calls this every few seconds, and whenever an order was placed.
    pub async fn relay(&self, client: &Client) -> Result<(), Box<dyn Error>> {
        for rows in self.unsent()?.chunks(10) {
            let entries = rows.iter().map(|(_, detail)| order_placed(detail)).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await?;
            // Results stand in the order of the entries. Only an EventId says that an entry was accepted.
            for ((row, _), result) in rows.iter().zip(reply.entries()) {
                let (column, value) = match (result.event_id(), result.error_code()) {
                    (Some(id), _) => ("event_id", id),
                    (None, None | Some("ThrottlingException" | "InternalFailure")) => continue,
                    (None, Some(code)) => ("refused", code),
                };
                self.0.execute(&format!("update outbox set {column} = ?2 where id = ?1"), (row, value))?;
            }
        }
        Ok(())
    }
}

fn order_placed(detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, entry};

    use super::*;

    fn shop_with_orders(orders: impl IntoIterator<Item = u64>) -> Shop {
        let mut shop = Shop::open(Connection::open_in_memory().unwrap()).unwrap();
        orders.into_iter().for_each(|order| shop.place_order(order).unwrap());
        shop
    }

    /// Matches the entries of an order.
    fn order(id: u64) -> EntryMatcher {
        entry().detail_type("OrderPlaced").detail_at("/orderId", id)
    }

    #[tokio::test(start_paused = true)]
    async fn only_rows_whose_entry_was_accepted_are_marked_as_sent() {
        let eventbridge = MockEventBridge::in_process();
        eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(2)).times(1));
        let (shop, client) = (shop_with_orders([1, 2, 3]), Client::new(&eventbridge.sdk_config()));

        shop.relay(&client).await.unwrap();
        let unsent = shop.unsent().unwrap();
        shop.relay(&client).await.unwrap();

        let ledger = eventbridge.journal().ledger().expecting([1, 2, 3].map(order));
        ledger.assert_none_lost();
        ledger.assert_only_failed_entries_resent();
        assert_eq!(unsent, [(2, r#"{"orderId":2}"#.to_owned())]);
    }

    #[tokio::test(start_paused = true)]
    async fn rows_are_sent_again_where_the_request_or_the_reply_was_lost() {
        let eventbridge = MockEventBridge::in_process();
        // The SDK tries three times within one call.
        eventbridge.inject(Fault::reset().times(3));
        eventbridge.inject(Fault::lost_reply().times(3));
        let (shop, client) = (shop_with_orders([1, 2]), Client::new(&eventbridge.sdk_config()));

        let calls = [shop.relay(&client).await, shop.relay(&client).await, shop.relay(&client).await];

        // The relay cannot tell a lost reply from a lost request. To send again is right, so duplicates are allowed here.
        let journal = eventbridge.journal();
        journal.ledger().expecting([1, 2].map(order)).assert_none_lost();
        journal.assert_every_fault_fired();
        assert_eq!(calls.map(|call| call.is_ok()), [false, false, true]);
        assert_eq!(shop.unsent().unwrap(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_relay_sends_what_a_relay_that_ended_in_the_middle_has_left() {
        let eventbridge = MockEventBridge::in_process();
        eventbridge.inject(Fault::stall().times(1));
        let (shop, client) = (shop_with_orders([1, 2]), Client::new(&eventbridge.sdk_config()));

        // The future is dropped while it waits for a reply, as it is where the process ends.
        let ended = tokio::time::timeout(Duration::from_secs(1), shop.relay(&client)).await;
        assert!(ended.is_err(), "the relay has to wait for the reply");
        shop.relay(&client).await.unwrap();

        eventbridge.journal().ledger().expecting([1, 2].map(order)).assert_none_lost();
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_that_can_never_be_accepted_does_not_block_the_others() {
        let eventbridge = MockEventBridge::in_process();
        eventbridge.inject(Fault::entry(EntryError::malformed_detail()).matching(order(1)));
        let (shop, client) = (shop_with_orders(1..=11), Client::new(&eventbridge.sdk_config()));

        shop.relay(&client).await.unwrap();
        shop.relay(&client).await.unwrap();

        let journal = eventbridge.journal();
        journal.ledger().assert_permanent_errors_not_retried();
        journal.published().assert_exactly((2..=11).map(order));
    }
}
