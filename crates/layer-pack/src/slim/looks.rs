//! What the files themselves say: tests that are none, bytecode that is the module, stubs and texts that their package
//! reads.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use rayon::prelude::*;
use wheel_tags::DistName;

use super::{Choice, ReadFile, SlimRule, is_source, suffix};
use crate::FileKind;

/// Keeps what the names of the files beside it show to be something else.
pub(super) fn spare_by_names(choice: &mut Choice<'_>) {
    bytecode(choice);
    nothing_but_tests(choice);
}

/// Keeps what is not what its path says, and what the package's own code says that it reads.
pub(super) fn spare(choice: &mut Choice<'_>, read: ReadFile<'_>) {
    tests(choice, read);
    stubs(choice, read);
    named(choice, SlimRule::Headers, read);
    named(choice, SlimRule::Docs, read);
}

/// `x.pyc` without `x.py` beside it is the module (PEP 3147). In `__pycache__/` Python takes none without its source.
fn bytecode(choice: &mut Choice<'_>) {
    let sources: BTreeSet<&str> =
        choice.files.iter().filter_map(|file| file.path.and_then(|path| path.strip_suffix(".py"))).collect();
    let modules: Vec<usize> = choice
        .going_by(SlimRule::Pycache)
        .filter(|(_, path)| !path.split('/').any(|folder| folder == "__pycache__"))
        .filter(|(_, path)| !path.strip_suffix(".pyc").is_some_and(|stem| sources.contains(stem)))
        .map(|(number, _)| number)
        .collect();
    choice.keep_all(modules, "they are the modules: there is no source beside them");
}

/// A package whose whole code is under names of tests is made of it.
fn nothing_but_tests(choice: &mut Choice<'_>) {
    let mut whole = choice.packages_by(SlimRule::Tests);
    for (number, file) in choice.files.iter().enumerate() {
        let is_code = file.path.is_some_and(|path| matches!(suffix(path), "py" | "so"));
        if let Some(package) = file.package.filter(|_| is_code && choice.rule(number) != Some(SlimRule::Tests)) {
            whole.remove(package);
        }
    }
    let of_whole = |(number, _): &(usize, &str)| {
        choice.files.get(*number).and_then(|file| file.package).is_some_and(|package| whole.contains(package))
    };
    let numbers: Vec<usize> = choice.going_by(SlimRule::Tests).filter(of_whole).map(|(number, _)| number).collect();
    choice.keep_all(numbers, "all of its code is in them");
}

/// A folder of tests with what goes of it, or a single file.
struct Suite<'a> {
    root: &'a str,
    /// Numbers and paths.
    files: Vec<(usize, &'a str)>,
}

/// A folder `tests/`, or a module `test_x`, that has nothing of a test: a part of the package with an unlucky name.
fn tests(choice: &mut Choice<'_>, read: ReadFile<'_>) {
    let mut suites: BTreeMap<(Option<&DistName>, &str), Suite<'_>> = BTreeMap::new();
    for (number, path) in choice.going_by(SlimRule::Tests) {
        let package = choice.files.get(number).and_then(|file| file.package);
        let root = root(path);
        let suite = suites.entry((package, root)).or_insert_with(|| Suite { root, files: Vec::new() });
        suite.files.push((number, path));
    }
    let suites: Vec<Suite<'_>> = suites.into_values().collect();
    let spared: Vec<usize> = suites
        .par_iter()
        .filter(|suite| !suite.tests_something(read))
        .flat_map_iter(|suite| suite.files.iter().map(|(number, _)| *number))
        .collect();
    choice.keep_all(spared, "nothing in them tests anything");
}

impl Suite<'_> {
    /// By the names in a folder, else by what its sources say; of a single module the name is not enough.
    fn tests_something(&self, read: ReadFile<'_>) -> bool {
        let is_folder = self.root.ends_with('/');
        let is_test = |path: &str| name(path) == "conftest.py" || (is_folder && is_named_as_test(path));
        let says = |(number, path): &(usize, &str)| {
            is_source(path) && read(*number).is_some_and(|source| speaks_of_tests(&source))
        };
        self.files.iter().any(|(_, path)| is_test(path)) || self.files.iter().any(says)
    }
}

/// The outermost folder of tests, or the file itself.
fn root(path: &str) -> &str {
    let mut end = 0;
    for folder in path.split_inclusive('/') {
        end += folder.len();
        if matches!(folder, "tests/" | "test/") {
            return path.get(..end).unwrap_or(path);
        }
    }
    path
}

fn is_named_as_test(path: &str) -> bool {
    name(path).strip_suffix(".py").is_some_and(|stem| stem.starts_with("test_") || stem.ends_with("_test"))
}

fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn speaks_of_tests(source: &[u8]) -> bool {
    ["pytest", "unittest", "def test_"].iter().any(|word| memmem::find(source, word.as_bytes()).is_some())
}

/// Stubs that `lazy_loader` reads when their package is imported: the module beside one hands itself to `attach_stub`
/// (<https://scientific-python.org/specs/spec-0001/>).
fn stubs(choice: &mut Choice<'_>, read: ReadFile<'_>) {
    let stubs: BTreeMap<&str, usize> = choice
        .going_by(SlimRule::Pyi)
        .filter_map(|(number, path)| Some((path.strip_suffix(".pyi")?, number)))
        .collect();
    let beside: Vec<(usize, usize)> = choice
        .staying_sources()
        .filter_map(|(number, path)| Some((number, *stubs.get(path.strip_suffix(".py")?)?)))
        .collect();
    let read_by = |(source, _): &&(usize, usize)| {
        read(*source).is_some_and(|source| memmem::find(&source, b"attach_stub").is_some())
    };
    let read: Vec<usize> = beside.par_iter().filter(read_by).map(|(_, stub)| *stub).collect();
    choice.keep_all(read, "lazy_loader reads them when the package is imported");
}

/// Files that a program reads: its package's code ends a text with the name of one (`"bitgen.h"`), or, of documentation,
/// with its suffix alone (`name + ".rst"`).
fn named(choice: &mut Choice<'_>, rule: SlimRule, read: ReadFile<'_>) {
    let ending = |path: &str| {
        let name = name(path);
        match name.rsplit_once('.').filter(|_| rule == SlimRule::Docs) {
            Some((_, suffix)) => format!(".{suffix}"),
            None => name.to_owned(),
        }
    };
    let mut endings: BTreeMap<&DistName, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    for (number, path) in choice.going_by(rule) {
        if let Some(package) = choice.files.get(number).and_then(|file| file.package) {
            endings.entry(package).or_default().entry(ending(path)).or_default().push(number);
        }
    }
    let sources: Vec<(usize, &BTreeMap<String, Vec<usize>>)> = choice
        .staying_sources()
        .filter_map(|(number, _)| Some((number, choice.files.get(number)?)))
        // A test that stays is no reason: what a rule leaves out must not hang on the others.
        .filter(|(_, file)| file.kind == FileKind::Python)
        .filter_map(|(number, file)| Some((number, endings.get(file.package?)?)))
        .collect();
    let said: BTreeSet<usize> = sources
        .par_iter()
        .flat_map_iter(|(number, endings)| {
            let source = read(*number).unwrap_or_default();
            let said = endings.iter().filter(|(ending, _)| ends_a_text(&source, ending));
            said.flat_map(|(_, numbers)| numbers.iter().copied()).collect::<Vec<_>>()
        })
        .collect();
    choice.keep_all(said, "the package's code names such files");
}

/// Whether some text of a source ends with this: `".rst"`, `'README'`.
fn ends_a_text(source: &[u8], ending: &str) -> bool {
    memmem::find_iter(source, ending.as_bytes())
        .any(|at| source.get(at + ending.len()).is_some_and(|byte| matches!(byte, b'"' | b'\'')))
}
