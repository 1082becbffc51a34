//! Libraries opened by name.

use super::said;

/// With the usual imports.
fn opened(source: &str) -> String {
    said(&format!(
        "import os, sys, ctypes, ctypes.util, pathlib, glob\nfrom ctypes import CDLL, PyDLL, cdll, pydll\n\
         from ctypes.util import find_library\nfrom pathlib import Path\nhere = os.path.dirname(os.path.abspath(__file__))\n{source}\n"
    ))
}

#[test]
fn every_way_to_open_a_library() {
    for (source, names) in [
        ("ctypes.CDLL('liba.so.1')", "liba.so.1"),
        ("CDLL(name='liba.so.1', mode=ctypes.RTLD_GLOBAL)", "liba.so.1"),
        ("PyDLL('liba.so.1')", "liba.so.1"),
        ("ctypes.cdll.LoadLibrary('liba.so.1')", "liba.so.1"),
        ("pydll.LoadLibrary('liba.so.1')", "liba.so.1"),
        ("cdll['liba.so.1']", "liba.so.1"),
        ("loader().LoadLibrary('liba.so.1')", "liba.so.1"),
        ("ffi.dlopen('liba.so.1')", "liba.so.1"),
        ("ffi().dlopen('a')", "-la"),
        ("CDLL('/usr/lib64/liba.so.1')", "/usr/lib64/liba.so.1"),
        ("CDLL(os.path.join('/usr/lib64', 'liba.so'))", "/usr/lib64/liba.so"),
    ] {
        assert_eq!(opened(source), format!("A:open({names})"), "{source}");
    }
    assert_eq!(said("from ctypes import *\nCDLL('a.so')\ncdll.LoadLibrary('b.so')"), "A:open(a.so) A:open(b.so)");
}

#[test]
fn the_process_itself_and_other_systems_names_are_no_loads() {
    for source in [
        "CDLL(None)",
        "CDLL('')",
        "CDLL('a.dll')",
        "CDLL('liba.dylib')",
        "CDLL('/System/Library/Frameworks/A.framework/A')",
        "CDLL('C:\\\\a')",
        "CDLL(os.path.join(here, 'a.dll'))",
        "find_library('a.dll')",
        "ctypes.windll.LoadLibrary('a')",
        "ctypes.WinDLL('a')",
        "sys.setdlopenflags(2)",
        "if sys.platform == 'win32':\n    CDLL('liba.so')",
    ] {
        assert_eq!(opened(source), "", "{source}");
    }
    assert_eq!(opened("dlopen(ffi, 'a.dll', 'liba.so', 'liba.dylib')"), "A:open(liba.so)");
}

#[test]
fn a_search_is_a_load_of_its_own_until_its_result_is_opened() {
    assert_eq!(opened("find_library('magic')"), "A:find(-lmagic)");
    assert_eq!(opened("CDLL(find_library('magic'))"), "A:open(-lmagic)");
    assert_eq!(opened("path = ctypes.util.find_library('magic')\nlib = CDLL(path)"), "A:open(-lmagic)");
    assert_eq!(
        opened("path = find_library('a') or find_library('b') or 'libc.so.1'\nCDLL(path)"),
        "A:open(-la|-lb|libc.so.1)"
    );
    assert_eq!(
        opened("path = find_library('a')\nif path is None:\n    path = 'liba.so.1'\nCDLL(path)"),
        "A:open(-la|liba.so.1)"
    );
    assert_eq!(opened("path = find_library('a')\ntry:\n    CDLL(path)\nexcept OSError:\n    pass"), "O:open(-la)");
}

#[test]
fn names_are_followed_through_variables_loops_and_branches() {
    assert_eq!(opened("name = 'liba.so.1'\nCDLL(name)"), "A:open(liba.so.1)");
    assert_eq!(opened("for n in ('liba.so.1', 'liba.so'):\n    CDLL(n)"), "A:open(liba.so.1|liba.so)");
    assert_eq!(opened("NAMES = ['liba.so.1', 'a.dll']\nlibs = [CDLL(n) for n in NAMES]"), "A:open(liba.so.1)");
    assert_eq!(
        opened(
            "if sys.platform == 'darwin':\n    n = 'a.dylib'\nelif f():\n    n = 'liba.so.1'\nelse:\n    n = 'liba.so'\nCDLL(n)"
        ),
        "A:open(liba.so.1|liba.so)"
    );
    assert_eq!(
        opened("CDLL('lib%s.so' % 'a')\nCDLL('lib{}.so'.format('b'))\nn = 'c'\nCDLL(f'lib{n}.so')"),
        "A:open(liba.so) A:open(libb.so) A:open(libc.so)"
    );
    assert_eq!(opened("CDLL(os.environ.get('LIBA', 'liba.so.1'))"), "A:open(liba.so.1)");
    assert_eq!(
        opened("def names():\n    yield find_library('a')\n    yield 'liba.so.1'\nfor n in names():\n    CDLL(n)"),
        "A:open(-la|liba.so.1)"
    );
}

#[test]
fn a_path_that_is_computed_keeps_a_literal_file_name() {
    for source in [
        "CDLL(os.path.join(here, 'lib', 'liba.so'))",
        "CDLL(os.path.join(here, 'lib/liba.so'))",
        "CDLL(here + '/liba.so')",
        "CDLL(f'{here}/liba.so')",
        "CDLL('%s/liba.so' % here)",
        "CDLL(str(Path(__file__).parent / 'lib' / 'liba.so'))",
        "CDLL(str(Path(__file__).resolve().parents[1].joinpath('liba.so')))",
        "CDLL(Path(__file__).with_name('liba.so'))",
        "CDLL(os.fspath(Path(here, 'liba.so')))",
        "def find():\n    return [p / 'liba.so' for p in dirs if p.is_file()]\nCDLL(str(find()[0]))",
        "import pkg_resources\nCDLL(pkg_resources.resource_filename(__name__, 'lib/liba.so'))",
    ] {
        assert_eq!(opened(source).replace("A:pkg_resources ", ""), "A:open(…/liba.so)", "{source}");
    }
}

#[test]
fn a_path_that_is_not_known_is_computed() {
    for source in [
        "CDLL(find())",
        "CDLL(str(next(Path(here).glob('a*'))))",
        "CDLL(os.path.join(here, name()))",
        "for f in os.listdir(here):\n    CDLL(f)",
        "CDLL(sys.argv[1])",
    ] {
        assert_eq!(opened(source), "A:open(?)", "{source}");
    }
    assert_eq!(opened("p = here + '/liba.so' if f() else find()\nCDLL(p)"), "A:open(…/liba.so|?)");
}

#[test]
fn a_wrapper_named_after_dlopen_takes_all_names() {
    assert_eq!(
        opened("from .x import _dlopen\ng = _dlopen(ffi, 'libg-0', 'g-2.0', 'libg.so.0', 'libg.dylib', flags=3)")
            .replace("A:pkg.x(_dlopen) ", ""),
        "A:open(-llibg-0|-lg-2.0|libg.so.0)"
    );
    assert_eq!(
        opened("self.dlopen(ffi, ('cairo', 'cairo-2'), ('libcairo.so.2', 'cairo.dll'))"),
        "A:open(-lcairo|-lcairo-2|libcairo.so.2)"
    );
    // One that the file defines is followed: `allow_fail` means what its code makes of it.
    let source = "
def _dlopen(ffi, *names, allow_fail=False):
    for name in names:
        with suppress(OSError):
            return ffi.dlopen(name)
    if allow_fail:
        return
    return ffi.dlopen(names[0])
from contextlib import suppress
a = _dlopen(ffi, 'liba.so.0', 'a.dll')
b = _dlopen(ffi, 'libb.so.0', allow_fail=True)
";
    assert_eq!(opened(source), "A:open(liba.so.0) O:open(libb.so.0)");
}

#[test]
fn extension_modules_loaded_by_path_are_loads() {
    assert_eq!(opened("import numpy as np\nnp.ctypeslib.load_library('_a', here)"), "A:numpy A:open(…/_a.so)");
    assert_eq!(opened("import imp\nimp.load_dynamic('a', os.path.join(here, '_a.so'))"), "A:imp A:open(…/_a.so)");
    let bootstrap = "
def __bootstrap__():
    global __file__
    import pkg_resources, importlib.util
    __file__ = pkg_resources.resource_filename(__name__, '_a.cpython-312-x86_64-linux-gnu.so')
    spec = importlib.util.spec_from_file_location(__name__, __file__)
    importlib.util.module_from_spec(spec)
__bootstrap__()
";
    assert_eq!(opened(bootstrap), "A:pkg_resources A:open(…/_a.cpython-312-x86_64-linux-gnu.so)");
    assert_eq!(opened("import importlib.util\nimportlib.util.spec_from_file_location('x', here + '/x.py')"), "dynamic");
}

#[test]
fn in_a_function_that_nobody_calls_it_is_no_part_of_the_import() {
    assert_eq!(
        opened("def f():\n    return CDLL('liba.so.1')\nclass K:\n    def m(self):\n        CDLL('libb.so')"),
        "F:open(liba.so.1) F:open(libb.so)"
    );
}
