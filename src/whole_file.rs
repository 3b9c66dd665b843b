//! Files that are written whole or not at all: beside their place first, and then put there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many links may lead from a path to its file, as in Linux.
const MAX_LINKS: usize = 40;

/// Writes a file. A disk that is full, or the end of this process, leaves what was there before; a reader finds the old file or the
/// new one. What is no file, such as a pipe or a terminal, is written straight.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    let Some(target) = Target::of(path)? else {
        #[expect(clippy::disallowed_methods, reason = "nothing can be put in its place")]
        return fs::write(path, content);
    };
    let mut unfinished = target.unfinished()?;
    unfinished.file.write_all(content.as_ref())?;
    unfinished.put_in_place(&target)
}

/// Whether a file could be written now; it is left as it is.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    Target::of(path)?.map_or(Ok(()), |target| target.unfinished().map(drop))
}

/// A file that is there or is to be made, with no link left in front of it.
struct Target {
    path: PathBuf,
    there: Option<fs::Metadata>,
}

impl Target {
    /// `None` for what is no file.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        let there = match fs::metadata(path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match there {
            // The system says in its own words that this is none.
            Some(there) if there.is_dir() => OpenOptions::new().write(true).open(path).map(|_| None),
            Some(there) if !there.is_file() => Ok(None),
            there => {
                let end = at_the_end_of_links(path)?;
                let is_open = there.is_some() && is_open_already(&end);
                Ok((!is_open).then_some(Self { path: end, there }))
            }
        }
    }

    /// A new file beside it.
    fn unfinished(&self) -> io::Result<Unfinished> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if self.there.is_some() {
            // Whoever may not write a file may not replace it either.
            OpenOptions::new().write(true).open(&self.path)?;
        }
        loop {
            let mut name = OsString::from(".putevents-mock-");
            name.push(format!("{}-{}.unfinished", process::id(), NEXT.fetch_add(1, Relaxed)));
            let path = self.path.with_file_name(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Unfinished { path, file, is_in_place: false }.like(self.there.as_ref()),
                // It is of a process that had this number, here or in another container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if self.there.is_some() => {
                    let message = format!("no new file can be made beside it, to be put in its place: {error}");
                    return Err(io::Error::new(error.kind(), message));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A file under a name of its own, which goes unless it is put in its place.
struct Unfinished {
    path: PathBuf,
    file: File,
    is_in_place: bool,
}

impl Unfinished {
    /// With the owner and the permissions of the file that it is to replace, before anything stands in it.
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

/// Where links lead, as far as they can be followed by their names.
fn at_the_end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(next) if !is_open_already(&path) => path = path.parent().unwrap_or(Path::new("")).join(next),
            // It is no link, or not there, or a link to what has no name.
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead to it"))
}

/// Whether this names what a process has open, as `/dev/stdout` does in the end: another file in its place would be seen by
/// nobody who has it open.
fn is_open_already(path: &Path) -> bool {
    ["/proc", "/dev/fd"].iter().any(|open| path.starts_with(open))
}

/// As far as this user may give files away.
fn keep_owner(path: &Path, there: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let _ = chown(path, Some(there.uid()), Some(there.gid()));
    }
    #[cfg(not(unix))]
    let _ = (path, there);
}

/// So that the name is there as well after the machine lost its power. Not every file system can.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}
