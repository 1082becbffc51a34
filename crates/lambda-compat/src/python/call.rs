//! What a call imports or loads.

use ruff_python_ast::{Expr, ExprCall};

use super::fact::{Binding, Context, How, Import, LibraryLoad, LibraryName, Taken};
use super::known;
use super::reader::Reader;
use super::value::Value;

/// The arguments of a call, evaluated.
struct Arguments<'a> {
    positional: Vec<Value>,
    keywords: Vec<(&'a str, Value)>,
}

impl Arguments<'_> {
    /// An argument by its place or its name.
    fn get(&self, at: usize, name: &str) -> Option<&Value> {
        self.positional.get(at).or_else(|| self.keywords.iter().find(|(key, _)| *key == name).map(|(_, value)| value))
    }

    fn name_anything(&self) -> bool {
        self.positional.iter().chain(self.keywords.iter().map(|(_, value)| value)).any(Value::has_text)
    }
}

/// The names of a library, as far as a value says them.
#[derive(Default)]
struct Names {
    known: Vec<LibraryName>,
    computed: bool,
    /// Searches by `find_library` whose results these are: scope and index of their loads.
    searches: Vec<(usize, usize)>,
}

impl<'a> Reader<'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Value {
        let line = self.line(call);
        let (callee, method) = match &*call.func {
            Expr::Attribute(attribute) => {
                let on = self.reference(&attribute.value);
                let (name, on) = (attribute.attr.id.as_str(), self.constant(on));
                match on {
                    Value::Imported { path, .. } => {
                        (Value::Imported { path: format!("{path}.{name}").into(), module: false }, None)
                    }
                    on => (Value::Unknown, Some((on, name))),
                }
            }
            other => (self.reference(other), None),
        };
        let arguments = self.arguments(call);
        if let Some((on, name)) = method {
            return self.method(&on, name, &arguments, line);
        }
        match callee {
            Value::OneOf(options) => {
                let outside = self.sure;
                self.sure = outside.at_most(Context::Conditional);
                let results: Vec<Value> = options.iter().map(|option| self.callee(option, &arguments, line)).collect();
                self.sure = outside;
                Value::one_of(results)
            }
            callee => self.callee(&callee, &arguments, line),
        }
    }

    fn arguments(&mut self, call: &'a ExprCall) -> Arguments<'a> {
        let mut positional = Vec::new();
        for argument in &call.arguments.args {
            let value = self.eval(argument);
            match (argument, value) {
                (Expr::Starred(_), Value::Seq(parts)) => positional.extend(parts.iter().cloned()),
                (Expr::Starred(_), other) => positional.push(other.element()),
                (_, value) => positional.push(value),
            }
        }
        let mut keywords = Vec::new();
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            keywords.extend(keyword.arg.as_ref().map(|name| (name.id.as_str(), value)));
        }
        Arguments { positional, keywords }
    }

    fn callee(&mut self, callee: &Value, arguments: &Arguments<'a>, line: u32) -> Value {
        match callee {
            Value::Function(id) => {
                // A name handed to a function that opens it stands where the call does.
                let outside = self.named_at;
                if arguments.name_anything() {
                    self.named_at.get_or_insert(line);
                }
                let result = self.run(*id, &arguments.positional, &arguments.keywords);
                self.named_at = outside;
                result
            }
            Value::Class(Some(init)) => {
                let with_self: Vec<Value> =
                    std::iter::once(Value::Unknown).chain(arguments.positional.iter().cloned()).collect();
                self.run(*init, &with_self, &arguments.keywords);
                Value::Unknown
            }
            Value::Imported { path, .. } => self.imported(path, arguments, line),
            _ => Value::Unknown,
        }
    }

    fn imported(&mut self, path: &str, arguments: &Arguments<'a>, line: u32) -> Value {
        let nothing = Value::None;
        let get = |at, name| arguments.get(at, name).unwrap_or(&nothing);
        match path {
            "ctypes.CDLL" | "ctypes.PyDLL" | "ctypes.cdll.LoadLibrary" | "ctypes.pydll.LoadLibrary" => {
                self.open(get(0, "name"), line);
                Value::Unknown
            }
            "ctypes.util.find_library" => self.find(get(0, "name"), line),
            "numpy.ctypeslib.load_library" => {
                let name = get(0, "libname").map(|name| match name.as_str() {
                    Some(name) if !name.contains(".so") => Value::path_ending(&format!("{name}.so")),
                    _ => Value::Path(None).join(name),
                });
                self.open(&name, line);
                Value::Unknown
            }
            "importlib.import_module" => {
                let package = get(1, "package");
                self.with_each(get(0, "name"), |reader, name| reader.import_module(name, package, line))
            }
            "builtins.__import__" | "importlib.__import__" => {
                let (taken, level) = (get(3, "fromlist"), get(4, "level"));
                self.with_each(get(0, "name"), |reader, name| reader.dunder_import(name, taken, level, line))
            }
            "importlib.util.spec_from_file_location"
            | "importlib.machinery.ExtensionFileLoader"
            | "importlib.machinery.SourceFileLoader"
            | "imp.load_dynamic"
            | "imp.load_source" => {
                let location = arguments.get(1, "location").or(arguments.get(1, "path"));
                self.execute_file(location.unwrap_or(&nothing), line);
                Value::Unknown
            }
            "builtins.exec" | "builtins.execfile" | "runpy.run_path" | "runpy.run_module" => {
                self.set_dynamic(line);
                Value::Unknown
            }
            _ if path.rsplit('.').next().is_some_and(is_dlopen) => self.dlopen(arguments, line),
            _ => known::call(path, &arguments.positional).unwrap_or_else(|| {
                if !path.starts_with("builtins.") {
                    self.record_call(Binding::Elsewhere(path.to_owned()));
                }
                Value::Unknown
            }),
        }
    }

    fn method(&mut self, on: &Value, name: &str, arguments: &Arguments<'a>, line: u32) -> Value {
        match name {
            "LoadLibrary" | "CDLL" | "PyDLL" => {
                self.open(arguments.get(0, "name").unwrap_or(&Value::None), line);
                Value::Unknown
            }
            _ if is_dlopen(name) => self.dlopen(arguments, line),
            _ => known::method(on, name, &arguments.positional),
        }
    }

    /// cffi's `dlopen(name)`, or a wrapper that takes all the names a library may have.
    fn dlopen(&mut self, arguments: &Arguments<'a>, line: u32) -> Value {
        let mut literal = Names::default();
        for argument in &arguments.positional {
            let mut names = Names::default();
            names.add(argument, true);
            if !names.known.is_empty() {
                literal.known.append(&mut names.known);
                literal.computed |= names.computed;
                literal.searches.append(&mut names.searches);
            }
        }
        if literal.known.is_empty() {
            literal.add(arguments.positional.first().unwrap_or(&Value::None), true);
        }
        self.record_load(literal, How::Open, line);
        Value::Unknown
    }

    /// `ctypes.cdll["name"]` opens a library too.
    pub(super) fn library_item(&mut self, value: &Value, index: &Value, at: &'a Expr) {
        if let Value::Imported { path, .. } = value
            && matches!(&**path, "ctypes.cdll" | "ctypes.pydll")
        {
            let line = self.line(at);
            self.open(index, line);
        }
    }

    fn open(&mut self, name: &Value, line: u32) {
        let mut names = Names::default();
        names.add(name, false);
        self.record_load(names, How::Open, line);
    }

    fn find(&mut self, name: &Value, line: u32) -> Value {
        let scope = self.frames.top().scope;
        let options =
            if let Value::Each(names) | Value::OneOf(names) = name { names.to_vec() } else { vec![name.clone()] };
        let mut found = Vec::new();
        for option in options {
            let Some(text) = option.as_str() else {
                found.push(Value::Unknown);
                continue;
            };
            if is_foreign(text) {
                found.push(Value::None);
                continue;
            }
            let load = self.scope().loads.len();
            let names = Names { known: vec![LibraryName::Short(text.to_owned())], ..Names::default() };
            self.record_load(names, How::Find, line);
            found.push(Value::Found { name: text.into(), scope, load });
        }
        match name {
            Value::Each(_) => Value::each(found),
            _ => Value::one_of(found),
        }
    }

    fn record_load(&mut self, names: Names, how: How, line: u32) {
        for (scope, load) in names.searches {
            // The search is part of this load now.
            if let Some(search) = self.scopes.get_mut(scope).and_then(|scope| scope.loads.get_mut(load)) {
                search.names.clear();
            }
        }
        let line = self.named_at.unwrap_or(line);
        let context = self.here().loads;
        if names.computed || !names.known.is_empty() {
            self.scope().loads.push(LibraryLoad { names: names.known, computed: names.computed, how, line, context });
        }
    }

    /// A file executed or loaded as a module, by its path.
    fn execute_file(&mut self, location: &Value, line: u32) {
        let mut names = Names::default();
        names.add(location, false);
        names
            .known
            .retain(|name| matches!(name, LibraryName::File(file) | LibraryName::Soname(file) if file.contains(".so")));
        if names.known.is_empty() {
            self.set_dynamic(line);
        } else {
            self.record_load(names, How::Open, line);
        }
    }

    fn set_dynamic(&mut self, line: u32) {
        let context = self.here().imports;
        self.scope().set_dynamic(context, line);
    }

    /// Imports each of the modules that a value names; one of several happens perhaps.
    fn with_each(&mut self, names: &Value, import: impl Fn(&mut Self, &Value) -> Value) -> Value {
        let (names, sure) = match names {
            Value::Each(names) => (names, self.sure),
            Value::OneOf(names) => (names, self.sure.at_most(Context::Conditional)),
            one => return import(self, one),
        };
        let outside = std::mem::replace(&mut self.sure, sure);
        for name in names.iter() {
            import(self, name);
        }
        self.sure = outside;
        Value::Unknown
    }

    /// `importlib.import_module(name, package)`.
    fn import_module(&mut self, name: &Value, package: &Value, line: u32) -> Value {
        let Some(name) = name.as_str() else {
            self.set_dynamic(line);
            return Value::Unknown;
        };
        let below = name.trim_start_matches('.');
        let level = name.len() - below.len();
        let module = if level == 0 {
            Some(below.to_owned())
        } else {
            package.as_str().and_then(|package| super::place::relative(package, level, below))
        };
        if let Some(module) = module {
            return self.record_dynamic_import(module, Taken::Module, line);
        }
        self.set_dynamic(line);
        Value::Unknown
    }

    /// `__import__(name, globals, locals, fromlist, level)`.
    fn dunder_import(&mut self, name: &Value, taken: &Value, level: &Value, line: u32) -> Value {
        let level = if let Value::Int(level) = level { u32::try_from(*level).unwrap_or_default() } else { 0 };
        let Some(module) = name.as_str().and_then(|name| self.place.resolve(level, name)) else {
            self.set_dynamic(line);
            return Value::Unknown;
        };
        let taken = match taken {
            Value::Seq(names) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        if !taken.is_empty() {
            return self.record_dynamic_import(module, Taken::Names(taken), line);
        }
        let first = module.split('.').next().unwrap_or(&module).into();
        self.record_dynamic_import(module, Taken::Module, line);
        Value::Imported { path: first, module: true }
    }

    fn record_dynamic_import(&mut self, module: String, taken: Taken, line: u32) -> Value {
        let path = module.as_str().into();
        let context = self.here().imports;
        self.scope().imports.push(Import { module, taken, by_call: true, line, context });
        Value::Imported { path, module: true }
    }
}

/// cffi's `dlopen`, or a function named after it.
fn is_dlopen(name: &str) -> bool {
    name.contains("dlopen") && !name.contains("dlopenflags")
}

/// A library's name on another system, which is not looked for on Linux.
fn is_foreign(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".dll", ".dylib", ".tbd", ".pyd", ".exe"].iter().any(|end| name.ends_with(end))
        || name.contains(".framework")
        || name.contains('\\')
        || name.contains(".dylib.")
}

impl Names {
    /// Adds what a value names. Where a short name will do, a text that is no file name is one.
    fn add(&mut self, value: &Value, short: bool) {
        match value {
            Value::Str(text) if text.is_empty() || is_foreign(text) => {}
            Value::Str(text) if short && !text.contains(".so") => self.push(LibraryName::Short(text.to_string())),
            Value::Str(text) => self.push(LibraryName::Soname(text.to_string())),
            Value::Path(Some(name)) if is_foreign(name) => {}
            Value::Path(Some(name)) => self.push(LibraryName::File(name.to_string())),
            Value::Found { name, scope, load } => {
                self.push(LibraryName::Short(name.to_string()));
                self.searches.push((*scope, *load));
            }
            Value::Seq(parts) | Value::OneOf(parts) | Value::Each(parts) => {
                for part in parts.iter() {
                    self.add(part, short);
                }
            }
            // `CDLL(None)` is the process itself, and a number its handle.
            Value::None | Value::Bool(_) | Value::Int(_) => {}
            Value::Unknown | Value::Path(None) | Value::Imported { .. } | Value::Function(_) | Value::Class(_) => {
                self.computed = true;
            }
        }
    }

    fn push(&mut self, name: LibraryName) {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
    }
}
