//! The environment variables in which AWS SDKs look for an endpoint, credentials, a region and a proxy, and how each of them
//! changes so that an SDK finds a mock.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use super::{ACCESS_KEY, SECRET};
use crate::transport::split;

/// A variable, and how it changes.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) treatment: Treatment,
    /// The reason, in Markdown.
    pub(crate) why: &'static str,
}

/// How a variable changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    Set(Value),
    /// Set to the region of the mock if the environment has no region.
    Region,
    Removed,
    /// The mock's hosts are added to the list.
    Extended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// The URL of the mock.
    Url,
    Text(&'static str),
}

/// The hosts of a mock, for lists of hosts that need no proxy.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// All variables that change.
pub(crate) const VARIABLES: [Variable; 28] = {
    use Treatment::{Extended, Region, Removed, Set};
    use Value::{Text, Url};

    const fn row(name: &'static str, treatment: Treatment, why: &'static str) -> Variable {
        Variable { name, treatment, why }
    }

    [
        row(
            "AWS_ENDPOINT_URL_EVENTBRIDGE",
            Set(Url),
            "SDKs prefer it to `AWS_ENDPOINT_URL` and to configuration files",
        ),
        row("AWS_ENDPOINT_URL_CLOUDWATCH_EVENTS", Set(Url), "it does the same for clients of CloudWatch Events"),
        row(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            Set(Text("false")),
            "with `true`, SDKs ignore the two variables above",
        ),
        row("AWS_USE_FIPS_ENDPOINT", Set(Text("false")), "with `true`, SDKs ignore the endpoint or refuse it"),
        row("AWS_USE_DUALSTACK_ENDPOINT", Set(Text("false")), "with `true`, SDKs ignore the endpoint or refuse it"),
        row("AWS_ACCESS_KEY_ID", Set(Text(ACCESS_KEY)), "SDKs sign requests, and must not use a real key"),
        row("AWS_SECRET_ACCESS_KEY", Set(Text(SECRET)), "it belongs to the access key above"),
        row("AWS_REGION", Region, "the region of the signature becomes the region of the events"),
        row("AWS_DEFAULT_REGION", Region, "some SDKs read only one of the two variables of the region"),
        row("AWS_EC2_METADATA_DISABLED", Set(Text("true")), "the SDK does not ask the metadata service for a role"),
        row("AWS_SESSION_TOKEN", Removed, "it belongs to the real key"),
        row("AWS_SECURITY_TOKEN", Removed, "an older name of `AWS_SESSION_TOKEN`"),
        row("AWS_CREDENTIAL_EXPIRATION", Removed, "SDKs do not use a key that has expired"),
        row("AWS_CREDENTIAL_SCOPE", Removed, "it belongs to the real key"),
        row("AWS_ACCOUNT_ID", Removed, "it belongs to the real key"),
        row("AWS_ACCESS_KEY", Removed, "an older name of `AWS_ACCESS_KEY_ID`"),
        row("AWS_SECRET_KEY", Removed, "an older name of `AWS_SECRET_ACCESS_KEY`"),
        row(
            "AWS_PROFILE",
            Removed,
            "the SDK for JavaScript prefers a profile to keys; other SDKs fail if the profile does not exist",
        ),
        row("AWS_DEFAULT_PROFILE", Removed, "an older name of `AWS_PROFILE`"),
        row("AWS_ROLE_ARN", Removed, "the SDK for .NET prefers the role of a web identity to keys"),
        row("AWS_ROLE_SESSION_NAME", Removed, "it belongs to the role of the web identity"),
        row("AWS_WEB_IDENTITY_TOKEN_FILE", Removed, "it belongs to the role of the web identity"),
        row("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Removed, "it leads to the real role of a container"),
        row("AWS_CONTAINER_CREDENTIALS_FULL_URI", Removed, "it leads to the real role of a container"),
        row("AWS_CONTAINER_AUTHORIZATION_TOKEN", Removed, "it belongs to the real role of a container"),
        row("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Removed, "it belongs to the real role of a container"),
        row("NO_PROXY", Extended, "the mock needs no proxy; `HTTP_PROXY` and similar variables stay for other hosts"),
        row("no_proxy", Extended, "if only one of the two variables is set, the other one gets the same value"),
    ]
};

impl Treatment {
    /// The text of the documentation.
    pub(crate) fn in_words(self) -> String {
        match self {
            Self::Set(Value::Url) => "set to the URL of the mock".to_owned(),
            Self::Set(Value::Text(text)) => format!("set to `{text}`"),
            Self::Region => "stays, or is set to the region of the mock".to_owned(),
            Self::Removed => "removed".to_owned(),
            Self::Extended => format!("extended with `{}`", HOSTS.join(",")),
        }
    }
}

/// The values with which a process finds a mock.
pub(crate) struct Environment<'a> {
    pub(crate) url: &'a str,
    pub(crate) region: &'a str,
    /// Whether a region in the environment stays.
    pub(crate) keeps_region: bool,
}

impl Environment<'_> {
    /// The new value of each variable that changes; `None` removes the variable. `now` returns the present value of a variable. An
    /// empty value counts as none.
    pub(crate) fn changes(&self, now: impl Fn(&str) -> Option<OsString>) -> Vec<(&'static str, Option<OsString>)> {
        let now = |name: &str| now(name).filter(|value| !value.is_empty());
        let change = |Variable { name, treatment, .. }: &Variable| match *treatment {
            Treatment::Removed => Some((*name, None)),
            Treatment::Extended => {
                Some((*name, Some(extended(now(name).or_else(|| now(&other_case(name))), self.host()))))
            }
            Treatment::Set(value) => Some((*name, Some(self.value(value).into()))),
            Treatment::Region if self.keeps_region => {
                let either = || now("AWS_REGION").or_else(|| now("AWS_DEFAULT_REGION"));
                Some((*name, Some(now(name).or_else(either).unwrap_or_else(|| self.region.into()))))
            }
            Treatment::Region => Some((*name, Some(self.region.into()))),
        };
        VARIABLES.iter().filter_map(change).collect()
    }

    /// The host of the URL.
    fn host(&self) -> Option<&str> {
        let (_, authority) = self.url.split_once("://")?;
        split(authority)
    }

    fn value(&self, value: Value) -> &str {
        match value {
            Value::Url => self.url,
            Value::Text(text) => text,
        }
    }

    /// Changes the environment of a command: the one of this process, with the variables that were set on the command before.
    pub(crate) fn apply_to(&self, command: &mut Command) {
        let own: Vec<(OsString, Option<OsString>)> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.map(OsStr::to_owned))).collect();
        let changes = self.changes(|name| match own.iter().find(|(own, _)| *own == *name) {
            Some((_, value)) => value.clone(),
            None => std::env::var_os(name),
        });
        for (name, value) in changes {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
}

fn other_case(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        name.to_ascii_lowercase()
    } else {
        name.to_ascii_uppercase()
    }
}

/// The list with the hosts of a mock added, and the host of its URL. A star alone means all hosts, and stays alone: beside other hosts
/// it means nothing.
fn extended(list: Option<OsString>, host: Option<&str>) -> OsString {
    let list = list.unwrap_or_default().to_string_lossy().into_owned();
    if list.trim() == "*" {
        return list.into();
    }
    let there: Vec<&str> = list.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
    let own = host.filter(|host| !HOSTS.contains(host));
    let more = HOSTS.into_iter().chain(own).filter(|host| !there.contains(host));
    there.iter().copied().chain(more).collect::<Vec<_>>().join(",").into()
}

/// The rows of the documentation: the name of a variable, how it changes, and why.
pub fn rows() -> Vec<[String; 3]> {
    let row =
        |Variable { name, treatment, why }: &Variable| [(*name).to_owned(), treatment.in_words(), (*why).to_owned()];
    VARIABLES.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn changed(now: &[(&str, &str)], keeps_region: bool) -> Vec<(&'static str, Option<String>)> {
        changed_for("http://127.0.0.1:4010", now, keeps_region)
    }

    fn changed_for(url: &str, now: &[(&str, &str)], keeps_region: bool) -> Vec<(&'static str, Option<String>)> {
        let environment = Environment { url, region: "eu-west-1", keeps_region };
        let now = |name: &str| now.iter().find(|(one, _)| *one == name).map(|(_, value)| OsString::from(value));
        let text = |value: OsString| value.into_string().unwrap();
        environment.changes(now).into_iter().map(|(name, value)| (name, value.map(text))).collect()
    }

    fn value(changes: &[(&'static str, Option<String>)], name: &str) -> Option<Option<String>> {
        changes.iter().find(|(one, _)| *one == name).map(|(_, value)| value.clone())
    }

    #[test]
    fn lists_of_hosts_without_a_proxy_grow_and_keep_what_they_have() {
        for (upper, lower, new_upper, new_lower) in [
            ("", "", "127.0.0.1,localhost,[::1]", "127.0.0.1,localhost,[::1]"),
            ("corp", "", "corp,127.0.0.1,localhost,[::1]", "corp,127.0.0.1,localhost,[::1]"),
            ("", ".corp, localhost,", "127.0.0.1,localhost,[::1]", ".corp,localhost,127.0.0.1,[::1]"),
            ("a", "b", "a,127.0.0.1,localhost,[::1]", "b,127.0.0.1,localhost,[::1]"),
            ("*", "", "*", "*"),
        ] {
            let new_upper = if upper.is_empty() { new_lower } else { new_upper };
            let changes = changed(&[("NO_PROXY", upper), ("no_proxy", lower)], true);
            assert_eq!(value(&changes, "NO_PROXY"), Some(Some(new_upper.to_owned())), "{upper} {lower}");
            assert_eq!(value(&changes, "no_proxy"), Some(Some(new_lower.to_owned())), "{upper} {lower}");
        }
    }

    #[test]
    fn a_mock_on_another_host_needs_no_proxy_either() {
        for (url, expected) in [
            ("http://eventbridge:4010", "corp,127.0.0.1,localhost,[::1],eventbridge"),
            ("http://[::1]:4010", "corp,127.0.0.1,localhost,[::1]"),
        ] {
            let changes = changed_for(url, &[("NO_PROXY", "corp")], true);
            assert_eq!(value(&changes, "no_proxy"), Some(Some(expected.to_owned())), "{url}");
        }
    }

    #[test]
    fn the_endpoint_of_events_is_set_and_a_region_may_stay() {
        let all: Vec<(&str, &str)> = VARIABLES.iter().map(|row| (row.name, "wrong")).collect();
        let changes = changed(&all, false);
        assert_eq!(value(&changes, "AWS_ENDPOINT_URL_EVENTBRIDGE"), Some(Some("http://127.0.0.1:4010".to_owned())));
        assert_eq!(value(&changes, "AWS_PROFILE"), Some(None));
        assert_eq!(value(&changes, "AWS_REGION"), Some(Some("eu-west-1".to_owned())));
        let regions =
            |now| ["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| value(&changed(now, true), name).unwrap().unwrap());
        assert_eq!(regions(&[]), ["eu-west-1"; 2]);
        assert_eq!(regions(&[("AWS_DEFAULT_REGION", "a")]), ["a"; 2]);
        // An empty value counts as none.
        assert_eq!(regions(&[("AWS_DEFAULT_REGION", "a"), ("AWS_REGION", "")]), ["a"; 2]);
        assert_eq!(regions(&[("AWS_DEFAULT_REGION", "a"), ("AWS_REGION", "b")]), ["b", "a"]);
    }

    #[test]
    fn no_variable_has_two_rows() {
        let mut names: Vec<&str> = VARIABLES.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), VARIABLES.len());
    }
}
