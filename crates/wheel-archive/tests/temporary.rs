//! What a process that is told to stop clears away. A process of its own: nothing temporary can be made afterwards.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};
use wheel_archive::{TemporaryFile, TemporaryFolder, clear_left_behind, clear_temporaries, is_clearing};

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs_err::read_dir(folder.path()).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_in_its_place_stays_and_all_else_is_cleared_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = || TemporaryFile::new(|| NamedTempFile::new_in(folder.path())).expect("a file");
    let tree = || TemporaryFolder::new(|| TempDir::new_in(folder.path())).expect("a folder");

    let mut moved = file();
    moved.write_all(b"whole").expect("written");
    moved.persist(&folder.path().join("file")).expect("moved in");
    tree().persist(|new| fs_err::rename(new, folder.path().join("tree"))).expect("moved in");
    drop((file(), tree()));
    tree().close().expect("removed");
    file().persist(&folder.path().join("nowhere/file")).expect_err("there is no such folder");
    let refused = tree().persist(|_| Err(std::io::ErrorKind::PermissionDenied.into()));
    refused.expect_err("it was not moved");
    assert_eq!(names(&folder), ["file", "tree"]);

    // Of a run that was killed; a name that only looks alike is nobody's business.
    for name in ["killed-abc123", "killed-abc12", "killed-abc1234", "killed-notes!"] {
        fs_err::write(folder.path().join(name), b"").expect("written");
    }
    fs_err::create_dir_all(folder.path().join("killed-AAAAAA/inside")).expect("a folder");
    let builder = |prefix| tempfile::Builder::new().prefix(prefix).tempfile_in(folder.path());
    let (ours, our_tree) = (
        TemporaryFile::new(|| builder("killed-")).expect("a file"),
        TemporaryFolder::new(|| tempfile::Builder::new().prefix("killed-").tempdir_in(folder.path()))
            .expect("a folder"),
    );
    clear_left_behind(folder.path(), "killed-");
    // A folder that cannot be opened, as on Windows, has no lock, so that nobody knows whether it is somebody's.
    let stays = usize::from(cfg!(windows));
    assert_eq!(names(&folder).len(), 2 + 3 + 2 + stays, "{:?}", names(&folder));
    let stay = |name: &String| name != "killed-abc123" && (cfg!(windows) || name != "killed-AAAAAA");
    assert!(names(&folder).iter().all(stay));
    drop((ours, our_tree));
    for name in names(&folder).iter().filter(|name| name.starts_with("killed-")) {
        let path = folder.path().join(name);
        if path.is_dir() { fs_err::remove_dir_all(path) } else { fs_err::remove_file(path) }.expect("removed");
    }

    let (half, growing) = (file(), tree());
    assert_eq!(names(&folder).len(), 4);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        // Somebody who does not know yet that it is over.
        scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                let _gone = fs_err::write(growing.path().join(format!("{number}")), b"x");
                number += 1;
                // A disk that is slower to remove than to write would never be done; Windows is slower at both.
                thread::sleep(Duration::from_micros(if cfg!(windows) { 20_000 } else { 500 }));
            }
        });
        thread::sleep(Duration::from_millis(20));
        assert!(!is_clearing());
        clear_temporaries();
        stop.store(true, Ordering::Relaxed);
    });
    let tree = growing.path().to_owned();
    // Dropping them would wait for the end of the process, also where an assertion below fails.
    std::mem::forget((half, growing));
    assert!(is_clearing());
    assert!(!tree.exists());
    // Windows may list a file that was removed until it is closed, which the end of the process does.
    let left: Vec<String> =
        names(&folder).into_iter().filter(|name| !(cfg!(windows) && name.starts_with(".tmp"))).collect();
    assert_eq!(left, ["file", "tree"]);
    assert_eq!(fs_err::read(folder.path().join("file")).expect("a file"), b"whole");
}
