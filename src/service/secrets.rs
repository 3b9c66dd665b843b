//! Removes secrets from the head of a request, before any other code sees the head: later code cannot show them.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};

/// The text in place of a secret.
const REMOVED: &str = "(removed)";

/// The header for the session token of temporary credentials, and its name in a query.
const TOKEN: &str = "x-amz-security-token";

/// The names of access key ids in a query: of today's signatures, and of version 2.
const KEYS: [&str; 2] = ["x-amz-credential", "awsaccesskeyid"];

/// How many characters remain at either end of a key.
const LEFT: usize = 4;

/// Removes session tokens and the credentials for a proxy from a head. If keys are shortened, it also removes the middle of
/// access key ids.
pub(crate) fn withhold(head: &mut Parts, are_keys_shortened: bool) {
    for name in [HeaderName::from_static(TOKEN), PROXY_AUTHORIZATION] {
        change(head, &name, |_| Some(REMOVED.to_owned()));
    }
    if are_keys_shortened {
        change(head, &AUTHORIZATION, |value| shortened_in_header(value.to_str().ok()?));
    }
    let query = head.uri.query().and_then(|query| with_secrets_withheld(query, are_keys_shortened));
    if let Some(query) = query {
        // If the new query does not parse, the URI is kept without a query: never with a secret.
        head.uri = with_query(&head.uri, &query).or_else(|| with_query(&head.uri, "")).unwrap_or_default();
    }
}

/// Removes the middle of an access key id: `AKID...MPLE`. A text of eight characters or fewer is not a key of AWS, and stays as
/// it is.
pub(crate) fn shortened(key: &str) -> Cow<'_, str> {
    let ends = key.char_indices().nth(LEFT).zip(key.char_indices().nth_back(LEFT - 1));
    match ends {
        Some(((first, _), (last, _))) if first < last => {
            let (start, end) = (key.get(..first).unwrap_or_default(), key.get(last..).unwrap_or_default());
            Cow::Owned(format!("{start}...{end}"))
        }
        _ => Cow::Borrowed(key),
    }
}

fn change(head: &mut Parts, name: &HeaderName, new: impl Fn(&HeaderValue) -> Option<String>) {
    let http::header::Entry::Occupied(mut values) = head.headers.entry(name) else { return };
    for value in values.iter_mut() {
        if let Some(Ok(new)) = new(value).map(HeaderValue::try_from) {
            *value = new;
        }
    }
}

/// Shortens the key in `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/...`, or, in version 2 of signatures, `AWS AKIDEXAMPLE:...`.
fn shortened_in_header(value: &str) -> Option<String> {
    let (before, after) = match value.split_once("Credential=") {
        Some((before, after)) => (format!("{before}Credential="), after),
        None => ("AWS ".to_owned(), value.strip_prefix("AWS ")?),
    };
    Some(before + &shortened_first(after))
}

/// Shortens the key at the beginning of a text.
fn shortened_first(text: &str) -> String {
    let is_slash = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with("%2F") || rest.starts_with("%2f"));
    let end = text.find(['/', ',', ' ', ':']).unwrap_or(text.len());
    let end = text.match_indices('%').map(|(at, _)| at).find(is_slash).map_or(end, |slash| slash.min(end));
    let (key, rest) = text.split_at(end);
    format!("{}{rest}", shortened(key))
}

/// Returns the query without its secrets. Returns `None` if it has none.
fn with_secrets_withheld(query: &str, are_keys_shortened: bool) -> Option<String> {
    let withheld = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let known = name.replace("%2D", "-").replace("%2d", "-").to_ascii_lowercase();
        match known.as_str() {
            TOKEN => Some(format!("{name}={REMOVED}")),
            known if are_keys_shortened && KEYS.contains(&known) => Some(format!("{name}={}", shortened_first(value))),
            _ => None,
        }
    };
    let pairs: Vec<(&str, Option<String>)> = query.split('&').map(|pair| (pair, withheld(pair))).collect();
    let is_changed = pairs.iter().any(|(_, withheld)| withheld.is_some());
    let all = || pairs.iter().map(|(pair, withheld)| withheld.as_deref().unwrap_or(pair)).collect::<Vec<_>>().join("&");
    is_changed.then(all)
}

fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let path = uri.path();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}?{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn withheld(uri: &str, authorization: &str, are_keys_shortened: bool) -> (String, String) {
        let request = http::Request::post(uri).header("authorization", authorization).body(()).unwrap();
        let mut head = request.into_parts().0;
        withhold(&mut head, are_keys_shortened);
        (head.uri.to_string(), head.headers["authorization"].to_str().unwrap().to_owned())
    }

    #[test]
    fn keys_are_shortened_wherever_a_signature_names_them() {
        for (given, short) in [
            (
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/x, Signature=0",
                "AWS4-HMAC-SHA256 Credential=AKIA...MPLE/20261123/x, Signature=0",
            ),
            ("AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "AWS AKIA...MPLE:frJIUN8DYpKDtOLCwo//yllqDzg="),
            ("AWS4-HMAC-SHA256 Credential=test/20261123/x", "AWS4-HMAC-SHA256 Credential=test/20261123/x"),
            ("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE", "AWS4-HMAC-SHA256 Credential=AKIA...MPLE"),
            ("Bearer x", "Bearer x"),
        ] {
            assert_eq!(withheld("/", given, true).1, short);
            assert_eq!(withheld("/", given, false).1, given);
        }
        for (given, short) in [
            ("/?a=b&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2026&c", "/?a=b&X-Amz-Credential=AKIA...MPLE%2F2026&c"),
            ("/?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE/2026", "/?X-Amz-Credential=AKIA...MPLE/2026"),
            ("http://host/a?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE", "http://host/a?AWSAccessKeyId=AKIA...MPLE"),
        ] {
            assert_eq!(withheld(given, "x", true).0, short);
            assert_eq!(withheld(given, "x", false).0, given);
        }
    }

    #[test]
    fn tokens_are_removed_from_any_query() {
        for (given, removed) in [
            ("/?X-Amz-Security-Token=IQoJ%2B%3D&b=c", "/?X-Amz-Security-Token=(removed)&b=c"),
            (
                "/?x-amz-security-token=IQoJ&X%2dAmz%2DSecurity-Token=IQoJ",
                "/?x-amz-security-token=(removed)&X%2dAmz%2DSecurity-Token=(removed)",
            ),
            ("http://host:1/p?X-Amz-Security-Token=IQoJ", "http://host:1/p?X-Amz-Security-Token=(removed)"),
            ("/?a=X-Amz-Security-Token", "/?a=X-Amz-Security-Token"),
            ("/?", "/?"),
        ] {
            assert_eq!(withheld(given, "x", false).0, removed);
        }
    }

    #[test]
    fn the_ends_of_a_key_are_left_where_they_are_not_all_of_it() {
        for (key, short) in [
            ("AKIAIOSFODNN7EXAMPLE", "AKIA...MPLE"),
            ("123456789", "1234...6789"),
            ("12345678", "12345678"),
            ("", ""),
            ("ééééééééé", "éééé...éééé"),
        ] {
            assert_eq!(shortened(key), short);
        }
    }
}
