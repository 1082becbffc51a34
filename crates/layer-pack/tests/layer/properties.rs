//! What holds for any set of wheels.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{inputs, jobs, planned, read_zip, wheels};
use layer_pack::{PackError, weigh, write_tree, write_zip};
use proptest::prelude::*;
use testkit::WheelBuilder;

/// A distribution: its files by path, and whether they are stored.
#[derive(Debug, Clone)]
struct Package {
    files: BTreeMap<String, Vec<u8>>,
    stored: bool,
}

/// Names that cannot be both a file and a folder, some of them shared between packages, none of them code. Windows has no
/// quotes in names.
fn path() -> impl Strategy<Value = String> {
    if cfg!(windows) { "(d/|d-/|dé/){0,2}(f|f,|'f'|f0|é)" } else { "(d/|d-/|dé/){0,2}(f|f,|\"f\"|f0|é)" }
}

fn package() -> impl Strategy<Value = Package> {
    let contents = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        (any::<u8>(), 0..5000_usize).prop_map(|(byte, count)| vec![byte; count]),
    ];
    (prop::collection::btree_map(path(), contents, 0..6), any::<bool>())
        .prop_map(|(files, stored)| Package { files, stored })
}

fn build((name, package): (&String, &Package)) -> WheelBuilder {
    let builder = WheelBuilder::new(name, "1.0");
    let builder = if package.stored { builder.stored() } else { builder };
    package.files.iter().fold(builder, |builder, (path, contents)| builder.file(path, contents))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn zip_and_tree_hold_the_files_of_the_wheels(
        packages in prop::collection::btree_map("[a-c]{1,2}", package(), 0..5),
        count in 1..5_usize,
        turn in any::<prop::sample::Index>(),
    ) {
        let builders: Vec<WheelBuilder> = packages.iter().map(build).collect();
        let wheels = wheels(&builders);
        let plan = planned(&wheels, &[]).expect("nothing but warnings");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let zip = folder.path().join("layer.zip");
        let written = write_zip(&plan, &zip, jobs(count)).expect("a zip");
        prop_assert_eq!(written.size, weigh(&plan).zipped);

        // The wheels' files, the first package by name first; RECORD and the rest of dist-info aside.
        let mut expected: BTreeMap<String, &Vec<u8>> = BTreeMap::new();
        for (path, contents) in packages.values().flat_map(|package| &package.files) {
            expected.entry(format!("python/{path}")).or_insert(contents);
        }
        let read = read_zip(&zip);
        let found: BTreeMap<String, &Vec<u8>> = read
            .iter()
            .filter(|(name, ..)| !name.contains(".dist-info/"))
            .map(|(name, _, contents)| (name.clone(), contents))
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert!(read.iter().map(|(name, ..)| name.as_bytes()).is_sorted());

        let root = folder.path().join("tree");
        let tree = write_tree(&plan, &root, &BTreeSet::new(), jobs(count)).expect("a tree");
        prop_assert_eq!(tree.files, read.len() as u64);
        prop_assert_eq!(tree.size, weigh(&plan).unzipped);
        for (name, _, contents) in &read {
            prop_assert_eq!(&fs_err::read(root.join(name)).expect("a file of the tree"), contents);
        }

        let mut turned = inputs(&wheels);
        if !turned.is_empty() {
            let by = turn.index(turned.len());
            turned.rotate_left(by);
        }
        let again = layer_pack::plan(&turned, &[], &layer_pack::PlanOptions::default()).expect("the same plan");
        let other = write_zip(&again, &folder.path().join("again.zip"), jobs(1)).expect("a zip");
        prop_assert_eq!(other.sha256, written.sha256);
    }

    /// Whatever byte of a wheel changes under the manifest: the layer is the same, or it is not written.
    #[test]
    fn a_damaged_wheel_never_gives_another_layer(package in package(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let builder = build((&"alpha".to_owned(), &package));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dest = folder.path().join("layer.zip");
        let mut wheels = wheels([&builder]);
        let sound = write_zip(&planned(&wheels, &[]).expect("a plan"), &dest, jobs(1)).expect("a zip").sha256;
        let at = at.index(wheels[0].bytes.len());
        wheels[0].bytes[at] ^= 1 << bit;
        match write_zip(&planned(&wheels, &[]).expect("a plan"), &dest, jobs(2)) {
            Ok(written) => prop_assert_eq!(written.sha256, sound),
            Err(error) => {
                let is_damaged = matches!(error, PackError::Damaged { .. });
                prop_assert!(is_damaged, "{}", error);
            }
        }
    }
}
