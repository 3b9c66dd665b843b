//! From where the mock takes events to come.

use crate::json::Unfit;

/// Whose events these are, where a test says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sender {
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
}

/// What is wrong with an account id. All have twelve digits (AWS Account Management reference).
pub(crate) fn account_error(account: &str) -> Option<Unfit> {
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (!is_account)
        .then(|| format!("{account:?} is no account: write its twelve digits, such as \"111122223333\"").into())
}

/// What is wrong with the code of a region.
pub(crate) fn region_error(region: &str) -> Option<Unfit> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_region = !region.is_empty() && region.len() <= 32 && region.chars().all(is_plain);
    (!is_region).then(|| format!("{region:?} is no region: write its code, such as \"eu-central-1\"").into())
}
