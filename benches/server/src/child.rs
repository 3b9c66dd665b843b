//! A server in a process of its own, so that processor time and memory are the server's alone.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Subcommand;

use crate::measures::start;
use crate::servers::{Bound, Server};

/// What a child process does.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Child {
    /// Serves until its standard input ends, and prints its address.
    #[command(hide = true)]
    Serve {
        server: Server,
        #[arg(long)]
        keep_all: bool,
    },
    /// Starts mocks one after the other, and prints how long the first and the median one took to answer, in nanoseconds.
    #[command(hide = true)]
    StartEach { server: Server, mocks: usize },
    /// Starts mocks that all run at once, and prints how long they took to start and to answer once each, in nanoseconds, and
    /// how many threads and bytes they have.
    #[command(hide = true)]
    StartAll { server: Server, mocks: usize },
}

impl Child {
    pub fn run(self) -> io::Result<()> {
        match self {
            Self::Serve { server, keep_all } => {
                let bound = if keep_all { Bound::None } else { Bound::Default };
                let running = server.start(bound)?;
                println!("{}", running.address);
                io::stdin().read_to_end(&mut Vec::new())?;
                Ok(())
            }
            Self::StartEach { server, mocks } => print(&start::each(server, mocks)?),
            Self::StartAll { server, mocks } => print(&start::all(server, mocks)?),
        }
    }

    /// Does it in a process of its own, and returns the numbers that it prints.
    pub fn numbers(self) -> io::Result<Vec<f64>> {
        let (name, server, mocks) = match self {
            Self::Serve { .. } => return Err(io::Error::other("a server prints no numbers")),
            Self::StartEach { server, mocks } => ("start-each", server, mocks),
            Self::StartAll { server, mocks } => ("start-all", server, mocks),
        };
        let mut command = Command::new(std::env::current_exe()?);
        let output = command.args([name, server.name(), &mocks.to_string()]).stderr(Stdio::inherit()).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
        match numbers {
            Ok(numbers) if output.status.success() => Ok(numbers),
            Ok(_) | Err(_) => Err(io::Error::other(format!("{name} of {} ended with {text:?}", server.name()))),
        }
    }
}

fn print(numbers: &[u64]) -> io::Result<()> {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    println!("{}", numbers.join(" "));
    Ok(())
}

/// A running child process; it ends when this is dropped.
pub struct Process {
    child: std::process::Child,
    pub address: SocketAddr,
}

/// How often a second `/proc/<pid>/stat` counts processor time (`USER_HZ`, which is the same on all systems with Linux).
const TICKS: u64 = 100;

impl Process {
    pub fn serve(server: Server, bound: Bound) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", server.name()]);
        if bound == Bound::None {
            command.arg("--keep-all");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim().parse().map_err(|_| io::Error::other(format!("{} did not start", server.name())))?;
        Ok(Self { child, address })
    }

    /// The processor time of all its threads until now, of the user and of the system.
    pub fn processor_time(&self) -> io::Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let ticks = ticks(&text).ok_or_else(|| io::Error::other(format!("no processor time in {text:?}")))?;
        Ok(Duration::from_millis(ticks * 1_000 / TICKS))
    }

    /// The memory that it has, in bytes.
    pub fn memory(&self) -> io::Result<u64> {
        Ok(status(&self.child.id().to_string(), "VmRSS")? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The ticks of user and system in `/proc/<pid>/stat`. The name of the program may have spaces and brackets.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

/// A number of `/proc/<pid>/status`.
pub fn status(process: &str, key: &str) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    number(&text, key).ok_or_else(|| io::Error::other(format!("no {key} in {text:?}")))
}

fn number(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_that_of_the_user_and_of_the_system() {
        let stat = "12214 (a (b) c) R 12208 12208 7045 0 -1 4194304 101 0 0 0 40 2 7 9 20 0 1 0 55742 3133440 410";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("12214 (cat) R 1"), None);
    }

    #[test]
    fn a_number_of_a_process_is_found_by_its_name() {
        let text = "VmHWM:\t    99 kB\nVmRSS:\t    1640 kB\nThreads:\t1\n";
        assert_eq!(number(text, "VmRSS"), Some(1640));
        assert_eq!(number(text, "Threads"), Some(1));
        assert_eq!(number(text, "Vm"), None);
    }
}
