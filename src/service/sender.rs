//! The account and region that the mock's events come from.

use crate::json::Unfit;

/// The account and region of the events, if a test sets them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sender {
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
}

/// Returns an account id, or what is wrong with it. All account ids have twelve digits (AWS Account Management reference).
pub(crate) fn checked_account(account: String) -> Result<String, Unfit> {
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(account);
    }
    Err(format!("{account:?} is not an account id: write its twelve digits, such as \"111122223333\"").into())
}

/// Returns the code of a region, or what is wrong with it.
pub(crate) fn checked_region(region: String) -> Result<String, Unfit> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !region.is_empty() && region.len() <= 32 && region.chars().all(is_plain) {
        return Ok(region);
    }
    Err(format!("{region:?} is not a region: write its code, such as \"eu-central-1\"").into())
}
