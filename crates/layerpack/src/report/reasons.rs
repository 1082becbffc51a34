//! Why files do not load, each reason said once: with the files and the targets that it is about.

use std::collections::BTreeMap;

use lambda_compat::{Arch, Code, Finding, RuntimeName, Severity, Target};

use crate::report::findings::{placed, tail};
use crate::report::style::{FAINT, STRONG};

/// What was found of one file, target by target.
pub(crate) type ByTarget = [(Target, Vec<Finding>)];

/// One finding, and what it is about.
pub(crate) struct Reason<'a> {
    /// As it was found first.
    pub(crate) finding: &'a Finding,
    /// Its message behind its entry, without the target.
    pub(crate) said: String,
    pub(crate) targets: Vec<Target>,
    /// The numbers of the files, in their order.
    pub(crate) files: Vec<usize>,
}

/// The distinct findings of these files, by code.
pub(crate) fn reasons<'a>(files: &[&'a ByTarget]) -> Vec<Reason<'a>> {
    let mut reasons: Vec<Reason<'a>> = Vec::new();
    for (number, judged) in files.iter().enumerate() {
        // Messages that differ by the runtime's name only are one reason.
        let mut of_file: BTreeMap<(Code, String), Reason<'a>> = BTreeMap::new();
        for (target, findings) in *judged {
            for finding in findings {
                let said = placed(finding.entry.as_deref(), without_target(&finding.message, target));
                let of_any = said.replace(&target.runtime.name.to_string(), "the runtime");
                let new = || Reason { finding, said: said.clone(), targets: Vec::new(), files: vec![number] };
                let reason = of_file.entry((finding.code, of_any.clone())).or_insert_with(new);
                reason.targets.push(*target);
                if reason.said != said {
                    reason.said = of_any;
                }
            }
        }
        for reason in of_file.into_values() {
            match reasons.iter_mut().find(|other| other.says_the_same(&reason)) {
                Some(other) => other.files.push(number),
                None => reasons.push(reason),
            }
        }
    }
    reasons.sort_by_cached_key(|reason| {
        let first = reason.targets.first().map(|target| target.runtime.name);
        (reason.finding.code, reason.files.clone(), first, reason.said.clone())
    });
    reasons
}

impl Reason<'_> {
    fn says_the_same(&self, other: &Self) -> bool {
        (self.finding.code, self.finding.severity) == (other.finding.code, other.finding.severity)
            && self.said == other.said
            && self.targets == other.targets
    }

    /// The lines that say it, indented, the targets behind it where they are not all of `every`.
    pub(crate) fn lines(&self, every: &[Target], with_evidence: bool) -> String {
        let severity = match self.finding.severity {
            Severity::Error => String::new(),
            other => format!("{other}: "),
        };
        let about = about(&self.targets, every).map(|about| format!("  ({about})")).unwrap_or_default();
        let code = self.finding.code;
        let head = format!("  {STRONG}{code}{STRONG:#}  {severity}{}{FAINT}{about}{FAINT:#}", self.said);
        head + &tail(self.finding, with_evidence)
    }
}

/// A message without the target at its end, which would make another line of it for every target: which targets it is
/// about is said once, behind it.
fn without_target<'a>(message: &'a str, target: &Target) -> &'a str {
    let ends = [target.runtime.name.to_string(), target.arch.to_string()];
    let ends = ends.map(|end| format!("; the target is {end}"));
    ends.iter().find_map(|end| message.strip_suffix(end)).unwrap_or(message)
}

/// These of `every` target, as shortly as can be: `3.11, 3.12`, `arm64`, `3.11 · arm64`; nothing where they are all.
pub(crate) fn about(targets: &[Target], every: &[Target]) -> Option<String> {
    if targets.len() == every.len() {
        return None;
    }
    let (runtimes, arches) = (runtimes_of(targets), arches_of(targets));
    let names: Vec<_> = runtimes.iter().map(|runtime| short(*runtime)).collect();
    let arch_names: Vec<_> = arches.iter().map(Arch::to_string).collect();
    Some(if targets.len() < runtimes.len() * arches.len() {
        let pairs: Vec<_> = targets.iter().map(|t| format!("{} · {}", short(t.runtime.name), t.arch)).collect();
        pairs.join(", ")
    } else if runtimes.len() == runtimes_of(every).len() {
        arch_names.join(", ")
    } else if arches.len() == arches_of(every).len() {
        names.join(", ")
    } else {
        format!("{} · {}", names.join(", "), arch_names.join(", "))
    })
}

/// `3.12` of `python3.12`.
pub(crate) fn short(runtime: RuntimeName) -> String {
    let (major, minor) = runtime.python();
    format!("{major}.{minor}")
}

/// The runtimes of these targets, each once, in order.
pub(crate) fn runtimes_of(targets: &[Target]) -> Vec<RuntimeName> {
    in_order(targets.iter().map(|target| target.runtime.name))
}

/// The architectures of these targets, each once, in order.
pub(crate) fn arches_of(targets: &[Target]) -> Vec<Arch> {
    in_order(targets.iter().map(|target| target.arch))
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
