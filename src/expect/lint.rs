//! What a real account would punish or silently drop.

use std::ops::Deref;

use super::{Recorded, unless};
use crate::check::{Finding, LintRule, Verdict, findings};
use crate::journal::Journal;

/// What a real account would punish or silently drop in the requests of a [journal](Journal::lint), whether or not the
/// mock was told to refuse it. It dereferences to a slice of [`Finding`], and a journal prints it as well.
#[derive(Debug, Clone)]
pub struct Lint {
    findings: Vec<Finding>,
    journal: Journal,
}

impl Lint {
    /// The same without the findings of one rule, where a test means it.
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
        /// Fails where anything was found.
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
    /// Looks through all requests for what a real account would punish or silently drop.
    pub fn lint(&self) -> Lint {
        Lint { findings: findings(&self.ledger()), journal: self.clone() }
    }
}
