//! Installed distributions: the `.dist-info` folders of the places where Python looks
//! ([recording installed projects](https://packaging.python.org/en/latest/specifications/recording-installed-packages/)).
//!
//! What is vendored inside of a package is not installed, and not read. A damaged folder is a warning: the modules beside
//! it are imported all the same.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Code, Finding, Severity};
use wheel_archive::{EntryPath, Metadata, WheelInfo, recorded_paths};
use wheel_tags::{DistName, TagSet, Version};

use super::{Held, Layout};
use crate::LayerPath;

const SOURCE: &str = "https://packaging.python.org/en/latest/specifications/recording-installed-packages/";

/// A distribution that is installed in a layer or function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDistribution {
    /// Its `.dist-info` folder.
    pub dist_info: LayerPath,
    /// METADATA; of one that cannot be read the folder's name and version alone.
    pub metadata: Metadata,
    /// The tags of its WHEEL file together; `py3-none-any` where there are none, and then the bytes have the say.
    pub tags: TagSet,
    /// The minor version of Python in whose `site-packages` it lies, if it lies in one.
    pub minor: Option<u8>,
    /// The numbers of its files.
    pub(super) files: Vec<usize>,
}

/// A folder where some Python looks for modules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Site {
    /// Empty at a function's root, else with a slash at its end.
    prefix: String,
    minor: Option<u8>,
}

/// The distributions, and what is wrong with any of them.
pub(super) fn read(held: &Held) -> (Vec<HeldDistribution>, Vec<Finding>) {
    let mut folders: BTreeSet<(Site, &str)> = BTreeSet::new();
    for file in &held.files {
        let Some((site, below)) = site(held.kind, file.path.as_str()) else { continue };
        if let Some((folder, _)) = below.split_once('/').filter(|(folder, _)| folder.ends_with(".dist-info")) {
            folders.insert((site, folder));
        }
    }
    let mut findings = Vec::new();
    let mut distributions = Vec::new();
    let mut taken = vec![false; held.files.len()];
    for (site, folder) in folders {
        let mut reader = Reader { held, dist_info: format!("{}{folder}", site.prefix), findings: &mut findings };
        distributions.extend(reader.read(&site, folder, &mut taken));
    }
    let mut seen: BTreeMap<(Option<u8>, &DistName), &HeldDistribution> = BTreeMap::new();
    for distribution in &distributions {
        let Some(first) = seen.insert((distribution.minor, &distribution.metadata.name), distribution) else {
            continue;
        };
        let Metadata { name, version, .. } = &first.metadata;
        let message = format!("{name} is installed twice, as {version} and as {}", distribution.metadata.version);
        findings.push(
            Finding::warning(Code::DistInfo, message)
                .at(distribution.dist_info.as_str())
                .help("install into an empty folder: what is left of one version is mixed with the other")
                .source(SOURCE),
        );
    }
    (distributions, findings)
}

/// The site that a file lies in, and its path from there.
fn site(kind: Layout, path: &str) -> Option<(Site, &str)> {
    match kind {
        Layout::Function => Some((Site { prefix: String::new(), minor: None }, path)),
        Layout::Layer => {
            let below = path.strip_prefix("python/")?;
            let of_minor = below.strip_prefix("lib/python3.").and_then(|rest| {
                let (minor, rest) = rest.split_once('/')?;
                Some((minor.parse().ok()?, rest.strip_prefix("site-packages/")?))
            });
            let (minor, below) = of_minor.map_or((None, below), |(minor, below)| (Some(minor), below));
            let prefix = path.strip_suffix(below)?.to_owned();
            Some((Site { prefix, minor }, below))
        }
    }
}

/// The path of a file from the folder on `sys.path` on that it lies in.
pub(crate) fn below_sys_path(kind: Layout, path: &str) -> Option<&str> {
    site(kind, path).map(|(_, below)| below)
}

/// One `.dist-info` folder being read.
struct Reader<'h, 'f> {
    held: &'h Held,
    dist_info: String,
    findings: &'f mut Vec<Finding>,
}

impl Reader<'_, '_> {
    /// `taken` are the files that belong to a distribution already.
    fn read(&mut self, site: &Site, folder: &str, taken: &mut [bool]) -> Option<HeldDistribution> {
        let metadata = self.metadata(folder)?;
        let tags = self.tags();
        let mut files = Vec::new();
        let mut take = |number: usize| {
            if let Some(taken) = taken.get_mut(number).filter(|taken| !**taken) {
                *taken = true;
                files.push(number);
            }
        };
        for path in self.record() {
            let number = within(&site.prefix, &path).and_then(|path| self.held.number(&path));
            number.into_iter().for_each(&mut take);
        }
        // Whatever RECORD says, the folder itself is its own.
        let inside = format!("{}/", self.dist_info);
        let start = self.held.files.partition_point(|file| file.path.as_str() < inside.as_str());
        let files_inside = self.held.files.iter().enumerate().skip(start);
        files_inside
            .take_while(|(_, file)| file.path.as_str().starts_with(&inside))
            .for_each(|(number, _)| take(number));
        files.sort_unstable();
        let dist_info: EntryPath = self.dist_info.parse().ok()?;
        Some(HeldDistribution { dist_info: dist_info.into(), metadata, tags, minor: site.minor, files })
    }

    fn file(&self, name: &str) -> (String, Option<Vec<u8>>) {
        let path = format!("{}/{name}", self.dist_info);
        let bytes = self.held.bytes(&path);
        (path, bytes)
    }

    fn say(&mut self, severity: Severity, code: Code, path: &str, message: String) {
        self.findings.push(Finding::new(code, severity, message).at(path).source(SOURCE));
    }

    /// METADATA, or what the folder's name says; `None` where neither tells the project.
    fn metadata(&mut self, folder: &str) -> Option<Metadata> {
        let (path, bytes) = self.file("METADATA");
        let problem = match bytes.map(|bytes| Metadata::parse(&bytes)) {
            Some(Ok(metadata)) => return Some(metadata),
            Some(Err(error)) => error.to_string(),
            None => "there is no METADATA to be read".to_owned(),
        };
        let named = folder.strip_suffix(".dist-info").and_then(|stem| {
            let (name, version) = stem.rsplit_once('-')?;
            let (name, version): (DistName, Version) = (name.parse().ok()?, version.parse().ok()?);
            Some(Metadata {
                name,
                version,
                requires_python: None,
                unreadable_requires_python: None,
                requires_dist: Vec::new(),
                extras: Vec::new(),
            })
        });
        let message = format!("{problem}; what the distribution requires is not known");
        self.say(Severity::Warning, Code::Metadata, &path, message);
        named
    }

    fn tags(&mut self) -> TagSet {
        let (path, bytes) = self.file("WHEEL");
        let info = bytes.map(|bytes| WheelInfo::read(&bytes));
        let tags = match info {
            Some(Ok((info, _))) => info.tags,
            Some(Err(finding)) => {
                self.say(Severity::Warning, Code::WheelFile, &path, finding.message);
                Vec::new()
            }
            // Installed by something else than a wheel's installer, or slimmed.
            None => Vec::new(),
        };
        let mut set = TagSet { pythons: Vec::new(), abis: Vec::new(), platforms: Vec::new() };
        for tag in tags {
            push_new(&mut set.pythons, tag.python);
            push_new(&mut set.abis, tag.abi);
            push_new(&mut set.platforms, tag.platform);
        }
        if set.platforms.is_empty() { "py3-none-any".parse().expect("a compatibility tag") } else { set }
    }

    fn record(&mut self) -> Vec<String> {
        let (path, bytes) = self.file("RECORD");
        let Some(bytes) = bytes else {
            let message = "there is no RECORD: which files belong to the distribution cannot be told".to_owned();
            self.say(Severity::Note, Code::Record, &path, message);
            return Vec::new();
        };
        recorded_paths(&bytes).unwrap_or_else(|problem| {
            self.say(Severity::Warning, Code::Record, &path, problem);
            Vec::new()
        })
    }
}

fn push_new<T: PartialEq>(set: &mut Vec<T>, member: T) {
    if !set.contains(&member) {
        set.push(member);
    }
}

/// A path of RECORD from the root on. `pip install --target` installs into `lib/python` below a temporary folder and moves
/// what it finds there and beside it, but leaves RECORD as it was: `../../bin/x` is `bin/x`.
pub(super) fn within(site: &str, recorded: &str) -> Option<String> {
    let moved = || recorded.strip_prefix("../../").map(|rest| format!("{site}{rest}"));
    if recorded.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = site.split('/').filter(|part| !part.is_empty()).collect();
    for part in recorded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return moved();
                }
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_record_from_the_root_on() {
        let from = |site: &str, recorded: &str| within(site, recorded);
        assert_eq!(from("python/", "a/b.py").as_deref(), Some("python/a/b.py"));
        assert_eq!(from("", "a/b.py").as_deref(), Some("a/b.py"));
        assert_eq!(from("python/", "../../bin/a").as_deref(), Some("python/bin/a"));
        assert_eq!(from("", "../../bin/a").as_deref(), Some("bin/a"));
        let site = "python/lib/python3.12/site-packages/";
        assert_eq!(from(site, "../../../bin/a").as_deref(), Some("python/bin/a"));
        assert_eq!(from("python/", "../../../etc/passwd").as_deref(), Some("python/../etc/passwd"));
        assert_eq!(from("python/", "/etc/passwd"), None);
        assert_eq!(from("python/", "../../../../x").and_then(|path| path.parse::<EntryPath>().ok()), None);
    }
}
