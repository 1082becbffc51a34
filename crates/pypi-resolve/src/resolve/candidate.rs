//! The versions of one project, and which wheel of a version fits the target best, or why none does.
//!
//! A version is judged when somebody asks for it and only then: a project may have 2,000. Which versions are asked
//! for is the search's business (`provider`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use lambda_compat::{Mismatch, Origin, Rank, Target};
use pep440_rs::{Version, VersionSpecifiers};
use wheel_archive::Sha256;
use wheel_tags::{BuildTag, DistName, WheelFilename};

use super::cutoff::{Cutoff, Moment};
use super::misfit::{self, Distance};
use super::versions::{Range, admits_python};
use super::wants::{LocalWheel, Prereleases};
use crate::index::{FileKind, IndexFile, Project};
use crate::requirements::Place;

/// What one name must keep to on this target, beside the ranges that requirements give.
pub(super) struct Rules {
    pub(super) target: Target,
    pub(super) prereleases: Prereleases,
    /// The version that is taken before newer ones.
    pub(super) preferred: Option<Version>,
    /// Older versions are preferred.
    pub(super) oldest_first: bool,
    /// Files that were uploaded from then on are not taken.
    pub(super) cutoff: Option<Cutoff>,
    /// Versions that a requirement or constraint line pins: they may be taken though yanked (PEP 592).
    pub(super) pinned: Vec<Version>,
    /// Constraint lines, as ranges.
    pub(super) constraints: Vec<(Range, Place, String)>,
    /// The digests that requirement lines give, each with its line; `None`: any wheel will do.
    pub(super) hashes: Option<BTreeMap<Sha256, Place>>,
}

/// Why a wheel, or every wheel of a version, is not taken.
#[derive(Debug, Clone)]
pub(super) enum Unfit {
    /// Its tags do not fit the target.
    Tags(Vec<Mismatch>),
    /// Its Requires-Python excludes the target's Python.
    Python { wants: VersionSpecifiers, target: Target },
    /// It is yanked, and no line pins its version.
    Yanked(String),
    /// It was uploaded at this time, as the index spells it, and nothing so new is to be taken.
    TooNew { uploaded: String, cutoff: String },
    /// Nothing newer than a moment is to be taken, and the index does not say when it was uploaded.
    NoUploadTime { cutoff: String },
    /// No requirement line gives a digest for it, and every package must have one.
    NoHash,
    /// Its digest is not among those that requirement lines give, or not known.
    Hash(Box<WrongHash>),
    /// Its label (PEP 825) asks for more than tags say.
    Variant(String),
    /// The version has no wheel at all.
    OnlySdist,
    /// A constraint excludes the version: its line, and what that says.
    Constrained(Place, String),
    /// A pre-release, and none are allowed.
    Prerelease,
}

/// A wheel against the digests that requirement lines give.
#[derive(Debug, Clone)]
pub(super) struct WrongHash {
    /// What its index says; `None`: nothing.
    pub(super) has: Option<Sha256>,
    /// The first of the digests given, and its line.
    given: (Sha256, Place),
    /// How many others are given.
    others: usize,
    /// It would be taken otherwise.
    fits: bool,
}

impl fmt::Display for WrongHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (given, line) = &self.given;
        let Some(has) = &self.has else {
            return write!(f, "has no sha256 on its index that the --hash of {line} could be held against");
        };
        write!(f, "has sha256 {has}; {line} gives {given}")?;
        match self.others {
            0 => Ok(()),
            others => write!(f, " and {others} more"),
        }
    }
}

impl Unfit {
    /// Another runtime or architecture could take it.
    pub(super) fn is_target(&self) -> bool {
        matches!(self, Self::Tags(_) | Self::Python { .. })
    }

    /// How far from being taken a wheel is, the least first.
    pub(super) fn distance(&self) -> Distance {
        match self {
            Self::Tags(mismatches) => misfit::distance(mismatches),
            Self::Hash(wrong) => (!wrong.fits, 0, 0),
            _ => (false, 0, 0),
        }
    }

    /// The reason as it is told of several wheels at once.
    pub(super) fn told_of_several(&self) -> String {
        match self {
            Self::Tags(mismatches) => misfit::told_of_several(mismatches),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags(mismatches) => f.write_str(&misfit::told(mismatches)),
            Self::Python { wants, target } => needs_python(f, wants, target),
            Self::Yanked(why) if why.is_empty() => f.write_str("is yanked"),
            Self::Yanked(why) => write!(f, "is yanked: {why}"),
            Self::TooNew { uploaded, cutoff } => {
                let uploaded = Moment::parse(uploaded).map_or_else(|| uploaded.clone(), |time| time.to_string());
                write!(f, "was uploaded {uploaded}, too late for {cutoff}")
            }
            Self::NoUploadTime { cutoff } => {
                write!(f, "has no upload time on its index, which {cutoff} needs")
            }
            Self::NoHash => f.write_str("has no --hash in the requirements, and every package must have one"),
            Self::Hash(wrong) => wrong.fmt(f),
            Self::Variant(label) => {
                write!(f, "is a variant, `{label}`, and nothing says whether Lambda has what it needs")
            }
            Self::OnlySdist => f.write_str("has only a source distribution"),
            Self::Constrained(place, text) => write!(f, "is excluded by {place}: {text}"),
            Self::Prerelease => f.write_str("is a pre-release"),
        }
    }
}

/// `needs Python >=3.13; python3.12 has 3.12.13`.
pub(super) fn needs_python(f: &mut fmt::Formatter<'_>, wants: &VersionSpecifiers, target: &Target) -> fmt::Result {
    write!(f, "needs Python {wants}; {} has {}", target.runtime.name, target.runtime.python_full.value)
}

/// Where a project's wheels come from.
pub(super) enum Files {
    /// An index or `--find-links`.
    Index(Arc<Project>),
    /// Local wheels; no index is asked.
    Local(Vec<LocalWheel>),
    /// The address that a requirement names.
    Url(Box<IndexFile>),
    /// Nobody of these knows the project.
    Unknown { asked: Vec<String> },
}

/// One wheel on offer.
#[derive(Clone, Copy)]
pub(super) enum Wheel<'a> {
    Listed(&'a IndexFile, &'a WheelFilename),
    Local(&'a LocalWheel),
}

impl<'a> Wheel<'a> {
    fn of(file: &'a IndexFile) -> Option<Self> {
        match &file.kind {
            FileKind::Wheel(filename) => Some(Self::Listed(file, filename)),
            _ => None,
        }
    }

    pub(super) fn filename(self) -> &'a WheelFilename {
        match self {
            Self::Listed(_, filename) => filename,
            Self::Local(wheel) => &wheel.filename,
        }
    }

    pub(super) fn listed(self) -> Option<&'a IndexFile> {
        match self {
            Self::Listed(file, _) => Some(file),
            Self::Local(_) => None,
        }
    }

    pub(super) fn sha256(self) -> Option<Sha256> {
        match self {
            Self::Listed(file, _) => file.sha256,
            Self::Local(wheel) => Some(wheel.sha256),
        }
    }

    pub(super) fn requires_python(self) -> Option<&'a VersionSpecifiers> {
        match self {
            // One that is no specifier set is ignored, as pip does; METADATA has its own say later.
            Self::Listed(file, _) => file.requires_python.as_deref()?.as_ref().ok(),
            Self::Local(wheel) => wheel.metadata.requires_python.as_ref(),
        }
    }

    fn origin(self) -> Origin {
        match self {
            Self::Listed(file, _) => file.origin,
            Self::Local(_) => Origin::Unverified,
        }
    }

    /// How well it fits a target; greater is better.
    pub(super) fn judge(self, rules: &Rules, target: &Target) -> Result<(Rank, Option<&'a BuildTag>), Unfit> {
        self.allowed(rules)?;
        self.fits(target)
    }

    /// Whether it may be taken on any target at all.
    pub(super) fn allowed(self, rules: &Rules) -> Result<(), Unfit> {
        let filename = self.filename();
        if let Some(label) = &filename.variant {
            return Err(Unfit::Variant(label.clone()));
        }
        if let Some(why) = self.listed().and_then(|f| f.yanked.as_ref())
            && !rules.pinned.contains(&filename.version)
        {
            return Err(Unfit::Yanked(why.clone()));
        }
        self.old_enough(rules)?;
        let Some(hashes) = &rules.hashes else { return Ok(()) };
        let Some((given, line)) = hashes.first_key_value() else { return Err(Unfit::NoHash) };
        let has = self.sha256();
        if has.is_some_and(|sha256| hashes.contains_key(&sha256)) {
            return Ok(());
        }
        Err(Unfit::Hash(Box::new(WrongHash {
            has,
            given: (*given, line.clone()),
            others: hashes.len() - 1,
            fits: self.fits(&rules.target).is_ok(),
        })))
    }

    /// Files on disk count whenever they were written, as in pip and uv.
    fn old_enough(self, rules: &Rules) -> Result<(), Unfit> {
        let (Some(cutoff), Some(file)) = (&rules.cutoff, self.listed()) else { return Ok(()) };
        if file.url.starts_with("file:") {
            return Ok(());
        }
        let said = || cutoff.said.clone();
        let uploaded = file.upload_time.as_ref().map(ToString::to_string);
        match uploaded.map(|time| (Moment::parse(&time), time)) {
            Some((Some(time), _)) if time < cutoff.moment => Ok(()),
            Some((Some(_), uploaded)) => Err(Unfit::TooNew { uploaded, cutoff: said() }),
            _ => Err(Unfit::NoUploadTime { cutoff: said() }),
        }
    }

    /// Whether its tags fit a target, whatever its Requires-Python says.
    pub(super) fn fits_by_tags(self, target: &Target) -> bool {
        target.rank(&self.filename().tags, self.origin()).is_ok()
    }

    /// Whether it fits a target, and its tags say all that it needs.
    pub(super) fn fits_plainly(self, target: &Target) -> bool {
        self.filename().variant.is_none() && self.fits(target).is_ok()
    }

    /// How well it fits a target, whatever else stands against it.
    pub(super) fn fits(self, target: &Target) -> Result<(Rank, Option<&'a BuildTag>), Unfit> {
        let python = &target.runtime.python_full.value;
        if let Some(wants) = self.requires_python()
            && !admits_python(wants, python)
        {
            return Err(Unfit::Python { wants: wants.clone(), target: *target });
        }
        let rank = target.rank(&self.filename().tags, self.origin()).map_err(Unfit::Tags)?;
        Ok((rank, self.filename().build.as_ref()))
    }
}

/// One version of a project.
pub(super) struct Release {
    pub(super) version: Version,
    /// Which of the project's files are wheels of this version, in their order.
    wheels: Vec<usize>,
    /// Versions of a lower rank are taken first.
    rank: u16,
    choice: OnceLock<Result<usize, Vec<Unfit>>>,
}

/// Everything known of one name.
pub(super) struct Releases {
    pub(super) files: Files,
    /// Its versions, the newest first.
    pub(super) newest_first: Vec<Release>,
    pub(super) rules: Rules,
}

impl Releases {
    pub(super) fn new(files: Files, rules: Rules) -> Self {
        let mut wheels: BTreeMap<Version, Vec<usize>> = BTreeMap::new();
        match &files {
            Files::Index(project) => {
                for (index, file) in project.files.iter().enumerate() {
                    match &file.kind {
                        FileKind::Wheel(filename) => wheels.entry(filename.version.clone()).or_default().push(index),
                        FileKind::Sdist { version } => _ = wheels.entry(version.clone()).or_default(),
                        FileKind::Other { .. } => {}
                    }
                }
            }
            Files::Local(local) => {
                for (index, wheel) in local.iter().enumerate() {
                    wheels.entry(wheel.filename.version.clone()).or_default().push(index);
                }
            }
            Files::Url(file) => {
                if let Some(version) = file.version() {
                    wheels.entry(version.clone()).or_default().push(0);
                }
            }
            Files::Unknown { .. } => {}
        }
        let rank = |wheels: &[usize]| match &files {
            Files::Index(project) if project.earlier_first => {
                wheels.iter().filter_map(|&index| project.files.get(index)).map(|file| file.rank).min().unwrap_or(0)
            }
            _ => 0,
        };
        let newest_first = wheels
            .into_iter()
            .rev()
            .map(|(version, wheels)| Release { version, rank: rank(&wheels), wheels, choice: OnceLock::new() })
            .collect();
        Self { files, newest_first, rules }
    }

    /// The project, where an index has it.
    pub(super) fn project(&self) -> Option<&Project> {
        match &self.files {
            Files::Index(project) => Some(project),
            _ => None,
        }
    }

    fn wheel(&self, index: usize) -> Option<Wheel<'_>> {
        match &self.files {
            Files::Index(project) => Wheel::of(project.files.get(index)?),
            Files::Local(wheels) => wheels.get(index).map(Wheel::Local),
            Files::Url(file) => Wheel::of(file),
            Files::Unknown { .. } => None,
        }
    }

    /// The project, as the files of one of its versions name it.
    pub(super) fn name<'a>(&'a self, release: &'a Release) -> Option<&'a DistName> {
        let of_index = match &self.files {
            Files::Index(project) => Some(&project.name),
            _ => None,
        };
        of_index.or_else(|| self.wheels(release).next().map(|wheel| &wheel.filename().name))
    }

    /// All wheels of a version.
    pub(super) fn wheels<'a>(&'a self, release: &'a Release) -> impl Iterator<Item = Wheel<'a>> {
        release.wheels.iter().filter_map(|&index| self.wheel(index))
    }

    /// The best wheel of a version for the target, or why there is none: one reason per wheel, or one for all.
    pub(super) fn best<'a>(&'a self, release: &'a Release) -> Result<Wheel<'a>, &'a [Unfit]> {
        match release.choice.get_or_init(|| self.choose(release)) {
            Ok(index) => self.wheel(*index).ok_or(&[]),
            Err(reasons) => Err(reasons),
        }
    }

    fn choose(&self, release: &Release) -> Result<usize, Vec<Unfit>> {
        let excludes = |(range, ..): &&(Range, Place, String)| !range.contains(&release.version);
        if let Some((_, place, text)) = self.rules.constraints.iter().find(excludes) {
            return Err(vec![Unfit::Constrained(place.clone(), text.clone())]);
        }
        if self.rules.prereleases == Prereleases::Disallow && release.version.any_prerelease() {
            return Err(vec![Unfit::Prerelease]);
        }
        if release.wheels.is_empty() {
            return Err(vec![Unfit::OnlySdist]);
        }
        let mut best: Option<((Rank, Option<&BuildTag>), usize)> = None;
        let mut reasons = Vec::new();
        for &index in &release.wheels {
            let Some(wheel) = self.wheel(index) else { continue };
            match wheel.judge(&self.rules, &self.rules.target) {
                // Of equals the first listed stays.
                Ok(rank) if best.as_ref().is_none_or(|(best, _)| rank > *best) => best = Some((rank, index)),
                Ok(_) => {}
                Err(reason) => reasons.push(reason),
            }
        }
        best.map(|(_, index)| index).ok_or(reasons)
    }

    /// The release of exactly this version.
    pub(super) fn find(&self, version: &Version) -> Option<&Release> {
        let at = self.newest_first.binary_search_by(|r| version.cmp(&r.version)).ok()?;
        self.newest_first.get(at)
    }

    /// The releases of a range that can be used, the one to take first: the preferred one, then those of earlier indexes
    /// where that counts, then final releases before pre-releases where the policy says so, newer before older or the
    /// other way round.
    pub(super) fn usable<'a>(&'a self, range: &'a Range) -> impl Iterator<Item = &'a Release> {
        let finals_first = self.rules.prereleases == Prereleases::IfNecessaryOrExplicit;
        let preferred = self.rules.preferred.as_ref();
        let first = preferred.filter(|version| range.contains(version)).and_then(|version| self.find(version));
        let (last, oldest_first) = (self.newest_first.len().wrapping_sub(1), self.rules.oldest_first);
        let in_order = move |at: usize| self.newest_first.get(if oldest_first { last.wrapping_sub(at) } else { at });
        let others = move |r: &&Release| range.contains(&r.version) && preferred != Some(&r.version);
        let last_rank = self.newest_first.iter().map(|release| release.rank).max().unwrap_or(0);
        let of_rank = move |rank: u16| {
            let in_range = move || {
                (0..self.newest_first.len()).filter_map(in_order).filter(move |r| r.rank == rank).filter(others)
            };
            let finals = in_range().filter(move |r| !(finals_first && r.version.any_prerelease()));
            finals.chain(in_range().filter(move |r| finals_first && r.version.any_prerelease()))
        };
        first.into_iter().chain((0..=last_rank).flat_map(of_rank)).filter(|r| self.best(r).is_ok())
    }
}

/// The reason of the wheel that comes nearest to the target, for a message: the one that most likely would have been
/// taken. A macOS wheel says nothing about why Linux cannot have a version.
pub(super) fn nearest(reasons: &[Unfit]) -> Option<&Unfit> {
    reasons.iter().min_by_key(|reason| reason.distance())
}
