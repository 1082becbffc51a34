//! Whose lock a file is.

use std::path::Path;

/// The tool that a lock belongs to. Its file name says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// `pylock.toml` and `pylock.NAME.toml` (PEP 751).
    Pylock,
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
    /// `Pipfile.lock`, of pipenv.
    Pipfile,
}

impl LockKind {
    /// The kind that a file's name stands for; `None` where it is no lock.
    #[must_use]
    pub fn of(file: &Path) -> Option<Self> {
        match file.file_name()?.to_str()? {
            "uv.lock" => Some(Self::Uv),
            "poetry.lock" => Some(Self::Poetry),
            "Pipfile.lock" => Some(Self::Pipfile),
            // Of a script (PEP 723), as `uv lock --script` names it.
            name if name.ends_with(".py.lock") => Some(Self::Uv),
            name if name.starts_with("pylock") && file.extension().is_some_and(|e| e == "toml") => Some(Self::Pylock),
            _ => None,
        }
    }

    /// The command that writes such a lock anew.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Pylock => "layerpack lock",
            Self::Uv => "uv lock",
            Self::Poetry => "poetry lock",
            Self::Pipfile => "pipenv lock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_file_name() {
        for (file, kind) in [
            ("a/pylock.toml", Some(LockKind::Pylock)),
            ("pylock.prod.toml", Some(LockKind::Pylock)),
            ("a/uv.lock", Some(LockKind::Uv)),
            ("tools/fetch.py.lock", Some(LockKind::Uv)),
            ("poetry.lock", Some(LockKind::Poetry)),
            ("Pipfile.lock", Some(LockKind::Pipfile)),
            ("pylock.lock", None),
            ("Cargo.lock", None),
            ("pyproject.toml", None),
            ("..", None),
        ] {
            assert_eq!(LockKind::of(Path::new(file)), kind, "{file}");
        }
    }
}
