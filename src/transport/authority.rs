//! The host that a request is for: its `Host` header, or the authority of its target (RFC 9112, 3.2).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::{HeaderMap, HeaderValue, Uri, Version, header};

use crate::words::shortened;

/// The error of a request's `Host` headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WrongHost {
    Missing,
    Several(usize),
    Invalid(String),
}

impl fmt::Display for WrongHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no Host header, and HTTP/1.1 requires one"),
            Self::Several(headers) => write!(f, "there are {headers} Host headers, and there must be one"),
            Self::Invalid(host) => {
                write!(f, "the Host header is {host:?}, which is not a host name or an address, with or without a port")
            }
        }
    }
}

/// The host and the port that a request is for, as they were sent. Only HTTP/1.0 allows a request without a host.
pub(crate) fn authority<'a>(
    version: Version,
    target: &'a Uri,
    headers: &'a HeaderMap,
) -> Result<Option<&'a str>, WrongHost> {
    let hosts: Vec<&HeaderValue> = headers.get_all(header::HOST).iter().collect();
    let host = match *hosts.as_slice() {
        [] if version < Version::HTTP_11 => None,
        [] => return Err(WrongHost::Missing),
        [host] => {
            let text = host.to_str().ok().filter(|text| split(text).is_some());
            Some(text.ok_or_else(|| WrongHost::Invalid(shortened(&String::from_utf8_lossy(host.as_bytes()))))?)
        }
        _ => return Err(WrongHost::Several(hosts.len())),
    };
    // The host of the target wins over the header.
    let target = target.authority().map(http::uri::Authority::as_str);
    Ok(target.map(|target| target.rsplit_once('@').map_or(target, |(_, host)| host)).or(host))
}

/// The host without its port: a name, or an address with its brackets; `None` if it is neither.
pub(crate) fn split(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rfind(':') {
        Some(at) if !authority.ends_with(']') => authority.split_at(at),
        _ => (authority, ":"),
    };
    let is_port = port.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    (is_port && (address(host).is_some() || is_name(host))).then_some(host)
}

/// The host as an address, if it is one.
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from),
        None => host.parse::<Ipv4Addr>().ok().map(IpAddr::from),
    }
}

/// Whether this is a `reg-name` (RFC 3986, 3.2.2) that is not empty.
fn is_name(host: &str) -> bool {
    let mut bytes = host.bytes();
    while let Some(byte) = bytes.next() {
        let is_fine = match byte {
            b'%' => bytes.by_ref().take(2).filter(u8::is_ascii_hexdigit).count() == 2,
            other => other.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&other),
        };
        if !is_fine {
            return false;
        }
    }
    !host.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for (authority, host) in [
            ("localhost", "localhost"),
            ("localhost:4010", "localhost"),
            ("localhost:", "localhost"),
            ("my_bus.example.", "my_bus.example."),
            ("127.0.0.1:1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[::1]:80", "[::1]"),
            ("a%20b", "a%20b"),
        ] {
            assert_eq!(split(authority), Some(host), "{authority}");
        }
        let wrong =
            ["", ":80", "a b", "a@b", "a/b", "http://a", "a:b", "a:1:2", "::1", "[::1", "[x]", "a%2", "ä", "a:-1"];
        for wrong in wrong {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn http_1_1_needs_one_host_and_a_target_with_a_host_counts_more() {
        let asked = |version, target: &str, hosts: &[&'static str]| {
            let hosts = hosts.iter().map(|host| (header::HOST, HeaderValue::from_static(host)));
            let headers: HeaderMap = hosts.fold(HeaderMap::new(), |mut headers, (name, host)| {
                headers.append(name, host);
                headers
            });
            authority(version, &target.parse().unwrap(), &headers).map(|host| host.map(str::to_owned))
        };
        let (old, new) = (Version::HTTP_10, Version::HTTP_11);
        assert_eq!(asked(new, "/", &["a:1"]), Ok(Some("a:1".to_owned())));
        assert_eq!(asked(new, "http://me@b:2/", &["a:1"]), Ok(Some("b:2".to_owned())));
        assert_eq!(asked(old, "/", &[]), Ok(None));
        assert_eq!(asked(new, "/", &[]), Err(WrongHost::Missing));
        assert_eq!(asked(new, "http://b/", &[]), Err(WrongHost::Missing));
        for version in [old, new] {
            assert_eq!(asked(version, "/", &["a", "a"]), Err(WrongHost::Several(2)));
            assert_eq!(asked(version, "/", &["a b"]), Err(WrongHost::Invalid("a b".to_owned())));
        }
    }
}
