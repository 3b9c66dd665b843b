//! The mock as its users have it.

use putevents_mock::MockEventBridge;

use super::{Bound, Running};

pub fn start(bound: Bound) -> Running {
    let eventbridge = match bound {
        Bound::Default => MockEventBridge::start_blocking(),
        Bound::None => MockEventBridge::builder().max_journal_size(usize::MAX).start_blocking(),
    };
    Running { address: eventbridge.address(), _keep: Box::new(eventbridge) }
}
