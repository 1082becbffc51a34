//! Why a lock cannot be read, does not fit, or is stale.

use std::path::PathBuf;

use lambda_compat::{Code, Target};
use wheel_tags::DistName;

use crate::requirements::Place;

/// What is wrong with a lock. Each message names the file, and the package and key it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// It could not be read from disk.
    #[error("failed to read a lock: {0}")]
    Io(#[source] std::io::Error),
    /// It is not TOML, or a key has the wrong type or is missing.
    #[error("{place}, column {column}: {why}")]
    Toml {
        /// The file and line.
        place: Place,
        /// Characters from the start of the line, from 1.
        column: usize,
        /// What the TOML reader says, on one line.
        why: String,
    },
    /// A lock version that this release cannot read.
    #[error("{place}: lock-version is {found:?}; layerpack reads 1.0 and later 1.x")]
    Version {
        /// The file and line.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A value that the specification does not allow.
    #[error("{place}: {}`{key}` {why}", package.as_ref().map(|name| format!("package {name}: ")).unwrap_or_default())]
    Invalid {
        /// The file, and the line of the package or of the file's start.
        place: Place,
        /// The package it is in, as the lock spells it.
        package: Option<String>,
        /// The key.
        key: &'static str,
        /// What is wrong: reads on after the key.
        why: String,
    },
    /// The lock was made for other environments.
    #[error("{} does not hold on {target}: {why}", file.display())]
    OtherTarget {
        /// The file.
        file: PathBuf,
        /// The target that was asked for.
        target: Box<Target>,
        /// The key that excludes it, and what it says.
        why: String,
    },
    /// Two entries of one package apply at once.
    #[error("{}: two entries of {name} hold on {target}", file.display())]
    Ambiguous {
        /// The file.
        file: PathBuf,
        /// The package.
        name: DistName,
        /// The target that was asked for.
        target: Box<Target>,
    },
    /// Packages that have no wheel for the target.
    #[error("{} has no wheel that loads on {target} for {}", file.display(), packages.join(", "))]
    NoWheel {
        /// The file.
        file: PathBuf,
        /// The target that was asked for.
        target: Box<Target>,
        /// `name version`, and what there is instead in parentheses; sorted.
        packages: Vec<String>,
    },
    /// A package that cannot be locked because nobody knows its digest.
    #[error("{name} cannot be locked: its index gives no sha256 for {filename}")]
    NoDigest {
        /// The package.
        name: DistName,
        /// Its wheel.
        filename: String,
    },
    /// The lock no longer satisfies its source.
    #[error("{place} asks for {wanted}, {} has {found}", file.display())]
    Stale {
        /// The requirement line.
        place: Place,
        /// What it asks for, as written.
        wanted: String,
        /// The file.
        file: PathBuf,
        /// What the lock has instead.
        found: String,
    },
    /// A wheel of the source is not the one that was locked.
    #[error("{} is not the wheel that {} was made with", wheel.display(), file.display())]
    StaleWheel {
        /// The wheel.
        wheel: PathBuf,
        /// The lock.
        file: PathBuf,
    },
}

impl LockError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Code::Missing,
            Self::Io(_) => Code::Io,
            Self::Toml { .. } | Self::Version { .. } | Self::Invalid { .. } | Self::Ambiguous { .. } => {
                Code::UnreadableLock
            }
            Self::OtherTarget { .. } | Self::Stale { .. } | Self::StaleWheel { .. } => Code::StaleLock,
            Self::NoWheel { .. } => Code::NoWheelForTarget,
            Self::NoDigest { .. } => Code::IndexAnswer,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Toml { .. } | Self::Invalid { .. } => {
                Some("write the lock anew with layerpack lock, or mend the line")
            }
            Self::Version { .. } => {
                Some("write the lock anew with layerpack lock, or look for a newer layerpack that reads this version")
            }
            Self::Stale { .. } | Self::StaleWheel { .. } => Some("write the lock anew with layerpack lock"),
            Self::OtherTarget { .. } | Self::NoWheel { .. } => Some("write a lock for this target with layerpack lock"),
            Self::Ambiguous { .. } => Some("the markers of the entries must exclude each other: write the lock anew"),
            Self::NoDigest { .. } => {
                Some("lock from an index that publishes sha256 digests, or put the wheel beside the requirements")
            }
            Self::Io(_) => None,
        }
    }
}
