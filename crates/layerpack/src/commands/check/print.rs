//! What a run of `check` found, as text, annotations or JSON.

use std::path::Path;

use lambda_compat::{Code, Finding, Severity, Target, Verdict, verdict_of};

use super::Outcome;
use super::group::{Group, passes};
use super::judge::{About, Judged};
use super::requirements::CheckedRequirements;
use crate::args::Format;
use crate::failure::Failure;
use crate::plan::{each_once, is_wheel};
use crate::report::{
    Annotation, Console, Row, about, error_block, json, loads_line, matrix_block, matrix_table, placed, reasons,
    verdict_block,
};

pub(super) fn print(outcome: Outcome, console: &mut Console) -> Result<(), Failure> {
    for failure in &outcome.failures {
        console.complaint(failure);
    }
    if console.format == Format::Json {
        return print_json(outcome, console);
    }
    for finding in &outcome.findings {
        console.finding(finding);
    }
    let all = outcome.targets();
    for group in &outcome.groups {
        for line in group.left_open() {
            console.summary(&line);
        }
        if console.format == Format::Github {
            annotate(group, &all, console);
            annotate_lists(group, console);
            continue;
        }
        group.print_text(console)?;
        for list in &group.lists {
            list.print(&group.targets, console)?;
        }
    }
    if outcome.files().count() > 1 {
        console.summary(&outcome.summary());
    }
    // A verdict with exceptions is not the same as one without.
    if !outcome.left_out.is_empty() {
        console.summary(&format!("left out, as asked: {}", outcome.left_out.join(", ")));
    }
    if let Some(strict) = outcome.strict_summary() {
        console.summary(&strict);
    }
    Ok(())
}

impl Group {
    /// What is left open for want of layers below, with the paths that lie on them.
    fn left_open(&self) -> Vec<String> {
        let files = self.files.iter().filter(|file| file.about != About::Function).map(|file| file.path.as_str());
        let paths: Vec<&str> = files.chain(self.lists.iter().map(CheckedRequirements::path)).collect();
        let paths = match paths.as_slice() {
            [] => return Vec::new(),
            [first, second, third, _, ..] => format!("{first}, {second}, {third} and {} more", paths.len() - 3),
            few => few.join(", "),
        };
        self.lies_on.left_open().iter().map(|line| format!("{paths}: {line}")).collect()
    }

    fn print_text(&self, console: &mut Console) -> Result<(), Failure> {
        let with_evidence = console.verbose > 0;
        for file in self.files.iter().filter(|file| file.about == About::Malformed) {
            let findings = file.findings.first().map(|(_, findings)| findings.as_slice()).unwrap_or_default();
            let what = if is_wheel(Path::new(&file.path)) { "wheel" } else { "archive" };
            let head = format!("{} is not a sound {what}", file.path);
            console.prose(&error_block(&head, findings, None, with_evidence))?;
        }
        // Under --quiet only what fails is worth a line.
        let quiet = console.quiet;
        let sound: Vec<&Judged> = self
            .files
            .iter()
            .filter(|file| file.about != About::Malformed && (!quiet || file.verdict(&self.targets) == Verdict::Fails))
            .collect();
        match sound.as_slice() {
            [] => Ok(()),
            files if !self.targets.are_a_matrix() => files.iter().try_for_each(|file| print_blocks(file, console)),
            [file] => {
                let refused = self.refused(file);
                let refused = refused.as_ref().map(|(what, help)| (what.as_str(), *help));
                console.prose(&matrix_block(&file.path, &file.findings, &self.targets.all, refused, with_evidence))
            }
            files => self.print_table(files, console),
        }
    }

    /// Many files on every live runtime: one table, every reason once, and what to do about those that fail.
    fn print_table(&self, files: &[&Judged], console: &mut Console) -> Result<(), Failure> {
        let labels = labels(files);
        let rows: Vec<_> =
            files.iter().zip(labels).map(|(file, label)| Row { label, judged: &file.findings }).collect();
        let table = matrix_table(&rows, &self.targets.all, console.columns, console.verbose > 0);
        console.prose(&table)?;
        for file in files {
            if let Some((what, help)) = self.refused(file) {
                console.prose(&error_block(&format!("{} {what}", file.path), &[], help, false))?;
            }
        }
        Ok(())
    }

    /// Of a file that fails on too many targets: which those are, and what to do, for the one that it comes nearest to.
    fn refused<'f>(&self, file: &'f Judged) -> Option<(String, Option<&'f str>)> {
        if file.verdict(&self.targets) != Verdict::Fails {
            return None;
        }
        let loads = |target: &Target| verdict_of(file.findings_on(target)) != Verdict::Fails;
        let arch = self.targets.unmet_arch(loads).filter(|_| self.targets.all.iter().any(loads));
        let what =
            arch.map_or_else(|| "loads on no target".to_owned(), |arch| format!("loads on no runtime of {arch}"));
        // The processor is the harder thing to change.
        let weight = |finding: &Finding| if finding.code == Code::Architecture { 2 } else { 1 };
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        let distance = |findings: &[Finding]| findings.iter().filter(is_error).map(weight).sum::<usize>();
        let helps = file.findings.iter().zip(&file.help).filter_map(|((target, findings), help)| {
            Some((distance(findings), help.as_deref().filter(|_| arch.is_none_or(|arch| target.arch == arch))?))
        });
        Some((what, helps.min_by_key(|(distance, _)| *distance).map(|(_, help)| help)))
    }
}

impl Outcome {
    fn targets(&self) -> Vec<Target> {
        each_once(self.groups.iter().flat_map(|group| &group.targets.all).copied())
    }

    /// Every file, and the group that it is of.
    fn files(&self) -> impl Iterator<Item = (&Group, &Judged)> {
        let all = self.groups.iter().flat_map(|group| group.files.iter().map(move |file| (group, file)));
        all.filter(|(_, file)| file.about != About::Function)
    }

    /// `12 wheels: 10 load, 1 does not, 1 cannot be told`.
    fn summary(&self) -> String {
        let all_wheels = self.files().all(|(_, file)| is_wheel(Path::new(&file.path)));
        let noun = if all_wheels { "wheels" } else { "files" };
        let count = |verdict| self.files().filter(|(group, file)| file.verdict(&group.targets) == verdict).count();
        let (loading, failing, unknown) = (count(Verdict::Loads), count(Verdict::Fails), count(Verdict::Unknown));
        let load = if loading == 1 { "loads" } else { "load" };
        let not = if failing == 1 { "does not" } else { "do not" };
        let untold = if unknown == 0 { String::new() } else { format!(", {unknown} cannot be told") };
        format!("{} {noun}: {loading} {load}, {failing} {not}{untold}", self.files().count())
    }

    /// Where only warnings made the run fail, that has to be said.
    fn strict_summary(&self) -> Option<String> {
        let warned = |group: &Group| {
            let is_warned = |file: &Judged| !group.is_good(file) && file.verdict(&group.targets) != Verdict::Fails;
            group.files.iter().any(is_warned)
        };
        let of_run = self.findings.iter().any(|finding| !passes(finding, self.strict));
        let counts = self.strict && (of_run || self.groups.iter().any(warned));
        counts.then(|| "--strict counts warnings as errors".to_owned())
    }
}

/// One file on targets that were named: a line for those that load it, and a block for each of the others.
fn print_blocks(file: &Judged, console: &mut Console) -> Result<(), Failure> {
    let with_evidence = console.verbose > 0;
    let clean: Vec<&Target> =
        file.findings.iter().filter(|(_, findings)| findings.is_empty()).map(|(target, _)| target).collect();
    if !clean.is_empty() && !console.quiet {
        console.prose(&loads_line(&file.path, &clean))?;
    }
    for ((target, findings), help) in file.findings.iter().zip(&file.help) {
        let fails = verdict_of(findings) == Verdict::Fails;
        if !findings.is_empty() && (fails || !console.quiet) {
            console.prose(&verdict_block(&file.path, target, findings, help.as_deref(), with_evidence))?;
        }
    }
    Ok(())
}

/// What files are called in a table: name and version, the file's name where two have the same, its path where even that
/// is not enough.
fn labels(files: &[&Judged]) -> Vec<String> {
    let name = |file: &Judged| {
        let name = Path::new(&file.path).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    // As the file spells them, which is how its user knows it.
    let package = |file: &Judged| match name(file) {
        name if is_wheel(Path::new(&name)) => name.split('-').take(2).collect::<Vec<_>>().join(" "),
        name => name,
    };
    let path = |file: &Judged| file.path.clone();
    let spellings: [&dyn Fn(&Judged) -> String; 3] = [&package, &name, &path];
    let label = |file: &&Judged| {
        let unique =
            |spell: &&&dyn Fn(&Judged) -> String| files.iter().filter(|other| spell(other) == spell(file)).count() == 1;
        spellings.iter().find(unique).map_or_else(|| path(file), |spell| spell(file))
    };
    files.iter().map(label).collect()
}

/// One annotation for each finding of each file, with the targets that it is about where those are not all of the run. That a file loads on some targets
/// only is no error where nobody named them.
fn annotate(group: &Group, targets: &[Target], console: &mut Console) {
    for file in &group.files {
        let refused = group.refused(file);
        let fails = refused.is_some();
        let mut help_of_file = refused.and_then(|(_, help)| help);
        for reason in reasons(&[&file.findings]) {
            let severity = reason.finding.severity;
            if severity == Severity::Error && !fails {
                continue;
            }
            let about = about(&reason.targets, targets).map(|about| format!(" ({about})")).unwrap_or_default();
            let help = reason.finding.help.as_deref().or_else(|| help_of_file.take());
            let message = format!("{}{about}", reason.said);
            console.annotate(&Annotation {
                severity,
                code: reason.finding.code,
                file: Some(file.path.as_str()).filter(|_| file.about != About::Function),
                message: &message,
                help,
            });
        }
    }
}

/// Packages that cannot be had, in the file that asks for them.
fn annotate_lists(group: &Group, console: &mut Console) {
    for list in &group.lists {
        for finding in list.findings() {
            let message = placed(finding.entry.as_deref(), &finding.message);
            console.annotate(&Annotation {
                severity: finding.severity,
                code: finding.code,
                file: Some(list.path()),
                message: &message,
                help: finding.help.as_deref(),
            });
        }
    }
}

fn print_json(outcome: Outcome, console: &mut Console) -> Result<(), Failure> {
    let all = outcome.targets();
    let mut documents: Vec<(Target, json::CheckedFiles)> =
        all.into_iter().map(|target| (target, json::CheckedFiles { files: Vec::new() })).collect();
    let mut say = |on: Target, row: json::CheckedFile| {
        if let Some((_, document)) = documents.iter_mut().find(|(target, _)| *target == on) {
            document.files.push(row);
        }
    };
    for Group { targets, lies_on, files, lists, .. } in outcome.groups {
        let not_built_below = |target: &Target| lies_on.not_built(target).to_vec();
        for file in files {
            for ((target, findings), help) in file.findings.into_iter().zip(file.help) {
                let verdict = verdict_of(&findings);
                let (path, not_built_below) = (file.path.clone(), not_built_below(&target));
                say(target, json::CheckedFile { path, verdict, findings, help, not_built_below });
            }
        }
        for list in lists {
            for (target, (verdict, findings)) in targets.all.iter().zip(list.findings_on(&targets.all)) {
                let (path, not_built_below) = (list.path().to_owned(), not_built_below(target));
                say(*target, json::CheckedFile { path, verdict, findings, help: None, not_built_below });
            }
        }
    }
    let document = json::Document::new("check", &documents);
    console.document(&json::CheckDocument::new(document, &outcome.findings, &outcome.failures))
}
