//! Tests that are decided for Linux and `CPython`, and those that are not.

use super::{MODULE, said, said_at};
use crate::python::Place;

/// Whether the body of an `if` with this test runs: `A` or nothing where that is decided, `C` where it is not.
fn decided(test: &str) -> String {
    let imports = "import sys, os, platform, struct, typing, typing as t\nfrom sys import platform as plat, version_info\n\
                   from os import name as os_name\nfrom typing import TYPE_CHECKING\nimport six\n";
    said(&format!("{imports}if {test}:\n    import a\n")).replace("A:six", "").trim().to_owned()
}

#[test]
fn the_platform_is_linux() {
    for yes in [
        "sys.platform == 'linux'",
        "sys.platform.startswith('linux')",
        "sys.platform.startswith(('linux', 'freebsd'))",
        "not sys.platform.startswith('win')",
        "sys.platform[:3] != 'win'",
        "plat not in ('win32', 'cygwin')",
        "os.name == 'posix'",
        "'Windows' != platform.system()",
        "platform.system().lower() == 'linux'",
        "sys.byteorder == 'little'",
        "sys.maxsize > 2**32",
        "struct.calcsize('P') * 8 == 64",
        "not hasattr(sys, 'frozen')",
        "not getattr(sys, 'frozen', False)",
    ] {
        assert_eq!(decided(yes), "A:a", "{yes}");
    }
    for no in [
        "sys.platform == 'win32'",
        "os_name == 'nt'",
        "sys.platform == 'darwin' or os.name == 'nt'",
        "hasattr(os, 'add_dll_directory')",
    ] {
        assert_eq!(decided(no), "", "{no}");
    }
}

#[test]
fn the_interpreter_is_cpython_of_the_version_given() {
    for yes in [
        "sys.version_info >= (3, 8)",
        "version_info[:2] == (3, 12)",
        "sys.version_info[0] >= 3",
        "sys.version_info.major == 3 and sys.version_info.minor < 13",
        "(3, 9) <= sys.version_info < (4,)",
        "int(sys.version_info[0]) > 2",
        "sys.implementation.name == 'cpython'",
        "platform.python_implementation() != 'PyPy'",
        "six.PY3",
    ] {
        assert_eq!(decided(yes), "A:a", "{yes}");
    }
    for no in ["sys.version_info < (3,)", "sys.version_info >= (3, 13)", "six.PY2", "hasattr(sys, 'pypy_version_info')"]
    {
        assert_eq!(decided(no), "", "{no}");
    }
    // Which patch release it is, is not known.
    assert_eq!(decided("sys.version_info >= (3, 12, 4)"), "C:a");
    let older = Place { python: (3, 9), ..MODULE };
    assert_eq!(
        said_at(&older, "import sys\nif sys.version_info >= (3, 10):\n    import a\nelse:\n    import b"),
        "A:b"
    );
}

#[test]
fn nobody_checks_types_and_nobody_runs_it_as_a_script() {
    for no in [
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
        "t.TYPE_CHECKING",
        "__name__ == '__main__'",
        "False",
        "0",
        "not __debug__",
    ] {
        assert_eq!(decided(no), "", "{no}");
    }
    assert_eq!(said("TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import a\nelse:\n    import b"), "A:b");
}

#[test]
fn environment_variables_have_their_defaults() {
    assert_eq!(decided("os.environ.get('X_DOCS', 'False') == 'True'"), "");
    assert_eq!(decided("not os.getenv('X_IMPL', '').lower()"), "A:a");
    assert_eq!(decided("os.environ.get('X')"), "C:a");
    assert_eq!(decided("'X' in os.environ"), "C:a");
}

#[test]
fn where_a_test_cannot_be_decided_no_branch_is_sure() {
    let source = "
if f():
    import a
elif g():
    import b
else:
    import c
import d
";
    assert_eq!(said(source), "C:a C:b C:c A:d");
    assert_eq!(said("match f():\n    case 1:\n        import a\n    case _:\n        import b"), "C:a C:b");
    assert_eq!(
        said("x = f() and __import__('a')\ny = __import__('b') if f() else None\nz = 0 or __import__('c')"),
        "C:a C:b A:c"
    );
}

#[test]
fn the_first_decided_branch_wins() {
    let source = "
import sys
if sys.platform == 'win32':
    import a
elif sys.platform == 'linux':
    import b
elif f():
    import c
else:
    import d
";
    assert_eq!(said(source), "A:b");
}

#[test]
fn a_constant_is_followed_through_names_and_branches() {
    assert_eq!(said("import os\n_WIN = os.name == 'nt'\nif _WIN:\n    import a\nelse:\n    import b"), "A:b");
    // It has been set in a branch that may have been taken.
    assert_eq!(said("flag = True\nif f():\n    flag = False\nif flag:\n    import a"), "C:a");
    assert_eq!(said("flag = True\nif f():\n    pass\nif flag:\n    import a"), "A:a");
    // Where it was not set at all, asking for it is an error.
    assert_eq!(
        said("try:\n    SETUP\nexcept NameError:\n    SETUP = False\nif SETUP:\n    import a\nelse:\n    import b"),
        "A:b"
    );
    assert_eq!(said("for x in ():\n    import a\nwhile False:\n    import b\nimport c"), "A:c");
}

#[test]
fn what_stands_behind_a_raise_does_not_happen() {
    assert_eq!(said("import a\nraise ImportError('never here')\nimport b"), "A:a");
    assert_eq!(said("import sys\nimport a\nsys.exit(1)\nimport b"), "A:a");
    assert_eq!(said("if f():\n    raise ImportError\nimport a"), "A:a");
}
