//! Times in JSON: milliseconds under a name that ends with `Ms`. If a JSON number does not hold them to the nanosecond, a text
//! with all nanoseconds stands beside it, under the name with `Ns`.

use std::time::Duration;

use serde_json::Value;

use super::{Cursor, FormatError};

const NANOSECONDS_OF_A_MILLISECOND: u128 = 1_000_000;
const NANOSECONDS_OF_A_SECOND: u128 = 1_000_000_000;

/// Below this, three days, a number of milliseconds keeps its nanoseconds through binary fractions and their decimal digits.
const EXACT_NANOSECONDS: u128 = 1 << 48;

/// Writes a duration in milliseconds, without a fraction if it is whole.
pub(crate) fn milliseconds(duration: Duration) -> Value {
    match whole_milliseconds(duration) {
        Some(whole) => whole.into(),
        #[expect(clippy::cast_precision_loss, reason = "where it loses something, a text stands beside it")]
        None => (duration.as_nanos() as f64 / NANOSECONDS_OF_A_MILLISECOND as f64).into(),
    }
}

/// Writes all nanoseconds, if [`milliseconds`] does not hold them.
pub(crate) fn nanoseconds(duration: Duration) -> Option<Value> {
    let nanoseconds = duration.as_nanos();
    let is_exact = nanoseconds < EXACT_NANOSECONDS || whole_milliseconds(duration).is_some();
    (!is_exact).then(|| nanoseconds.to_string().into())
}

/// Returns the milliseconds, if they are whole and other programs read them without loss.
fn whole_milliseconds(duration: Duration) -> Option<u64> {
    let nanoseconds = duration.as_nanos();
    let whole = u64::try_from(nanoseconds / NANOSECONDS_OF_A_MILLISECOND).ok()?;
    (nanoseconds % NANOSECONDS_OF_A_MILLISECOND == 0 && whole < 1 << 53).then_some(whole)
}

/// Reads the time of the members `NAMEMs` and `NAMENs`.
pub(crate) fn read_time(at: &Cursor<'_>, name: &str) -> Result<Duration, FormatError> {
    let Some(exact) = at.get(&format!("{name}Ns")) else {
        return at.required(&format!("{name}Ms"))?.milliseconds();
    };
    let read = exact.text()?.parse::<u128>().ok().and_then(|nanoseconds| {
        let seconds = u64::try_from(nanoseconds / NANOSECONDS_OF_A_SECOND).ok()?;
        Some(Duration::new(seconds, u32::try_from(nanoseconds % NANOSECONDS_OF_A_SECOND).ok()?))
    });
    read.map_or_else(|| exact.is_wrong("a whole number of nanoseconds, as text"), Ok)
}

/// Reads the time of these members, if they are there.
pub(crate) fn read_time_if_any(at: &Cursor<'_>, name: &str) -> Result<Option<Duration>, FormatError> {
    at.get(&format!("{name}Ms")).map(|_| read_time(at, name)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn a_time_is_a_number_and_where_that_is_not_exact_also_a_text() {
        for (duration, ms, ns) in [
            (Duration::ZERO, json!(0), None),
            (Duration::from_micros(1_500), json!(1.5), None),
            (Duration::from_nanos(30_000_001), json!(30.000001), None),
            (Duration::from_millis(1_001), json!(1_001), None),
            (Duration::from_secs(40 * 86_400), json!(3_456_000_000_u64), None),
            (Duration::new(40 * 86_400, 1), json!(3456000000.000001), Some("3456000000000001")),
            (Duration::MAX, json!(1.8446744073709552e22), Some("18446744073709551615999999999")),
        ] {
            assert_eq!((milliseconds(duration), nanoseconds(duration)), (ms, ns.map(Value::from)), "{duration:?}");
        }
    }
}
