//! IP addresses and networks.
//!
//! A network holds only addresses of its own family. AWS's matcher (event-ruler 2.0.1, run) compares addresses as hexadecimal
//! digits: there `0.0.0.0/0` also matches every IPv6 address and every number, and `128.0.0.0/1` also the IPv6 addresses that
//! begin with 8 to f. Nobody writes a pattern with that meaning, and it was not recorded from the service, so a test must not
//! rely on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::PatternError;
use super::error::quoted;

/// Reads an IP address. Octets are decimal, also with leading zeros. An IPv4-mapped IPv6 address is an IPv4 address.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    if text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':') {
        let address: Ipv6Addr = text.parse().ok()?;
        return Some(address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4));
    }
    let is_octet = |octet: &str| !octet.is_empty() && octet.bytes().all(|byte| byte.is_ascii_digit());
    let octets: Vec<u8> =
        text.split('.').map(|octet| octet.parse().ok().filter(|_| is_octet(octet))).collect::<Option<_>>()?;
    let octets: [u8; 4] = octets.try_into().ok()?;
    (text.len() <= "255.255.255.255".len()).then(|| Ipv4Addr::from(octets).into())
}

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let (written, bits) = text.split_once('/').unwrap_or((text, ""));
        let Some(address) = address(written) else {
            return Err(PatternError::new(format!(
                "must be a network such as \"10.0.0.0/8\", but is {}",
                quoted(text)
            )));
        };
        let most = if address.is_ipv4() { 31 } else { 127 };
        match bits.parse::<u32>() {
            Ok(bits) if bits <= most => Ok(Self { address, bits }),
            Ok(bits) if bits > most + 1 => {
                Err(PatternError::new(format!("must have 0 to {most} bits after the slash, but has {bits}")))
            }
            Err(_) if text != written => {
                Err(PatternError::new(format!("must have 0 to {most} bits after the slash, but has {}", quoted(bits))))
            }
            _ => {
                let (network, value) = (quoted(text), quoted(written));
                Err(PatternError::new(format!("{network} is a single address; write it as the value {value}")))
            }
        }
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}
