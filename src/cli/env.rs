//! The environment with which a program finds a server.

use std::process::Command;

use serde_json::{Map, Value};

use crate::mock::Environment;
use crate::service::REGION;

/// The variable with the URL of the mock.
const URL: &str = "PUTEVENTS_MOCK_URL";

/// Leads the AWS SDK of a command to a mock. A region in the environment stays.
pub(super) fn apply_to(command: &mut Command, url: &str, region: &str) {
    Environment { url, region, keeps_region: true }.apply_to(command);
    command.env(URL, url);
}

/// The variables that change: a text is the new value, and null removes the variable. A region in the environment of this process
/// stays.
pub(super) fn variables(url: &str, access_key: &str) -> Value {
    let environment = Environment { url, region: REGION, keeps_region: true };
    let mut variables: Map<String, Value> = environment
        .changes(|name| std::env::var_os(name))
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.map(|value| value.to_string_lossy().into_owned()).into()))
        .collect();
    variables.insert("AWS_ACCESS_KEY_ID".to_owned(), access_key.into());
    variables.insert(URL.to_owned(), url.into());
    variables.into()
}
