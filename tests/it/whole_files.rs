//! Files are written whole or not at all, whatever happens meanwhile.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pretty_assertions::assert_eq;
use putevents_mock::Journal;

use crate::support::program::{Program, command, command_after, output, told};
use crate::support::{directory, entries, order};

const OLD: &str = "what was there before\n";

/// What a user id of nobody is called.
const NOBODY: &str = "65534";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder with files of these names, in which something stands.
fn with_old(names: &[&str]) -> (PathBuf, Vec<PathBuf>) {
    let folder = directory("whole");
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    paths.iter().for_each(|path| fs::write(path, OLD).unwrap());
    (folder, paths)
}

/// The binary where no file may have a byte. It is told so, as with a full disk, or killed by the first byte.
fn without_room(is_told: bool, arguments: &[&str]) -> Output {
    let script = if is_told { "trap '' XFSZ; ulimit -f 0;" } else { "ulimit -f 0;" };
    command_after(script, arguments).output().unwrap()
}

const FILES: [&str; 3] = ["journal.json", "page.html", "junit.xml"];

fn with_files<'a>(paths: &'a [PathBuf], command: &[&'a str]) -> Vec<&'a str> {
    let flags = ["--journal-file", "--html-file", "--junit"];
    let flags = flags.into_iter().zip(paths).flat_map(|(flag, path)| [flag, text(path)]);
    std::iter::once("run").chain(flags).chain(["--"]).chain(command.iter().copied()).collect()
}

#[test]
fn a_full_disk_leaves_the_files_that_were_there_and_nothing_beside_them() {
    let (folder, paths) = with_old(&FILES);
    let cannot =
        |path: &PathBuf| format!("putevents-mock: cannot write {}: File too large (os error 27)\n", path.display());
    let (status, out, log) = told(without_room(true, &with_files(&paths, &["true"])));
    assert_eq!((status, out.as_str(), log), (2, "", paths.iter().map(cannot).collect()));
    assert_eq!(names(&folder), ["journal.json", "junit.xml", "page.html"]);
    for path in &paths {
        assert_eq!(fs::read_to_string(path).unwrap(), OLD);
    }

    // Where nothing was there, nothing is.
    let empty = directory("whole");
    let port = empty.join("port");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--port-file", text(&port)];
    let error =
        format!("putevents-mock: cannot write the port file {}: File too large (os error 27)\n", port.display());
    assert_eq!(told(without_room(true, &serve)), (2, String::new(), error));
    assert_eq!(names(&empty), [""; 0]);
}

#[test]
fn a_full_disk_leaves_the_files_of_a_search() {
    let (folder, paths) = with_old(&["found.json", "junit.xml"]);
    let cannot =
        |path: &PathBuf| format!("putevents-mock: cannot write {}: File too large (os error 27)\n", path.display());
    let explore = ["explore", "--runs", "1", "--json", text(&paths[0]), "--junit", text(&paths[1]), "--", "true"];
    let (status, _, log) = told(without_room(true, &explore));
    assert_eq!((status, log), (2, paths.iter().map(cannot).collect()));
    assert_eq!(names(&folder), ["found.json", "junit.xml"]);

    // A command that sends its event twice.
    let (kept_in, kept) = with_old(&["schedules.txt"]);
    let curl = format!(
        "curl --silent --output /dev/null --header 'Content-Type: application/x-amz-json-1.1' --header 'X-Amz-Target: \
         AWSEvents.PutEvents' --data '{}' $AWS_ENDPOINT_URL_EVENTBRIDGE/",
        entries([order(1)])
    );
    let twice = format!("{curl}; {curl}");
    let explore = ["explore", "--runs", "1", "--schedules", text(&kept[0]), "--", "sh", "-c", &twice];
    let (status, out, log) = told(without_room(true, &explore));
    if Command::new("curl").arg("--version").output().is_err() {
        return println!("SKIPPED: there is no program curl here");
    }
    assert_eq!((status, log.as_str()), (1, ""), "{out}");
    let nowhere = format!("not kept, because {} cannot be written: File too large (os error 27)\n", kept[0].display());
    assert!(out.contains(&nowhere), "{out}");
    assert_eq!(names(&kept_in), ["schedules.txt"]);
    for path in paths.iter().chain(&kept) {
        assert_eq!(fs::read_to_string(path).unwrap(), OLD);
    }
}

#[test]
fn a_kill_in_the_middle_of_writing_leaves_the_file_that_was_there() {
    let (folder, paths) = with_old(&FILES[..1]);
    let killed = without_room(false, &with_files(&paths, &["true"]));
    assert_eq!(killed.status.signal().map(|_| ()), Some(()), "{killed:?}");
    assert_eq!(fs::read_to_string(&paths[0]).unwrap(), OLD);
    let left: Vec<String> = names(&folder).into_iter().filter(|name| name != FILES[0]).collect();
    assert!(left.iter().all(|name| name.starts_with(".putevents-mock-") && name.ends_with(".unfinished")), "{left:?}");
    // The next one is not disturbed by what is left.
    assert_eq!(output(&with_files(&paths, &["true"])).0, 0);
    Journal::from_file(&paths[0]).unwrap();
}

#[tokio::test]
async fn a_kill_before_the_journal_is_written_loses_that_journal_alone() {
    let (folder, paths) = with_old(&FILES[..2]);
    let server = Program::serve(&["--journal-file", text(&paths[0]), "--html-file", text(&paths[1])]);
    server.publish("test", &[1]).await;
    server.signal("-KILL");
    assert_eq!(server.end().0, -1);
    assert_eq!(names(&folder), FILES[..2]);
    for path in &paths {
        assert_eq!(fs::read_to_string(path).unwrap(), OLD);
    }
}

#[test]
fn permissions_and_links_stay() {
    let (folder, paths) = with_old(&FILES[..1]);
    fs::set_permissions(&paths[0], fs::Permissions::from_mode(0o640)).unwrap();
    symlink(FILES[0], folder.join("link")).unwrap();
    symlink(folder.join("link"), folder.join("link to a link")).unwrap();
    symlink("not there yet.json", folder.join("link to nothing")).unwrap();
    for (link, file) in [("link to a link", FILES[0]), ("link to nothing", "not there yet.json")] {
        let link = folder.join(link);
        assert_eq!(output(&with_files(std::slice::from_ref(&link), &["true"])).0, 0);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::symlink_metadata(folder.join(file)).unwrap().is_file());
        Journal::from_file(&link).unwrap();
    }
    assert_eq!(fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(names(&folder).len(), 5, "{:?}", names(&folder));
    // A link that leads to itself.
    symlink("circle", folder.join("circle")).unwrap();
    let circle = folder.join("circle");
    let (status, _, log) = output(&with_files(std::slice::from_ref(&circle), &["true"]));
    assert_eq!(status, 2);
    assert!(log.starts_with(&format!("putevents-mock: cannot write {}: ", circle.display())), "{log}");
}

#[test]
fn what_is_no_file_is_written_straight() {
    let folder = directory("whole");
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let read = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).unwrap()
    });
    let (status, out, log) = output(&with_files(std::slice::from_ref(&fifo), &["true"]));
    assert_eq!((status, out.as_str(), log.as_str()), (0, "", ""));
    read.join().unwrap().parse::<Journal>().unwrap();
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    // Standard output as a pipe, and as a file: the file that the caller has open is the one that is written.
    if !Path::new("/dev/stdout").exists() {
        return println!("SKIPPED: there is no /dev/stdout here");
    }
    let (status, out, _) = output(&["run", "--journal-file", "/dev/stdout", "--", "true"]);
    assert_eq!(status, 0);
    out.parse::<Journal>().unwrap();
    let path = folder.join("stdout");
    let file = fs::File::create_new(&path).unwrap();
    let run =
        command(&["run", "--journal-file", "/dev/stdout", "--", "true"]).stdout(file.try_clone().unwrap()).status();
    assert!(run.unwrap().success());
    assert!(file.metadata().unwrap().len() > 0);
    Journal::from_file(&path).unwrap();
    assert_eq!(names(&folder), ["fifo", "stdout"]);
}

#[test]
fn whether_a_file_can_be_put_in_its_place_is_known_before_anything_runs() {
    let (folder, paths) = with_old(&FILES[..1]);
    let run = with_files(&paths, &["echo", "ran"]);
    // Root may write everything.
    let is_root = fs::metadata("/proc/self").is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0);
    let as_nobody = || {
        let program = command(&run);
        if !is_root {
            return told(command(&run).output().unwrap());
        }
        let mut nobody = Command::new("setpriv");
        nobody.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program.get_program());
        told(nobody.args(program.get_args()).output().unwrap())
    };
    if is_root && !Command::new("setpriv").args(["--reuid", NOBODY, "true"]).status().is_ok_and(|it| it.success()) {
        return println!("SKIPPED: root may write everything, and there is no setpriv here to be somebody else");
    }
    fs::set_permissions(&paths[0], fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let error = format!(
        "putevents-mock: cannot write {}: cannot create a new file beside it to replace it: Permission denied (os error \
         13)\n",
        paths[0].display()
    );
    let closed = as_nobody();
    // A file that may not be written is not replaced either.
    fs::set_permissions(&paths[0], fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let (status, out, log) = as_nobody();
    let refused = format!("putevents-mock: cannot write {}: Permission denied (os error 13)\n", paths[0].display());
    assert_eq!((status, out, log), (2, String::new(), refused));
    assert_eq!(closed, (2, String::new(), error));
    assert_eq!((names(&folder), fs::read_to_string(&paths[0]).unwrap().as_str()), (vec![FILES[0].to_owned()], OLD));
    // No folder at all.
    let (status, out, _) = output(&["run", "--journal-file", "/proc/journal.json", "--", "echo", "ran"]);
    assert_eq!((status, out.as_str()), (2, ""));
}

#[test]
fn servers_that_start_at_once_write_port_files_of_their_own() {
    // This name is taken.
    let (folder, paths) = with_old(&["port.unfinished"]);
    let servers: Vec<(PathBuf, Program)> = std::thread::scope(|scope| {
        let start = |number: usize| {
            let path = folder.join(format!("port.{number}"));
            scope.spawn(move || {
                let server = Program::serve(&["--port-file", text(&path)]);
                (path, server)
            })
        };
        let all: Vec<_> = (0..16).map(start).collect();
        all.into_iter().map(|started| started.join().unwrap()).collect()
    });
    for (path, server) in &servers {
        assert_eq!(fs::read_to_string(path).unwrap(), format!("{}\n", server.address.port()));
    }
    assert_eq!(fs::read_to_string(&paths[0]).unwrap(), OLD);
    assert_eq!(names(&folder).len(), 17, "{:?}", names(&folder));
}
