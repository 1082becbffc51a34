//! What a layer takes on all its targets at once, for its lock.

use std::collections::BTreeMap;

use lambda_compat::Target;
use pypi_resolve::lock::PyLock;
use pypi_resolve::resolve::{Prereleases, Sharing, Together, Wants, resolve_together};

use crate::failure::Failure;
use crate::layer::local::judge_local;
use crate::layer::{Asked, Upgrade};
use crate::report::{Busy, Console};

impl Asked {
    /// The versions and wheels for all targets: those of an earlier lock where they stay.
    pub(crate) fn choose_together(
        &self,
        earlier: Option<&PyLock>,
        upgrade: &Upgrade,
        sharing: Sharing,
        console: &Console,
    ) -> Result<Together, Failure> {
        let mut asked: Vec<(Target, Wants)> = Vec::new();
        for target in &self.targets.all {
            if let Some(project) = &self.project {
                project.admits(target)?;
            }
            judge_local(&self.local, target, self.today)?;
            let mut wants = self.wants(target);
            upgrade.add_to(&mut wants, earlier, target);
            asked.push((*target, wants));
        }
        let together = {
            let targets: Vec<String> = self.targets.all.iter().map(ToString::to_string).collect();
            let _busy = Busy::new(console, format!("resolving {} for {}", self.source.name, targets.join(", ")));
            resolve_together(&asked, &self.index, &self.policy, sharing)?
        };
        for resolution in &together.resolutions {
            self.is_something(resolution.clone(), &resolution.target, None)?;
        }
        Ok(together)
    }

    /// What decides between versions, where it is not the default: a lock says it.
    pub(crate) fn options(&self) -> BTreeMap<String, String> {
        let prerelease = match self.policy.prereleases {
            Prereleases::IfNecessaryOrExplicit => None,
            Prereleases::Allow => Some("allow"),
            Prereleases::Disallow => Some("disallow"),
        };
        let given = [("prerelease", prerelease), ("no-deps", self.policy.no_deps.then_some("true"))];
        given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect()
    }
}
