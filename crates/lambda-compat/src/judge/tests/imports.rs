//! Whether a file that cannot load breaks the import of its package, or only a part of it.

use super::*;

fn wheel_of(package: &str) -> Wheel {
    wheel(&format!("{package}-1-cp312-cp312-manylinux2014_x86_64.whl"))
}

fn needing(library: &str) -> ElfBuilder {
    x86_64().needed(library)
}

fn on_312(wheel: &Wheel) -> String {
    wheel.on("python3.12", Arch::X86_64)
}

const SUFFIX: &str = "cpython-312-x86_64-linux-gnu.so";

/// Layouts as real packages have them, under any name: the verdict must not depend on what a package is called.
fn layouts(name: &str) -> Vec<(&'static str, Wheel)> {
    let at = |path: &str| format!("{name}/{path}");
    let extension = |module: &str| at(&format!("{module}.{SUFFIX}"));
    let broken = || needing("libgomp.so.1");
    vec![
        (
            "one extension module that the package imports",
            wheel_of(name)
                .python(&at("__init__.py"), "from ._core import run\n")
                .elf(&extension("_core"), &broken())
                .elf(&extension("_extra"), &x86_64()),
        ),
        (
            "a library that the package opens by a computed path",
            wheel(&format!("{name}-1-py3-none-manylinux2014_x86_64.whl"))
                .python(&at("__init__.py"), "from .basic import Booster\n")
                .python(
                    &at("basic.py"),
                    "import ctypes\nfrom .libpath import find\n_LIB = ctypes.cdll.LoadLibrary(find()[0])\n",
                )
                .python(&at("libpath.py"), "def find():\n    return [__file__ + '/lib']\n")
                .elf(&at("lib/lib_core.so"), &broken()),
        ),
        (
            "a bundled library that needs what is missing",
            wheel_of(name)
                .python(&at("__init__.py"), "from . import _base\n")
                .elf(&extension("_base"), &needing("libgdal.so.37").runpath(&format!("$ORIGIN/../{name}.libs")))
                .elf(&format!("{name}.libs/libgdal.so.37"), &broken().soname("libgdal.so.37")),
        ),
        (
            "an import under try whose handler raises",
            wheel_of(name)
                .python(
                    &at("__init__.py"),
                    "try:\n    from . import _core\nexcept ImportError as e:\n    raise ImportError('rebuild me') from e\n",
                )
                .elf(&extension("_core"), &broken())
                .elf(&extension("_extra"), &x86_64()),
        ),
        (
            "an import under try whose handler goes on",
            wheel_of(name)
                .python(&at("__init__.py"), "from . import _core\ntry:\n    from . import scrap\nexcept ImportError:\n    scrap = None\n")
                .elf(&extension("_core"), &x86_64())
                .elf(&extension("scrap"), &broken()),
        ),
        (
            "a part that nobody imports",
            wheel_of(name)
                .python(&at("__init__.py"), "from . import _core\n")
                .python(&at("draw/__init__.py"), "from . import _draw\n")
                .elf(&extension("_core"), &x86_64())
                .elf(&extension("draw/_draw"), &broken()),
        ),
        (
            "an import inside a function",
            wheel_of(name)
                .python(&at("__init__.py"), "from . import _core\n\ndef threads():\n    from . import pool\n    return pool\n")
                .elf(&extension("_core"), &x86_64())
                .elf(&extension("pool"), &broken()),
        ),
        (
            "ways of which the run time takes one, and none of them loads",
            wheel_of(name)
                .python(
                    &at("__init__.py"),
                    "from ._build import config\nif config['gpu']:\n    from .gpu import _core\nelse:\n    from .cpu import _core\n",
                )
                .python(&at("_build.py"), "config = load()\n")
                .elf(&extension("gpu/_core"), &broken())
                .elf(&extension("cpu/_core"), &broken())
                .elf(&extension("_extra"), &x86_64()),
        ),
        (
            "ways of which none loads, beside libraries in reach of a computed path",
            wheel_of(name)
                .python(
                    &at("__init__.py"),
                    "import ctypes\nfrom ._build import config\nif config['gpu']:\n    ctypes.CDLL(config['path'])\nif config['cpu']:\n    from .cpu import _core\n",
                )
                .python(&at("_build.py"), "config = load()\n")
                .elf(&extension("cpu/_core"), &broken())
                .elf(&at("libtbb.so.12"), &x86_64()),
        ),
        (
            "ways of which the run time takes one, and one of them loads",
            wheel_of(name)
                .python(
                    &at("__init__.py"),
                    "from ._build import config\nif config['gpu']:\n    from .gpu import _core\nelse:\n    from .cpu import _core\n",
                )
                .python(&at("_build.py"), "config = load()\n")
                .elf(&extension("gpu/_core"), &broken())
                .elf(&extension("cpu/_core"), &x86_64()),
        ),
        (
            "nothing that could be followed, and nothing that loads",
            wheel_of(name).python(&at("__init__.py"), "").elf(&at("plugin.bin"), &broken()),
        ),
    ]
}

#[test]
fn what_the_import_reaches_is_an_error_and_what_it_does_not_is_a_warning() {
    let said: Vec<String> = layouts("a")
        .into_iter()
        .map(|(layout, wheel)| {
            let said = wheel.on("python3.12", Arch::X86_64);
            let said: Vec<_> = said.lines().filter(|line| !line.starts_with("help:")).collect();
            format!("{layout}: {}", said.join("\n  "))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    one extension module that the package imports: fails
      error LP131  a/_core.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: `import a` fails
    a library that the package opens by a computed path: fails
      error LP131  a/lib/lib_core.so: needs libgomp.so.1, which python3.12 lacks: `import a` fails
    a bundled library that needs what is missing: fails
      error LP131  a.libs/libgdal.so.37: needs libgomp.so.1, which python3.12 lacks: `import a` fails
    an import under try whose handler raises: fails
      error LP131  a/_core.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: `import a` fails
    an import under try whose handler goes on: loads
      warning LP131  a/scrap.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: fails when a.scrap is used
    a part that nobody imports: loads
      warning LP131  a/draw/_draw.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: fails when a.draw._draw is used
    an import inside a function: loads
      warning LP131  a/pool.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: fails when a.pool is used
    ways of which the run time takes one, and none of them loads: fails
      error LP131  a/cpu/_core.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks; 1 more file too: `import a` fails
    ways of which none loads, beside libraries in reach of a computed path: fails
      error LP131  a/cpu/_core.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: `import a` fails
    ways of which the run time takes one, and one of them loads: loads
      warning LP131  a/gpu/_core.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks; other native files of the wheel load
    nothing that could be followed, and nothing that loads: fails
      error LP131  a/plugin.bin: needs libgomp.so.1, which python3.12 lacks
    ");
}

#[test]
fn verdicts_do_not_depend_on_names() {
    let verdicts = |name| {
        let judged =
            layouts(name).into_iter().map(|(layout, wheel)| (layout, wheel.verdict("python3.12", Arch::X86_64)));
        judged.collect::<Vec<_>>()
    };
    let plain = verdicts("a");
    for name in ["lightgbm", "opencv_python", "cv2", "rasterio", "pyodbc", "numba", "rdkit", "pygame", "psycopg2"] {
        assert_eq!(verdicts(name), plain, "{name}");
    }
}

#[test]
fn hints_are_read_after_the_verdict() {
    let gl = |name: &str| {
        wheel_of(name)
            .python("cv2/__init__.py", "from .cv2 import *\n")
            .elf(&format!("cv2/cv2.{SUFFIX}"), &needing("libGL.so.1"))
    };
    insta::assert_snapshot!(on_312(&gl("opencv_python")), @"
    fails
    error LP131  cv2/cv2.cpython-312-x86_64-linux-gnu.so: needs libGL.so.1, which python3.12 lacks: `import cv2` fails
    help: no Lambda runtime loads this file. Take opencv-python-headless in its place
    ");
    insta::assert_snapshot!(on_312(&gl("a")), @"
    fails
    error LP131  cv2/cv2.cpython-312-x86_64-linux-gnu.so: needs libGL.so.1, which python3.12 lacks: `import cv2` fails
    help: no Lambda runtime loads this file. Put libGL.so.1 into the layer, where Lambda looks for it: opt/lib/libGL.so.1 in its source, built for x86_64 and glibc 2.34 or older
    ");
}

#[test]
fn libraries_that_python_opens_by_name_are_warnings() {
    let pure = |source: &str| wheel("a-1-py3-none-any.whl").python("a/__init__.py", source);
    let magic = "import ctypes, ctypes.util\nlib = ctypes.CDLL(ctypes.util.find_library('magic'))\n";
    insta::assert_snapshot!(pure(magic).on("python3.11", Arch::X86_64), @"
    loads
    warning LP134  a/__init__.py: line 2 opens libmagic.so, which python3.11 lacks: `import a` fails
    ");
    assert_eq!(pure(magic).on("python3.12", Arch::X86_64), "loads");
    let alternatives = "from cffi import FFI\nffi = FFI()\nlib = ffi.dlopen('libcairo.so.2')\n";
    insta::assert_snapshot!(pure(alternatives).on("python3.12", Arch::X86_64), @"
    loads
    warning LP134  a/__init__.py: line 3 opens libcairo.so.2, which python3.12 lacks: `import a` fails
    ");
    // The wheel brings it.
    let brings = pure(alternatives).elf("a.libs/libcairo.so.2", &x86_64());
    assert_eq!(brings.verdict("python3.12", Arch::X86_64), Verdict::Loads);
    assert!(!brings.on("python3.12", Arch::X86_64).contains("LP134"));
    for harmless in [
        "import ctypes\ndef f():\n    return ctypes.CDLL('libcuda.so.1')\n",
        "import ctypes\ntry:\n    lib = ctypes.CDLL('libcuda.so.1')\nexcept OSError:\n    lib = None\n",
        "import ctypes\nlib = ctypes.CDLL('./libown.so')\n",
        "import ctypes\nlib = ctypes.CDLL('libc.so.6')\n",
    ] {
        assert_eq!(pure(harmless).on("python3.12", Arch::X86_64), "loads", "{harmless}");
    }
}
