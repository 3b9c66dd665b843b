//! The results of the judgement, for a JUnit file and for GitHub.

use crate::expect::Mismatch;

/// One condition and its result.
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
    /// It was not asked for, and does not hold or was not judged, for this reason.
    Excused(String),
}

impl Case {
    /// A case that fails with this mismatch, or holds without one.
    pub(super) fn new(name: String, found: Option<&Mismatch>) -> Self {
        let fails =
            |found: &Mismatch| Outcome::Fails { kind: format!("{:?}", found.kind()), report: found.to_string() };
        Self { name, outcome: found.map_or(Outcome::Holds, fails) }
    }

    /// The kind and the report, if it fails.
    pub(super) fn failure(&self) -> Option<(&str, &str)> {
        match &self.outcome {
            Outcome::Fails { kind, report } => Some((kind, report)),
            Outcome::Holds | Outcome::Excused(_) => None,
        }
    }
}
