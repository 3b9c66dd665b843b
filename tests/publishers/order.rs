//! The orders of a shop, their entries, and what a publisher says that it did with them.

use std::fmt::Debug;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::entry;
use putevents_mock::expect::Reported;
use serde_json::json;

pub const SOURCE: &str = "shop.orders";
pub const DETAIL_TYPE: &str = "OrderPlaced";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: u64,
    pub customer: u64,
    pub note: String,
}

impl Order {
    pub fn detail(&self) -> String {
        json!({ "orderId": self.id, "customer": self.customer, "note": self.note }).to_string()
    }

    pub fn entry(&self) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder().source(SOURCE).detail_type(DETAIL_TYPE).detail(self.detail()).build()
    }

    /// The bytes of the entry, as the service counts them.
    pub fn size(&self) -> usize {
        SOURCE.len() + DETAIL_TYPE.len() + self.detail().len()
    }
}

/// Orders 1 to `count`, of two customers. Their notes differ in length, and the longest does not come last.
pub fn orders(count: usize) -> Vec<Order> {
    let notes = ["Leave it with the neighbours.", "Gift wrap, please.", "", "Ring twice."];
    let order = |(id, note): (u64, &&str)| Order { id, customer: id % 2, note: (*note).to_owned() };
    (1..).zip(notes.iter().cycle()).take(count).map(order).collect()
}

/// What a publisher says that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It only returned.
    Nothing,
    /// All orders were published.
    Ok,
    /// Not all orders were published, or nobody knows it of all.
    Err,
    /// What became of each order, by its id.
    Each { published: Vec<u64>, failed: Vec<u64>, unknown: Vec<u64> },
}

impl From<Said> for Reported {
    fn from(said: Said) -> Self {
        let order = |id: u64| entry().detail_at("/orderId", id);
        match said {
            Said::Nothing => Self::nothing(),
            Said::Ok => Self::all_published(),
            Said::Err => Self::some_failed(),
            Said::Each { published, failed, unknown } => Self::published(published.into_iter().map(order))
                .failed(failed.into_iter().map(order))
                .unknown(unknown.into_iter().map(order)),
        }
    }
}

impl<E: Debug> From<Result<(), E>> for Said {
    fn from(result: Result<(), E>) -> Self {
        match result {
            Ok(()) => Self::Ok,
            Err(_) => Self::Err,
        }
    }
}
