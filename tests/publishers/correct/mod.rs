//! Publishers that do everything right, each in another way.

pub mod by_bytes;
pub mod concurrent_chunks;
pub mod credentials;
pub mod full_jitter;
pub mod honest;
pub mod in_order;
pub mod linger;
pub mod one_by_one;
pub mod outbox;
pub mod pipeline;
pub mod sequential;
pub mod splitter;
pub mod worker;
