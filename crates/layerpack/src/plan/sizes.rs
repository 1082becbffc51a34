//! What `size` weighs where no path is named: the layers of the configuration as they were built, with what their stack has
//! besides.

use std::path::{Path, PathBuf};

use lambda_compat::Code;

use crate::args::{LayerArgs, SizeArgs, TargetArgs};
use crate::config::{Config, ConfiguredLayer, ConfiguredStack};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::layers::settled;
use crate::plan::{Destination, OutputPlan, check_targets};

/// The arguments with what the configuration says where nothing is named.
pub(crate) fn plan_sizes(
    args: &SizeArgs,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<SizeArgs, Failure> {
    let named = !args.paths.is_empty() || args.function.is_some();
    if named && args.stack.is_none() {
        return Ok(args.clone());
    }
    let Some(config) = config.filter(|config| !config.layers.is_empty()) else {
        let failure = Failure::new(Code::Usage, "no PATH is named, and there is no configuration with layers");
        return Err(failure.help("name layer and function zips, unpacked trees, reports of build, or wheels"));
    };
    let mut args = args.clone();
    match stack(&args, config)? {
        None => {
            for layer in &config.layers {
                args.paths.push(built(layer, config, environment)?);
            }
        }
        Some(stack) => {
            for place in &stack.layers {
                args.paths.push(match config.layer(place) {
                    Some(layer) => built(layer, config, environment)?,
                    None => place.clone(),
                });
            }
            args.function = args.function.or_else(|| stack.function.clone());
            args.reserve.extend(stack.others.iter().cloned());
            args.budget = args.budget.or_else(|| stack.budget.clone());
        }
    }
    Ok(args)
}

/// The stack that is named, or the only one.
fn stack<'a>(args: &SizeArgs, config: &'a Config) -> Result<Option<&'a ConfiguredStack>, Failure> {
    let names = || config.stacks.iter().map(|stack| stack.name.as_str()).collect::<Vec<_>>().join(", ");
    let file = config.file.display();
    match (&args.stack, config.stacks.as_slice()) {
        (Some(name), stacks) => match stacks.iter().find(|stack| stack.name == *name) {
            Some(stack) => Ok(Some(stack)),
            None => Err(Failure::new(Code::Usage, format!("{file} has no stack {name}"))
                .help(format!("its stacks are: {}", names()))),
        },
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only)),
        (None, _) => {
            let failure = Failure::new(Code::Usage, format!("{file} has several stacks, and one is weighed at a time"));
            Err(failure.help(format!("name one with --stack: {}", names())))
        }
    }
}

/// What was built of a layer: its zip, else its tree, else its report.
fn built(layer: &ConfiguredLayer, config: &Config, environment: &Environment) -> Result<PathBuf, Failure> {
    let mut args = LayerArgs::default();
    let configured = settled(&mut args, Some(&layer.args), Some(config), environment);
    let targets = check_targets(&TargetArgs::default(), &configured, environment)?.all;
    let [target] = targets.as_slice() else {
        let message = format!("{} is built for several targets, and one stack is weighed at a time", layer.name);
        return Err(Failure::new(Code::Usage, message)
            .help("name the zips, or one target with LAYERPACK_RUNTIME and LAYERPACK_ARCH"));
    };
    let destination = OutputPlan::new(&args.output, 1)?.destination(&layer.name, target);
    let report = if let Destination::Folder { report, .. } = &destination { Some(report.as_path()) } else { None };
    let places: Vec<&Path> = [destination.zip(), destination.tree(), report].into_iter().flatten().collect();
    if let Some(there) = places.iter().find(|place| place.exists()) {
        return Ok(there.to_path_buf());
    }
    let first = places.first().map(|place| place.display().to_string()).unwrap_or_default();
    Err(Failure::new(Code::Missing, format!("layer {}: {first} is not there", layer.name))
        .help("run layerpack build first"))
}
