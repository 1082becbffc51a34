//! What layers below have of a lock.

use wheel_tags::{DistName, Version};

use super::set::LockedSet;
use crate::resolve::{BelowPackage, Wants};

impl LockedSet {
    /// Takes out what the layers below have as well. What the lock has in another version is returned, with whoever has it
    /// below: the two cannot be in one function.
    pub fn leave_what_is_below(&mut self, wants: &Wants) -> Vec<(DistName, Version, BelowPackage)> {
        let mut differing = Vec::new();
        self.unbuilt.retain(|name, _| wants.there_below(name).is_none());
        self.dists.retain(|name, dist| {
            let Some(there) = wants.there_below(name) else { return true };
            if let Some(version) = dist.version.as_ref().filter(|version| **version != there.version) {
                differing.push((name.clone(), version.clone(), there.clone()));
            }
            false
        });
        differing
    }
}
