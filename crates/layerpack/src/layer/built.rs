//! What has to be built before it is known what it is, or because no wheel would do: brought to wheels on disk, which the
//! resolver takes like any other.

use std::collections::BTreeSet;
use std::sync::Arc;

use lambda_compat::{Code, Given, Layer, NoContents, Origin, Target, Verdict, judge, verdict_of};
use pypi_resolve::requirements::{DirectUrl, Packages, Place, Requirement, SourceRequirement, marker_environment};
use pypi_resolve::resolve::{LocalWheel, Newest, Resolution, ResolveError, newest, resolve, survey};
use wheel_archive::{Manifest, Store};
use wheel_tags::DistName;

use crate::failure::Failure;
use crate::layer::Asked;
use crate::layer::local::{LocalManifest, inspect_file};
use crate::report::{Console, refusal};
use crate::source_build::{Allowed, Built, Workshop};

/// Packages that are built for the sake of others, each after a resolution that failed for want of it.
const MOST_BUILT: usize = 64;

impl Asked {
    /// Builds what the requirement lines name as a source, then the source distributions that are allowed and needed.
    pub(super) fn build_sources(&mut self, allowed: &Allowed, console: &Console) -> Result<(), Failure> {
        self.formats_are_met(allowed)?;
        if !allowed.any() || self.lock.is_some() {
            return Ok(());
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
            let built = self.workshop(allowed, &targets).line(&line, console)?;
            let manifest = loads_somewhere(&built, &targets, &self.store)?;
            self.take_line(built, manifest, &line);
        }
        let demanded = self.file.formats.all_built().filter_map(|(packages, _)| match packages {
            Packages::One(name) => Some(name.clone()),
            Packages::All => None,
        });
        let named: BTreeSet<DistName> = allowed.names().iter().cloned().chain(demanded).collect();
        for target in self.targets.all.clone() {
            for name in &named {
                self.build_newest(name, &target, allowed, self.file.formats.built(name).is_some(), console)?;
            }
            self.build_what_is_missing(&target, allowed, console)?;
        }
        Ok(())
    }

    /// Resolves until nothing more is missing that may be built. Why there is no answer is said when it is asked for.
    fn build_what_is_missing(&mut self, target: &Target, allowed: &Allowed, console: &Console) -> Result<(), Failure> {
        let mut tried = BTreeSet::new();
        while tried.len() < MOST_BUILT {
            let Err(ResolveError::Unsatisfiable(report)) =
                resolve(&self.wants(target), target, &self.packages(target), &self.policy)
            else {
                return Ok(());
            };
            let lacks_wheel = matches!(report.code, Code::OnlySdists | Code::NoWheelForTarget);
            let Some(name) = report.package.filter(|name| lacks_wheel && allowed.allows(Some(name))) else {
                return Ok(());
            };
            let forbidden = self.file.formats.never_built(&name);
            if forbidden || !tried.insert(name.clone()) || !self.build_newest(&name, target, allowed, true, console)? {
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
        console: &Console,
    ) -> Result<bool, Failure> {
        let found =
            match newest(&self.wants(target), target, &self.packages(target), &self.policy, name, without_wheels) {
                Ok(Newest::Sdist(file)) => file,
                // What nobody knows or allows is said by the resolution.
                Ok(_) | Err(ResolveError::Unsatisfiable(_)) => return Ok(false),
                Err(ResolveError::Index(error)) if error.code() == Code::UnknownProject => return Ok(false),
                Err(error) => return Err(error.into()),
            };
        let targets = self.targets.all.clone();
        let built = self.workshop(allowed, &targets).sdist(&found, console)?;
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
            offline: self.offline(),
            targets,
            folder: &self.scratch,
        }
    }

    /// A line that named a source names the wheel from now on.
    fn take_line(&mut self, built: Built, manifest: Manifest, line: &SourceRequirement) {
        let hash = built.verified.then_some(manifest.sha256);
        let requirement = line.met_by(&built.filename.name, built.path.clone(), hash);
        let wheel = LocalWheel {
            path: built.path.clone(),
            filename: built.filename.clone(),
            sha256: manifest.sha256,
            size: manifest.size,
            metadata: Arc::new(manifest.metadata.clone()),
        };
        self.local.push(LocalManifest { wheel, manifest, line: Some(requirement.clone()) });
        self.file.requirements.push(requirement);
        self.built.push(built);
    }

    /// Says of what a resolution takes that it was built here.
    pub(super) fn note_built(&self, resolution: &mut Resolution) {
        let is_taken = |built: &&Built| resolution.pins.iter().any(|pin| pin.wheel == built.filename);
        let notes: Vec<_> = self.built.iter().filter(is_taken).map(Built::note).collect();
        resolution.notes.extend(notes);
    }

    /// `--no-binary` asks for builds, which have to be allowed.
    fn formats_are_met(&self, allowed: &Allowed) -> Result<(), Failure> {
        let refused = |place: &Place, what: String, help: String| {
            Failure::new(Code::Unsupported, format!("{place}: {what}")).help(help)
        };
        let unmet = self.file.formats.all_built().filter_map(|(packages, place)| match packages {
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
        let Ok(survey) = survey(&self.wants(target), target, &self.packages(target), &self.policy, self.today) else {
            return error.into();
        };
        let unmet: Vec<_> = survey.unmet.iter().filter(|unmet| unmet.finding().code == Code::OnlySdists).collect();
        let names: Vec<&str> = unmet.iter().filter_map(|unmet| unmet.package()).map(DistName::as_str).collect();
        // Of one package the resolver knows what would help.
        if names.len() < 2 {
            return error.into();
        }
        let help = format!(
            "have them built here by uv or pip: --build {}; or build wheels elsewhere (pip wheel --no-deps {}) and put them \
             beside the requirements",
            names.join(","),
            names.join(" ")
        );
        let said = unmet.iter().map(|unmet| Failure::new(Code::OnlySdists, unmet.finding().message));
        match Failure::all(said) {
            Some(mut failure) => {
                failure.others.last_mut().map_or(&mut failure.help, |last| &mut last.help).replace(help);
                failure
            }
            None => error.into(),
        }
    }
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
