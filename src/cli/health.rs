//! `health`: whether a server replies. An image without a shell and without an HTTP client checks itself with it.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::{Done, complain, say};

/// The time for the connection, and for the reply.
const LIMIT: Duration = Duration::from_secs(5);
/// The exit status if the server is not ready. Docker knows 0 and 1 only.
const NOT_READY: u8 = 1;

pub(super) fn health(url: &str) -> Done {
    match status_line(url) {
        Ok(line) if line.starts_with("HTTP/1.1 200") => {
            say("ok\n");
            Ok(0)
        }
        Ok(line) => {
            complain(&format!("the server at {url} is no mock that is ready: it replied {:?}", line.trim_end()));
            Ok(NOT_READY)
        }
        Err(error) => {
            complain(&format!("the server at {url} does not reply: {error}"));
            Ok(NOT_READY)
        }
    }
}

/// The first line of the reply.
fn status_line(url: &str) -> io::Result<String> {
    let authority = url.strip_prefix("http://").ok_or_else(|| io::Error::other("write a URL with http://"))?;
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let place = if has_port { authority.to_owned() } else { format!("{authority}:80") };
    let mut stream = connected(&place)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    // In one piece: a server may reply to the first line alone, and close.
    let request = format!("GET /_mock/health HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

fn connected(place: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the name of the host has no address");
    for address in place.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, LIMIT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
