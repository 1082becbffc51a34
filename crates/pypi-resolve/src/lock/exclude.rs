//! `--exclude` on a lock: the packages that are named, and what only they need.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Code, Finding, Severity};
use wheel_archive::with_slashes;
use wheel_tags::DistName;

use super::set::LockedSet;
use crate::resolve::{ELSEWHERE, left_out_by};

impl LockedSet {
    /// Says what a lock was made without: it has nothing of that any more.
    pub fn made_without(&mut self, names: &BTreeSet<DistName>) {
        self.notes.extend(names.iter().map(|name| {
            let message = format!("{} was made without {name} (--exclude)", with_slashes(&self.file));
            Finding::new(Code::UnmetRequirement, Severity::Note, message).at(name.to_string()).help(ELSEWHERE)
        }));
    }

    /// Takes packages out, and with them what only they need. `lines` are the names that requirement lines ask for.
    ///
    /// Where neither they nor the lock say what is wanted for itself, only the packages that are named go: what they need
    /// may be wanted too.
    pub fn exclude(&mut self, excludes: &BTreeSet<DistName>, lines: &BTreeSet<DistName>) {
        if excludes.is_empty() {
            return;
        }
        for name in excludes {
            let by =
                self.dists.iter().filter(|(other, dist)| !excludes.contains(other) && dist.dependencies.contains(name));
            let mut by: Vec<String> = by
                .map(|(other, dist)| match &dist.version {
                    Some(version) => format!("{other} {version}"),
                    None => other.to_string(),
                })
                .collect();
            let locked = self.unbuilt.remove(name).is_some() || self.dists.contains_key(name);
            if by.is_empty() && locked {
                by.push(with_slashes(&self.file));
            }
            self.notes.push(left_out_by(name, &by));
        }
        let wanted: BTreeSet<&DistName> = self.wanted.union(lines).filter(|name| !excludes.contains(name)).collect();
        if wanted.is_empty() && self.wanted.is_empty() && lines.is_empty() {
            let names: Vec<&str> =
                excludes.iter().filter(|name| self.dists.contains_key(*name)).map(DistName::as_str).collect();
            if !names.is_empty() {
                let message = format!("what only {} needs stays", names.join(", "));
                let file = with_slashes(&self.file);
                let help = format!("{file} does not say who wants what: name the other packages with --exclude too");
                self.notes.push(Finding::new(Code::UnmetRequirement, Severity::Note, message).help(help));
            }
            self.dists.retain(|name, _| !excludes.contains(name));
            return;
        }
        let needs: BTreeMap<&DistName, &BTreeSet<DistName>> = self
            .dists
            .iter()
            .filter(|(name, _)| !excludes.contains(name))
            .map(|(name, d)| (name, &d.dependencies))
            .collect();
        // What the excluded lead to goes, but for what is led to from elsewhere as well.
        let led_to = reached(&self.dists.iter().map(|(n, d)| (n, &d.dependencies)).collect(), excludes.iter());
        let elsewhere = needs.keys().filter(|name| !led_to.contains(*name)).copied();
        let kept = reached(&needs, elsewhere.chain(wanted));
        self.dists.retain(|name, _| kept.contains(name));
    }
}

/// What can be reached from somewhere.
fn reached<'a>(
    needs: &BTreeMap<&'a DistName, &'a BTreeSet<DistName>>,
    from: impl Iterator<Item = &'a DistName>,
) -> BTreeSet<DistName> {
    let mut reached = BTreeSet::new();
    let mut queue: Vec<&DistName> = from.collect();
    while let Some(name) = queue.pop() {
        if let Some(needs) = needs.get(name)
            && reached.insert(name.clone())
        {
            queue.extend(needs.iter());
        }
    }
    reached
}
