//! Who may use the API: programs, and the page of the API itself. No other web page can read a journal or inject a fault.
//!
//! A foreign page reaches a local server in two ways. It sends a request across origins, which browsers mark; or its own name is
//! made to lead here (DNS rebinding), and then the request is for a host that is not this one's.

use std::collections::BTreeSet;

use http::Method;
use http::request::Parts;

use super::answer::Refused;
use crate::service::RequestHead;
use crate::transport::{address, authority, split};
use crate::words::shortened;

/// Under which names the server is reached, beside those of every server.
#[derive(Debug, Default)]
pub(crate) struct OwnNames(BTreeSet<String>);

impl OwnNames {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| normal(&name)).collect())
    }

    /// Refuses a request for another host, or of another web page.
    pub(super) fn admit(&self, head: &Parts) -> Result<(), Refused> {
        let asked = authority(head.version, &head.uri, &head.headers);
        let asked = asked.map_err(|wrong| Refused::bad(wrong.to_string()))?;
        if let Some(host) = asked.and_then(split).filter(|host| !self.is_own(host)) {
            let name = normal(host);
            return Err(Refused::forbidden(format!(
                "the API is not for the host {name:?}: if this server is reached by that name, start it with --allow-host {name}, \
                 or PUTEVENTS_MOCK_ALLOW_HOST={name}"
            )));
        }
        // A browser writes the header with each request across origins that can change something.
        for origin in head.headers.get_all("origin") {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            let of = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if !of.is_some_and(|of| asked.is_some_and(|asked| asked.eq_ignore_ascii_case(of))) {
                return Err(foreign(&format!("Origin: {}", shortened(&origin))));
            }
        }
        match head.header("sec-fetch-site") {
            None | Some("same-origin" | "none") => Ok(()),
            // A link to the page may stand anywhere.
            Some(_) if is_navigation(head) => Ok(()),
            Some(site) => Err(foreign(&format!("Sec-Fetch-Site: {}", shortened(site)))),
        }
    }

    /// Whether this is a host of this server's own. Nobody but who runs it can give it an address, so every address is one; a
    /// name can be made to lead here by anybody.
    fn is_own(&self, host: &str) -> bool {
        let name = normal(host);
        address(host).is_some() || name == "localhost" || name.ends_with(".localhost") || self.0.contains(&name)
    }
}

/// Names are compared without their case, and without the dot that ends a complete one.
fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// A browser opens a page in a window of its own.
fn is_navigation(head: &Parts) -> bool {
    matches!(head.method, Method::GET | Method::HEAD)
        && head.header("sec-fetch-mode") == Some("navigate")
        && head.header("sec-fetch-dest") == Some("document")
}

fn foreign(sign: &str) -> Refused {
    Refused::forbidden(format!(
        "the request comes from another web page ({sign}), and the API is for programs and for its own page: let the server of \
         that page ask"
    ))
}
