//! The stand-alone server, and what the operating system says of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

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
        let process = Path::new("/proc").join(process);
        let status = std::fs::read_to_string(process.join("status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().split(' ').next().unwrap().parse().unwrap()
        };
        let descriptors = std::fs::read_dir(process.join("fd")).unwrap().count();
        Self { kilobytes: number("VmRSS:"), threads: number("Threads:"), descriptors }
    }
}

impl Server {
    /// With all kinds of faults.
    pub fn start(seed: u64, more: &[&str]) -> Self {
        let faults = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/soak/faults.json");
        let mut child = Command::new(env!("CARGO_BIN_EXE_putevents-mock"))
            .args(["serve", "--listen", "127.0.0.1:0", "--seed", &seed.to_string(), "--plan", faults])
            .args(more)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.trim().rsplit_once("http://").unwrap().1.parse().unwrap();
        Self { child, address }
    }

    /// The answer of the API. A connection may be reset at once: that is one of the faults.
    pub fn call(&self, method: &str, path: &str) -> Value {
        let request = format!("{method} /_mock/{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        loop {
            let mut answer = Vec::new();
            let asked = TcpStream::connect(self.address).and_then(|mut connection| {
                connection.write_all(request.as_bytes())?;
                connection.read_to_end(&mut answer)
            });
            if asked.is_ok() {
                let body = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
                return serde_json::from_slice(&answer[body..]).unwrap_or_default();
            }
        }
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn usage(&self) -> Usage {
        Usage::of(&self.child.id().to_string())
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

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
