//! A choice held against what it must agree with: the layers below, the lock's source and options, the dates, and that
//! there is anything at all.

use lambda_compat::{Code, Target};
use pypi_resolve::lock::{LockKind, LockedSet, PyLock};
use pypi_resolve::resolve::{BelowPackage, Moment, Report, Resolution, Unmet};
use wheel_tags::{DistName, Version};

use crate::failure::Failure;
use crate::layer::{Asked, Chosen, LockFile};

impl Asked {
    /// What the layers below have is not packed again, though the lock has it as well; in another version it cannot be.
    pub(super) fn take_what_is_below(
        &self,
        resolution: &mut Resolution,
        lock: &LockFile,
        target: &Target,
    ) -> Result<(), Failure> {
        let wants = self.wants(target)?;
        for pin in &resolution.pins {
            let Some(there) = wants.there_below(&pin.name) else { continue };
            if there.version != pin.version {
                return Err(self.differs_below(lock, &pin.name, &pin.version, there));
            }
            resolution.below.push((pin.name.clone(), pin.version.clone()));
        }
        let is_below = |name: &DistName| wants.there_below(name).is_some();
        resolution.pins.retain(|pin| !is_below(&pin.name));
        for pin in &mut resolution.pins {
            pin.dependencies.retain(|name| !is_below(name));
        }
        resolution.links.retain(|link| !is_below(&link.to));
        Ok(())
    }

    /// What the layers below have is not looked at, though the lock has it as well; in another version it cannot be had.
    pub(super) fn leave_what_is_below(
        &self,
        set: &mut LockedSet,
        lock: &LockFile,
        target: &Target,
    ) -> Result<Vec<Unmet>, Failure> {
        let differing = set.leave_what_is_below(&self.wants(target)?);
        let unmet = |(name, version, there): (DistName, Version, BelowPackage)| {
            let Failure { code, message, help, .. } = self.differs_below(lock, &name, &version, &there);
            Unmet::Other(Report { code, message, package: Some(name), help })
        };
        Ok(differing.into_iter().map(unmet).collect())
    }

    /// That a lock and a layer below have one package in two versions.
    fn differs_below(&self, lock: &LockFile, name: &DistName, version: &Version, there: &BelowPackage) -> Failure {
        let (path, layer) = (lock.path.display(), &there.layer);
        let message = format!("{path} has {name} {version}, and {layer}, below, has {}", there.version);
        let command = match lock.kind {
            LockKind::Pylock => format!("layerpack lock {}", self.source.text()),
            kind => kind.command().to_owned(),
        };
        Failure::new(Code::StaleLock, message).help(format!(
            "the layers of a function share one {name}: lock again with {command}, so that both have one version"
        ))
    }

    /// A layer without a file is a mistake: every marker excludes the target.
    pub(super) fn is_something(
        &self,
        resolution: Resolution,
        target: &Target,
        from_lock: Option<String>,
    ) -> Result<Chosen, Failure> {
        if resolution.pins.is_empty() && !self.source.has_own_files() {
            if !resolution.below.is_empty() {
                let message = format!("{} adds nothing to the layers below: they have all of it", self.source.text());
                return Err(Failure::new(Code::NothingToBuild, message)
                    .help("leave the layer out, or name other layers with --on-top-of"));
            }
            return Err(match self.lock.as_ref().filter(|_| from_lock.is_some()) {
                None => {
                    Failure::new(Code::NothingToBuild, format!("{} names no package for {target}", self.source.text()))
                        .help("the markers of its lines exclude this target: see what follows each `;`")
                }
                Some(lock) => Failure::new(
                    Code::NothingToBuild,
                    format!("{} locks no package that is wanted on {target}", lock.path.display()),
                )
                .help(format!(
                    "see its project's dependencies and their markers; {} writes the lock anew",
                    lock.kind.command()
                )),
            });
        }
        Ok(Chosen { resolution, from_lock, left_to_runtime: Vec::new() })
    }

    /// A lock that has files which are too new was made with another --exclude-newer.
    pub(super) fn not_too_new(&self, resolution: &Resolution, lock: &LockFile) -> Result<(), Failure> {
        let too_new = resolution.pins.iter().find_map(|pin| {
            let uploaded = pin.upload_time.as_deref()?;
            let cutoff = self.policy.cutoffs.of(&pin.name)?;
            Moment::parse(uploaded).filter(|time| *time >= cutoff.moment).map(|time| (pin, time, cutoff))
        });
        let Some((pin, time, cutoff)) = too_new else { return Ok(()) };
        let (lock, said) = (lock.path.display(), &cutoff.said);
        let message = format!("{lock} has {} {}, uploaded {time}, too late for {said}", pin.name, pin.version);
        let help = format!("lock again with {said}, or free the package: --exclude-newer-package {}=false", pin.name);
        Err(Failure::new(Code::StaleLock, message).help(help))
    }

    /// Whether a lock of layerpack's own was made from the packages that are named now.
    pub(super) fn names_the_same(&self, lock: &LockFile, pylock: &PyLock) -> Result<(), Failure> {
        // A lock that is named by itself stands for its source.
        if !self.source.names_packages() || pylock.digest.as_ref().is_none_or(|digest| *digest == self.digest()) {
            return Ok(());
        }
        let (source, lock) = (self.source.text(), lock.path.display());
        let message = format!("{source} names other packages, extras or markers than {lock} was made from");
        Err(Failure::new(Code::StaleLock, message).help(format!("run layerpack lock {source}")))
    }

    /// Whether a lock of layerpack's own was made with the options that are given now. Without any, the lock's hold.
    pub(super) fn chooses_the_same(&self, lock: &LockFile, pylock: &PyLock) -> Result<(), Failure> {
        // Dates are held against its files, and what is excluded is taken out of it.
        let decides = |key: &str| !key.starts_with("exclude");
        let options = self.options();
        let other = options.iter().find(|(key, value)| decides(key) && pylock.options.get(*key) != Some(*value));
        let Some((key, value)) = other.filter(|_| pylock.is_own()) else { return Ok(()) };
        let value = if value == "true" { String::new() } else { format!(" {value}") };
        let message = format!("{} was not made with --{key}{value}", lock.path.display());
        Err(Failure::new(Code::StaleLock, message)
            .help(format!("run layerpack lock {} with that option, or leave it out", self.source.text())))
    }
}
