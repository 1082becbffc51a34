//! Exceptions: what a failing import or load runs into. A handler that catches it and goes on makes it optional; one that
//! raises again does not, nor does a handler after which the code raises because nothing was found.

use std::ops::Range;

use ruff_python_ast::{ExceptHandler, Expr, Stmt, StmtTry, UnaryOp};

use super::fact::{Context, How};
use super::reader::{Flow, Reader, Rest, Sure};
use super::value::Value;

/// Statements looked at to see where a failure leads.
const MAX_AHEAD: usize = 64;

/// Local functions looked into to see whether they always raise.
const MAX_HELPERS: usize = 3;

/// Which of the two ways to fail is caught: `ImportError`, as an import raises it, also for a shared object that cannot
/// be loaded; `OSError`, as ctypes and cffi raise it. `ModuleNotFoundError` catches neither.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Caught {
    imports: bool,
    loads: bool,
}

impl Caught {
    fn or(self, other: Self) -> Self {
        Self { imports: self.imports || other.imports, loads: self.loads || other.loads }
    }
}

/// A part of a `try` that runs where its body failed.
struct Handler<'a> {
    caught: Caught,
    raises: bool,
    body: &'a [Stmt],
}

impl<'a> Reader<'a> {
    pub(super) fn attempt(&mut self, attempt: &'a StmtTry) -> Flow {
        let mut handlers = Vec::new();
        for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            let caught =
                handler.type_.as_deref().map_or(Caught { imports: true, loads: true }, |kind| self.catches(kind));
            handlers.push(Handler { caught, raises: self.raises(&handler.body, MAX_HELPERS), body: &handler.body });
        }
        let flow = self.guarded(&attempt.body, &attempt.orelse, &handlers);
        match self.block(&attempt.finalbody) {
            Flow::Falls => flow,
            leaves => leaves,
        }
    }

    /// `with suppress(ImportError): …`
    pub(super) fn suppressing(&mut self, body: &'a [Stmt], caught: Caught) -> Flow {
        self.guarded(body, &[], &[Handler { caught, raises: false, body: &[] }])
    }

    /// What `contextlib.suppress(…)` suppresses; `None` for any other context.
    pub(super) fn suppressed(&mut self, context: &'a Expr) -> Option<Caught> {
        let Expr::Call(call) = context else { return None };
        let Value::Imported { path, .. } = self.named(&call.func) else { return None };
        (&*path == "contextlib.suppress").then(|| {
            let kinds: Vec<Caught> = call.arguments.args.iter().map(|kind| self.catches(kind)).collect();
            kinds.into_iter().fold(Caught::default(), Caught::or)
        })
    }

    fn guarded(&mut self, body: &'a [Stmt], orelse: &'a [Stmt], handlers: &[Handler<'a>]) -> Flow {
        let first = |catches: fn(&Handler<'a>) -> bool| handlers.iter().position(catches);
        let goes_on =
            |handler: Option<usize>| handler.and_then(|at| handlers.get(at)).is_some_and(|handler| !handler.raises);
        let opening = first(|handler| handler.caught.loads);
        let caught = Caught { imports: goes_on(first(|handler| handler.caught.imports)), loads: goes_on(opening) };
        let success = leaves(body, orelse);
        let in_the_end = if caught == Caught::default() { caught } else { self.raises_in_the_end(body, success) };

        let outside = self.sure;
        let optional = |caught: bool, raises: bool, context: Context| {
            if caught && !raises { context.max(Context::Optional) } else { context }
        };
        self.sure = Sure {
            imports: optional(caught.imports, in_the_end.imports, outside.imports),
            loads: optional(caught.loads, in_the_end.loads, outside.loads),
        };
        let (start, inside) = (self.scope().mark(), self.frames.mark());
        let mut flow = self.block(body);
        self.sure = outside;
        let loads = start.loads..self.scope().mark().loads;
        if flow == Flow::Falls {
            flow = self.block(orelse);
        }
        let mut ends = vec![(flow, self.frames.take_back(inside))];
        for (at, handler) in handlers.iter().enumerate() {
            let (mark, inside) = (self.scope().mark(), self.frames.mark());
            let flow = self.block(handler.body);
            if Some(at) == opening && !handler.raises {
                let tried = mark.loads..self.scope().mark().loads;
                self.join_loads(loads.clone(), tried);
            }
            self.scope().weaken_since(mark, Context::Optional);
            ends.push((flow, self.frames.take_back(inside)));
        }
        // What follows a body that returns runs only where the body failed.
        let fallback = flow == Flow::Returns && ends.iter().any(|(flow, _)| *flow == Flow::Falls);
        if fallback && caught != Caught::default() {
            ends.remove(0);
            let context = self.here().loads;
            let mark = self.scope().mark();
            let frame = self.frames.top();
            frame.attempts.extend(loads.map(|load| (load, context)));
            frame.attempts_raise |= in_the_end.loads;
            frame.fallback.get_or_insert(mark);
        }
        self.join(ends)
    }

    /// A body opens a library, and its handler another in its place: either will do.
    fn join_loads(&mut self, body: Range<usize>, handler: Range<usize>) {
        let here = self.here().loads;
        let scope = self.scope();
        let opened = |range: Range<usize>| {
            let mut loads =
                range.filter(|&at| scope.loads.get(at).is_some_and(|load| load.how == How::Open && load.is_any()));
            loads.next().filter(|_| loads.next().is_none())
        };
        let (Some(body), Some(handler)) = (opened(body), opened(handler)) else { return };
        let Some(instead) = scope.loads.get_mut(handler).filter(|load| load.context == here) else { return };
        let instead = instead.take();
        if let Some(load) = scope.loads.get_mut(body) {
            load.absorb(instead);
        }
    }

    /// At a function's end: the attempts that return as soon as one works, and what is tried when all have failed, are
    /// alternatives. What else happens after the first failure is no part of a run where nothing goes wrong.
    pub(super) fn settle_attempts(&mut self) {
        let frame = self.frames.top();
        let Some(fallback) = frame.fallback.take() else { return };
        let attempts = std::mem::take(&mut frame.attempts);
        let raises = std::mem::take(&mut frame.attempts_raise);
        let scope = self.scope();
        let after = fallback.loads..scope.loads.len();
        let last: Vec<usize> = after
            .filter(|at| !attempts.iter().any(|(attempt, _)| attempt == at))
            .filter(|&at| scope.loads.get(at).is_some_and(|load| load.is_any() && load.context == Context::Always))
            .collect();
        let contexts = attempts.iter().map(|(_, context)| *context).chain(last.iter().map(|_| Context::Always));
        let context = if raises || !last.is_empty() { contexts.min() } else { None };
        scope.weaken_since(fallback, Context::Optional);
        let mut all = attempts.iter().map(|(at, _)| *at).chain(last);
        let (Some(first), Some(context)) = (all.next(), context) else { return };
        for at in all {
            if let Some(other) = scope.loads.get_mut(at).map(super::LibraryLoad::take)
                && let Some(load) = scope.loads.get_mut(first)
            {
                load.absorb(other);
            }
        }
        if let Some(load) = scope.loads.get_mut(first) {
            load.context = context;
        }
    }

    /// What an `except` clause catches. A computed one may catch anything.
    fn catches(&self, kind: &Expr) -> Caught {
        match kind {
            Expr::Tuple(kinds) => kinds.elts.iter().map(|kind| self.catches(kind)).fold(Caught::default(), Caught::or),
            _ => caught_by(&self.named(kind)),
        }
    }

    /// The value of a name or dotted name, without following anything.
    pub(super) fn named(&self, expression: &Expr) -> Value {
        match expression {
            Expr::Name(name) => self.name(name.id.as_str()),
            Expr::Attribute(attribute) => match self.named(&attribute.value) {
                Value::Imported { path, .. } => {
                    Value::Imported { path: format!("{path}.{}", attribute.attr.id).into(), module: false }
                }
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// A call that never returns: it ends the process, or always raises.
    pub(super) fn never_returns(&self, expression: &Expr, helpers: usize) -> bool {
        let Expr::Call(call) = expression else { return false };
        match self.named(&call.func) {
            Value::Imported { path, .. } => {
                let name = path.rsplit('.').next().unwrap_or(&path);
                matches!(&*path, "sys.exit" | "os._exit" | "os.abort" | "builtins.exit" | "builtins.quit")
                    || matches!(name, "reraise" | "raise_from")
            }
            Value::Function(id) if helpers > 0 => {
                self.functions.get(id).is_some_and(|function| self.raises(&function.definition.body, helpers - 1))
            }
            _ => false,
        }
    }

    /// Whether a body ends in a raise wherever it is entered.
    fn raises(&self, body: &[Stmt], helpers: usize) -> bool {
        for statement in body {
            if matches!(statement, Stmt::Return(_) | Stmt::Break(_) | Stmt::Continue(_)) {
                return false;
            }
            if self.statement_raises(statement, helpers) {
                return true;
            }
        }
        false
    }

    fn statement_raises(&self, statement: &Stmt, helpers: usize) -> bool {
        match statement {
            Stmt::Raise(_) => true,
            Stmt::Expr(expression) => self.never_returns(&expression.value, helpers),
            Stmt::With(with) => self.raises(&with.body, helpers),
            Stmt::If(choice) => {
                let clauses = &choice.elif_else_clauses;
                clauses.last().is_some_and(|last| last.test.is_none())
                    && self.raises(&choice.body, helpers)
                    && clauses.iter().all(|clause| self.raises(&clause.body, helpers))
            }
            Stmt::Try(attempt) => {
                let handlers_raise = attempt
                    .handlers
                    .iter()
                    .all(|ExceptHandler::ExceptHandler(handler)| self.raises(&handler.body, helpers));
                self.raises(&attempt.finalbody, helpers)
                    || handlers_raise && (self.raises(&attempt.body, helpers) || self.raises(&attempt.orelse, helpers))
            }
            _ => false,
        }
    }

    /// Whether the code raises after all where a guarded body failed: `raise` after a body that returns, or
    /// `if lib is None: raise`. Where something else is tried in between, a failing import is made good by that.
    fn raises_in_the_end(&self, body: &[Stmt], success: Flow) -> Caught {
        let assigned = assigned(body);
        let (mut success, mut others, mut ahead) = (success, false, MAX_AHEAD);
        for rest in self.rest.iter().rev() {
            let statements = match *rest {
                Rest::Function => break,
                Rest::Loop(orelse) if success == Flow::Falls && orelse.is_empty() => continue,
                Rest::Loop(_) if success == Flow::Falls => break,
                Rest::Loop(orelse) => {
                    if self.raises(orelse, MAX_HELPERS) {
                        return Caught { imports: !others, loads: true };
                    }
                    if success == Flow::Breaks {
                        success = Flow::Falls;
                    }
                    continue;
                }
                Rest::Block(statements) => statements,
            };
            for statement in statements {
                if ahead == 0 {
                    return Caught::default();
                }
                ahead -= 1;
                if self.raises_if_missing(statement, &assigned)
                    || success != Flow::Falls && self.statement_raises(statement, MAX_HELPERS)
                {
                    return Caught { imports: !others, loads: true };
                }
                match statement {
                    Stmt::Return(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::Raise(_) => return Caught::default(),
                    Stmt::Import(_)
                    | Stmt::ImportFrom(_)
                    | Stmt::Try(_)
                    | Stmt::With(_)
                    | Stmt::For(_)
                    | Stmt::If(_) => {
                        others = true;
                    }
                    _ => {}
                }
                if binds(statement, &assigned, MAX_HELPERS) {
                    return Caught::default();
                }
            }
        }
        Caught::default()
    }

    /// `if lib is None: raise`, `if not lib: raise`, `assert lib`.
    fn raises_if_missing(&self, statement: &Stmt, assigned: &[&str]) -> bool {
        match statement {
            Stmt::If(choice) => is_missing(&choice.test, assigned) && self.raises(&choice.body, MAX_HELPERS),
            Stmt::Assert(assert) => matches!(&*assert.test, Expr::Name(name) if assigned.contains(&name.id.as_str())),
            _ => false,
        }
    }
}

fn caught_by(kind: &Value) -> Caught {
    match kind {
        Value::Imported { path, .. } => match path.rsplit('.').next().unwrap_or(path) {
            "Exception" | "BaseException" => Caught { imports: true, loads: true },
            "ImportError" => Caught { imports: true, loads: false },
            "OSError" | "IOError" | "EnvironmentError" => Caught { imports: false, loads: true },
            _ => Caught::default(),
        },
        Value::Seq(kinds) | Value::OneOf(kinds) | Value::Each(kinds) => {
            kinds.iter().map(caught_by).fold(Caught::default(), Caught::or)
        }
        Value::Class(_) | Value::None => Caught::default(),
        _ => Caught { imports: true, loads: true },
    }
}

/// `not name`, `name is None`, `name == None`.
fn is_missing(test: &Expr, assigned: &[&str]) -> bool {
    let named = |expression: &Expr| matches!(expression, Expr::Name(name) if assigned.contains(&name.id.as_str()));
    match test {
        Expr::UnaryOp(not) => not.op == UnaryOp::Not && named(&not.operand),
        Expr::Compare(comparison) => match (&*comparison.ops, &*comparison.comparators) {
            ([op], [Expr::NoneLiteral(_)]) => {
                matches!(op, ruff_python_ast::CmpOp::Is | ruff_python_ast::CmpOp::Eq) && named(&comparison.left)
            }
            _ => false,
        },
        _ => false,
    }
}

/// How a guarded body leaves what is around it when it works.
fn leaves(body: &[Stmt], orelse: &[Stmt]) -> Flow {
    body.iter()
        .chain(orelse)
        .find_map(|statement| match statement {
            Stmt::Return(_) => Some(Flow::Returns),
            Stmt::Break(_) => Some(Flow::Breaks),
            _ => None,
        })
        .unwrap_or(Flow::Falls)
}

/// The names that a body's own statements assign.
fn assigned(body: &[Stmt]) -> Vec<&str> {
    let mut names = Vec::new();
    for statement in body {
        match statement {
            Stmt::Assign(assign) => {
                names.extend(assign.targets.iter().filter_map(|target| match target {
                    Expr::Name(name) => Some(name.id.as_str()),
                    _ => None,
                }));
            }
            Stmt::Import(import) => {
                names.extend(import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).id.as_str()));
            }
            Stmt::ImportFrom(import) => {
                names.extend(import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name).id.as_str()));
            }
            _ => {}
        }
    }
    names
}

/// Whether a statement gives one of the names another value.
fn binds(statement: &Stmt, names: &[&str], depth: usize) -> bool {
    let any = |body: &[Stmt]| depth > 0 && body.iter().any(|statement| binds(statement, names, depth - 1));
    match statement {
        Stmt::If(choice) => any(&choice.body) || choice.elif_else_clauses.iter().any(|clause| any(&clause.body)),
        Stmt::Try(attempt) => {
            any(&attempt.body)
                || attempt.handlers.iter().any(|ExceptHandler::ExceptHandler(handler)| any(&handler.body))
        }
        Stmt::For(each) => any(&each.body),
        Stmt::With(with) => any(&with.body),
        other => assigned(std::slice::from_ref(other)).iter().any(|name| names.contains(name)),
    }
}
