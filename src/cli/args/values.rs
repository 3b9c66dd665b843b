//! Values that several commands take.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::service::Limits;

pub(super) fn limits() -> impl TypedValueParser<Value = Limits> {
    PossibleValuesParser::new(Limits::NAMES).map(|name| Limits::named(&name).unwrap_or_default())
}

/// `http://127.0.0.1:4010`, without a slash at its end.
pub(super) fn url(text: &str) -> Result<String, String> {
    let wrong = || "write the URL of a server, such as http://127.0.0.1:4010".to_owned();
    let url: http::Uri = text.parse().map_err(|_| wrong())?;
    let is_http = url.scheme_str().is_some_and(|scheme| ["http", "https"].contains(&scheme));
    let is_root = url.path_and_query().is_none_or(|path| path.as_str() == "/");
    if is_http && is_root { Ok(text.trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

/// `30s`, `2m`, `500ms`, `30`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time such as 30s, 2m or 500ms".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number
        .checked_mul(milliseconds)
        .filter(|time| (1..=MAX_TIME).contains(time))
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

/// A week, in milliseconds.
const MAX_TIME: u64 = 7 * 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_server_has_a_scheme_and_no_path() {
        assert_eq!(url("http://127.0.0.1:4010"), Ok("http://127.0.0.1:4010".to_owned()));
        assert_eq!(url("http://eventbridge:4010/"), Ok("http://eventbridge:4010".to_owned()));
        for wrong in
            ["", "127.0.0.1:4010", "localhost", "ftp://localhost", "http://localhost/events", "http://localhost?a"]
        {
            let told = "write the URL of a server, such as http://127.0.0.1:4010";
            assert_eq!(url(wrong), Err(told.to_owned()), "{wrong}");
        }
    }

    #[test]
    fn times_have_a_unit_or_are_seconds() {
        let read = |text| time(text).map(|time| time.as_millis());
        assert_eq!(read("30s"), Ok(30_000));
        assert_eq!(read("2m"), Ok(120_000));
        assert_eq!(read("500ms"), Ok(500));
        assert_eq!(read("7"), Ok(7_000));
        for wrong in ["", "0s", "s", "1d", "-1s", "1.5s", "99999999999999999999s", "99999999999h"] {
            assert_eq!(read(wrong), Err("write a time such as 30s, 2m or 500ms".to_owned()), "{wrong}");
        }
    }
}
