//! Reads and writes a shared `TcpStream`. tokio does this only for an owned one; here the connection and the watch on its client
//! share it.

use std::io;
use std::net::{Shutdown, TcpStream as StdTcpStream};
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::net::TcpStream;

pub(super) fn poll_read(stream: &TcpStream, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        match stream.try_read(buffer.initialize_unfilled()) {
            Ok(length) => {
                buffer.advance(length);
                return Poll::Ready(Ok(()));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

pub(super) fn poll_write(stream: &TcpStream, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
    loop {
        ready!(stream.poll_write_ready(cx))?;
        match stream.try_write(data) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            written => return Poll::Ready(written),
        }
    }
}

/// Closes the write side.
pub(super) fn shut_down(stream: &TcpStream) -> io::Result<()> {
    match copy(stream)?.shutdown(Shutdown::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        done => done,
    }
}

/// A second handle of the socket, to ask the system directly.
pub(super) fn copy(stream: &TcpStream) -> io::Result<StdTcpStream> {
    #[cfg(unix)]
    return std::os::fd::AsFd::as_fd(stream).try_clone_to_owned().map(StdTcpStream::from);
    #[cfg(windows)]
    return std::os::windows::io::AsSocket::as_socket(stream).try_clone_to_owned().map(StdTcpStream::from);
}
