//! What `check` looks at: paths, and files of requirements with what is said of the layer that they belong to.

use std::path::{Path, PathBuf};

use lambda_compat::Code;

use crate::args::LayerArgs;
use crate::config::{Config, ConfiguredLayer};
use crate::environment::Environment;
use crate::failure::Failure;
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

/// What `check` is to look at, and for which targets.
pub(crate) struct CheckedPaths {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) configured: Configured,
}

/// The paths that were named, a configured layer's name being its source's; where none is named, the sources of all
/// layers.
pub(crate) fn plan_checked(
    paths: &[PathBuf],
    config: Option<&Config>,
    environment: &Environment,
) -> Result<CheckedPaths, Failure> {
    let layers = config.map(|config| config.layers.as_slice()).unwrap_or_default();
    if paths.is_empty() && layers.is_empty() {
        let failure = Failure::new(Code::Usage, "no PATH is named");
        return Err(failure.help("name wheels, layer and function zips, unpacked trees or requirement files, or configure layers in layerpack.toml"));
    }
    let all = layers.iter().filter(|_| paths.is_empty()).map(Some);
    let named = paths.iter().map(|path| config.and_then(|config| config.layer(path)));
    let (mut looked, mut owners) = (Vec::new(), Vec::new());
    let places = paths.iter().map(Some).chain(std::iter::repeat(None));
    for (layer, path) in named.chain(all).zip(places) {
        match (layer, path) {
            (Some(layer), _) => {
                owners.push(Some(layer));
                looked.extend(layer.args.source.sources.iter().cloned());
            }
            (None, Some(path)) => {
                owners.push(config.map(|config| layer_of(config, path)).transpose()?.flatten());
                looked.push(path.clone());
            }
            (None, None) => {}
        }
    }
    let of = |own: Option<&ConfiguredLayer>| {
        settled(&mut LayerArgs::default(), own.map(|layer| &layer.args), config, environment)
    };
    let mut owners = owners.into_iter();
    let first = owners.next().flatten();
    let configured = of(first);
    for other in owners {
        let (mine, others) = (&configured.asking.target, of(other).asking.target);
        if (&mine.runtime, &mine.arch) != (&others.runtime, &others.arch) {
            let name = |layer: Option<&ConfiguredLayer>| layer.map_or("the others", |layer| &layer.name).to_owned();
            let message = format!("{} and {} are for different targets", name(first), name(other));
            return Err(Failure::new(Code::Usage, message)
                .help("check them one by one, or name the targets with --runtime and --arch"));
        }
    }
    Ok(CheckedPaths { paths: looked, configured })
}
