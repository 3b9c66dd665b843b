//! Publishers that do everything right, each in another way.

pub mod bisects;
pub mod by_bytes;
pub mod checks_sizes;
pub mod concurrent_chunks;
pub mod credentials;
pub mod full_jitter;
pub mod honest;
pub mod in_order;
pub mod linger;
pub mod never_in_doubt;
pub mod one_by_one;
pub mod outbox;
pub mod pipeline;
pub mod races;
pub mod sequential;
pub mod splitter;
pub mod stops_a_customer;
pub mod worker;
