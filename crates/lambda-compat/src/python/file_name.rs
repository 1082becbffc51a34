//! Which files are modules, and of which names.

/// What a module file's ending says. `FileFinder` takes the first of the interpreter's own that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suffix {
    /// `.cpython-312-x86_64-linux-gnu.so`: an extension module for this Python.
    Tagged((u8, u8)),
    /// `.abi3.so`: for any Python from the wheel's on.
    Stable,
    /// `.so`: for any.
    Plain,
    /// An extension module for another interpreter.
    Foreign,
    /// `.py`.
    Source,
    /// `.pyc` without its source.
    Bytecode,
}

impl Suffix {
    /// The place in the order of an interpreter's suffixes (`importlib.machinery`); `None` for those it does not take.
    pub(super) fn rank(self, python: (u8, u8)) -> Option<u8> {
        match self {
            Self::Tagged(built_for) => (built_for == python).then_some(0),
            Self::Stable => Some(1),
            Self::Plain => Some(2),
            Self::Source => Some(3),
            Self::Bytecode => Some(4),
            Self::Foreign => None,
        }
    }

    /// An extension module's.
    pub(super) fn is_extension(self) -> bool {
        !matches!(self, Self::Source | Self::Bytecode)
    }
}

/// The module name and ending of a file name, if the file may be a module.
pub(super) fn module_file(name: &str) -> Option<(&str, Suffix)> {
    let (stem, ending) = name.split_once('.')?;
    let suffix = match ending {
        "py" => Suffix::Source,
        "pyc" => Suffix::Bytecode,
        "so" => Suffix::Plain,
        "abi3.so" | "abi3t.so" => Suffix::Stable,
        _ => {
            let tag = ending.strip_suffix(".so").filter(|tag| !tag.contains('.'))?;
            match tag.strip_prefix("cpython-") {
                Some(tag) => tagged(tag),
                None if tag.starts_with("pypy") || tag.starts_with("graalpy") => Suffix::Foreign,
                None => return None,
            }
        }
    };
    is_identifier(stem).then_some((stem, suffix))
}

/// `312-x86_64-linux-gnu`; `313t` is the build without a global interpreter lock, which Lambda has not got.
fn tagged(tag: &str) -> Suffix {
    let version = tag.split('-').next().unwrap_or(tag);
    let digits =
        version.split_at_checked(1).and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    digits.map_or(Suffix::Foreign, Suffix::Tagged)
}

/// A name that an import statement can say.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
}

/// The dotted name of the extension module that a shared object is by its path below a `sys.path` folder:
/// `PIL/_imaging.cpython-312-x86_64-linux-gnu.so` is `PIL._imaging`. `None` for a plain library: its name is no
/// module's, or it is `lib….so` without a Python tag.
#[must_use]
pub fn module_name(path: &str) -> Option<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, suffix) = module_file(file)?;
    if !suffix.is_extension() || suffix == Suffix::Plain && stem.starts_with("lib") {
        return None;
    }
    let folders = folder.split('/').filter(|part| !part.is_empty());
    let parts: Vec<&str> = folders.chain((stem != "__init__").then_some(stem)).collect();
    (!parts.is_empty() && parts.iter().all(|part| is_identifier(part))).then(|| parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_modules_are_told_from_libraries_by_their_names() {
        for (path, name) in [
            ("PIL/_imaging.cpython-312-x86_64-linux-gnu.so", Some("PIL._imaging")),
            ("cv2/cv2.abi3.so", Some("cv2.cv2")),
            ("rdkit/Chem/Draw/rdMolDraw2D.so", Some("rdkit.Chem.Draw.rdMolDraw2D")),
            ("_x.pypy39-pp73-x86_64-linux-gnu.so", Some("_x")),
            ("p/__init__.cpython-313t-x86_64-linux-gnu.so", Some("p")),
            ("pandas/_libs/lib.cpython-312-x86_64-linux-gnu.so", Some("pandas._libs.lib")),
            ("lightgbm/lib/lib_lightgbm.so", None),
            ("numpy.libs/libgfortran-040039e1.so.5.0.0", None),
            ("numpy.libs/_x.abi3.so", None),
            ("pkg/some-plugin.so", None),
            ("pkg/x.so.1", None),
            ("pkg/x.py", None),
            ("__init__.so", None),
            ("", None),
        ] {
            assert_eq!(module_name(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn an_interpreter_takes_its_own_tag_first_and_others_never() {
        let rank = |name| module_file(name).and_then(|(_, suffix)| suffix.rank((3, 12)));
        let mut names = ["a.py", "a.so", "a.pyc", "a.cpython-312-x86_64-linux-gnu.so", "a.abi3.so"];
        names.sort_by_key(|name| rank(name));
        assert_eq!(names, ["a.cpython-312-x86_64-linux-gnu.so", "a.abi3.so", "a.so", "a.py", "a.pyc"]);
        for other in ["a.cpython-311-x86_64-linux-gnu.so", "a.cpython-312t-x86_64-linux-gnu.so", "a.pypy39-pp73.so"] {
            assert_eq!(rank(other), None, "{other}");
        }
    }
}
