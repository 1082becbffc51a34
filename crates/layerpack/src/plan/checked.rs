//! What `check` looks at: paths, and files of requirements with what is said of the layer that they belong to.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Target};

use crate::args::{CheckArgs, LayerArgs};
use crate::config::{Config, ConfiguredLayer};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::CheckTargets;
use crate::plan::built::{BuiltBelow, built_below, built_from};
use crate::plan::layers::{Configured, PlannedLayer, layer_of, settled};
use crate::plan::source::{located, read_file};

/// A requirement or lock file by itself, with what is said of the layer that it belongs to.
pub(crate) fn plan_file(
    path: &Path,
    typed: &LayerArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<PlannedLayer, Failure> {
    let own = config.map(|config| owner(config, path)).transpose()?.flatten();
    let mut args = typed.clone();
    let configured = settled(&mut args, own.map(|layer| &layer.args), config, environment);
    let mut source = read_file(path.to_path_buf())?;
    source.constraints = args.source.constraint.iter().map(|path| located(path)).collect::<Result<_, _>>()?;
    Ok(PlannedLayer { source, args, configured, below: Vec::new(), wanted: true })
}

/// The layer that a path belongs to: the one whose source it is, or of a file, whose source is the folder that has it.
fn owner<'a>(config: &'a Config, path: &Path) -> Result<Option<&'a ConfiguredLayer>, Failure> {
    let own = layer_of(config, path)?;
    if own.is_some() || !path.is_file() {
        return Ok(own);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Of a folder that is several layers' nothing can be told.
    Ok(layer_of(config, folder).ok().flatten())
}

/// One path that `check` is to look at.
pub(crate) struct CheckedPath<'a> {
    pub(crate) path: PathBuf,
    /// The configured layer that it is the source of, or was built from.
    pub(crate) layer: Option<&'a ConfiguredLayer>,
    /// What is said of that layer, or of all.
    pub(crate) configured: Configured,
    /// Of what was built from a layer: the target that it was built for.
    pub(crate) built_for: Option<Target>,
}

impl CheckedPath<'_> {
    /// What lies below it on each of these targets. Below a function that is named whole lies only what is typed.
    pub(crate) fn below(
        &self,
        args: &CheckArgs,
        targets: &CheckTargets,
        config: Option<&Config>,
        environment: &Environment,
    ) -> Result<Vec<BuiltBelow>, Failure> {
        let layer = self.layer.filter(|_| !args.together);
        let on = |target| {
            let target = self.built_for.as_ref().unwrap_or(target);
            built_below(&args.below.on_top_of, layer, config, target, environment)
        };
        targets.all.iter().map(on).collect()
    }
}

/// The paths that were named, a configured layer's name being its source's; where none is named, the sources of all
/// layers.
pub(crate) fn plan_checked<'a>(
    paths: &[PathBuf],
    config: Option<&'a Config>,
    environment: &Environment,
) -> Result<Vec<CheckedPath<'a>>, Failure> {
    let layers = config.map(|config| config.layers.as_slice()).unwrap_or_default();
    if paths.is_empty() && layers.is_empty() {
        let failure = Failure::new(Code::Usage, "no PATH is named");
        return Err(failure.help("name wheels, layer and function zips, unpacked trees or requirement files, or configure layers in layerpack.toml"));
    }
    let planned = |path: &Path, layer: Option<&'a ConfiguredLayer>| CheckedPath {
        path: path.to_owned(),
        layer,
        configured: settled(&mut LayerArgs::default(), layer.map(|layer| &layer.args), config, environment),
        built_for: None,
    };
    let sources_of = |layer: &'a ConfiguredLayer| -> Vec<CheckedPath<'a>> {
        layer.args.source.sources.iter().map(|path| planned(path, Some(layer))).collect()
    };
    if paths.is_empty() {
        return Ok(layers.iter().flat_map(sources_of).collect());
    }
    let mut all = Vec::new();
    for path in paths {
        let built_from = |config| built_from(config, path, environment);
        if let Some(layer) = config.and_then(|config| config.layer(path)) {
            all.append(&mut sources_of(layer));
        } else if let Some((layer, target)) = config.and_then(built_from) {
            let mut built = planned(path, Some(layer));
            built.configured.asking.target.runtime = vec![target.runtime.name.to_string()];
            built.configured.asking.target.arch = vec![target.arch.to_string()];
            built.built_for = Some(target);
            all.push(built);
        } else {
            all.push(planned(path, config.map(|config| owner(config, path)).transpose()?.flatten()));
        }
    }
    Ok(all)
}
