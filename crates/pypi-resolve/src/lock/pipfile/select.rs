//! Which packages of a `Pipfile.lock` are wanted on a target, and which files they may have.

use std::collections::BTreeSet;
use std::path::Path;

use lambda_compat::{Origin as TagOrigin, Target};
use pep440_rs::{Operator, Version};
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::{Origin, Package, PipfileLock, Source};
use crate::index::{IndexUrl, InvalidIndexUrl};
use crate::lock::address::{is_wheel, name_in_path, name_in_url, project_on_disk};
use crate::lock::error::LockError;
use crate::lock::selection::Selection;
use crate::lock::set::{Files, LockedDist, LockedSet, PlacedWheel};
use crate::requirements::{HashDigest, Place, joined, lenient_specifiers, marker_environment, mask};
use crate::resolve::PinSource;

impl PipfileLock {
    /// What is wanted on a target: the default packages and those of the categories that are named as groups.
    /// `variable` gives the variables of the environment that the URLs of its sources name.
    ///
    /// # Errors
    ///
    /// Where the lock was made with another Python, or has no such category; [`LockError::Ambiguous`] where two categories
    /// lock different versions.
    pub fn select(
        &self,
        target: &Target,
        selection: &Selection,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<LockedSet, LockError> {
        let (major, minor) = target.runtime.name.python();
        if let Some(python) = self.python.as_ref().filter(|python| **python != format!("{major}.{minor}")) {
            let why = format!("it was locked for Python {python}");
            return Err(LockError::OtherTarget { file: self.file.clone(), target: Box::new(*target), why });
        }
        let unlisted = |what, name: &DistName, there| {
            Err(LockError::Unlisted { file: self.file.clone(), what, name: name.clone(), there })
        };
        let selection = &selection.among([], self.categories.keys().filter(|name| name.as_str() != "default"));
        if let Some(extra) = selection.extras.first() {
            return unlisted("extra", extra, Vec::new());
        }
        let mut set = LockedSet::new(&self.file, target, Vec::new());
        let mut taken: BTreeSet<(&DistName, Option<&str>)> = BTreeSet::new();
        let environment = marker_environment(target);
        for category in ["default"].iter().filter_map(|name| name.parse().ok()).chain(selection.groups.iter().cloned())
        {
            let Some(packages) = self.categories.get(&category) else {
                if category.as_str() == "default" {
                    continue;
                }
                let others = self.categories.keys().filter(|name| name.as_str() != "default");
                return unlisted("group", &category, others.map(ToString::to_string).collect());
            };
            for package in packages.iter().filter(|package| package.condition.holds(&environment, &BTreeSet::new())) {
                // Categories repeat what they share.
                if !taken.insert((&package.name, package.version.as_deref())) {
                    continue;
                }
                let must_build = |what: &str| format!("line {}: {}", package.place.line, mask(what));
                if let Origin::Path(path) = &package.origin {
                    set.built_from(&package.name, project_on_disk(&self.file, path));
                }
                match &package.origin {
                    Origin::VersionControl(what) => set.must_build(package.name.clone(), must_build(what)),
                    Origin::Path(path) if !is_wheel(path) => set.leave_out(package.name.clone(), path.clone()),
                    Origin::File(file) if !is_wheel(file) => set.must_build(package.name.clone(), must_build(file)),
                    _ => set.add(package.name.clone(), self.dist(package, variable)?)?,
                }
            }
        }
        Ok(set)
    }

    fn dist(&self, package: &Package, variable: &dyn Fn(&str) -> Option<String>) -> Result<LockedDist, LockError> {
        let mut digests = BTreeSet::new();
        for hash in &package.hashes {
            let digest = hash.parse::<HashDigest>().map_err(|error| package.invalid("hashes", error.to_string()))?;
            digests.extend(digest.sha256());
        }
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let (version, index, files) = match &package.origin {
            Origin::Path(path) => {
                let name = name_in_path(path);
                let source = PinSource::Path(joined(folder, Path::new(path)));
                let wheel = package.only_wheel(source, name, &digests)?;
                (wheel.filename.version.clone(), None, Files::Placed(vec![wheel]))
            }
            Origin::File(url) => {
                let wheel = package.only_wheel(PinSource::Url(url.clone()), name_in_url(url), &digests)?;
                (wheel.filename.version.clone(), None, Files::Placed(vec![wheel]))
            }
            Origin::Index | Origin::VersionControl(_) => {
                if digests.is_empty() {
                    return Err(package.invalid("hashes", "have no sha256".to_owned()));
                }
                (package.pinned()?, self.index(package, variable)?, Files::Digests(digests))
            }
        };
        Ok(LockedDist {
            version: Some(version),
            requires_python: None,
            dependencies: BTreeSet::new(),
            extras: package.extras.clone(),
            index,
            files,
            other_source: Some("sdist"),
            place: package.place.clone(),
        })
    }

    /// The indexes that the lock names, in order. Their URLs may have credentials, from `variable`.
    ///
    /// # Errors
    ///
    /// Where a variable is not set, or a URL is none of an index.
    pub fn sources(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Vec<IndexUrl>, LockError> {
        let place = || Place::new(self.file.display().to_string(), 0);
        let read = |source: &Source| {
            let unset = |name| LockError::Unset { place: place(), name };
            let url = with_variables(&source.url, variable).map_err(unset)?;
            url.parse().map_err(|error: InvalidIndexUrl| {
                let why = format!("cannot be used: {error}");
                LockError::Invalid { place: place(), package: None, key: "sources", why }
            })
        };
        self.sources.iter().map(read).collect()
    }

    /// The index of a package: the one that it names, else the first.
    fn index(
        &self,
        package: &Package,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<IndexUrl>, LockError> {
        let source = match &package.index {
            None => self.sources.first(),
            Some(name) => self.sources.iter().find(|source| source.name == *name),
        };
        let Some(source) = source else { return Ok(None) };
        let unset = |name| LockError::Unset { place: package.place.clone(), name };
        let url = with_variables(&source.url, variable).map_err(unset)?;
        let url = url.parse::<IndexUrl>();
        url.map(Some).map_err(|error| package.invalid("index", format!("cannot be used: {error}")))
    }
}

impl Package {
    fn invalid(&self, key: &'static str, why: String) -> LockError {
        LockError::Invalid { place: self.place.clone(), package: Some(self.name.to_string()), key, why }
    }

    /// The version of `==1.0`.
    fn pinned(&self) -> Result<Version, LockError> {
        let text = self.version.as_deref().unwrap_or_default();
        let specifiers =
            lenient_specifiers(text).map_err(|why| self.invalid("version", format!("cannot be read: {why}")))?;
        match &*specifiers {
            [one] if matches!(one.operator(), Operator::Equal | Operator::ExactEqual) => Ok(one.version().clone()),
            _ => Err(self.invalid("version", format!("is `{text}`, which pins none"))),
        }
    }

    /// A wheel that is named by its path or address.
    fn only_wheel(
        &self,
        source: PinSource,
        name: Option<String>,
        digests: &BTreeSet<Sha256>,
    ) -> Result<PlacedWheel, LockError> {
        let filename = name.unwrap_or_default().parse::<WheelFilename>();
        let filename = filename.map_err(|error| self.invalid("file", error.to_string()))?;
        if filename.name != self.name {
            return Err(self.invalid("file", format!("is {filename}, a wheel of another package")));
        }
        if digests.len() > 1 {
            return Err(self.invalid("hashes", "are several, of one file".to_owned()));
        }
        let sha256 = digests.first().copied();
        Ok(PlacedWheel { filename, source, sha256, size: None, upload_time: None, origin: TagOrigin::Unverified })
    }
}

/// Fills in `${NAME}` and `$NAME`, as pipenv does; the error is the name of what is not set.
fn with_variables(url: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        let braced = after.strip_prefix('{');
        let inside = braced.unwrap_or(after);
        let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
        let (name, behind) = inside.split_at(end);
        let behind = if braced.is_some() { behind.strip_prefix('}') } else { Some(behind) };
        if let Some(behind) = behind.filter(|_| !name.is_empty()) {
            let value = variable(name).filter(|value| !value.is_empty());
            filled.push_str(&value.ok_or_else(|| name.to_owned())?);
            rest = behind;
        } else {
            filled.push('$');
            rest = after;
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_urls() {
        let variable = |name: &str| (name != "UNSET").then(|| format!("<{name}>"));
        let filled = |url: &str| with_variables(url, &variable);
        assert_eq!(filled("https://$USER:${PASS_1}@h/$"), Ok("https://<USER>:<PASS_1>@h/$".to_owned()));
        assert_eq!(filled("https://h/a${b"), Ok("https://h/a${b".to_owned()));
        assert_eq!(filled("$UNSET"), Err("UNSET".to_owned()));
    }
}
