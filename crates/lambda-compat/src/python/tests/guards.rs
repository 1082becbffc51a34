//! Handlers that make a failure harmless, and those that do not.

use super::said;

/// An import and a load guarded by these handlers.
fn guarded(handlers: &str) -> String {
    said(&format!("import sys, ctypes\ntry:\n    import a\n    ctypes.CDLL('l.so.1')\n{handlers}\n"))
}

#[test]
fn a_handler_that_goes_on_makes_it_optional() {
    for both in [
        "except:\n pass",
        "except Exception:\n x = 1",
        "except BaseException as e:\n print(e)",
        "except (ImportError, OSError):\n a = None",
    ] {
        assert_eq!(guarded(both), "O:a O:open(l.so.1)", "{both}");
    }
}

#[test]
fn each_way_to_fail_has_its_own_exception() {
    assert_eq!(guarded("except ImportError:\n pass"), "O:a A:open(l.so.1)");
    assert_eq!(guarded("except (ImportError, ValueError):\n pass"), "O:a A:open(l.so.1)");
    for os in ["OSError", "IOError", "EnvironmentError"] {
        assert_eq!(guarded(&format!("except {os}:\n pass")), "A:a O:open(l.so.1)");
    }
    // A shared object that cannot be loaded is no module that is not there.
    assert_eq!(guarded("except ModuleNotFoundError:\n pass"), "A:a A:open(l.so.1)");
    assert_eq!(guarded("except (KeyError, AttributeError):\n pass"), "A:a A:open(l.so.1)");
}

#[test]
fn a_handler_that_raises_again_does_not() {
    for raising in [
        "except ImportError as e:\n raise\nexcept OSError:\n raise",
        "except Exception as e:\n print(e)\n raise RuntimeError('broken') from e",
        "except Exception:\n sys.exit(1)",
        "except Exception as e:\n if f():\n  raise\n else:\n  raise ValueError",
        "except Exception as e:\n with x:\n  raise",
        "except Exception as e:\n try:\n  raise ValueError\n finally:\n  pass",
        "except ImportError:\n raise\nexcept Exception:\n raise\nexcept BaseException:\n pass",
    ] {
        assert_eq!(guarded(raising), "A:a A:open(l.so.1)", "{raising}");
    }
}

#[test]
fn a_handler_that_raises_sometimes_goes_on() {
    assert_eq!(guarded("except Exception as e:\n if f():\n  raise\n x = 1"), "O:a O:open(l.so.1)");
}

#[test]
fn a_helper_that_always_raises_is_a_raise() {
    let source = "
def fail(e):
    print(e)
    raise ImportError('broken') from e
try:
    import a
except ImportError as e:
    fail(e)
";
    assert_eq!(said(source), "A:a");
}

#[test]
fn the_first_handler_that_fits_is_the_one() {
    assert_eq!(guarded("except ImportError:\n raise\nexcept Exception:\n pass"), "A:a O:open(l.so.1)");
    assert_eq!(guarded("except Exception:\n pass\nexcept ImportError:\n raise"), "O:a O:open(l.so.1)");
}

#[test]
fn exceptions_may_have_names() {
    assert_eq!(said("ERRORS = (ImportError, OSError)\ntry:\n    import a\nexcept ERRORS:\n    pass"), "O:a");
    assert_eq!(said("try:\n    import a\nexcept errors_of(x):\n    pass"), "O:a");
    assert_eq!(said("from q.errors import Odd\ntry:\n    import a\nexcept Odd:\n    pass"), "A:q.errors(Odd) A:a");
}

#[test]
fn handlers_do_not_run_else_and_finally_do() {
    let source = "
try:
    import a
except ImportError:
    import b
else:
    import c
finally:
    import d
import e
";
    assert_eq!(said(source), "O:a A:c O:b A:d A:e");
}

#[test]
fn suppress_is_a_handler() {
    assert_eq!(said("from contextlib import suppress\nwith suppress(ImportError):\n    import a"), "O:a");
    assert_eq!(
        said("import contextlib, ctypes\nwith contextlib.suppress(OSError):\n    import a\n    ctypes.CDLL('l.so')"),
        "A:a O:open(l.so)"
    );
    assert_eq!(said("from contextlib import suppress\nwith suppress(KeyError):\n    import a"), "A:a");
}

#[test]
fn guards_nest() {
    let source = "
try:
    try:
        import a
    except ImportError:
        raise
except ImportError:
    pass
";
    assert_eq!(said(source), "O:a");
}

#[test]
fn a_missing_name_that_is_raised_about_is_no_option() {
    let source = |check: &str| {
        format!("import ctypes\ntry:\n    lib = ctypes.CDLL('l.so')\nexcept OSError:\n    lib = None\n{check}\n")
    };
    for fatal in [
        "if lib is None:\n raise ImportError",
        "if not lib:\n raise ImportError",
        "assert lib",
        "import b\nif not lib:\n raise ImportError",
    ] {
        assert!(said(&source(fatal)).contains("A:open(l.so)"), "{fatal}");
    }
    for harmless in [
        "",
        "if lib is None:\n lib = other()",
        "if f():\n raise ImportError",
        "lib = other()\nif lib is None:\n raise ImportError",
    ] {
        assert_eq!(said(&source(harmless)), "O:open(l.so)", "{harmless}");
    }
    // Another import in between may make it good.
    let other = "try:\n    import a as m\nexcept ImportError:\n    m = None\nif m is None:\n    import b as m\nif m is None:\n    raise ImportError";
    assert_eq!(said(other), "O:a C:b");
}

#[test]
fn trying_names_in_turn_ends_in_one_that_is_needed() {
    let loop_then = |end: &str| {
        format!(
            "
from ctypes import CDLL
def load():
    for name in ('a.so.1', 'a.so'):
        try:
            return CDLL(name)
        except OSError:
            pass
    {end}
load()
"
        )
    };
    assert_eq!(said(&loop_then("raise OSError")), "A:open(a.so.1|a.so)");
    assert_eq!(said(&loop_then("return None")), "O:open(a.so.1|a.so)");
    assert_eq!(said(&loop_then("else:\n        raise OSError")), "A:open(a.so.1|a.so)");
    // The last resort is one more name.
    assert_eq!(said(&loop_then("return CDLL('b.so')")), "A:open(a.so.1|a.so|b.so)");

    let broken_off = "
from ctypes import CDLL
for name in ('a.so.1', 'a.so'):
    try:
        lib = CDLL(name)
        break
    except OSError:
        continue
else:
    raise OSError
";
    assert_eq!(said(broken_off), "A:open(a.so.1|a.so)");
    assert_eq!(said(&broken_off.replace("raise OSError", "lib = None")), "O:open(a.so.1|a.so)");
}

#[test]
fn attempts_one_after_the_other_are_alternatives() {
    let source = |end: &str| {
        format!(
            "
from ctypes import CDLL
def load():
    try:
        return CDLL('a.so')
    except OSError:
        pass
    try:
        return CDLL('b.so')
    except OSError:
        {end}
load()
"
        )
    };
    assert_eq!(said(&source("raise")), "A:open(a.so|b.so)");
    assert_eq!(said(&source("pass\n    raise ImportError")), "A:open(a.so|b.so)");
    assert_eq!(said(&source("return None")), "O:open(a.so) O:open(b.so)");
}

#[test]
fn a_load_in_the_handler_stands_in_for_the_first() {
    assert_eq!(
        said("from ctypes import CDLL\ntry:\n    l = CDLL('a.so.1')\nexcept OSError:\n    l = CDLL('a.so')"),
        "A:open(a.so.1|a.so)"
    );
    assert_eq!(
        said(
            "from ctypes import CDLL\ntry:\n    l = CDLL('a.so')\nexcept OSError:\n    try:\n        l = CDLL('b.so')\n    except OSError:\n        l = CDLL('c.so')"
        ),
        "A:open(a.so|b.so|c.so)"
    );
    assert_eq!(
        said(
            "from ctypes import CDLL\ntry:\n    l = CDLL('a.so')\nexcept OSError:\n    try:\n        l = CDLL('b.so')\n    except OSError:\n        l = None"
        ),
        "O:open(a.so) O:open(b.so)"
    );
}

#[test]
fn an_import_instead_of_a_failed_one_is_no_part_of_the_good_way() {
    let source = "
def load():
    try:
        import a
        return a
    except ImportError:
        pass
    import b
    return b
load()
";
    assert_eq!(said(source), "O:a O:b");
}
