//! What `check` looks at: paths, and files of requirements with what is said of the layer that they belong to.

use std::path::{Path, PathBuf};

use lambda_compat::Code;

use crate::args::LayerArgs;
use crate::config::{Config, ConfiguredLayer};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::built::{BuiltBelow, below_of, built_from};
use crate::plan::layers::{Configured, PlannedLayer, layer_of, settled};
use crate::plan::source::{located, read_file};

/// A requirement or lock file by itself, with what is said of the layer that it belongs to: one whose source is the file,
/// or the folder that has it.
pub(crate) fn plan_file(
    path: &Path,
    typed: &LayerArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<PlannedLayer, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let own = match config {
        Some(config) => match layer_of(config, path)? {
            Some(layer) => Some(layer),
            // Of a folder that is several layers' nothing can be told.
            None => layer_of(config, folder).ok().flatten(),
        },
        None => None,
    };
    let mut args = typed.clone();
    let configured = settled(&mut args, own.map(|layer| &layer.args), config, environment);
    let mut source = read_file(path.to_path_buf())?;
    source.constraints = args.source.constraint.iter().map(|path| located(path)).collect::<Result<_, _>>()?;
    Ok(PlannedLayer { source, args, configured, below: Vec::new(), wanted: true })
}

/// One path that `check` is to look at.
pub(crate) struct CheckedPath {
    pub(crate) path: PathBuf,
    /// The configured layer that it is the source of, or was built from, by its name.
    pub(crate) layer: Option<String>,
    /// What is said of that layer, or of all.
    pub(crate) configured: Configured,
    /// Of what was built from a layer: what that lies on.
    pub(crate) below: BuiltBelow,
}

/// The paths that were named, a configured layer's name being its source's; where none is named, the sources of all
/// layers.
pub(crate) fn plan_checked(
    paths: &[PathBuf],
    config: Option<&Config>,
    environment: &Environment,
) -> Result<Vec<CheckedPath>, Failure> {
    let layers = config.map(|config| config.layers.as_slice()).unwrap_or_default();
    if paths.is_empty() && layers.is_empty() {
        let failure = Failure::new(Code::Usage, "no PATH is named");
        return Err(failure.help("name wheels, layer and function zips, unpacked trees or requirement files, or configure layers in layerpack.toml"));
    }
    let planned = |path: &Path, own: Option<&ConfiguredLayer>| CheckedPath {
        path: path.to_owned(),
        layer: own.map(|layer| layer.name.clone()),
        configured: settled(&mut LayerArgs::default(), own.map(|layer| &layer.args), config, environment),
        below: BuiltBelow::default(),
    };
    let sources_of =
        |layer: &ConfiguredLayer| layer.args.source.sources.iter().map(|path| planned(path, Some(layer))).collect();
    if paths.is_empty() {
        return Ok(layers.iter().flat_map(|layer| -> Vec<CheckedPath> { sources_of(layer) }).collect());
    }
    let mut all: Vec<CheckedPath> = Vec::new();
    for path in paths {
        if let Some(layer) = config.and_then(|config| config.layer(path)) {
            all.append(&mut sources_of(layer));
        } else if let Some((config, (layer, target))) =
            config.and_then(|config| Some((config, built_from(config, path, environment)?)))
        {
            let mut built = planned(path, Some(layer));
            built.configured.asking.target.runtime = vec![target.runtime.name.to_string()];
            built.configured.asking.target.arch = vec![target.arch.to_string()];
            built.below = below_of(config, layer, &target, environment)?;
            all.push(built);
        } else {
            let own = config.map(|config| layer_of(config, path)).transpose()?.flatten();
            all.push(planned(path, own));
        }
    }
    Ok(all)
}
