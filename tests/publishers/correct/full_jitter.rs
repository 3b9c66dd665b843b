//! Waits at random between nothing and a bound that doubles, so that many publishers do not come back at the same time.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Account, batches, parcels, try_once};
use crate::order::{Order, Said};

/// A generator after Marsaglia (xorshift).
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, bound: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        bound.mul_f64((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut account = Account::default();
    let mut bound = Duration::from_millis(200);
    let mut waiting = parcels(orders);
    while !waiting.is_empty() {
        let mut again = Vec::new();
        for batch in batches(waiting) {
            again.extend(try_once(&client, batch, &mut account).await);
        }
        if !again.is_empty() {
            sleep(dice.up_to(bound)).await;
            bound = (bound * 2).min(Duration::from_secs(5));
        }
        waiting = again;
    }
    account.all_published().into()
}
