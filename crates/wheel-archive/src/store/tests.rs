use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

use lambda_compat::{Code, Finding};
use testkit::WheelBuilder;

struct Case {
    _folder: tempfile::TempDir,
    store: Store,
    bytes: Vec<u8>,
    filename: WheelFilename,
    sha256: Sha256,
}

fn case() -> Case {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wheel = WheelBuilder::new("foo", "1.0").file("foo/__init__.py", b"answer = 42\n");
    let bytes = wheel.build();
    Case {
        store: Store::new(folder.path().join("cache")),
        filename: wheel.filename().parse().expect("a wheel's name"),
        sha256: Sha256::of(&bytes),
        bytes,
        _folder: folder,
    }
}

/// Something that happens to a store.
type Damage = (&'static str, fn(&Case));

impl Case {
    fn receive(&self, bytes: &[u8], expected: Option<&Sha256>) -> Result<(Sha256, u64), ReceiveError> {
        let mut incoming = self.store.receive()?;
        incoming.write_all(bytes)?;
        assert_eq!(incoming.bytes(), bytes.len() as u64);
        incoming.finish(expected)
    }

    fn filled() -> Self {
        let case = case();
        case.receive(&case.bytes, Some(&case.sha256)).expect("the store takes it");
        case
    }

    fn get(&self) -> Option<StoredWheel> {
        self.store.get(&self.sha256, &self.filename).expect("the store can be read")
    }

    fn wheel(&self) -> PathBuf {
        self.store.wheel_path(&self.sha256)
    }

    fn manifest(&self) -> PathBuf {
        self.store.manifest_path(&self.sha256)
    }

    fn leftovers(&self) -> usize {
        fs::read_dir(self.store.root.join("tmp")).map_or(0, Iterator::count)
    }
}

#[test]
fn nothing_is_touched_before_it_is_asked_for() {
    let case = case();
    assert!(case.get().is_none());
    assert!(!case.store.root.exists());
    let error = case.store.inspect(&case.sha256, &case.filename).expect_err("not there");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    case.store.remove(&case.sha256).expect("nothing to remove");
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_that_writes() {
    let case = case();
    let folder = case.store.root.join("tmp");
    fs::create_dir_all(&folder).expect("a folder");
    for name in [".tmpAbC123", ".tmpLOCKED", "README"] {
        fs::write(folder.join(name), b"half").expect("written");
    }
    // Of a run that goes on.
    let theirs = fs::File::open(folder.join(".tmpLOCKED")).expect("a file");
    theirs.lock().expect("nobody has it");
    case.receive(&case.bytes, None).expect("the store takes it");
    let left: BTreeSet<_> =
        fs::read_dir(&folder).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, BTreeSet::from([".tmpLOCKED".into(), "README".into()]));
}

#[test]
fn what_was_received_is_there_with_its_manifest() {
    let case = Case::filled();
    let name = case.wheel().strip_prefix(&case.store.root).expect("inside").display().to_string();
    assert_eq!(name.replace('\\', "/"), format!("wheels-v1/{}/{}.whl", &case.sha256.to_string()[..2], case.sha256));
    let stored = case.get().expect("it was received");
    assert_eq!(stored.manifest.sha256, case.sha256);
    assert!(case.manifest().is_file());
    assert_eq!(stored.open().expect("it is there").size(), case.bytes.len() as u64);
    assert_eq!(case.get().expect("still there").manifest, stored.manifest);
    assert_eq!(case.leftovers(), 0);

    case.store.remove(&case.sha256).expect("it can be removed");
    assert!(case.get().is_none());
    assert!(!case.manifest().exists());
}

#[test]
fn a_wheel_elsewhere_is_inspected_once() {
    let case = case();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(case.filename.as_str());
    fs::write(&path, &case.bytes).expect("written");
    let inspected = || {
        let wheel = FileAt::open(&path).expect("it is there");
        case.store.inspect_elsewhere(&case.filename, hash(&wheel).expect("it can be read"), &wheel)
    };
    let look = || match inspected() {
        Ok(Inspection::Sound(manifest)) => Some(*manifest),
        Ok(Inspection::Malformed(_)) => None,
        Err(error) => panic!("{error}"),
    };
    let found = look().expect("a sound wheel");
    assert!(case.manifest().is_file() && !case.wheel().exists());

    // What is cached is what is given.
    let marked = Manifest { warnings: vec![Finding::warning(Code::Record, "cached")], ..found.clone() };
    case.store.keep_manifest(&marked).expect("written");
    assert_eq!(look(), Some(marked));
    fs::write(case.manifest(), "nothing").expect("written");
    assert_eq!(look().as_ref(), Some(&found));
    // Another file of that name is another wheel.
    fs::write(&path, &case.bytes[..50]).expect("written");
    assert_eq!(look(), None);
    assert_eq!(case.leftovers(), 0);
}

#[test]
fn other_bytes_than_promised_are_not_kept() {
    let case = case();
    let error = case.receive(b"something else", Some(&case.sha256)).expect_err("a mismatch");
    let ReceiveError::Mismatch { expected, got } = &error else { panic!("{error}") };
    assert_eq!((*expected, *got), (case.sha256, Sha256::of(b"something else")));
    assert!(case.get().is_none());
    drop(case.store.receive().expect("a place"));
    assert_eq!(case.leftovers(), 0);
}

#[test]
fn a_damaged_wheel_is_removed_and_absent() {
    let damage: [Damage; 5] = [
        ("truncated", |case| fs::write(case.wheel(), &case.bytes[..50]).expect("written")),
        ("truncated, manifest gone", |case| {
            fs::remove_file(case.manifest()).expect("removed");
            fs::write(case.wheel(), &case.bytes[..50]).expect("written");
        }),
        ("a bit flipped, manifest gone", |case| {
            fs::remove_file(case.manifest()).expect("removed");
            let mut bytes = case.bytes.clone();
            bytes[60] ^= 1;
            fs::write(case.wheel(), bytes).expect("written");
        }),
        ("a folder", |case| {
            fs::remove_file(case.wheel()).expect("removed");
            fs::create_dir_all(case.wheel().join("x")).expect("made");
        }),
        ("empty", |case| fs::write(case.wheel(), b"").expect("written")),
    ];
    for (what, damage) in damage {
        let case = Case::filled();
        assert!(case.get().is_some(), "{what}");
        damage(&case);
        assert!(case.get().is_none(), "{what}");
        assert!(!case.wheel().exists() && !case.manifest().exists(), "{what}");
        case.receive(&case.bytes, None).expect("it is fetched again");
        assert!(case.get().is_some(), "{what}");
    }
}

#[test]
fn a_folder_in_a_wheels_place_gives_way() {
    let case = case();
    fs::create_dir_all(case.wheel().join("x")).expect("made");
    case.receive(&case.bytes, None).expect("the store takes it");
    assert!(case.get().is_some());
}

#[test]
fn a_manifest_that_cannot_be_read_is_remade() {
    let damage: [Damage; 6] = [
        ("gone", |case| fs::remove_file(case.manifest()).expect("removed")),
        ("empty", |case| fs::write(case.manifest(), b"").expect("written")),
        ("of another form", |case| fs::write(case.manifest(), b"layerpack manifest").expect("written")),
        ("a folder", |case| {
            fs::remove_file(case.manifest()).expect("removed");
            fs::create_dir(case.manifest()).expect("made");
        }),
        ("a bit flipped", |case| {
            let mut bytes = fs::read(case.manifest()).expect("read");
            let last = bytes.len() - 10;
            bytes[last] ^= 1;
            fs::write(case.manifest(), bytes).expect("written");
        }),
        ("of another wheel", |case| {
            let mut stored = case.get().expect("there").manifest;
            stored.sha256 = Sha256::of(b"another");
            fs::write(case.manifest(), cached::to_bytes(&stored).expect("encoded")).expect("written");
        }),
    ];
    for (what, damage) in damage {
        let case = Case::filled();
        let before = case.get().expect(what).manifest;
        let encoded = fs::read(case.manifest()).expect(what);
        damage(&case);
        assert_eq!(case.get().expect(what).manifest, before, "{what}");
        assert_eq!(fs::read(case.manifest()).expect(what), encoded, "{what}");
    }
}

#[test]
fn a_store_that_cannot_be_written_still_serves() {
    let case = Case::filled();
    fs::remove_dir_all(case.store.root.join("tmp")).expect("removed");
    fs::write(case.store.root.join("tmp"), b"in the way").expect("written");
    assert!(case.get().is_some());
    assert!(!case.manifest().exists());
    assert!(case.store.receive().is_err());
}

#[test]
fn another_name_is_another_inspection() {
    let case = Case::filled();
    assert!(case.get().is_some());
    let other = "bar-1.0-py3-none-any.whl".parse().expect("a wheel's name");
    assert!(case.store.get(&case.sha256, &other).expect("readable").is_none());
    let Inspection::Malformed(findings) = case.store.inspect(&case.sha256, &other).expect("there") else {
        panic!("a wheel under a wrong name")
    };
    assert!(findings[0].message.contains("of the project `foo`"), "{findings:?}");
    assert!(case.wheel().exists(), "the bytes are as promised: they stay");
}

#[test]
fn a_lock_is_held_until_it_is_dropped() {
    let case = case();
    let held = AtomicBool::new(true);
    let lock = case.store.lock("a/../key").expect("the store can be written");
    let _other = case.store.lock("another key").expect("nobody holds it");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _lock = case.store.lock("a/../key").expect("the store can be written");
            assert!(!held.load(Ordering::SeqCst), "taken while it was held");
        });
        std::thread::sleep(std::time::Duration::from_millis(50));
        held.store(false, Ordering::SeqCst);
        drop(lock);
    });
}

#[test]
fn many_at_once_on_a_cold_store() {
    let case = case();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                case.receive(&case.bytes, Some(&case.sha256)).expect("the store takes it");
                assert_eq!(case.get().expect("it is there").manifest.sha256, case.sha256);
            });
        }
    });
    assert_eq!(case.leftovers(), 0);
    assert_eq!(fs::read(case.wheel()).expect("there"), case.bytes);
}
