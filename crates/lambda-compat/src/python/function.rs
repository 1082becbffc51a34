//! Functions and classes: what a function does counts where it is called, and is read with the arguments of the call.

use ruff_python_ast::{StmtClassDef, StmtFunctionDef};

use super::fact::{Binding, Call, Scope};
use super::parse::on_enough_stack;
use super::reader::{Flow, Reader, Rest, Sure};
use super::value::Value;

/// Functions followed into one another, from call to call; deeper ones are read without knowing their arguments.
const MAX_CALLS: usize = 16;

/// Functions read inside one another, called or not: `CPython` takes no more indented blocks.
const MAX_NESTED: usize = MAX_CALLS + 100;

/// A function is followed this often with other arguments: loaders are called with one library's name after the other.
const MAX_RUNS: usize = 64;

/// Expressions looked at in a file before no function is followed a second time: as many as a file can have.
const MAX_EXPRESSIONS: usize = 1_000_000;

/// A function of the file.
pub(super) struct Function<'a> {
    pub(super) definition: &'a StmtFunctionDef,
    /// The frame it was defined in: its index and serial number.
    home: (usize, u32),
    defaults: Vec<(&'a str, Value)>,
    pub(super) runs: Vec<Run>,
    running: bool,
}

/// One way a function was followed.
pub(super) struct Run {
    arguments: Vec<Value>,
    pub(super) result: Value,
    /// Where its effects are written.
    pub(super) scope: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn define(&mut self, definition: &'a StmtFunctionDef) {
        let id = self.function(definition);
        self.frames.set(definition.name.id.as_str(), Value::Function(id));
    }

    /// Makes a function known. Its defaults are evaluated here and now, its decorators are not followed.
    fn function(&mut self, definition: &'a StmtFunctionDef) -> usize {
        let parameters = &definition.parameters;
        let named = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        let defaults = named
            .map(|parameter| {
                let default = parameter.default.as_deref().map_or(Value::Unknown, |default| self.eval(default));
                (parameter.parameter.name.id.as_str(), default)
            })
            .collect();
        let (home, id) = (self.frames.current(), self.functions.len());
        let home = (home, self.frames.serial_of(home).unwrap_or_default());
        self.functions.push(Function { definition, home, defaults, runs: Vec::new(), running: false });
        self.frames.top().functions.push(id);
        id
    }

    /// A class's body runs where it stands; its methods run when they are called.
    pub(super) fn class(&mut self, class: &'a StmtClassDef) {
        if let Some(arguments) = &class.arguments {
            for base in &arguments.args {
                self.eval(base);
            }
            for keyword in &arguments.keywords {
                self.eval(&keyword.value);
            }
        }
        let (around, scope) = (self.frames.current(), self.frames.top().scope);
        let floor = self.frames.top().floor;
        self.frames.push(Some(around), scope);
        self.frames.top().floor = floor;
        self.block(&class.body);
        let init = match self.frames.get("__init__") {
            Some(Value::Function(id)) => Some(*id),
            _ => None,
        };
        let methods = self.frames.pop().map(|frame| frame.functions).unwrap_or_default();
        // Methods do not see the names of the class around them.
        let home = (around, self.frames.serial_of(around).unwrap_or_default());
        for &method in &methods {
            if let Some(function) = self.functions.get_mut(method) {
                function.home = home;
            }
        }
        self.frames.top().functions.extend(methods);
        self.frames.set(class.name.id.as_str(), Value::Class(init));
    }

    /// Calls a function: follows it with these arguments, unless it was, and says what it returns.
    pub(super) fn run(&mut self, id: usize, arguments: &[Value], keywords: &[(&str, Value)]) -> Value {
        let Some(function) = self.functions.get(id).filter(|function| !function.running) else { return Value::Unknown };
        let values = function.bind(arguments, keywords);
        let known = function.runs.iter().position(|run| run.arguments == values);
        let again = !function.runs.is_empty();
        let too_often = again && (function.runs.len() >= MAX_RUNS || self.expressions >= MAX_EXPRESSIONS);
        let run = match known {
            Some(run) => run,
            None if too_often || self.calls >= MAX_CALLS => return Value::Unknown,
            None => self.follow(id, values),
        };
        let Some(run) = self.functions.get(id).and_then(|function| function.runs.get(run)) else {
            return Value::Unknown;
        };
        let (callee, result) = (Binding::Here(run.scope), run.result.clone());
        self.record_call(callee);
        result
    }

    /// Something is called here that may have effects.
    pub(super) fn record_call(&mut self, callee: Binding) {
        let here = self.here();
        self.scope().calls.push(Call { callee, context: here.imports.max(here.loads) });
    }

    /// Follows a function and gives the index of the run.
    fn follow(&mut self, id: usize, arguments: Vec<Value>) -> usize {
        let Some(function) = self.functions.get_mut(id) else { return 0 };
        function.running = true;
        let (definition, home) = (function.definition, function.home);
        let home = if self.frames.serial_of(home.0) == Some(home.1) { home.0 } else { 0 };
        self.scopes.push(Scope::default());
        let scope = self.scopes.len() - 1;
        self.calls += 1;
        let outside = std::mem::replace(&mut self.sure, Sure::ALWAYS);
        self.rest.push(Rest::Function);
        self.frames.push(Some(home), scope);
        let result = on_enough_stack(|| self.body(definition, &arguments));
        self.rest.pop();
        self.sure = outside;
        self.calls -= 1;
        let Some(function) = self.functions.get_mut(id) else { return 0 };
        function.running = false;
        function.runs.push(Run { arguments, result, scope });
        function.runs.len() - 1
    }

    /// A function's body; its frame is the innermost, and gone afterwards.
    fn body(&mut self, definition: &'a StmtFunctionDef, arguments: &[Value]) -> Value {
        for (name, value) in parameter_names(definition).zip(arguments) {
            self.frames.set(name, value.clone());
        }
        let flow = self.block(&definition.body);
        self.settle_attempts();
        self.uncalled();
        let Some(frame) = self.frames.pop() else { return Value::Unknown };
        if !frame.yielded.is_empty() {
            return Value::each(frame.yielded);
        }
        let fallen = (flow == Flow::Falls && frame.returned.is_empty()).then_some(Value::None);
        Value::one_of(frame.returned.into_iter().chain(fallen))
    }

    /// Reads the functions of the innermost frame that nothing called, without knowing their arguments. What they
    /// assign to outer names has not happened.
    pub(super) fn uncalled(&mut self) {
        let defined = std::mem::take(&mut self.frames.top().functions);
        let named_at = self.named_at.take();
        for id in defined {
            let unread = self.functions.get(id).filter(|function| function.runs.is_empty() && !function.running);
            if let Some(arguments) = unread.map(|function| function.bind(&[], &[])).filter(|_| self.calls < MAX_NESTED)
            {
                let mark = self.frames.mark();
                self.follow(id, arguments);
                self.frames.take_back(mark);
            }
        }
        self.named_at = named_at;
    }
}

/// The names of a function's parameters: positional, keyword-only, `*args`, `**kwargs`.
fn parameter_names(definition: &StmtFunctionDef) -> impl Iterator<Item = &str> {
    let parameters = &definition.parameters;
    let named = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
    let rest = [&parameters.vararg, &parameters.kwarg].into_iter().flatten();
    named.map(|parameter| parameter.parameter.name.id.as_str()).chain(rest.map(|parameter| parameter.name.id.as_str()))
}

impl Function<'_> {
    /// The values of its parameters, in the order of `parameter_names`.
    fn bind(&self, arguments: &[Value], keywords: &[(&str, Value)]) -> Vec<Value> {
        let parameters = &self.definition.parameters;
        let positional = parameters.posonlyargs.len() + parameters.args.len();
        let mut values: Vec<Value> = self.defaults.iter().map(|(_, default)| default.clone()).collect();
        for (value, argument) in values.iter_mut().take(positional).zip(arguments) {
            // No library is named by a number.
            *value = if let Value::Int(_) = argument { Value::Unknown } else { argument.clone() };
        }
        for (keyword, argument) in keywords {
            let named = self.defaults.iter().position(|(name, _)| name == keyword);
            if let Some(value) = named.and_then(|at| values.get_mut(at)) {
                *value = argument.clone();
            }
        }
        if parameters.vararg.is_some() {
            values.push(Value::seq(arguments.iter().skip(positional).cloned().collect()));
        }
        if parameters.kwarg.is_some() {
            values.push(Value::Unknown);
        }
        values
    }
}
