//! What a requirements file means: pip's format, as far as a layer can be built from it.
//!
//! | line | here |
//! | --- | --- |
//! | `name[extra] >=1,<2 ; marker` (PEP 508, PEP 440), behind it `--hash=sha256:…` | read |
//! | `./whl/name-1.0-py3-none-any.whl`, `file:///…whl`, `name @ file:///…whl` | read; relative to the file it stands in |
//! | `https://…/name-1.0-py3-none-any.whl`, `name @ https://…whl`, with `#sha256=…` | read |
//! | `-r FILE`, `-c FILE`, also at an address | read; relative to the file or address it stands in |
//! | `-i`, `--extra-index-url`, `-f`, `--no-index`, `--pre`, `--require-hashes`, `--trusted-host` | read |
//! | `--only-binary`, `--prefer-binary`, `--use-feature`, `--config-settings`, `--global-option` | [`Ignored`], with the reason |
//! | `-e`, git, folders, source archives on disk and at addresses, `--no-binary` | [`SourceRequirement`] and [`Formats`] where the [`Reader`] takes what has to be built, else refused, with what to do instead |
//! | other version control, other addresses | refused, with what to do instead |
//! | any other option | refused, with the nearest known one |
//!
//! Comments, `\` continuations and `${VARIABLES}` follow pip, with three differences that keep a line from vanishing:
//! an option has its effect only at the start of a line (CVE-2022-21668: never in a comment), a line that a comment's `\`
//! would swallow is an error, and so is a variable that is not set. Paths of wheels are relative to the file that names
//! them, not to the working directory: the same layer must come out wherever the command is run.
//!
//! Hashes are sha256, by which indexes name files; sha384 and sha512 may stand beside one. `===` takes only what is a
//! PEP 440 version: no wheel can have any other.
//!
//! No file, environment variable or clock is read here but through what the caller hands in.

pub(crate) mod address;
pub(crate) mod error;
mod excerpt;
mod file;
mod formats;
mod fragment;
mod hash;
mod lines;
mod location;
pub(crate) mod marker;
mod near_word;
mod option;
mod place;
mod reader;
mod redact;
mod requirement;
mod source;
mod specifier;
mod text;

pub use crate::index::DirectUrl;
pub(crate) use error::Fault;
pub use error::{Problem, RequirementsError, RequirementsErrors};
pub use excerpt::Excerpt;
pub use file::{Disk, Ignored, IndexOptions, ReadText, RequirementsFile, read_requirements};
pub use formats::{Formats, Packages};
pub use hash::{HashDigest, InvalidHash};
pub(crate) use lines::Spot;
pub(crate) use location::Base;
pub use location::Location;
pub use marker::marker_environment;
pub use near_word::near_word;
pub(crate) use place::joined;
pub use place::{Located, Place};
pub use reader::Reader;
pub use redact::mask;
pub(crate) use requirement::{ReadOne, read_one};
pub use requirement::{Requirement, RequirementSource};
pub(crate) use source::git as git_tree;
pub use source::{GitUrl, SourceRequirement, SourceTree};
pub use specifier::lenient_specifiers;
