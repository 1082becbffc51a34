//! Follows a module's statements in the order they run, on the way where nothing goes wrong, and writes down what they
//! import and load. Expressions are `eval`'s, calls `call`'s, exceptions `guard`'s.

use ruff_python_ast::{Alias, Expr, Stmt, StmtFor, StmtIf, StmtImportFrom, StmtMatch, StmtWith};
use ruff_text_size::Ranged;

use super::fact::{Binding, Context, Import, Scope, Taken};
use super::frame::{Branch, Frames};
use super::function::Function;
use super::source::Lines;
use super::value::Value;
use super::{ModuleFacts, Place};

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// At its end.
    Falls,
    /// By `return`.
    Returns,
    /// By `raise`, or by ending the process.
    Raises,
    /// By `break` or `continue`.
    Breaks,
}

/// How sure it is that what is being read happens, for each of the two ways to fail: an import raises `ImportError`,
/// opening a library raises `OSError`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sure {
    pub(super) imports: Context,
    pub(super) loads: Context,
}

impl Sure {
    pub(super) const ALWAYS: Self = Self { imports: Context::Always, loads: Context::Always };

    pub(super) fn at_most(self, context: Context) -> Self {
        Self { imports: self.imports.max(context), loads: self.loads.max(context) }
    }
}

/// What follows the statement being read.
#[derive(Clone, Copy)]
pub(super) enum Rest<'a> {
    /// The statements after it in the same block.
    Block(&'a [Stmt]),
    /// It is in a loop's body; the loop's `else`.
    Loop(&'a [Stmt]),
    /// It is in a function.
    Function,
}

pub(super) struct Reader<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) lines: Lines,
    pub(super) frames: Frames<'a>,
    pub(super) functions: Vec<Function<'a>>,
    pub(super) scopes: Vec<Scope>,
    pub(super) sure: Sure,
    pub(super) rest: Vec<Rest<'a>>,
    /// Modules whose names were imported with `*`.
    pub(super) stars: Vec<String>,
    exports: Vec<String>,
    /// Functions being followed, one into the other.
    pub(super) calls: usize,
    /// The line of the call whose arguments name what is opened.
    pub(super) named_at: Option<u32>,
    /// Expressions looked at so far.
    pub(super) expressions: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(place: &'a Place<'a>, lines: Lines) -> Self {
        let mut frames = Frames::default();
        frames.push(None, 0);
        Self {
            place,
            lines,
            frames,
            functions: Vec::new(),
            scopes: vec![Scope::default()],
            sure: Sure::ALWAYS,
            rest: Vec::new(),
            stars: Vec::new(),
            exports: Vec::new(),
            calls: 0,
            named_at: None,
            expressions: 0,
        }
    }

    /// Reads a whole module.
    pub(super) fn module(mut self, body: &'a [Stmt]) -> ModuleFacts {
        self.block(body);
        self.uncalled();
        let own = self.frames.own();
        let names = own.filter_map(|(name, value)| Some((name.to_owned(), self.binding(value)?))).collect();
        for scope in &mut self.scopes {
            scope.tidy();
        }
        ModuleFacts { scopes: self.scopes, names, exports: self.exports }
    }

    fn binding(&self, value: &Value) -> Option<Binding> {
        match value {
            Value::Function(id) | Value::Class(Some(id)) => {
                self.functions.get(*id)?.runs.first().map(|run| Binding::Here(run.scope))
            }
            Value::Imported { path, .. } => Some(Binding::Elsewhere(path.to_string())),
            // A fallback for what is missing does not hide what is there.
            Value::OneOf(options) => options.iter().find_map(|option| self.binding(option)),
            _ => None,
        }
    }

    /// The scope that effects are written to.
    pub(super) fn scope(&mut self) -> &mut Scope {
        let id = self.frames.top().scope;
        self.scopes.get_mut(id).expect("a frame's scope is made before the frame")
    }

    /// How sure it is that an import, or a library being opened, happens here.
    pub(super) fn here(&mut self) -> Sure {
        let floor = self.frames.top().floor;
        self.sure.at_most(floor)
    }

    pub(super) fn line(&self, node: &impl Ranged) -> u32 {
        self.lines.line(node.start().to_u32())
    }

    pub(super) fn block(&mut self, body: &'a [Stmt]) -> Flow {
        for (at, statement) in body.iter().enumerate() {
            self.rest.push(Rest::Block(body.get(at + 1..).unwrap_or_default()));
            let flow = self.statement(statement);
            self.rest.pop();
            if flow != Flow::Falls {
                return flow;
            }
        }
        Flow::Falls
    }

    fn statement(&mut self, statement: &'a Stmt) -> Flow {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.import(alias, import.is_lazy);
                }
            }
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::FunctionDef(definition) => self.define(definition),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Return(result) => {
                let value = result.value.as_deref().map_or(Value::None, |value| self.eval(value));
                self.frames.top().returned.push(value);
                return Flow::Returns;
            }
            Stmt::Raise(raise) => {
                for part in [&raise.exc, &raise.cause].into_iter().flatten() {
                    self.eval(part);
                }
                return Flow::Raises;
            }
            Stmt::Break(_) | Stmt::Continue(_) => return Flow::Breaks,
            Stmt::Assign(assign) => {
                let value = self.eval(&assign.value);
                for target in &assign.targets {
                    self.assign(target, value.clone());
                    self.export(target, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let known = self.eval(value);
                    self.assign(&assign.target, known);
                    self.export(&assign.target, value);
                }
            }
            Stmt::AugAssign(assign) => {
                let (before, added) = (self.eval(&assign.target), self.eval(&assign.value));
                let value = Self::operation(assign.op, &before, &added);
                self.assign(&assign.target, value);
                self.export(&assign.target, &assign.value);
            }
            Stmt::Expr(expression) => {
                self.eval(&expression.value);
                if self.never_returns(&expression.value, 0) {
                    return Flow::Raises;
                }
            }
            Stmt::Assert(assert) => {
                self.eval(&assert.test);
            }
            Stmt::Global(global) => self.frames.top().outer.extend(global.names.iter().map(|name| name.id.as_str())),
            Stmt::Nonlocal(names) => self.frames.top().outer.extend(names.names.iter().map(|name| name.id.as_str())),
            Stmt::If(choice) => return self.choice(choice),
            Stmt::For(each) => return self.for_each(each),
            Stmt::While(repeat) => {
                let test = self.eval(&repeat.test);
                if test.truth() != Some(false) {
                    self.repeated(&repeat.body, &repeat.orelse);
                }
                self.block(&repeat.orelse);
            }
            Stmt::With(with) => return self.with(with),
            Stmt::Try(attempt) => return self.attempt(attempt),
            Stmt::Match(choice) => self.cases(choice),
            Stmt::Delete(_) | Stmt::TypeAlias(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
        Flow::Falls
    }

    fn import(&mut self, alias: &'a Alias, lazy: bool) {
        let module = alias.name.id.as_str();
        self.record_import(module.to_owned(), Taken::Module, self.line(alias), lazy);
        // `import a.b` binds `a`, `import a.b as c` binds `a.b`.
        let path = if alias.asname.is_some() { module } else { module.split('.').next().unwrap_or(module) };
        let name = alias.asname.as_ref().map_or(path, |name| name.id.as_str());
        self.frames.set(name, Value::Imported { path: path.into(), module: true });
    }

    fn import_from(&mut self, import: &'a StmtImportFrom) {
        let name = import.module.as_ref().map_or("", |module| module.id.as_str());
        let Some(module) = self.place.resolve(import.level, name) else { return };
        let star = import.names.iter().any(|alias| alias.name.id.as_str() == "*");
        let taken = if star {
            self.stars.push(module.clone());
            Taken::Everything
        } else {
            Taken::Names(import.names.iter().map(|alias| alias.name.id.to_string()).collect())
        };
        self.record_import(module.clone(), taken, self.line(import), import.is_lazy);
        for alias in import.names.iter().filter(|_| !star) {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).id.as_str();
            let path = format!("{module}.{}", alias.name.id);
            self.frames.set(name, Value::Imported { path: path.into(), module: false });
        }
    }

    /// An import statement; a lazy one (PEP 810) runs when its name is used.
    fn record_import(&mut self, module: String, taken: Taken, line: u32, lazy: bool) {
        let context = if lazy { Context::InFunction } else { self.here().imports };
        self.scope().imports.push(Import { module, taken, by_call: false, line, context });
    }

    /// What `__all__` lists literally.
    fn export(&mut self, target: &Expr, value: &Expr) {
        let Expr::Name(name) = target else { return };
        if name.id.as_str() != "__all__" || self.frames.current() != 0 {
            return;
        }
        let parts: &[Expr] = match value {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            _ => return,
        };
        let names =
            parts.iter().filter_map(|part| if let Expr::StringLiteral(text) = part { Some(text) } else { None });
        self.exports.extend(names.map(|text| text.value.to_str().to_owned()));
    }

    fn choice(&mut self, choice: &'a StmtIf) -> Flow {
        let mut clauses = vec![(Some(&*choice.test), &*choice.body)];
        clauses.extend(choice.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &*clause.body)));
        let outside = self.sure;
        let mark = self.frames.mark();
        let mut ends: Vec<(Flow, Branch<'a>)> = Vec::new();
        let mut exhausted = false;
        for (test, body) in clauses {
            let truth = test.map_or(Some(true), |test| self.eval(test).truth());
            if truth == Some(false) {
                continue;
            }
            exhausted = truth == Some(true);
            if exhausted && ends.is_empty() {
                self.sure = outside;
                return self.block(body);
            }
            self.sure = self.sure.at_most(Context::Conditional);
            let inside = self.frames.mark();
            let flow = self.block(body);
            ends.push((flow, self.frames.take_back(inside)));
            if exhausted {
                break;
            }
        }
        self.sure = outside;
        if !exhausted {
            ends.push((Flow::Falls, Branch::default()));
        }
        debug_assert!(self.frames.mark() >= mark, "branches give back what they change");
        self.join(ends)
    }

    /// Goes on after branches of which one was taken.
    pub(super) fn join(&mut self, ends: Vec<(Flow, Branch<'a>)>) -> Flow {
        let flows: Vec<Flow> = ends.iter().map(|(flow, _)| *flow).collect();
        let going_on: Vec<Branch<'a>> =
            ends.into_iter().filter_map(|(flow, branch)| (flow == Flow::Falls).then_some(branch)).collect();
        if going_on.is_empty() {
            return flows.into_iter().find(|flow| *flow != Flow::Raises).unwrap_or(Flow::Raises);
        }
        if flows.contains(&Flow::Returns) {
            let floor = &mut self.frames.top().floor;
            *floor = (*floor).max(Context::Conditional);
        }
        self.frames.merge(going_on);
        Flow::Falls
    }

    fn for_each(&mut self, each: &'a StmtFor) -> Flow {
        let values = self.eval(&each.iter);
        if values.truth() == Some(false) {
            return self.block(&each.orelse);
        }
        self.assign(&each.target, values.element());
        self.repeated(&each.body, &each.orelse);
        self.block(&each.orelse)
    }

    /// A loop's body, taken once. It leaves nobody but the loop, as far as is known.
    fn repeated(&mut self, body: &'a [Stmt], orelse: &'a [Stmt]) {
        let mark = self.frames.mark();
        self.rest.push(Rest::Loop(orelse));
        self.block(body);
        self.rest.pop();
        let once = self.frames.take_back(mark);
        self.frames.merge(vec![once, Branch::default()]);
    }

    fn with(&mut self, with: &'a StmtWith) -> Flow {
        let mut suppressed = None;
        for item in &with.items {
            let value = self.eval(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                let opened = if matches!(value, Value::Path(_)) { value } else { Value::Unknown };
                self.assign(target, opened);
            }
            suppressed = suppressed.or(self.suppressed(&item.context_expr));
        }
        match suppressed {
            Some(caught) => self.suppressing(&with.body, caught),
            None => self.block(&with.body),
        }
    }

    fn cases(&mut self, choice: &'a StmtMatch) {
        self.eval(&choice.subject);
        let outside = self.sure;
        self.sure = outside.at_most(Context::Conditional);
        let mut ends = vec![(Flow::Falls, Branch::default())];
        for case in &choice.cases {
            let mark = self.frames.mark();
            let flow = self.block(&case.body);
            ends.push((flow, self.frames.take_back(mark)));
        }
        self.sure = outside;
        self.join(ends);
    }
}
