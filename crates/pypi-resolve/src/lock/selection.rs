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
    /// The member of a uv workspace whose dependencies are wanted (`--package`); `None`: the project that the lock
    /// lies in, or all members where there is none.
    pub member: Option<DistName>,
}
