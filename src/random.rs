//! Repeatable random numbers: hashes of what they are for.

use std::hash::{BuildHasher, RandomState};

/// Returns two numbers that were most likely never returned before.
///
/// The standard library draws a key of 128 bits from the system once for each thread, and increments it for each `RandomState`.
/// Its hashes are unique enough for ids and seeds, which need not be secret. The process id is part of the hash, because a fork
/// has the keys of its parent.
pub(crate) fn fresh() -> (u64, u64) {
    let state = RandomState::new();
    let process = std::process::id();
    (mix(state.hash_one((process, 0_u8))), mix(state.hash_one((process, 1_u8))))
}

/// The finalizer of SplitMix64: a bijection on 64 bits that spreads neighbours far apart.
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Combines several numbers into one. Their order counts.
pub(crate) fn combined(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |so_far, part| mix(so_far ^ mix(*part)))
}

/// Returns the same number for the same bytes, on every machine and in every version (FNV-1a, then mixed).
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    mix(bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// Returns a number from 0 up to, but not including, 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
pub(crate) fn unit(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_numbers_differ_within_a_thread_and_between_threads() {
        let draw = || (0..10_000).map(|_| fresh()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let drawn: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(drawn.iter().map(|(high, _)| high).collect::<std::collections::HashSet<_>>().len(), drawn.len());
        assert_eq!(drawn.iter().map(|(_, low)| low).collect::<std::collections::HashSet<_>>().len(), drawn.len());
    }

    #[test]
    fn units_are_spread_evenly() {
        let below = |limit: f64| (0..10_000).filter(|n| unit(combined(&[42, *n])) < limit).count();
        for (limit, expected) in [(0.1, 1_000), (0.5, 5_000), (0.9, 9_000)] {
            assert!(below(limit).abs_diff(expected) < 200, "{limit}: {}", below(limit));
        }
    }

    #[test]
    fn the_order_of_the_parts_counts_and_nothing_else_does() {
        assert_eq!(combined(&[1, 2]), combined(&[1, 2]));
        assert_ne!(combined(&[1, 2]), combined(&[2, 1]));
        assert_eq!(hash(b""), mix(0xcbf2_9ce4_8422_2325));
        assert_ne!(hash(b"order 17"), hash(b"order 18"));
    }
}
