//! What a project's files say of its layers, for `layerpack init`: the readers of SAM templates, serverless.yml and CDK
//! code, one file each, and of what lies on the disk. `text` makes a configuration of it.
//!
//! Readers take what they are sure of. What they cannot read they leave out: a wrong guess costs more than a missing one.

mod cdk;
mod code;
mod files;
mod sam;
mod serverless;
mod stacks;
mod text;
mod yaml;

use std::collections::BTreeMap;

use lambda_compat::{Arch, RuntimeName};

pub(crate) use files::Files;
pub(crate) use stacks::FoundStack;
pub(crate) use text::configuration;

/// What a file says, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    pub(crate) by: String,
}

/// A layer that somebody's file names, or that a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundLayer {
    /// As it is to be called.
    pub(crate) name: String,
    /// The folder or file that it is built from, below the project's folder, with slashes.
    pub(crate) source: String,
    pub(crate) runtimes: Vec<RuntimeName>,
    pub(crate) arches: Vec<Arch>,
    /// The sources of the layers below it, where its file says so.
    on_top_of: Vec<String>,
    /// Who names it: `PypiLayer of template.yaml`.
    pub(crate) by: String,
}

/// All that was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Project {
    /// What functions and settings say, in the order of the files.
    pub(crate) runtimes: Vec<Said<RuntimeName>>,
    pub(crate) arches: Vec<Said<Arch>>,
    pub(crate) layers: Vec<FoundLayer>,
    /// What functions have of these layers, each function by itself.
    functions: Vec<stacks::Function>,
    /// What was seen and is not taken, with the reason.
    pub(crate) left_out: Vec<String>,
}

impl Project {
    /// Reads a project. The readers that know more go first.
    pub(crate) fn survey(files: &Files) -> Self {
        let mut project = Self::default();
        sam::read(files, &mut project);
        serverless::read(files, &mut project);
        cdk::read(files, &mut project);
        project.take_folders(files);
        project.take_python_version(files);
        project.name_apart();
        project
    }

    /// The runtime that most of them name, and of those the newest.
    pub(crate) fn runtime(&self) -> Option<Said<RuntimeName>> {
        favourite(&self.runtimes, self.layers.iter().flat_map(|layer| tell(&layer.runtimes, &layer.by)))
    }

    /// The architecture that most of them name.
    pub(crate) fn arch(&self) -> Option<Said<Arch>> {
        favourite(&self.arches, self.layers.iter().flat_map(|layer| tell(&layer.arches, &layer.by)))
    }

    /// The names of the layers that this one is on top of.
    pub(crate) fn below(&self, layer: &FoundLayer) -> Vec<String> {
        let name = |source: &String| self.layers.iter().find(|one| one.source == *source).map(|one| one.name.clone());
        layer.on_top_of.iter().filter_map(name).collect()
    }

    /// What functions have together.
    pub(crate) fn stacks(&self) -> Vec<FoundStack> {
        stacks::together(self)
    }

    /// Takes a layer that somebody's file names. One that is known by its folder gets only what is not known of it.
    fn add(&mut self, files: &Files, layer: FoundLayer) {
        if !files.is_source(&layer.source) {
            self.left_out.push(format!("{}: {} has no packages to build", layer.source, layer.by));
        } else if let Some(known) = self.layers.iter_mut().find(|known| known.source == layer.source) {
            if known.runtimes.is_empty() {
                known.runtimes = layer.runtimes;
            }
            if known.arches.is_empty() {
                known.arches = layer.arches;
            }
        } else {
            self.layers.push(layer);
        }
    }

    /// Folders of packages below one that is called `layers`; without any layer at all, the project's own requirements.
    fn take_folders(&mut self, files: &Files) {
        for folder in files.folders() {
            let is_below_layers = folder.split('/').rev().skip(1).any(|part| matches!(part, "layers" | "layer"));
            let is_inside = self.layers.iter().any(|layer| folder.starts_with(&format!("{}/", layer.source)));
            if is_below_layers && !is_inside && files.has_packages(folder) {
                self.add(files, of_folder(folder, files.why(folder)));
            }
        }
        if self.layers.is_empty() && files.has_packages(".") {
            self.add(files, of_folder(".", files.why(".")));
        }
    }

    /// `.python-version`, where nothing else says anything.
    fn take_python_version(&mut self, files: &Files) {
        if self.runtime().is_some() {
            return;
        }
        let Some(text) = files.text(".python-version") else { return };
        let version = text.lines().find(|line| !line.trim_start().starts_with('#')).unwrap_or_default().trim();
        let minor = version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        if let Ok(value) = minor.parse() {
            self.runtimes.push(Said { value, by: ".python-version".to_owned() });
        }
    }

    /// Gives layers of one name longer ones: with the folder above.
    fn name_apart(&mut self) {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for layer in &self.layers {
            *count.entry(layer.name.clone()).or_default() += 1;
        }
        for layer in self.layers.iter_mut().filter(|layer| count[&layer.name] > 1) {
            layer.source.replace(['/', '.'], "-").trim_matches('-').clone_into(&mut layer.name);
        }
    }
}

/// A layer that is known by its folder alone. It is called by the folder's name.
fn of_folder(folder: &str, by: String) -> FoundLayer {
    FoundLayer {
        name: name_of(folder),
        source: folder.to_owned(),
        runtimes: Vec::new(),
        arches: Vec::new(),
        on_top_of: Vec::new(),
        by,
    }
}

/// What a layer of this source is called: its folder; the project's own packages are its dependencies.
fn name_of(source: &str) -> String {
    let last = source.rsplit('/').next().unwrap_or(source);
    let name = if source == "." { "dependencies" } else { last.rsplit_once('.').map_or(last, |(stem, _)| stem) };
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

fn tell<'a, T: Copy>(values: &'a [T], by: &'a str) -> impl Iterator<Item = Said<T>> + 'a {
    values.iter().map(|value| Said { value: *value, by: by.to_owned() })
}

/// What is said most often, of those that are said equally often the greatest, with the first who says it.
fn favourite<T: Ord + Copy>(said: &[Said<T>], more: impl Iterator<Item = Said<T>>) -> Option<Said<T>> {
    let all: Vec<Said<T>> = said.iter().cloned().chain(more).collect();
    let count = |value: T| all.iter().filter(|said| said.value == value).count();
    let best = all.iter().map(|said| said.value).max_by_key(|value| (count(*value), *value))?;
    all.into_iter().find(|said| said.value == best)
}

#[cfg(test)]
mod tests;
