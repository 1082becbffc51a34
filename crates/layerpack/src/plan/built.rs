//! Layers below that are there already: zips, trees and reports. What `build` has written for the layers of a
//! configuration is told by its place: `<out-dir>/<name>-<runtime>-<arch>`.

use std::path::{Path, PathBuf};

use lambda_compat::{Arch, RuntimeName, Target};
use wheel_archive::with_slashes;

use crate::args::LayerArgs;
use crate::config::{Config, ConfiguredLayer};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::layers::{layer_called, settled};
use crate::plan::outputs::{OUT_DIR, stem};
use crate::plan::source::{finished, is_source};

/// A layer below that is there, and why it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FinishedBelow {
    /// A zip, a tree or a report.
    pub(crate) path: PathBuf,
    pub(crate) by: NamedBy,
}

/// Who says of a finished layer that it lies below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedBy {
    /// `--on-top-of`.
    Flag,
    /// `on-top-of` of a layer in this file, by the path.
    Layer { name: String, file: PathBuf },
    /// It is what was built for a configured layer, on one target.
    Built { name: String, file: PathBuf, target: Target },
}

impl FinishedBelow {
    /// As messages call it.
    pub(crate) fn called(&self) -> String {
        match &self.by {
            NamedBy::Built { name, .. } => format!("the layer {name}"),
            NamedBy::Flag | NamedBy::Layer { .. } => with_slashes(&self.path),
        }
    }

    /// As summaries and reports call it: without the folders above it.
    pub(crate) fn short(&self) -> String {
        let path = &self.path;
        match &self.by {
            NamedBy::Built { name, .. } => name.clone(),
            NamedBy::Flag | NamedBy::Layer { .. } => {
                path.file_name().map_or_else(|| with_slashes(path), |name| name.to_string_lossy().into_owned())
            }
        }
    }

    /// Whether it lies below on a target: what was built for one counts on that alone.
    pub(crate) fn counts_on(&self, on: &Target) -> bool {
        !matches!(&self.by, NamedBy::Built { target, .. } if target != on)
    }

    /// Why it cannot be read, with who wants it read.
    pub(crate) fn unreadable(&self, failure: Failure) -> Failure {
        match &self.by {
            NamedBy::Flag => failure.help("--on-top-of names a layer that loads: see layerpack check"),
            NamedBy::Layer { name, file } => {
                let (file, path) = (with_slashes(file), with_slashes(&self.path));
                failure.help(format!(
                    "on-top-of of layers.{name} in {file} names it, a layer that loads: see layerpack check {path}"
                ))
            }
            NamedBy::Built { name, file, .. } => failure
                .about(&format!("the layer {name} of {}", with_slashes(file)))
                .help(format!("it lies below: build it again, layerpack build {name}")),
        }
    }
}

/// What lies below on one target, as far as it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuiltBelow {
    /// The lowest first.
    pub(crate) finished: Vec<FinishedBelow>,
    /// What is not there: configured layers by their names, others by their paths. What they have nobody knows.
    pub(crate) not_built: Vec<String>,
}

/// The configured layer that this zip or tree was built from, and the target that it was built for.
pub(super) fn built_from<'a>(
    config: &'a Config,
    path: &Path,
    environment: &Environment,
) -> Option<(&'a ConfiguredLayer, Target)> {
    let real = fs_err::canonicalize(path).ok()?;
    let folder = real.parent()?;
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".zip").unwrap_or(name);
    config.layers.iter().find_map(|layer| {
        let target = stem.strip_prefix(layer.name.as_str())?.strip_prefix('-')?;
        let (runtime, arch) = target.split_once('-')?;
        let target = Target::new(runtime.parse::<RuntimeName>().ok()?, arch.parse::<Arch>().ok()?);
        let out_dir = out_dir(&of_layer(config, layer, environment));
        (fs_err::canonicalize(out_dir).ok()?.as_path() == folder).then_some((layer, target))
    })
}

/// What lies below on one target: what `--on-top-of` names, else what the configuration says of the layer. A configured
/// layer is the one that was built for the target.
pub(super) fn built_below(
    typed: &[PathBuf],
    own: Option<&ConfiguredLayer>,
    config: Option<&Config>,
    target: &Target,
    environment: &Environment,
) -> Result<BuiltBelow, Failure> {
    // What is typed of several is not said of the one that it names.
    let seen = own.iter().map(|own| own.name.as_str()).collect();
    let mut search = Search { target, environment, seen, below: BuiltBelow::default() };
    for place in typed {
        if let Some(config) = config
            && let Some(lower) = layer_called(config, place)?
        {
            search.add(config, lower)?;
        } else {
            let path = finished(place.clone())?;
            search.below.finished.push(FinishedBelow { path, by: NamedBy::Flag });
        }
    }
    if let Some((config, own)) = config.zip(own).filter(|_| typed.is_empty()) {
        search.add_below(config, own)?;
    }
    Ok(search.below)
}

struct Search<'a> {
    target: &'a Target,
    environment: &'a Environment,
    /// The layers that it has been asked for.
    seen: Vec<&'a str>,
    below: BuiltBelow,
}

impl<'a> Search<'a> {
    /// What was built for a layer, on top of what that lies on.
    fn add(&mut self, config: &'a Config, layer: &'a ConfiguredLayer) -> Result<(), Failure> {
        if self.seen.contains(&layer.name.as_str()) {
            return Ok(());
        }
        self.seen.push(&layer.name);
        self.add_below(config, layer)?;
        let out_dir = out_dir(&of_layer(config, layer, self.environment));
        let stem = stem(&layer.name, self.target);
        let places = [".zip", "", ".json"].map(|ending| out_dir.join(format!("{stem}{ending}")));
        match places.into_iter().find(|path| path.exists()) {
            Some(path) => {
                let (name, file) = (layer.name.clone(), config.file.clone());
                let by = NamedBy::Built { name, file, target: *self.target };
                self.below.finished.push(FinishedBelow { path, by });
            }
            None => self.below.not_built.push(layer.name.clone()),
        }
        Ok(())
    }

    /// What a layer lies on.
    fn add_below(&mut self, config: &'a Config, layer: &'a ConfiguredLayer) -> Result<(), Failure> {
        for place in of_layer(config, layer, self.environment).asking.below.on_top_of {
            if let Some(lower) = layer_called(config, &place)? {
                self.add(config, lower)?;
            } else if place.exists() && !is_source(&place)? {
                let by = NamedBy::Layer { name: layer.name.clone(), file: config.file.clone() };
                self.below.finished.push(FinishedBelow { path: place, by });
            } else {
                self.below.not_built.push(with_slashes(place));
            }
        }
        Ok(())
    }
}

fn of_layer(config: &Config, layer: &ConfiguredLayer, environment: &Environment) -> LayerArgs {
    let mut args = LayerArgs::default();
    settled(&mut args, Some(&layer.args), Some(config), environment);
    args
}

fn out_dir(args: &LayerArgs) -> PathBuf {
    args.output.out_dir.clone().unwrap_or_else(|| PathBuf::from(OUT_DIR))
}
