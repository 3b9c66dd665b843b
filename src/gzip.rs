//! Compressed bodies.

#![warn(clippy::indexing_slicing)]

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;

#[derive(Debug, PartialEq)]
pub(crate) enum Error {
    TooLarge,
    Undecodable(String),
}

/// Inflates at most `limit` bytes, so that a small body cannot become a large one in memory.
pub(crate) fn inflate(body: &[u8], limit: usize) -> Result<Bytes, Error> {
    let mut inflated = Vec::new();
    let mut decoder = MultiGzDecoder::new(body).take((limit as u64).saturating_add(1));
    match decoder.read_to_end(&mut inflated) {
        Err(error) => {
            Err(Error::Undecodable(format!("the body is not gzip, though its Content-Encoding says so: {error}")))
        }
        Ok(_) if inflated.len() > limit => Err(Error::TooLarge),
        Ok(_) => Ok(inflated.into()),
    }
}
