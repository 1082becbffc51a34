//! `layerpack cache`: what is kept, shown, cleared and checked.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use testkit::FakeIndex;
use wheel_archive::with_slashes;

use crate::support::{Ran, Scratch, shop};

/// A cache after a locked build of `web`.
fn filled(index: &FakeIndex) -> Scratch {
    let scratch = Scratch::with_requirements("web\n");
    for command in ["lock src", "build src --emit zip"] {
        scratch.layerpack(&format!("{command} --runtime python3.12 --arch x86_64")).index(index).run().fine();
    }
    scratch
}

/// Every plain file in the cache, but the lock that stays.
fn files(scratch: &Scratch) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![scratch.cache()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.file_name().is_some_and(|name| name != "in-use"));
    found.sort();
    found
}

fn is_in(folder: &'static str) -> impl Fn(&&PathBuf) -> bool {
    move |path| path.components().any(|part| part.as_os_str() == folder)
}

fn cache(scratch: &Scratch, action: &str) -> Ran {
    scratch.layerpack(&format!("cache {action}")).run()
}

/// Sets when a file was last used.
fn used(path: &Path, days_ago: u32) {
    let then = SystemTime::now() - Duration::from_hours(24) * days_ago;
    fs_err::OpenOptions::new().write(true).open(path).and_then(|file| file.set_modified(then)).expect("a time");
}

#[test]
fn a_cache_that_is_not_there() {
    let scratch = Scratch::new();
    let nowhere = |action: &str| scratch.layerpack(&format!("cache {action} --cache-dir nowhere")).run().fine();
    assert_snapshot!(nowhere("dir"), @"
    exit 0
    ----- stdout -----
    nowhere
    ");
    for action in ["size", "clean", "clean web", "prune", "verify"] {
        let ran = nowhere(action);
        assert_eq!((ran.stdout.as_str(), ran.stderr.trim()), ("", "there is no folder nowhere yet"), "{action}");
        assert_eq!(scratch.names("."), Vec::<String>::new());
    }
    assert_eq!(nowhere("size --format json").json()["exists"], false);
    assert_snapshot!(cache(&scratch, "dir"), @"
    exit 0
    ----- stdout -----
    [TEMP]/cache
    ");
}

#[test]
fn sizes_by_part() {
    let index = shop().start();
    let scratch = filled(&index);
    fs_err::write(scratch.cache().join("mine.txt"), "mine").expect("written");
    let ran = cache(&scratch, "size --format json").fine().json();
    let parts: Vec<_> = ran["parts"].as_array().expect("parts").iter().collect();
    let sum = |field: &str| parts.iter().map(|part| part[field].as_u64().expect("a number")).sum::<u64>();
    assert_eq!(
        (sum("files"), sum("size")),
        (ran["total"]["files"].as_u64().unwrap_or(0), ran["total"]["size"].as_u64().unwrap_or(0))
    );
    assert_eq!(usize::try_from(sum("files")).expect("small") + 1, files(&scratch).len());
    let names: Vec<_> = parts.iter().map(|part| part["part"].as_str().expect("a name")).collect();
    for name in ["wheels", "manifests", "pages", "metadata", "builds", "locks"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert!(ran["foreign"][0].as_str().is_some_and(|path| path.ends_with("mine.txt")));
    let text = cache(&scratch, "size").fine();
    assert!(text.stdout.contains("wheels") && text.stdout.contains("2 files"), "{text}");
}

#[test]
fn all_of_it_goes_and_comes_back() {
    let index = shop().start();
    let scratch = filled(&index);
    fs_err::write(scratch.cache().join("wheels-v1/mine.txt"), "mine").expect("written");
    scratch.layerpack("build src --runtime python3.12 --arch x86_64 -o tree").index(&index).run().fine();
    let ran = cache(&scratch, "clean").fine();
    assert!(ran.stdout.starts_with("removed ") && ran.stderr.contains("mine.txt"), "{ran}");
    assert!(ran.stderr.contains("left: 1 list of the files that builds may replace"), "{ran}");
    let left = files(&scratch);
    assert_eq!(left.len(), 2, "{left:?}");
    // A tree is still known as layerpack's own.
    scratch.write("src/requirements.txt", "web==1.1\n");
    let again = "build src --runtime python3.12 --arch x86_64 --emit zip";
    scratch.layerpack("lock src --runtime python3.12 --arch x86_64").index(&index).run().fine();
    scratch.layerpack("build src --runtime python3.12 --arch x86_64 -o tree").index(&index).run().fine();
    scratch.layerpack(again).index(&index).run().fine();
}

#[test]
fn what_is_about_a_package_goes() {
    let index = shop().start();
    let scratch = filled(&index);
    let wheels = |scratch: &Scratch| files(scratch).iter().filter(is_in("wheels-v1")).count();
    assert_eq!(wheels(&scratch), 2);
    let ran = cache(&scratch, "clean Web nothing").fine();
    assert!(ran.stdout.starts_with("web: removed ") && ran.stdout.ends_with("nothing of nothing is kept\n"), "{ran}");
    assert_eq!(wheels(&scratch), 1);
    assert!(!files(&scratch).iter().any(|path| is_in("builds-v1")(&path)));
    // What is gone is fetched again.
    let offline = scratch.layerpack("build src --runtime python3.12 --arch x86_64 --offline").index(&index).run();
    assert_eq!(offline.code, 2, "{offline}");
    scratch.layerpack("build src --runtime python3.12 --arch x86_64").index(&index).run().fine();
    assert_eq!(wheels(&scratch), 2);
    let wrong = cache(&scratch, "clean ../x").refused();
    assert_eq!(wrong.code, 2, "{wrong}");
}

#[test]
fn what_is_used_stays() {
    let index = shop().start();
    let scratch = filled(&index);
    for path in files(&scratch) {
        used(&path, 40);
    }
    let all = files(&scratch).len();
    let former = scratch.cache().join("manifests-v1").join("00").join("0".repeat(64));
    fs_err::create_dir_all(former.parent().expect("a folder")).expect("folders");
    fs_err::write(&former, "").expect("written");
    assert!(cache(&scratch, "prune --older-than 41d").fine().stdout.contains("removed 1 file, "));
    assert_eq!(files(&scratch).len(), all);
    assert!(!scratch.cache().join("manifests-v1").exists());

    // A build that finds nothing changed marks its wheels all the same.
    let ran = scratch.layerpack("build src --emit zip --runtime python3.12 --arch x86_64").index(&index).run().fine();
    assert!(ran.stderr.contains("nothing has changed"), "{ran}");
    cache(&scratch, "prune").fine();
    let left = files(&scratch);
    let count = |folder| left.iter().filter(is_in(folder)).count();
    assert_eq!([count("wheels-v1"), count("manifests-v3"), count("builds-v1"), count("pages-v1")], [2, 2, 1, 0]);
    let nothing = cache(&scratch, "prune").fine();
    assert!(nothing.stdout.starts_with("nothing to remove from "), "{nothing}");
    assert_eq!(cache(&scratch, "prune --older-than soon").refused().code, 2);
}

#[test]
fn what_is_damaged_is_found_and_removed() {
    let index = shop().start();
    let scratch = filled(&index);
    let sound = cache(&scratch, "verify").fine();
    assert!(sound.stdout.ends_with(": all sound\n"), "{sound}");
    let first = |folder| files(&scratch).iter().find(is_in(folder)).cloned().expect("a file");
    let damaged = ["wheels-v1", "manifests-v3", "pages-v1", "metadata-v1", "builds-v1"].map(first);
    for path in &damaged {
        let mut bytes = fs_err::read(path).expect("a file");
        bytes.truncate(bytes.len() - 1);
        fs_err::write(path, bytes).expect("written");
    }
    let before = files(&scratch).len();
    let ran = cache(&scratch, "verify");
    assert_eq!(ran.code, 1, "{ran}");
    for path in &damaged {
        assert!(ran.stdout.contains(&with_slashes(path)) && !path.exists(), "{ran}");
    }
    assert!(ran.stdout.ends_with(": 5 damaged\n"), "{ran}");
    // Each check of a wheel takes its lock.
    assert!(files(&scratch).len() + damaged.len() >= before);
    cache(&scratch, "verify").fine();
    scratch.layerpack("build src --runtime python3.12 --arch x86_64").index(&index).run().fine();
}

#[cfg(unix)]
#[test]
fn what_cannot_be_removed_is_an_error() {
    use std::os::unix::fs::PermissionsExt as _;
    let index = shop().start();
    let scratch = filled(&index);
    let folder =
        files(&scratch).iter().find(is_in("wheels-v1")).and_then(|path| path.parent()).expect("one").to_owned();
    let set = |mode| fs_err::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("a mode");
    set(0o555);
    // Root may do anything.
    let as_root = fs_err::write(folder.join("probe"), "").is_ok();
    let ran = cache(&scratch, "clean");
    set(0o755);
    if !as_root {
        assert_eq!(ran.code, 2, "{ran}");
        assert_eq!(files(&scratch).len(), 1);
    }
}
