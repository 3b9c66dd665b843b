use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use putevents_mock::MockEventBridge;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{entries, order, put_events};

/// Long enough for anything that will happen, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A client that sees and sends bytes.
pub struct Socket {
    stream: TcpStream,
    received: Vec<u8>,
}

/// How a connection ends, as its client sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ended {
    /// In order: FIN.
    Closed,
    /// RST.
    Reset,
}

#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into())
    }
}

impl Socket {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub fn over(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true); // It may have been reset already.
        Self { stream, received: Vec::new() }
    }

    /// Sends these bytes. Ignores errors, because the mock may have closed the connection on purpose.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    pub async fn finish_sending(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// The next answer, `100 Continue` included; `None` where the connection ends before it is complete.
    pub async fn answer(&mut self) -> Option<Answer> {
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some((answer, length)) = parse(&self.received) {
                    self.received.drain(..length);
                    return Some(answer);
                }
                if self.stream.read_buf(&mut self.received).await.unwrap_or(0) == 0 {
                    return None;
                }
            }
        })
        .await
        .expect("the mock neither answered nor closed")
    }

    /// Waits until the mock closes the connection, and returns the bytes that it sent before.
    pub async fn rest(mut self) -> Vec<u8> {
        let _ = tokio::time::timeout(PATIENCE, self.stream.read_to_end(&mut self.received))
            .await
            .expect("the mock did not close the connection");
        self.received
    }

    /// Whatever comes up to and with this text.
    pub async fn until(&mut self, text: &str) -> String {
        let reading = async {
            loop {
                let received = String::from_utf8_lossy(&self.received).into_owned();
                if received.contains(text) || self.stream.read_buf(&mut self.received).await.unwrap() == 0 {
                    return received;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{text:?} never came"))
    }

    /// Whatever comes until the connection ends, and how it ends; `None` where it stays open and silent for this long.
    pub async fn until_end(&mut self, silence: Duration) -> (Vec<u8>, Option<Ended>) {
        loop {
            let read = tokio::time::timeout(silence, self.stream.read_buf(&mut self.received)).await;
            let ended = match read {
                Err(_) => None,
                Ok(Ok(0)) => Some(Ended::Closed),
                Ok(Ok(_)) => continue,
                Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => Some(Ended::Reset),
                Ok(Err(error)) => panic!("{error}"),
            };
            return (std::mem::take(&mut self.received), ended);
        }
    }

    pub async fn exchange(&mut self, request: &http::Request<Bytes>) -> Option<Answer> {
        let _ = self.send(bytes_of(request)).await;
        self.answer().await
    }
}

/// An answer that is there whole, and its length.
pub fn parse(received: &[u8]) -> Option<(Answer, usize)> {
    let head_length = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&received[..head_length]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(key, value)| (key.into(), value.into())).collect();
    let length = headers.iter().find(|(key, _)| key == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let body = received.get(head_length..head_length + length)?.to_vec();
    Some((Answer { status, headers, body }, head_length + length))
}

/// The request as it goes over the wire.
pub fn bytes_of(request: &http::Request<Bytes>) -> Vec<u8> {
    let mut bytes = head_of(request).into_bytes();
    bytes.extend_from_slice(request.body());
    bytes
}

pub fn head_of(request: &http::Request<Bytes>) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\nHost: localhost\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    if !request.headers().contains_key("content-length") && !request.headers().contains_key("transfer-encoding") {
        head += &format!("content-length: {}\r\n", request.body().len());
    }
    head + "\r\n"
}

/// A request that is accepted.
pub fn good_request() -> http::Request<Bytes> {
    put_events(entries([order(1)]))
}

/// Sends a good request on a connection of its own: the mock must serve it, whatever went before.
pub async fn assert_serves(eventbridge: &MockEventBridge) {
    let answer = Socket::connect(eventbridge.address()).await.exchange(&good_request()).await;
    let answer = answer.unwrap_or_else(|| panic!("no answer to a good request\n{}", eventbridge.journal()));
    assert_eq!(answer.status, 200, "{}\n{}", answer.json(), eventbridge.journal());
}

/// Puts these entries on a connection of its own, and returns the status of the answer; 0 where there is none.
pub async fn put(eventbridge: &MockEventBridge, items: impl IntoIterator<Item = serde_json::Value>) -> u16 {
    let answer = Socket::connect(eventbridge.address()).await.exchange(&put_events(entries(items))).await;
    answer.map_or(0, |answer| answer.status)
}

/// An account for a single mock.
pub const OURS: &str = "424242424242";

/// Whether the mock with this account answers at an address. Where it has ended, the mock of another test may have its port.
pub async fn is_served(address: SocketAddr, account: &str) -> bool {
    let Ok(stream) = TcpStream::connect(address).await else { return false };
    let mut request = put_events("{}");
    request.headers_mut().insert("x-amz-target", "AWSEvents.DescribeEventBus".parse().unwrap());
    let answer = Socket::over(stream).exchange(&request).await;
    answer.is_some_and(|answer| String::from_utf8_lossy(&answer.body).contains(account))
}
