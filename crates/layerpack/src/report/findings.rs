//! Findings as text.

use lambda_compat::{Finding, Severity, Target, Verdict, verdict_of};

use crate::report::shortened::shortened;
use crate::report::style::{ERROR, FAINT, GOOD, HELP, NOTE, STRONG, WARNING};

/// One finding on lines of its own, with its severity in front: for warnings on stderr.
pub(crate) fn labelled(finding: &Finding, with_evidence: bool) -> String {
    let style = match finding.severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        Severity::Note => NOTE,
    };
    let mut text = format!(
        "{style}{}[{}]:{style:#} {}",
        finding.severity,
        finding.code,
        shortened(&placed(finding.entry.as_deref(), &finding.message))
    );
    text.push_str(&tail(finding, with_evidence));
    text
}

/// Findings as an indented list, code first.
pub(crate) fn finding_lines(findings: &[Finding], with_evidence: bool) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => String::new(),
                other => format!("{other}: "),
            };
            let mut text = format!(
                "  {STRONG}{}{STRONG:#}  {severity}{}",
                finding.code,
                shortened(&placed(finding.entry.as_deref(), &finding.message)).replace('\n', "\n       ")
            );
            text.push_str(&tail(finding, with_evidence));
            text
        })
        .collect()
}

/// What is said of one file on one target.
pub(crate) fn verdict_block(
    file: &str,
    target: &Target,
    findings: &[Finding],
    help: Option<&str>,
    with_evidence: bool,
) -> String {
    let head = match verdict_of(findings) {
        Verdict::Loads => format!("{file} {GOOD}loads{GOOD:#} on {target}"),
        Verdict::Unknown => format!("{WARNING}warning:{WARNING:#} {file}: cannot tell whether it loads on {target}"),
        Verdict::Fails => {
            return format!("{ERROR}error:{ERROR:#} {}", refusal(file, target, findings, help, with_evidence));
        }
    };
    block(head, findings, help, with_evidence)
}

/// That a file does not load on a target, and why: the text of an error.
pub(crate) fn refusal(
    file: &str,
    target: &Target,
    findings: &[Finding],
    help: Option<&str>,
    with_evidence: bool,
) -> String {
    let mut errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let head = if errors.all(|finding| finding.code.is_about_tracing()) {
        format!("{file} is not what the wheels of its lock give on {target}")
    } else {
        format!("{file} does not load on {target}")
    };
    block(head, findings, help, with_evidence)
}

fn block(head: String, findings: &[Finding], help: Option<&str>, with_evidence: bool) -> String {
    let mut lines = vec![head];
    lines.extend(finding_lines(findings, with_evidence));
    lines.extend(help.map(help_line));
    lines.join("\n")
}

/// The message, behind the entry that it is about.
pub(crate) fn placed(entry: Option<&str>, message: &str) -> String {
    match entry {
        // Most messages about an entry name it already.
        Some(entry) if !message.contains(entry) => format!("{entry}: {message}"),
        _ => message.to_owned(),
    }
}

/// What to do about a whole file.
pub(super) fn help_line(help: &str) -> String {
    format!("  {HELP}help:{HELP:#} {help}")
}

/// What follows a finding's message: what to do, and where the fact comes from if that is asked for.
pub(super) fn tail(finding: &Finding, with_evidence: bool) -> String {
    let help = finding.help.as_ref().map(|help| format!("\n         {HELP}help:{HELP:#} {help}"));
    let source = finding.source.as_ref().filter(|_| with_evidence);
    let source = source.map(|source| {
        let how = [finding.grade.map(|grade| grade.to_string()), finding.checked.map(|day| day.to_string())];
        let how: Vec<_> = how.into_iter().flatten().collect();
        let how = if how.is_empty() { String::new() } else { format!(" ({})", how.join(", ")) };
        format!("\n         {FAINT}source: {source}{how}{FAINT:#}")
    });
    help.into_iter().chain(source).collect()
}

/// What is said of one file whatever the target: that it is no sound archive, or that nothing loads it.
pub(crate) fn error_block(what: &str, findings: &[Finding], help: Option<&str>, with_evidence: bool) -> String {
    block(format!("{ERROR}error:{ERROR:#} {what}"), findings, help, with_evidence)
}

/// The targets that load a file, of which there is nothing else to say.
pub(crate) fn loads_line(file: &str, targets: &[&Target]) -> String {
    let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
    format!("{file} {GOOD}loads{GOOD:#} on {}", targets.join(", "))
}
