//! Which parts of a lock or project are wanted.

use std::collections::BTreeSet;

use wheel_tags::DistName;

/// What is wanted beside the project's own dependencies. Development groups are out unless they are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Extras of the project (`--extra`).
    pub extras: BTreeSet<DistName>,
    /// Dependency groups (`--group`): PEP 735, Poetry's groups, Pipfile's categories.
    pub groups: BTreeSet<DistName>,
    /// Every extra that there is (`--all-extras`).
    pub all_extras: bool,
    /// Every group that there is (`--all-groups`).
    pub all_groups: bool,
    /// The groups that these do not stand for (`--no-group`).
    pub without_groups: BTreeSet<DistName>,
    /// The member of a uv workspace whose dependencies are wanted (`--package`); `None`: the project that the lock
    /// lies in, or all members where there is none.
    pub member: Option<DistName>,
}

impl Selection {
    /// By name, among the extras and groups that there are: also those that only `--all-extras` and `--all-groups` mean.
    pub(crate) fn among<'a>(
        &self,
        extras: impl IntoIterator<Item = &'a DistName>,
        groups: impl IntoIterator<Item = &'a DistName>,
    ) -> Self {
        let mut named = self.clone();
        named.extras.extend(extras.into_iter().filter(|_| self.all_extras).cloned());
        named.groups.extend(groups.into_iter().filter(|_| self.all_groups).cloned());
        named.groups.retain(|group| !self.without_groups.contains(group));
        named
    }
}
