//! Writes files whole or not at all: first beside their place, then renamed into place.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many links may lead from a path to its file, as in Linux.
const MAX_LINKS: usize = 40;

/// Writes a file. If the disk is full or the process ends, the old file remains. A reader finds the old file or the new one. A
/// path that is not a file, such as a pipe or a terminal, is written directly.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let Some(target) = Target::of(path)? else {
        #[expect(clippy::disallowed_methods, reason = "a pipe or a terminal cannot be replaced")]
        return fs::write(path, content);
    };
    let mut unfinished = target.unfinished()?;
    unfinished.file.write_all(content.as_ref())?;
    unfinished.put_in_place(&target)
}

/// Returns whether a file can be written now, and leaves it as it is.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    Target::of(path)?.map_or(Ok(()), |target| target.unfinished().map(drop))
}

/// A file that exists or will be created, after all links were followed.
struct Target {
    path: PathBuf,
    there: Option<fs::Metadata>,
}

impl Target {
    /// Returns `None` for a path that is not a file.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        let there = match fs::metadata(path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match there {
            // Opening a folder for writing fails with the error of the system.
            Some(there) if there.is_dir() => OpenOptions::new().write(true).open(path).map(|_| None),
            Some(there) if !there.is_file() => Ok(None),
            there => {
                let end = at_the_end_of_links(path)?;
                let is_open = there.is_some() && is_open_already(&end);
                Ok((!is_open).then_some(Self { path: end, there }))
            }
        }
    }

    /// Creates a new file beside the target.
    fn unfinished(&self) -> io::Result<Unfinished> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if self.there.is_some() {
            // A user who may not write the file may not replace it either.
            OpenOptions::new().write(true).open(&self.path)?;
        }
        loop {
            let mut name = OsString::from(".putevents-mock-");
            name.push(format!("{}-{}.unfinished", process::id(), NEXT.fetch_add(1, Relaxed)));
            let path = self.path.with_file_name(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Unfinished { path, file, is_in_place: false }.like(self.there.as_ref()),
                // Another process had this id, here or in another container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if self.there.is_some() => {
                    let message = format!("cannot create a new file beside it to replace it: {error}");
                    return Err(io::Error::new(error.kind(), message));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A file under a temporary name. It is removed unless it is renamed into place.
struct Unfinished {
    path: PathBuf,
    file: File,
    is_in_place: bool,
}

impl Unfinished {
    /// Copies the owner and the permissions of the file that it replaces, before it has any content.
    fn like(self, there: Option<&fs::Metadata>) -> io::Result<Self> {
        if let Some(there) = there {
            keep_owner(&self.path, there);
            self.file.set_permissions(there.permissions())?;
        }
        Ok(self)
    }

    fn put_in_place(mut self, target: &Target) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &target.path)?;
        self.is_in_place = true;
        sync_folder(&target.path);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_in_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Follows links, as far as their names can be followed.
fn at_the_end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(next) if !is_open_already(&path) => path = path.parent().unwrap_or(Path::new("")).join(next),
            // Not a link, or not there, or a link to something without a name.
            _ => return Ok(path),
        }
    }
    Err(io::Error::other(format!("more than {MAX_LINKS} links lead to it")))
}

/// Returns whether a path names an open file of a process, as `/dev/stdout` finally does. A file that replaces it would be seen
/// by nobody who has it open.
fn is_open_already(path: &Path) -> bool {
    ["/proc", "/dev/fd"].iter().any(|open| path.starts_with(open))
}

/// Copies the owner, if this user may.
fn keep_owner(path: &Path, there: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let _ = chown(path, Some(there.uid()), Some(there.gid()));
    }
    #[cfg(not(unix))]
    let _ = (path, there);
}

/// Syncs the folder, so that the new name survives a power loss. Not every file system can.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}
