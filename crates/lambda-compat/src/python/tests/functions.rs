//! Functions that run at import time, and those that do not.

use super::{MODULE, each, facts_at, said};

#[test]
fn a_function_runs_where_the_module_calls_it() {
    assert_eq!(said("def f():\n    import a\ndef g():\n    import b\nf()"), "A:a F:b");
    assert_eq!(said("def f():\n    import a\nx = 1 + g(f())"), "A:a");
    assert_eq!(said("def f():\n    import a\nhandler = f\nregister(f)"), "F:a");
    assert_eq!(said("def f():\n    import a\ng = f\ng()"), "A:a");
}

#[test]
fn functions_call_functions() {
    assert_eq!(said("def f():\n    g()\ndef g():\n    import a\n    f()\nf()"), "A:a");
    assert_eq!(
        said("def f():\n    def g():\n        import a\n    g()\n    def h():\n        import b\nf()"),
        "A:a F:b"
    );
    let chain = each(40, |i| format!("def f{i}():\n    import m{i}\n    f{}()\n", i + 1));
    let said = said(&format!("{chain}f0()\n"));
    assert!(said.starts_with("A:m0 A:m1 A:m2 ") && said.contains("F:m39"), "{said}");
}

#[test]
fn a_call_is_as_sure_as_where_it_stands() {
    assert_eq!(said("def f():\n    import a\nif q():\n    f()"), "C:a");
    assert_eq!(said("def f():\n    import a\ntry:\n    f()\nexcept ImportError:\n    pass"), "O:a");
    assert_eq!(said("def f():\n    import a\ntry:\n    f()\nexcept ImportError:\n    pass\nf()"), "A:a");
    assert_eq!(said("def f():\n    try:\n        import a\n    except ImportError:\n        pass\nf()"), "O:a");
}

#[test]
fn a_function_may_have_returned_before() {
    assert_eq!(said("def f():\n    if q():\n        return\n    import a\nf()"), "C:a");
    assert_eq!(said("import sys\ndef f():\n    if sys.platform == 'win32':\n        return\n    import a\nf()"), "A:a");
    assert_eq!(said("def f():\n    return 1\n    import a\nf()"), "");
    assert_eq!(
        said(
            "_lib = None\ndef f():\n    global _lib\n    if _lib is not None:\n        return _lib\n    import a\n    _lib = a\nf()"
        ),
        "A:a"
    );
}

#[test]
fn making_an_object_runs_its_init() {
    assert_eq!(
        said("class K:\n    def __init__(self):\n        import a\n    def m(self):\n        import b\nk = K()"),
        "A:a F:b"
    );
    assert_eq!(said("class K:\n    def __init__(self):\n        import a"), "F:a");
    // Methods are not followed.
    assert_eq!(said("class K:\n    def m(self):\n        import a\nk = K()\nk.m()"), "F:a");
}

#[test]
fn decorators_and_module_getattr_are_not_called() {
    assert_eq!(said("def d(f):\n    import a\n@d\ndef g():\n    pass"), "F:a");
    assert_eq!(said("def __getattr__(name):\n    from . import _ext\n    return _ext"), "F:pkg(_ext)");
    assert_eq!(said("@cache\ndef f():\n    import a\nf()"), "A:a");
    assert_eq!(said("f = lambda: __import__('a')"), "");
}

#[test]
fn arguments_decide_and_name() {
    let source = "
from ctypes import CDLL
def load(name, optional=False):
    if optional:
        return None
    return CDLL(name)
load('a.so')
load('b.so', optional=True)
load(name='c.so')
";
    assert_eq!(said(source), "A:open(a.so) A:open(c.so)");
    let lines: Vec<u32> = facts_at(&MODULE, source).loads().iter().map(|load| load.line).collect();
    assert_eq!(lines, [7, 9], "a name stands where it is handed over");
}

#[test]
fn each_way_of_calling_is_as_sure_as_its_call() {
    let source = "
from ctypes import CDLL
def load(name):
    return CDLL(name)
load('a.so')
try:
    load('b.so')
except OSError:
    pass
";
    assert_eq!(said(source), "A:open(a.so) O:open(b.so)");
}

#[test]
fn a_function_called_very_often_is_not_followed_without_end() {
    let calls = each(200, |i| format!("load('lib{i}.so')\n"));
    let loads = facts_at(&MODULE, &format!("from ctypes import CDLL\ndef load(n):\n    CDLL(n)\n{calls}")).loads();
    assert_eq!(loads.len(), 64);
}

#[test]
fn what_an_uncalled_function_assigns_has_not_happened() {
    assert_eq!(
        said("flag = False\ndef on():\n    global flag\n    flag = True\nif flag:\n    import a\nelse:\n    import b"),
        "A:b"
    );
    assert_eq!(
        said(
            "flag = False\ndef on():\n    global flag\n    flag = True\non()\nif flag:\n    import a\nelse:\n    import b"
        ),
        "A:a"
    );
    assert_eq!(said("x = 'a'\ndef f(x):\n    __import__(x)\nf('b')\n__import__(x)"), "A:a A:b");
}
