//! `serve`: a stand-alone mock.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use tokio::sync::oneshot;

use super::args::Serve;
use super::conclusion::{Conclusion, Outputs, Received};
use super::finish::{Limit, finish};
use super::server::Server;
use super::signals::Ending;
use super::{Done, complain, logging, say, stdin};
use crate::whole_file;

pub(super) async fn serve(Serve { listen, port_file, until_stdin_ends, mock }: Serve) -> Done {
    logging::start(mock.log_format, "info");
    let outputs = Outputs::prepare(&mock)?;
    let mut ending = Ending::new()?;
    let input = until_stdin_ends.then(end_of_input).transpose()?;
    let server = Server::open(&listen, &mock, false)?;
    if let Some(path) = &port_file {
        write_port(path, server.address().port())?;
    }
    if let Some(warning) = warning_of(server.address(), &server.url()) {
        complain(&warning);
    }
    say(&format!("putevents-mock listening on {}\n", server.url()));
    let why = tokio::select! {
        signal = ending.wait() => signal.to_string(),
        () = ended(input) => "the end of standard input".to_owned(),
    };
    tracing::info!("ending on {why}");
    let started = server.started();
    let sessions = server.stop(mock.stop_timeout).await;
    let conclusion = Conclusion {
        received: Received::all(&sessions),
        sessions,
        outputs,
        started,
        asks: mock.fail_on_problems,
        tells: false,
        fails_on_problems: mock.fail_on_problems,
        annotates: !mock.no_annotations,
    };
    finish(conclusion, ending, Limit::to_stop(&mock)).await
}

/// Reads standard input, and ignores its content. The receiver is ready at its end.
fn end_of_input() -> Result<oneshot::Receiver<()>, String> {
    let (sender, end) = oneshot::channel();
    stdin::read(|mut input| {
        let _ = io::copy(&mut input, &mut io::sink());
        let _ = sender.send(());
    })?;
    Ok(end)
}

/// Waits for the end of standard input; without an input for ever.
async fn ended(input: Option<oneshot::Receiver<()>>) {
    match input {
        Some(end) => drop(end.await),
        None => std::future::pending().await,
    }
}

/// The warning for an address that other machines may reach. `url` is the address on this machine.
fn warning_of(address: SocketAddr, url: &str) -> Option<String> {
    let ip = address.ip();
    if ip.to_canonical().is_loopback() {
        return None;
    }
    let port = address.port();
    let place = if ip.is_unspecified() {
        format!("it listens on port {port} of all addresses of this machine ({address}), {url} among them")
    } else {
        format!("it listens on {address}, which is not a loopback address")
    };
    Some(format!(
        "warning: {place}: everybody who reaches this machine can publish, read the journal and inject faults. Write --listen \
         127.0.0.1:{port} to accept requests of this machine only"
    ))
}

/// Writes the port file. A program that waits for the file finds it whole.
fn write_port(path: &Path, port: u16) -> Result<(), String> {
    let written = whole_file::write(path, format!("{port}\n"));
    written.map_err(|error| format!("cannot write the port file {}: {error}", path.display()))
}
