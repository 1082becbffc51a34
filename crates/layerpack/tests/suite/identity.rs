//! One input gives one zip, byte for byte, wherever and however it is built.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use testkit::FakeIndex;
use wheel_archive::Sha256;

use crate::support::{Run, Scratch, pure, shop};

const LINES: &str = "web[fast]\ntables\n";

/// A source with something of everything that a layer can hold.
fn source() -> Scratch {
    let scratch = Scratch::new();
    for (path, bytes) in files() {
        scratch.write(path, bytes);
    }
    scratch
}

/// Its files.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("src/requirements.txt", LINES.into()),
        ("src/python/settings.py", "debug = False\n".into()),
        ("src/python/deep/er/data.txt", "data\n".repeat(99).into()),
        ("src/opt/bin/start", "#!/bin/sh\n".into()),
        ("src/own-1.0-py3-none-any.whl", pure("own", "1.0").script("own", "own:main").build()),
        ("src/ours-2.0-py3-none-any.whl", pure("ours", "2.0").requires("own").build()),
    ]
}

fn build(scratch: &Scratch) -> Run<'_> {
    scratch.layerpack("build src --runtime python3.12 --arch x86_64")
}

fn zip(scratch: &Scratch, index: &FakeIndex, run: Run<'_>) -> Vec<u8> {
    run.index(index).run().fine();
    scratch.read("dist/src-python3.12-x86_64.zip")
}

/// The digests of everything that a build writes.
fn digests(scratch: &Scratch, index: &FakeIndex, run: Run<'_>) -> Vec<(String, Sha256)> {
    run.arguments(["--emit", "zip,report,sbom,html"]).index(index).run().fine();
    let names = scratch.names("dist").into_iter().filter(|name| name.contains('.'));
    let digest = |name: String| (name.clone(), Sha256::of(&scratch.read(&format!("dist/{name}"))));
    let digests: Vec<_> = names.filter(|name| !name.ends_with("x86_64")).map(digest).collect();
    assert_eq!(digests.len(), 4, "{digests:?}");
    digests
}

#[test]
fn where_when_and_how_it_is_built_changes_nothing() {
    let index = shop().start();
    let first = source();
    let expected = digests(&first, &index, build(&first));

    let elsewhere = first.path("elsewhere").display().to_string();
    fs_err::create_dir(&elsewhere).expect("a new folder");
    let same = |way: &str, change: &dyn for<'a> Fn(&'a Scratch, Run<'a>) -> Run<'a>| {
        let scratch = source();
        assert_eq!(digests(&scratch, &index, change(&scratch, build(&scratch))), expected, "{way}");
    };
    same("another folder", &|_, run| run);
    same("TZ", &|_, run| run.env("TZ", "Asia/Kathmandu"));
    same("LANG", &|_, run| run.env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8"));
    same("the C locale", &|_, run| run.env("LANG", "C").env("LC_ALL", "C"));
    same("HOME", &|_, run| run.env("HOME", &elsewhere));
    same("TMPDIR", &|_, run| run.env("TMPDIR", &elsewhere).env("TEMP", &elsewhere).env("TMP", &elsewhere));
    same("another day", &|_, run| run.env("LAYERPACK_TODAY", "2027-02-28"));
    same("SOURCE_DATE_EPOCH", &|_, run| run.env("SOURCE_DATE_EPOCH", "1700000000"));
    same("one job", &|_, run| run.arguments(["--jobs", "1"]));
    same("two jobs", &|_, run| run.arguments(["--jobs", "2"]));
    same("nine jobs", &|_, run| run.arguments(["--jobs", "9"]));
    same("an absolute path", &|scratch, _| {
        let source = scratch.path("src").display().to_string();
        scratch.layerpack("build --runtime python3.12 --arch x86_64").arguments([source.as_str()])
    });
    same("a path with dots", &|scratch, _| scratch.layerpack("build ./src/../src/ --runtime python3.12 --arch x86_64"));
    same("outputs at an absolute path", &|scratch, run| {
        let out = scratch.path("dist").display().to_string();
        run.arguments(["--out-dir", out.as_str()])
    });
    if cfg!(unix) {
        same("umask 077", &|_, run| run.after("umask 077"));
        same("umask 000", &|_, run| run.after("umask 000"));
        same("another working folder", &|scratch, _| {
            let (src, dist) = (scratch.path("src"), scratch.path("dist"));
            let run = scratch.layerpack("build --runtime python3.12 --arch x86_64").after("cd /");
            run.arguments([&*src.to_string_lossy(), "--out-dir", &*dist.to_string_lossy()])
        });
    }
}

#[test]
fn the_order_and_the_times_of_files_on_disk_do_not_count() {
    let index = shop().start();
    let first = source();
    let expected = digests(&first, &index, build(&first));
    let other = Scratch::new();
    for (path, bytes) in files().into_iter().rev() {
        other.write(path, bytes);
        let file = fs_err::OpenOptions::new().write(true).open(other.path(path)).expect("a file");
        file.file().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).expect("a time");
    }
    assert_eq!(digests(&other, &index, build(&other)), expected);
}

#[test]
fn the_state_of_the_cache_changes_nothing() {
    let index = shop().start();
    let scratch = source();
    let again = || {
        // What was built before is not looked at.
        fs_err::remove_dir_all(scratch.path("dist")).expect("outputs");
        digests(&scratch, &index, build(&scratch))
    };
    let cold = digests(&scratch, &index, build(&scratch));
    assert_eq!(again(), cold, "warm");

    let wheels = all_files(&scratch.cache().join("wheels-v1"));
    assert!(wheels.len() > 3);
    for wheel in &wheels {
        let mut bytes = fs_err::read(wheel).expect("a wheel");
        // The first byte of the first entry's name and contents.
        bytes.iter_mut().skip(40).take(40).for_each(|byte| *byte ^= 0x55);
        fs_err::write(wheel, bytes).expect("a damaged wheel");
    }
    assert_eq!(again(), cold, "damaged and healed");
    for manifest in all_files(&scratch.cache().join("manifests-v3")) {
        fs_err::write(manifest, "nothing").expect("a damaged manifest");
    }
    assert_eq!(again(), cold, "manifests damaged");
    fs_err::remove_dir_all(scratch.cache()).expect("a cache");
    assert_eq!(again(), cold, "cleared");
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(all_files(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn the_order_of_lines_and_comments_does_not_count() {
    let index = shop().start();
    let (one, two) = (source(), source());
    two.write("src/requirements.txt", "# tables first\r\ntables\r\n\r\nweb[fast]  # then the web\r\n");
    assert!(zip(&one, &index, build(&one)) == zip(&two, &index, build(&two)));
}

#[cfg(unix)]
#[test]
fn a_tree_has_the_zips_modes_under_any_umask() {
    let index = shop().start();
    let tree = |umask| {
        let scratch = source();
        build(&scratch).after(umask).index(&index).run().fine();
        testkit::Tree::snapshot(scratch.path("dist/src-python3.12-x86_64"))
    };
    let open = tree("umask 000");
    assert_eq!(open, tree("umask 077"));
    assert_eq!(open, tree("umask 022"));
    let modes: std::collections::BTreeSet<&str> = open.lines().filter_map(|line| line.get(..4)).collect();
    assert_eq!(modes, ["0644", "0755"].into());
}
