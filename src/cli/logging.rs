//! The log, on standard error. Texts of clients cannot forge a line in it, or control a terminal.

use std::io::{self, IsTerminal, Write, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::debug_fn;

use super::args::LogFormat;
use crate::words::{is_unprintable, printable};

/// Starts the log. `RUST_LOG` wins over the default level.
pub(super) fn start(format: LogFormat, usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let is_painted = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    // Standard error may be closed. To report that on standard error would panic.
    let log = log.log_internal_errors(false);
    // This fails only if there is a log already.
    let _ = match format {
        LogFormat::Text => {
            let fields = debug_fn(|writer, field, value| {
                let value = printable(&format!("{value:?}"));
                if field.name() == "message" { write!(writer, "{value}") } else { write!(writer, "{field}={value}") }
            });
            log.with_writer(stderr).with_ansi(is_painted).fmt_fields(fields.delimited(" ")).try_init()
        }
        LogFormat::Json => log.with_writer(|| Escaping(stderr())).json().flatten_event(true).try_init(),
    };
}

/// Writes lines of JSON, with JSON escapes for invisible characters and for characters that control a terminal. JSON has them in
/// strings only.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            if is_unprintable(c) && c != '\n' {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}")));
            } else {
                escaped.push(c);
            }
        }
        self.0.write_all(escaped.as_bytes()).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
