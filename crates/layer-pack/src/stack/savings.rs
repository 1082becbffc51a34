//! What could go, and what that would bring.

use std::collections::BTreeSet;

use lambda_compat::default_runtime;
use wheel_tags::DistName;

use super::{FileKind, Mass, Owner, Stack};

/// What would be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavingRule {
    /// Files of one kind.
    Files(FileKind),
    /// boto3, and what only it needs: every runtime has it.
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

/// The kinds of files that nothing needs at run time, most of the time.
const SLIMMED: [FileKind; 5] =
    [FileKind::Test, FileKind::TypeStub, FileKind::Header, FileKind::Bytecode, FileKind::Docs];

/// The SDK's own name: the rest of it is what it needs.
const SDK: &str = "boto3";

impl Stack {
    /// What could go, the largest saving first; nothing that would bring nothing. They overlap: tests of boto3 count for
    /// both.
    #[must_use]
    pub fn savings(&self) -> Vec<Saving> {
        let mut savings: Vec<Saving> = SLIMMED
            .into_iter()
            .map(|kind| {
                let files = self.parts.iter().flat_map(|part| &part.files).filter(|file| file.kind == kind);
                let mass = files.map(|file| file.mass).collect();
                Saving { rule: SavingRule::Files(kind), mass, packages: Vec::new() }
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

    /// The SDK's packages that nothing else here requires, whatever the environment or extra. Of packages of which nobody
    /// knows what they require, any may.
    fn sdk(&self) -> BTreeSet<&DistName> {
        let owners = || self.parts.iter().flat_map(|part| &part.groups).map(|group| &group.owner);
        let packages: Vec<(&DistName, Option<BTreeSet<DistName>>)> = owners()
            .filter_map(|owner| match owner {
                Owner::Package { name, requires, .. } => Some((
                    name,
                    requires.as_ref().map(|lines| lines.iter().filter_map(|line| required(line)).collect()),
                )),
                Owner::Folder(_) => None,
            })
            .collect();
        let of_runtime = |name: &DistName| default_runtime().sdk.iter().any(|package| package.name == *name);
        let mut going: BTreeSet<&DistName> =
            packages.iter().map(|(name, _)| *name).filter(|name| of_runtime(name)).collect();
        if !going.iter().any(|name| name.as_str() == SDK) {
            return BTreeSet::new();
        }
        loop {
            let stays = |name: &DistName| {
                name.as_str() != SDK
                    && packages.iter().any(|(other, requires)| {
                        !going.contains(other) && requires.as_ref().is_none_or(|requires| requires.contains(name))
                    })
            };
            let staying: Vec<&DistName> = going.iter().copied().filter(|name| stays(name)).collect();
            if staying.is_empty() {
                return going;
            }
            for name in staying {
                going.remove(name);
            }
        }
    }
}

/// The name at the start of a requirement (PEP 508).
fn required(line: &str) -> Option<DistName> {
    let line = line.trim_start();
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
    line.get(..end)?.parse().ok()
}
