//! The report of a failed assertion, and the arguments of assertions.
//!
//! Each assertion has two forms. `assert_*` panics at the caller's line with a report. `check_*` returns the same report as a
//! [`Mismatch`]. They are methods of [`Journal`], [`Events`], [`Ledger`] and [`Lint`].

#![warn(clippy::indexing_slicing)]

/// Makes the two forms of each assertion from one body, which returns [`Judged`], and the list of their names.
macro_rules! assertions {
    (impl $of:ident {$(
        $(#[$doc:meta])*
        fn $assert:ident / $check:ident $(<$form:ident>)? (&$self:ident $(, $argument:ident: $type:ty)* $(,)?) $body:block
    )*}) => {
        impl $of {$(
            $(#[$doc])*
            ///
            /// # Panics
            ///
            #[doc = concat!(
                "If the assertion fails: at the caller's line, with the report of [`", stringify!($check), "`](Self::",
                stringify!($check), ")."
            )]
            #[track_caller]
            pub fn $assert $(<$form>)? (&$self $(, $argument: $type)*) {
                if let Err(mismatch) = $self.$check($($argument),*) {
                    mismatch.panic();
                }
            }

            #[doc = concat!(
                "Returns `Ok` if [`", stringify!($assert), "`](Self::", stringify!($assert), ") passes, ",
                "and its report as an error if it fails."
            )]
            ///
            /// # Errors
            ///
            #[doc = concat!(
                "The [`Mismatch`](crate::expect::Mismatch) that `", stringify!($assert), "` panics with. It prints itself as the report."
            )]
            pub fn $check $(<$form>)? (&$self $(, $argument: $type)*) -> Result<(), $crate::expect::Mismatch> {
                #[allow(clippy::redundant_closure_call, reason = "some bodies use `?`")]
                let judged: $crate::expect::Judged = $crate::expect::decided($self, || $body);
                judged.map_err(|verdict| $crate::expect::Mismatch::new(*verdict, $crate::expect::Recorded::record($self)))
            }
        )*}

        /// The type and the names of its assertions in this file.
        pub(crate) const ASSERTIONS: (&str, &[&str]) = (stringify!($of), &[$(stringify!($assert)),*]);
    };
}

mod batches;
mod events;
mod journal;
mod ledger;
mod lint;
mod mismatch;

pub(crate) use assertions;

pub use self::lint::Lint;
pub use self::mismatch::{Mismatch, MismatchKind};
use crate::check::Verdict;
pub use crate::check::{Alike, Backoff, Finding, LintRule, Reported};
use crate::journal::{Events, Journal};
use crate::ledger::Ledger;
use crate::matcher::with_undecided;
use crate::pattern::Undecided;

/// Every assertion in this room, by its type and its name.
pub(crate) fn every_assertion() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [events::ASSERTIONS, ledger::ASSERTIONS, journal::ASSERTIONS, batches::ASSERTIONS, lint::ASSERTIONS];
    all.into_iter().flat_map(|(of, names)| names.iter().map(move |name| (of, *name)))
}

/// What the body of an assertion returns.
pub(crate) type Judged = Result<(), Box<Verdict>>;

/// A type with assertions.
pub(crate) trait Recorded {
    /// The journal that a report shows.
    fn record(&self) -> &Journal;

    /// An event pattern that could not be decided when this value was made.
    fn undecided(&self) -> Option<Undecided> {
        None
    }

    /// Fails if the journal has forgotten attempts.
    fn needs_all(&self) -> Judged {
        if self.record().forgotten() == 0 { Ok(()) } else { Err(Verdict::Forgotten.into()) }
    }
}

impl Recorded for Journal {
    fn record(&self) -> &Journal {
        self
    }
}

impl Recorded for Events {
    fn record(&self) -> &Journal {
        self.journal()
    }
}

impl Recorded for Ledger {
    fn undecided(&self) -> Option<Undecided> {
        self.undecided().cloned()
    }

    fn record(&self) -> &Journal {
        self.journal()
    }
}

/// Returns the judgement, or an error if an event pattern in it could not be decided.
pub(crate) fn decided(of: &impl Recorded, judge: impl FnOnce() -> Judged) -> Judged {
    let (judged, undecided) = with_undecided(judge);
    match of.undecided().or(undecided) {
        None => judged,
        Some(undecided) => Err(Verdict::BadQuestion(undecided.to_string()).into()),
    }
}

/// Fails with the verdict unless `is_met`.
fn unless<T>(is_met: bool, found: T, verdict: impl FnOnce(T) -> Verdict) -> Judged {
    if is_met { Ok(()) } else { Err(verdict(found).into()) }
}
