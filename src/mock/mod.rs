//! The running mock. A test starts one, points a publisher at it, injects faults, waits, and reads its journal.
//!
//! [`MockEventBridge`] is where a test begins.

// The documentation lists the methods of a mock in this order: what every test calls comes first.
mod start;

mod eventbridge;

mod blocking;
mod builder;
mod clock;
mod environment;
mod handles;
mod listening;
mod parting;
mod wait;

pub use self::builder::MockEventBridgeBuilder;
pub(crate) use self::builder::fresh_seed;
pub use self::clock::{ClockHold, hold_clock};
pub(crate) use self::environment::Environment;
#[doc(hidden)]
pub use self::environment::rows as environment_rows;
pub use self::eventbridge::MockEventBridge;
pub use self::handles::{FaultHandle, ScopedFault};
pub use self::listening::StartError;
pub use crate::live::{GateTimeout, Subscription, WaitTimeout};

/// The credentials with which a publisher signs its requests. No real account has this key: AWS uses it in examples.
pub(crate) const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "secret";
