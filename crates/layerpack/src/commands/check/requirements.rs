//! Requirement and lock files: has every package a wheel for the targets, and if not, which version has one?

use std::path::Path;
use std::time::Duration;

use lambda_compat::{Code, Date, Finding, Severity, Target, Verdict, verdict_of};
use layer_pack::Layout;
use pypi_resolve::index::Retries;
use pypi_resolve::resolve::{HeldBack, Instead, Pin, Resolution, Unmet};
use wheel_archive::with_slashes;

use super::below::LiesOn;
use crate::args::LockUseArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layer::{Asked, Chosen, Common, LockFile, NotSurveyed, Reading, Together, UnmetAre, download};
use crate::plan::{Asker, CheckTargets, Exceptions, PlannedLayer, Targets};
use crate::report::{Busy, Cell, Console, Lack, PinsOnTarget, Problem, pins_block, pins_matrix, placed};

/// One requirement or lock file, looked at for every target.
pub(super) struct CheckedRequirements {
    path: String,
    outcome: Outcome,
}

/// How it is looked at.
pub(super) struct Look<'a> {
    pub(super) targets: &'a [Target],
    pub(super) lies_on: &'a LiesOn,
    /// The wheels are downloaded and judged.
    pub(super) deep: bool,
    /// What cannot be looked at for want of a network is passed over.
    pub(super) if_possible: bool,
}

enum Outcome {
    /// In the order of the targets.
    Looked(Vec<PinsOnTarget>),
    /// `--if-possible`, and it was not.
    Skipped(Finding),
}

/// Looks at one file for all targets. Every index page is fetched once. Packages that cannot be had are findings; a
/// failure means that the file or an index could not be read.
pub(super) fn check_requirements(
    path: &Path,
    layer: PlannedLayer,
    how: &Look<'_>,
    common: &Common<'_>,
    console: &mut Console,
) -> Result<CheckedRequirements, Failure> {
    let outcome = match look(path, layer, how, common, console) {
        Ok(on) => Outcome::Looked(on),
        Err(NotLooked::Impossible(failure)) if how.if_possible => {
            let why = failure.message.lines().next().unwrap_or_default();
            let shown = with_slashes(path);
            let message = if why.starts_with(&shown) { why.to_owned() } else { format!("{shown}: {why}") };
            Outcome::Skipped(Finding::warning(failure.code, format!("not checked: {message}")))
        }
        Err(NotLooked::Impossible(failure) | NotLooked::Wrong(failure)) => return Err(failure),
    };
    Ok(CheckedRequirements { path: with_slashes(path), outcome })
}

/// Why a file was not looked at.
enum NotLooked {
    /// No network: nobody can mend that before a commit.
    Impossible(Failure),
    Wrong(Failure),
}

impl From<Failure> for NotLooked {
    fn from(failure: Failure) -> Self {
        match failure.code {
            Code::Network | Code::NotCached => Self::Impossible(failure),
            _ => Self::Wrong(failure),
        }
    }
}

fn look(
    path: &Path,
    layer: PlannedLayer,
    how: &Look<'_>,
    common: &Common<'_>,
    console: &mut Console,
) -> Result<Vec<PinsOnTarget>, NotLooked> {
    let PlannedLayer { mut source, args, configured, .. } = layer;
    let targets = how.targets;
    if source.names_packages() {
        // It is the lock that is checked where the lock is named.
        source.lock = None;
    }
    // A commit shall not wait for a network that is not there.
    let hasty = Retries { again: 1, first_wait: Duration::from_millis(200), ..Retries::default() };
    let reading = Reading {
        resolve: &args.asking.resolve,
        index: &args.asking.index,
        configured: &configured,
        below: how.lies_on.layers(),
        lock_use: Some(&LockUseArgs { locked: false, frozen: true }).filter(|_| source.lock.is_some()),
        retries: how.if_possible.then_some(hasty),
        refresh: false,
    };
    let settled = Targets { all: targets.to_vec(), runtime_by: Asker::Flags, arch_by: Asker::Flags };
    let asked = Asked::read_for(source, &reading, common, console, |_, _, _| Ok(settled))?;
    let today = common.environment.today()?;
    let mut on = Vec::with_capacity(targets.len());
    for target in targets {
        let busy = Busy::new(&console.bars, &format!("checking {} for {target}", path.display()));
        let (resolution, mut checked) = look_on(&asked, target)?;
        drop(busy);
        if let Some(resolution) = resolution.filter(|_| how.deep) {
            let is_open = !how.lies_on.not_built(target).is_empty();
            look_into(&asked, resolution, &mut checked, is_open, today)?;
        }
        on.push(checked);
    }
    Ok(on)
}

/// What can be had on one target, by tags alone.
fn look_on(asked: &Asked, target: &Target) -> Result<(Option<Resolution>, PinsOnTarget), Failure> {
    let mut checked =
        PinsOnTarget { target: *target, packages: None, deep: false, problems: Vec::new(), notes: Vec::new() };
    let survey = match asked.survey(target) {
        Ok(survey) => survey,
        Err(NotSurveyed::Excluded(failure)) => {
            let mut finding = Finding::error(failure.code, failure.message);
            finding.help = failure.help;
            checked.problems.push(problem(file_name(asked), Cell::No, Lack::NotHad, finding));
            return Ok((None, checked));
        }
        Err(NotSurveyed::Failed(failure)) => return Err(failure),
    };
    checked.problems = survey.unmet.iter().map(|unmet| problem_of(unmet, asked)).collect();
    let Some(resolution) = survey.resolution else { return Ok((None, checked)) };
    checked.packages = Some(resolution.pins.len() + checked.problems.len());
    checked.notes.clone_from(&resolution.notes);
    checked.notes.extend(resolution.pins.iter().filter_map(held_back));
    Ok((Some(resolution), checked))
}

/// That a newer version would have been taken but for the target.
fn held_back(pin: &Pin) -> Option<Finding> {
    let HeldBack { newest, reasons } = pin.held_back.as_ref()?;
    let message = format!("{} {} is held back from {newest}: {}", pin.name, pin.version, reasons.join("; "));
    Some(Finding::new(Code::HeldBack, Severity::Note, message).at(pin.name.to_string()))
}

fn problem_of(unmet: &Unmet, asked: &Asked) -> Problem {
    let lack = match unmet {
        Unmet::Pin(_) => Lack::Pin,
        Unmet::Other(report) if matches!(report.code, Code::NoWheelForTarget | Code::OnlySdists) => Lack::NoWheel,
        Unmet::Other(_) => Lack::NotHad,
    };
    let (label, cell) = match unmet {
        Unmet::Pin(pin) => {
            let cell = match &pin.instead {
                Instead::From(version) => Cell::From(version.to_string()),
                Instead::Next { next: version, .. } | Instead::Newest(version) => Cell::Nearest(version.to_string()),
                Instead::Pinned => Cell::Unlisted,
                Instead::Nothing(_) | Instead::Unknown(_) => Cell::No,
            };
            (format!("{}=={}", pin.name, pin.version), cell)
        }
        Unmet::Other(_) => (unmet.package().map_or_else(|| file_name(asked), ToString::to_string), Cell::No),
    };
    let place = if let Unmet::Pin(pin) = unmet { pin.place.clone() } else { None };
    Problem { place, ..problem(label, cell, lack, unmet.finding()) }
}

/// `--deep`: downloads the wheels and judges their bytes as one layer. It is open what a layer below has that is not built.
fn look_into(
    asked: &Asked,
    resolution: Resolution,
    checked: &mut PinsOnTarget,
    is_open: bool,
    today: Date,
) -> Result<(), Failure> {
    let target = checked.target;
    let below = asked.below_on(&target).map(|below| below.brought(&target)).collect::<Result<Vec<_>, _>>()?;
    let chosen = Chosen { resolution, from_lock: asked.lock.as_ref().map(LockFile::name), left_to_runtime: Vec::new() };
    let wheels = match download(asked, &chosen) {
        Ok(wheels) => wheels,
        // A wheel that is damaged or not the one that was promised.
        Err(failure) if failure.exit == Exit::Findings => {
            let mut finding = Finding::error(failure.code, failure.message);
            finding.help = failure.help;
            checked.problems.push(problem(file_name(asked), Cell::No, Lack::DoesNotLoad, finding));
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    checked.deep = true;
    let is_whole = checked.problems.is_empty();
    let together = Together {
        wheels: &wheels,
        files: &[],
        layout: Layout::Layer,
        left_to_runtime: &[],
        below: &below,
        unmet: UnmetAre::Nothing,
        left_open: &asked.excludes,
        complete: is_whole && !is_open,
        exceptions: &Exceptions::default(),
    };
    let (judged, _) = together.judge(&target, today)?;
    for judged in judged {
        let pin = &judged.wheel.pin;
        let mut findings = judged.findings;
        // What a library lacks may be in a package that is missing here.
        findings.retain(|finding| is_whole || !finding.code.is_about_libraries());
        let fails = verdict_of(&findings) == Verdict::Fails;
        if let Some(first) = findings.iter_mut().find(|finding| finding.severity == Severity::Error) {
            first.help = first.help.take().or(judged.help);
        }
        let of_package = findings.into_iter().map(|mut finding| {
            finding.message = format!("{}: {}", pin.wheel, placed(finding.entry.as_deref(), &finding.message));
            finding.at(pin.name.to_string())
        });
        if fails {
            checked.problems.push(Problem {
                label: format!("{}=={}", pin.name, pin.version),
                place: None,
                cell: Cell::No,
                lack: Lack::DoesNotLoad,
                findings: of_package.collect(),
            });
        } else {
            checked.notes.extend(of_package);
        }
    }
    Ok(())
}

fn problem(label: String, cell: Cell, lack: Lack, finding: Finding) -> Problem {
    Problem { label, place: None, cell, lack, findings: vec![finding] }
}

/// What stands for all packages together.
fn file_name(asked: &Asked) -> String {
    let text = asked.source.text();
    Path::new(&text).file_name().map_or_else(|| text.clone(), |name| name.to_string_lossy().into_owned())
}

impl CheckedRequirements {
    /// How the file ends the run: as many targets must be met as were asked for.
    pub(super) fn exit(&self, targets: &CheckTargets, strict: bool) -> Exit {
        let Outcome::Looked(on) = &self.outcome else { return Exit::Fine };
        let good = |on: &PinsOnTarget| {
            let warns = on.notes.iter().any(|note| note.severity >= Severity::Warning);
            on.problems.is_empty() && !(strict && warns)
        };
        let met = targets.are_met(|target| on.iter().any(|on| on.target == *target && good(on)));
        if met { Exit::Fine } else { Exit::Findings }
    }

    pub(super) fn print(&self, targets: &CheckTargets, console: &mut Console) -> Result<(), Failure> {
        let on = match &self.outcome {
            Outcome::Looked(on) => on.as_slice(),
            Outcome::Skipped(why) => {
                console.finding(why);
                return Ok(());
            }
        };
        let fails = self.exit(targets, false) == Exit::Findings;
        if console.quiet && !fails {
            return Ok(());
        }
        console.prose(&match on {
            [only] => pins_block(&self.path, only, console.verbose > 0),
            several => pins_matrix(&self.path, several, fails),
        })
    }

    /// Takes out what exceptions are made of: findings have their package as entry.
    pub(super) fn leave_out(&mut self, ignores: &crate::plan::Ignores) {
        let Outcome::Looked(on) = &mut self.outcome else { return };
        let spare = |findings: &mut Vec<Finding>| {
            let each = std::mem::take(findings).into_iter().filter_map(|finding| {
                let package = finding.entry.as_ref().and_then(|entry| entry.parse().ok());
                let mut one = vec![finding];
                ignores.leave_out(package.as_ref(), &mut one);
                one.pop()
            });
            *findings = each.collect();
        };
        for on in on {
            spare(&mut on.notes);
            on.problems.iter_mut().for_each(|problem| spare(&mut problem.findings));
            on.problems.retain(|problem| !problem.findings.is_empty());
        }
    }

    /// Everything that is said of it, each thing once.
    pub(super) fn findings(&self) -> Vec<&Finding> {
        let mut said: Vec<&Finding> = Vec::new();
        let all: Box<dyn Iterator<Item = &Finding>> = match &self.outcome {
            Outcome::Skipped(why) => Box::new(std::iter::once(why)),
            Outcome::Looked(on) => Box::new(
                on.iter().flat_map(|on| on.problems.iter().flat_map(|problem| &problem.findings).chain(&on.notes)),
            ),
        };
        for finding in all {
            if !said.contains(&finding) {
                said.push(finding);
            }
        }
        said
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The verdict on each target, in their order, and why.
    pub(super) fn findings_on(&self, targets: &[Target]) -> Vec<(Verdict, Vec<Finding>)> {
        match &self.outcome {
            Outcome::Skipped(why) => targets.iter().map(|_| (Verdict::Unknown, vec![why.clone()])).collect(),
            Outcome::Looked(on) => {
                let findings = |on: &PinsOnTarget| -> Vec<Finding> {
                    on.problems.iter().flat_map(|problem| &problem.findings).chain(&on.notes).cloned().collect()
                };
                on.iter().map(findings).map(|findings| (verdict_of(&findings), findings)).collect()
            }
        }
    }
}
