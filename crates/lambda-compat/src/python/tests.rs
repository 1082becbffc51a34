//! What is read from small sources, one rule after the other, in a short notation: `A` always, `C` conditional,
//! `O` optional, `F` in a function; `a.b` a module, `a(b,c)` names of one; `find(…)` and `open(…)` a library by
//! `-lshort` name, by `soname`, by the `…/file` at the end of a computed path, or by `?`, a path nobody knows.

mod conditions;
mod functions;
mod guards;
mod hostile;
mod layouts;
mod loads;
mod reaching;

use super::{Context, How, LibraryName, ModuleFacts, Place, Taken, read};

const MODULE: Place<'_> = Place { name: "pkg.mod", package: false, python: (3, 12) };
const PACKAGE: Place<'_> = Place { name: "pkg", package: true, python: (3, 12) };

fn facts_at(place: &Place<'_>, source: &str) -> ModuleFacts {
    read(source.as_bytes(), place).expect("valid Python")
}

/// All facts of a module `pkg.mod`, in order: imports, loads, and whether it is dynamic.
fn said(source: &str) -> String {
    said_at(&MODULE, source)
}

fn said_at(place: &Place<'_>, source: &str) -> String {
    let facts = facts_at(place, source);
    let imports = facts.imports().into_iter().filter(|import| !is_known(&import.module)).map(|import| {
        let taken = match import.taken {
            Taken::Module => String::new(),
            Taken::Names(names) => format!("({})", names.join(",")),
            Taken::Everything => "(*)".to_owned(),
        };
        format!("{}:{}{taken}", letter(import.context), import.module)
    });
    let loads = facts.loads().into_iter().map(|load| {
        let names = load.names.iter().map(|name| match name {
            LibraryName::Short(name) => format!("-l{name}"),
            LibraryName::Soname(name) => name.clone(),
            LibraryName::File(name) => format!("…/{name}"),
        });
        let names: Vec<String> = names.chain(load.computed.then(|| "?".to_owned())).collect();
        let how = if load.how == How::Find { "find" } else { "open" };
        format!("{}:{how}({})", letter(load.context), names.join("|"))
    });
    let dynamic = facts.dynamic().then(|| "dynamic".to_owned());
    imports.chain(loads).chain(dynamic).collect::<Vec<_>>().join(" ")
}

/// A source made of one piece for each number.
fn each(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

/// What the sources import only to say what they mean.
fn is_known(module: &str) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    ["sys", "os", "ctypes", "importlib", "platform", "typing", "contextlib", "pathlib", "glob", "struct"].contains(&top)
}

fn letter(context: Context) -> char {
    match context {
        Context::Always => 'A',
        Context::Conditional => 'C',
        Context::Optional => 'O',
        Context::InFunction => 'F',
    }
}

#[test]
fn import_statements_give_absolute_names() {
    assert_eq!(said("import a, b.c as d"), "A:a A:b.c");
    assert_eq!(said("from a.b import c, d as e"), "A:a.b(c,d)");
    assert_eq!(said("from . import _ext\nfrom .x import *\nfrom .. import y"), "A:pkg(_ext) A:pkg.x(*)");
    assert_eq!(said_at(&PACKAGE, "from . import _ext\nfrom .x import y"), "A:pkg(_ext) A:pkg.x(y)");
    let deep = Place { name: "a.b.c.d", ..MODULE };
    assert_eq!(said_at(&deep, "from .. import x\nfrom ...y import z"), "A:a.b(x) A:a.y(z)");
}

#[test]
fn imports_have_their_line() {
    let facts = facts_at(&MODULE, "'''doc\nstring'''\n\nimport a\nif 1:\n    from b import c\n");
    assert_eq!(facts.imports().iter().map(|import| import.line).collect::<Vec<_>>(), [4, 6]);
}

#[test]
fn bodies_of_with_for_while_and_class_run() {
    let source = "
with open('x') as f:
    import a
for i in range(3):
    import b
while q:
    import c
else:
    import d
class K:
    import e
    class L:
        import f
";
    assert_eq!(said(source), "A:a A:b A:c A:d A:e A:f");
}

#[test]
fn a_lazy_import_runs_when_it_is_used() {
    assert_eq!(said("lazy import a\nlazy from b import c\nimport d"), "F:a F:b(c) A:d");
}

#[test]
fn import_module_and_dunder_import_with_literals_are_imports() {
    assert_eq!(said("import importlib\nimportlib.import_module('a.b')"), "A:a.b");
    assert_eq!(
        said("from importlib import import_module as im\nim('.x', __package__)\nim('.y', 'q')"),
        "A:pkg.x A:q.y"
    );
    assert_eq!(said_at(&PACKAGE, "import importlib\nimportlib.import_module('.x', __name__)"), "A:pkg.x");
    assert_eq!(said("__import__('a.b')\n__import__('c', fromlist=['d'])"), "A:a.b A:c(d)");
    assert_eq!(said("__import__('c', globals(), locals(), ['d'], 1)"), "A:pkg.c(d)");
    assert_eq!(said_at(&PACKAGE, "__import__(__spec__.parent + '.x')\n__import__(__name__ + '.y')"), "A:pkg.x A:pkg.y");
}

#[test]
fn a_computed_import_is_dynamic() {
    assert_eq!(said("import importlib\nimportlib.import_module(name())"), "dynamic");
    assert_eq!(said("__import__(x)"), "dynamic");
    assert_eq!(said("exec(open('x').read())"), "dynamic");
    assert_eq!(said("def f():\n    __import__(x)"), "");
    assert_eq!(said("try:\n    __import__(x)\nexcept ImportError:\n    pass"), "");
}

#[test]
fn names_in_a_loop_are_all_imported() {
    assert_eq!(said("import importlib\nfor n in ('a', 'b'):\n    importlib.import_module(n)"), "A:a A:b");
    assert_eq!(
        said("import importlib\nfor n, v in [('a', 1), ('b', 2)]:\n    importlib.import_module('.' + n, 'q')"),
        "A:q.a A:q.b"
    );
    assert_eq!(said("[__import__(f'q.{n}') for n in ('a', 'b')]"), "A:q.a A:q.b");
}

#[test]
fn encodings_are_taken_as_declared() {
    let read_bytes = |bytes: &[u8]| read(bytes, &MODULE).map(|facts| facts.imports().len());
    assert_eq!(read_bytes(b"\xef\xbb\xbfimport a\n"), Ok(1));
    assert_eq!(read_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\nimport a\n"), Ok(1));
    assert_eq!(read_bytes(b"#!/usr/bin/python\n# vim: set fileencoding=ISO-8859-1 :\n\xe9 = 1\nimport a\n"), Ok(1));
    assert_eq!(read_bytes(b"x = 1\n# coding: latin-1\n\xe9 = 1\nimport a\n"), Err(super::Unreadable::Syntax));
    assert_eq!(read_bytes(b"# \xff\xfe broken UTF-8 in a comment\nimport a\n"), Ok(1));
    assert_eq!(read_bytes("größe = 1\nimport a\n".as_bytes()), Ok(1));
}
