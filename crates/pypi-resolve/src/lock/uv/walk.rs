//! From the project to everything that it needs on one target, along the edges that hold there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lambda_compat::{Origin, Target};
use pep508_rs::MarkerEnvironment;
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::{Edge, Package, Source, UvLock, Wheel, Wish};
use crate::index::IndexUrl;
use crate::lock::address::{git_of_uv, name_in_path, name_in_url, project_on_disk};
use crate::lock::error::LockError;
use crate::lock::scope::holds_on;
use crate::lock::selection::Selection;
use crate::lock::set::{Files, LockedDist, LockedSet, PlacedWheel};
use crate::requirements::{HashDigest, Place, SourceTree, joined, marker_environment, mask};
use crate::resolve::PinSource;

/// What is reached, and what it needs.
#[derive(Default)]
struct Reached {
    /// By the index of the package.
    nodes: BTreeMap<usize, Node>,
    /// Extras and groups that are asked for, as uv writes them into markers of projects with conflicts.
    active: BTreeSet<DistName>,
}

#[derive(Default)]
struct Node {
    dependencies: BTreeSet<DistName>,
    extras: BTreeSet<DistName>,
}

impl UvLock {
    /// What the project or member needs on a target.
    ///
    /// # Errors
    ///
    /// Where the lock excludes the target, or has no such extra, group or member; [`LockError::Ambiguous`] where extras or groups
    /// that exclude each other are asked for.
    pub fn select(&self, target: &Target, selection: &Selection) -> Result<LockedSet, LockError> {
        holds_on(&self.file, target, self.requires_python.as_ref(), &self.environments)?;
        let roots = self.roots(selection)?;
        let selection = &self.named(&roots, selection)?;

        let environment = marker_environment(target);
        let walk = Walk { lock: self, roots: &roots, selection, environment: &environment };
        // Whether an edge holds may depend on extras that other edges ask for: a first walk collects them.
        let active = walk.reach(walk.chosen(), true)?.active;
        let reached = walk.reach(active, false)?;

        let mut set = LockedSet::new(&self.file, target, Vec::new());
        for (&index, node) in &reached.nodes {
            let Some(package) = self.packages.get(index) else { continue };
            let name = package.name.clone();
            if let Source::Project { .. } = &package.source {
                set.wanted.extend(node.dependencies.iter().cloned());
            }
            set.built_from(&name, self.tree(package));
            let must_build = |what: &str| format!("line {}: {}", package.place.line, mask(what));
            match &package.source {
                // A virtual project is none that could be installed.
                Source::Project { how: "virtual", .. } => {}
                Source::Project { path, .. } if path == "." => set.leave_out(name, "the project itself".to_owned()),
                Source::Project { path, .. } => set.leave_out(name, path.clone()),
                Source::Git(url) => set.must_build(name, must_build(&format!("git {url}"))),
                Source::Url(place) | Source::Path(place) if package.wheels.is_empty() => {
                    set.must_build(name, must_build(place));
                }
                Source::Registry(_) | Source::Url(_) | Source::Path(_) => set.add(name, self.dist(package, node)?)?,
            }
        }
        Ok(set)
    }

    /// What a project or repository is built from. An archive is not: what its digest is the reader does not keep.
    fn tree(&self, package: &Package) -> Option<SourceTree> {
        match &package.source {
            Source::Project { how, path } if *how != "virtual" => project_on_disk(&self.file, path),
            Source::Git(url) => git_of_uv(url),
            _ => None,
        }
    }

    /// The projects whose dependencies are wanted: the member that was named, else the project beside the lock, else,
    /// where there is none, all members, as `uv export` has it.
    fn roots(&self, selection: &Selection) -> Result<Vec<usize>, LockError> {
        let is_project = |index: &usize| {
            self.packages.get(*index).is_some_and(|package| matches!(package.source, Source::Project { .. }))
        };
        let member = |name: &DistName| self.by_name.get(name).into_iter().flatten().copied().find(is_project);
        if let Some(name) = &selection.member {
            let known = self.members.contains(name) || self.members.is_empty();
            return member(name).filter(|_| known).map(|root| vec![root]).ok_or_else(|| {
                let there = self.members.iter().map(ToString::to_string).collect();
                LockError::Unlisted { file: self.file.clone(), what: "package", name: name.clone(), there }
            });
        }
        let beside = |package: &Package| matches!(&package.source, Source::Project { path, .. } if path == ".");
        match self.packages.iter().position(beside) {
            Some(root) => Ok(vec![root]),
            None => Ok(self.members.iter().filter_map(member).collect()),
        }
    }

    /// The extras and groups that are asked for, each of which must be one of a root's.
    pub(super) fn named(&self, roots: &[usize], selection: &Selection) -> Result<Selection, LockError> {
        let mut extras = BTreeSet::new();
        let mut groups: BTreeSet<&DistName> = self.root_groups.keys().collect();
        for root in roots.iter().filter_map(|&root| self.packages.get(root)) {
            extras.extend(root.extras.keys());
            groups.extend(root.groups.keys());
            if let Some(metadata) = &root.metadata {
                extras.extend(&metadata.extras);
                groups.extend(metadata.requires_dev.keys());
            }
        }
        let named = selection.among(extras.iter().copied(), groups.iter().copied());
        for (what, there, wanted) in [("extra", extras, &named.extras), ("group", groups, &named.groups)] {
            if let Some(name) = wanted.iter().find(|name| !there.contains(name)) {
                let there = there.iter().map(ToString::to_string).collect();
                return Err(LockError::Unlisted { file: self.file.clone(), what, name: name.clone(), there });
            }
        }
        Ok(named)
    }

    /// The entry that an edge points at.
    fn find(&self, from: &Package, edge: &Edge) -> Result<usize, LockError> {
        let all = self.by_name.get(&edge.name).into_iter().flatten().copied();
        let mut fitting = all.filter(|&index| {
            self.packages.get(index).is_some_and(|package| {
                let version = edge.version.is_none() || edge.version == package.version;
                version && edge.source.as_ref().is_none_or(|source| *source == package.source)
            })
        });
        match (fitting.next(), fitting.next()) {
            (Some(index), None) => Ok(index),
            (found, _) => Err(LockError::Invalid {
                place: from.place.clone(),
                package: Some(from.name.to_string()),
                key: "dependencies",
                why: match found {
                    None => format!("name {}, which the lock does not have", edge.name),
                    Some(_) => format!("name {}, of which the lock has several", edge.name),
                },
            }),
        }
    }

    fn dist(&self, package: &Package, node: &Node) -> Result<LockedDist, LockError> {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let index = match &package.source {
            Source::Registry(place) => place.parse::<IndexUrl>().ok(),
            _ => None,
        };
        let origin = match &index {
            Some(index) if index.is_default() => Origin::PublicIndex,
            _ => Origin::Unverified,
        };
        let placed = |wheel| package.placed(wheel, folder, origin);
        let wheels = package.wheels.iter().map(placed).collect::<Result<Vec<_>, _>>()?;
        Ok(LockedDist {
            version: package.version.clone().or_else(|| wheels.first().map(|wheel| wheel.filename.version.clone())),
            requires_python: None,
            dependencies: node.dependencies.clone(),
            extras: node.extras.clone(),
            index,
            files: Files::Placed(wheels),
            other_source: package.has_sdist.then_some("sdist"),
            place: package.place.clone(),
        })
    }
}

impl Package {
    fn invalid(&self, key: &'static str, why: String) -> LockError {
        LockError::Invalid { place: self.place.clone(), package: Some(self.name.to_string()), key, why }
    }

    fn placed(&self, wheel: &Wheel, folder: &Path, origin: Origin) -> Result<PlacedWheel, LockError> {
        let path = |path: &str| joined(folder, Path::new(path));
        let (source, name) = match (&self.source, &wheel.url, &wheel.path) {
            (Source::Url(url), None, _) | (Source::Url(_), Some(url), _) => {
                (PinSource::Url(url.clone()), name_in_url(url))
            }
            (Source::Path(place), ..) => (PinSource::Path(path(place)), name_in_path(place)),
            (_, Some(url), _) => (PinSource::Index { url: url.clone() }, name_in_url(url)),
            // The files of a folder of files are named from there.
            (Source::Registry(place), None, Some(file)) => {
                let place: PathBuf = path(place).join(file);
                (PinSource::Path(place), name_in_path(file))
            }
            _ => return Err(self.invalid("wheels", "have neither `url` nor `path`".to_owned())),
        };
        let name = wheel.filename.clone().or(name);
        let name = name.ok_or_else(|| self.invalid("wheels", "have one without a file name".to_owned()))?;
        let filename: WheelFilename =
            name.parse().map_err(|error| self.invalid("wheels", format!("have {name}: {error}")))?;
        let fits = self.version.as_ref().is_none_or(|version| *version == filename.version);
        if filename.name != self.name || !fits {
            return Err(self.invalid("wheels", format!("have {filename}, a wheel of another package or version")));
        }
        Ok(PlacedWheel {
            source,
            sha256: wheel.hash.as_deref().map(|hash| self.sha256(hash, &filename)).transpose()?,
            size: wheel.size,
            upload_time: wheel.upload_time.clone(),
            origin,
            filename,
        })
    }

    fn sha256(&self, hash: &str, filename: &WheelFilename) -> Result<Sha256, LockError> {
        let digest = hash.parse::<HashDigest>().map_err(|error| error.to_string());
        let digest = digest.and_then(|digest| digest.sha256().ok_or_else(|| format!("`{hash}` is no sha256")));
        digest.map_err(|why| self.invalid("hash", format!("of {filename} cannot be used: {why}")))
    }
}

/// One walk's fixed points.
struct Walk<'a> {
    lock: &'a UvLock,
    roots: &'a [usize],
    selection: &'a Selection,
    environment: &'a MarkerEnvironment,
}

impl<'a> Walk<'a> {
    /// The extras and groups of the roots that are asked for.
    fn chosen(&self) -> BTreeSet<DistName> {
        let mut active = BTreeSet::new();
        for root in self.roots.iter().filter_map(|&root| self.lock.packages.get(root)) {
            active.extend(self.selection.extras.iter().filter_map(|extra| encoded("extra", &root.name, extra)));
            active.extend(self.selection.groups.iter().filter_map(|group| encoded("group", &root.name, group)));
        }
        active
    }

    /// Walks from the roots. `collecting` takes what an edge asks for as asked for, and keeps it.
    fn reach(&self, active: BTreeSet<DistName>, collecting: bool) -> Result<Reached, LockError> {
        let mut reached = Reached { active, ..Reached::default() };
        let mut seen: BTreeSet<(usize, Option<&DistName>)> = BTreeSet::new();
        let mut queue: Vec<(usize, &'a [Edge])> = Vec::new();
        for &root in self.roots {
            let Some(package) = self.lock.packages.get(root) else { continue };
            let extras = self.selection.extras.iter().filter_map(|extra| package.extras.get(extra));
            let groups = self.selection.groups.iter().filter_map(|group| package.groups.get(group));
            queue.push((root, &package.dependencies));
            queue.extend(extras.chain(groups).map(|edges| (root, edges.as_slice())));
            seen.insert((root, None));
            reached.nodes.entry(root).or_default();
        }
        let of_groups = self.selection.groups.iter().filter_map(|group| self.lock.root_groups.get(group)).flatten();
        for wish in self.lock.requirements.iter().chain(of_groups) {
            if let Some(index) = self.meant(wish)? {
                self.enter(index, &wish.extras, &mut seen, &mut queue, &mut reached);
            }
        }
        while let Some((from, edges)) = queue.pop() {
            let Some(package) = self.lock.packages.get(from) else { continue };
            for edge in edges {
                if !self.holds(edge, &mut reached.active, collecting) {
                    continue;
                }
                let to = self.lock.find(package, edge)?;
                reached.nodes.entry(from).or_default().dependencies.insert(edge.name.clone());
                self.enter(to, &edge.extras, &mut seen, &mut queue, &mut reached);
            }
        }
        Ok(reached)
    }

    /// Whether an edge holds.
    fn holds(&self, edge: &Edge, active: &mut BTreeSet<DistName>, collecting: bool) -> bool {
        let own = edge.extras.iter().filter(|_| collecting).filter_map(|extra| encoded("extra", &edge.name, extra));
        let added: Vec<DistName> = own.filter(|own| active.insert(own.clone())).collect();
        let holds = edge.condition.holds(self.environment, active);
        if !holds {
            for own in &added {
                active.remove(own);
            }
        }
        holds
    }

    /// Takes a package with extras.
    fn enter(
        &self,
        index: usize,
        extras: &'a BTreeSet<DistName>,
        seen: &mut BTreeSet<(usize, Option<&'a DistName>)>,
        queue: &mut Vec<(usize, &'a [Edge])>,
        reached: &mut Reached,
    ) {
        let Some(package) = self.lock.packages.get(index) else { return };
        let node = reached.nodes.entry(index).or_default();
        node.extras.extend(extras.iter().cloned());
        if seen.insert((index, None)) {
            queue.push((index, &package.dependencies));
        }
        for extra in extras {
            if seen.insert((index, Some(extra))) {
                queue.extend(package.extras.get(extra).map(|edges| (index, edges.as_slice())));
            }
        }
    }

    /// The entry that a requirement of a root without a project means here; `None` where its marker does not hold.
    fn meant(&self, wish: &Wish) -> Result<Option<usize>, LockError> {
        if !wish.condition.holds(self.environment, &BTreeSet::new()) {
            return Ok(None);
        }
        let here = |&&index: &&usize| {
            self.lock.packages.get(index).is_some_and(|package| {
                package.forks.is_empty() || package.forks.iter().any(|fork| fork.evaluate(self.environment, &[]))
            })
        };
        let index = self.lock.by_name.get(&wish.name).into_iter().flatten().find(here);
        index.map(|&index| Some(index)).ok_or_else(|| LockError::Invalid {
            place: Place::new(self.lock.file.display().to_string(), 0),
            package: None,
            key: "manifest",
            why: format!("names {}, which the lock does not have", wish.name),
        })
    }
}

/// How uv writes an extra or a group of a package into markers: with the length of the name, so that no two are alike.
/// What is too long for a name stands in no marker.
fn encoded(kind: &str, package: &DistName, part: &DistName) -> Option<DistName> {
    format!("{kind}-{}-{package}-{part}", package.as_str().len()).parse().ok()
}
