//! Values that all attempts have in common; the page shows them once.

use crate::journal::Attempt;
use crate::service::{CredentialScope, Entry};

/// Values that all attempts on the page have in common.
#[derive(Default)]
pub(super) struct Common<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) user_agent: Option<&'a str>,
    pub(super) access_key: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    /// The address of the client, without its port.
    pub(super) client: Option<String>,
}

impl<'a> Common<'a> {
    pub(super) fn of(attempts: impl Iterator<Item = &'a Attempt> + Clone) -> Self {
        let credential = |read: fn(CredentialScope<'a>) -> Option<&'a str>| {
            same(attempts.clone().map(move |attempt| attempt.credential_scope().and_then(read)))
        };
        Self {
            source: same(attempts.clone().flat_map(Attempt::entries).map(Entry::source)),
            user_agent: same(attempts.clone().map(Attempt::user_agent)),
            access_key: credential(|scope| Some(scope.access_key())),
            region: credential(CredentialScope::region),
            host: same(attempts.clone().map(|attempt| attempt.header("host"))),
            client: same(attempts.clone().map(|attempt| attempt.peer().map(|peer| peer.ip().to_string()))),
        }
    }
}

/// The common value, if all items have the same one.
fn same<T: PartialEq>(mut all: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}
