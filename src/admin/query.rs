//! The query of a request: named numbers.

use std::time::Duration;

use http::Uri;

use super::answer::Refused;

/// The longest time that the API waits.
const MAX_WAIT: Duration = Duration::from_secs(300);

pub(super) struct Query<'a>(Vec<(&'a str, u64)>);

impl<'a> Query<'a> {
    /// Reads a query that has these names only.
    pub(super) fn of(uri: &'a Uri, known: &[&str]) -> Result<Self, Refused> {
        let pair = |pair: &'a str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                let known = known.join(", ");
                return Err(Refused::bad(format!("the query {name:?} is not known here; there are {known}")));
            }
            let number = value.parse().map_err(|_| {
                Refused::bad(format!("the query {name:?} is {value:?}: write a whole number from 0 up"))
            })?;
            Ok((name, number))
        };
        let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Ok(Self(pairs.map(pair).collect::<Result<_, _>>()?))
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        let found = self.0.iter().find(|(one, _)| *one == name);
        found.map(|(_, number)| usize::try_from(*number).unwrap_or(usize::MAX))
    }

    pub(super) fn milliseconds(&self, name: &str) -> Option<Duration> {
        self.0.iter().find(|(one, _)| *one == name).map(|(_, number)| Duration::from_millis(*number))
    }

    /// The limit of a wait. The default is the usual time.
    pub(super) fn limit(&self, name: &str, usual: Duration) -> Result<Duration, Refused> {
        match self.milliseconds(name) {
            Some(limit) if limit > MAX_WAIT => {
                let (limit, most) = (limit.as_millis(), MAX_WAIT.as_millis());
                Err(Refused::bad(format!(
                    "{name} is {limit}: write at most {most}, and ask again if that is too short"
                )))
            }
            limit => Ok(limit.unwrap_or(usual)),
        }
    }
}
