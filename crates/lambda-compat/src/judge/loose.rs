//! The files of a layer that belong to no distribution: those of a slimmed layer without `.dist-info` folders, a function's
//! own, and `lib/`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wheel_tags::{DistName, TagSet, Version};

use super::judge;
use crate::finding::Finding;
use crate::layer::{FUNCTION, LAYERS, Layer, PYTHON, PlacedFile, WheelFacts};
use crate::rank::Origin;
use crate::target::Target;

/// What keeps the native code of these files from loading, and what may: sorted, without duplicates. Each top-level
/// package is judged as if it were a wheel that fits every target by its tags: the bytes have the say.
///
/// # Panics
///
/// Never: the name, version and tags of that wheel are constants.
#[must_use]
pub fn judge_loose(layer: &Layer<'_>, target: &Target) -> Vec<Finding> {
    let mut packages: BTreeMap<&str, Vec<PlacedFile<'_>>> = BTreeMap::new();
    let (_, own_minor) = target.runtime.name.python();
    for file in layer.loose() {
        // What is installed for another Python is never reached.
        if site_minor(&file.place).is_none_or(|minor| minor == own_minor) {
            packages.entry(package_of(&file.place)).or_default().push(file.clone());
        }
    }
    let name: DistName = "files".parse().expect("a name");
    let version: Version = "0".parse().expect("a version");
    let tags: TagSet = "py3-none-any".parse().expect("tags");
    let mut findings = Vec::new();
    let has_native = |files: &Vec<PlacedFile<'_>>| files.iter().any(|file| file.binary.is_some());
    for files in packages.into_values().filter(has_native) {
        let package = WheelFacts {
            name: &name,
            version: &version,
            tags: Cow::Borrowed(&tags),
            variant: None,
            origin: Origin::Unverified,
            requires_python: None,
            requires_dist: &[],
            files,
        };
        findings.extend(judge(layer, &package, target));
    }
    findings.sort();
    findings.dedup();
    findings
}

/// The 11 of `/opt/python/lib/python3.11/site-packages/…`.
fn site_minor(place: &str) -> Option<u8> {
    let (minor, _) = place.strip_prefix(PYTHON)?.strip_prefix("/lib/python3.")?.split_once('/')?;
    minor.parse().ok()
}

/// The folder of the top-level package that a file lies in; of a file in none, the folder itself.
fn package_of(place: &str) -> &str {
    let roots = [PYTHON, FUNCTION, LAYERS];
    let Some(root) = roots.into_iter().find(|root| place.strip_prefix(root).is_some_and(|rest| rest.starts_with('/')))
    else {
        return "";
    };
    let site = place.find("/site-packages/").map_or(root.len(), |at| at + "/site-packages".len());
    let end = place.get(site + 1..).and_then(|rest| rest.find('/')).map_or(site, |at| site + 1 + at);
    place.get(..end).unwrap_or_default()
}
