//! `serve`: the mock for whoever knows its address.

use std::path::Path;

use super::args::Serve;
use super::conclusion::{Conclusion, Outputs};
use super::server::Server;
use super::signals::Ending;
use super::{Done, logging, say};

pub(super) async fn serve(Serve { listen, port_file, mock }: Serve) -> Done {
    logging::start(mock.log_format, "info");
    let outputs = Outputs::prepare(&mock)?;
    let mut ending = Ending::new()?;
    let server = Server::open(&listen, &mock, false)?;
    if let Some(path) = &port_file {
        write_port(path, server.address().port())?;
    }
    say(&format!("putevents-mock listening on {}\n", server.url()));
    let signal = ending.wait().await;
    tracing::info!("ending, as told by {signal}");
    let started = server.started();
    let sessions = server.stop().await;
    Conclusion {
        sessions: &sessions,
        outputs,
        started,
        asks: mock.fail_on_problems,
        tells: false,
        fails_on_problems: mock.fail_on_problems,
        annotates: !mock.no_annotations,
    }
    .draw()
}

/// Whoever waits for the file finds it whole.
fn write_port(path: &Path, port: u16) -> Result<(), String> {
    let unfinished = path.with_extension("unfinished");
    let written = std::fs::write(&unfinished, format!("{port}\n")).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|error| format!("cannot write the port file {}: {error}", path.display()))
}
