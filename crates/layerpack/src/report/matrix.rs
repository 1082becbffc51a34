//! One file against many targets: a small table, then each reason once with the targets it is about.

use std::collections::BTreeMap;

use lambda_compat::{Arch, Finding, RuntimeName, Severity, Target, Verdict, verdict_of};

use crate::report::findings::placed;
use crate::report::style::{ERROR, FAINT, GOOD, HELP, STRONG, WARNING};

const CELL: usize = 6;

/// What is said of one file where no runtime was named. `judged` is in the order of the targets.
pub(crate) fn matrix_block(file: &str, judged: &[(Target, Vec<Finding>)], help: Option<&str>) -> String {
    let runtimes = in_order(judged.iter().map(|(target, _)| target.runtime.name));
    let arches = in_order(judged.iter().map(|(target, _)| target.arch));
    let loads = judged.iter().filter(|(_, findings)| verdict_of(findings) == Verdict::Loads).count();

    let mut lines = vec![match loads {
        0 => format!("{ERROR}error:{ERROR:#} {file} loads on no target"),
        n if n == judged.len() => format!("{file} {GOOD}loads{GOOD:#} everywhere"),
        _ => format!("{file} {GOOD}loads{GOOD:#} on {loads} of {} targets", judged.len()),
    }];
    let head: String = runtimes.iter().map(|runtime| pad(&short(*runtime))).collect();
    lines.push(format!("  {}{FAINT}{}{FAINT:#}", " ".repeat(8), head.trim_end()));
    for arch in arches {
        let mut row = format!("  {:<8}", arch.to_string());
        for runtime in &runtimes {
            let cell = judged.iter().find(|(target, _)| target.arch == arch && target.runtime.name == *runtime);
            row.push_str(&cell.map_or_else(|| pad(""), |(_, findings)| verdict_cell(findings)));
        }
        lines.push(row.trim_end().to_owned());
    }
    lines.extend(reasons(judged));
    if let Some(help) = help {
        lines.push(format!("  {HELP}help:{HELP:#} {help}"));
    }
    lines.join("\n")
}

/// Each distinct finding once, with the targets it is about where those are not all of them.
fn reasons(judged: &[(Target, Vec<Finding>)]) -> Vec<String> {
    let mut by_finding: BTreeMap<(u16, String), (Severity, Vec<Target>)> = BTreeMap::new();
    for (target, findings) in judged {
        for finding in findings {
            let said = placed(finding.entry.as_deref(), without_target(&finding.message, target));
            let about = by_finding.entry((finding.code.number(), said)).or_insert((finding.severity, Vec::new()));
            about.1.push(*target);
        }
    }
    let all = judged.len();
    by_finding
        .into_iter()
        .map(|((code, said), (severity, targets))| {
            let severity = if severity == Severity::Error { String::new() } else { format!("{severity}: ") };
            let about = if targets.len() == all { String::new() } else { about(&targets) };
            format!("  {STRONG}LP{code:03}{STRONG:#}  {severity}{said}{FAINT}{about}{FAINT:#}")
        })
        .collect()
}

/// A message without the target at its end, which would make another line of it for every target: which targets it is
/// about is said once, behind it.
fn without_target<'a>(message: &'a str, target: &Target) -> &'a str {
    let ends = [target.runtime.name.to_string(), target.arch.to_string()];
    let ends = ends.map(|end| format!("; the target is {end}"));
    ends.iter().find_map(|end| message.strip_suffix(end)).unwrap_or(message)
}

pub(super) fn about(targets: &[Target]) -> String {
    let arches = in_order(targets.iter().map(|t| t.arch));
    let runtimes = in_order(targets.iter().map(|t| t.runtime.name));
    let runtimes: Vec<_> = runtimes.iter().map(|r| short(*r)).collect();
    let arches: Vec<_> = arches.iter().map(Arch::to_string).collect();
    format!("  ({} · {})", runtimes.join(", "), arches.join(", "))
}

fn verdict_cell(findings: &[Finding]) -> String {
    let (style, word) = match verdict_of(findings) {
        Verdict::Loads => (GOOD, "yes"),
        Verdict::Unknown => (WARNING, "?"),
        Verdict::Fails => (ERROR, "no"),
    };
    format!("{style}{word}{style:#}{}", " ".repeat(CELL - word.len()))
}

pub(super) fn short(runtime: RuntimeName) -> String {
    let (major, minor) = runtime.python();
    format!("{major}.{minor}")
}

fn pad(text: &str) -> String {
    format!("{text:<CELL$}")
}

pub(super) fn in_order<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}
