//! Layer or function: where Lambda unpacks it, and where in it Python looks for packages.

use lambda_compat::layer;
use serde::{Deserialize, Serialize};

/// What is attached to a function, or the function itself.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-package.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Unpacked into `/opt`; packages lie below `python/`.
    #[default]
    Layer,
    /// Unpacked into `/var/task`; packages lie at its root, beside the function's own code.
    Function,
}

impl Layout {
    /// The folder that Lambda unpacks it into.
    #[must_use]
    pub fn root(self) -> &'static str {
        match self {
            Self::Layer => layer::LAYERS,
            Self::Function => layer::FUNCTION,
        }
    }

    /// The folder of a running function that has the packages.
    #[must_use]
    pub fn packages(self) -> &'static str {
        match self {
            Self::Layer => layer::PYTHON,
            Self::Function => layer::FUNCTION,
        }
    }

    /// What the paths of packages begin with in the zip; nothing in a function's.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Layer => "python/",
            Self::Function => "",
        }
    }

    /// What it is called in a message.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Function => "function",
        }
    }
}
