//! What was judged in the end, for those who show it: a file for CI, or GitHub's pages.

use crate::expect::Mismatch;

/// One thing that was to hold.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

#[derive(Clone)]
pub(super) enum Outcome {
    Holds,
    Fails {
        kind: String,
        report: String,
    },
    /// It does not hold, and nobody asked for it: why.
    Excused(String),
}

impl Case {
    /// A case that holds unless something was found.
    pub(super) fn new(name: String, found: Option<&Mismatch>) -> Self {
        let fails =
            |found: &Mismatch| Outcome::Fails { kind: format!("{:?}", found.kind()), report: found.to_string() };
        Self { name, outcome: found.map_or(Outcome::Holds, fails) }
    }

    /// The kind and the report, where it fails.
    pub(super) fn failure(&self) -> Option<(&str, &str)> {
        match &self.outcome {
            Outcome::Fails { kind, report } => Some((kind, report)),
            Outcome::Holds | Outcome::Excused(_) => None,
        }
    }
}
