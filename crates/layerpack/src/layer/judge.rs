//! The wheels of a layer before the judge: all together with the files of the source, as the one layer that they become.

use std::collections::BTreeSet;
use std::sync::Arc;

use lambda_compat::{
    Code, Contents, Date, Finding, Given, Layer, NeededDistribution, Severity, Surroundings, Target, Verdict,
    WheelFacts, advise_except, judge, judge_layer, judge_loose, verdict_of,
};
use layer_pack::{Layout, LeftToRuntime, LocalFile};
use pypi_resolve::requirements::{Requirement, marker_environment};
use wheel_archive::{Installed, ReadAt};
use wheel_tags::DistName;

use crate::failure::Failure;
use crate::layer::below::{self, Brought, Seen, placed};
use crate::layer::runtime_sdk::PACK_THE_SDK;
use crate::layer::{LayerWheel, open_wheels};
use crate::plan::Exceptions;
use crate::report::refusal;

/// What becomes one layer.
pub(crate) struct Together<'a> {
    pub(crate) wheels: &'a [LayerWheel],
    /// `SOURCE/python/**` and `SOURCE/opt/**`.
    pub(crate) files: &'a [LocalFile],
    /// Where all of it lies in a running function.
    pub(crate) layout: Layout,
    /// What the runtime's SDK stands in for: its versions are held against what is required of it.
    pub(crate) left_to_runtime: &'a [LeftToRuntime],
    /// What lies below.
    pub(crate) below: &'a [Arc<Brought>],
    /// What is said of requirements that are not met.
    pub(crate) unmet: UnmetAre,
    /// Packages of which nothing is said: they are left out, or others stand in for what is required.
    pub(crate) left_open: &'a BTreeSet<DistName>,
    /// Nothing else will be there; otherwise other layers may bring more.
    pub(crate) complete: bool,
    pub(crate) exceptions: &'a Exceptions,
}

/// What is said of requirements that nothing meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnmetAre {
    /// Nothing: the resolver has met them all.
    Nothing,
    /// A warning: nobody was to look at them (`--no-deps`).
    Warning,
    /// An error: layers below are to meet some of them.
    Error,
}

/// A wheel, and what its bytes come to beside the others.
pub(crate) struct JudgedWheel<'a> {
    pub(crate) wheel: &'a LayerWheel,
    pub(crate) findings: Vec<Finding>,
    /// What to do, where it does not load.
    pub(crate) help: Option<String>,
}

impl<'a> Together<'a> {
    /// What is said of each wheel, in their order, and of the layer as a whole.
    pub(crate) fn judge(&self, target: &Target, today: Date) -> Result<(Vec<JudgedWheel<'a>>, Vec<Finding>), Failure> {
        let opened = open_wheels(self.wheels)?;
        let sources = self.wheels.iter().zip(&opened).map(|(wheel, source)| (&wheel.manifest, source as &dyn ReadAt));
        let (root, packages) = (self.layout.root(), self.layout.packages());
        let installed = Installed::in_folder(packages, sources);
        let facts = self.wheels.iter().map(|wheel| wheel.manifest.facts_in(packages, wheel.origin())).collect();
        let below_opened = below::opened(self.below)?;
        let seen = OwnAndSeen { root, files: self.files, seen: Seen::new(installed, self.below, &below_opened) };
        let loose = self.files.iter().map(|file| placed(file, self.layout));
        let Exceptions { provided, ignores } = self.exceptions;
        let given = Given { complete: self.complete, vouched: provided.clone() };
        let below = self.below.iter().flat_map(|layer| layer.files(target)).collect();
        let layer = Layer::new(facts, loose.collect(), &seen, given).on_top_of(below);
        let judged = self.wheels.iter().zip(layer.wheels()).map(|(wheel, facts)| {
            let mut findings = judge(&layer, facts, target);
            ignores.leave_out(Some(facts.name), &mut findings);
            let fails = verdict_of(&findings) == Verdict::Fails;
            // What is advised must hold with the same exceptions.
            let spared = |finding: &Finding| ignores.spare(Some(facts.name), finding);
            let help = if fails { advise_except(&layer, facts, target, today, &spared) } else { None };
            findings.extend(wheel.manifest.warnings.iter().cloned());
            JudgedWheel { wheel, findings, help }
        });
        let judged = judged.collect();
        let mut whole = judge_loose(&layer, target);
        let there: Vec<_> = self.below.iter().flat_map(|below| below.packages()).collect();
        let nothing = BTreeSet::new();
        let all = needed(&nothing);
        // Where the resolver has met all requirements, those are left that the runtime is to meet.
        let of_runtime = self.unmet == UnmetAre::Nothing;
        let needed = |wheel: &WheelFacts<'_>, target: &Target| {
            let mut needed = all(wheel, target);
            needed.retain(|one| !self.left_open.contains(&one.name));
            needed.retain(|one| !of_runtime || self.left_to_runtime.iter().any(|left| left.name == one.name));
            needed
        };
        whole.extend(judge_layer(&layer, target, &Surroundings { below: &there, ..surroundings(&needed) }));
        // That a layer has its own urllib3 is as it should be, and packages alone at the root are what was asked for.
        whole.retain(|finding| finding.severity > Severity::Note);
        whole.retain(|finding| finding.code != Code::NoPythonFolder || self.layout == Layout::Layer);
        for finding in whole.iter_mut().filter(|finding| finding.code == Code::UnmetRequirement) {
            match self.unmet {
                UnmetAre::Nothing => finding.help = Some(PACK_THE_SDK.to_owned()),
                UnmetAre::Warning => finding.severity = Severity::Warning,
                UnmetAre::Error => {}
            }
        }
        ignores.leave_out(None, &mut whole);
        Ok((judged, whole))
    }
}

/// The bytes of the files of the source, and of all that is seen besides.
struct OwnAndSeen<'a> {
    root: &'static str,
    files: &'a [LocalFile],
    seen: Seen<'a>,
}

impl Contents for OwnAndSeen<'_> {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        let own = || {
            let path = place.strip_prefix(self.root)?.strip_prefix('/')?;
            self.files.iter().find(|file| file.path().as_str() == path)
        };
        own().map(LocalFile::bytes).or_else(|| self.seen.read(place))
    }
}

/// What the judge of a layer has to be told.
pub(crate) fn surroundings(
    requirements: &(dyn Fn(&WheelFacts<'_>, &Target) -> Vec<NeededDistribution> + Sync),
) -> Surroundings<'_> {
    Surroundings {
        is_standard_module: &|name, target| target.runtime.has_standard_module(name),
        requirements,
        below: &[],
    }
}

/// The requirements of a distribution that hold on the target, without those of extras. One that cannot be read is passed
/// over, as pip does with what it has installed.
pub(crate) fn needed(
    excludes: &BTreeSet<DistName>,
) -> impl Fn(&WheelFacts<'_>, &Target) -> Vec<NeededDistribution> + Sync {
    |wheel, target| {
        let environment = marker_environment(target);
        let needed = wheel.requires_dist.iter().filter_map(|text| {
            let requirement = Requirement::parse_dist(text).ok()?;
            requirement.marker.evaluate(&environment, &[]).then(|| NeededDistribution {
                excluded: excludes.contains(&requirement.name),
                name: requirement.name,
                specifiers: requirement.specifiers,
                as_spelt: text.clone(),
            })
        });
        needed.collect()
    }
}

/// Judges a layer that is being built: warnings and notes are returned, what does not load ends the run, with
/// where each fact comes from if that is wanted.
pub(crate) fn judge_all(
    together: &Together<'_>,
    target: &Target,
    today: Date,
    with_source: bool,
) -> Result<Vec<Finding>, Failure> {
    let (wheels, mut found) = together.judge(target, today)?;
    let mut blocks = Vec::new();
    let mut first = found.iter().find(|finding| finding.severity == Severity::Error).map(|finding| finding.code);
    for JudgedWheel { wheel, findings, help } in wheels {
        if verdict_of(&findings) == Verdict::Fails {
            let code = findings.iter().find(|f| f.severity == Severity::Error).map_or(Code::Architecture, |f| f.code);
            first.get_or_insert(code);
            blocks.push(refusal(wheel.pin.wheel.as_str(), target, &findings, help.as_deref(), with_source));
        }
        found.extend(findings.into_iter().map(|mut finding| {
            finding.message = format!("{}: {}", wheel.pin.wheel, finding.message);
            finding
        }));
    }
    if blocks.is_empty() {
        // Of the layer as a whole: said by whoever builds, with the rest.
        return Ok(found);
    }
    Err(Failure::new(first.unwrap_or(Code::Architecture), blocks.join("\n")))
}
