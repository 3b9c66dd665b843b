//! The load: connections that stay open, each of which sends its next request once it has the answer to the one before.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::work::{Request, Work};

/// When the load ends: after so much time or so many requests, whichever comes first.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    pub time: Duration,
    pub requests: u64,
}

impl Until {
    pub fn requests(requests: u64) -> Self {
        Self { time: Duration::MAX, requests }
    }

    fn is_over(self, since: Instant) -> bool {
        since.elapsed() >= self.time
    }
}

/// What was taken of one load.
pub struct Taken {
    /// From a request's first byte to its answer's last, in nanoseconds, sorted.
    pub latencies: Vec<u64>,
    pub elapsed: Duration,
}

impl Taken {
    pub fn requests(&self) -> f64 {
        self.latencies.len() as f64
    }

    pub fn per_second(&self) -> f64 {
        self.requests() / self.elapsed.as_secs_f64()
    }
}

/// Connections to one server. All of them are served by this thread.
pub struct Load {
    runtime: Runtime,
    connections: Vec<Connection>,
    /// The number of the next request.
    next: Arc<AtomicU64>,
}

impl Load {
    pub fn connect(address: SocketAddr, connections: usize, work: Work) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let request = work.request();
        let connections = runtime.block_on(async {
            let mut open = Vec::with_capacity(connections);
            for _ in 0..connections {
                open.push(Connection::open(address, request.clone()).await?);
            }
            io::Result::Ok(open)
        })?;
        Ok(Self { runtime, connections, next: Arc::default() })
    }

    pub fn run(&mut self, until: Until) -> io::Result<Taken> {
        let last = self.next.load(Ordering::Relaxed).saturating_add(until.requests);
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            let next = Arc::clone(&self.next);
            let task = async move {
                let latencies = connection.run(&next, last, until, started).await?;
                io::Result::Ok((connection, latencies))
            };
            tasks.spawn_on(task, self.runtime.handle());
        }
        let ended = self.runtime.block_on(tasks.join_all());
        let elapsed = started.elapsed();
        let mut latencies = Vec::new();
        for connection in ended {
            let (connection, taken) = connection?;
            self.connections.push(connection);
            latencies.extend(taken);
        }
        // Connections count on until they see that there are no requests left.
        self.next.store(last.min(self.next.load(Ordering::Relaxed)), Ordering::Relaxed);
        latencies.sort_unstable();
        Ok(Taken { latencies, elapsed })
    }
}

struct Connection {
    stream: TcpStream,
    request: Request,
    received: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr, request: Request) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request, received: Vec::with_capacity(8 * 1024) })
    }

    async fn run(&mut self, next: &AtomicU64, last: u64, until: Until, since: Instant) -> io::Result<Vec<u64>> {
        let mut latencies = Vec::new();
        while !until.is_over(since) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= last {
                break;
            }
            let sent = Instant::now();
            self.stream.write_all(self.request.numbered(number)).await?;
            self.answer().await?;
            latencies.push(sent.elapsed().as_nanos() as u64);
        }
        Ok(latencies)
    }

    /// Reads one answer, which must be a good one.
    async fn answer(&mut self) -> io::Result<()> {
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match Answer::of(&self.received)? {
                Some(answer) if answer.status != 200 => {
                    let text = String::from_utf8_lossy(&self.received);
                    return Err(io::Error::other(format!("a server answered {text}")));
                }
                Some(answer) if answer.length <= self.received.len() => return Ok(()),
                Some(_) | None => {}
            }
        }
    }
}

/// Sends one request on a connection of its own, and returns the text of its answer.
pub fn ask(address: SocketAddr, request: &[u8]) -> io::Result<String> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.write_all(request)?;
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer)?;
        received.extend_from_slice(&buffer[..length]);
        let is_whole = Answer::of(&received)?.is_some_and(|answer| answer.length <= received.len());
        if is_whole || length == 0 {
            return Ok(String::from_utf8_lossy(&received).into_owned());
        }
    }
}

/// What the head of an answer says.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    /// With its head.
    length: usize,
}

impl Answer {
    /// `None` where the head is not complete yet.
    fn of(received: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        Self::of_head(&received[..end], end + 4).map(Some).ok_or_else(|| {
            let head = String::from_utf8_lossy(&received[..end]);
            io::Error::new(io::ErrorKind::InvalidData, format!("no status or no content-length: {head}"))
        })
    }

    fn of_head(head: &[u8], length_of_head: usize) -> Option<Self> {
        let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then_some(value.trim())
        });
        Some(Self { status, length: length_of_head + length?.parse::<usize>().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_ends_after_its_length() {
        let head = "HTTP/1.1 200 OK\r\ndate: now\r\nContent-Length: 2\r\n\r\n";
        let expected = Answer { status: 200, length: head.len() + 2 };
        assert_eq!(Answer::of(format!("{head}{{}}").as_bytes()).unwrap(), Some(expected));
        assert_eq!(Answer::of(&head.as_bytes()[..head.len() - 1]).unwrap(), None);
    }

    #[test]
    fn an_answer_without_a_length_is_an_error() {
        let error = Answer::of(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
