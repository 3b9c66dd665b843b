//! Compares the tries of an event.

use std::fmt;

use super::ledger::{Blame, What};
use crate::json::Unfit;
use crate::ledger::{Difference, Ledger, Line, Try};
use crate::matcher::{checked, pointer_error};
use crate::words::and;

/// What may differ between the tries of an event: nothing but what is named here. An argument of
/// [`Ledger::assert_tries_alike`](crate::Ledger::assert_tries_alike).
///
/// ```
/// use putevents_mock::expect::Alike;
///
/// let alike = Alike::new().except_time().except_detail_at("/meta/attempt");
/// assert_eq!(alike.to_string(), "alike except for Time and detail /meta/attempt");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Alike {
    except_time: bool,
    except: Vec<String>,
}

impl Alike {
    /// Requires equal details, resources and `Time`s.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the `Time` differ.
    pub fn except_time(mut self) -> Self {
        self.except_time = true;
        self
    }

    /// Lets the details differ at this JSON pointer, and in everything inside. Can be called several times.
    ///
    /// # Panics
    ///
    /// If `pointer` is not a JSON pointer: it is neither empty nor begins with `/`.
    #[track_caller]
    pub fn except_detail_at(mut self, pointer: impl Into<String>) -> Self {
        self.except.push(checked(pointer.into()));
        self
    }

    /// Does the same as `except_detail_at`, and returns an error instead of a panic.
    pub(crate) fn try_except_detail_at(mut self, pointer: &str) -> Result<Self, Unfit> {
        match pointer_error(pointer) {
            Some(error) => Err(error.into()),
            None => {
                self.except.push(pointer.to_owned());
                Ok(self)
            }
        }
    }

    /// The differences between two tries that are not allowed.
    pub(crate) fn differences(&self, earlier: &Try, later: &Try) -> Vec<Difference> {
        let mut found = later.differences_from(earlier, &self.except);
        found.retain(|difference| !(self.except_time && difference.is_time()));
        found
    }

    /// The events whose tries differ.
    pub(crate) fn broken_in(&self, ledger: &Ledger) -> Vec<Blame> {
        let blame = |line: &Line| {
            let pairs = line.tries().iter().zip(line.tries().iter().skip(1));
            let found: Vec<Difference> = pairs.flat_map(|(one, next)| self.differences(one, next)).collect();
            (!found.is_empty()).then(|| Blame::new(line, What::Differs(found)))
        };
        ledger.lines().iter().filter_map(blame).collect()
    }
}

impl fmt::Display for Alike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.except_time.then(|| "Time".to_owned());
        let details = self.except.iter().map(|pointer| format!("detail {pointer}"));
        let except: Vec<String> = time.into_iter().chain(details).collect();
        f.write_str("alike")?;
        if except.is_empty() { Ok(()) } else { write!(f, " except for {}", and(&except)) }
    }
}
