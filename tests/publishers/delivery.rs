//! Code that several publishers share: requests within the limits, the outcome of each order in a reply,
//! and a record of the outcomes.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::operation::put_events::PutEventsError;
use aws_sdk_eventbridge::types::PutEventsResultEntry;
use tokio::time::sleep;

use crate::order::{Order, Said};

pub const MAX_ENTRIES: usize = 10;
pub const MAX_BYTES: usize = 1_048_576;
/// How often an order is tried.
pub const TRIES: u32 = 5;

/// What a request says about one of its orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Published,
    /// It was not accepted, and may be the next time.
    Again,
    /// Nobody knows whether it was accepted.
    Unknown,
    /// It never will be accepted.
    Refused,
    /// The request was too large.
    TooLarge,
    /// The caller may not publish, or is not known.
    NotAllowed,
}

pub fn is_retryable(code: &str) -> bool {
    ["InternalFailure", "ThrottlingException"].contains(&code)
}

/// Results stand in the order of the entries. Only an EventId alone says that an entry was accepted.
fn of_result(result: Option<&PutEventsResultEntry>) -> Answer {
    match result.map(|result| (result.event_id(), result.error_code())) {
        Some((Some(_), None)) => Answer::Published,
        Some((None, Some(code))) if is_retryable(code) => Answer::Again,
        Some((None, Some(_))) => Answer::Refused,
        _ => Answer::Unknown,
    }
}

/// What an error says about all entries of its request.
pub fn of_error(error: &SdkError<PutEventsError>) -> Answer {
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (error, status, error.code()) {
        (SdkError::ConstructionFailure(_), ..) => Answer::Refused,
        (_, Some(413), _) | (_, _, Some("ValidationException" | "SerializationException")) => Answer::TooLarge,
        (_, Some(429), _) | (_, _, Some("ThrottlingException" | "RequestLimitExceeded")) => Answer::Again,
        (_, Some(408 | 425 | 500..), _) => Answer::Unknown,
        (_, Some(400..), _) => Answer::NotAllowed,
        _ => Answer::Unknown,
    }
}

/// Whether the same request may pass the next time.
pub fn is_transient(error: &SdkError<PutEventsError>) -> bool {
    [Answer::Again, Answer::Unknown].contains(&of_error(error))
}

/// Sends these orders in one request.
pub async fn put(client: &Client, orders: &[Order]) -> Vec<Answer> {
    let entries = orders.iter().map(Order::entry).collect();
    match client.put_events().set_entries(Some(entries)).send().await {
        Ok(reply) => (0..orders.len()).map(|index| of_result(reply.entries().get(index))).collect(),
        Err(error) => vec![of_error(&error); orders.len()],
    }
}

/// An order on its way, and what is known of it.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub order: Order,
    pub tries: u32,
    /// It may have been accepted by a request whose reply was lost.
    pub may_be_there: bool,
    /// The maximum number of orders in a request with this order.
    pub company: usize,
}

impl From<Order> for Parcel {
    fn from(order: Order) -> Self {
        Self { order, tries: 0, may_be_there: false, company: MAX_ENTRIES }
    }
}

pub fn parcels(orders: Vec<Order>) -> Vec<Parcel> {
    orders.into_iter().map(Parcel::from).collect()
}

/// Puts parcels together for requests that keep the limits.
pub fn batches(parcels: Vec<Parcel>) -> Vec<Vec<Parcel>> {
    let mut batches: Vec<Vec<Parcel>> = Vec::new();
    for parcel in parcels {
        let has_room = |batch: &&mut Vec<Parcel>| {
            let most = batch.iter().map(|other| other.company).fold(parcel.company, usize::min);
            let bytes: usize = batch.iter().map(|other| other.order.size()).sum();
            batch.len() < most && bytes + parcel.order.size() <= MAX_BYTES
        };
        match batches.last_mut().filter(has_room) {
            Some(batch) => batch.push(parcel),
            None => batches.push(vec![parcel]),
        }
    }
    batches
}

/// Puts orders together for requests that keep the limits.
pub fn requests(orders: Vec<Order>) -> Vec<Vec<Order>> {
    let of_batch = |batch: Vec<Parcel>| batch.into_iter().map(|parcel| parcel.order).collect();
    batches(parcels(orders)).into_iter().map(of_batch).collect()
}

/// What became of the orders.
#[derive(Debug, Default)]
pub struct Account {
    pub published: Vec<u64>,
    pub failed: Vec<u64>,
    pub unknown: Vec<u64>,
}

impl Account {
    pub fn give_up(&mut self, parcel: &Parcel) {
        if parcel.may_be_there { &mut self.unknown } else { &mut self.failed }.push(parcel.order.id);
    }

    pub fn add(&mut self, other: Self) {
        self.published.extend(other.published);
        self.failed.extend(other.failed);
        self.unknown.extend(other.unknown);
    }

    pub fn all_published(&self) -> Result<(), String> {
        let [failed, unknown] = [self.failed.len(), self.unknown.len()];
        if failed + unknown == 0 { Ok(()) } else { Err(format!("{failed} orders failed, {unknown} are unknown")) }
    }

    pub fn each(self) -> Said {
        Said::Each { published: self.published, failed: self.failed, unknown: self.unknown }
    }
}

/// Tries a batch once, in one request, and gives back what is worth another try.
pub async fn try_once(client: &Client, batch: Vec<Parcel>, account: &mut Account) -> Vec<Parcel> {
    let orders: Vec<Order> = batch.iter().map(|parcel| parcel.order.clone()).collect();
    let mut again = Vec::new();
    for (mut parcel, answer) in batch.into_iter().zip(put(client, &orders).await) {
        parcel.tries += 1;
        parcel.may_be_there |= answer == Answer::Unknown;
        if answer == Answer::TooLarge {
            parcel.company = orders.len() / 2;
        }
        match answer {
            Answer::Published => account.published.push(parcel.order.id),
            Answer::Refused | Answer::NotAllowed => account.give_up(&parcel),
            _ if parcel.tries == TRIES || parcel.company == 0 => account.give_up(&parcel),
            Answer::Again | Answer::Unknown | Answer::TooLarge => again.push(parcel),
        }
    }
    again
}

/// Tries these orders, in requests one after the other, until something became of each.
pub async fn deliver(client: &Client, orders: Vec<Order>) -> Account {
    let mut account = Account::default();
    let mut waiting = parcels(orders);
    let mut pause = Duration::from_millis(100);
    loop {
        let mut again = Vec::new();
        for batch in batches(waiting) {
            again.extend(try_once(client, batch, &mut account).await);
        }
        if again.is_empty() {
            return account;
        }
        waiting = again;
        sleep(pause).await;
        pause *= 2;
    }
}
