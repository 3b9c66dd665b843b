//! A publisher that keeps every byte that it sent and got.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long it waits for more of an answer before it gives up, as publishers with a time-out do.
const PATIENCE: Duration = Duration::from_secs(2);

/// One request, and what came back.
pub struct Exchange {
    /// Names it in the header `x-soak`.
    pub key: String,
    pub body: String,
    /// The status and the body of an answer that came whole.
    pub answer: Option<(u64, Vec<u8>)>,
}

pub struct Client {
    pub number: usize,
    address: SocketAddr,
    connection: Option<TcpStream>,
    requests: usize,
}

impl Client {
    pub fn new(number: usize, address: SocketAddr) -> Self {
        Self { number, address, connection: None, requests: 0 }
    }

    pub fn publish(&mut self, random: &mut impl FnMut(usize) -> usize) -> Exchange {
        self.requests += 1;
        let key = format!("{}-{}", self.number, self.requests);
        let entries: Vec<String> = (0..=random(10)).map(|index| entry(&key, index, random)).collect();
        let body = format!(r#"{{"Entries":[{}]}}"#, entries.join(","));
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AWSEvents.PutEvents\r\nX-Soak: {key}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len(),
        );
        let answer = self.exchange(format!("{head}{body}").as_bytes());
        if answer.is_err() || random(50) == 0 {
            self.connection = None; // A broken connection is of no more use, and some go without a reason.
        }
        Exchange { key, body, answer: answer.ok() }
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<(u64, Vec<u8>)> {
        if self.connection.is_none() {
            let connection = TcpStream::connect(self.address)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            self.connection = Some(connection);
        }
        let connection = self.connection.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        connection.write_all(request)?;
        read_answer(connection)
    }

    /// Whether somebody still listens there.
    pub fn finds_server(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
    }

    pub fn leave(&mut self) {
        self.connection = None;
    }
}

fn entry(key: &str, index: usize, random: &mut impl FnMut(usize) -> usize) -> String {
    let note = "\\\\u00e9 ".repeat(random(40)); // A character that is escaped in the detail.
    let detail = format!(r#"{{\"key\":\"{key}\",\"index\":{index},\"note\":\"{note}\"}}"#);
    format!(r#"{{"Source":"soak","DetailType":"Sent","Detail":"{detail}"}}"#)
}

fn read_answer(connection: &mut TcpStream) -> io::Result<(u64, Vec<u8>)> {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = connection.read(&mut chunk)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(&chunk[..read]);
        if let Some(answer) = whole(&received)? {
            return Ok(answer);
        }
    }
}

/// The status and the body, if they are there.
fn whole(received: &[u8]) -> io::Result<Option<(u64, Vec<u8>)>> {
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&received[..end]).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok());
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let (Some(status), Some(length)) = (status, length) else { return Err(io::ErrorKind::InvalidData.into()) };
    let body = &received[end + 4..];
    Ok((body.len() >= length).then(|| (status, body[..length].to_vec())))
}
