//! What a layer takes on all its targets at once, for its lock.

use std::collections::BTreeMap;

use pypi_resolve::index::IndexStrategy;
use pypi_resolve::lock::PyLock;
use pypi_resolve::resolve::{Cutoff, OnTarget, Preference, Prereleases, Sharing, Together, resolve_together};

use crate::failure::Failure;
use crate::layer::local::judge_local;
use crate::layer::{Asked, Upgrade};
use crate::report::Busy;

impl Asked {
    /// The versions and wheels for all targets: those of an earlier lock where they stay.
    pub(crate) fn choose_together(
        &self,
        earlier: Option<&PyLock>,
        upgrade: &Upgrade,
        sharing: Sharing,
    ) -> Result<Together, Failure> {
        let packages: Vec<_> = self.targets.all.iter().map(|target| self.packages(target)).collect();
        let mut asked: Vec<OnTarget<'_>> = Vec::new();
        for (target, packages) in self.targets.all.iter().zip(&packages) {
            if let Some(project) = &self.project {
                project.admits(target)?;
            }
            judge_local(&self.local, target, self.today)?;
            let mut wants = self.wants(target)?;
            upgrade.add_to(&mut wants, earlier, target);
            asked.push(OnTarget { target: *target, wants, packages });
        }
        let together = {
            let targets: Vec<String> = self.targets.all.iter().map(ToString::to_string).collect();
            let _busy = Busy::new(&self.bars, &format!("resolving {} for {}", self.source.name, targets.join(", ")));
            resolve_together(&asked, &self.policy, sharing)?
        };
        for resolution in &together.resolutions {
            self.variables_are_met(resolution)?;
            self.is_something(resolution.clone(), &resolution.target, None)?;
        }
        Ok(together)
    }

    /// What decides between versions, where it is not the default: a lock says it.
    pub(crate) fn options(&self) -> BTreeMap<String, String> {
        let policy = &self.policy;
        let prerelease = match policy.prereleases {
            Prereleases::IfNecessaryOrExplicit => None,
            Prereleases::Allow => Some("allow"),
            Prereleases::Disallow => Some("disallow"),
        };
        let resolution = match policy.preference {
            Preference::Highest => None,
            Preference::Lowest => Some("lowest"),
            Preference::LowestDirect => Some("lowest-direct"),
        };
        let strategy = match self.settings.strategy {
            IndexStrategy::FirstIndex => None,
            IndexStrategy::UnsafeFirstMatch => Some("unsafe-first-match"),
            IndexStrategy::UnsafeBestMatch => Some("unsafe-best-match"),
        };
        let given = [
            ("prerelease", prerelease),
            ("resolution", resolution),
            ("index-strategy", strategy),
            ("no-deps", policy.no_deps.then_some("true")),
        ];
        let mut options: BTreeMap<String, String> =
            given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
        let excludes: Vec<String> = self.excludes.iter().map(ToString::to_string).collect();
        let packages = policy.cutoffs.by_name.iter().map(|(name, cutoff)| {
            let when = cutoff.as_ref().map_or("false", given_as);
            format!("{name}={when}")
        });
        let lists = [("exclude", excludes), ("exclude-newer-package", packages.collect())];
        options
            .extend(lists.into_iter().filter(|(_, of)| !of.is_empty()).map(|(key, of)| (key.to_owned(), of.join(","))));
        options.extend(policy.cutoffs.all.as_ref().map(|all| ("exclude-newer".to_owned(), given_as(all).to_owned())));
        options
    }
}

/// The date or span as it was given: a span is another moment every day.
fn given_as(cutoff: &Cutoff) -> &str {
    let said = &cutoff.said;
    let parts = said.split_once("= ").or_else(|| said.split_once(' '));
    parts.map_or(said.as_str(), |(_, when)| when)
}
