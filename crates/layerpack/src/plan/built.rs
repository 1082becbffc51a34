//! What `build` has written for the layers of a configuration, told by its place: `<out-dir>/<name>-<runtime>-<arch>`.

use std::path::{Path, PathBuf};

use lambda_compat::{Arch, RuntimeName, Target};

use crate::args::LayerArgs;
use crate::config::{Config, ConfiguredLayer};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::layers::{layer_called, settled};
use crate::plan::outputs::{OUT_DIR, stem};
use crate::plan::source::is_source;

/// What a built layer lies on, as far as it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuiltBelow {
    /// Zips, trees and reports, the lowest first.
    pub(crate) paths: Vec<PathBuf>,
    /// A layer is not built: what it has nobody knows.
    pub(crate) is_open: bool,
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

/// The layers that it lies on, on one target.
pub(super) fn below_of(
    config: &Config,
    layer: &ConfiguredLayer,
    target: &Target,
    environment: &Environment,
) -> Result<BuiltBelow, Failure> {
    let mut below = BuiltBelow::default();
    add(&mut below, &mut vec![layer.name.clone()], config, layer, target, environment)?;
    Ok(below)
}

fn add(
    below: &mut BuiltBelow,
    seen: &mut Vec<String>,
    config: &Config,
    layer: &ConfiguredLayer,
    target: &Target,
    environment: &Environment,
) -> Result<(), Failure> {
    for place in of_layer(config, layer, environment).asking.below.on_top_of {
        let there = match layer_called(config, &place)? {
            Some(lower) if seen.contains(&lower.name) => continue,
            Some(lower) => {
                seen.push(lower.name.clone());
                add(below, seen, config, lower, target, environment)?;
                let stem = stem(&lower.name, target);
                let out_dir = out_dir(&of_layer(config, lower, environment));
                [".zip", "", ".json"]
                    .iter()
                    .map(|ending| out_dir.join(format!("{stem}{ending}")))
                    .find(|path| path.exists())
            }
            None => Some(place).filter(|place| place.exists()),
        };
        match there {
            Some(path) if !is_source(&path)? => below.paths.push(path),
            _ => below.is_open = true,
        }
    }
    Ok(())
}

fn of_layer(config: &Config, layer: &ConfiguredLayer, environment: &Environment) -> LayerArgs {
    let mut args = LayerArgs::default();
    settled(&mut args, Some(&layer.args), Some(config), environment);
    args
}

fn out_dir(args: &LayerArgs) -> PathBuf {
    args.output.out_dir.clone().unwrap_or_else(|| PathBuf::from(OUT_DIR))
}
