//! Nothing that stays imports what goes: the modules among the files that are to go are held against every import of the
//! sources that stay, and against the entry points. What is found stays, and what that imports in turn.
//!
//! Only sources that say the name of such a module or folder are parsed. Imports count wherever they stand, in functions
//! and handlers too: a test suite more weighs less than a function that fails.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use lambda_compat::python::{Place, Taken, Unreadable, module_name, read as read_python};
use memchr::memmem;
use rayon::prelude::*;

use super::{Choice, ReadFile, SlimRule, is_source};

/// Keeps the modules that something imports.
pub(super) fn spare(choice: &mut Choice<'_>, python: (u8, u8), read: ReadFile<'_>) {
    let going = Going::of(choice);
    if going.modules.is_empty() {
        return;
    }
    let sources: Vec<(usize, &str)> = choice.staying_sources().collect();
    let wants: Vec<Wants> = sources
        .par_iter()
        .filter_map(|(number, path)| {
            let source = read(*number);
            let speaks = source.as_deref().is_none_or(|source| going.is_named_in(source));
            speaks.then(|| Wants::of(*number, path, source.as_deref(), python))
        })
        .collect();
    let mut queue: VecDeque<(usize, String)> = VecDeque::new();
    let entry_points = choice.files.iter().enumerate().filter_map(|(number, file)| Some((number, file.path?)));
    for (number, path) in entry_points.filter(|(_, path)| path.ends_with(".dist-info/entry_points.txt")) {
        for module in entry_point_modules(&read(number).unwrap_or_default()) {
            let reason = format!("an entry point in {path} names {module}");
            queue.extend(going.files_of(&module).map(|file| (file, reason.clone())));
        }
    }
    for wants in wants {
        going.enqueue(wants, choice, &mut queue);
    }
    while let Some((number, reason)) = queue.pop_front() {
        if choice.rule(number).is_none() {
            continue;
        }
        choice.keep(number, &reason);
        let Some(path) = choice.files.get(number).and_then(|file| file.path).filter(|path| is_source(path)) else {
            continue;
        };
        let source = read(number);
        if source.as_deref().is_some_and(reads_files) {
            going.keep_data(path, choice);
        }
        going.enqueue(Wants::of(number, path, source.as_deref(), python), choice, &mut queue);
    }
}

/// What one source imports.
struct Wants {
    number: usize,
    /// With the names that are taken from them, which may be modules too; `None` where nobody can tell.
    modules: Option<Vec<String>>,
}

impl Wants {
    fn of(number: usize, path: &str, source: Option<&[u8]>, python: (u8, u8)) -> Self {
        let name = dotted(path);
        let place = Place { name: &name, package: path.ends_with("/__init__.py"), python };
        let modules = match source.map(|source| read_python(source, &place)) {
            Some(Ok(facts)) => {
                let imports = facts.imports().into_iter();
                Some(
                    imports
                        .flat_map(|import| {
                            let names = match import.taken {
                                Taken::Names(names) => names,
                                Taken::Module | Taken::Everything => Vec::new(),
                            };
                            let below = names.iter().map(|name| format!("{}.{name}", import.module));
                            below.chain([import.module.clone()]).collect::<Vec<_>>()
                        })
                        .collect(),
                )
            }
            // It is no module of this Python, so nothing imports anything by it.
            Some(Err(Unreadable::Syntax)) => Some(Vec::new()),
            Some(Err(_)) | None => None,
        };
        Self { number, modules }
    }
}

/// The modules that are to go.
struct Going {
    /// Their files, by dotted name.
    modules: HashMap<String, Vec<usize>>,
    /// The names of which an import of any of them says one: of the folder of tests, or of the module itself.
    words: HashSet<String>,
}

impl Going {
    fn of(choice: &Choice<'_>) -> Self {
        let (mut modules, mut words) = (HashMap::<String, Vec<usize>>::new(), HashSet::new());
        for (number, path) in choice.going_by(SlimRule::Tests) {
            let name = if is_source(path) { dotted(path) } else { module_name(path).unwrap_or_default() };
            if name.is_empty() {
                continue;
            }
            let folder = path.split('/').rev().skip(1).find(|folder| matches!(*folder, "tests" | "test"));
            words.insert(folder.map_or_else(|| name.rsplit('.').next().unwrap_or(&name).to_owned(), str::to_owned));
            modules.entry(name).or_default().push(number);
        }
        Self { modules, words }
    }

    /// Whether a source says one of the names, as a word. They all have `test` in them.
    fn is_named_in(&self, source: &[u8]) -> bool {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        memmem::find_iter(source, b"test").any(|at| {
            let (before, after) = source.split_at(at);
            let start = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |end| end + 1);
            let end = at + after.iter().position(|byte| !is_part(byte)).unwrap_or(after.len());
            let word = source.get(start..end).and_then(|word| std::str::from_utf8(word).ok());
            word.is_some_and(|word| self.words.contains(word))
        })
    }

    /// The files that an import of a module executes: its own, and those of the packages that it is in.
    fn files_of<'g>(&'g self, module: &'g str) -> impl Iterator<Item = usize> + 'g {
        let ends = module.match_indices('.').map(|(at, _)| at).chain([module.len()]);
        ends.filter_map(|end| self.modules.get(module.get(..end)?)).flatten().copied()
    }

    /// The module of which an import takes something: `a.b` of `a.b.Class`.
    fn module_of<'g>(&self, name: &'g str) -> &'g str {
        let ends = [name.len()].into_iter().chain(name.rmatch_indices('.').map(|(at, _)| at));
        let mut modules = ends.filter_map(|end| name.get(..end).filter(|module| self.modules.contains_key(*module)));
        modules.next().unwrap_or(name)
    }

    fn enqueue(&self, wants: Wants, choice: &mut Choice<'_>, queue: &mut VecDeque<(usize, String)>) {
        let Some(file) = choice.files.get(wants.number) else { return };
        let path = file.path.unwrap_or_default();
        let Some(modules) = wants.modules else {
            let of_package =
                |number: &usize| choice.files.get(*number).is_some_and(|other| other.package == file.package);
            let numbers: BTreeSet<usize> = self.modules.values().flatten().copied().filter(of_package).collect();
            let reason = format!("what {path} imports cannot be told");
            queue.extend(numbers.into_iter().map(|number| (number, reason.clone())));
            return;
        };
        for module in modules {
            let reason = format!("{path} imports {}", self.module_of(&module));
            queue.extend(self.files_of(&module).map(|number| (number, reason.clone())));
        }
    }

    /// Keeps what lies below the folder of a module that may read it.
    fn keep_data(&self, path: &str, choice: &mut Choice<'_>) {
        let Some((folder, _)) = path.rsplit_once('/') else { return };
        let below = format!("{folder}/");
        let is_module = |number: usize| self.modules.values().any(|numbers| numbers.contains(&number));
        let data: Vec<usize> = choice
            .going_by(SlimRule::Tests)
            .filter(|(number, other)| other.starts_with(&below) && !is_module(*number))
            .map(|(number, _)| number)
            .collect();
        choice.keep_all(data, &format!("{path}, which is imported, may read them"));
    }
}

/// The dotted name of a source file: `numpy/_core/__init__.py` is `numpy._core`.
fn dotted(path: &str) -> String {
    let stem = path.strip_suffix(".py").unwrap_or(path);
    stem.strip_suffix("/__init__").unwrap_or(stem).replace('/', ".")
}

/// Whether a source asks where it lies, or for files of packages.
fn reads_files(source: &[u8]) -> bool {
    ["__file__", "__path__", "resources", "get_data"].iter().any(|word| memmem::find(source, word.as_bytes()).is_some())
}

/// The modules that `entry_points.txt` names, of any group:
/// <https://packaging.python.org/en/latest/specifications/entry-points/>.
fn entry_point_modules(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let module = |line: &str| {
        let (_, object) = line.split_once('=').filter(|_| !line.trim_start().starts_with(['#', ';', '[']))?;
        let end = object.find([':', '[']).unwrap_or(object.len());
        Some(object.get(..end)?.trim().to_owned())
    };
    text.lines().filter_map(module).collect()
}
