//! Assertions, each in two forms: `assert_*` panics at the caller's line, `check_*` returns the same report as an error.

mod assignment;
mod backoff;
mod batches;
mod events;
mod ledger;
mod reported;
#[cfg(feature = "json-schema")]
mod schema;

pub(crate) use self::assignment::assignment;
pub use self::backoff::Backoff;
pub(crate) use self::backoff::Complaint;
pub(crate) use self::events::Comparison;
pub(crate) use self::ledger::Blame;
pub use self::reported::Reported;
pub(crate) use self::reported::Untruth;
use crate::journal::Journal;
use crate::report;

/// What a check found different from what was expected, as a text. It prints itself as that text, also with `{:?}`, so
/// that `unwrap` and `?` in a test read well.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch(pub(crate) String);

impl Mismatch {
    /// Ends the test with the report.
    #[track_caller]
    pub(crate) fn panic(&self) -> ! {
        panic!("{}", report::for_terminal(&self.0))
    }
}

/// The two forms of an assertion, from one body.
macro_rules! twins {
    ($(
        $(#[$doc:meta])*
        fn $assert:ident / $check:ident (&$self:ident $(, $argument:ident: $type:ty)* $(,)?) $body:block
    )*) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        ///
        #[doc = concat!("At the caller's line, with the report of [`", stringify!($check), "`](Self::", stringify!($check), ").")]
        #[track_caller]
        pub fn $assert(&$self $(, $argument: $type)*) {
            if let Err(mismatch) = $self.$check($($argument),*) {
                mismatch.panic();
            }
        }

        #[doc = concat!("As [`", stringify!($assert), "`](Self::", stringify!($assert), "), without a panic.")]
        ///
        /// # Errors
        ///
        /// The report.
        pub fn $check(&$self $(, $argument: $type)*) -> Result<(), $crate::expect::Mismatch> $body
    )*};
}
pub(crate) use twins;

impl Journal {
    twins! {
        /// Fails unless every fault that was injected has applied, as often as it was to: a fault that was never met tests
        /// nothing. The report has every such fault as a sentence, the line that injected it, and the entry that came
        /// nearest.
        fn assert_every_fault_fired / check_every_fault_fired(&self) {
            report::unfired_faults(self).map_or(Ok(()), |text| Err(Mismatch(text)))
        }

        /// Fails where there was a [problem](Journal::problems): an unreadable request, another operation, a broken
        /// connection, and whatever else a correct publisher does not do.
        fn assert_no_problems / check_no_problems(&self) {
            if self.problems().is_empty() { Ok(()) } else { Err(Mismatch(report::problems(self))) }
        }
    }

    /// Refuses to judge a record that is not whole.
    pub(crate) fn needs_all(&self) -> Result<(), Mismatch> {
        if self.forgotten() == 0 { Ok(()) } else { Err(Mismatch(report::forgotten(self))) }
    }
}
