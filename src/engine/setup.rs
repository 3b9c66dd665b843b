//! The settings of an engine that a plan or the flags of a server can set.

use crate::service::{Answers, Limits};

use super::Engine;

/// The settings that differ from the default.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Setup {
    pub(crate) limits: Option<Limits>,
    pub(crate) known_buses: Option<Vec<String>>,
    pub(crate) strict_auth: Option<bool>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) answers: Answers,
}

impl Setup {
    /// These settings, and those of the other where these have none.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            limits: self.limits.or(other.limits),
            known_buses: self.known_buses.or_else(|| other.known_buses.clone()),
            strict_auth: self.strict_auth.or(other.strict_auth),
            account: self.account.or_else(|| other.account.clone()),
            region: self.region.or_else(|| other.region.clone()),
            answers: self.answers.or(&other.answers),
        }
    }

    /// Applies the settings to an engine. Account and region were checked before.
    pub(crate) fn apply(&self, mut engine: Engine) -> Engine {
        if let Some(limits) = self.limits {
            engine = engine.limits(limits);
        }
        if let Some(buses) = &self.known_buses {
            engine = engine.known_buses(buses);
        }
        if let Some(is_strict) = self.strict_auth {
            engine.reading.strict_auth = is_strict;
        }
        if let Some(account) = &self.account {
            engine.sender().account = Some(account.clone());
        }
        if let Some(region) = &self.region {
            engine.sender().region = Some(region.clone());
        }
        engine.answers = self.answers.clone().or(&engine.answers);
        engine
    }
}
