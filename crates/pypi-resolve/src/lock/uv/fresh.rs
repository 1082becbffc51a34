//! Whether the project file still says what was locked. uv repeats a project's requirements in its entry of the lock.

use std::collections::BTreeSet;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;

use super::{Package, Source, UvLock, Wish};
use crate::lock::error::LockError;
use crate::lock::selection::Selection;
use crate::project::{Project, Stated, StatedToUv};
use crate::requirements::{Place, marker};

impl UvLock {
    /// Whether the requirements of the project beside the lock, and of the groups that are asked for, are those that
    /// were locked.
    ///
    /// So are `requires-python`, and uv's constraints, overrides and exclusions. What `[tool.uv.sources]` says more about
    /// is compared by name; requirements that only a build backend knows are not compared.
    ///
    /// # Errors
    ///
    /// [`LockError::Outdated`] for the first difference, and a line of the project file that cannot be read.
    pub fn matches(&self, project: &Project, selection: &Selection) -> Result<(), LockError> {
        self.matches_settings(project)?;
        let beside = |package: &&Package| matches!(&package.source, Source::Project { path, .. } if path == ".");
        let metadata = self.packages.iter().find(beside).and_then(|package| package.metadata.as_ref());
        let Some(metadata) = metadata else { return Ok(()) };
        if let Some(stated) = project.stated()? {
            self.compare(project, &metadata.requires_dist, &stated)?;
        }
        // A member's groups are the business of its own project file.
        let named = selection.among([], metadata.requires_dev.keys());
        for group in named.groups.iter().filter(|_| selection.member.is_none()) {
            let locked = metadata.requires_dev.get(group).map(Vec::as_slice).unwrap_or_default();
            self.compare(project, locked, &project.stated_group(group)?)?;
        }
        Ok(())
    }

    /// What `[tool.uv]` says of all members is written into the lock once, and so is the range of Pythons.
    fn matches_settings(&self, project: &Project) -> Result<(), LockError> {
        let StatedToUv { constraints, overrides, excludes } = project.stated_to_uv()?;
        for (what, locked, stated) in
            [("a constraint", &self.constraints, constraints), ("an override", &self.overrides, overrides)]
        {
            self.compare(project, locked, &stated).map_err(|error| match error {
                LockError::Outdated { file, place, why } => {
                    LockError::Outdated { file, place, why: why.replace("asked for", what) }
                }
                error => error,
            })?;
        }
        let file = || Place::new(project.file().display().to_string(), 0);
        let outdated = |why: String| LockError::Outdated { file: self.file.clone(), place: file(), why };
        if let Some(name) = excludes.symmetric_difference(&self.excludes).next() {
            return Err(outdated(format!("exclude-dependencies has changed: {name}")));
        }
        // A workspace locks for what all of its members admit.
        let alone = self.members.len() <= 1;
        if let (Some(stated), Some(locked), true) = (project.requires_python(), &self.requires_python, alone)
            && !same_pythons(stated, locked)
        {
            return Err(outdated(format!("requires-python is {stated}, and {locked} was locked")));
        }
        Ok(())
    }

    fn compare(&self, project: &Project, locked: &[Wish], stated: &[Stated]) -> Result<(), LockError> {
        let outdated = |place: Place, why: String| LockError::Outdated { file: self.file.clone(), place, why };
        for one in stated {
            let name = &one.requirement.name;
            let by_name = project.has_uv_source(name);
            if !locked.iter().any(|wish| wish.name == *name && (by_name || self.same(wish, one))) {
                let why = format!("{} was not asked for when it was locked", one.requirement.text);
                return Err(outdated(one.requirement.place.clone(), why));
            }
        }
        let is_stated = |wish: &Wish| {
            let mut of_name = stated.iter().filter(|one| one.requirement.name == wish.name);
            of_name.any(|one| project.has_uv_source(&wish.name) || self.same(wish, one))
        };
        match locked.iter().find(|wish| !is_stated(wish)) {
            None => Ok(()),
            Some(wish) => {
                let file = Place::new(project.file().display().to_string(), 0);
                Err(outdated(file, format!("{} is no longer asked for", wish.text())))
            }
        }
    }

    /// Whether both ask for the same. Where the lock names another place than an index, it has no specifiers.
    fn same(&self, wish: &Wish, stated: &Stated) -> bool {
        let asked = &stated.requirement;
        let texts = |specifiers: &VersionSpecifiers| -> BTreeSet<String> {
            specifiers.iter().map(ToString::to_string).collect()
        };
        let versions = wish.specifiers.as_ref().is_none_or(|locked| texts(locked) == texts(&asked.specifiers));
        // Releases of uv differ in whether they leave out what `requires-python` says already.
        let in_scope = |mut marker: MarkerTree| {
            marker.and(self.python_marker());
            marker
        };
        wish.extras == asked.extras && versions && in_scope(wish.marker()) == in_scope(stated.marker.clone())
    }

    /// `requires-python` as a marker.
    fn python_marker(&self) -> MarkerTree {
        let mut all = MarkerTree::TRUE;
        for specifier in self.requires_python.iter().flat_map(|specifiers| specifiers.iter()) {
            let star = if specifier.operator().is_star() { ".*" } else { "" };
            let text = format!("python_full_version {} '{}{star}'", specifier.operator(), specifier.version());
            // A specifier that cannot stand in a marker leaves markers as they are.
            if let Ok((marker, None)) = marker::read_marker(&text) {
                all.and(marker);
            }
        }
        all
    }
}

/// Whether two ranges admit the same Pythons. uv writes its own words for some: they are tried out.
fn same_pythons(a: &VersionSpecifiers, b: &VersionSpecifiers) -> bool {
    let minors = (0..=40).flat_map(|minor| (0..=40).map(move |patch| Version::new([3, minor, patch])));
    let others = [2, 4].map(|major| Version::new([major, 0, 0]));
    minors.chain(others).all(|python| a.contains(&python) == b.contains(&python))
}

impl Wish {
    /// The marker as a tree; what cannot be one equals nothing that people write.
    fn marker(&self) -> MarkerTree {
        match &self.marker {
            None => MarkerTree::TRUE,
            Some(text) => marker::read_marker(text).map_or(MarkerTree::FALSE, |(marker, _)| marker),
        }
    }

    /// As a requirement would be written.
    fn text(&self) -> String {
        let specifiers = self.specifiers.iter().flat_map(|s| s.iter()).map(ToString::to_string);
        let marker = self.marker.as_ref().map(|marker| format!(" ; {marker}")).unwrap_or_default();
        format!("{}{}{marker}", self.name, specifiers.collect::<Vec<_>>().join(","))
    }
}
