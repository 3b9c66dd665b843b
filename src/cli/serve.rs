//! `serve`: the mock for whoever knows its address.

use std::path::Path;

use tokio::signal;

use super::args::Serve;
use super::conclusion::{Conclusion, Outputs};
use super::server::Server;
use super::{Done, logging, say};

pub(super) async fn serve(Serve { listen, port_file, mock }: Serve) -> Done {
    logging::start(mock.log_format, "info");
    let outputs = Outputs::prepare(&mock)?;
    let mut ending = Ending::new()?;
    let server = Server::open(listen, &mock, false)?;
    if let Some(path) = &port_file {
        write_port(path, server.address().port())?;
    }
    say(&format!("putevents-mock listening on {}\n", server.url()));
    let why = ending.wait().await;
    tracing::info!("{why}: ending");
    let sessions = server.stop().await;
    Conclusion { sessions: &sessions, outputs, asks: mock.fail_on_problems, fails_on_problems: mock.fail_on_problems }
        .draw()
}

/// Whoever waits for the file finds it whole.
fn write_port(path: &Path, port: u16) -> Result<(), String> {
    let unfinished = path.with_extension("unfinished");
    let written = std::fs::write(&unfinished, format!("{port}\n")).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|error| format!("cannot write the port file {}: {error}", path.display()))
}

/// The signals that end a server.
pub(super) struct Ending {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
}

impl Ending {
    /// From now on these signals no longer end the process by themselves.
    #[cfg(unix)]
    pub(super) fn new() -> Result<Self, String> {
        use signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| format!("cannot listen to signals: {error}"));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    pub(super) async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn wait(&mut self) -> &'static str {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
