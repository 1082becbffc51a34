//! What a wheel's file name says, as types.
//!
//! Here live the PEP 427 file name with its parts: the project's name (PEP 503), the version (PEP 440), the build
//! tag, the compressed compatibility tags (PEP 425, PEP 600 and its legacy aliases, PEP 656) and the variant label of
//! PEP 825. Parsing never fails on an unknown tag: it is kept as it is spelt, for whoever judges it.
//!
//! Which tags load on which AWS Lambda runtime is not said here but in `lambda-compat`. No I/O.

mod filename;
mod name;
mod platform_tag;
mod python_tag;
mod tag_set;

pub use filename::{BuildTag, WheelFilename, WheelFilenameError};
pub use name::{DistName, InvalidName};
pub use pep440_rs::{Version, VersionSpecifiers};
pub use platform_tag::{Cpu, LegacyManylinux, PlatformTag};
pub use python_tag::{AbiFlags, AbiTag, PythonTag};
pub use tag_set::{Tag, TagSet, TagSetError};
