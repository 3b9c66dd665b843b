//! The lint: what a real account would refuse or silently drop.

use std::ops::Deref;

use super::{Recorded, unless};
use crate::check::{Finding, LintRule, Verdict, findings};
use crate::journal::Journal;

/// The findings of [`Journal::lint`]: what a real account would refuse, throttle or silently drop in the requests of a journal.
/// The limits that the mock itself enforces do not matter. It dereferences to a slice of [`Finding`].
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::expect::LintRule;
///
/// for finding in journal.lint().iter() {
///     println!("#{}: {}", finding.attempt(), finding.message());
/// }
/// journal.lint().without(LintRule::Unsigned).assert_clean();
/// ```
#[derive(Debug, Clone)]
pub struct Lint {
    findings: Vec<Finding>,
    journal: Journal,
}

impl Lint {
    /// Leaves out the findings of one rule, for a test that breaks the rule on purpose.
    #[must_use]
    pub fn without(mut self, rule: LintRule) -> Self {
        self.findings.retain(|finding| finding.rule() != rule);
        self
    }
}

impl Recorded for Lint {
    fn record(&self) -> &Journal {
        &self.journal
    }
}

assertions! {
    impl Lint {
        /// Fails if there is any finding.
        fn assert_clean / check_clean(&self) {
            self.needs_all()?;
            unless(self.findings.is_empty(), self.findings.clone(), Verdict::Lint)
        }
    }
}

impl Deref for Lint {
    type Target = [Finding];

    fn deref(&self) -> &[Finding] {
        &self.findings
    }
}

impl Journal {
    /// Looks through all requests for what a real account would refuse, throttle or silently drop.
    /// [`LintRule`] lists what it looks for.
    pub fn lint(&self) -> Lint {
        Lint { findings: findings(&self.ledger()), journal: self.clone() }
    }
}
