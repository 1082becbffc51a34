//! Layers as a test describes them, and what is said of each.

mod layout;
mod modules;
mod packages;
mod scripts;
mod whole;

use std::borrow::Cow;
use std::collections::HashMap;

use wheel_tags::{DistName, TagSet, Version};

use super::*;
use crate::elf::read;
use crate::finding::Finding;
use crate::target::{Arch, Target};

struct File {
    entry: String,
    place: String,
    mode: Option<u32>,
    binary: Option<Binary>,
}

struct Wheel {
    name: DistName,
    version: Version,
    tags: TagSet,
    requires_dist: Vec<String>,
    requires: Vec<NeededDistribution>,
    files: Vec<File>,
}

/// What a layer or function holds.
struct Held {
    root: &'static str,
    wheels: Vec<Wheel>,
    loose: Vec<File>,
    folders: Vec<(String, u32)>,
    bytes: HashMap<String, Vec<u8>>,
    below: Vec<(DistName, Version)>,
}

fn held(root: &'static str) -> Held {
    Held { root, wheels: vec![], loose: vec![], folders: vec![], bytes: HashMap::new(), below: vec![] }
}

fn layer() -> Held {
    held(LAYERS)
}

fn function() -> Held {
    held(FUNCTION)
}

fn target(runtime: &str, arch: Arch) -> Target {
    Target::new(runtime.parse().expect("a known runtime"), arch)
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

impl Held {
    fn new_file(&self, entry: &str) -> File {
        File { entry: entry.to_owned(), place: format!("{}/{entry}", self.root), mode: Some(0o644), binary: None }
    }

    /// A file that belongs to no distribution.
    fn file(mut self, entry: &str) -> Self {
        self.loose.push(self.new_file(entry));
        self
    }

    fn files(self, entries: &[&str]) -> Self {
        entries.iter().fold(self, |held, entry| held.file(entry))
    }

    fn mode(mut self, entry: &str, mode: Option<u32>) -> Self {
        let file = File { mode, ..self.new_file(entry) };
        self.loose.push(file);
        self
    }

    fn bytes(mut self, entry: &str, bytes: &[u8]) -> Self {
        let file = File { binary: read(&mut &*bytes), ..self.new_file(entry) };
        self.bytes.insert(file.place.clone(), bytes.to_vec());
        self.loose.push(file);
        self
    }

    /// The last file that was given, with this mode.
    fn with_mode(mut self, mode: Option<u32>) -> Self {
        self.loose.last_mut().expect("a file").mode = mode;
        self
    }

    fn folder(mut self, entry: &str, mode: u32) -> Self {
        self.folders.push((entry.to_owned(), mode));
        self
    }

    /// A distribution with these files, paths from the root on.
    fn wheel(mut self, name: &str, of: &str, tags: &str, entries: &[&str]) -> Self {
        self.wheels.push(Wheel {
            name: name.parse().expect("a name"),
            version: version(of),
            tags: tags.parse().expect("tags"),
            requires_dist: vec![],
            requires: vec![],
            files: entries.iter().map(|entry| self.new_file(entry)).collect(),
        });
        self
    }

    fn pure(self, name: &str, version: &str) -> Self {
        let folder = if self.root == LAYERS { "python/" } else { "" };
        let entries = [
            format!("{folder}{}/__init__.py", name.replace('-', "_")),
            format!("{folder}{name}-{version}.dist-info/METADATA"),
        ];
        self.wheel(name, version, "py3-none-any", &entries.each_ref().map(String::as_str))
    }

    /// A requirement of the last distribution.
    fn requires(mut self, name: &str, specifiers: &str) -> Self {
        let wheel = self.wheels.last_mut().expect("a distribution");
        let as_spelt = format!("{name}{specifiers}");
        wheel.requires_dist.push(as_spelt.clone());
        let (name, specifiers) = (name.parse().expect("a name"), specifiers.parse().expect("specifiers"));
        wheel.requires.push(NeededDistribution { name, specifiers, as_spelt, excluded: false });
        self
    }

    fn below(mut self, name: &str, of: &str) -> Self {
        self.below.push((name.parse().expect("a name"), version(of)));
        self
    }

    fn layer(&self) -> Layer<'_> {
        fn placed(file: &File) -> PlacedFile<'_> {
            let File { entry, place, mode, binary } = file;
            PlacedFile {
                entry,
                place: Cow::Borrowed(place),
                mode: *mode,
                binary: binary.as_ref(),
                opens_libraries: false,
            }
        }
        let wheels = self.wheels.iter().map(|wheel| WheelFacts {
            name: &wheel.name,
            version: &wheel.version,
            tags: Cow::Borrowed(&wheel.tags),
            variant: None,
            origin: Origin::Unverified,
            requires_python: None,
            requires_dist: &wheel.requires_dist,
            files: wheel.files.iter().map(placed).collect(),
        });
        let folders = self.folders.iter().map(|(entry, mode)| PlacedFolder {
            entry,
            place: Cow::Owned(format!("{}/{entry}", self.root)),
            mode: *mode,
        });
        Layer::new(wheels.collect(), self.loose.iter().map(placed).collect(), self, Given::default())
            .with_folders(folders.collect())
    }

    fn with_surroundings<T>(&self, judge: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        const STANDARD: [&str; 7] = ["asyncio", "enum", "math", "random", "test", "time", "typing"];
        let requirements = |wheel: &WheelFacts<'_>, _: &Target| {
            let of = self.wheels.iter().find(|of| of.name == *wheel.name).expect("a distribution of the test");
            of.requires.clone()
        };
        judge(&Surroundings {
            is_standard_module: &|name, _| STANDARD.contains(&name),
            requirements: &requirements,
            below: &self.below,
        })
    }

    fn findings(&self, target: &Target) -> Vec<Finding> {
        self.with_surroundings(|surroundings| judge_layer(&self.layer(), target, surroundings))
    }

    /// A line per finding.
    fn on(&self, runtime: &str, arch: Arch) -> String {
        let findings = self.findings(&target(runtime, arch));
        assert!(findings.is_sorted(), "{findings:?}");
        for finding in &findings {
            assert!(finding.source.as_ref().is_some_and(|source| !source.is_empty()), "{finding:?}");
            assert!(finding.help.as_ref().is_some_and(|help| !help.is_empty()), "{finding:?}");
        }
        lines(&findings)
    }

    /// The same on python3.12 · arm64.
    fn said(&self) -> String {
        self.on("python3.12", Arch::Arm64)
    }
}

impl Contents for Held {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        self.bytes.get(place).cloned()
    }
}

fn lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let entry = finding.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
        format!("{} {} {entry}{}", finding.severity, finding.code, finding.message)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}
