//! Where something stands: file and line, for every message that has to name them, and paths that lines name.

use std::ffi::OsString;
use std::fmt;
use std::path::{Component, MAIN_SEPARATOR_STR, Path, PathBuf};

use wheel_archive::with_slashes;

/// A line of a file that people wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The file, as it was named on the command line or joined to the file that includes it.
    pub file: String,
    /// The physical line, counted from 1; 0 is the file as a whole.
    pub line: usize,
}

impl Place {
    /// A line of a file, whose path is spelled with `/` on every host: reports hold it.
    #[must_use]
    pub fn new(file: impl Into<String>, line: usize) -> Self {
        Self { file: with_slashes(file.into()), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{} line {line}", self.file),
        }
    }
}

/// A value and the line that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located<T> {
    /// What the line says.
    pub value: T,
    /// The line.
    pub place: Place,
}

/// A path as seen from the file that names it, without `.`. A `..` stays: behind a link it is not the folder before it.
pub(crate) fn joined(folder: &Path, path: &Path) -> PathBuf {
    let plain = of_parts(folder.join(path).components().filter(|part| *part != Component::CurDir));
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// The path of these parts. They are not pushed to one another: on Windows `u:` would begin another drive in the middle of
/// an address that was taken for a path, and what hides its password would not know it again.
pub(crate) fn of_parts<'a>(parts: impl IntoIterator<Item = Component<'a>>) -> PathBuf {
    let (mut path, mut is_apart) = (OsString::new(), true);
    for part in parts {
        if !is_apart {
            path.push(MAIN_SEPARATOR_STR);
        }
        is_apart = matches!(part, Component::Prefix(_) | Component::RootDir);
        path.push(part);
    }
    path.into()
}
