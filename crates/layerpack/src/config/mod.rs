//! The configuration file, `layerpack.toml` or `[tool.layerpack]` of `pyproject.toml`: from a file to what it says, and
//! nothing else. What that means beside flags and variables is worked out in `plan`.
//!
//! `find` says which file counts, `keys` has every key in one table (`key` is what a row is, `kind` what its value may
//! be), `read` reads a file by it, `text` says where something stands. The schema for editors and the page of the
//! documentation are held against the same table.

mod find;
mod key;
mod keys;
mod kind;
mod read;
#[cfg(test)]
mod tests;
mod text;

use std::path::{Path, PathBuf};

use lambda_compat::Code;

use crate::args::{ConfigArgs, LayerArgs};
use crate::environment::Environment;
use crate::failure::Failure;

/// What a configuration file says. Paths in it start from the working directory.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file, as it is shown.
    pub(crate) file: PathBuf,
    /// What holds for every layer that does not say otherwise.
    pub(crate) every: LayerArgs,
    /// In the order of the file.
    pub(crate) layers: Vec<ConfiguredLayer>,
    /// In the order of the file.
    pub(crate) stacks: Vec<ConfiguredStack>,
    pub(crate) ignores: Vec<ConfiguredIgnore>,
}

/// `[stacks.NAME]`: what one function has together.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfiguredStack {
    pub(crate) name: String,
    /// Names of layers, and paths of finished ones.
    pub(crate) layers: Vec<PathBuf>,
    pub(crate) function: Option<PathBuf>,
    /// `NAME=SIZE` each.
    pub(crate) others: Vec<String>,
    pub(crate) budget: Option<String>,
}

/// `[layers.NAME]`.
#[derive(Debug, Clone)]
pub(crate) struct ConfiguredLayer {
    pub(crate) name: String,
    pub(crate) args: LayerArgs,
}

/// `[[ignore]]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfiguredIgnore {
    /// There is one in everything that was read.
    pub(crate) code: Option<Code>,
    pub(crate) package: Option<String>,
    pub(crate) reason: Option<String>,
}

impl Config {
    /// The configuration of this run, if there is one.
    pub(crate) fn find(args: &ConfigArgs, environment: &Environment) -> Result<Option<Self>, Failure> {
        find::find(args, environment)
    }
}

impl Config {
    /// The layer of this name.
    pub(crate) fn layer(&self, name: &Path) -> Option<&ConfiguredLayer> {
        self.layers.iter().find(|layer| Path::new(&layer.name) == name)
    }
}

/// Takes what the configuration says of a layer where nothing was typed. `own` is what it says of this layer, before
/// what it says of all.
///
/// What counts after variables and files that are not known here is left to whoever knows them: it is in what comes back,
/// with whether anything was said at all.
pub(crate) fn fill(
    typed: &mut LayerArgs,
    own: Option<&LayerArgs>,
    every: &LayerArgs,
    environment: &Environment,
) -> (LayerArgs, bool) {
    let mut said = LayerArgs::default();
    let mut is_any = false;
    for known in keys::LAYER {
        // Each layer has a source of its own: it is not among what is typed.
        for from in own.into_iter().chain([every]) {
            is_any |= (known.is_said)(from);
            (known.fill)(&mut said, from);
        }
        if let key::Counts::AfterFlag(variables) = known.counts
            && variables.iter().all(|variable| environment.var(variable).is_none())
        {
            (known.fill)(typed, &said);
        }
    }
    (said, is_any)
}
