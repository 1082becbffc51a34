//! What has to be built before it is known what it is, or because no wheel would do: brought to wheels on disk, which the
//! resolver takes like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lambda_compat::{Code, Given, Layer, NoContents, Origin, Target, Verdict, judge, verdict_of};
use pypi_resolve::requirements::{DirectUrl, Packages, Place, Requirement, SourceRequirement, marker_environment};
use pypi_resolve::resolve::{LocalWheel, Newest, Pin, Resolution, ResolveError, Unmet, newest, resolve, survey};
use wheel_archive::{Manifest, Store};
use wheel_tags::DistName;

use crate::failure::Failure;
use crate::layer::Asked;
use crate::layer::local::{LocalManifest, inspect_file};
use crate::report::refusal;
use crate::source_build::{Allowed, Built, Workshop, project_name};

/// Packages that are built for the sake of others, each after a resolution that failed for want of it.
const MOST_BUILT: usize = 64;

impl Asked {
    /// Builds what the requirement lines name as a source, then the source distributions that are allowed and needed.
    pub(super) fn build_sources(&mut self, allowed: &Allowed) -> Result<(), Failure> {
        self.formats_are_met(allowed)?;
        if !allowed.any() {
            return Ok(());
        }
        if self.lock.is_some() {
            return self.build_locked(allowed);
        }
        let refused = self.file.sources.iter().map(|line| self.workshop(allowed, &[]).admits(line));
        if let Some(failure) = Failure::all(refused.filter_map(Result::err)) {
            return Err(failure);
        }
        for line in self.file.sources.clone() {
            let holds = |target: &&Target| line.marker.evaluate(&marker_environment(target), &[]);
            let targets: Vec<Target> = self.targets.all.iter().filter(holds).copied().collect();
            if targets.is_empty() {
                continue;
            }
            let built = self.workshop(allowed, &targets).line(&line)?;
            let manifest = loads_somewhere(&built, &targets, &self.store)?;
            self.take_line(built, manifest, &line);
        }
        let demanded = self.file.formats.all_built().filter_map(|(packages, _)| match packages {
            Packages::One(name) => Some(name.clone()).filter(|name| allowed.allows(Some(name))),
            Packages::All => None,
        });
        let named: BTreeSet<DistName> = allowed.names().iter().cloned().chain(demanded).collect();
        for target in self.targets.all.clone() {
            for name in &named {
                self.build_newest(name, &target, allowed, self.file.formats.built(name).is_some())?;
            }
            self.build_what_is_missing(&target, allowed)?;
        }
        Ok(())
    }

    /// Builds the projects and repositories of another tool's lock. What the lock leaves out has to be named.
    fn build_locked(&mut self, allowed: &Allowed) -> Result<(), Failure> {
        for target in self.targets.all.clone() {
            let Some(lock) = &self.lock else { return Ok(()) };
            // Why a target cannot have anything of it is said when it is asked for.
            let Ok(set) = lock.select(&target, &self.source.selection, &self.environment) else { continue };
            let admitted = |name: &DistName, needed: bool| {
                let is_there = self.local.iter().any(|local| local.wheel.filename.name == *name);
                !is_there && if needed { allowed.allows(Some(name)) } else { allowed.names().contains(name) }
            };
            let to_build = set.buildable().filter(|(name, _, needed)| admitted(name, *needed));
            let lines: Vec<SourceRequirement> =
                to_build.map(|(name, tree, _)| SourceRequirement::locked(name, tree.clone(), &lock.path)).collect();
            for line in lines {
                let targets = self.targets.all.clone();
                let built = self.workshop(allowed, &targets).line(&line)?;
                let manifest = loads_somewhere(&built, &targets, &self.store)?;
                self.take_built(built, manifest, None);
            }
        }
        Ok(())
    }

    /// Resolves until nothing more is missing that may be built. Why there is no answer is said when it is asked for.
    fn build_what_is_missing(&mut self, target: &Target, allowed: &Allowed) -> Result<(), Failure> {
        let mut tried = BTreeSet::new();
        while tried.len() < MOST_BUILT {
            let Err(ResolveError::Unsatisfiable(report)) =
                resolve(&self.wants(target)?, target, &self.packages(target), &self.policy)
            else {
                return Ok(());
            };
            let lacks_wheel = matches!(report.code, Code::OnlySdists | Code::NoWheelForTarget);
            let Some(name) = report.package.filter(|name| lacks_wheel && allowed.allows(Some(name))) else {
                return Ok(());
            };
            let forbidden = self.file.formats.never_built(&name);
            if forbidden || !tried.insert(name.clone()) || !self.build_newest(&name, target, allowed, true)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Builds the newest version that the lines allow, where it has no wheel for the target (or wheels do not count).
    fn build_newest(
        &mut self,
        name: &DistName,
        target: &Target,
        allowed: &Allowed,
        without_wheels: bool,
    ) -> Result<bool, Failure> {
        let found =
            match newest(&self.wants(target)?, target, &self.packages(target), &self.policy, name, without_wheels) {
                Ok(Newest::Sdist(file)) => file,
                // What nobody knows or allows is said by the resolution.
                Ok(_) | Err(ResolveError::Unsatisfiable(_)) => return Ok(false),
                Err(ResolveError::Index(error)) if error.code() == Code::UnknownProject => return Ok(false),
                Err(error) => return Err(error.into()),
            };
        let targets = self.targets.all.clone();
        let built = self.workshop(allowed, &targets).sdist(&found)?;
        if built.filename.name != *name || Some(&built.filename.version) != found.version() {
            let message = format!("{} was built from {}: another package or version", built.filename, found.filename);
            return Err(Failure::new(Code::Unsupported, message).help("tell the project, and pin another version"));
        }
        let manifest = loads_somewhere(&built, &targets, &self.store)?;
        let Some(url) = std::path::absolute(&built.path).ok().as_deref().and_then(DirectUrl::of_file) else {
            return Ok(false);
        };
        // Wherever the package is wanted, it is this file.
        let place = Place::new("--build", 0);
        let pinned = Requirement::pinned_to(&built.filename.name, url, manifest.sha256, built.verified, place);
        self.file.constraints.push(pinned);
        self.built.push(built);
        Ok(true)
    }

    fn workshop<'a>(&'a self, allowed: &'a Allowed, targets: &'a [Target]) -> Workshop<'a> {
        Workshop {
            allowed,
            formats: &self.file.formats,
            index: &self.index,
            cache_dir: &self.cache_dir,
            now: self.now,
            offline: self.offline(),
            of_tools: &self.of_tools,
            targets,
            folder: &self.scratch,
            bars: &self.bars,
        }
    }

    /// A line that named a source names the wheel from now on.
    fn take_line(&mut self, built: Built, manifest: Manifest, line: &SourceRequirement) {
        let hash = built.verified.then_some(manifest.sha256);
        let requirement = line.met_by(&built.filename.name, built.path.clone(), hash);
        self.file.requirements.push(requirement.clone());
        self.take_built(built, manifest, Some(requirement));
    }

    fn take_built(&mut self, built: Built, manifest: Manifest, line: Option<Requirement>) {
        let wheel = LocalWheel {
            path: built.path.clone(),
            filename: built.filename.clone(),
            sha256: manifest.sha256,
            size: manifest.size,
            metadata: Arc::new(manifest.metadata.clone()),
        };
        self.local.push(LocalManifest { wheel, manifest, line });
        self.built.push(built);
    }

    /// Says of what a resolution takes that it was built here.
    pub(super) fn note_built(&self, resolution: &mut Resolution) {
        let is_taken = |built: &&Built| resolution.pins.iter().any(|pin| pin.wheel == built.filename);
        let notes: Vec<_> = self.built.iter().filter(is_taken).map(Built::note).collect();
        resolution.notes.extend(notes);
    }

    /// A variable that asks for builds counts for whatever is taken: it may name packages that this layer has not got.
    pub(super) fn variables_are_met(&self, resolution: &Resolution) -> Result<(), Failure> {
        let is_built = |pin: &Pin| self.built.iter().any(|built| pin.wheel == built.filename);
        let unmet = resolution.pins.iter().filter(|pin| !is_built(pin)).filter_map(|pin| {
            let variable = self.file.formats.built(&pin.name).filter(|place| is_variable(place))?;
            let message = format!("{variable} asks for a build of {} {} from source", pin.name, pin.version);
            let help = format!("add --build {name}, or --only-binary {name} to take its wheel", name = pin.name);
            Some(Failure::new(Code::Unsupported, message).help(help))
        });
        Failure::all(unmet).map_or(Ok(()), Err)
    }

    /// `--no-binary` asks for builds, which have to be allowed.
    fn formats_are_met(&self, allowed: &Allowed) -> Result<(), Failure> {
        let refused = |place: &Place, what: String, help: String| {
            Failure::new(Code::Unsupported, format!("{place}: {what}")).help(help)
        };
        let said = self.file.formats.all_built().filter(|(_, place)| !is_variable(place));
        let unmet = said.filter_map(|(packages, place)| match packages {
            Packages::One(name) if allowed.allows(Some(name)) => None,
            Packages::One(name) => Some(refused(
                place,
                format!("--no-binary {name} asks for a build from source"),
                format!("add --build {name}, or leave {name} out of --no-binary"),
            )),
            Packages::All => Some(refused(
                place,
                "--no-binary :all: would build every package, and layerpack builds only those that are named"
                    .to_owned(),
                "name the packages: --no-binary NAME --build NAME".to_owned(),
            )),
        });
        Failure::all(unmet).map_or(Ok(()), Err)
    }

    /// Why there is no resolution; where packages have nothing but sources, all of them and how to have them built.
    pub(super) fn without_resolution(&self, error: ResolveError, target: &Target) -> Failure {
        if error.code() != Code::OnlySdists {
            return error.into();
        }
        let only_sources = self.only_sources(target);
        // Of one package the resolver knows what would help.
        if only_sources.len() < 2 {
            return error.into();
        }
        all_to_build(Vec::new(), Vec::new(), only_sources).unwrap_or_else(|| error.into())
    }

    /// The refusal of lines that name sources, where nothing is built, and of all packages that have nothing else.
    pub(super) fn would_have_to_be_built(&self, lines: Vec<Failure>) -> Option<Failure> {
        let names = self.file.sources.iter().map(|line| line.name.clone().or_else(|| project_name(&line.tree)));
        let only_sources = self.targets.all.iter().flat_map(|target| self.only_sources(target));
        let only_sources: BTreeMap<DistName, Failure> =
            if lines.is_empty() { BTreeMap::new() } else { only_sources.collect() };
        all_to_build(lines, names.collect(), only_sources)
    }

    /// The packages that have nothing but source distributions; none where that cannot be told.
    fn only_sources(&self, target: &Target) -> BTreeMap<DistName, Failure> {
        let survey = self
            .wants(target)
            .ok()
            .and_then(|wants| survey(&wants, target, &self.packages(target), &self.policy, self.today).ok());
        let unmet = survey.map(|survey| survey.unmet).unwrap_or_default();
        let of_package = |unmet: &Unmet| {
            let finding = unmet.finding();
            let failure = Failure::new(finding.code, finding.message);
            Some((unmet.package()?.clone(), failure)).filter(|(_, failure)| failure.code == Code::OnlySdists)
        };
        unmet.iter().filter_map(of_package).collect()
    }
}

/// Whether a variable of the environment says it.
fn is_variable(place: &Place) -> bool {
    place.file.starts_with("PIP_") || place.file.starts_with("UV_")
}

/// Everything that would have to be built, and how to have it built: said once, where there are several. `names` are those
/// of the lines, as far as they are known.
fn all_to_build(
    lines: Vec<Failure>,
    names: Vec<Option<DistName>>,
    only_sources: BTreeMap<DistName, Failure>,
) -> Option<Failure> {
    let names: Vec<Option<DistName>> = names.into_iter().chain(only_sources.keys().cloned().map(Some)).collect();
    let known: Option<BTreeSet<DistName>> = names.iter().cloned().collect();
    let flag = known.map_or_else(|| ":all:".to_owned(), |names| listed(&names, ","));
    let elsewhere = if only_sources.is_empty() {
        "pip wheel --no-deps ADDRESS".to_owned()
    } else {
        format!("pip wheel --no-deps {}", listed(&only_sources.keys().cloned().collect(), " "))
    };
    let mut failure = Failure::all(lines.into_iter().chain(only_sources.into_values()))?;
    if !failure.others.is_empty() {
        failure.help = None;
        failure.others.iter_mut().for_each(|other| other.help = None);
        let help = format!(
            "have them built here by uv or pip: --build {flag}; or build wheels elsewhere ({elsewhere}) and put them beside \
             the requirements"
        );
        failure.others.last_mut()?.help = Some(help);
    }
    Some(failure)
}

fn listed(names: &BTreeSet<DistName>, between: &str) -> String {
    names.iter().map(DistName::as_str).collect::<Vec<_>>().join(between)
}

/// The manifest of a built wheel that loads on one of the targets at least: else nothing is gained by resolving.
fn loads_somewhere(built: &Built, targets: &[Target], store: &Store) -> Result<Manifest, Failure> {
    let manifest = inspect_file(&built.path, &built.filename, store)?;
    let mut refused = None;
    for target in targets {
        match does_not_load(built, &manifest, target) {
            None => return Ok(manifest),
            Some(failure) => refused = refused.or(Some(failure)),
        }
    }
    refused.map_or(Ok(manifest), Err)
}

/// Why a built wheel does not load on a target.
fn does_not_load(built: &Built, manifest: &Manifest, target: &Target) -> Option<Failure> {
    let layer = Layer::new(vec![manifest.facts(Origin::Unverified)], Vec::new(), &NoContents, Given::default());
    let mut findings = judge(&layer, layer.wheels().first()?, target);
    // What a library lacks may come with the packages that are yet to be resolved.
    findings.retain(|finding| !finding.code.is_about_libraries());
    if verdict_of(&findings) != Verdict::Fails {
        return None;
    }
    let code = findings.first().map_or(Code::OnlySdists, |finding| finding.code);
    let label = format!("{}, which was built here from {},", built.filename, built.from);
    let (major, minor) = target.runtime.name.python();
    let help = format!(
        "it has native code, and that loads where it was built for: build it on {} with Python {major}.{minor}, for \
         example in AWS's build image of {}, and put the wheel beside the requirements",
        target.arch, target.runtime.name
    );
    Some(Failure::new(code, refusal(&label, target, &findings, None, false)).help(help))
}
