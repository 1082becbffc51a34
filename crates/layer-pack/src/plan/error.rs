//! Why a layer cannot be laid out.

use std::io;

use lambda_compat::Code;
use wheel_archive::{EntryPath, Sha256};
use wheel_tags::{DistName, WheelFilename};

use crate::LayerPath;

/// Whose files those are that belong to no package, in a message.
pub(super) const LAYER_OWN: &str = "the layer's source";
pub(super) const FUNCTION_OWN: &str = "the function's own code";

/// Why a layer cannot be laid out.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Two wheels of one distribution.
    #[error("{name} is there twice: {first} and {second}")]
    Twice {
        /// The distribution.
        name: DistName,
        /// One wheel's file name.
        first: String,
        /// The other one's.
        second: String,
    },
    /// Two packages bring different code under one path: one of them would not get what it imports.
    #[error("{} of one path: {path}", bring(first, second))]
    Conflict {
        /// The path in the layer.
        path: LayerPath,
        /// The first by name.
        first: String,
        /// The other one.
        second: String,
    },
    /// One brings a file where another one needs a folder.
    #[error("{path} is a file of {file} and a folder of {folder}, which brings {inside}")]
    FileAndFolder {
        /// The path in the layer.
        path: LayerPath,
        /// Whose file it is.
        file: String,
        /// A path below.
        inside: LayerPath,
        /// Whose that is.
        folder: String,
    },
    /// A path that cannot be unpacked below `/opt`: Linux takes 4,096 bytes in all and 255 for a name.
    #[error("a path of {owner} is too long for Linux: {path}")]
    LongPath {
        /// The path in the layer.
        path: LayerPath,
        /// Whose it is.
        owner: String,
    },
    /// A `.data` folder with a scheme that the wheel format does not know.
    #[error("{entry} in {wheel} is under no known scheme of the .data folder")]
    DataScheme {
        /// The wheel's file name.
        wheel: String,
        /// The entry.
        entry: EntryPath,
    },
    /// An entry point whose name is no file name.
    #[error("entry point `{name}` of {wheel} is no file name")]
    EntryPoint {
        /// The wheel's file name.
        wheel: String,
        /// The entry point's name.
        name: String,
    },
    /// Bytes in the store are not those that were inspected.
    #[error("the stored copy of {filename} is damaged")]
    Damaged {
        /// The wheel.
        filename: Box<WheelFilename>,
        /// Its digest, by which the store knows it.
        sha256: Sha256,
    },
    /// A wheel cannot be read.
    #[error("could not read {filename}")]
    Read {
        /// The wheel.
        filename: Box<WheelFilename>,
        /// Why.
        source: io::Error,
    },
}

const REBUILD: &str = "the wheel has to be rebuilt by whoever publishes it";

/// Who brings what is different: two packages, or one its files of `.data` folders and of the root.
pub(super) fn bring(first: &str, second: &str) -> String {
    if first == second {
        format!("{first} itself brings different files")
    } else {
        format!("{first} and {second} bring different files")
    }
}

impl PlanError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Twice { .. } => Code::LocalVersions,
            Self::Conflict { .. } | Self::FileAndFolder { .. } => Code::PathConflict,
            Self::LongPath { .. } => Code::EntryName,
            Self::DataScheme { .. } => Code::DataScheme,
            Self::EntryPoint { .. } => Code::EntryPoint,
            Self::Damaged { .. } => Code::HashMismatch,
            Self::Read { .. } => Code::Io,
        }
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Twice { .. } => Some("leave one of the two wheels out"),
            Self::Conflict { first, second, .. } if first == second => Some(REBUILD),
            Self::Conflict { first, second, .. } | Self::FileAndFolder { file: first, folder: second, .. }
                if [first, second].iter().any(|owner| *owner == LAYER_OWN || *owner == FUNCTION_OWN) =>
            {
                Some("one of them would be missing: give the file of your own another name, or leave the package out")
            }
            Self::Conflict { .. } | Self::FileAndFolder { .. } => Some(
                "they exclude each other, since all layers of a function end up in one folder: leave one of them out",
            ),
            Self::LongPath { .. } | Self::DataScheme { .. } | Self::EntryPoint { .. } => Some(REBUILD),
            Self::Damaged { .. } => Some("fetch the wheel again"),
            Self::Read { .. } => None,
        }
    }
}
