//! What reading one source file found.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// How sure it is that something happens when the module is imported and nothing goes wrong. In this order: what is
/// behind two of them is as sure as the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// It happens.
    Always,
    /// It depends on a test that cannot be decided from the source.
    Conditional,
    /// It may fail without breaking the import: a handler catches that and goes on, or it is such a handler's own.
    Optional,
    /// In a function that nothing calls at import time.
    InFunction,
}

/// A module that a source file imports.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Import {
    /// Its absolute dotted name.
    pub module: String,
    /// What is taken from it.
    pub taken: Taken,
    /// By `importlib.import_module` or `__import__`, not by a statement.
    pub by_call: bool,
    /// The line, counted from 1.
    pub line: u32,
    /// Whether it happens.
    pub context: Context,
}

/// What an import takes from its module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Taken {
    /// `import a.b`: the module.
    Module,
    /// `from a.b import c, d`: each an attribute or a submodule.
    Names(Vec<String>),
    /// `from a.b import *`: what its `__all__` lists.
    Everything,
}

/// A library opened by name at run time: `ctypes`, cffi's `dlopen`, `find_library`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LibraryLoad {
    /// The names tried, any of which will do. Names for other systems (`.dll`, `.dylib`) are left out.
    pub names: Vec<LibraryName>,
    /// What is opened, or one of the alternatives, is computed at run time and not known here.
    pub computed: bool,
    /// Opened, or only looked for.
    pub how: How,
    /// The line, counted from 1.
    pub line: u32,
    /// Whether it happens.
    pub context: Context,
}

/// A name that a library is asked for by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LibraryName {
    /// As `find_library` and the linker's `-l` take it, `magic` for `libmagic.so.1`; cffi takes it as well.
    Short(String),
    /// As handed to the dynamic loader: `libmagic.so.1`, or an absolute path.
    Soname(String),
    /// The file name at the end of a computed path: a file that the package brings itself.
    File(String),
}

/// What is done with a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// `find_library`, and nobody in sight opens what it finds. It returns `None` where it finds nothing.
    Find,
    /// Opened; an `OSError` where that fails.
    Open,
}

/// What a module does when it is executed.
///
/// A scope is the module's body or a function's; what a function does counts where the function is called.
#[derive(Debug, Default)]
pub struct ModuleFacts {
    /// The body first, then functions in the order of their definition.
    pub(super) scopes: Vec<Scope>,
    /// What the module's own names stand for, where that is a function, a class or something imported.
    pub(super) names: HashMap<String, Binding>,
    /// The names in a literal `__all__`.
    pub(super) exports: Vec<String>,
}

/// What one scope does. Contexts are relative to its being executed.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) imports: Vec<Import>,
    pub(super) loads: Vec<LibraryLoad>,
    pub(super) calls: Vec<Call>,
    /// Something imported or executed that only the run time knows, and its line.
    pub(super) dynamic: Option<(Context, u32)>,
}

/// A call of a function that may have effects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) callee: Binding,
    pub(super) context: Context,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Binding {
    /// A function of this module, or a class with its `__init__`: a scope.
    Here(usize),
    /// Something imported, by its absolute dotted name.
    Elsewhere(String),
}

impl ModuleFacts {
    /// What executing the module imports, functions that it calls included, and what it would import otherwise.
    #[must_use]
    pub fn imports(&self) -> Vec<Import> {
        self.in_context(|scope| &scope.imports, |import, context| Import { context, ..import.clone() }, |i| i.context)
    }

    /// The libraries that executing the module opens, functions that it calls included, and others that it names.
    #[must_use]
    pub fn loads(&self) -> Vec<LibraryLoad> {
        self.in_context(|scope| &scope.loads, |load, context| LibraryLoad { context, ..load.clone() }, |l| l.context)
    }

    /// Executing the module may import or execute something that only the run time knows.
    #[must_use]
    pub fn dynamic(&self) -> bool {
        let contexts = self.contexts();
        let happening = |(scope, context): (&Scope, Context)| scope.dynamic.map(|(own, _)| own.max(context));
        self.scopes.iter().zip(contexts).filter_map(happening).any(|context| context <= Context::Conditional)
    }

    fn in_context<T>(
        &self,
        of: impl Fn(&Scope) -> &Vec<T>,
        with: impl Fn(&T, Context) -> T,
        own: impl Fn(&T) -> Context,
    ) -> Vec<T> {
        let contexts = self.contexts();
        let scopes = self.scopes.iter().zip(contexts);
        scopes
            .flat_map(|(scope, context)| {
                of(scope).iter().map(|item| with(item, own(item).max(context))).collect::<Vec<_>>()
            })
            .collect()
    }

    /// How sure it is that each scope is executed, by calls within the module.
    fn contexts(&self) -> Vec<Context> {
        let mut contexts = vec![Context::InFunction; self.scopes.len()];
        let mut todo = vec![(0, Context::Always)];
        while let Some((id, context)) = todo.pop() {
            let (Some(best), Some(scope)) = (contexts.get_mut(id), self.scopes.get(id)) else { continue };
            if context >= *best {
                continue;
            }
            *best = context;
            todo.extend(scope.calls.iter().filter_map(|call| match call.callee {
                Binding::Here(callee) => Some((callee, call.context.max(context))),
                Binding::Elsewhere(_) => None,
            }));
        }
        contexts
    }
}

impl LibraryLoad {
    /// It names anything.
    pub(super) fn is_any(&self) -> bool {
        self.computed || !self.names.is_empty()
    }

    /// Takes its names away, to stand elsewhere.
    pub(super) fn take(&mut self) -> Self {
        let taken = self.clone();
        (self.names, self.computed) = (Vec::new(), false);
        taken
    }

    /// The other's names are alternatives to its own; what one of them makes sure is sure.
    pub(super) fn absorb(&mut self, other: Self) {
        self.names.extend(other.names.into_iter().filter(|name| !self.names.contains(name)).collect::<Vec<_>>());
        self.computed |= other.computed;
        self.context = self.context.min(other.context);
    }
}

impl Scope {
    /// How much there is, to tell later what was added since.
    pub(super) fn mark(&self) -> Mark {
        Mark { imports: self.imports.len(), loads: self.loads.len(), calls: self.calls.len(), dynamic: self.dynamic }
    }

    /// What was added since is at most as sure as this.
    pub(super) fn weaken_since(&mut self, mark: Mark, context: Context) {
        self.imports.iter_mut().skip(mark.imports).for_each(|import| import.context = import.context.max(context));
        self.loads.iter_mut().skip(mark.loads).for_each(|load| load.context = load.context.max(context));
        self.calls.iter_mut().skip(mark.calls).for_each(|call| call.context = call.context.max(context));
        if mark.dynamic.is_none() {
            self.dynamic = self.dynamic.map(|(own, line)| (own.max(context), line));
        }
    }

    /// Drops what is empty or said twice.
    pub(super) fn tidy(&mut self) {
        self.loads.retain(LibraryLoad::is_any);
        unique(&mut self.imports);
        unique(&mut self.loads);
        unique(&mut self.calls);
    }

    /// Something that only the run time knows happens here.
    pub(super) fn set_dynamic(&mut self, context: Context, line: u32) {
        self.dynamic = Some(self.dynamic.map_or((context, line), |known| known.min((context, line))));
    }
}

/// How much a scope held at some point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    imports: usize,
    pub(super) loads: usize,
    calls: usize,
    dynamic: Option<(Context, u32)>,
}

fn unique<T: Clone + Eq + Hash>(items: &mut Vec<T>) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
}
