//! Parts of a stack: from what was listed, planned or reported.

use std::collections::BTreeMap;

use lambda_compat::{Code, Finding};
use wheel_tags::DistName;

use super::{FileKind, Group, Mass, Owner, Part, PartFile};
use crate::contents::below_sys_path;
use crate::plan::decide;
use crate::slim::{SlimFile, slim, slim_by_names};
use crate::{LayerPath, LayerPlan, Layout, Listed, PlanError, PlanOptions, Report, Slim, SlimRule, zip};

impl Part {
    /// Of a zip or a folder.
    #[must_use]
    pub fn of_listed(name: &str, listed: &Listed) -> Self {
        let mut part = Self::weighed(name, listed);
        let decision = {
            let files: Vec<SlimFile<'_>> = part.slim_files();
            slim(&files, &Slim::all(), PlanOptions::default().python, &|number| listed.bytes(number))
        };
        part.take(decision.removed);
        part
    }

    /// The same without what slimming would leave out, for which sources are read.
    #[must_use]
    pub fn weighed(name: &str, listed: &Listed) -> Self {
        let mut groups = Groups::new(listed.kind());
        let mut owners = BTreeMap::new();
        for (distribution, files) in listed.distributions() {
            let metadata = &distribution.metadata;
            let group = groups.add(Owner::Package {
                name: metadata.name.clone(),
                version: metadata.version.clone(),
                requires: Some(metadata.requires_dist.clone()),
            });
            owners.extend(files.iter().map(|number| (*number, group)));
        }
        let files = listed.files().enumerate().map(|(number, (file, zipped))| {
            let kind = FileKind::of(file.path.as_str(), file.binary.is_some());
            groups.file(&file.path, kind, Mass::of_file(file.size, zipped), owners.get(&number).copied())
        });
        let files: Vec<PartFile> = files.collect();
        Self {
            name: name.to_owned(),
            kind: listed.kind(),
            zip: listed.zipped(),
            files,
            groups: groups.all,
            names: about_names(listed.findings()),
        }
    }

    /// Of wheels and files as a layer has them.
    ///
    /// # Errors
    /// Where a source in a wheel cannot be read.
    pub fn of_plan(name: &str, plan: &LayerPlan<'_>) -> Result<Self, PlanError> {
        let mut part = Self::planned(name, plan);
        let options = PlanOptions { layout: plan.layout(), slim: Slim::all(), ..PlanOptions::default() };
        part.take(decide(plan.entries().iter(), &options)?.removed);
        Ok(part)
    }

    /// The same without what slimming would leave out, for which sources are read.
    #[must_use]
    pub fn planned(name: &str, plan: &LayerPlan<'_>) -> Self {
        let mut groups = Groups::new(plan.layout());
        let by_name: BTreeMap<&DistName, usize> = plan
            .packages()
            .map(|manifest| {
                let metadata = &manifest.metadata;
                let group = groups.add(Owner::Package {
                    name: metadata.name.clone(),
                    version: metadata.version.clone(),
                    requires: Some(metadata.requires_dist.clone()),
                });
                (&metadata.name, group)
            })
            .collect();
        let files = plan.entries().iter().map(|entry| {
            let headers = zip::local_header_len(&entry.path) + zip::directory_record_len(&entry.path);
            let mass = Mass::of_file(entry.content.size(), Some(entry.content.compressed().saturating_add(headers)));
            let group = entry.package.and_then(|name| by_name.get(name).copied());
            groups.file(&entry.path, entry.kind(), mass, group)
        });
        let files: Vec<PartFile> = files.collect();
        let zipped = files.iter().map(|file| file.mass).collect::<Mass>().zipped;
        let zip = zipped.map(|zipped| zipped.saturating_add(zip::DIRECTORY_END));
        Self {
            name: name.to_owned(),
            kind: plan.layout(),
            zip,
            files,
            groups: groups.all,
            names: about_names(plan.findings()),
        }
    }

    /// Of what a build says that it wrote. Of single files it says no zipped bytes; what packages require it does not say,
    /// nor what is in their files: what slimming would leave out is told by their names, and may be less.
    #[must_use]
    pub fn of_report(name: &str, report: &Report) -> Self {
        let mut groups = Groups::new(report.kind);
        let by_name: BTreeMap<&DistName, usize> = report
            .packages
            .iter()
            .map(|package| {
                let (name, version) = (package.name.clone(), package.version.clone());
                (&package.name, groups.add(Owner::Package { name, version, requires: None }))
            })
            .collect();
        let files = report.files.iter().map(|file| {
            let group = file.package.as_ref().and_then(|name| by_name.get(name).copied());
            let kind = FileKind::of(file.path.as_str(), false);
            groups.file(&file.path, kind, Mass::of_file(file.size, None), group)
        });
        let files = files.collect();
        for package in &report.packages {
            let group = by_name.get(&package.name).and_then(|number| groups.all.get_mut(*number));
            if let Some(group) = group {
                group.mass.zipped = Some(package.zipped);
            }
        }
        let mut part = Self {
            name: name.to_owned(),
            kind: report.kind,
            zip: Some(report.zipped),
            files,
            groups: groups.all,
            names: about_names(&report.findings),
        };
        let decision = slim_by_names(&part.slim_files(), &Slim::all());
        part.take(decision.removed);
        part
    }

    /// The files, as slimming sees them.
    fn slim_files(&self) -> Vec<SlimFile<'_>> {
        let package = |file: &PartFile| match self.groups.get(file.group).map(|group| &group.owner) {
            Some(Owner::Package { name, .. }) => Some(name),
            Some(Owner::Folder(_)) | None => None,
        };
        let files = self.files.iter().map(|file| SlimFile {
            path: below_sys_path(self.kind, file.path.as_str()),
            package: package(file),
            kind: file.kind,
        });
        files.collect()
    }

    fn take(&mut self, rules: Vec<Option<SlimRule>>) {
        for (file, rule) in self.files.iter_mut().zip(rules) {
            file.slim = rule;
        }
    }
}

fn about_names(findings: &[Finding]) -> Vec<Finding> {
    findings.iter().filter(|finding| matches!(finding.code, Code::EntryName | Code::DuplicateEntry)).cloned().collect()
}

/// Groups as they come up.
struct Groups {
    kind: Layout,
    all: Vec<Group>,
    folders: BTreeMap<String, usize>,
}

impl Groups {
    fn new(kind: Layout) -> Self {
        Self { kind, all: Vec::new(), folders: BTreeMap::new() }
    }

    fn add(&mut self, owner: Owner) -> usize {
        self.all.push(Group { owner, mass: Mass::NONE });
        self.all.len() - 1
    }

    /// A file of a distribution, or of its top folder.
    fn file(&mut self, path: &LayerPath, kind: FileKind, mass: Mass, package: Option<usize>) -> PartFile {
        let group = package.unwrap_or_else(|| {
            let folder = top_folder(self.kind, path.as_str());
            if let Some(group) = self.folders.get(folder) {
                return *group;
            }
            let group = self.add(Owner::Folder(folder.to_owned()));
            self.folders.insert(folder.to_owned(), group);
            group
        });
        if let Some(group) = self.all.get_mut(group) {
            group.mass = group.mass.and(mass);
        }
        PartFile { path: path.clone(), kind, mass, group, slim: None }
    }
}

/// The folder that a loose file counts for: the first one below the place where Python looks.
fn top_folder(kind: Layout, path: &str) -> &str {
    let site = match kind {
        Layout::Layer if path.starts_with("python/lib/python3.") => {
            path.find("/site-packages/").map_or("python/".len(), |at| at + "/site-packages/".len())
        }
        Layout::Layer if path.starts_with("python/") => "python/".len(),
        _ => 0,
    };
    let below = path.get(site..).unwrap_or_default();
    let end = below.find('/').map_or(site.saturating_sub(1), |at| site + at);
    path.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_files_count_for_their_top_folder() {
        let layer = |path| top_folder(Layout::Layer, path);
        assert_eq!(layer("python/app/deep/x.py"), "python/app");
        assert_eq!(layer("python/x.py"), "python");
        assert_eq!(layer("python/lib/python3.12/site-packages/app/x.py"), "python/lib/python3.12/site-packages/app");
        assert_eq!(layer("python/lib/python3.12/site-packages/x.py"), "python/lib/python3.12/site-packages");
        assert_eq!(layer("lib/libx.so"), "lib");
        assert_eq!(layer("bootstrap"), "");
        assert_eq!(top_folder(Layout::Function, "python/x.py"), "python");
        assert_eq!(top_folder(Layout::Function, "app.py"), "");
    }
}
