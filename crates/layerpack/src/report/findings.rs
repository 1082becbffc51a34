//! Findings as text.

use lambda_compat::{Finding, Severity, Target, Verdict, verdict_of};

use crate::report::style::{ERROR, FAINT, GOOD, HELP, NOTE, STRONG, WARNING};

/// One finding on lines of its own, with its severity in front: for warnings on stderr.
pub(crate) fn labelled(finding: &Finding, with_source: bool) -> String {
    let style = match finding.severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        Severity::Note => NOTE,
    };
    let mut text = format!(
        "{style}{}[{}]:{style:#} {}",
        finding.severity,
        finding.code,
        placed(finding.entry.as_deref(), &finding.message)
    );
    text.push_str(&tail(finding, with_source));
    text
}

/// Findings as an indented list, code first.
pub(crate) fn finding_lines(findings: &[Finding], with_source: bool) -> Vec<String> {
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
                placed(finding.entry.as_deref(), &finding.message).replace('\n', "\n       ")
            );
            text.push_str(&tail(finding, with_source));
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
    with_source: bool,
) -> String {
    let head = match verdict_of(findings) {
        Verdict::Loads => format!("{file} {GOOD}loads{GOOD:#} on {target}"),
        Verdict::Unknown => format!("{WARNING}warning:{WARNING:#} {file}: cannot tell whether it loads on {target}"),
        Verdict::Fails => {
            return format!("{ERROR}error:{ERROR:#} {}", refusal(file, target, findings, help, with_source));
        }
    };
    block(head, findings, help, with_source)
}

/// That a file does not load on a target, and why: the text of an error.
pub(crate) fn refusal(
    file: &str,
    target: &Target,
    findings: &[Finding],
    help: Option<&str>,
    with_source: bool,
) -> String {
    block(format!("{file} does not load on {target}"), findings, help, with_source)
}

fn block(head: String, findings: &[Finding], help: Option<&str>, with_source: bool) -> String {
    let mut lines = vec![head];
    lines.extend(finding_lines(findings, with_source));
    if let Some(help) = help {
        lines.push(format!("  {HELP}help:{HELP:#} {help}"));
    }
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

fn tail(finding: &Finding, with_source: bool) -> String {
    let help = finding.help.as_ref().map(|help| format!("\n         {HELP}help:{HELP:#} {help}"));
    let source = finding.source.as_ref().filter(|_| with_source);
    let source = source.map(|source| format!("\n         {FAINT}source: {source}{FAINT:#}"));
    help.into_iter().chain(source).collect()
}

/// What is said of a file that is no sound wheel: the same on every target.
pub(crate) fn malformed_block(file: &str, findings: &[Finding], with_source: bool) -> String {
    block(format!("{ERROR}error:{ERROR:#} {file} is not a sound wheel"), findings, None, with_source)
}
