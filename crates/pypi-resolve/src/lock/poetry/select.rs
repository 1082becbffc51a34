//! Which packages of a `poetry.lock` are wanted on a target, and which of their files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lambda_compat::{Code, Finding, Origin, Target};
use wheel_archive::{Sha256, with_slashes};
use wheel_tags::{DistName, WheelFilename};

use super::walk::{Extras, Reached};
use super::{Package, PoetryLock, Source};
use crate::index::IndexUrl;
use crate::lock::address::{is_wheel, name_in_path, name_in_url, project_on_disk};
use crate::lock::error::LockError;
use crate::lock::selection::Selection;
use crate::lock::set::{Files, LockedDist, LockedSet, PlacedWheel};
use crate::project::Project;
use crate::requirements::{HashDigest, SourceTree, joined, marker_environment, mask};
use crate::resolve::PinSource;

impl PoetryLock {
    /// What the project needs on a target. `project` is the project file beside the lock, which locks of Poetry 1 need.
    ///
    /// # Errors
    ///
    /// Where the lock excludes the target, or has no such extra or group; [`LockError::Ambiguous`] where two versions of
    /// one package are wanted; and a project file that cannot be read.
    pub fn select(
        &self,
        target: &Target,
        selection: &Selection,
        project: Option<&Project>,
    ) -> Result<LockedSet, LockError> {
        let other = |why| LockError::OtherTarget { file: self.file.clone(), target: Box::new(*target), why };
        // Specifiers speak of releases: `>=3.15` admits the release candidate that a preview runtime has.
        let python = target.runtime.python_full.value.only_release();
        if let Some((text, _)) = self.pythons.as_ref().filter(|(_, pythons)| !pythons.admits(&python)) {
            return Err(other(format!("python-versions is {text}")));
        }
        let selection = &self.named(selection, project)?;

        let mut notes = Vec::new();
        let reached = match (self.has_groups, project) {
            (true, _) => self.by_groups(target, selection),
            (false, Some(project)) => self.walk(target, &self.roots(selection, project)?, Extras::AsAsked)?,
            (false, None) => {
                let message = format!(
                    "{}: a lock of Poetry 1 does not say what its packages are for, and there is no pyproject.toml \
                     beside it: development packages may be in the layer",
                    with_slashes(&self.file)
                );
                notes.push(Finding::warning(Code::NotPacked, message).help("put pyproject.toml beside it"));
                self.walk(target, &self.guessed_roots(), Extras::WhereLocked)?
            }
        };
        let mut set = LockedSet::new(&self.file, target, notes);
        // Where the project is not written in Poetry's way, it is not known what is wanted for itself.
        let roots = project.and_then(|project| self.roots(selection, project).ok());
        set.wanted.extend(roots.into_iter().flatten().map(|edge| edge.name));
        for (&index, node) in &reached {
            let Some(package) = self.packages.get(index) else { continue };
            set.built_from(&package.name, self.tree(package));
            let must_build = |what: &str| format!("line {}: {}", package.place.line, mask(what));
            match &package.source {
                Source::Directory(path) => set.leave_out(package.name.clone(), path.clone()),
                Source::Other(what, _) => set.must_build(package.name.clone(), must_build(what)),
                Source::Url(place) | Source::File(place) if !is_wheel(place) => {
                    set.must_build(package.name.clone(), must_build(place));
                }
                _ => {
                    let mut dist = self.dist(package)?;
                    dist.dependencies.clone_from(&node.dependencies);
                    dist.extras.clone_from(&node.extras);
                    set.add(package.name.clone(), dist)?;
                }
            }
        }
        Ok(set)
    }

    /// What a project or repository is built from.
    fn tree(&self, package: &Package) -> Option<SourceTree> {
        match &package.source {
            Source::Directory(path) => project_on_disk(&self.file, path),
            Source::Other(_, tree) => tree.clone(),
            Source::Default | Source::Index(_) | Source::Url(_) | Source::File(_) => None,
        }
    }

    /// The extras and groups that are asked for, each of which must be there.
    fn named(&self, selection: &Selection, project: Option<&Project>) -> Result<Selection, LockError> {
        let unlisted = |what, name: &DistName, there: BTreeSet<&DistName>| {
            let there = there.into_iter().map(ToString::to_string).collect();
            Err(LockError::Unlisted { file: self.file.clone(), what, name: name.clone(), there })
        };
        let of_project = project.map(Project::group_names).unwrap_or_default();
        let mut groups: BTreeSet<&DistName> = self.packages.iter().flat_map(|package| package.groups.keys()).collect();
        groups.extend(&of_project);
        let named = selection.among(self.extras.keys(), groups.iter().copied());
        if let Some(extra) = named.extras.iter().find(|extra| !self.extras.contains_key(extra)) {
            return unlisted("extra", extra, self.extras.keys().collect());
        }
        match named.groups.iter().find(|group| !groups.contains(group)) {
            Some(group) => unlisted("group", group, groups),
            None => Ok(named),
        }
    }

    /// From lock-version 2.1 on, packages say themselves when they are wanted.
    fn by_groups(&self, target: &Target, selection: &Selection) -> Reached {
        let environment = marker_environment(target);
        let mut reached = Reached::new();
        for (index, package) in self.packages.iter().enumerate() {
            let asked = |group: &DistName| group.as_str() == "main" || selection.groups.contains(group);
            let mut groups = package.groups.iter().filter(|(group, _)| asked(group));
            if groups.any(|(_, condition)| condition.holds(&environment, &selection.extras)) {
                reached.entry(index).or_default();
            }
        }
        let names: BTreeSet<&DistName> =
            reached.keys().filter_map(|&index| Some(&self.packages.get(index)?.name)).collect();
        let none = BTreeSet::new();
        let edges: BTreeMap<usize, BTreeSet<DistName>> = reached
            .keys()
            .filter_map(|&index| {
                let edges = self.packages.get(index)?.dependencies.iter();
                let here = edges.filter(|edge| names.contains(&edge.name) && edge.condition.holds(&environment, &none));
                Some((index, here.map(|edge| edge.name.clone()).collect()))
            })
            .collect();
        for (index, dependencies) in edges {
            reached.entry(index).or_default().dependencies = dependencies;
        }
        reached
    }

    fn dist(&self, package: &Package) -> Result<LockedDist, LockError> {
        let invalid = |key, why| LockError::Invalid {
            place: package.place.clone(),
            package: Some(package.name.to_string()),
            key,
            why,
        };
        let mut wheels: Vec<(WheelFilename, Sha256)> = Vec::new();
        for file in &package.files {
            // The list has everything that the index has: old eggs and installers too.
            let Ok(filename) = file.name.parse::<WheelFilename>() else { continue };
            if filename.name != package.name || filename.version != package.version {
                continue;
            }
            let digest = file.hash.parse::<HashDigest>().map_err(|error| error.to_string());
            let digest =
                digest.and_then(|digest| digest.sha256().ok_or_else(|| format!("`{}` is no sha256", file.hash)));
            let digest = digest
                .map_err(|why| invalid("files", format!("have a hash of {filename} that cannot be used: {why}")))?;
            wheels.push((filename, digest));
        }
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let placed = |source: PinSource, name: Option<String>| {
            let wheel = wheels.iter().find(|(filename, _)| Some(filename.as_str()) == name.as_deref());
            let (filename, sha256) =
                wheel.ok_or_else(|| invalid("files", "do not have the wheel that `source` names".to_owned()))?;
            Ok::<_, LockError>(Files::Placed(vec![PlacedWheel {
                filename: filename.clone(),
                source,
                sha256: Some(*sha256),
                size: None,
                upload_time: None,
                origin: Origin::Unverified,
            }]))
        };
        let index = match &package.source {
            Source::Index(url) => {
                Some(url.parse::<IndexUrl>().map_err(|error| invalid("source", format!("cannot be used: {error}")))?)
            }
            _ => None,
        };
        let files = match &package.source {
            Source::Url(url) => placed(PinSource::Url(url.clone()), name_in_url(url))?,
            Source::File(path) => {
                let name = name_in_path(path);
                placed(PinSource::Path(joined(folder, Path::new(path))), name)?
            }
            _ => Files::Named(wheels),
        };
        Ok(LockedDist {
            version: Some(package.version.clone()),
            // What the file on the index says is judged with its METADATA.
            requires_python: None,
            dependencies: BTreeSet::new(),
            extras: BTreeSet::new(),
            index,
            files,
            other_source: Some("sdist").filter(|_| !package.files.is_empty()),
            place: package.place.clone(),
        })
    }
}
