//! Parts of a stack: from what was listed, planned or reported.

use std::collections::BTreeMap;

use wheel_tags::DistName;

use super::{FileKind, Group, Mass, Owner, Part, PartFile};
use crate::{Content, HeldKind, LayerPath, LayerPlan, Listed, Report, zip};

impl Part {
    /// Of a zip or a folder.
    #[must_use]
    pub fn of_listed(name: &str, listed: &Listed) -> Self {
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
        let files = files.collect();
        Self { name: name.to_owned(), kind: listed.kind(), zip: listed.zipped(), files, groups: groups.all }
    }

    /// Of wheels and files as a layer has them.
    #[must_use]
    pub fn of_plan(name: &str, plan: &LayerPlan<'_>) -> Self {
        let mut groups = Groups::new(HeldKind::Layer);
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
            let is_native = matches!(&entry.content, Content::Copied { entry, .. } if entry.binary.is_some());
            let headers = zip::local_header_len(&entry.path) + zip::directory_record_len(&entry.path);
            let mass = Mass::of_file(entry.content.size(), Some(entry.content.compressed().saturating_add(headers)));
            let group = entry.package.and_then(|name| by_name.get(name).copied());
            groups.file(&entry.path, FileKind::of(entry.path.as_str(), is_native), mass, group)
        });
        let files: Vec<PartFile> = files.collect();
        let zipped = files.iter().map(|file| file.mass).collect::<Mass>().zipped;
        let zip = zipped.map(|zipped| zipped.saturating_add(zip::DIRECTORY_END));
        Self { name: name.to_owned(), kind: HeldKind::Layer, zip, files, groups: groups.all }
    }

    /// Of what a build says that it wrote. Of single files it says no zipped bytes; what packages require it does not say.
    #[must_use]
    pub fn of_report(name: &str, report: &Report) -> Self {
        let mut groups = Groups::new(HeldKind::Layer);
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
        Self { name: name.to_owned(), kind: HeldKind::Layer, zip: Some(report.zipped), files, groups: groups.all }
    }
}

/// Groups as they come up.
struct Groups {
    kind: HeldKind,
    all: Vec<Group>,
    folders: BTreeMap<String, usize>,
}

impl Groups {
    fn new(kind: HeldKind) -> Self {
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
        PartFile { path: path.clone(), kind, mass, group }
    }
}

/// The folder that a loose file counts for: the first one below the place where Python looks.
fn top_folder(kind: HeldKind, path: &str) -> &str {
    let site = match kind {
        HeldKind::Layer if path.starts_with("python/lib/python3.") => {
            path.find("/site-packages/").map_or("python/".len(), |at| at + "/site-packages/".len())
        }
        HeldKind::Layer if path.starts_with("python/") => "python/".len(),
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
        let layer = |path| top_folder(HeldKind::Layer, path);
        assert_eq!(layer("python/app/deep/x.py"), "python/app");
        assert_eq!(layer("python/x.py"), "python");
        assert_eq!(layer("python/lib/python3.12/site-packages/app/x.py"), "python/lib/python3.12/site-packages/app");
        assert_eq!(layer("python/lib/python3.12/site-packages/x.py"), "python/lib/python3.12/site-packages");
        assert_eq!(layer("lib/libx.so"), "lib");
        assert_eq!(layer("bootstrap"), "");
        assert_eq!(top_folder(HeldKind::Function, "python/x.py"), "python");
        assert_eq!(top_folder(HeldKind::Function, "app.py"), "");
    }
}
