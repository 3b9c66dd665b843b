//! A publisher that keeps every byte that it sent and got.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::socket::{Answer, parse};

/// How long it waits for more of an answer before it gives up, as publishers with a time-out do.
const PATIENCE: Duration = Duration::from_secs(2);

/// One request, and what came back.
pub struct Exchange {
    /// Names it in the header `x-soak`.
    pub key: String,
    pub body: String,
    /// An answer that came whole.
    pub answer: Option<Answer>,
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

    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
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

fn read_answer(connection: &mut TcpStream) -> io::Result<Answer> {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some((answer, _)) = parse(&received) {
            return Ok(answer);
        }
        match connection.read(&mut chunk)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => received.extend_from_slice(&chunk[..read]),
        }
    }
}
