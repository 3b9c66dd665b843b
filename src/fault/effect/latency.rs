//! Late replies.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::{AtStep, Effect, Kind, Read, Turn};
use crate::json::{Cursor, FormatError, Unfit, milliseconds, number};
use crate::random;

/// How long a reply is delayed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Latency {
    Fixed(Duration),
    Between(Duration, Duration),
    LogNormal {
        median: Duration,
        sigma: f64,
    },
    /// Pairs of a percentage and the latency that this percentage of the replies stays below, both rising.
    Percentiles(Vec<(f64, Duration)>),
}

/// The longest latency of a reply, whatever is drawn.
const MAX_LATENCY: Duration = Duration::from_secs(24 * 60 * 60);

impl Latency {
    /// Returns the latency for a random number.
    fn draw(&self, random: u64) -> Duration {
        let unit = random::unit(random);
        let at_most = |latency: &Duration| (*latency).min(MAX_LATENCY);
        match self {
            Self::Fixed(latency) => at_most(latency),
            Self::Between(from, to) => between(at_most(from), at_most(to), unit),
            Self::LogNormal { median, sigma } => {
                // A normally distributed number, by Box and Muller.
                let angle = std::f64::consts::TAU * random::unit(random::mix(random));
                let normal = (-2.0 * (1.0 - unit).ln()).sqrt() * angle.cos();
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                at_most(&Duration::try_from_secs_f64(seconds).unwrap_or(MAX_LATENCY))
            }
            Self::Percentiles(percentiles) => {
                // Linear between two neighbours, from zero at 0 %, and constant after the last one.
                let percent = unit * 100.0;
                let mut below = (0.0, Duration::ZERO);
                for (next, latency) in percentiles {
                    if percent < *next {
                        return between(below.1, at_most(latency), (percent - below.0) / (next - below.0));
                    }
                    below = (*next, at_most(latency));
                }
                below.1
            }
        }
    }
}

fn between(from: Duration, to: Duration, part: f64) -> Duration {
    from + to.saturating_sub(from).mul_f64(part)
}

impl Latency {
    /// Returns the latency, or what is wrong with it.
    pub(in crate::fault) fn checked(self) -> Result<Self, Unfit> {
        match &self {
            Self::Between(from, to) if to < from => {
                return Err(
                    format!("a latency from {from:?} to {to:?} goes backwards: write the shorter one first").into()
                );
            }
            Self::LogNormal { sigma, .. } if !(0.0..=10.0).contains(sigma) => {
                return Err(format!("a sigma of {sigma} is not from 0 to 10: write a moderate one, such as 0.5").into());
            }
            Self::Percentiles(percentiles) => {
                let mut below = (0.0, Duration::ZERO);
                for (percent, latency) in percentiles {
                    if !(*percent > below.0 && *percent <= 100.0 && *latency >= below.1) {
                        return Err(format!(
                            "the percentile {percent} with {latency:?} does not follow {} with {:?}: write percentages \
                             from above 0 to 100 and latencies that both rise",
                            below.0, below.1
                        )
                        .into());
                    }
                    below = (*percent, *latency);
                }
                if percentiles.is_empty() {
                    let none = "the list of percentiles is empty: write at least one, such as ";
                    return Err(Unfit::new(none, "(50.0, ...)", "[50, 20]"));
                }
            }
            _ => {}
        }
        Ok(self)
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(latency) => write!(f, "a latency of {latency:?}"),
            Self::Between(from, to) => write!(f, "a latency from {from:?} to {to:?}"),
            Self::LogNormal { median, sigma } => write!(f, "a latency around {median:?} (log-normal, sigma {sigma})"),
            Self::Percentiles(percentiles) => {
                let texts = percentiles.iter().map(|(percent, latency)| format!("{percent} % below {latency:?}"));
                write!(f, "a latency with {}", texts.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Kind for Latency {
    fn write(&self) -> Result<(&'static str, Value), String> {
        let written = match self {
            Self::Fixed(latency) => milliseconds(*latency),
            Self::Between(from, to) => json!({ "from": milliseconds(*from), "to": milliseconds(*to) }),
            Self::LogNormal { median, sigma } => json!({ "median": milliseconds(*median), "sigma": sigma }),
            Self::Percentiles(percentiles) => {
                let pairs =
                    percentiles.iter().map(|(percent, latency)| json!([number(*percent), milliseconds(*latency)]));
                json!({ "percentiles": pairs.collect::<Vec<_>>() })
            }
        };
        Ok(("latencyMs", written))
    }

    fn is_random(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }
}

impl AtStep for Latency {
    type Done = Duration;

    fn apply(&self, turn: Turn<'_>) -> Option<Duration> {
        Some(self.draw(turn.random))
    }
}

pub(super) fn read(at: &Cursor<'_>) -> Read {
    read_latency(at).and_then(|latency| at.check(latency.checked())).map(Effect::from)
}

fn read_latency(at: &Cursor<'_>) -> Result<Latency, FormatError> {
    if at.value.is_number() {
        return at.milliseconds().map(Latency::Fixed);
    }
    at.object_or(
        "a number of milliseconds, {\"from\": ..., \"to\": ...}, {\"median\": ..., \"sigma\": ...} or {\"percentiles\": [...]}",
    )?;
    at.allow(&["from", "to", "median", "sigma", "percentiles"])?;
    if let Some(percentiles) = at.get("percentiles") {
        let pair = |item: &Cursor<'_>| match &item.items()?[..] {
            [percent, latency] => Ok((percent.number()?, latency.milliseconds()?)),
            _ => item.is_wrong("a pair of a percentage and a number of milliseconds"),
        };
        return percentiles.each(pair).map(Latency::Percentiles);
    }
    if at.get("median").is_some() {
        return Ok(Latency::LogNormal {
            median: at.required("median")?.milliseconds()?,
            sigma: at.required("sigma")?.number()?,
        });
    }
    Ok(Latency::Between(at.required("from")?.milliseconds()?, at.required("to")?.milliseconds()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::combined;
    use pretty_assertions::assert_eq;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn latencies_without_end_end_after_a_day() {
        let day = Duration::from_secs(86_400);
        for latency in [
            Latency::Fixed(Duration::MAX),
            Latency::Between(Duration::MAX, Duration::MAX),
            Latency::LogNormal { median: Duration::MAX, sigma: 0.0 },
            Latency::Percentiles(vec![(0.000_1, Duration::MAX)]),
        ] {
            assert_eq!(latency.draw(u64::MAX), day, "{latency:?}");
        }
    }

    fn draws(latency: &Latency) -> Vec<Duration> {
        let mut draws: Vec<_> = (0..10_001).map(|n| latency.draw(combined(&[7, n]))).collect();
        draws.sort();
        draws
    }

    #[test]
    fn latencies_are_distributed_as_their_names_say() {
        let between = draws(&Latency::Between(MS(100), MS(200)));
        assert!(between[0] >= MS(100) && between[10_000] < MS(200));
        assert!(between[5_000].abs_diff(MS(150)) < MS(3));

        let log_normal = draws(&Latency::LogNormal { median: MS(100), sigma: 0.5 });
        assert!(log_normal[5_000].abs_diff(MS(100)) < MS(3), "{:?}", log_normal[5_000]);
        // One standard deviation above the median is a factor of e to the sigma.
        assert!(log_normal[8_413].abs_diff(MS(165)) < MS(6), "{:?}", log_normal[8_413]);

        let percentiles = draws(&Latency::Percentiles(vec![(50.0, MS(10)), (99.0, MS(100)), (100.0, MS(1_000))]));
        assert!(percentiles[5_000].abs_diff(MS(10)) < MS(1), "{:?}", percentiles[5_000]);
        assert!(percentiles[9_900].abs_diff(MS(100)) < MS(60), "{:?}", percentiles[9_900]);
        assert!(percentiles[10_000] <= MS(1_000));
    }
}
