//! Bytes in JSON: text where they are UTF-8, else `{"hex": "00ff"}`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Cursor, FormatError};

pub(crate) fn write_bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({ "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
    }
}

pub(crate) fn read_bytes(at: &Cursor<'_>) -> Result<Bytes, FormatError> {
    if let Value::String(text) = at.value {
        return Ok(text.clone().into());
    }
    let hex = at.required("hex")?;
    let digits: Option<Vec<u8>> =
        hex.text()?.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| 16 * byte + digit)).collect())
        }
        _ => hex.is_wrong("an even number of hexadecimal digits"),
    }
}
