//! What could go, and what that would bring.

use std::collections::BTreeSet;

use lambda_compat::{SdkAsker, default_runtime, runtime_sdk};
use wheel_tags::DistName;

use super::{Mass, Owner, Stack};
use crate::SlimRule;

/// What would be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavingRule {
    /// What `build --slim` leaves out by this rule.
    Slim(SlimRule),
    /// boto3, and what only it needs, which every runtime has: what `build --exclude-runtime-sdk` leaves out.
    RuntimeSdk,
    /// All but one of the copies of packages that several parts have in one version.
    SecondCopies,
}

/// What leaving it out would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saving {
    /// What.
    pub rule: SavingRule,
    /// How much.
    pub mass: Mass,
    /// The distributions that would go, by name; none where it is files of all of them.
    pub packages: Vec<DistName>,
}

impl Stack {
    /// What could go, the largest saving first; nothing that would bring nothing. They overlap: tests of boto3 count for
    /// both.
    #[must_use]
    pub fn savings(&self) -> Vec<Saving> {
        let mut savings: Vec<Saving> = SlimRule::ALL
            .into_iter()
            .map(|rule| {
                let files = self.parts.iter().flat_map(|part| &part.files).filter(|file| file.slim == Some(rule));
                let mass = files.map(|file| file.mass).collect();
                Saving { rule: SavingRule::Slim(rule), mass, packages: Vec::new() }
            })
            .collect();
        let packages = self.sdk();
        let is_sdk = |owner: &Owner| matches!(owner, Owner::Package { name, .. } if packages.contains(name));
        let groups = self.parts.iter().flat_map(|part| &part.groups).filter(|group| is_sdk(&group.owner));
        let mass = groups.map(|group| group.mass).collect();
        savings.push(Saving { rule: SavingRule::RuntimeSdk, mass, packages: packages.into_iter().cloned().collect() });
        savings.push(self.second_copies());
        savings.retain(|saving| saving.mass.unzipped > 0);
        savings.sort_by(|a, b| b.mass.unzipped.cmp(&a.mass.unzipped).then_with(|| a.rule.cmp(&b.rule)));
        savings
    }

    /// The first part that has a package keeps it.
    fn second_copies(&self) -> Saving {
        let mut seen = BTreeSet::new();
        let mut packages = BTreeSet::new();
        let mut mass = Mass::NONE;
        for group in self.parts.iter().flat_map(|part| &part.groups) {
            if let Owner::Package { name, version, .. } = &group.owner
                && !seen.insert((name, version))
            {
                packages.insert(name);
                mass = mass.and(group.mass);
            }
        }
        Saving { rule: SavingRule::SecondCopies, mass, packages: packages.into_iter().cloned().collect() }
    }

    /// The SDK's packages, and what comes with them that nothing else here requires, whatever the environment or extra.
    fn sdk(&self) -> BTreeSet<&DistName> {
        let owners = self.parts.iter().flat_map(|part| &part.groups).map(|group| &group.owner);
        let packages: Vec<SdkAsker<'_>> = owners
            .filter_map(|owner| match owner {
                Owner::Package { name, requires, .. } => {
                    let names = |lines: &Vec<String>| lines.iter().filter_map(|line| required(line)).collect();
                    Some(SdkAsker { name, requires: requires.as_ref().map(names) })
                }
                Owner::Folder(_) => None,
            })
            .collect();
        runtime_sdk(&packages, &BTreeSet::new(), default_runtime())
    }
}

/// The name at the start of a requirement (PEP 508).
fn required(line: &str) -> Option<DistName> {
    let line = line.trim_start();
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
    line.get(..end)?.parse().ok()
}
