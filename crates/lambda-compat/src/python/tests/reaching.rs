//! From module to module: which files an import executes, rule by rule.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::python::{Context, ModuleTree, Reach, Reason, SitePackages, Unreadable};

/// Files in memory, and how often each source was read.
pub(super) struct Tree {
    files: BTreeMap<String, String>,
    read: RefCell<BTreeMap<String, usize>>,
}

impl Tree {
    /// Files as `path: source` lines; `|` is a line end in a source.
    pub(super) fn of(files: &str) -> Self {
        let files = files.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let (path, source) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            (path.to_owned(), source.replace('|', "\n"))
        });
        Self { files: files.collect(), read: RefCell::default() }
    }

    /// A file with a source of several lines.
    pub(super) fn with(mut self, path: &str, source: &str) -> Self {
        self.files.insert(path.to_owned(), source.to_owned());
        self
    }

    /// What importing the wheel with the tree's files reaches on Python 3.12.
    pub(super) fn reach(&self) -> Reach {
        self.reach_from(|_| true)
    }

    /// What importing the wheel with these of the tree's files reaches.
    fn reach_from(&self, own: impl Fn(&str) -> bool) -> Reach {
        SitePackages::new(self, (3, 12)).reach(self.files.keys().map(String::as_str).filter(|path| own(path)))
    }
}

impl ModuleTree for Tree {
    fn files(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.files.keys().map(String::as_str))
    }

    fn source(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        *self.read.borrow_mut().entry(path.to_owned()).or_default() += 1;
        self.files.get(path).map(|source| source.as_bytes().into())
    }
}

/// The extension modules reached, without Python tags; those that are not sure in brackets.
pub(super) fn extensions(reach: &Reach) -> String {
    let mut names: Vec<String> = reach
        .extensions
        .iter()
        .map(|file| {
            let name = file.path.replace(".cpython-312-x86_64-linux-gnu", "");
            if file.context == Context::Always { name } else { format!("[{name}]") }
        })
        .collect();
    names.sort();
    names.join(" ")
}

fn reached(files: &str) -> String {
    extensions(&Tree::of(files).reach())
}

#[test]
fn packages_around_a_module_are_executed() {
    let files = "
        a/__init__.py: import a.b.c
        a/_a.so:
        a/b/__init__.py: from . import _b
        a/b/_b.so:
        a/b/c.py: from ._c import x|from .. import _a
        a/b/_c.so:
        a/b/_d.so:
    ";
    assert_eq!(reached(files), "a/_a.so a/b/_b.so a/b/_c.so");
}

#[test]
fn an_import_says_who_and_where() {
    let reach = Tree::of("a/__init__.py: import os||from . import _a\na/_a.so:\nb.so:").reach();
    let by: Vec<_> = reach
        .extensions
        .iter()
        .map(|file| (file.path.as_str(), file.by.clone().map(|by| (by.path, by.line))))
        .collect();
    assert_eq!(by, [("b.so", None), ("a/_a.so", Some(("a/__init__.py".to_owned(), 3)))]);
}

#[test]
fn from_takes_a_submodule_where_there_is_one() {
    assert_eq!(reached("a/__init__.py: from a.b import _x, y\na/b/__init__.py:\na/b/_x.so:\na/b/_y.so:"), "a/b/_x.so");
    // A module has no submodules.
    assert_eq!(reached("a/__init__.py: from a.b import _x\na/b.py:\na/b/_x.so:"), "");
    assert_eq!(
        reached("a/__init__.py: from a.b import *\na/b/__init__.py: __all__ = ['_x', 'f']\na/b/_x.so:\na/b/_y.so:"),
        "a/b/_x.so"
    );
}

#[test]
fn imports_lead_into_other_wheels_and_back() {
    let tree = Tree::of(
        "a/__init__.py: import b|import os|import missing\nb/__init__.py: from . import _b|import a._a\nb/_b.so:\na/_a.so:\nc/__init__.py:\nc/_c.so:",
    );
    assert_eq!(extensions(&tree.reach_from(|path| path.starts_with("a/"))), "a/_a.so b/_b.so");
}

#[test]
fn a_finder_takes_packages_first_and_then_its_own_suffixes() {
    let import = "r.py: from p import m";
    for (files, loaded) in [
        ("p/m.py: raise\np/m.cpython-312-x86_64-linux-gnu.so:", "p/m.so"),
        ("p/m.py:\np/m.cpython-311-x86_64-linux-gnu.so:", ""),
        ("p/m.abi3.so:\np/m.cpython-312-x86_64-linux-gnu.so:", "p/m.so"),
        ("p/m.abi3.so:\np/m.so:\np/m.cpython-313-x86_64-linux-gnu.so:", "p/m.abi3.so"),
        ("p/m/__init__.py: from . import _x\np/m/_x.so:\np/m.abi3.so:", "p/m/_x.so"),
        ("p/m/__init__.abi3.so:\np/m/__init__.py:", "p/m/__init__.abi3.so"),
        // Both processors, or no fitting Python at all: what is there is what fails.
        (
            "p/m.cpython-312-x86_64-linux-gnu.so:\np/m.cpython-312-aarch64-linux-gnu.so:",
            "p/m.cpython-312-aarch64-linux-gnu.so p/m.so",
        ),
        ("p/m.cpython-311-x86_64-linux-gnu.so:", "p/m.cpython-311-x86_64-linux-gnu.so"),
    ] {
        let tree = Tree::of(&format!("{import}\np/__init__.py:\n{files}"));
        assert_eq!(extensions(&tree.reach_from(|path| path == "r.py")), loaded, "{files}");
    }
}

#[test]
fn namespace_packages_execute_nothing_and_lead_on() {
    let files =
        "ns/pkg/__init__.py: from ns.other import _x|from ns import _y\nns/other/_x.so:\nns/_y.so:\nns/deep/_z.so:";
    assert_eq!(extensions(&Tree::of(files).reach_from(|path| path.starts_with("ns/pkg"))), "ns/_y.so ns/other/_x.so");
}

#[test]
fn functions_of_other_modules_are_followed() {
    assert_eq!(
        reached(
            "a/__init__.py: from . import loader|lib = loader.load()\na/loader.py: def load():|    from . import _x\na/_x.so:"
        ),
        "a/_x.so"
    );
    assert_eq!(
        reached(
            "a/__init__.py: from .loader import load as go|go()\na/loader.py: def load():|    from . import _x\na/_x.so:"
        ),
        "a/_x.so"
    );
    assert_eq!(
        reached(
            "a/__init__.py: import a.loader|if q():|    a.loader.load()\na/loader.py: def load():|    from . import _x\na/_x.so:"
        ),
        "[a/_x.so]"
    );
    assert_eq!(
        reached("a/__init__.py: from .loader import load\na/loader.py: def load():|    from . import _x\na/_x.so:"),
        ""
    );
    assert_eq!(
        reached("a/__init__.py: from .loader import *|load()\na/loader.py: def load():|    from . import _x\na/_x.so:"),
        "a/_x.so"
    );
}

#[test]
fn functions_and_classes_are_handed_on_from_module_to_module() {
    let files = "
        a/__init__.py: from b import Loader|Loader()
        b/__init__.py: from .api import Loader
        b/api.py: from .impl import Loader
        b/impl.py: class Loader:|    def __init__(self, backend=None):|        if backend is None:|            import _back as backend
        _back.so:
    ";
    assert_eq!(extensions(&Tree::of(files).reach_from(|path| path.starts_with("a/"))), "_back.so");
    // In a circle it ends.
    assert_eq!(reached("a/__init__.py: from .b import f|f()\na/b.py: from .c import f\na/c.py: from .b import f"), "");
}

#[test]
fn what_is_optional_or_undecided_is_told_from_what_is_sure() {
    let files = "
        a/__init__.py: try:|    import a.opt|except ImportError:|    pass|if q():|    import a.perhaps
        a/opt.py: from . import _o
        a/perhaps.py: from . import _p|import a.both
        a/both.py: from . import _b
        a/_o.so:
        a/_p.so:
        a/_b.so:
    ";
    assert_eq!(reached(files), "[a/_b.so] [a/_p.so]");
    // A surer way there counts, however late it is found.
    let surer = files
        .replace("perhaps|", "perhaps|import a.z|")
        .replace("a/_o.so:", "a/z.py: import a.both\na/_o.so:")
        .replace("a.perhaps\n", "a.perhaps|import a.z\n");
    assert_eq!(reached(&surer), "[a/_p.so] a/_b.so");
}

#[test]
fn a_package_that_imports_its_own_name_means_the_module_inside() {
    let source =
        "import importlib, sys|def bootstrap():|    sys.modules.pop('p')|    importlib.import_module('p')|bootstrap()";
    assert_eq!(reached(&format!("p/__init__.py: {source}\np/p.abi3.so:\np/q.so:")), "p/p.abi3.so");
    assert_eq!(
        reached(&format!("p/__init__.py: {source}\np/python-3/p.cpython-312-x86_64-linux-gnu.so:\np/x/pp.so:")),
        "p/python-3/p.so"
    );
    // A plain statement finds what is in sys.modules already.
    assert_eq!(reached("p/__init__.py: import p\np/p.abi3.so:"), "");
}

#[test]
fn every_source_is_read_once_and_only_when_needed() {
    let tree = Tree::of(
        "a/__init__.py: import a.b, a.c\na/b.py: import a.c|import d\na/c.py: import a.b\nd.py: import a\ne.py: import a\nf/__init__.py: import a",
    );
    let mut site = SitePackages::new(&tree, (3, 12));
    assert_eq!(site.reach(["a/__init__.py"]).followed, 4);
    assert_eq!(site.reach(["e.py"]).followed, 5);
    let read = tree.read.borrow();
    assert!(read.values().all(|&times| times == 1), "{read:?}");
    assert_eq!(read.keys().collect::<Vec<_>>(), ["a/__init__.py", "a/b.py", "a/c.py", "d.py", "e.py"]);
}

#[test]
fn what_cannot_be_read_is_said() {
    let reach = Tree::of("a/__init__.py: import a.b, a.c, a.d\na/b.py: print 'Python 2'\na/c.pyc:\na/d.py: import importlib|importlib.import_module(x)\na/e.py: (").reach();
    assert_eq!(reach.unreadable, [("a/b.py".to_owned(), Unreadable::Syntax)]);
    assert!(reach.incomplete, "bytecode is not read");
    assert_eq!(reach.dynamic.iter().map(|site| (site.path.as_str(), site.line)).collect::<Vec<_>>(), [("a/d.py", 2)]);
    assert_eq!(reach.followed, 2);
}

#[test]
fn deep_chains_of_modules_are_followed_without_recursion() {
    let mut tree = Tree::of("m0.py: import m1\n_x.so:");
    for i in 1..15_000 {
        tree = tree.with(&format!("m{i}.py"), &format!("import m{}", i + 1));
    }
    let reach = tree.with("m15000.py", "import _x").reach_from(|path| path == "m0.py");
    assert_eq!((reach.followed, extensions(&reach).as_str()), (15_001, "_x.so"));
}

#[test]
fn more_modules_than_any_layer_has_are_not_followed() {
    let mut tree = Tree::of("");
    for i in 0..20_010 {
        tree = tree.with(&format!("m{i}.py"), "");
    }
    let reach = tree.reach();
    assert_eq!((reach.followed, reach.incomplete), (20_000, true));
}

#[test]
fn libraries_are_reached_by_name_or_beside_a_computed_path() {
    let files = "
        a/__init__.py: from . import core, other
        a/core.py: import ctypes|ctypes.CDLL(find())
        a/other.py: import ctypes, os|ctypes.CDLL('libnamed.so.1')|ctypes.CDLL(os.path.join(h, 'libfile.so'))|def f():|    ctypes.CDLL('liblater.so')
        b/__init__.py: import ctypes.util|if q():|    ctypes.CDLL(ctypes.util.find_library('magic'))
    ";
    let reach = Tree::of(files).reach();
    let reason = |path: &str| match reach.reaches(path) {
        None => "-".to_owned(),
        Some(Reason::Imported { .. }) => "imported".to_owned(),
        Some(Reason::Opened { by, context }) => format!("opened by {}:{} {context:?}", by.path, by.line),
        Some(Reason::Beside { by, context }) => format!("beside {}:{} {context:?}", by.path, by.line),
    };
    assert_eq!(reason("a/lib/libany.so"), "beside a/core.py:2 Always");
    assert_eq!(reason("a.libs/libany.so"), "-");
    assert_eq!(reason("a/_ext.cpython-312-x86_64-linux-gnu.so"), "-", "an extension module is imported, not opened");
    assert_eq!(reason("a.libs/libnamed.so.1"), "opened by a/other.py:2 Always");
    assert_eq!(reason("b/libfile.so"), "-", "a computed path leads into its own package");
    assert_eq!(reason("b/liblater.so"), "-");
    assert_eq!(reason("b/libmagic.so.1"), "opened by b/__init__.py:3 Conditional");
    assert_eq!(reason("b/libmagic2.so.1"), "-");
}

#[test]
fn loads_have_the_context_of_the_walk() {
    let files = "
        a/__init__.py: try:|    import a.opt|except ImportError:|    pass|import a.sure
        a/opt.py: import ctypes|ctypes.CDLL('o.so')
        a/sure.py: import ctypes|from .l import go|go()|def f():|    ctypes.CDLL('f.so')
        a/l.py: import ctypes|def go():|    ctypes.CDLL('g.so')
    ";
    let reach = Tree::of(files).reach();
    let loads: Vec<_> =
        reach.loads.iter().map(|load| (load.module.as_str(), load.load.line, load.load.context)).collect();
    assert_eq!(loads, [("a/l.py", 3, Context::Always), ("a/sure.py", 5, Context::InFunction)]);
}
