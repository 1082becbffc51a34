//! What each PATH of the command line is. A file is known by its name and its first bytes, a folder by what lies directly
//! in it.

use std::path::{Path, PathBuf};

use lambda_compat::Code;
use wheel_archive::{FileAt, not_a_zip};

use crate::failure::Failure;
use crate::plan::{PACKAGES_FILES, existing, expand, is_wheel};

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A wheel, named or directly in a folder that was named.
    Wheel(PathBuf),
    /// A layer's or a function's zip.
    Zip(PathBuf),
    /// An unpacked layer or function.
    Tree(PathBuf),
}

/// What the paths are.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// What is looked into, in the order of the paths.
    pub(super) files: Vec<Input>,
    /// Requirement and lock files: they name packages that are somewhere else.
    pub(super) lists: Vec<PathBuf>,
    /// What cannot be told of those that are nothing to check.
    pub(super) failures: Vec<Failure>,
}

enum One {
    File(Input),
    List(PathBuf),
}

impl Input {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Wheel(path) | Self::Zip(path) | Self::Tree(path) => path,
        }
    }

    /// A layer or a function by itself: judged alone, where wheels are judged with those beside them.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Zip(_) | Self::Tree(_))
    }
}

/// What the paths are.
pub(super) fn read_inputs(paths: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for path in paths {
        let read = expand(std::slice::from_ref(path)).map(|paths| paths.into_iter().map(read_path).collect::<Vec<_>>());
        for each in read.unwrap_or_else(|failure| vec![Err(failure)]) {
            match each {
                Ok(several) => several.into_iter().for_each(|one| match one {
                    One::File(input) => inputs.files.push(input),
                    One::List(path) => inputs.lists.push(path),
                }),
                Err(failure) => inputs.failures.push(failure),
            }
        }
    }
    inputs
}

fn read_path(path: PathBuf) -> Result<Vec<One>, Failure> {
    let path = existing(path)?;
    if path.is_dir() { read_folder(path) } else { read_file(path).map(|input| vec![input]) }
}

fn read_folder(folder: PathBuf) -> Result<Vec<One>, Failure> {
    let mut inside = Vec::new();
    for entry in fs_err::read_dir(&folder)? {
        inside.push(entry?.path());
    }
    inside.sort();
    let wheels: Vec<_> = inside.iter().filter(|path| is_wheel(path) && path.is_file()).cloned().collect();
    if !wheels.is_empty() {
        return Ok(wheels.into_iter().map(|wheel| One::File(Input::Wheel(wheel))).collect());
    }
    if inside.is_empty() {
        return Err(Failure::new(Code::Unsupported, format!("{}: an empty folder", folder.display())).help(READS));
    }
    // What pip and uv have installed there says that it is no longer a source, whatever lies beside it.
    let installed = |folder: &Path| {
        let entries = fs_err::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|path| has_extension(&path, "dist-info"))
    };
    let source = PACKAGES_FILES.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    match source.filter(|_| !installed(&folder) && !installed(&folder.join("python"))) {
        Some(list) => Ok(vec![One::List(list)]),
        None => Ok(vec![One::File(Input::Tree(folder))]),
    }
}

fn read_file(path: PathBuf) -> Result<One, Failure> {
    if is_wheel(&path) {
        return Ok(One::File(Input::Wheel(path)));
    }
    if has_extension(&path, "zip") {
        return Ok(One::File(Input::Zip(path)));
    }
    if names_packages(&path) {
        return Ok(One::List(path));
    }
    match not_a_zip(&FileAt::open(&path)?)? {
        None => Ok(One::File(Input::Zip(path))),
        Some(finding) => {
            let message = format!("{}: nothing that check reads; {}", path.display(), finding.message);
            Err(Failure::new(Code::Unsupported, message).help(READS))
        }
    }
}

const READS: &str = "check reads wheels, folders of them, layer and function zips, unpacked trees, and requirement or \
                     lock files";

/// Whether a file is named as those are that name packages: requirements in pip's format, or a lock.
fn names_packages(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    PACKAGES_FILES.contains(&name.as_ref())
        || (name.starts_with("pylock") && has_extension(path, "toml"))
        || has_extension(path, "txt")
        || has_extension(path, "in")
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a folder with these files is, by its path below the folder.
    fn kinds(files: &[(&str, &str)], path: &str) -> String {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        for (name, contents) in files {
            let file = scratch.path().join(name);
            fs_err::create_dir_all(file.parent().expect("a folder")).expect("new folders");
            fs_err::write(file, contents).expect("a new file");
        }
        let Inputs { files, lists, failures } =
            read_inputs(&[if path.is_empty() { scratch.path().to_owned() } else { scratch.path().join(path) }]);
        let below = |text: String| {
            let text = text.replace(&format!("{}", scratch.path().display()), "");
            text.replace('\\', "/")
        };
        let inputs = files.iter().map(|input| match input {
            Input::Wheel(path) => format!("wheel {}", path.display()),
            Input::Zip(path) => format!("zip {}", path.display()),
            Input::Tree(path) => format!("tree {}", path.display()),
        });
        let inputs = inputs.chain(lists.iter().map(|path| format!("requirements {}", path.display())));
        let failures = failures.iter().map(|failure| format!("{}: {}", failure.code, failure.message));
        inputs.chain(failures).map(below).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_folder_is_known_by_what_lies_in_it() {
        let wheels = [("b.whl", ""), ("a.WHL", ""), ("requirements.txt", ""), ("python/x.py", "")];
        assert_eq!(kinds(&wheels, ""), "wheel /a.WHL; wheel /b.whl");
        assert_eq!(kinds(&[("requirements.txt", ""), ("python/own.py", "")], ""), "requirements /requirements.txt");
        assert_eq!(kinds(&[("pyproject.toml", ""), ("pylock.toml", "")], ""), "requirements /pylock.toml");
        assert_eq!(kinds(&[("requirements.txt", ""), ("a-1.dist-info/METADATA", "")], ""), "tree ");
        assert_eq!(kinds(&[("requirements.txt", ""), ("python/a-1.dist-info/METADATA", "")], ""), "tree ");
        assert_eq!(kinds(&[("main.py", "")], ""), "tree ");
        assert_eq!(kinds(&[("deeper/b.whl", "")], ""), "tree ");
        assert_eq!(kinds(&[("deeper/b.whl", "")], "deeper"), "wheel /deeper/b.whl");
    }

    #[test]
    fn a_file_is_known_by_its_name_then_by_its_first_bytes() {
        for (name, contents, kind) in [
            ("layer.zip", "", "zip /layer.zip"),
            ("layer.pyz", "PK\x03\x04", "zip /layer.pyz"),
            ("dev-requirements.txt", "", "requirements /dev-requirements.txt"),
            ("requirements.in", "", "requirements /requirements.in"),
            ("pylock.toml", "", "requirements /pylock.toml"),
            ("uv.lock", "", "requirements /uv.lock"),
            ("a.whl", "version https://git-lfs.github.com/spec/v1", "wheel /a.whl"),
        ] {
            assert_eq!(kinds(&[(name, contents)], name), kind);
        }
        for (name, contents, said) in [
            ("foo-1.0.tar.gz", "\x1f\u{8b}", "not a zip archive"),
            ("setup.py", "import os", "starts with `import os`"),
            ("empty", "", "the file is empty"),
        ] {
            let kind = kinds(&[(name, contents)], name);
            assert!(kind.starts_with(&format!("LP506: /{name}: nothing that check reads; ")), "{kind}");
            assert!(kind.contains(said), "{kind}");
        }
        assert_eq!(kinds(&[], "nowhere"), "LP502: /nowhere: no such file or folder");
        assert_eq!(kinds(&[], "*.whl"), "LP501: `/*.whl` matches nothing");
        assert_eq!(kinds(&[], ""), "LP506: : an empty folder");
    }
}
