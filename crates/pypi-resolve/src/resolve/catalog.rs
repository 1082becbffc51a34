//! What is known of every name: the rules that the requirement lines set for it, and its releases, asked for once.
//!
//! The catalog is shared by the search and by the thread that runs ahead of it to fetch METADATA.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use lambda_compat::{Code, Origin, Target};
use pep440_rs::Version;
use pep508_rs::{ExtraName, MarkerEnvironment, MarkerTree};
use wheel_archive::{Metadata, Sha256, with_slashes};
use wheel_tags::DistName;

use super::Packages;
use super::below::{self, BelowPackage};
use super::candidate::{Files, Releases, Rules, Wheel};
use super::error::{Report, ResolveError};
use super::graph::Package;
use super::versions::{pinned, range};
use super::wants::{LocalWheel, Policy, Preference, Wants};
use crate::index::{IndexError, IndexFile};
use crate::requirements::{DirectUrl, HashDigest, Requirement, RequirementSource, marker_environment};

/// Everything that is the same for the whole resolution.
pub(super) struct Catalog<'a> {
    packages: &'a dyn Packages,
    pub(super) target: Target,
    pub(super) policy: &'a Policy,
    environment: MarkerEnvironment,
    /// The requirement lines that apply to the target, overrides already in their place.
    pub(super) roots: Vec<Requirement>,
    constraints: Vec<Requirement>,
    overrides: BTreeMap<DistName, Vec<Requirement>>,
    excludes: BTreeSet<DistName>,
    excluded_roots: Vec<Requirement>,
    excluded_local: BTreeMap<DistName, String>,
    local: BTreeMap<DistName, Vec<LocalWheel>>,
    below: BTreeMap<DistName, BelowPackage>,
    preferences: BTreeMap<DistName, Version>,
    urls: BTreeMap<DistName, IndexFile>,
    known: Mutex<HashMap<DistName, Arc<Releases>>>,
}

impl<'a> Catalog<'a> {
    pub(super) fn new(
        wants: &Wants,
        target: &Target,
        packages: &'a dyn Packages,
        policy: &'a Policy,
    ) -> Result<Self, ResolveError> {
        let environment = marker_environment(target);
        let applies = |r: &&Requirement| r.marker.evaluate(&environment, &[]);
        let mut overrides: BTreeMap<DistName, Vec<Requirement>> = BTreeMap::new();
        for line in &wants.overrides {
            let lines = overrides.entry(line.name.clone()).or_default();
            lines.extend(Some(line).filter(applies).cloned());
        }
        let below = below::by_name(&wants.below);
        below::refuse_others(&wants.local, &below)?;
        let active: Vec<_> = wants.requirements.iter().filter(applies).cloned().collect();
        let mut catalog = Self {
            packages,
            target: *target,
            policy,
            constraints: wants.constraints.iter().filter(applies).cloned().collect(),
            environment: environment.clone(),
            roots: Vec::new(),
            overrides,
            excludes: wants.excludes.clone(),
            excluded_roots: active.iter().filter(|line| wants.excludes.contains(&line.name)).cloned().collect(),
            excluded_local: wants
                .local
                .iter()
                .filter(|wheel| wants.excludes.contains(&wheel.filename.name))
                .map(|wheel| (wheel.filename.name.clone(), with_slashes(&wheel.path)))
                .collect(),
            local: local_wheels(&wants.local, |name| wants.excludes.contains(name) || below.contains_key(name))?,
            below,
            preferences: wants.preferences.clone(),
            urls: BTreeMap::new(),
            known: Mutex::default(),
        };
        catalog.roots = active.iter().flat_map(|r| catalog.overridden(r)).collect();
        catalog.urls = catalog.named_addresses()?;
        Ok(catalog)
    }

    /// The lines that stand in for a requirement: itself, or the overrides of its package with its extras; none where
    /// its package is excluded.
    pub(super) fn overridden(&self, requirement: &Requirement) -> Vec<Requirement> {
        if self.excludes.contains(&requirement.name) {
            return Vec::new();
        }
        match self.overrides.get(&requirement.name) {
            None => vec![requirement.clone()],
            Some(lines) => lines
                .iter()
                .map(|line| {
                    let mut line = line.clone();
                    line.extras.extend(requirement.extras.iter().cloned());
                    line
                })
                .collect(),
        }
    }

    /// Whether a package is not to be taken, whoever requires it.
    pub(super) fn is_excluded(&self, name: &DistName) -> bool {
        self.excludes.contains(name)
    }

    /// All that is not to be taken, and the requirement lines that would ask for it.
    pub(super) fn excludes(&self) -> impl Iterator<Item = (&DistName, impl Iterator<Item = String>)> {
        self.excludes.iter().map(|name| {
            let lines = self.excluded_roots.iter().filter(move |line| line.name == *name);
            let lines = lines.map(|line| line.place.to_string());
            (name, lines.chain(self.excluded_local.get(name).cloned()))
        })
    }

    /// Whether a marker holds on the target when this extra is asked for, and not already without it.
    pub(super) fn applies(&self, marker: &MarkerTree, extra: Option<&ExtraName>) -> bool {
        let plain = marker.evaluate(&self.environment, &[]);
        match extra {
            None => plain,
            Some(extra) => !plain && marker.evaluate(&self.environment, std::slice::from_ref(extra)),
        }
    }

    /// Whether only one file or address can give this name.
    pub(super) fn is_fixed(&self, name: &DistName) -> bool {
        self.below.contains_key(name) || self.local.contains_key(name) || self.urls.contains_key(name)
    }

    /// The package of this name in the layers below.
    pub(super) fn below(&self, name: &DistName) -> Option<&BelowPackage> {
        self.below.get(name)
    }

    /// The versions that are taken before newer ones.
    pub(super) fn preferences(&self) -> &BTreeMap<DistName, Version> {
        &self.preferences
    }

    /// The names that local wheels bring.
    pub(super) fn local_names(&self) -> impl Iterator<Item = &DistName> {
        self.local.keys()
    }

    /// The file that gives a local name.
    pub(super) fn local_file(&self, package: &Package) -> String {
        let wheel = package.name().and_then(|name| self.local.get(name)?.first());
        wheel.map_or_else(|| package.to_string(), |wheel| with_slashes(&wheel.path))
    }

    /// Whether a requirement that names a file or address gets exactly that: from a requirement line or a local wheel.
    pub(super) fn provides(&self, requirement: &Requirement) -> bool {
        match &requirement.source {
            RequirementSource::Index => true,
            _ if self.below.contains_key(&requirement.name) => true,
            RequirementSource::Path(_) => self.local.contains_key(&requirement.name),
            RequirementSource::Url { url, .. } => {
                self.local.contains_key(&requirement.name)
                    || self.urls.get(&requirement.name).is_some_and(|file| file.url == url.as_str())
            }
        }
    }

    /// Everything known of a name. [`Files::Unknown`] where no index knows it.
    pub(super) fn releases(&self, name: &DistName) -> Result<Arc<Releases>, IndexError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(releases) = known().get(name) {
            return Ok(Arc::clone(releases));
        }
        let files = if let Some(below) = self.below.get(name) {
            below.files()
        } else if let Some(wheels) = self.local.get(name) {
            Files::Local(wheels.clone())
        } else if let Some(file) = self.urls.get(name) {
            Files::Url(Box::new(file.clone()))
        } else {
            match self.packages.project(name) {
                Ok(project) => Files::Index(project),
                Err(IndexError::UnknownProject { asked, .. }) => Files::Unknown { asked },
                Err(error) => return Err(error),
            }
        };
        let releases = Arc::new(Releases::new(files, self.rules(name)));
        // The thread that runs ahead may have been here first: everybody uses what is there.
        Ok(Arc::clone(known().entry(name.clone()).or_insert(releases)))
    }

    /// How many names are known.
    pub(super) fn count(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn metadata(&self, wheel: Wheel<'_>) -> Result<Arc<Metadata>, IndexError> {
        match wheel {
            Wheel::Listed(file, _) => self.packages.metadata(file),
            Wheel::Local(local) => Ok(Arc::clone(&local.metadata)),
        }
    }

    pub(super) fn prefetch(&self, name: &DistName) {
        if !self.is_fixed(name) {
            self.packages.prefetch(name);
        }
    }

    pub(super) fn prefetch_metadata(&self, wheel: Wheel<'_>) {
        if let Some(file) = wheel.listed() {
            self.packages.prefetch_metadata(file);
        }
    }

    fn rules(&self, name: &DistName) -> Rules {
        let about = |lines: &'_ [Requirement]| lines.iter().filter(|r| r.name == *name).cloned().collect::<Vec<_>>();
        let (roots, constraints) = (about(&self.roots), about(&self.constraints));
        let lines = || roots.iter().chain(&constraints).chain(self.overrides.get(name).into_iter().flatten());
        let mut hashes = BTreeMap::new();
        for line in lines() {
            for digest in line.hashes.iter().filter_map(HashDigest::sha256) {
                hashes.entry(digest).or_insert_with(|| line.place.clone());
            }
        }
        Rules {
            target: self.target,
            prereleases: self.policy.prereleases,
            preferred: self.preferences.get(name).cloned(),
            oldest_first: match self.policy.preference {
                Preference::Highest => false,
                Preference::Lowest => true,
                Preference::LowestDirect => !roots.is_empty(),
            },
            // An address is asked for as such, whenever its file was uploaded.
            cutoff: self.policy.cutoffs.of(name).filter(|_| !self.is_fixed(name)).cloned(),
            pinned: lines().flat_map(|r| r.specifiers.iter().filter_map(pinned).cloned()).collect(),
            constraints: constraints.iter().map(|r| (range(&r.specifiers), r.place.clone(), r.wanted())).collect(),
            // What is there is not downloaded.
            hashes: (self.policy.require_hashes || lines().any(|r| !r.hashes.is_empty()))
                .then_some(hashes)
                .filter(|_| !self.below.contains_key(name)),
        }
    }

    /// The lines that name an address, as files of which nothing else is known. What constraints and overrides name
    /// counts wherever their package is wanted.
    fn named_addresses(&self) -> Result<BTreeMap<DistName, IndexFile>, ResolveError> {
        let mut urls: BTreeMap<DistName, (IndexFile, &Requirement)> = BTreeMap::new();
        let overrides = self.overrides.values().flatten();
        for line in self.roots.iter().chain(overrides).chain(&self.constraints) {
            match &line.source {
                RequirementSource::Index => {}
                _ if self.below.contains_key(&line.name) => {}
                RequirementSource::Path(_) if self.local.contains_key(&line.name) => {}
                RequirementSource::Path(path) => {
                    let message = format!("{}: {} is not a wheel that can be read", line.place, with_slashes(path));
                    let help = "only wheels can be packed; build one and name its .whl file".to_owned();
                    return Err(Report::new(Code::Unsupported, message).help(Some(help)).into());
                }
                RequirementSource::Url { url, sha256 } => {
                    let file = named_file(line, url, *sha256)?;
                    match urls.get(&line.name) {
                        Some((other, by)) if other.url != file.url => {
                            let message = format!("{}: {} is to come from {url}", line.place, line.name);
                            let message = format!("{message}, and {} has it come from another address", by.place);
                            let help = "a layer holds one wheel of a package: remove one of the lines".to_owned();
                            return Err(Report::new(Code::Conflict, message).help(Some(help)).into());
                        }
                        Some((other, _)) if other.sha256.is_some() => {}
                        _ => _ = urls.insert(line.name.clone(), (file, line)),
                    }
                }
            }
        }
        Ok(urls.into_iter().map(|(name, (file, _))| (name, file)).collect())
    }
}

/// The wheel that a line names by its address.
fn named_file(line: &Requirement, url: &DirectUrl, sha256: Option<Sha256>) -> Result<IndexFile, ResolveError> {
    let refused = |why: String| {
        let help = "only wheels can be packed; build one and name its address or file".to_owned();
        let message = format!("{}: {} asks for {url}: {why}", line.place, line.name);
        ResolveError::from(Report::new(Code::Unsupported, message).help(Some(help)))
    };
    let filename = url.wheel().map_err(refused)?.ok_or_else(|| refused("it is not a wheel".to_owned()))?;
    let mut file = IndexFile::wheel(filename, url.as_str(), Origin::Unverified);
    let mut given = line.hashes.iter().filter_map(HashDigest::sha256);
    file.sha256 = sha256.or_else(|| given.next().filter(|first| given.all(|other| other == *first)));
    if file.sha256.is_none() && line.hashes.len() > 1 {
        let message = format!("{}: {} has several hashes for one address", line.place, line.name);
        let help = "keep the one of the file that the address names".to_owned();
        return Err(Report::new(Code::HashMismatch, message).help(Some(help)).into());
    }
    Ok(file)
}

/// Local wheels by name, but for those that are left out; two versions of one name cannot both be meant.
fn local_wheels(
    wheels: &[LocalWheel],
    is_left_out: impl Fn(&DistName) -> bool,
) -> Result<BTreeMap<DistName, Vec<LocalWheel>>, ResolveError> {
    let mut names: BTreeMap<DistName, Vec<LocalWheel>> = BTreeMap::new();
    for wheel in wheels.iter().filter(|wheel| !is_left_out(&wheel.filename.name)) {
        let others = names.entry(wheel.filename.name.clone()).or_default();
        if let Some(other) = others.iter().find(|o| o.filename.version != wheel.filename.version) {
            let message = format!(
                "{} and {} are two versions of {}",
                other.path.display(),
                wheel.path.display(),
                wheel.filename.name
            );
            let help = "a layer holds one version of a package: remove one of the files".to_owned();
            return Err(Report::new(Code::LocalVersions, message).help(Some(help)).into());
        }
        others.push(wheel.clone());
    }
    Ok(names)
}
