//! Cuts orders into requests of at most ten entries and one mebibyte; an order that fits in none has failed unsent.

use aws_sdk_eventbridge::Client;

use crate::delivery::{Account, MAX_BYTES, MAX_ENTRIES, deliver};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut account = Account::default();
    let (mut requests, mut request, mut bytes) = (Vec::new(), Vec::new(), 0);
    for order in orders {
        let size = order.size();
        if size > MAX_BYTES {
            account.failed.push(order.id);
            continue;
        }
        if request.len() == MAX_ENTRIES || bytes + size > MAX_BYTES {
            requests.push(std::mem::take(&mut request));
            bytes = 0;
        }
        bytes += size;
        request.push(order);
    }
    if !request.is_empty() {
        requests.push(request);
    }
    for request in requests {
        account.add(deliver(&client, request).await);
    }
    account.all_published().into()
}
