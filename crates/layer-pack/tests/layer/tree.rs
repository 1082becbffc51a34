//! The unpacked tree: modes, moving in, and what is refused.

use std::collections::BTreeSet;

use crate::support::{Wheel, jobs, local, names_in, planned, wheels};
use insta::assert_snapshot;
use lambda_compat::Code;
use layer_pack::{LayerPlan, PackError, foreign_files, write_tree};
use testkit::{Tree, WheelBuilder};

fn builders() -> Vec<WheelBuilder> {
    vec![
        WheelBuilder::new("alpha", "1.0")
            .file("alpha/__init__.py", "x = 1\n".repeat(100))
            .file_mode("alpha/run", "#!/bin/sh\n", 0o755)
            .script("alpha", "alpha.cli:main"),
        WheelBuilder::new("beta", "2.0").stored().file("beta.py", ""),
    ]
}

fn paths(plan: &LayerPlan<'_>) -> BTreeSet<String> {
    plan.entries().iter().map(|entry| entry.path.to_string()).collect()
}

#[test]
fn the_tree_holds_the_plan() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("layer");
    let wheels = wheels(&builders());
    let plan = planned(&wheels, &[local("lib/libx.so.1", &[7; 300])]).expect("a plan");
    let written = write_tree(&plan, &root, &BTreeSet::new(), jobs(2)).expect("a tree");
    assert_eq!(written.files, 12);
    let tree = Tree::snapshot(&root);
    let (modes, contents): (Vec<&str>, Vec<&str>) = tree.lines().filter_map(|line| line.split_once(' ')).unzip();
    assert_snapshot!(contents.join("\n"), @"
    300 d677143e1431 lib/libx.so.1
    47 e033fdd6632b python/alpha-1.0.dist-info/METADATA
    485 d088c6f0fd9b python/alpha-1.0.dist-info/RECORD
    78 c210136d3fd6 python/alpha-1.0.dist-info/WHEEL
    41 bf4255aeceaa python/alpha-1.0.dist-info/entry_points.txt
    600 f02b58f2bf17 python/alpha/__init__.py
    10 a8076d3d28d2 python/alpha/run
    46 22475e204c9a python/beta-2.0.dist-info/METADATA
    250 3bb5f7f749a1 python/beta-2.0.dist-info/RECORD
    78 c210136d3fd6 python/beta-2.0.dist-info/WHEEL
    0 e3b0c44298fc python/beta.py
    261 a809867346c3 python/bin/alpha
    ");
    // Windows has no modes.
    if cfg!(unix) {
        let started = modes.iter().zip(&contents).filter(|(mode, _)| **mode == "0755").map(|(_, file)| *file);
        assert!(started.eq(["10 a8076d3d28d2 python/alpha/run", "261 a809867346c3 python/bin/alpha"]), "{tree}");
        assert!(modes.iter().all(|mode| matches!(*mode, "0755" | "0644")), "{tree}");
    }
    assert_eq!(names_in(folder.path()), ["layer"]);
}

#[test]
fn a_new_tree_replaces_the_old_one_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("layer");
    let wheels = wheels(&builders());
    let old = planned(&wheels, &[local("python/old.py", b"")]).expect("a plan");
    write_tree(&old, &root, &BTreeSet::new(), jobs(1)).expect("a tree");
    let new = planned(&wheels, &[local("python/new.py", b"")]).expect("a plan");
    write_tree(&new, &root, &paths(&old), jobs(1)).expect("the old tree is known");
    assert!(root.join("python/new.py").exists());
    assert!(!root.join("python/old.py").exists());
    assert_eq!(names_in(folder.path()), ["layer"]);
}

#[test]
fn foreign_files_are_refused_and_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("layer");
    let wheels = wheels(&builders());
    let plan = planned(&wheels, &[]).expect("a plan");
    write_tree(&plan, &root, &BTreeSet::new(), jobs(1)).expect("a tree");
    fs_err::write(root.join("python/notes.txt"), b"mine").expect("a file");
    fs_err::write(root.join("todo"), b"mine").expect("a file");

    assert_eq!(foreign_files(&root, &paths(&plan)).expect("a folder"), ["python/notes.txt", "todo"]);
    let error = write_tree(&plan, &root, &paths(&plan), jobs(1)).expect_err("foreign files");
    assert_eq!(error.code(), Code::ForeignOutput);
    let message = error.to_string().replace(&root.display().to_string(), "[layer]");
    assert_snapshot!(message, @"[layer] holds 2 files that layerpack did not write: python/notes.txt, todo");
    assert_eq!(fs_err::read(root.join("python/notes.txt")).expect("untouched"), b"mine");
    assert_eq!(names_in(folder.path()), ["layer"]);
}

#[test]
fn an_empty_folder_is_nobodys_and_a_missing_one_is_made() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let plan = planned(&[], &[local("python/a.py", b"")]).expect("a plan");
    for place in ["empty", "missing/below"] {
        let root = folder.path().join(place);
        if place == "empty" {
            fs_err::create_dir_all(root.join("inner")).expect("a folder");
        }
        assert!(foreign_files(&root, &BTreeSet::new()).expect("nothing there").is_empty());
        write_tree(&plan, &root, &BTreeSet::new(), jobs(1)).expect("a tree");
        assert!(root.join("python/a.py").exists());
    }
    let file = folder.path().join("file");
    fs_err::write(&file, b"mine").expect("a file");
    assert!(matches!(write_tree(&plan, &file, &BTreeSet::new(), jobs(1)), Err(PackError::NotAFolder { .. })));
    assert_eq!(fs_err::read(&file).expect("untouched"), b"mine");
}

#[test]
fn a_damaged_wheel_leaves_the_old_tree() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("layer");
    for stored in [false, true] {
        let builder = WheelBuilder::new("alpha", "1").file("alpha.py", "x = 1\n".repeat(50));
        let mut wheels = [Wheel::new(&if stored { builder.stored() } else { builder })];
        let before = planned(&wheels, &[]).expect("a plan");
        write_tree(&before, &root, &paths(&before), jobs(1)).expect("a tree");
        let known = paths(&before);
        drop(before);
        let snapshot = Tree::snapshot(&root);

        let entry = wheels[0].manifest.entries.iter().find(|e| e.path.as_str() == "alpha.py").expect("it is there");
        let (start, len) =
            (usize::try_from(entry.offset).expect("small"), usize::try_from(entry.compressed).expect("small"));
        let mut failures = 0;
        for at in start..start + len {
            wheels[0].bytes[at] ^= 0x10;
            let plan = planned(&wheels, &[]).expect("a plan");
            // Bits that pad the end of a deflate stream may change: the file is the same.
            if let Err(error) = write_tree(&plan, &root, &known, jobs(2)) {
                assert!(matches!(error, PackError::Damaged { .. }), "{error}");
                failures += 1;
            }
            assert_eq!(Tree::snapshot(&root), snapshot, "byte {at}");
            drop(plan);
            wheels[0].bytes[at] ^= 0x10;
        }
        assert!(failures >= len - 1, "{failures} of {len}");
        assert_eq!(names_in(folder.path()), ["layer"]);
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    fn mode(path: &Path) -> u32 {
        fs_err::metadata(path).expect("it is there").permissions().mode() & 0o7777
    }

    /// The umask belongs to the process, so the test runs itself again below a shell that sets one.
    #[test]
    fn the_umask_does_not_matter() {
        const CHILD: &str = "LAYER_PACK_TEST_TREE";
        if let Some(root) = std::env::var_os(CHILD) {
            let wheels = wheels(&builders());
            let plan = planned(&wheels, &[]).expect("a plan");
            write_tree(&plan, Path::new(&root), &BTreeSet::new(), jobs(2)).expect("a tree");
            return;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let test = std::env::current_exe().expect("the test's own path");
        for umask in ["000", "022", "077"] {
            let root = folder.path().join(umask);
            let status = std::process::Command::new("sh")
                .arg("-c")
                .arg(format!("umask {umask} && exec \"$0\" --exact tree::unix::the_umask_does_not_matter"))
                .arg(&test)
                .env(CHILD, &root)
                .stdout(std::process::Stdio::null())
                .status()
                .expect("a shell");
            assert!(status.success());
            assert_eq!(mode(&root), 0o755, "umask {umask}");
            assert_eq!(mode(&root.join("python/alpha")), 0o755, "umask {umask}");
            assert_eq!(mode(&root.join("python/alpha/__init__.py")), 0o644, "umask {umask}");
            assert_eq!(mode(&root.join("python/alpha/run")), 0o755, "umask {umask}");
            assert_eq!(mode(&root.join("python/bin/alpha")), 0o755, "umask {umask}");
        }
    }

    #[test]
    fn links_count_as_foreign_and_are_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("layer");
        fs_err::create_dir(&root).expect("a folder");
        fs_err::os::unix::fs::symlink(folder.path(), root.join("up")).expect("a link");
        assert_eq!(foreign_files(&root, &BTreeSet::new()).expect("a folder"), ["up"]);
    }

    #[test]
    fn a_link_to_the_place_stays_a_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs_err::create_dir(&real).expect("a folder");
        fs_err::os::unix::fs::symlink(&real, &link).expect("a link");
        let plan = planned(&[], &[local("python/a.py", b"")]).expect("a plan");
        write_tree(&plan, &link, &BTreeSet::new(), jobs(1)).expect("a tree");
        assert!(real.join("python/a.py").exists());
        assert!(fs_err::symlink_metadata(&link).expect("it is there").is_symlink());
    }
}
