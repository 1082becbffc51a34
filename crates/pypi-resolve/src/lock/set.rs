//! What a lock installs on one target: the one form that every kind of lock is brought into, and the way from there to
//! a [`Resolution`].
//!
//! Which packages are wanted was decided before, by the kind of lock; which wheel of a package fits is decided here,
//! and so is where the files of locks without addresses are.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_compat::{Code, Finding, Origin, Severity, Target};
use pep440_rs::{Version, VersionSpecifiers};
use wheel_archive::{Sha256, with_slashes};
use wheel_tags::{DistName, WheelFilename};

use super::error::LockError;
use crate::index::{IndexFile, IndexUrl, UploadTime};
use crate::requirements::{Place, SourceTree};
use crate::resolve::{Asker, Link, LocalWheel, Packages, Pin, PinSource, Resolution, misfit};

/// Every package that a lock installs on one target, each once.
#[derive(Debug)]
pub struct LockedSet {
    pub(super) file: PathBuf,
    pub(super) target: Target,
    pub(super) dists: BTreeMap<DistName, LockedDist>,
    /// What the project itself asks for, where the lock says so.
    pub(super) wanted: BTreeSet<DistName>,
    /// The project itself and projects on disk, each with what it is: they are not packed.
    left_out: BTreeMap<DistName, String>,
    /// What has no wheel because of where it comes from, with that.
    pub(super) unbuilt: BTreeMap<DistName, String>,
    /// What these are built from, as far as layerpack can have it built.
    trees: BTreeMap<DistName, SourceTree>,
    /// What could not be checked.
    pub(super) notes: Vec<Finding>,
}

/// One package of the set.
#[derive(Debug)]
pub(super) struct LockedDist {
    /// `None` only where there are no wheels either.
    pub(super) version: Option<Version>,
    pub(super) requires_python: Option<VersionSpecifiers>,
    /// The packages that it depends on here, as far as the lock says.
    pub(super) dependencies: BTreeSet<DistName>,
    pub(super) extras: BTreeSet<DistName>,
    /// The index that the lock names for it.
    pub(super) index: Option<IndexUrl>,
    pub(super) files: Files,
    /// What the lock has of it beside wheels, and layerpack does not build from.
    pub(super) other_source: Option<&'static str>,
    /// Where the lock has it.
    pub(super) place: Place,
}

/// Which files a locked package may come from.
#[derive(Debug)]
pub(super) enum Files {
    /// The lock says where its wheels are.
    Placed(Vec<PlacedWheel>),
    /// The lock names its wheels, each with its digest; the page of the project says where they are.
    Named(Vec<(WheelFilename, Sha256)>),
    /// The lock gives digests only: whichever wheels of the version have one of them.
    Digests(BTreeSet<Sha256>),
}

/// A wheel that can be fetched.
#[derive(Debug, Clone)]
pub(super) struct PlacedWheel {
    pub(super) filename: WheelFilename,
    pub(super) source: PinSource,
    /// `None` only where the lock has none.
    pub(super) sha256: Option<Sha256>,
    /// Bytes.
    pub(super) size: Option<u64>,
    pub(super) upload_time: Option<String>,
    /// Whether its tags were checked on upload.
    pub(super) origin: Origin,
}

/// The wheel that ranks highest, then the one with the higher build tag (PEP 427). A variant (PEP 825) is never taken:
/// its tags do not say all that it needs.
pub(super) fn best<'a, T>(
    wheels: impl IntoIterator<Item = (&'a WheelFilename, Origin, T)>,
    target: &Target,
) -> Option<T> {
    let plain = wheels.into_iter().filter(|(filename, _, _)| filename.variant.is_none());
    let ranked = plain.filter_map(|(filename, origin, wheel)| {
        let rank = target.rank(&filename.tags, origin).ok()?;
        Some(((rank, filename.build.as_ref()), wheel))
    });
    ranked.max_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, wheel)| wheel)
}

impl LockedSet {
    /// A set of nothing yet.
    pub(super) fn new(file: &Path, target: &Target, notes: Vec<Finding>) -> Self {
        let (dists, wanted) = (BTreeMap::new(), BTreeSet::new());
        let (left_out, unbuilt, trees) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { file: file.to_path_buf(), target: *target, dists, wanted, left_out, unbuilt, trees, notes }
    }

    /// Adds a package. Two entries of one name cannot both be meant.
    pub(super) fn add(&mut self, name: DistName, dist: LockedDist) -> Result<(), LockError> {
        match self.dists.entry(name) {
            Entry::Vacant(free) => {
                free.insert(dist);
                Ok(())
            }
            Entry::Occupied(taken) => {
                let (file, name, target) = (self.file.clone(), taken.key().clone(), Box::new(self.target));
                Err(LockError::Ambiguous { file, name, target })
            }
        }
    }

    /// Adds what is not packed.
    pub(super) fn leave_out(&mut self, name: DistName, what: String) {
        self.left_out.insert(name, what);
    }

    /// Adds what would have to be built: `line 12: its source`.
    pub(super) fn must_build(&mut self, name: DistName, what: String) {
        self.unbuilt.insert(name, what);
    }

    /// Says what a package that is not packed, or has no wheel, is built from.
    pub(super) fn built_from(&mut self, name: &DistName, tree: Option<SourceTree>) {
        self.trees.extend(tree.map(|tree| (name.clone(), tree)));
    }

    /// What can be built: each package, what from, and whether the lock has nothing else for it. A project that is left
    /// out need not be built.
    pub fn buildable(&self) -> impl Iterator<Item = (&DistName, &SourceTree, bool)> {
        self.trees.iter().map(|(name, tree)| (name, tree, self.unbuilt.contains_key(name)))
    }

    /// Takes the wheels that lie beside the lock: each must be one of the files that are locked for its name, or stand
    /// in for a project that is left out or would have to be built.
    ///
    /// # Errors
    ///
    /// [`LockError::StaleWheel`] for any other.
    pub fn take_local(&mut self, wheels: &[LocalWheel]) -> Result<(), LockError> {
        let mut standing_in: BTreeMap<&DistName, Vec<&LocalWheel>> = BTreeMap::new();
        for wheel in wheels {
            let name = &wheel.filename.name;
            if self.left_out.contains_key(name) || self.unbuilt.contains_key(name) {
                standing_in.entry(name).or_default().push(wheel);
            } else if !self.dists.get(name).is_some_and(|dist| dist.allows(&wheel.sha256)) {
                return Err(LockError::StaleWheel { wheel: wheel.path.clone(), file: self.file.clone() });
            }
        }
        for (name, wheels) in standing_in {
            self.left_out.remove(name);
            self.unbuilt.remove(name);
            self.dists.insert(name.clone(), LockedDist::of_local(&wheels));
        }
        Ok(())
    }

    /// The packages for which the lock names an index, where that has to be asked for their files.
    pub fn indexes(&self) -> impl Iterator<Item = (&DistName, &IndexUrl)> {
        let asking = self.dists.iter().filter(|(_, dist)| dist.needs_page());
        asking.filter_map(|(name, dist)| Some((name, dist.index.as_ref()?)))
    }

    /// A text that differs where anything differs that may be taken. It is for comparing, not for reading.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:?} {:?}", self.dists, self.left_out)
    }

    /// Of each package the wheel that fits best. Where a lock has no addresses, `packages` is asked for them, and what
    /// it lists must have a digest that the lock gives.
    ///
    /// # Errors
    ///
    /// [`LockError::Unbuildable`] with every package that has no wheel because of where it comes from;
    /// [`LockError::OtherTarget`] where a package is not for the target's Python; [`LockError::NoWheel`] with every
    /// package that has no wheel for the target, before any index is asked where the lock itself shows it;
    /// [`LockError::NotListed`], [`LockError::WrongDigest`], and what an index failed with.
    pub fn resolution(&self, packages: &dyn Packages) -> Result<Resolution, LockError> {
        if !self.unbuilt.is_empty() {
            let packages = self.unbuilt.iter().map(|(name, what)| format!("{name} ({what})")).collect();
            return Err(LockError::Unbuildable { file: self.file.clone(), packages });
        }
        let excluded = |(name, dist): (_, &LockedDist)| Some((name, dist.excluded_by(&self.target)?.clone()));
        if let Some((name, specifiers)) = self.dists.iter().find_map(excluded) {
            let why = format!("{name} requires Python {specifiers}");
            return Err(LockError::OtherTarget { file: self.file.clone(), target: Box::new(self.target), why });
        }
        let known = self.dists.iter().filter_map(|(name, dist)| {
            let wheels = dist.tags()?;
            let fits = dist.version.is_some()
                && best(wheels.iter().map(|&(f, origin)| (f, origin, ())), &self.target).is_some();
            (!fits).then(|| self.miss(name, dist, &wheels))
        });
        self.no_misses(known.collect())?;

        self.prefetch(packages);
        let mut pins = Vec::new();
        let mut misses = Vec::new();
        for (name, dist) in &self.dists {
            let wheels = dist.located(name, &self.target, packages)?;
            match self.pin(name, dist, &wheels) {
                Some(pin) => pins.push(pin),
                None => misses.push(self.miss(name, dist, &tags(&wheels))),
            }
        }
        self.no_misses(misses)?;
        Ok(self.resolved(pins))
    }

    /// Asks for the pages that say where files are.
    pub(super) fn prefetch(&self, packages: &dyn Packages) {
        for (name, _) in self.dists().filter(|(_, dist)| dist.needs_page()) {
            packages.prefetch(name);
        }
    }

    pub(super) fn dists(&self) -> impl Iterator<Item = (&DistName, &LockedDist)> {
        self.dists.iter()
    }

    /// The wheel of a package that fits best, if one does.
    pub(super) fn pin(&self, name: &DistName, dist: &LockedDist, wheels: &[PlacedWheel]) -> Option<Pin> {
        let version = dist.version.as_ref().filter(|_| dist.excluded_by(&self.target).is_none())?;
        let wheel = best(wheels.iter().map(|wheel| (&wheel.filename, wheel.origin, wheel)), &self.target)?;
        let mut pin = pin(name, version, dist, wheel, wheels);
        pin.dependencies.retain(|name| self.dists.contains_key(name));
        Some(pin)
    }

    /// These pins, and what there is to say of the lock.
    pub(super) fn resolved(&self, pins: Vec<Pin>) -> Resolution {
        let notes = self.notes.iter().cloned().chain(self.not_packed()).collect();
        let links = self.links(&pins);
        Resolution { target: self.target, pins, below: Vec::new(), notes, links }
    }

    /// Who asks for what, as far as the lock says. What nobody asks for, the lock itself does.
    fn links(&self, pins: &[Pin]) -> Vec<Link> {
        let needed: BTreeSet<&DistName> = pins.iter().flat_map(|pin| &pin.dependencies).collect();
        let by_lock = pins.iter().filter(|pin| self.wanted.contains(&pin.name) || !needed.contains(&pin.name));
        let place = || Place::new(self.file.display().to_string(), 0);
        let link = |from, to: &DistName| Link { from, to: to.clone(), wanted: to.to_string() };
        let by_lock = by_lock.map(|pin| link(Asker::Line(place()), &pin.name));
        let by_pins = pins
            .iter()
            .flat_map(|pin| pin.dependencies.iter().map(|to| link(Asker::Package(pin.name.clone(), None), to)));
        by_lock.chain(by_pins).collect()
    }

    fn no_misses(&self, packages: Vec<String>) -> Result<(), LockError> {
        if packages.is_empty() {
            return Ok(());
        }
        Err(LockError::NoWheel { file: self.file.clone(), target: Box::new(self.target), packages })
    }

    /// One line that names all that is left out.
    fn not_packed(&self) -> Option<Finding> {
        let named: Vec<String> = self.left_out.iter().map(|(name, what)| format!("{name} ({what})")).collect();
        let are = if named.len() == 1 { "is" } else { "are" };
        let message = format!("{}: {} {are} not packed", with_slashes(&self.file), named.join(", "));
        let help =
            "to have it in the layer, put its code under python/ of the source, or a wheel of it beside the lock";
        let finding = Finding::new(Code::NotPacked, Severity::Note, message).help(help);
        Some(finding).filter(|_| !named.is_empty())
    }

    /// A package without a fitting wheel, and what there is instead.
    fn miss(&self, name: &DistName, dist: &LockedDist, wheels: &[(&WheelFilename, Origin)]) -> String {
        let version = dist.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let instead = match (wheels.len(), dist.other_source) {
            (0, Some(source)) => format!("{source} only"),
            (0, None) => "no files".to_owned(),
            (1, _) => format!("its only wheel: {}", nearest_miss(wheels, &self.target)),
            (count, _) => format!("the nearest of its {count} wheels: {}", nearest_miss(wheels, &self.target)),
        };
        format!("{name}{version} ({instead})")
    }
}

impl LockedDist {
    /// A project whose wheels lie beside the lock.
    fn of_local(wheels: &[&LocalWheel]) -> Self {
        let placed = |wheel: &&LocalWheel| PlacedWheel {
            filename: wheel.filename.clone(),
            source: PinSource::Path(wheel.path.clone()),
            sha256: Some(wheel.sha256),
            size: Some(wheel.size),
            upload_time: None,
            origin: Origin::Unverified,
        };
        let first = wheels.first();
        Self {
            version: first.map(|wheel| wheel.filename.version.clone()),
            requires_python: first.and_then(|wheel| wheel.metadata.requires_python.clone()),
            dependencies: BTreeSet::new(),
            extras: BTreeSet::new(),
            index: None,
            files: Files::Placed(wheels.iter().map(placed).collect()),
            other_source: None,
            place: Place::new(first.map(|wheel| wheel.path.display().to_string()).unwrap_or_default(), 0),
        }
    }

    /// Its Requires-Python, where that excludes the target.
    pub(super) fn excluded_by(&self, target: &Target) -> Option<&VersionSpecifiers> {
        // Specifiers speak of releases: `>=3.15` admits the release candidate that a preview runtime has.
        let python = target.runtime.python_full.value.only_release();
        self.requires_python.as_ref().filter(|specifiers| !specifiers.contains(&python))
    }

    /// Whether a digest is among those that its file may have.
    fn allows(&self, sha256: &Sha256) -> bool {
        match &self.files {
            Files::Placed(wheels) => wheels.iter().any(|wheel| wheel.sha256.as_ref() == Some(sha256)),
            Files::Named(wheels) => wheels.iter().any(|(_, digest)| digest == sha256),
            Files::Digests(digests) => digests.contains(sha256),
        }
    }

    /// Whether a page has to be read for where its files are.
    pub(super) fn needs_page(&self) -> bool {
        !matches!(self.files, Files::Placed(_))
    }

    /// What the lock itself says of its wheels' tags, where it names them.
    pub(super) fn tags(&self) -> Option<Vec<(&WheelFilename, Origin)>> {
        match &self.files {
            Files::Placed(wheels) => Some(tags(wheels)),
            Files::Named(wheels) => Some(wheels.iter().map(|(filename, _)| (filename, Origin::Unverified)).collect()),
            Files::Digests(_) => None,
        }
    }
}

pub(super) fn tags(wheels: &[PlacedWheel]) -> Vec<(&WheelFilename, Origin)> {
    wheels.iter().map(|wheel| (&wheel.filename, wheel.origin)).collect()
}

/// Why the wheel that comes nearest to a target does not fit it.
fn nearest_miss(wheels: &[(&WheelFilename, Origin)], target: &Target) -> String {
    let misses = wheels
        .iter()
        .filter_map(|(filename, origin)| target.rank(&filename.tags, *origin).err())
        .min_by_key(|mismatches| misfit::distance(mismatches));
    misses.map_or_else(|| "a variant, of which tags do not say all".to_owned(), |mismatches| misfit::told(&mismatches))
}

fn pin(name: &DistName, version: &Version, dist: &LockedDist, wheel: &PlacedWheel, wheels: &[PlacedWheel]) -> Pin {
    let alternatives = wheels.iter().filter_map(|wheel| match &wheel.source {
        PinSource::Path(_) => None,
        PinSource::Index { url } | PinSource::Url(url) => Some(IndexFile {
            sha256: wheel.sha256,
            size: wheel.size,
            requires_python: dist.requires_python.clone().map(|specifiers| Arc::new(Ok(specifiers))),
            upload_time: wheel.upload_time.as_deref().map(UploadTime::new),
            ..IndexFile::wheel(wheel.filename.clone(), url.as_str(), wheel.origin)
        }),
    });
    Pin {
        name: name.clone(),
        version: version.clone(),
        wheel: wheel.filename.clone(),
        source: wheel.source.clone(),
        sha256: wheel.sha256,
        size: wheel.size,
        requires_python: dist.requires_python.clone(),
        dependencies: dist.dependencies.iter().cloned().collect(),
        extras: dist.extras.clone(),
        held_back: None,
        yanked: None,
        upload_time: wheel.upload_time.clone(),
        alternatives: alternatives.collect(),
    }
}
