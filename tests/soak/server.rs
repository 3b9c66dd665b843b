//! The stand-alone server, and what the operating system says of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::support::program::{Program, command, status_of};
use crate::support::socket::parse;

pub struct Server(pub Program);

/// What a process holds.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    pub kilobytes: usize,
    pub threads: usize,
    pub descriptors: usize,
}

impl Usage {
    /// Of a process by its number, or `self`.
    pub fn of(process: &str) -> Self {
        let number = |name| status_of(process, name).unwrap().trim_end_matches(" kB").parse().unwrap();
        let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
        Self { kilobytes: number("VmRSS"), threads: number("Threads"), descriptors }
    }
}

impl Server {
    /// With all kinds of faults.
    pub fn start(seed: u64, more: &[&str]) -> Self {
        let faults = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak/faults.json");
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--seed", &seed.to_string(), "--plan", faults];
        let mut serve = command(&[&arguments, more].concat());
        serve.env("RUST_LOG", "error");
        Self(Program::start(serve))
    }

    /// The answer of the API. A connection may be reset at once: that is one of the faults.
    pub fn call(&self, method: &str, path: &str) -> Value {
        let request =
            format!("{method} /_mock/{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.0.address);
        loop {
            let mut answer = Vec::new();
            let asked = TcpStream::connect(self.0.address).and_then(|mut connection| {
                connection.write_all(request.as_bytes())?;
                connection.read_to_end(&mut answer)
            });
            if asked.is_ok() {
                return parse(&answer).unwrap().0.json();
            }
        }
    }

    pub fn usage(&self) -> Usage {
        Usage::of(&self.0.id())
    }

    /// The usage when it has let go of its clients. One that closed its side while its answer was late may still read, and is
    /// kept until the answer is due.
    pub fn usage_when_quiet(&self, descriptors: usize) -> Usage {
        for _ in 0..600 {
            if self.usage().descriptors <= descriptors {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.usage()
    }
}
