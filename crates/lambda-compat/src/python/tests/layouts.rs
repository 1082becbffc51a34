//! Packages built as well-known ones are: what their imports need, and what they do without.

use super::reaching::{Tree, extensions};
use crate::python::{Context, LibraryName, Reason};

#[test]
fn an_extension_whose_failure_is_explained_and_raised_again_is_needed() {
    let tree = Tree::of("p/__init__.py: from . import _core\np/_core/multi.py: from . import _umath\np/_core/_umath.cpython-312-x86_64-linux-gnu.so:\np/_core/_tests.cpython-312-x86_64-linux-gnu.so:").with(
        "p/_core/__init__.py",
        "
import os
env_added = []
for envkey in ['A_THREADS']:
    if envkey not in os.environ:
        os.environ[envkey] = '1'
        env_added.append(envkey)
try:
    from . import multi
except ImportError as exc:
    import sys
    if exc.msg == 'cannot load module more than once per process':
        raise
    candidates = []
    for path in __path__:
        candidates.extend(os.listdir(path))
    msg = 'IMPORTANT: please read this'
    raise ImportError(msg) from exc
finally:
    for envkey in env_added:
        del os.environ[envkey]
",
    );
    assert_eq!(extensions(&tree.reach()), "p/_core/_umath.so");
}

#[test]
fn an_extension_whose_failure_is_put_off_is_not_needed() {
    let image = "
try:
    from . import _imaging as core
    if q() != getattr(core, 'VERSION', None):
        raise ImportError('built for another version')
except ImportError as v:
    core = DeferredError.new(ImportError('not installed'))
    if str(v).startswith('Module use of python'):
        warn()
    raise
try:
    from . import _avif
    SUPPORTED = True
except ImportError:
    SUPPORTED = False
def open(fp):
    from . import _webp
";
    let tree = Tree::of("P/__init__.py: from . import Image\nP/_imaging.abi3.so:\nP/_avif.abi3.so:\nP/_webp.abi3.so:")
        .with("P/Image.py", image);
    assert_eq!(extensions(&tree.reach()), "P/_imaging.abi3.so");
}

#[test]
fn a_library_found_by_a_function_is_needed() {
    let libpath = "
import ctypes
from os import environ
from pathlib import Path
from platform import system
def _find_lib_path():
    curr_path = Path(__file__).resolve()
    dll_path = [curr_path.parents[1], curr_path.parents[0] / 'bin', curr_path.parents[0] / 'lib']
    if system() in ('Windows', 'Microsoft'):
        dll_path.append(curr_path.parents[1] / 'Release')
        dll_path = [p / 'lib_gbm.dll' for p in dll_path]
    elif system() == 'Darwin':
        dll_path = [p / 'lib_gbm.dylib' for p in dll_path]
    else:
        dll_path = [p / 'lib_gbm.so' for p in dll_path]
    lib_path = [str(p) for p in dll_path if p.is_file()]
    if not lib_path:
        raise Exception('Cannot find the library')
    return lib_path
if environ.get('GBM_BUILD_DOC', 'False') == 'True':
    from unittest.mock import Mock
    _LIB = Mock(ctypes.CDLL)
else:
    _LIB = ctypes.cdll.LoadLibrary(_find_lib_path()[0])
";
    let tree = Tree::of("gbm/__init__.py: from .basic import Booster\ngbm/basic.py: from .libpath import _LIB")
        .with("gbm/libpath.py", libpath);
    let reach = tree.reach();
    let Some(Reason::Opened { by, context }) = reach.reaches("gbm/lib/lib_gbm.so") else { panic!("{reach:?}") };
    assert_eq!((by.path.as_str(), by.line, context), ("gbm/libpath.py", 24, Context::Always));
    assert_eq!(reach.reaches("gbm/lib/lib_other.so"), None);
}

#[test]
fn a_package_that_steps_aside_for_its_extension_needs_it() {
    let init = "
import os, importlib, sys
__all__ = []
def __load_extra(base, name):
    return importlib.import_module('{}.{}'.format(__name__, name))
def bootstrap():
    import copy
    save_sys_path = copy.copy(sys.path)
    if hasattr(sys, 'LOADER'):
        raise ImportError('recursion is detected')
    sys.LOADER = True
    if sys.version_info[:2] < (3, 0):
        from . load2 import exec_file
    else:
        from . load3 import exec_file
    def load_first_config(fnames, required=True):
        for fname in fnames:
            exec_file(fname)
            return True
        if required:
            raise ImportError('missing configuration file')
    load_first_config(['config.py'], True)
    if sys.platform == 'win32':
        from . import _windows
    py_module = sys.modules.pop('vis')
    native_module = importlib.import_module('vis')
    sys.modules['vis'] = py_module
    for submodule in ['gapi']:
        __load_extra('vis', submodule)
    sys.path = save_sys_path
bootstrap()
";
    let tree = Tree::of("vis/load3.py: from . import _l3\nvis/load2.py: from . import _l2\nvis/gapi/__init__.py: from .. import _g\nvis/vis.abi3.so:\nvis/_l2.so:\nvis/_l3.so:\nvis/_g.so:\nvis/_windows.so:").with("vis/__init__.py", init);
    assert_eq!(extensions(&tree.reach()), "vis/_g.so vis/_l3.so vis/vis.abi3.so");
}

#[test]
fn plugins_chosen_at_run_time_are_not_needed() {
    let parallel = "
from . import workqueue
_pools = {}
def _check_compatible():
    try:
        from .. import config
        return True
    except ImportError as e:
        raise ValueError('No threading layer could be loaded') from e
def _launch_threads():
    def select_known_backend(backend):
        lib = None
        if backend.startswith('omp'):
            try:
                from . import omppool as lib
            except ImportError:
                pass
        return lib
    select_known_backend('omp')
";
    let tree = Tree::of("n/__init__.py: from .np import parallel\nn/np/__init__.py:\nn/np/workqueue.cpython-312-x86_64-linux-gnu.so:\nn/np/omppool.cpython-312-x86_64-linux-gnu.so:").with("n/np/parallel.py", parallel);
    assert_eq!(extensions(&tree.reach()), "n/np/workqueue.so");
}

#[test]
fn subpackages_that_the_package_does_not_import_are_not_needed() {
    let files = "
        r/__init__.py: from .base import v
        r/base.so:
        r/Chem/__init__.py: from r.Chem import chem|try:|    from r.Chem.extra import *|except ImportError:|    pass
        r/Chem/chem.so:
        r/Chem/extra.so:
        r/Chem/Draw/__init__.py: from r.Chem.Draw import draw
        r/Chem/Draw/draw.so:
    ";
    let tree = Tree::of(files);
    assert_eq!(extensions(&tree.reach()), "r/base.so");
    assert_eq!(crate::python::module_name("r/Chem/Draw/draw.so").as_deref(), Some("r.Chem.Draw.draw"));
}

#[test]
fn modules_with_a_stand_in_are_not_needed() {
    let init = "
class MissingModule:
    def __init__(self, name, urgent=0):
        self.name = name
        if urgent:
            self.warn()
    def warn(self):
        try:
            import warnings
        except ImportError:
            pass
from g.base import *
try:
    import g.scrap
except (ImportError, OSError):
    scrap = MissingModule('scrap', urgent=0)
try:
    from g.surface import Surface
except (ImportError, OSError):
    def Surface(*args):
        raise NotImplementedError
";
    let tree = Tree::of("g/base.cpython-312-x86_64-linux-gnu.so:\ng/scrap.cpython-312-x86_64-linux-gnu.so:\ng/surface.cpython-312-x86_64-linux-gnu.so:").with("g/__init__.py", init);
    assert_eq!(extensions(&tree.reach()), "g/base.so");
}

#[test]
fn a_pure_package_that_looks_for_a_system_library_says_which() {
    let loader = "
from ctypes.util import find_library
import ctypes, sys, glob, os.path
def _lib_candidates():
    yield find_library('magic')
    if sys.platform == 'darwin':
        for i in ['/opt/local/lib'] + glob.glob('/usr/local/Cellar/libmagic/*/lib'):
            yield os.path.join(i, 'libmagic.dylib')
    elif sys.platform in ('win32', 'cygwin'):
        for i in ['libmagic', 'magic1']:
            yield './%s.dll' % (i,)
            yield find_library(i)
    elif sys.platform == 'linux':
        yield 'libmagic.so.1'
def load_lib():
    for lib in _lib_candidates():
        if lib is None:
            continue
        try:
            return ctypes.CDLL(lib)
        except OSError:
            pass
    else:
        raise ImportError('failed to find libmagic.  Check your installation')
";
    let reach =
        Tree::of("m/__init__.py: from . import loader|lib = loader.load_lib()").with("m/loader.py", loader).reach();
    let [load] = &reach.loads[..] else { panic!("{:?}", reach.loads) };
    assert_eq!((load.load.line, load.load.context, load.load.computed), (20, Context::Always, false));
    assert_eq!(load.load.names, [LibraryName::Short("magic".into()), LibraryName::Soname("libmagic.so.1".into())]);
}

#[test]
fn either_of_two_builds_is_perhaps_needed() {
    let init = "
from o._build import flags
API = 'cpu'
if flags['CUDA']:
    try:
        lib = CDLL(str(next((Path(__file__).parent / 'cuda').glob('pybind*'))))
        if lib.device_count() > 0:
            from o.cuda.pybind import core
            API = 'cuda'
    except OSError:
        pass
if API == 'cpu':
    from o.cpu.pybind import core
";
    let tree = Tree::of("o/_build.py: flags = {'CUDA': True}\no/cpu/pybind.cpython-312-x86_64-linux-gnu.so:\no/cuda/pybind.cpython-312-x86_64-linux-gnu.so:")
        .with("o/__init__.py", &format!("from ctypes import CDLL\nfrom pathlib import Path\n{init}"));
    assert_eq!(extensions(&tree.reach()), "[o/cpu/pybind.so] [o/cuda/pybind.so]");
}
