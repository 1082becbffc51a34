//! Layer or function: told by what lies at the root.

use lambda_compat::ExtensionName;

use super::HeldFile;
use crate::Layout;

/// The folders that Lambda's runtimes look for in a layer:
/// <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>, and `extensions`.
const LAYER_FOLDERS: [&str; 7] = ["bin", "extensions", "java", "lib", "nodejs", "python", "ruby"];

impl Layout {
    /// What it is where nobody says so:
    ///
    /// 1. With a folder `python/` it is a layer, unless that is a package (`python/__init__.py`) beside other code.
    /// 2. Else, with Python modules, packages or `.dist-info` folders at the root it is a function: that is where a
    ///    function has them, and in a layer they would be in nobody's way and of no use. What lies in a folder that a layer
    ///    has (`lib/`, `bin/`, …), below a `site-packages` or in a `python/` one folder down does not count.
    /// 3. Else, with a `bootstrap` or `run.sh` at the root and none of a layer's folders it is a function.
    /// 4. Else it is a layer: of libraries, programs or extensions, or one that was packed wrongly.
    ///
    /// A function that holds nothing but installed packages may be a layer without its `python/`: the judge warns of it
    /// (LP411).
    pub(super) fn of(files: &[HeldFile]) -> Self {
        let paths = || files.iter().map(|file| file.path.as_str());
        let top = |path: &str| path.split_once('/').map(|(top, _)| top.to_owned());
        let has_code = paths().any(is_own_code);
        if paths().any(|path| path.starts_with("python/")) {
            let is_package = paths().any(|path| path == "python/__init__.py");
            return if is_package && has_code { Self::Function } else { Self::Layer };
        }
        let has_layer_folders =
            || paths().any(|path| top(path).is_some_and(|top| LAYER_FOLDERS.contains(&top.as_str())));
        let has_program = || paths().any(|path| matches!(path, "bootstrap" | "run.sh"));
        if has_code || (has_program() && !has_layer_folders()) { Self::Function } else { Self::Layer }
    }
}

/// A module, or a part of a package or of a `.dist-info` folder, that lies at the root.
fn is_own_code(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut folders = folders.split('/').filter(|folder| !folder.is_empty());
    let (top, second) = (folders.next(), folders.next());
    let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix);
    let is_module = || matches!(suffix, Some("py" | "pyc")) || ExtensionName::parse(name).is_some();
    match top {
        None => is_module(),
        Some(top) if LAYER_FOLDERS.contains(&top) => false,
        Some(top) if top.ends_with(".dist-info") => true,
        // No import finds a folder of any other name.
        Some(top) => {
            let is_name = top.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_name && second != Some("python") && !path.contains("/site-packages/") && is_module()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wheel_archive::EntryPath;

    fn kind(paths: &[&str]) -> Layout {
        let file = |path: &&str| {
            let path: EntryPath = path.parse().expect("a plain path");
            HeldFile { path: path.into(), size: 0, mode: None, link: None, binary: None, opens_libraries: false }
        };
        Layout::of(&paths.iter().map(file).collect::<Vec<_>>())
    }

    #[test]
    fn layers() {
        for paths in [
            &["python/requests/__init__.py"][..],
            &["python/a.py", "wrapper.py"],
            &["python/__init__.py", "python/a.py"],
            &["lib/libgomp.so.1"],
            &["bootstrap", "extensions/adapter"],
            &["a-1-py3-none-any.whl", "b-1-py3-none-any.whl"],
            &["layer/python/a.py"],
            &["lib/python3.12/site-packages/a.py", "bin/activate_this.py"],
            &["venv/lib/python3.12/site-packages/a.py"],
            &["site-packages/a/__init__.py"],
            &["nodejs/node_modules/a/x.py"],
            &[],
        ] {
            assert_eq!(kind(paths), Layout::Layer, "{paths:?}");
        }
    }

    #[test]
    fn functions() {
        for paths in [
            &["app.py"][..],
            &["app/handler.py"],
            &["google/cloud/storage.py"],
            &["requests/__init__.py", "requests-2.dist-info/METADATA"],
            &["a-1.dist-info/METADATA"],
            &["app.py", "python/__init__.py"],
            &["app.cpython-312-aarch64-linux-gnu.so"],
            &["app.py", "lib/libx.so.1", "bin/tool"],
            &["run.sh"],
            &["bootstrap"],
        ] {
            assert_eq!(kind(paths), Layout::Function, "{paths:?}");
        }
    }
}
