//! The folder that `sys.path` names: which modules its files are, and what each of them does, read at most once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::file_name::{Suffix, module_file};
use super::reach::Reach;
use super::{ModuleFacts, Place, Unreadable, walk};

/// Sources read in all, in bytes: more than any layer of 250 MB has had.
const MAX_BYTES: usize = 64 << 20;

/// The files below a `sys.path` folder.
pub trait ModuleTree {
    /// The paths of all files, with slashes: `numpy/_core/multiarray.py`.
    fn files(&self) -> Box<dyn Iterator<Item = &str> + '_>;

    /// The bytes of a source file; `None` where it cannot be read.
    fn source(&self, path: &str) -> Option<Cow<'_, [u8]>>;
}

/// The modules of a tree for one Python.
pub struct SitePackages<'t> {
    tree: &'t dyn ModuleTree,
    python: (u8, u8),
    /// Module files by path without ending, `numpy/_core/multiarray` or `numpy/_core/__init__`; best first.
    files: HashMap<String, Vec<(Suffix, String)>>,
    /// The names at the top that have any module.
    tops: HashSet<String>,
    facts: HashMap<String, Read>,
    bytes: usize,
}

/// What became of a source file.
#[derive(Clone)]
pub(super) enum Read {
    Facts(Rc<ModuleFacts>),
    Unreadable(Unreadable),
    /// The limit on bytes was met before, or the tree does not give it.
    Missing,
}

/// What an import of a name executes.
pub(super) enum Found<'s> {
    /// A source file.
    Source(&'s str),
    /// An extension module: one file, or several where the names do not tell which one loads.
    Extension(Vec<&'s str>),
    /// Bytecode, which is not read.
    Bytecode,
}

impl<'t> SitePackages<'t> {
    /// Looks over the tree's file names; reads nothing yet. `python` is `(3, 12)`.
    #[must_use]
    pub fn new(tree: &'t dyn ModuleTree, python: (u8, u8)) -> Self {
        let mut files: HashMap<String, Vec<(Suffix, String)>> = HashMap::new();
        for path in tree.files() {
            let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
            if let Some((stem, suffix)) = module_file(file) {
                let key = if folder.is_empty() { stem.to_owned() } else { format!("{folder}/{stem}") };
                files.entry(key).or_default().push((suffix, path.to_owned()));
            }
        }
        for candidates in files.values_mut() {
            candidates.sort_by_key(|(suffix, path)| (suffix.rank(python).unwrap_or(u8::MAX), path.clone()));
        }
        let tops = files.keys().map(|key| key.split('/').next().unwrap_or(key).to_owned()).collect();
        Self { tree, python, files, tops, facts: HashMap::new(), bytes: 0 }
    }

    /// What importing a wheel's packages reaches. `own` are the paths of the wheel's files below the same folder.
    pub fn reach<'p>(&mut self, own: impl IntoIterator<Item = &'p str>) -> Reach {
        walk::walk(self, super::roots::roots(own))
    }

    /// The file of a module by its path without ending, as `FileFinder` finds it: a package before a module, then by
    /// suffix. The second part says whether it is a package.
    pub(super) fn find(&self, module: &str) -> Option<(Found<'_>, bool)> {
        let package = self.files.get(&format!("{module}/__init__"));
        let candidates = package.or_else(|| self.files.get(module))?;
        let (best, path) = candidates.first()?;
        let rank = best.rank(self.python);
        let found = match best {
            Suffix::Source => Found::Source(path),
            Suffix::Bytecode => Found::Bytecode,
            _ => {
                let same = candidates.iter().take_while(|(suffix, _)| suffix.rank(self.python) == rank);
                Found::Extension(same.map(|(_, path)| path.as_str()).collect())
            }
        };
        Some((found, package.is_some()))
    }

    /// Whether there is such a module or package.
    pub(super) fn has(&self, module: &str) -> bool {
        self.files.contains_key(module) || self.files.contains_key(&format!("{module}/__init__"))
    }

    /// Whether any module's dotted name begins with this.
    pub(super) fn is_top(&self, name: &str) -> bool {
        self.tops.contains(name)
    }

    /// Extension modules anywhere below a package that bear its own last name.
    pub(super) fn namesakes(&self, package: &str) -> Vec<String> {
        let name = package.rsplit('/').next().unwrap_or(package);
        let namesake = |key: &str| {
            key.strip_prefix(package).and_then(|below| below.strip_prefix('/')).is_some_and(|below| {
                below == name || below.strip_suffix(name).is_some_and(|folder| folder.ends_with('/'))
            })
        };
        let candidates = self.files.iter().filter(|(key, _)| namesake(key)).flat_map(|(_, files)| files);
        let fitting = candidates.filter(|(suffix, _)| suffix.is_extension() && suffix.rank(self.python).is_some());
        let mut paths: Vec<String> = fitting.map(|(_, path)| path.clone()).collect();
        paths.sort();
        paths
    }

    /// What a source file does, by its path and its module's path without ending.
    pub(super) fn facts(&mut self, path: &str, module: &str, package: bool) -> Read {
        if let Some(known) = self.facts.get(path) {
            return known.clone();
        }
        let read = match self.tree.source(path) {
            Some(source) if self.bytes + source.len() <= MAX_BYTES => {
                self.bytes += source.len();
                let name = module.replace('/', ".");
                match super::read(&source, &Place { name: &name, package, python: self.python }) {
                    Ok(facts) => Read::Facts(Rc::new(facts)),
                    Err(why) => Read::Unreadable(why),
                }
            }
            _ => Read::Missing,
        };
        self.facts.insert(path.to_owned(), read.clone());
        read
    }
}
