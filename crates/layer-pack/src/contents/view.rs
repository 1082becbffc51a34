//! What is held, as the judge sees it: every file at its place in the function.

use std::borrow::Cow;

use lambda_compat::{
    Contents, Finding, Given, Layer, Origin, PlacedFile, PlacedFolder, Surroundings, Target, WheelFacts, judge_whole,
};

use super::links::Reach;
use super::{Held, HeldDistribution, HeldFile, MOST};

impl Held {
    /// The layer or function on this target: its distributions, and the files that belong to none. A distribution in the
    /// `site-packages` of another Python is none there. A link is the file that it leads to, under its own name too.
    #[must_use]
    pub fn layer(&self, target: &Target, given: Given) -> Layer<'_> {
        let (_, minor) = target.runtime.name.python();
        let installed = |of: &&HeldDistribution| of.minor.is_none_or(|of| of == minor);
        let mut loose: Vec<bool> = self.files.iter().map(|file| file.link.is_none()).collect();
        let mut wheels = Vec::new();
        for distribution in self.distributions.iter().filter(installed) {
            for number in &distribution.files {
                if let Some(loose) = loose.get_mut(*number) {
                    *loose = false;
                }
            }
            let files = self.files_of(distribution).filter(|file| file.link.is_none());
            wheels.push(WheelFacts {
                name: &distribution.metadata.name,
                version: &distribution.metadata.version,
                tags: Cow::Borrowed(&distribution.tags),
                variant: None,
                origin: Origin::Unverified,
                requires_python: distribution.metadata.requires_python.as_ref(),
                requires_dist: &distribution.metadata.requires_dist,
                files: files.map(|file| self.placed(file)).collect(),
            });
        }
        let loose = self.files.iter().zip(loose).filter(|(_, loose)| *loose).map(|(file, _)| self.placed(file));
        let loose = loose.chain(self.linked()).collect();
        let folders = self.folders.iter().map(|folder| PlacedFolder {
            entry: folder.path.as_str(),
            place: Cow::Owned(self.place(folder.path.as_str())),
            mode: folder.mode,
        });
        Layer::new(wheels, loose, self, given).with_folders(folders.collect())
    }

    /// Everything that is to be said of it on one target, sorted: of each distribution, which the message then names, of
    /// the files that belong to none, of the whole, and [`Held::findings`].
    #[must_use]
    pub fn judge(&self, target: &Target, given: Given, surroundings: &Surroundings<'_>) -> Vec<Finding> {
        let layer = self.layer(target, given);
        let mut findings = judge_whole(&layer, target, surroundings).findings(&layer);
        findings.extend(self.findings.iter().cloned());
        findings.sort();
        findings.dedup();
        findings
    }

    /// Where a function finds a path.
    fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.kind.root())
    }

    fn placed<'h>(&'h self, file: &'h HeldFile) -> PlacedFile<'h> {
        PlacedFile {
            entry: file.path.as_str(),
            place: Cow::Owned(self.place(file.path.as_str())),
            mode: file.mode,
            binary: file.binary.as_ref(),
            opens_libraries: file.opens_libraries,
        }
    }

    /// The files that links lead to, under the links' names; of a folder those that lie in it. No more than there may be
    /// files: links to one folder multiply it.
    fn linked(&self) -> Vec<PlacedFile<'_>> {
        let mut linked = Vec::new();
        for (link, _) in self.links() {
            let path = link.path.as_str();
            match self.follow(path) {
                Reach::File(number) => {
                    let real = self.files.get(number).map(|real| self.placed(real));
                    linked.extend(real.map(|real| PlacedFile { entry: path, place: self.place(path).into(), ..real }));
                }
                Reach::Folder(folder) => {
                    let room = MOST.saturating_sub(linked.len());
                    let inside = self.below(&folder).filter(|file| file.link.is_none()).take(room);
                    linked.extend(inside.map(|real| {
                        let below = real.path.as_str().get(folder.len()..).unwrap_or_default().trim_start_matches('/');
                        PlacedFile { place: self.place(&format!("{path}/{below}")).into(), ..self.placed(real) }
                    }));
                }
                Reach::Nowhere | Reach::Outside => {}
            }
        }
        linked.truncate(MOST);
        linked
    }
}

impl Contents for Held {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        self.bytes(place.strip_prefix(self.kind.root())?.strip_prefix('/')?)
    }
}
