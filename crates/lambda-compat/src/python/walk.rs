//! From module to module along what each of them imports and calls. Iterative: every module and function is visited at
//! most once for each of the two degrees of being sure.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use super::fact::{Binding, Context, Import, ModuleFacts, Taken};
use super::reach::{Reach, ReachedFile, ReachedLoad, Site};
use super::site_packages::{Found, Read, SitePackages};

/// Modules visited in all: twice what the largest layers hold.
const MAX_MODULES: usize = 20_000;

/// Modules that hand a function on from one to the next, and rounds of looking for functions of modules that were not
/// there yet.
const MAX_HANDS: usize = 8;

/// A source file being executed.
struct Module {
    /// Its path.
    file: String,
    /// Its path without ending, of the package for an `__init__`.
    name: String,
    package: bool,
    facts: Rc<ModuleFacts>,
    /// How sure it is that each scope is executed.
    scopes: Vec<Context>,
}

struct Walk<'s, 't> {
    site: &'s mut SitePackages<'t>,
    modules: Vec<Module>,
    /// Where each module is in `modules`, by its path without ending; `None` for one that has no facts.
    known: HashMap<String, Option<usize>>,
    /// Scopes to visit: those surely executed, and those perhaps.
    sure: VecDeque<(usize, usize)>,
    perhaps: VecDeque<(usize, usize)>,
    /// Where each extension module is in `reach.extensions`, by its path.
    extensions: HashMap<String, usize>,
    /// Calls of functions that are in no module known so far.
    waiting: HashSet<(String, Context)>,
    reach: Reach,
}

/// What importing these modules reaches; they are named by their paths without ending.
pub(super) fn walk(site: &mut SitePackages<'_>, roots: Vec<String>) -> Reach {
    let mut walk = Walk {
        site,
        modules: Vec::new(),
        known: HashMap::new(),
        sure: VecDeque::new(),
        perhaps: VecDeque::new(),
        extensions: HashMap::new(),
        waiting: HashSet::new(),
        reach: Reach::default(),
    };
    for root in roots {
        walk.execute(&root, Context::Always, None);
    }
    walk.drain();
    for _ in 0..MAX_HANDS {
        if !walk.call_again() {
            break;
        }
        walk.drain();
    }
    walk.finish()
}

impl Walk<'_, '_> {
    /// Visits all that is waiting to be.
    fn drain(&mut self) {
        loop {
            if let Some((module, scope)) = self.sure.pop_front() {
                self.visit(module, scope, Context::Always);
            } else if let Some((module, scope)) = self.perhaps.pop_front() {
                self.visit(module, scope, Context::Conditional);
            } else {
                return;
            }
        }
    }

    /// Looks again for functions of modules that came later; says whether any was found.
    fn call_again(&mut self) -> bool {
        for (path, context) in std::mem::take(&mut self.waiting) {
            self.call(path, context);
        }
        !(self.sure.is_empty() && self.perhaps.is_empty())
    }

    fn call(&mut self, path: String, context: Context) {
        match self.function(&path) {
            Some((module, scope)) => self.enqueue(module, scope, context),
            None => _ = self.waiting.insert((path, context)),
        }
    }

    /// Executes a module and the packages around it; says whether there may be modules below it.
    fn execute(&mut self, name: &str, context: Context, by: Option<&Site>) -> bool {
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        for end in ends {
            if !name.get(..end).is_some_and(|part| self.execute_one(part, context, by)) {
                return false;
            }
        }
        true
    }

    /// Executes one module; says whether there may be modules below it.
    fn execute_one(&mut self, name: &str, context: Context, by: Option<&Site>) -> bool {
        if let Some(at) = self.known.get(name).copied().flatten() {
            self.enqueue(at, 0, context);
            return self.modules.get(at).is_some_and(|module| module.package);
        }
        // A folder without `__init__` executes nothing.
        let Some((found, package)) = self.site.find(name) else { return true };
        match found {
            Found::Extension(paths) => {
                let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
                self.reach_extensions(paths, context, by);
            }
            Found::Bytecode => self.reach.incomplete = true,
            Found::Source(path) => {
                let path = path.to_owned();
                self.read(name, path, package, context);
            }
        }
        package
    }

    fn read(&mut self, name: &str, path: String, package: bool, context: Context) {
        if self.known.contains_key(name) {
            return;
        }
        if self.known.len() >= MAX_MODULES {
            self.reach.incomplete = true;
            return;
        }
        let facts = match self.site.facts(&path, name, package) {
            Read::Facts(facts) => facts,
            Read::Unreadable(why) => {
                self.reach.unreadable.push((path, why));
                self.known.insert(name.to_owned(), None);
                return;
            }
            Read::Missing => {
                self.reach.incomplete = true;
                self.known.insert(name.to_owned(), None);
                return;
            }
        };
        let scopes = vec![Context::InFunction; facts.scopes.len()];
        self.modules.push(Module { file: path, name: name.to_owned(), package, facts, scopes });
        let module = self.modules.len() - 1;
        self.known.insert(name.to_owned(), Some(module));
        self.enqueue(module, 0, context);
    }

    fn enqueue(&mut self, module: usize, scope: usize, context: Context) {
        let Some(known) = self.modules.get_mut(module).and_then(|module| module.scopes.get_mut(scope)) else { return };
        if context >= *known {
            return;
        }
        *known = context;
        match context {
            Context::Always => self.sure.push_back((module, scope)),
            Context::Conditional => self.perhaps.push_back((module, scope)),
            Context::Optional | Context::InFunction => {}
        }
    }

    fn visit(&mut self, at: usize, scope: usize, context: Context) {
        let Some(module) = self.modules.get(at) else { return };
        // Meanwhile it turned out to be surer, and is visited for that.
        if module.scopes.get(scope).is_none_or(|known| *known < context) {
            return;
        }
        let (facts, file, name) = (module.facts.clone(), module.file.clone(), module.name.clone());
        let Some(scope) = facts.scopes.get(scope) else { return };
        for import in &scope.imports {
            let context = import.context.max(context);
            if context <= Context::Conditional {
                let by = Site { path: file.clone(), line: import.line };
                self.import(import, context, &name, &by);
            }
        }
        for call in &scope.calls {
            let context = call.context.max(context);
            if context <= Context::Conditional {
                match &call.callee {
                    Binding::Here(scope) => self.enqueue(at, *scope, context),
                    Binding::Elsewhere(path) if self.site.is_top(path.split('.').next().unwrap_or(path)) => {
                        self.call(path.clone(), context);
                    }
                    Binding::Elsewhere(_) => {}
                }
            }
        }
    }

    fn import(&mut self, import: &Import, context: Context, importer: &str, by: &Site) {
        let module = import.module.replace('.', "/");
        let package = self.execute(&module, context, Some(by));
        let names = match &import.taken {
            _ if !package => Vec::new(),
            Taken::Module => Vec::new(),
            Taken::Names(names) => names.clone(),
            Taken::Everything => self.exports(&module),
        };
        for name in names {
            let below = format!("{module}/{name}");
            if self.site.has(&below) {
                self.execute(&below, context, Some(by));
            }
        }
        // A package that imports its own name has changed `sys.path`, and means an extension module inside itself.
        let inside = importer.strip_prefix(&*module).is_some_and(|below| below.is_empty() || below.starts_with('/'));
        if import.by_call && inside {
            let namesakes = self.site.namesakes(&module);
            self.reach_extensions(namesakes, context, Some(by));
        }
    }

    fn exports(&self, module: &str) -> Vec<String> {
        let module = self.known.get(module).copied().flatten().and_then(|at| self.modules.get(at));
        module.map(|module| module.facts.exports.clone()).unwrap_or_default()
    }

    fn reach_extensions(&mut self, paths: Vec<String>, context: Context, by: Option<&Site>) {
        for path in paths {
            let next = self.reach.extensions.len();
            let at = *self.extensions.entry(path.clone()).or_insert(next);
            match self.reach.extensions.get_mut(at) {
                Some(file) if file.context > context => (file.context, file.by) = (context, by.cloned()),
                Some(_) => {}
                None => self.reach.extensions.push(ReachedFile { path, by: by.cloned(), context }),
            }
        }
    }

    /// The scope of a function by its dotted name, through the modules that hand it on. Its module is being executed.
    fn function(&self, path: &str) -> Option<(usize, usize)> {
        let mut path = path.to_owned();
        for _ in 0..MAX_HANDS {
            let ends: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
            let (at, below) = ends.iter().rev().find_map(|&end| {
                let module = path.get(..end)?.replace('.', "/");
                Some((self.known.get(&module).copied().flatten()?, path.get(end + 1..)?))
            })?;
            let (name, rest) = below.split_once('.').map_or((below, None), |(name, rest)| (name, Some(rest)));
            match (self.modules.get(at)?.facts.names.get(name)?, rest) {
                (Binding::Here(scope), None) => return Some((at, *scope)),
                (Binding::Here(_), Some(_)) => return None,
                (Binding::Elsewhere(other), rest) => {
                    path = rest.map_or_else(|| other.clone(), |rest| format!("{other}.{rest}"));
                }
            }
        }
        None
    }

    fn finish(mut self) -> Reach {
        self.reach.followed = self.modules.len();
        for module in self.modules {
            for (scope, context) in module.facts.scopes.iter().zip(module.scopes) {
                if let Some((own, line)) = scope.dynamic
                    && own.max(context) <= Context::Conditional
                {
                    self.reach.dynamic.push(Site { path: module.file.clone(), line });
                }
                self.reach.loads.extend(scope.loads.iter().map(|load| {
                    let mut load = load.clone();
                    load.context = load.context.max(context);
                    ReachedLoad { module: module.file.clone(), load }
                }));
            }
        }
        self.reach.loads.sort_by(|a, b| (&a.module, a.load.line).cmp(&(&b.module, b.load.line)));
        self.reach
    }
}
