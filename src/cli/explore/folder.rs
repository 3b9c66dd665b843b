//! The files of one run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A temporary folder for one run. The drop deletes it.
pub(super) struct Folder(PathBuf);

/// The bytes of the command's output that are shown: the last ones.
const TAIL: usize = 2_000;

impl Folder {
    pub(super) fn new() -> Result<Self, String> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let name = format!("putevents-mock-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
            let path = std::env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                // An earlier process with this number left it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot make the folder {}: {error}", path.display())),
            }
        }
    }

    /// The file for the report of the command.
    pub(super) fn reported(&self) -> PathBuf {
        self.0.join("reported.json")
    }

    pub(super) fn events(&self, text: &str) -> Result<PathBuf, String> {
        let path = self.0.join("events.json");
        #[expect(clippy::disallowed_methods, reason = "the command starts only when the file is whole")]
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(path)
    }

    /// The file for the output of the command.
    pub(super) fn output(&self) -> Result<fs::File, String> {
        let path = self.0.join("output");
        fs::File::create(&path).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// The end of the command's output.
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
