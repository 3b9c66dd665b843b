//! Bytes in JSON: a string under the name of their member if they are UTF-8, else hexadecimal under that name plus `Hex`. So
//! each member has one type.

use bytes::Bytes;
use serde_json::Value;

use super::{Cursor, FormatError};

/// Returns bytes as a string, if they are text.
pub(crate) fn as_text(bytes: &[u8]) -> Option<Value> {
    std::str::from_utf8(bytes).ok().map(Value::from)
}

/// Returns bytes in hexadecimal, if they are not text.
pub(crate) fn as_hex(bytes: &[u8]) -> Option<Value> {
    let hex = || bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    std::str::from_utf8(bytes).is_err().then(|| hex().into())
}

/// Reads the bytes of a member, under either name.
pub(crate) fn read_bytes(at: &Cursor<'_>, name: &str) -> Result<Bytes, FormatError> {
    match at.get(&format!("{name}Hex")) {
        Some(hex) => read_hex(&hex),
        None => read_text(&at.required(name)?),
    }
}

/// Reads a text. Older files have `{"hex": "00ff"}` for bytes that are not text.
pub(crate) fn read_text(at: &Cursor<'_>) -> Result<Bytes, FormatError> {
    match at.get("hex") {
        Some(hex) => read_hex(&hex),
        None => at.text().map(|text| text.to_owned().into()),
    }
}

pub(crate) fn read_hex(at: &Cursor<'_>) -> Result<Bytes, FormatError> {
    let digits: Option<Vec<u8>> =
        at.text()?.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| 16 * byte + digit)).collect())
        }
        _ => at.is_wrong("an even number of hexadecimal digits"),
    }
}
