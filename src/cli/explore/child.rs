//! The command of one run, with all processes that it starts.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// A command in a process group of its own, all of which is killed in the end.
pub(super) struct Group {
    child: Child,
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

/// How often one looks whether other processes are still there.
const LOOK: Duration = Duration::from_millis(10);

impl Group {
    pub(super) fn spawn(mut command: Command) -> io::Result<Self> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        #[cfg(unix)]
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        Ok(Self {
            child,
            #[cfg(unix)]
            id,
        })
    }

    /// Waits until the command itself has ended.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Waits until none of its processes is there any more, but not longer than this.
    pub(super) async fn gone(&self, limit: Duration) {
        let gone = async {
            while self.is_there() {
                sleep(LOOK).await;
            }
        };
        let _ = timeout(limit, gone).await;
    }

    /// Whether the command has left processes behind.
    #[cfg(unix)]
    pub(super) fn is_there(&self) -> bool {
        self.id.is_some_and(|id| rustix::process::test_kill_process_group(id).is_ok())
    }

    #[cfg(not(unix))]
    pub(super) fn is_there(&self) -> bool {
        false
    }

    /// Ends all of them, now.
    pub(super) async fn kill(&mut self) {
        self.kill_others();
        let _ = self.child.kill().await;
    }

    #[cfg(unix)]
    fn kill_others(&self) {
        if let Some(id) = self.id {
            // There may be none.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }

    #[cfg(not(unix))]
    fn kill_others(&self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill_others();
    }
}

/// The signal that has ended a process.
#[cfg(unix)]
pub(super) fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
pub(super) fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}
