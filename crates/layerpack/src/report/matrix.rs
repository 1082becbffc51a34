//! Files against many targets, as a table of yes, no and `?`: of one file, or of many.

use lambda_compat::{Arch, Finding, RuntimeName, Target, Verdict, verdict_of};

use crate::report::findings::help_line;
use crate::report::fold::width;
use crate::report::reasons::{ByTarget, arches_of, reasons, runtimes_of, short};
use crate::report::style::{ERROR, FAINT, GOOD, STRONG, WARNING};

/// Columns of a cell: `3.11` or `yes`, and at least one blank.
const CELL: usize = 5;
/// Columns of a file's name at least, however narrow the terminal.
const NARROWEST_NAME: usize = 16;
/// What stands between two architectures, or a name and its cells.
const GAP: &str = "  ";

/// One row of the table.
pub(crate) struct Row<'a> {
    /// What the file is called in the table.
    pub(crate) label: String,
    /// In the order of the targets.
    pub(crate) judged: &'a ByTarget,
}

/// What is said of one file where no runtime was named; `refused` says that too little loads it, and what to do.
pub(crate) fn matrix_block(
    file: &str,
    judged: &ByTarget,
    targets: &[Target],
    refused: Option<(&str, Option<&str>)>,
    with_evidence: bool,
) -> String {
    let count = |verdict| judged.iter().filter(|(_, findings)| verdict_of(findings) == verdict).count();
    let (loads, unknown, all) = (count(Verdict::Loads), count(Verdict::Unknown), judged.len());
    let untold = if unknown == 0 { String::new() } else { format!(", {unknown} cannot be told") };
    let mut lines = vec![match (refused, loads, unknown) {
        (Some((what, _)), _, _) => format!("{ERROR}error:{ERROR:#} {file} {what}"),
        (None, 0, n) if n == all => format!("{WARNING}warning:{WARNING:#} {file}: cannot tell whether it loads"),
        (None, 0, n) => {
            format!("{WARNING}warning:{WARNING:#} {file}: cannot tell whether it loads on {n} of {all} targets")
        }
        (None, n, _) if n == all => format!("{file} {GOOD}loads{GOOD:#} everywhere"),
        (None, n, _) => format!("{file} {GOOD}loads{GOOD:#} on {n} of {all} targets{untold}"),
    }];
    lines.push(header(&format!("  {}", " ".repeat(8)), &runtimes_of(targets)));
    for arch in arches_of(targets) {
        lines.push(format!("  {:<8}{}", arch.to_string(), cells(judged, targets, arch)).trim_end().to_owned());
    }
    lines.extend(reasons(&[judged]).iter().map(|reason| reason.lines(targets, with_evidence)));
    lines.extend(refused.and_then(|(_, help)| help).map(help_line));
    lines.join("\n")
}

/// Many files: a row each, then every reason once, with the files and targets that it is about. `columns` is the width of
/// the terminal, if it is one.
pub(crate) fn matrix_table(
    rows: &[Row<'_>],
    targets: &[Target],
    columns: Option<usize>,
    with_evidence: bool,
) -> String {
    let mut lines = table(rows, targets, columns);
    let judged: Vec<_> = rows.iter().map(|row| row.judged).collect();
    let reasons = reasons(&judged);
    if reasons.iter().any(|reason| reason.finding.code.is_unknown()) {
        lines.push(format!("{FAINT}? = cannot be told, never counted as loading{FAINT:#}"));
    }
    for reason in reasons {
        lines.push(reason.lines(targets, with_evidence));
        let files: Vec<_> = reason.files.iter().filter_map(|number| Some(rows.get(*number)?.label.as_str())).collect();
        let files = if files.len() == rows.len() { format!("all {}", rows.len()) } else { files.join(", ") };
        lines.push(format!("         {FAINT}{files}{FAINT:#}"));
    }
    lines.join("\n")
}

/// The table: architectures beside each other where the terminal has room for it, else below each other.
fn table(rows: &[Row<'_>], targets: &[Target], columns: Option<usize>) -> Vec<String> {
    let (runtimes, arches) = (runtimes_of(targets), arches_of(targets));
    // Wide enough for the name of an architecture.
    let inner = (runtimes.len() * CELL).max(7);
    let rest = " ".repeat(inner - runtimes.len() * CELL);
    let block = GAP.len() + inner;
    let longest = rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    // Names that are not cut are worth a second table; if they are cut in either, one table will do.
    let room = |arches: usize| columns.is_none_or(|columns| columns >= longest + arches * block);
    let fits = columns.is_none_or(|columns| columns >= NARROWEST_NAME + arches.len() * block);
    let beside = room(arches.len()) || (fits && !room(1));
    let blocks: Vec<&[Arch]> = if beside { vec![&arches] } else { arches.chunks(1).collect() };
    let name = match columns {
        None => longest,
        Some(columns) => {
            let taken = blocks.first().map_or(0, |arches| arches.len() * block);
            longest.min(columns.saturating_sub(taken).max(NARROWEST_NAME))
        }
    };
    let mut lines = Vec::new();
    for arches in blocks {
        let mut top = " ".repeat(name);
        let mut head = " ".repeat(name);
        for arch in arches {
            top.extend([GAP.to_owned(), format!("{:<inner$}", arch.to_string())]);
            head.push_str(GAP);
            head.extend(runtimes.iter().map(|runtime| pad(&short(*runtime))));
            head.push_str(&rest);
        }
        lines.push(format!("{STRONG}{}{STRONG:#}", top.trim_end()));
        lines.push(format!("{FAINT}{}{FAINT:#}", head.trim_end()));
        for row in rows {
            let mut line = shortened(&row.label, name);
            line.push_str(&" ".repeat(name - width(&line)));
            for arch in arches {
                line.push_str(GAP);
                line.push_str(&cells(row.judged, targets, *arch));
                line.push_str(&rest);
            }
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

fn header(indent: &str, runtimes: &[RuntimeName]) -> String {
    let head: String = runtimes.iter().map(|runtime| pad(&short(*runtime))).collect();
    format!("{indent}{FAINT}{}{FAINT:#}", head.trim_end())
}

/// The cells of one file on one architecture, runtime by runtime.
fn cells(judged: &ByTarget, targets: &[Target], arch: Arch) -> String {
    let cell = |runtime: &RuntimeName| {
        let on = judged.iter().find(|(target, _)| target.arch == arch && target.runtime.name == *runtime);
        on.map_or_else(|| pad(""), |(_, findings)| cell(findings))
    };
    runtimes_of(targets).iter().map(cell).collect()
}

fn cell(findings: &[Finding]) -> String {
    let (style, word) = match verdict_of(findings) {
        Verdict::Loads => (GOOD, "yes"),
        Verdict::Unknown => (WARNING, "?"),
        Verdict::Fails => (ERROR, "no"),
    };
    format!("{style}{word}{style:#}{}", " ".repeat(CELL - word.len()))
}

fn pad(text: &str) -> String {
    format!("{text:<CELL$}")
}

/// A name without its middle where it is longer than so many columns: both its ends tell wheels apart.
fn shortened(name: &str, columns: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= columns {
        return name.to_owned();
    }
    let kept = columns.saturating_sub(1);
    let end = kept / 2;
    let start = letters.iter().take(kept - end);
    start.chain(&['…']).chain(letters.iter().skip(letters.len() - end)).collect()
}

#[cfg(test)]
mod tests {
    use lambda_compat::{Arch, Code, runtimes};

    use super::*;

    fn targets(count: usize) -> Vec<Target> {
        let newest = runtimes().iter().skip(runtimes().len() - count);
        newest.flat_map(|runtime| Arch::ALL.map(|arch| Target { runtime, arch })).collect()
    }

    fn printed(rows: &[Row<'_>], targets: &[Target], columns: Option<usize>) -> String {
        anstream::adapter::strip_str(&matrix_table(rows, targets, columns, false)).to_string()
    }

    #[test]
    fn the_table_keeps_to_the_terminal() {
        let few = targets(4);
        let judge = |on: &dyn Fn(&Target) -> Vec<Finding>| few.iter().map(|t| (*t, on(t))).collect::<Vec<_>>();
        let loads = judge(&|_| Vec::new());
        let open = judge(&|target| match target.arch {
            Arch::Arm64 => vec![Finding::warning(Code::UnknownLibrary, "needs libmystery.so.3")],
            Arch::X86_64 => Vec::new(),
        });
        let rows = [
            Row { label: "local_package1 0.1.0".to_owned(), judged: &loads },
            Row { label: "a_project_with_a_long_name-0.2.0-cp311-cp311-linux_x86_64.whl".to_owned(), judged: &open },
        ];
        insta::assert_snapshot!(printed(&rows, &few, Some(80)), @"
                                              arm64                 x86_64
                                              3.12 3.13 3.14 3.15   3.12 3.13 3.14 3.15
        local_package1 0.1.0                  yes  yes  yes  yes    yes  yes  yes  yes
        a_project_with_a_l…-linux_x86_64.whl  ?    ?    ?    ?      yes  yes  yes  yes
        ? = cannot be told, never counted as loading
          LP132  warning: needs libmystery.so.3  (arm64)
                 a_project_with_a_long_name-0.2.0-cp311-cp311-linux_x86_64.whl
        ");
        for columns in [60, 80, 100] {
            let table = printed(&rows, &targets(8), Some(columns));
            let longest = table.lines().take_while(|line| !line.starts_with('?')).map(width).max();
            assert!(longest <= Some(columns), "{columns}: {table}");
        }
    }
}
