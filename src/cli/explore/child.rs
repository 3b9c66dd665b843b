//! The command of one run, and all processes that it starts.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// A command in its own process group, which is killed as a whole at the end.
pub(super) struct Group {
    child: Child,
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

/// The time between two looks at the process group.
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

    /// Waits until the command has ended. Its child processes may still run.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Waits until all its processes have ended, but not longer than `limit`.
    pub(super) async fn gone(&self, limit: Duration) {
        let gone = async {
            while self.is_there() {
                sleep(LOOK).await;
            }
        };
        let _ = timeout(limit, gone).await;
    }

    /// Whether processes of the group still run.
    #[cfg(unix)]
    pub(super) fn is_there(&self) -> bool {
        self.id.is_some_and(|id| rustix::process::test_kill_process_group(id).is_ok())
    }

    #[cfg(not(unix))]
    pub(super) fn is_there(&self) -> bool {
        false
    }

    /// Kills all processes of the group.
    pub(super) async fn kill(&mut self) {
        self.kill_others();
        let _ = self.child.kill().await;
    }

    #[cfg(unix)]
    fn kill_others(&self) {
        if let Some(id) = self.id {
            // The group may have no processes.
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
