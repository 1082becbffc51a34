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

    /// The kind of a lock by what stands in it, where its name does not say; `None` where it is no lock.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        if text.trim_start().starts_with('{') {
            let lock: serde_json::Value = serde_json::from_str(text).ok()?;
            return lock.pointer("/_meta/pipfile-spec").map(|_| Self::Pipfile);
        }
        let lock: toml::Table = text.parse().ok()?;
        if lock.contains_key("lock-version") {
            Some(Self::Pylock)
        } else if lock.get("metadata").is_some_and(|metadata| metadata.get("lock-version").is_some()) {
            Some(Self::Poetry)
        } else {
            let python = || lock.contains_key("requires-python") || lock.contains_key("package");
            (lock.contains_key("version") && python()).then_some(Self::Uv)
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
    fn by_content() {
        for (text, kind) in [
            ("lock-version = '1.0'", Some(LockKind::Pylock)),
            ("version = 1\nrequires-python = '>=3.9'", Some(LockKind::Uv)),
            ("[metadata]\nlock-version = '2.1'", Some(LockKind::Poetry)),
            ("  {\"_meta\": {\"pipfile-spec\": 6}}", Some(LockKind::Pipfile)),
            ("{\"schema\": 1}", None),
            ("version = 4", None),
            ("requests==2", None),
            ("", None),
        ] {
            assert_eq!(LockKind::of_text(text), kind, "{text}");
        }
    }

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
