//! Why a lock cannot be read, does not fit, or is stale.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Target};
use wheel_tags::DistName;

use super::kind::LockKind;
use crate::index::IndexError;
use crate::requirements::{Place, RequirementsError};

/// What is wrong with a lock. Each message names the file, and the package and key it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// It could not be read from disk.
    #[error("failed to read a lock: {0}")]
    Io(#[source] std::io::Error),
    /// It is not UTF-8, TOML or JSON, or a key has the wrong type or is missing.
    #[error("{place}, column {column}: {why}")]
    Syntax {
        /// The file and line.
        place: Place,
        /// Characters from the start of the line, from 1.
        column: usize,
        /// What the reader says, on one line.
        why: String,
    },
    /// A version of the format that this release cannot read.
    #[error("{place}: {key} is {found}; layerpack reads {reads}")]
    Version {
        /// The file and line.
        place: Place,
        /// The key that says it.
        key: &'static str,
        /// What it says, as written.
        found: String,
        /// The versions that can be read.
        reads: &'static str,
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
    /// An extra, group or member that was asked for, and that the lock does not have.
    #[error("{} has no {what} `{name}`", file.display())]
    Unlisted {
        /// The file.
        file: PathBuf,
        /// `extra`, `group` or `package`.
        what: &'static str,
        /// What was asked for.
        name: DistName,
        /// What there is.
        there: Vec<String>,
    },
    /// Packages that are wanted and would have to be built.
    #[error("{} has what would have to be built: {}", file.display(), packages.join(", "))]
    Unbuildable {
        /// The file.
        file: PathBuf,
        /// `name (line 12: its source)`, sorted.
        packages: Vec<String>,
    },
    /// A file that the lock names is not where it should be.
    #[error("{from} has no {what}, which {place} names")]
    NotListed {
        /// The package's line.
        place: Place,
        /// The file, or the project and version.
        what: String,
        /// Who was asked.
        from: String,
    },
    /// What is there does not have a digest that the lock gives.
    #[error("{from} has {what}, and {place} locks {locked}")]
    WrongDigest {
        /// The package's line.
        place: Place,
        /// The file, and its digest.
        what: String,
        /// Who was asked.
        from: String,
        /// What the lock says.
        locked: String,
    },
    /// A variable of the environment that the URL of an index names, and that is not set.
    #[error("{place}: a source needs the environment variable `{name}`, which is not set")]
    Unset {
        /// The package's line, or the file.
        place: Place,
        /// The variable.
        name: String,
    },
    /// The index could not be asked for the files of a package.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The project file that was locked cannot be read.
    #[error(transparent)]
    Project(#[from] RequirementsError),
    /// The project file says something else than what was locked.
    #[error("{} no longer matches {place}: {why}", file.display())]
    Outdated {
        /// The lock.
        file: PathBuf,
        /// The project file, and the line where one is to blame.
        place: Place,
        /// What differs.
        why: String,
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
            Self::Ambiguous { file, .. } if LockKind::of(file) != Some(LockKind::Pylock) => Code::Conflict,
            Self::Syntax { .. } | Self::Version { .. } | Self::Invalid { .. } | Self::Ambiguous { .. } => {
                Code::UnreadableLock
            }
            Self::OtherTarget { .. } | Self::Stale { .. } | Self::StaleWheel { .. } | Self::Outdated { .. } => {
                Code::StaleLock
            }
            Self::NoWheel { .. } => Code::NoWheelForTarget,
            Self::NoDigest { .. } => Code::IndexAnswer,
            Self::Unlisted { what: "extra", .. } => Code::UnknownExtra,
            Self::Unlisted { .. } | Self::Unset { .. } => Code::Usage,
            Self::Unbuildable { .. } => Code::Unsupported,
            Self::NotListed { .. } => Code::NoVersion,
            Self::WrongDigest { .. } => Code::HashMismatch,
            Self::Index(error) => error.code(),
            Self::Project(error) => error.code(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let kind = self.file().and_then(LockKind::of).unwrap_or(LockKind::Pylock);
        let command = kind.command();
        let help = match (self, kind) {
            (Self::Syntax { .. } | Self::Invalid { .. }, _) => {
                format!("write the lock anew with {command}, or mend the line")
            }
            (Self::Version { .. }, LockKind::Pylock) => {
                format!("write the lock anew with {command}, or look for a newer layerpack that reads this version")
            }
            (Self::Version { .. }, _) => {
                "look for a newer layerpack that reads this version, or write the lock with another release of the tool"
                    .to_owned()
            }
            (Self::Stale { .. } | Self::StaleWheel { .. }, _) => format!("write the lock anew with {command}"),
            (Self::Outdated { .. }, _) => format!("run {command}, or take the lock as it is with --frozen"),
            (Self::OtherTarget { .. } | Self::NoWheel { .. }, LockKind::Pylock) => {
                format!("write a lock for this target with {command}")
            }
            (Self::OtherTarget { .. }, _) => {
                format!(
                    "name a runtime that it admits with --runtime, or let the project admit this one and run {command}"
                )
            }
            (Self::NoWheel { .. }, _) => format!(
                "name another runtime or architecture, or ask for versions that have a wheel for this one and run {command}"
            ),
            (Self::Ambiguous { .. }, LockKind::Pylock) => {
                "the markers of the entries must exclude each other: write the lock anew".to_owned()
            }
            (Self::Ambiguous { .. }, _) => {
                format!(
                    "ask for fewer extras or groups, as some exclude each other, or write the lock anew with {command}"
                )
            }
            (Self::NoDigest { .. }, _) => {
                "lock from an index that publishes sha256 digests, or put the wheel beside the requirements".to_owned()
            }
            (Self::Unset { .. }, _) => "set it, or name the index with --index-url".to_owned(),
            (Self::Unlisted { there, .. }, _) if there.is_empty() => "it has none".to_owned(),
            (Self::Unlisted { there, .. }, _) => format!("it has {}", there.join(", ")),
            (Self::Unbuildable { .. }, _) => format!(
                "have projects and repositories built here by uv or pip with --build NAME; or build wheels with `pip wheel \
                 --no-deps` and put them beside the lock, or let the project name them and run {command}"
            ),
            (Self::NotListed { .. }, _) => {
                format!("name the index that has it with --index-url, or write the lock anew with {command}")
            }
            (Self::WrongDigest { .. }, _) => format!(
                "the file was replaced since it was locked, or comes from another index than was locked: \
                 tell the index's owner, or write the lock anew with {command} if you trust it"
            ),
            (Self::Index(error), _) => return error.help(),
            (Self::Project(error), _) => return error.help().map(str::to_owned),
            (Self::Io(_), _) => return None,
        };
        Some(help)
    }

    /// The lock that it is about.
    fn file(&self) -> Option<&Path> {
        match self {
            Self::Syntax { place, .. }
            | Self::Version { place, .. }
            | Self::Invalid { place, .. }
            | Self::Unset { place, .. }
            | Self::NotListed { place, .. }
            | Self::WrongDigest { place, .. } => Some(Path::new(&place.file)),
            Self::OtherTarget { file, .. }
            | Self::Ambiguous { file, .. }
            | Self::NoWheel { file, .. }
            | Self::Unlisted { file, .. }
            | Self::Unbuildable { file, .. }
            | Self::Outdated { file, .. }
            | Self::Stale { file, .. }
            | Self::StaleWheel { file, .. } => Some(file),
            Self::NoDigest { .. } | Self::Index(_) | Self::Project(_) | Self::Io(_) => None,
        }
    }
}
