//! How a path is spelled in what others read: locks, reports, JSON, lines of requirements.

use std::path::{MAIN_SEPARATOR, Path};

/// A path with `/` on every host, so that what was written on Windows is what was written elsewhere, and can be handed on
/// there. Windows takes it as well, but for paths that begin with `\\?\`: those of a drive, which it gives for the real place
/// of a file, are shown without, and others are left as they are.
#[must_use]
pub fn with_slashes(path: impl AsRef<Path>) -> String {
    let text = path.as_ref().to_string_lossy();
    match text.strip_prefix(r"\\?\") {
        Some(plain) if plain.get(1..3) == Some(r":\") => plain.replace('\\', "/"),
        Some(_) => text.into_owned(),
        None => text.replace(MAIN_SEPARATOR, "/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelled_alike_on_every_host() {
        assert_eq!(with_slashes(Path::new("src").join("whl").join("a.whl")), "src/whl/a.whl");
        assert_eq!(with_slashes("src/whl"), "src/whl");
        assert_eq!(with_slashes(r"\\?\C:\whl\a.whl"), "C:/whl/a.whl");
        assert_eq!(with_slashes(r"\\?\UNC\host\whl"), r"\\?\UNC\host\whl");
        // A letter like any other where it separates nothing.
        assert_eq!(with_slashes(r"a\b"), if MAIN_SEPARATOR == '\\' { "a/b" } else { r"a\b" });
    }
}
