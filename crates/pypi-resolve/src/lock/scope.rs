//! Whether a lock was made for a target at all.

use std::path::Path;

use lambda_compat::Target;
use pep440_rs::VersionSpecifiers;
use pep508_rs::MarkerTree;

use super::error::LockError;
use crate::requirements::marker_environment;

/// Holds the Pythons and environments of a lock against a target; no environments are all.
pub(super) fn holds_on(
    file: &Path,
    target: &Target,
    requires_python: Option<&VersionSpecifiers>,
    environments: &[MarkerTree],
) -> Result<(), LockError> {
    let other = |why| LockError::OtherTarget { file: file.to_path_buf(), target: Box::new(*target), why };
    // Specifiers speak of releases: `>=3.15` admits the release candidate that a preview runtime has.
    let python = target.runtime.python_full.value.only_release();
    if let Some(specifiers) = requires_python.filter(|specifiers| !specifiers.contains(&python)) {
        return Err(other(format!("requires-python is {specifiers}")));
    }
    let environment = marker_environment(target);
    if !environments.is_empty() && !environments.iter().any(|marker| marker.evaluate(&environment, &[])) {
        let listed: Vec<String> = environments.iter().filter_map(MarkerTree::try_to_string).collect();
        return Err(other(format!("its environments are {}", listed.join(" and "))));
    }
    Ok(())
}
