//! Whether the project file still says what was locked: Poetry keeps a digest of that.

use super::PoetryLock;
use crate::lock::error::LockError;
use crate::project::Project;
use crate::requirements::Place;

impl PoetryLock {
    /// Whether the project file has the `content-hash` of the lock.
    ///
    /// # Errors
    ///
    /// [`LockError::Outdated`] where it has another.
    pub fn matches(&self, project: &Project) -> Result<(), LockError> {
        let Some(locked) = &self.content_hash else { return Ok(()) };
        // Where there is something in the file that Python writes in a way of its own, nothing can be said.
        let Some(hashes) = project.poetry_hashes() else { return Ok(()) };
        if hashes.contains(locked) {
            return Ok(());
        }
        let place = Place::new(project.file().display().to_string(), 0);
        let why = "its content-hash is that of other dependencies".to_owned();
        Err(LockError::Outdated { file: self.file.clone(), place, why })
    }
}
