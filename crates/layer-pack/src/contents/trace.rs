//! A finished layer held against the wheels that it should be made of: every file goes back to one wheel, by its sha256
//! and the line of the wheel's RECORD that lists it, or it is a finding.
//!
//! What the wheels would give is a [`LayerPlan`], whose wheels were inspected: their RECORDs are known to be true. RECORD
//! itself is written anew for every layer, so that one which differs is held against the layer's own files.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use lambda_compat::{Code, Finding};
use wheel_archive::{Recorded, Sha256, recorded, settled};
use wheel_tags::DistName;

use super::distribution::within;
use super::{Held, HeldDistribution};
use crate::{Entry, LayerPlan, Layout};

/// What installers write into a `.dist-info` folder besides what the wheel brings.
const BY_INSTALLERS: [&str; 4] = ["INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"];

/// Where the files of a layer come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Files that go back to a wheel, or to the layer's source.
    pub traced: usize,
    /// What does not, sorted: files that nobody brought (LP430), that are not what the wheel has (LP431), and files and
    /// packages that are missing (LP432); a RECORD that is not true of the layer (LP224, LP225).
    pub findings: Vec<Finding>,
}

impl Held {
    /// Traces every file to the wheels of a plan, which has to be of the same [`Layout`](crate::Layout). Files of the plan that belong to no package may be missing.
    ///
    /// # Errors
    /// When a file of the layer cannot be read.
    pub fn trace(&self, plan: &LayerPlan<'_>) -> io::Result<Trace> {
        let digests = self.digests()?;
        let mut tracing = Tracing::new(self, plan, &digests);
        tracing.files();
        tracing.missing();
        let Tracing { traced, findings, .. } = tracing;
        Ok(Trace { traced, findings: settled(findings) })
    }
}

struct Tracing<'a> {
    held: &'a Held,
    plan: &'a LayerPlan<'a>,
    digests: &'a [Sha256],
    /// The plan's entries by the path that they have in what is held.
    seen: BTreeSet<&'a str>,
    /// The true lines of those RECORDs that are not the plan's; by package.
    records: BTreeMap<&'a DistName, BTreeSet<String>>,
    traced: usize,
    findings: Vec<Finding>,
}

impl<'a> Tracing<'a> {
    fn new(held: &'a Held, plan: &'a LayerPlan<'a>, digests: &'a [Sha256]) -> Self {
        let (seen, records, findings) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        Self { held, plan, digests, seen, records, traced: 0, findings }
    }

    /// The plan's entry for a path of what is held, whichever of Lambda's places for packages it lies in.
    fn planned(&self, path: &str) -> Option<&'a Entry<'a>> {
        let entries = self.plan.entries();
        let find = |path: &str| entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok();
        let below = match self.held.kind() {
            Layout::Function => None,
            Layout::Layer => path.strip_prefix("python/lib/python3.").and_then(|rest| {
                let (_, rest) = rest.split_once('/')?;
                rest.strip_prefix("site-packages/")
            }),
        };
        let found = find(path).or_else(|| find(&format!("python/{}", below?)));
        found.and_then(|at| entries.get(at))
    }

    /// Every file that there is.
    fn files(&mut self) {
        let mut own: Vec<&str> = Vec::new();
        for (file, sha256) in self.held.files().iter().zip(self.digests) {
            let path = file.path.as_str();
            let Some(entry) = self.planned(path) else {
                if !self.is_by_installer(path) {
                    own.push(path);
                }
                continue;
            };
            self.seen.insert(entry.path.as_str());
            if file.link.is_none() && *sha256 == entry.content.sha256() {
                self.traced += 1;
            } else if let Some(distribution) = self.distribution_of_record(path).filter(|_| file.link.is_none()) {
                self.traced += 1;
                self.record(entry, distribution);
            } else {
                self.findings.push(altered(path, file.link.as_deref(), entry, sha256));
            }
        }
        match self.held.kind() {
            Layout::Layer => {
                let untraced = |path| {
                    let message = "this file comes from no wheel of the lock, and not from the layer's source";
                    Finding::error(Code::Untraced, message)
                        .at(path)
                        .help("build the layer anew from the lock, and see who changed it")
                };
                self.findings.extend(own.into_iter().map(untraced));
            }
            Layout::Function => self.findings.extend(own.first().map(|first| {
                let message = format!(
                    "{} that no wheel of the lock has: a function's own code, which a lock cannot vouch for",
                    counted(own.len())
                );
                Finding::warning(Code::Untraced, message).at(*first)
            })),
        }
    }

    /// Whether an installer writes this file, for a package that is in the plan.
    fn is_by_installer(&self, path: &str) -> bool {
        path.rsplit_once('/').is_some_and(|(folder, name)| {
            BY_INSTALLERS.contains(&name)
                && folder.ends_with(".dist-info")
                && self.planned(&format!("{folder}/METADATA")).is_some()
        })
    }

    fn distribution_of_record(&self, path: &str) -> Option<&'a HeldDistribution> {
        let folder = path.strip_suffix("/RECORD")?;
        self.held.distributions().iter().find(|distribution| distribution.dist_info.as_str() == folder)
    }

    /// A RECORD that is not the one that layerpack writes must be true of the files that are there.
    fn record(&mut self, entry: &'a Entry<'a>, distribution: &'a HeldDistribution) {
        let path = format!("{}/RECORD", distribution.dist_info);
        let rows = self.held.bytes(&path).ok_or_else(|| "RECORD cannot be read".to_owned());
        let rows = match rows.and_then(|bytes| recorded(&bytes)) {
            Ok(rows) => rows,
            Err(problem) => {
                self.findings.push(Finding::error(Code::Record, problem).at(path));
                return;
            }
        };
        let site = distribution.dist_info.folder().map(|folder| format!("{folder}/")).unwrap_or_default();
        let mut listed = BTreeSet::new();
        for row in rows {
            if let Some(place) = within(&site, &row.path) {
                self.findings.extend(self.row(&row, &place).map(|finding| finding.at(place.as_str())));
                listed.insert(place);
            } else {
                let message = format!("RECORD lists `{}`, which lies outside of the layer", row.path.escape_debug());
                self.findings.push(Finding::error(Code::RecordFiles, message).at(path.as_str()));
            }
        }
        let Some(package) = entry.package else { return };
        // Each file of the wheel that is there.
        for file in self.held.files() {
            let is_its_own = self.planned(file.path.as_str()).is_some_and(|entry| entry.package == Some(package));
            if is_its_own && !listed.contains(file.path.as_str()) {
                let message = format!("the RECORD of {package} does not list this file, which is there");
                self.findings.push(Finding::error(Code::RecordFiles, message).at(file.path.as_str()));
            }
        }
        self.records.insert(package, listed);
    }

    /// What is wrong with a line of a RECORD: the file that it lists is not there, or not as it says.
    fn row(&self, row: &Recorded, place: &str) -> Option<Finding> {
        let Some(number) = self.held.number(place) else {
            return Some(Finding::error(Code::RecordFiles, "RECORD lists this file, and it is not there"));
        };
        let (file, sha256) = (self.held.files().get(number)?, self.digests.get(number)?);
        let same_size = row.size.is_empty() || row.size == file.size.to_string();
        let same_bytes = row.digest.is_empty() || row.digest == sha256.record();
        (!same_size || !same_bytes).then(|| {
            Finding::error(Code::RecordDigest, "the file is not the one that its RECORD lists: size or digest differ")
        })
    }

    /// Everything that should be there and is not.
    fn missing(&mut self) {
        let mut missing: BTreeMap<&DistName, (Vec<&Entry<'a>>, usize)> = BTreeMap::new();
        for entry in self.plan.entries() {
            let Some(package) = entry.package else { continue };
            let (gone, there) = missing.entry(package).or_default();
            if self.seen.contains(entry.path.as_str()) {
                *there += 1;
            } else {
                gone.push(entry);
            }
        }
        for (package, (gone, there)) in missing {
            if there == 0 {
                let message = format!("{package} is locked, and nothing of it is there");
                self.findings.push(Finding::error(Code::Absent, message).help("build the layer anew from the lock"));
                continue;
            }
            let listed = self.records.get(package);
            let root = self.site_of(package);
            // Who takes files out of a layer on purpose takes them out of RECORD too.
            let slimmed = |entry: &&Entry<'_>| {
                let path = entry.path.as_str();
                let below = path.strip_prefix(self.held.kind().prefix()).unwrap_or(path);
                listed.is_some_and(|listed| !listed.contains(&format!("{root}{below}")))
            };
            let (slimmed, lost): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) = gone.into_iter().partition(slimmed);
            if let Some(first) = slimmed.first() {
                let message = format!("{} of {package} left out, as its RECORD says too", counted(slimmed.len()));
                self.findings.push(Finding::warning(Code::Absent, message).at(first.path.as_str()));
            }
            self.findings.extend(lost.into_iter().map(|entry| {
                let message = format!("{package} has this file, and it is missing");
                Finding::error(Code::Absent, message).at(entry.path.as_str())
            }));
        }
    }

    /// What the paths of a package begin with.
    fn site_of(&self, package: &DistName) -> String {
        let mut distributions = self.held.distributions().iter();
        let distribution = distributions.find(|distribution| distribution.metadata.name == *package);
        let folder = distribution.and_then(|distribution| distribution.dist_info.folder());
        folder.map(|folder| format!("{folder}/")).unwrap_or_default()
    }
}

fn altered(path: &str, link: Option<&str>, entry: &Entry<'_>, sha256: &Sha256) -> Finding {
    let expected = entry.content.sha256();
    let owner = entry.package.map_or_else(|| "the layer's source".to_owned(), ToString::to_string);
    let message = match link {
        Some(target) => format!("a link to `{}`, and {owner} has a file here", target.escape_debug()),
        None => format!("not the file of {owner}: it has the sha256 {sha256}, that of the wheel is {expected}"),
    };
    Finding::error(Code::Altered, message).at(path).help("build the layer anew from the lock, and see who changed it")
}

fn counted(files: usize) -> String {
    if files == 1 { "a file".to_owned() } else { format!("{files} files") }
}
