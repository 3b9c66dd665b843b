//! The files of one run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A folder that goes with its run.
pub(super) struct Folder(PathBuf);

/// How much of what the command has printed is looked at.
const TAIL: usize = 2_000;

impl Folder {
    pub(super) fn new() -> Result<Self, String> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let name = format!("putevents-mock-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
            let path = std::env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                // It is of a process that had this number before.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot make the folder {}: {error}", path.display())),
            }
        }
    }

    /// Where the command may write what it believes to be published.
    pub(super) fn reported(&self) -> PathBuf {
        self.0.join("reported.json")
    }

    pub(super) fn events(&self, text: &str) -> Result<PathBuf, String> {
        let path = self.0.join("events.json");
        #[expect(clippy::disallowed_methods, reason = "it goes with its run, and nobody reads it before")]
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(path)
    }

    /// For what the command prints.
    pub(super) fn output(&self) -> Result<fs::File, String> {
        let path = self.0.join("output");
        fs::File::create(&path).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// The end of what the command has printed.
    pub(super) fn printed(&self) -> String {
        tail(&self.0.join("output")).unwrap_or_default()
    }
}

fn tail(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL)..]).trim().to_owned();
    Ok(text)
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
