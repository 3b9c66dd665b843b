//! What a request holds, as the SDK for Rust would send it.

use std::fmt::Write as _;

use clap::ValueEnum;

/// The size of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// 1 entry of 300 bytes.
    Small,
    /// 10 entries of 300 bytes.
    Ten,
    /// 10 entries of 25,000 bytes.
    Large,
}

const SOURCE: &str = "shop.orders";
const DETAIL_TYPE: &str = "OrderPlaced";

/// Stands where each request has a number.
const PLACE: &str = "000000000000";

impl Work {
    pub const ALL: [Self; 3] = [Self::Small, Self::Ten, Self::Large];

    /// How a table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "1 × 300 B",
            Self::Ten => "10 × 300 B",
            Self::Large => "10 × 25 KB",
        }
    }

    pub fn entries(self) -> usize {
        match self {
            Self::Small => 1,
            Self::Ten | Self::Large => 10,
        }
    }

    /// The size of an entry by the formula of the service.
    fn bytes_of_entry(self) -> usize {
        match self {
            Self::Small | Self::Ten => 300,
            Self::Large => 25_000,
        }
    }

    /// The request as it goes over the wire.
    pub fn request(self) -> Request {
        let entries: Vec<_> = (0..self.entries()).map(|index| self.entry(index)).collect();
        let body = serde_json::json!({ "Entries": entries }).to_string();
        Request::new(head(body.len()) + &body, body.len())
    }

    fn entry(self, index: usize) -> serde_json::Value {
        let size = self.bytes_of_entry() - SOURCE.len() - DETAIL_TYPE.len();
        serde_json::json!({ "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": detail(index, size) })
    }
}

/// An order of exactly this many bytes. Orders of one request differ in their line, and those of two in their number.
fn detail(line: usize, size: usize) -> String {
    let mut detail = format!(r#"{{"orderId":"{PLACE}","line":{line},"items":["#);
    let end = |padding: usize| format!(r#"],"note":"{}"}}"#, "x".repeat(padding));
    for sku in 0.. {
        let separator = if sku == 0 { "" } else { "," };
        let item = format!(r#"{separator}{{"sku":{sku},"name":"a thing in the basket"}}"#);
        if detail.len() + item.len() + end(0).len() > size {
            break;
        }
        detail.push_str(&item);
    }
    let padding = size.saturating_sub(detail.len() + end(0).len());
    detail + &end(padding)
}

/// The head that the SDK for Rust sends.
fn head(length: usize) -> String {
    let mut head = String::from("POST / HTTP/1.1\r\n");
    let invocation = format!("5d2b6f0e-6a53-4c1b-9a55-{PLACE}");
    let signed = "content-type;host;x-amz-date;x-amz-target;x-amz-user-agent";
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261130/us-east-1/events/aws4_request, SignedHeaders={signed}, \
         Signature=4f8f4f6b1d1b9d1f8a2c7e0b3a59c1d2e6f70819a0b1c2d3e4f5061728394a5b"
    );
    let agent = "aws-sdk-rust/1.3.9 ua/2.1 api/eventbridge/1.127.0 os/linux lang/rust/1.95.0 m/E,b";
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSEvents.PutEvents"),
        ("content-length", &length.to_string()),
        ("user-agent", agent),
        ("x-amz-user-agent", agent),
        ("x-amz-date", "20261130T120000Z"),
        ("authorization", &authorization),
        ("amz-sdk-request", "attempt=1; max=3"),
        ("amz-sdk-invocation-id", &invocation),
        ("host", "127.0.0.1:34567"),
    ];
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head + "\r\n"
}

/// A request that is sent again and again, each time with another number.
#[derive(Debug, Clone)]
pub struct Request {
    bytes: Vec<u8>,
    length_of_body: usize,
    places: Vec<usize>,
}

impl Request {
    fn new(text: String, length_of_body: usize) -> Self {
        let places = text.match_indices(PLACE).map(|(place, _)| place).collect();
        Self { bytes: text.into_bytes(), length_of_body, places }
    }

    /// The request with this number.
    pub fn numbered(&mut self, number: u64) -> &[u8] {
        let digits = format!("{number:012}");
        for place in &self.places {
            self.bytes[*place..*place + PLACE.len()].copy_from_slice(digits.as_bytes());
        }
        &self.bytes
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn length_of_body(&self) -> usize {
        self.length_of_body
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn parts(request: &[u8]) -> (String, Value) {
        let text = String::from_utf8(request.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
        (head.to_owned(), body.parse().unwrap())
    }

    #[test]
    fn entries_have_exactly_their_size_and_details_are_objects() {
        for work in Work::ALL {
            let mut request = work.request();
            let (head, body) = parts(request.numbered(7));
            assert!((600..900).contains(&head.len()), "{}", head.len());
            let entries = body["Entries"].as_array().unwrap();
            assert_eq!(entries.len(), work.entries());
            for entry in entries {
                let texts = ["Source", "DetailType", "Detail"].map(|key| entry[key].as_str().unwrap());
                assert_eq!(texts.iter().map(|text| text.len()).sum::<usize>(), work.bytes_of_entry());
                assert!(texts[2].parse::<Value>().unwrap().is_object());
            }
        }
    }

    #[test]
    fn each_request_has_its_number_in_the_head_and_in_each_entry() {
        let mut request = Work::Ten.request();
        request.numbered(1);
        let (head, body) = parts(request.numbered(123_456));
        assert!(head.contains("9a55-000000123456"));
        let orders = body["Entries"].as_array().unwrap().iter().map(|entry| entry["Detail"].as_str().unwrap());
        assert_eq!(orders.filter(|detail| detail.contains("000000123456")).count(), 10);
    }
}
