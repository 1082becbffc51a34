//! Which files of a cache folder are whose, and which of them are to go.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use fs_err as fs;
use tempfile::TempDir;
use testkit::WheelBuilder;

use super::{CacheFile, CacheListing, list_cache, mark_used};
use crate::{FileAt, Inspection, Sha256, Store, inspect};

const DAY: Duration = Duration::from_hours(24);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * DAY
}

/// Writes a file that was last used so many days ago.
fn file(root: &Path, path: &str, days: u32) -> PathBuf {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(&path, "x").expect("written");
    used(&path, days);
    path
}

fn used(path: &Path, days: u32) {
    fs::OpenOptions::new().write(true).open(path).and_then(|f| f.set_modified(now() - days * DAY)).expect("a time");
}

fn list(root: &Path) -> CacheListing {
    list_cache(root, &Store::parts()).expect("readable").expect("a folder")
}

fn below(root: &Path, paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
    let short = |path: PathBuf| {
        let path = path.strip_prefix(root).expect("below").display().to_string().replace('\\', "/");
        path.replace(&digest(b"a"), "A").replace(&digest(b"b"), "B")
    };
    paths.into_iter().map(short).collect()
}

fn paths<'a>(root: &Path, files: impl IntoIterator<Item = &'a CacheFile>) -> Vec<String> {
    below(root, files.into_iter().map(|file| file.path.clone()))
}

fn digest(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

/// A wheel's place, or its manifest's.
fn place(folder: &str, bytes: &[u8], extension: &str) -> String {
    let digest = digest(bytes);
    format!("{folder}/{}/{digest}{extension}", &digest[..2])
}

#[test]
fn a_folder_that_is_not_there_holds_nothing() {
    let folder = TempDir::new().expect("a folder");
    assert!(list_cache(&folder.path().join("none"), &Store::parts()).expect("no error").is_none());
    let path = file(folder.path(), "file", 0);
    assert!(list_cache(&path, &Store::parts()).is_err());
}

#[test]
fn what_layerpack_did_not_write_is_never_among_the_files() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    let own = [
        place("wheels-v1", b"a", ".whl"),
        place("manifests-v3", b"a", ""),
        place("manifests-v1", b"a", ".old"),
        place("manifests-v4", b"a", ""),
        format!("locks/{}", digest(b"a")),
        "tmp/.tmpAb12Cd".to_owned(),
    ];
    let foreign = [
        "notes.txt".to_owned(),
        "wheels-v1/read me".to_owned(),
        place("wheels-v1", b"a", ".zip"),
        place("wheels-v1", b"b", ".whl").replacen(&digest(b"b")[..2], "00", 1),
        place("manifests-v1", b"b", ".two.dots"),
        format!("wheels-v1/{}.whl", digest(b"a")),
        format!("locks/{}x", digest(b"b")),
        "locks/.tmpToolong".to_owned(),
        "tmp/file".to_owned(),
        "wheels-v01/x".to_owned(),
        "wheels/x".to_owned(),
    ];
    for path in own.iter().chain(&foreign) {
        file(root, path, 0);
    }
    file(root, "locks/in-use", 0);
    fs::create_dir(root.join(place("wheels-v1", b"b", ".whl"))).unwrap_or_else(|_| {
        fs::create_dir_all(root.join(place("wheels-v1", b"b", ".whl"))).expect("a folder of a file's name");
    });

    let listing = list(root);
    let mut expected: Vec<String> = below(root, own.iter().map(|path| root.join(path)));
    expected.sort();
    let mut listed = paths(root, &listing.files);
    listed.sort();
    assert_eq!(listed, expected);
    insta::assert_snapshot!(below(root, listing.foreign.clone()).join("\n"), @"
    locks/.tmpToolong
    locks/Bx
    manifests-v1/3e/B.two.dots
    notes.txt
    tmp/file
    wheels
    wheels-v01
    wheels-v1/00/B.whl
    wheels-v1/3e/B.whl
    wheels-v1/ca/A.zip
    wheels-v1/A.whl
    wheels-v1/read me
    ");

    for file in &listing.files {
        assert!(file.remove().expect("removable"));
        assert!(!file.remove().expect("it has gone"));
    }
    listing.remove_empty_folders();
    assert!(foreign.iter().all(|path| root.join(path).is_file()));
    assert!(root.join("locks/in-use").is_file());
    assert!(!root.join("manifests-v3").exists() && root.join("wheels-v1").exists());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let folder = TempDir::new().expect("a folder");
    let (root, elsewhere) = (folder.path().join("cache"), folder.path().join("elsewhere"));
    let outside = file(&elsewhere, &place("x", b"a", ".whl"), 100);
    let inside = root.join(place("wheels-v1", b"a", ".whl"));
    fs::create_dir_all(inside.parent().expect("a folder")).expect("folders");
    symlink(&outside, &inside).expect("a link");
    symlink(elsewhere.join("x"), root.join("manifests-v3")).expect("a link");
    symlink(elsewhere.join("x"), root.join("wheels-v1/ff")).expect("a link");

    let listing = list(&root);
    assert!(listing.files.is_empty() && listing.unused(now(), DAY).is_empty());
    assert_eq!(listing.foreign.len(), 3);
    listing.remove_empty_folders();
    assert!(outside.is_file());

    // A file that becomes a link after it was listed is left, too.
    let listed = CacheFile { path: inside, kind: super::CacheKind::Lock, size: 1, used: None };
    assert!(!listed.remove().expect("no error") && outside.is_file());

    // The cache folder itself may be one.
    let link = folder.path().join("link");
    symlink(&root, &link).expect("a link");
    assert_eq!(list(&link).foreign.len(), 3);
}

#[test]
fn what_is_unused_goes() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    // An old wheel with a manifest that was used lately, and one that nobody has used.
    file(root, &place("wheels-v1", b"a", ".whl"), 90);
    file(root, &place("manifests-v3", b"a", ""), 3);
    file(root, &place("wheels-v1", b"b", ".whl"), 31);
    file(root, &place("manifests-v3", b"b", ""), 30);
    file(root, &place("manifests-v1", b"a", ""), 0);
    file(root, &place("manifests-v4", b"a", ""), 29);
    file(root, "tmp/.tmpAAAAAA", 0);
    file(root, "tmp/.tmpBBBBBB", 2);
    file(root, &format!("locks/{}", digest(b"a")), 29);
    file(root, &format!("locks/{}", digest(b"b")), 40);
    file(root, "locks/in-use", 99);
    let b = &digest(b"b")[..2];
    let mut expected = vec![
        format!("manifests-v1/{}/A", &digest(b"a")[..2]),
        format!("manifests-v3/{b}/B"),
        format!("wheels-v1/{b}/B.whl"),
        "tmp/.tmpBBBBBB".to_owned(),
        "locks/B".to_owned(),
    ];
    expected.sort();
    let mut unused = paths(root, list(root).unused(now(), 30 * DAY));
    unused.sort();
    assert_eq!(unused, expected);
    // A clock that was set back shows nothing to be old.
    let early = now() - 200 * DAY;
    assert_eq!(paths(root, list(root).unused(early, DAY)), [format!("manifests-v1/{}/A", &digest(b"a")[..2])]);
}

#[test]
fn a_mark_is_set_once_a_day_and_by_whoever_reads_a_wheel() {
    let folder = TempDir::new().expect("a folder");
    let age = |path: &Path| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a time");
        now().duration_since(modified).expect("not in the future").as_secs() / DAY.as_secs()
    };
    let path = file(folder.path(), "a", 5);
    mark_used(&path, now() - 4 * DAY);
    assert_eq!(age(&path), 5, "within a day");
    mark_used(&path, now());
    assert_eq!(age(&path), 0);
    mark_used(&path, now() - 9 * DAY);
    assert_eq!(age(&path), 0, "never back");
    mark_used(&folder.path().join("none"), now());

    let (store, wheel) = store_with_wheel(folder.path(), "pack");
    let manifest = list(folder.path()).files.into_iter().find(|file| file.kind.name() == "manifests").expect("one");
    used(&manifest.path, 50);
    store.get(&wheel.0, &wheel.1).expect("readable").expect("there");
    assert_eq!(age(&manifest.path), 50, "without a time nothing is marked");
    store.at(now()).get(&wheel.0, &wheel.1).expect("readable").expect("there");
    assert_eq!(age(&manifest.path), 0);
}

fn store_with_wheel(root: &Path, name: &str) -> (Store, (Sha256, wheel_tags::WheelFilename)) {
    let wheel = WheelBuilder::new(name, "1.0").file(&format!("{name}.py"), "");
    let store = Store::new(root.to_path_buf());
    let mut incoming = store.receive().expect("a place");
    io::Write::write_all(&mut incoming, &wheel.build()).expect("written");
    let (sha256, _) = incoming.finish(None).expect("kept");
    let filename = wheel.filename().parse().expect("a wheel's name");
    assert!(matches!(store.inspect(&sha256, &filename), Ok(Inspection::Sound(_))));
    (store, (sha256, filename))
}

#[test]
fn wheels_and_manifests_say_whose_they_are_and_whether_they_are_sound() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    store_with_wheel(root, "pack_one");
    let (store, (sha256, filename)) = store_with_wheel(root, "other");
    let listing = list(root);
    let names = ["Pack.One", "missing"].map(|name| name.parse().expect("a name"));
    let about = listing.about(&names).expect("readable");
    let kinds: Vec<_> = about.iter().map(|(file, names)| (file.kind.name(), names.len())).collect();
    assert_eq!(kinds, [("manifests", 1), ("wheels", 1)]);

    assert!(listing.files.iter().all(|file| file.check().expect("readable").is_none()));
    let wheel = store.wheel_path(&sha256);
    let mut bytes = fs::read(&wheel).expect("a wheel");
    assert!(matches!(inspect(&filename, None, &FileAt::open(&wheel).expect("open")), Ok(Inspection::Sound(_))));
    if let Some(byte) = bytes.get_mut(40) {
        *byte ^= 1;
    }
    fs::write(&wheel, &bytes).expect("written");
    let damaged = |listing: &CacheListing| -> Vec<_> {
        listing.files.iter().filter_map(|file| Some((file.kind.name(), file.check().expect("readable")?))).collect()
    };
    assert_eq!(damaged(&listing), [("wheels", "has other bytes than its name says")]);
    let manifest = listing.files.iter().find(|file| file.kind.name() == "manifests").expect("a manifest");
    fs::write(&manifest.path, "layerpack wheel\n").expect("written");
    assert_eq!(damaged(&listing).len(), 2);
}

#[test]
fn whoever_clears_waits_for_whoever_uses() {
    let folder = TempDir::new().expect("a folder");
    let store = Store::new(folder.path().to_path_buf());
    let (one, two) = (store.share().expect("a lock"), store.share().expect("shared"));
    let (waits, waited) = std::sync::mpsc::channel();
    let clearing = std::thread::spawn({
        let store = store.clone();
        move || store.alone(|| waits.send(()).expect("somebody listens")).map(drop)
    });
    waited.recv().expect("it has to wait");
    assert!(!clearing.is_finished());
    drop((one, two));
    clearing.join().expect("no panic").expect("a lock");
    store.alone(|| panic!("nobody is there")).expect("a lock");
}
