//! Why a layer cannot be written.

use std::io;
use std::path::PathBuf;

use lambda_compat::Code;
use wheel_archive::Sha256;
use wheel_tags::WheelFilename;

use crate::{ENTRIES_LIMIT, LayerInput, LayerPath};

/// Why a layer cannot be written. Whatever it is, nothing is left at the place or beside it.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
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
    ReadWheel {
        /// The wheel.
        filename: Box<WheelFilename>,
        /// Why.
        source: io::Error,
    },
    /// The zip, or the tree, cannot be written.
    #[error("could not write {path}", path = path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the tree cannot be written.
    #[error("could not write {entry} of {root}", root = root.display())]
    WriteEntry {
        /// The tree's place.
        root: PathBuf,
        /// The file in it.
        entry: LayerPath,
        /// Why.
        source: io::Error,
    },
    /// The system cannot hold a file of that name, which Linux can.
    #[error("{entry} of {root} cannot be written on this system: its name {why}", root = root.display())]
    NotHeld {
        /// The tree's place.
        root: PathBuf,
        /// The file in it.
        entry: LayerPath,
        /// What the system makes of the name.
        why: &'static str,
    },
    /// There is a folder where the zip should go.
    #[error("{path} is a folder", path = path.display())]
    IsFolder {
        /// Where.
        path: PathBuf,
    },
    /// There is something else than a folder where the tree should go.
    #[error("{path} is not a folder", path = path.display())]
    NotAFolder {
        /// Where.
        path: PathBuf,
    },
    /// The tree's place holds files that layerpack did not write.
    #[error("{root} holds {count} that layerpack did not write: {listed}", root = root.display(), count = counted(files),
            listed = listed(files))]
    Foreign {
        /// The tree's place.
        root: PathBuf,
        /// What lies there, from the root on, sorted.
        files: Vec<String>,
    },
    /// More files than a zip without zip64 can have.
    #[error("the layer has {entries} files, more than the {ENTRIES_LIMIT} of a zip without zip64")]
    TooManyEntries {
        /// How many there are.
        entries: usize,
    },
    /// More bytes than a zip without zip64 can have.
    #[error("the layer has 4 GiB or more, which a zip without zip64 cannot hold")]
    TooLarge,
    /// The system gives no more threads.
    #[error("could not start a thread")]
    Thread {
        /// Why.
        source: io::Error,
    },
    /// A thread has ended before its work was done.
    #[error("a thread stopped before its work was done")]
    Stopped,
}

impl PackError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Damaged { .. } => Code::HashMismatch,
            Self::Foreign { .. } | Self::IsFolder { .. } | Self::NotAFolder { .. } => Code::ForeignOutput,
            Self::TooManyEntries { .. } => Code::TooManyEntries,
            Self::TooLarge => Code::OverBudget,
            Self::ReadWheel { .. }
            | Self::Write { .. }
            | Self::WriteEntry { .. }
            | Self::NotHeld { .. }
            | Self::Thread { .. }
            | Self::Stopped => Code::Io,
        }
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Damaged { .. } => Some("fetch the wheel again"),
            Self::Foreign { .. } => Some("name another folder, or move what lies there away"),
            Self::NotHeld { .. } => {
                Some("a zip can hold it: leave the tree out (--emit zip,report), or build the tree on Linux")
            }
            Self::IsFolder { .. } | Self::NotAFolder { .. } => Some("name another place"),
            Self::TooManyEntries { .. } | Self::TooLarge => {
                Some("split the layer, or use a container image, which may have 10 GB")
            }
            Self::ReadWheel { .. }
            | Self::Write { .. }
            | Self::WriteEntry { .. }
            | Self::Thread { .. }
            | Self::Stopped => None,
        }
    }

    /// What it means that bytes of a wheel cannot be read: fewer than were inspected are a damaged copy, anything else
    /// is the disk's fault.
    pub(crate) fn reading(wheel: LayerInput<'_>, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::damaged(wheel),
            _ => Self::ReadWheel { filename: Box::new(wheel.manifest.filename.clone()), source },
        }
    }

    pub(crate) fn damaged(wheel: LayerInput<'_>) -> Self {
        Self::Damaged { filename: Box::new(wheel.manifest.filename.clone()), sha256: wheel.manifest.sha256 }
    }
}

fn counted(files: &[String]) -> String {
    if files.len() == 1 { "a file".to_owned() } else { format!("{} files", files.len()) }
}

/// The first few; the rest would bury the message.
fn listed(files: &[String]) -> String {
    const LISTED: usize = 3;
    let mut names: Vec<&str> = files.iter().take(LISTED).map(String::as_str).collect();
    if files.len() > LISTED {
        names.push("…");
    }
    names.join(", ")
}
