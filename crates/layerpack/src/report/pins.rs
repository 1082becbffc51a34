//! What is said of a requirement or lock file: which packages a target cannot have, and from which version on it could.

use lambda_compat::{Code, Finding, Target};
use pypi_resolve::requirements::Place;

use crate::report::findings::finding_lines;
use crate::report::packages;
use crate::report::reasons::{about, in_order, short};
use crate::report::style::{ERROR, FAINT, GOOD, HELP, WARNING};

/// One requirement or lock file on one target.
pub(crate) struct PinsOnTarget {
    pub(crate) target: Target,
    /// How many packages there are; `None` where they do not go together.
    pub(crate) packages: Option<usize>,
    /// The wheels' bytes were judged, not only their tags.
    pub(crate) deep: bool,
    pub(crate) problems: Vec<Problem>,
    /// Warnings and notes about the others.
    pub(crate) notes: Vec<Finding>,
}

/// A package that a target cannot have.
pub(crate) struct Problem {
    /// `numpy==1.21.0`.
    pub(crate) label: String,
    /// The line that asks for it, where there is one.
    pub(crate) place: Option<Place>,
    pub(crate) cell: Cell,
    pub(crate) lack: Lack,
    pub(crate) findings: Vec<Finding>,
}

/// What stands in the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Yes,
    /// This version and all that are newer have a wheel.
    From(String),
    /// Not all newer versions have one, or only older ones: the nearest that has.
    Nearest(String),
    /// There is a wheel, and neither the lock nor the hashes of the lines have it.
    Unlisted,
    No,
}

/// In which way a package cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// A pinned version has no wheel: the matrix says where, and which version has one.
    Pin,
    /// No version that will do has one.
    NoWheel,
    /// Nobody knows it, no version will do, or it does not go together with others.
    NotHad,
    DoesNotLoad,
}

/// One file on one target.
pub(crate) fn pins_block(file: &str, on: &PinsOnTarget, with_source: bool) -> String {
    let mut lines = vec![if on.problems.is_empty() {
        format!("{file}: {}", all_fine(std::slice::from_ref(on), &on.target.to_string()))
    } else {
        format!("{ERROR}error:{ERROR:#} {file}{} {}", problems(on), on.target)
    }];
    for problem in &on.problems {
        lines.extend(finding_lines(&problem.findings, with_source));
    }
    lines.extend(finding_lines(&on.notes, with_source));
    lines.join("\n")
}

/// `: 5 of 31 packages have no wheel for`.
fn problems(on: &PinsOnTarget) -> String {
    let count = on.problems.len();
    let Some(all_packages) = on.packages else { return " cannot be built for".to_owned() };
    let all = |lacks: &[Lack]| on.problems.iter().all(|problem| lacks.contains(&problem.lack));
    let verb = match count {
        1 if all(&[Lack::Pin, Lack::NoWheel]) => "has no wheel for",
        _ if all(&[Lack::Pin, Lack::NoWheel]) => "have no wheel for",
        1 if all(&[Lack::DoesNotLoad]) => "does not load on",
        _ if all(&[Lack::DoesNotLoad]) => "do not load on",
        _ => "cannot be had for",
    };
    format!(": {count} of {} {verb}", packages(all_packages))
}

/// `31 packages, all have wheels for python3.13 · arm64`.
fn all_fine(on: &[PinsOnTarget], targets: &str) -> String {
    let counts = || on.iter().filter_map(|on| on.packages);
    let (least, most) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
    let deep = on.iter().all(|on| on.deep);
    if on.iter().flat_map(|on| &on.notes).any(|note| note.code.is_unknown()) {
        return format!("{}, {WARNING}cannot tell whether all load{WARNING:#} on {targets}", packages(most));
    }
    match (least, most, deep) {
        (_, 0, _) => format!("no package for {targets}"),
        (_, 1, false) => format!("1 package, it {GOOD}has a wheel{GOOD:#} for {targets}"),
        (_, 1, true) => format!("1 package, it {GOOD}loads{GOOD:#} on {targets}"),
        _ => {
            let count = if least == most { packages(most) } else { format!("{least} to {}", packages(most)) };
            let verdict = if deep { "all load" } else { "all have wheels" };
            format!("{count}, {GOOD}{verdict}{GOOD:#} {} {targets}", if deep { "on" } else { "for" })
        }
    }
}

/// `python3.12, python3.13 · arm64, x86_64`.
fn in_full(on: &[PinsOnTarget]) -> String {
    let runtimes = in_order(on.iter().map(|on| on.target.runtime.name.to_string()));
    let arches = in_order(on.iter().map(|on| on.target.arch.to_string()));
    format!("{} · {}", runtimes.join(", "), arches.join(", "))
}

/// One file against several targets: a row for each package that some target cannot have, then the reasons.
pub(crate) fn pins_matrix(file: &str, on: &[PinsOnTarget], error: bool) -> String {
    let whole = on.iter().filter(|on| on.problems.is_empty()).count();
    let error = if error { format!("{ERROR}error:{ERROR:#} ") } else { String::new() };
    if whole == on.len() {
        let mut lines = vec![format!("{file}: {}", all_fine(on, &in_full(on)))];
        lines.extend(reasons(on));
        return lines.join("\n");
    }
    let mut lines = vec![match whole {
        0 => format!("{error}{file}: no target has all packages"),
        1 => format!("{error}{file}: 1 of {} targets has all packages", on.len()),
        _ => format!("{error}{file}: {whole} of {} targets have all packages", on.len()),
    }];
    lines.extend(table(on));
    lines.extend(reasons(on));
    lines.extend(legend(on).map(|legend| format!("  {HELP}help:{HELP:#} {legend}")));
    lines.join("\n")
}

/// A row per package and architecture, architectures with the same row together; a column per runtime.
fn table(on: &[PinsOnTarget]) -> Vec<String> {
    let labels = in_order(in_file_order(on).into_iter().map(|(_, problem)| problem.label.as_str()));
    let arches = in_order(on.iter().map(|on| on.target.arch));
    let runtimes = in_order(on.iter().map(|on| on.target.runtime.name));
    let mut rows: Vec<(&str, String, Vec<Cell>)> = Vec::new();
    for label in labels {
        let mut of_label: Vec<(String, Vec<Cell>)> = Vec::new();
        for arch in &arches {
            let of_arch = runtimes.iter().filter_map(|runtime| {
                let on = on.iter().find(|on| on.target.arch == *arch && on.target.runtime.name == *runtime)?;
                let problem = on.problems.iter().find(|problem| problem.label == label);
                Some(problem.map_or(Cell::Yes, |problem| problem.cell.clone()))
            });
            let cells: Vec<Cell> = of_arch.collect();
            match of_label.iter_mut().find(|(_, known)| *known == cells) {
                Some((arches, _)) => *arches = format!("{arches}, {arch}"),
                None => of_label.push((arch.to_string(), cells)),
            }
        }
        let labelled = of_label.into_iter().enumerate();
        rows.extend(labelled.map(|(at, (arch, cells))| (if at == 0 { label } else { "" }, arch, cells)));
    }
    let heads: Vec<String> = runtimes.into_iter().map(short).collect();
    let width = |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| text.chars().count()).max().unwrap_or(0) + 2;
    let label_width = width(&mut rows.iter().map(|(label, _, _)| *label));
    let arch_width = width(&mut rows.iter().map(|(_, arch, _)| arch.as_str()));
    let texts: Vec<String> = rows.iter().flat_map(|(_, _, cells)| cells.iter().map(Cell::text)).collect();
    let cell_width = width(&mut texts.iter().chain(&heads).map(String::as_str));

    let heads: Vec<String> = heads.iter().map(|head| format!("{head:<cell_width$}")).collect();
    let indent = " ".repeat(label_width + arch_width);
    let mut lines = vec![format!("  {indent}{FAINT}{}{FAINT:#}", heads.concat().trim_end())];
    for (label, arch, cells) in rows {
        let cells: Vec<String> = cells.iter().map(|cell| cell.padded(cell_width)).collect();
        let row = format!("  {label:<label_width$}{arch:<arch_width$}{}", cells.concat());
        lines.push(row.trim_end().to_owned());
    }
    lines
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Yes => "yes".to_owned(),
            Self::From(version) => format!("{version}+"),
            Self::Nearest(version) => version.clone(),
            Self::Unlisted => "unlisted".to_owned(),
            Self::No => "no".to_owned(),
        }
    }

    fn padded(&self, width: usize) -> String {
        let style = match self {
            Self::Yes => GOOD,
            Self::From(_) | Self::Nearest(_) | Self::Unlisted => WARNING,
            Self::No => ERROR,
        };
        let text = self.text();
        format!("{style}{text}{style:#}{}", " ".repeat(width.saturating_sub(text.chars().count())))
    }
}

/// The problems of all targets as the lines of the file follow each other, the others behind them.
fn in_file_order(on: &[PinsOnTarget]) -> Vec<(Target, &Problem)> {
    let all = on.iter().flat_map(|on| on.problems.iter().map(|problem| (on.target, problem)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(_, problem)| (problem.place.is_none(), &problem.place));
    all
}

/// What the versions in the cells mean.
fn legend(on: &[PinsOnTarget]) -> Option<String> {
    let cells = || on.iter().flat_map(|on| on.problems.iter().map(|problem| &problem.cell));
    let from = cells().find_map(|cell| if let Cell::From(version) = cell { Some(version) } else { None });
    let nearest = cells().find_map(|cell| if let Cell::Nearest(version) = cell { Some(version) } else { None });
    let from = from.map(|version| format!("{version}+: from that version on there is a wheel"));
    let nearest = nearest.map(|version| format!("{version}: the nearest version that has one"));
    let unlisted = cells().any(|cell| *cell == Cell::Unlisted);
    let unlisted = unlisted.then(|| "unlisted: there is one that the file does not list".to_owned());
    let told: Vec<String> = from.into_iter().chain(nearest).chain(unlisted).collect();
    if told.is_empty() { None } else { Some(told.join("; ")) }
}

/// Each reason once, with the targets it is about where those are not all. What the resolver says differs from target
/// to target by little more than its name: it is told for the first.
fn reasons(on: &[PinsOnTarget]) -> Vec<String> {
    struct Reason<'a> {
        key: (Code, &'a str),
        finding: &'a Finding,
        is_in_table: bool,
        targets: Vec<Target>,
    }
    let of_problems = in_file_order(on).into_iter().flat_map(|(target, problem)| {
        let is_of_resolver = matches!(problem.lack, Lack::NoWheel | Lack::NotHad);
        problem.findings.iter().map(move |finding| {
            let key = if is_of_resolver { problem.label.as_str() } else { finding.message.as_str() };
            (target, key, finding, problem.lack == Lack::Pin && problem.cell != Cell::No)
        })
    });
    let notes = on.iter().flat_map(|on| on.notes.iter().map(|note| (on.target, note.message.as_str(), note, false)));
    let mut reasons: Vec<Reason<'_>> = Vec::new();
    for (target, key, finding, is_in_table) in of_problems.chain(notes) {
        let key = (finding.code, key);
        match reasons.iter_mut().find(|reason| reason.key == key) {
            Some(reason) if reason.targets.contains(&target) => {}
            Some(reason) => {
                reason.targets.push(target);
                reason.is_in_table |= is_in_table;
            }
            None => reasons.push(Reason { key, finding, is_in_table, targets: vec![target] }),
        }
    }
    let told = reasons.into_iter().flat_map(|reason| {
        let mut finding = reason.finding.clone();
        if reason.is_in_table {
            finding.help = None;
        } else if reason.targets.len() < on.len() {
            let end = finding.message.find('\n').unwrap_or(finding.message.len());
            let every: Vec<Target> = on.iter().map(|on| on.target).collect();
            let about = about(&reason.targets, &every).unwrap_or_default();
            finding.message.insert_str(end, &format!("  {FAINT}({about}){FAINT:#}"));
        }
        finding_lines(&[finding], false)
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use lambda_compat::Arch;

    use super::*;

    #[test]
    fn what_nobody_can_tell_is_not_said_to_load() {
        let target = Target::new("3.13".parse().expect("a runtime"), Arch::Arm64);
        let note = Finding::warning(Code::UnknownLibrary, "needs libmystery.so.3").at("odd");
        let on = PinsOnTarget { target, packages: Some(3), deep: true, problems: Vec::new(), notes: vec![note] };
        let said = anstream::adapter::strip_str(&pins_block("requirements.txt", &on, false)).to_string();
        assert_eq!(
            said,
            "requirements.txt: 3 packages, cannot tell whether all load on python3.13 · arm64\n  \
             LP132  warning: odd: needs libmystery.so.3"
        );
    }
}
