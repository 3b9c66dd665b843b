//! Tells whether something waits at a socket, without taking it.
//!
//! A socket is named by its number, which is not checked: the caller must keep the socket open.

#[cfg(not(unix))]
pub(super) use self::nowhere::{Arrivals, Bell, Look, Number, Numbered, number_of};
#[cfg(unix)]
pub(super) use self::unix::{Arrivals, Bell, Look, Number, Numbered, number_of};

#[cfg(unix)]
mod unix {
    use std::io;
    pub(in super::super) use std::os::fd::{AsRawFd as Numbered, RawFd as Number};
    use std::time::Duration;

    use mio::unix::SourceFd;
    use mio::{Events, Interest, Poll, Registry, Token};

    /// The number of events that are taken at once.
    const CAPACITY: usize = 1_024;

    pub(in super::super) fn number_of(socket: &impl Numbered) -> Number {
        socket.as_raw_fd()
    }

    /// Registers sockets with the system, which then reports arrivals until the socket is closed.
    pub(in super::super) struct Bell(Registry);

    impl Bell {
        /// Reports arrivals at this socket under this name.
        pub(in super::super) fn at(&self, socket: Number, name: usize) {
            let _ = self.0.register(&mut SourceFd(&socket), Token(name), Interest::READABLE);
        }
    }

    /// Receives the reports.
    pub(in super::super) struct Arrivals(Poll, Events);

    impl Arrivals {
        pub(in super::super) fn new() -> io::Result<(Self, Bell)> {
            let poll = Poll::new()?;
            let bell = Bell(poll.registry().try_clone()?);
            Ok((Self(poll, Events::with_capacity(CAPACITY)), bell))
        }

        /// Waits until something arrives, or up to `limit`. Returns the names of the sockets.
        pub(in super::super) fn wait(&mut self, limit: Option<Duration>) -> io::Result<Vec<usize>> {
            match self.0.poll(&mut self.1, limit) {
                Ok(()) => Ok(self.1.iter().map(|event| event.token().0).collect()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Vec::new()),
                Err(error) => Err(error),
            }
        }
    }

    /// Looks at sockets.
    pub(in super::super) struct Look(Poll, Events);

    impl Look {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Self(Poll::new()?, Events::with_capacity(CAPACITY)))
        }

        /// Whether one of them has a connection to accept, or bytes to read from a client that has not left.
        pub(in super::super) fn is_anything_waiting<'a>(
            &mut self,
            sockets: impl IntoIterator<Item = &'a Number> + Clone,
        ) -> bool {
            let registry = self.0.registry();
            for socket in sockets.clone() {
                // The registration reports also what is there already.
                let _ = registry.register(&mut SourceFd(socket), Token(0), Interest::READABLE);
            }
            let has_looked = self.0.poll(&mut self.1, Some(Duration::ZERO)).is_ok();
            for socket in sockets {
                let _ = self.0.registry().deregister(&mut SourceFd(socket));
            }
            has_looked && self.1.iter().any(|event| event.is_readable() && !event.is_read_closed())
        }
    }
}

/// On systems without this interface, the lookout does not start.
#[cfg(not(unix))]
mod nowhere {
    use std::io;
    use std::time::Duration;

    pub(in super::super) type Number = ();

    pub(in super::super) trait Numbered {}

    impl<S> Numbered for S {}

    pub(in super::super) fn number_of(_: &impl Numbered) -> Number {}

    pub(in super::super) struct Bell;

    impl Bell {
        pub(in super::super) fn at(&self, (): Number, _: usize) {}
    }

    pub(in super::super) struct Arrivals;

    impl Arrivals {
        pub(in super::super) fn new() -> io::Result<(Self, Bell)> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn wait(&mut self, _: Option<Duration>) -> io::Result<Vec<usize>> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    pub(in super::super) struct Look;

    impl Look {
        pub(in super::super) fn new() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn is_anything_waiting<'a>(
            &mut self,
            _: impl IntoIterator<Item = &'a Number> + Clone,
        ) -> bool {
            false
        }
    }
}
