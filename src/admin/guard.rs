//! Admits programs and the API's own page to the API. No other web page can read a journal or inject a fault.
//!
//! A foreign page can reach a local server in two ways. It can send a cross-origin request, which the browser marks. Or its own
//! name can resolve to this server (DNS rebinding), and the request is then for a foreign host.

use std::collections::BTreeSet;

use http::Method;
use http::request::Parts;

use super::answer::Refused;
use crate::service::RequestHead;
use crate::transport::{address, authority, split};
use crate::words::shortened;

/// The names of this server, beside the names that every server has.
#[derive(Debug, Default)]
pub(crate) struct OwnNames(BTreeSet<String>);

impl OwnNames {
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| normal(&name)).collect())
    }

    /// Refuses a request for a foreign host, or from a foreign web page.
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
        // A browser sends this header with each cross-origin request that can change something.
        for origin in head.headers.get_all("origin") {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            let of = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if !of.is_some_and(|of| asked.is_some_and(|asked| asked.eq_ignore_ascii_case(of))) {
                return Err(foreign(&format!("Origin: {}", shortened(&origin))));
            }
        }
        match head.header("sec-fetch-site") {
            None | Some("same-origin" | "none") => Ok(()),
            // Any page may have a link to the API's page.
            Some(_) if is_navigation(head) => Ok(()),
            Some(site) => Err(foreign(&format!("Sec-Fetch-Site: {}", shortened(site)))),
        }
    }

    /// Whether this is a host of this server. Every address is: only the operator can give the server an address. A name is not:
    /// anybody can make a name resolve to it.
    fn is_own(&self, host: &str) -> bool {
        let name = normal(host);
        address(host).is_some() || name == "localhost" || name.ends_with(".localhost") || self.0.contains(&name)
    }
}

/// The name in lower case, without a dot at its end.
fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether a browser opens the page in a window or a tab.
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
