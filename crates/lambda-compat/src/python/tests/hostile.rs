//! Files that nobody should have written: no panic, no stack or memory without end.

use proptest::prelude::*;

use super::{MODULE, each, said};
use crate::python::{Unreadable, read};

fn refused(source: &str) -> Option<Unreadable> {
    read(source.as_bytes(), &MODULE).err()
}

#[test]
fn what_is_no_python_3_is_unreadable() {
    for source in
        ["print 'a'", "import", "if x:\n", "def f(:\n", "\u{0}", "a = '", "}", "{% template %}", "x = (1]", "lambda"]
    {
        assert_eq!(refused(source), Some(Unreadable::Syntax), "{source:?}");
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let n = 100_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("not ", ""),
        ("-", ""),
        ("lambda: ", ""),
        ("lambda x=", ": 0"),
        ("1 if 1 else ", ""),
        ("2 ** ", ""),
        ("1 + ", ""),
        ("await ", ""),
        ("[a for a in ", "]"),
        ("f'{", "}'"),
    ] {
        let source = format!("{}1{}", open.repeat(n), close.repeat(n));
        assert_eq!(refused(&source), Some(Unreadable::TooDeep), "{open}");
    }
    for after in [".a", "()", "[0]", "+a", " < a"] {
        assert_eq!(refused(&format!("a{}", after.repeat(n))), Some(Unreadable::TooDeep), "{after}");
    }
    let blocks = each(200, |depth| format!("{}def f():\n", " ".repeat(depth)));
    assert_eq!(refused(&format!("{blocks}{}pass\n", " ".repeat(200))), Some(Unreadable::TooDeep));
}

#[test]
fn nesting_that_error_recovery_would_make_is_refused() {
    for unit in [
        "if a: ",
        "else: if a: pass\n",
        "lambda \n lazy =",
        "yield await ,",
        "+while (}')\n f'{{is )\n ",
        "with (a as b, (",
        "match (",
        "async ",
        "type ",
    ] {
        let source = unit.repeat(30_000);
        assert!(matches!(refused(&source), Some(Unreadable::Syntax | Unreadable::TooDeep)), "{unit}");
    }
}

#[test]
fn as_deep_as_allowed_is_read_on_a_small_stack() {
    let sources = [
        format!("x = a{}\nimport b", ".c".repeat(1_900)),
        format!("x = {}1\nimport b", "1 + ".repeat(1_900)),
        format!("x = {}1\nimport b", "not ".repeat(1_900)),
        format!("x = {}1{}\nimport b", "(".repeat(190), ")".repeat(190)),
        format!("x = {}1{}\nimport b", "f(a=".repeat(190), ")".repeat(190)),
        format!("{}import b", "x = 1 or 2 or 3, 'a' 'b' 'c'\n".repeat(10_000)),
        format!("x = {{{}}}\nimport b", "'k': -1.0, 'l': a.b.c(),".repeat(20_000)),
        format!("if a: pass\n{}else:\n    pass\nimport b", "elif a: pass\n".repeat(20_000)),
    ];
    for source in sources {
        let thread = std::thread::Builder::new().stack_size(256 << 10);
        let said = thread.spawn(move || said(&source)).expect("a thread").join().expect("no overflow");
        assert_eq!(said, "A:b");
    }
}

#[test]
fn what_is_larger_than_any_source_is_refused() {
    assert_eq!(refused(&"#".repeat((8 << 20) + 1)), Some(Unreadable::TooLarge));
    assert_eq!(refused(&"a;".repeat(300_000)), Some(Unreadable::TooLarge));
    assert_eq!(refused(&format!("x = '{}'", "a".repeat(5 << 20))), None);
}

#[test]
fn values_do_not_grow_without_end() {
    for source in [
        format!("a = ('x',)\n{}", "a = a + a\n".repeat(2_000)),
        format!("a = 'x'\n{}", "a = a + a\n".repeat(2_000)),
        format!("a = ()\n{}", "a = (a, a)\n".repeat(2_000)),
        format!("{}b = a + a + a + a", each(100, |i| format!("if q:\n    a = '{i}'\n"))),
        each(60, |i| format!("def f{i}(a):\n{}", each(64, |j| format!("    f{}(a + '{j}')\n", i + 1)))) + "f0('')\n",
    ] {
        assert_eq!(refused(&source), None);
    }
}

const SEED: &str = "
import os, sys, ctypes
from . import _ext as e
from ctypes.util import find_library
def load(*names, ok=False):
    for n in names:
        try:
            return ctypes.CDLL(n)
        except OSError as x:
            pass
    else:
        raise ImportError(f'{names!r} {ok:>{4}}')
class K(object):
    def __init__(self, a, b=[lambda x: x[1:2] for y in 'z']):
        global G; G = not a ** -b
if sys.platform == 'win32' and (x := 1): import w
elif os.name in ('posix',): lib = load('liba.so', *['b', \"c\"], ok=True)
with open('f') as f, g: k = K(1)
match k:
    case [1, *_]: import m
";

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &MODULE);
    }

    #[test]
    fn damaged_python_is_read_or_refused(
        edits in proptest::collection::vec((0..SEED.len(), 0..40_usize, "[a-z(){}\\[\\]:,.=+'\"\n lambda]{0,6}"), 1..6),
    ) {
        let mut source = SEED.as_bytes().to_vec();
        for (at, len, text) in edits {
            let at = at.min(source.len());
            let end = (at + len).min(source.len());
            source.splice(at..end, text.bytes());
        }
        let _ = read(&source, &MODULE);
    }

    #[test]
    fn tokens_in_any_order_are_read_or_refused(tokens in proptest::collection::vec(
        prop::sample::select(vec![
            "a", "1", "'s'", "(", ")", "[", "]", "{", "}", ",", ":", "=", "+", "not ", "lambda ", "if ", "else ", "for ",
            "in ", "def f", "class A", "try:", "except ", "with ", "as ", "return ", "yield ", "await ", "import a",
            "from a import ", "match ", "case ", "f'{", "}'", "\n", "\n ", "    ", "CDLL(", "raise ", "@", "*", ".",
        ]), 0..60)) {
        let _ = read(tokens.concat().as_bytes(), &MODULE);
    }
}
