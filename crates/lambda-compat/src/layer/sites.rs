//! Where Python looks for modules in a function, and which file is which module.
//!
//! `sys.path` in a managed runtime: `/var/task`, `/opt/python/lib/python3.X/site-packages`, `/opt/python`, and then the
//! standard library (`/var/runtime/bootstrap.py`; <https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html>).

use super::extension::{ExtensionName, is_module_name};
use super::{FUNCTION, PYTHON};
use crate::target::Target;

/// The page that says where layers are looked into.
pub(super) const LAYER_PATHS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html";

/// The folders of `sys.path` that come before the standard library.
pub(crate) struct Sites {
    /// `/opt/python/lib/python3.12/site-packages`; the only one where `.pth` files are read.
    own: String,
}

impl Sites {
    pub(crate) fn of(target: &Target) -> Self {
        let (major, minor) = target.runtime.name.python();
        Self { own: format!("{PYTHON}/lib/python{major}.{minor}/site-packages") }
    }

    /// The path of a file from the folder of `sys.path` that it lies in; `None` where no import looks.
    pub(crate) fn importable<'p>(&self, place: &'p str) -> Option<&'p str> {
        below(place, FUNCTION).or_else(|| below(place, &self.own)).or_else(|| {
            let path = below(place, PYTHON)?;
            site_of_minor(path).is_none().then_some(path)
        })
    }

    /// The module that this file is, where an import finds it.
    pub(super) fn module<'p>(&self, place: &'p str) -> Option<Module<'p>> {
        Module::of(self.importable(place)?)
    }
}

/// What of `place` follows the folder.
pub(super) fn below<'p>(place: &'p str, folder: &str) -> Option<&'p str> {
    place.strip_prefix(folder)?.strip_prefix('/')
}

/// The 11 of `lib/python3.11/site-packages/…`, a path below `/opt/python`, and what follows.
pub(super) fn site_of_minor(path: &str) -> Option<(u8, &str)> {
    let (minor, rest) = path.strip_prefix("lib/python3.")?.split_once('/')?;
    Some((minor.parse().ok()?, rest.strip_prefix("site-packages/")?))
}

/// A file that an import may find.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module<'p> {
    /// `numpy._core._multiarray_umath`; of `__init__.py` the package's.
    pub(super) name: String,
    /// Its file name, where it is an extension module.
    pub(super) extension: Option<ExtensionName<'p>>,
}

impl<'p> Module<'p> {
    /// The module of a path below a folder of `sys.path`.
    fn of(path: &'p str) -> Option<Self> {
        let (folders, file) = path.rsplit_once('/').map_or((None, path), |(folders, file)| (Some(folders), file));
        let extension = ExtensionName::parse(file);
        let source = || file.strip_suffix(".py").or_else(|| file.strip_suffix(".pyc"));
        let last = extension.map(|extension| extension.module).or_else(source)?;
        let folders = folders.into_iter().flat_map(|folders| folders.split('/'));
        let parts: Vec<&str> = folders.chain((last != "__init__").then_some(last)).collect();
        let named = !parts.is_empty() && parts.iter().all(|part| is_module_name(part));
        named.then(|| Self { name: parts.join("."), extension })
    }

    /// Whether it lies in no package.
    pub(super) fn is_top_level(&self) -> bool {
        !self.name.contains('.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Arch;

    #[test]
    fn files_are_modules_where_python_looks() {
        let sites = Sites::of(&Target::new("python3.12".parse().expect("a runtime"), Arch::Arm64));
        let module = |place| sites.module(place).map(|module| module.name);
        for (place, name) in [
            ("/var/task/app.py", "app"),
            ("/opt/python/a/b/__init__.py", "a.b"),
            ("/opt/python/a/_b.abi3.so", "a._b"),
            ("/opt/python/lib/python3.12/site-packages/a.pyc", "a"),
        ] {
            assert_eq!(module(place).as_deref(), Some(name), "{place}");
        }
        for place in [
            "/opt/app.py",
            "/opt/python/lib/python3.11/site-packages/a.py",
            "/opt/python/a/py.typed",
            "/opt/python/a/__pycache__/b.cpython-312.pyc",
            "/opt/python/a-1.dist-info/x.py",
            "/opt/python/__init__.py",
            "/opt/pythonic/a.py",
        ] {
            assert_eq!(module(place), None, "{place}");
        }
    }
}
