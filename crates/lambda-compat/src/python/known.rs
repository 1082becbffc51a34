//! What the standard library says of a Lambda function: `CPython` on Linux, 64 bits, little-endian, not frozen, and an
//! environment that holds nothing the package asks for.

use super::value::Value;

/// A constant by its dotted name.
pub(super) fn constant(path: &str, python: (u8, u8)) -> Option<Value> {
    let text = |text: &str| Some(Value::text(text));
    let (major, minor) = (i64::from(python.0), i64::from(python.1));
    match path {
        "sys.platform" => text("linux"),
        "os.name" => text("posix"),
        "sys.implementation.name" => text("cpython"),
        "sys.byteorder" => text("little"),
        "os.sep" | "os.path.sep" => text("/"),
        "os.pathsep" => text(":"),
        "sys.maxsize" => Some(Value::Int(i64::MAX)),
        "sys.version_info" => {
            let micro = Value::Unknown;
            Some(Value::seq(vec![Value::Int(major), Value::Int(minor), micro, Value::text("final"), Value::Int(0)]))
        }
        "sys.version_info.major" => Some(Value::Int(major)),
        "sys.version_info.minor" => Some(Value::Int(minor)),
        "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING" | "builtins.TYPE_CHECKING" | "six.PY2" => {
            Some(Value::Bool(false))
        }
        "six.PY3" | "builtins.__debug__" => Some(Value::Bool(true)),
        "builtins.__file__" => Some(Value::Path(None)),
        _ => None,
    }
}

/// A built-in function that files call without importing it.
pub(super) fn is_builtin(name: &str) -> bool {
    const NAMES: [&str; 46] = [
        "__import__",
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "dict",
        "dir",
        "enumerate",
        "eval",
        "exec",
        "exit",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "print",
        "property",
        "quit",
        "range",
        "set",
        "sorted",
        "str",
        "super",
        "tuple",
    ];
    NAMES.contains(&name) || name.ends_with("Error") || name.ends_with("Exception")
}

/// Whether a module of the standard library has an attribute.
fn has_attribute(module: &str, name: &str) -> Option<bool> {
    match (module, name) {
        ("sys", "frozen" | "_MEIPASS" | "getwindowsversion" | "winver" | "pypy_version_info")
        | ("os", "add_dll_directory" | "startfile") => Some(false),
        ("sys", "setdlopenflags" | "getdlopenflags" | "abiflags")
        | ("os", "RTLD_GLOBAL" | "RTLD_LAZY" | "RTLD_NOW" | "fork") => Some(true),
        _ => None,
    }
}

/// What a function of the standard library returns; `None` for those not known here.
pub(super) fn call(path: &str, arguments: &[Value]) -> Option<Value> {
    let first = arguments.first().unwrap_or(&Value::Unknown);
    Some(match path {
        "platform.system" => Value::text("Linux"),
        "platform.python_implementation" => Value::text("CPython"),
        "struct.calcsize" if first.as_str() == Some("P") => Value::Int(8),
        "os.environ.get" | "os.getenv" => arguments.get(1).cloned().unwrap_or(Value::Unknown),
        "builtins.hasattr" | "builtins.getattr" => {
            let (Value::Imported { path: module, .. }, Some(name)) = (first, arguments.get(1).and_then(Value::as_str))
            else {
                return Some(Value::Unknown);
            };
            match (has_attribute(module, name), path.ends_with("hasattr"), arguments.get(2)) {
                (Some(has), true, _) => Value::Bool(has),
                (Some(false), false, Some(default)) => default.clone(),
                _ => Value::Unknown,
            }
        }
        "os.path.join" | "posixpath.join" => arguments.iter().skip(1).fold(first.clone(), |path, name| path.join(name)),
        "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" => match arguments {
            [] => Value::Path(None),
            [only] => path_like(only),
            [start, rest @ ..] => rest.iter().fold(start.clone(), |path, name| path.join(name)),
        },
        "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.path.expanduser" | "os.fspath"
        | "os.fsencode" | "os.fsdecode" | "builtins.str" => path_like(first),
        "os.path.basename" => match first {
            Value::Path(Some(name)) => Value::Str(name.clone()),
            _ => Value::Unknown,
        },
        "os.path.dirname" | "importlib.resources.files" | "os.getcwd" => Value::Path(None),
        "pkg_resources.resource_filename" | "importlib.resources.path" => {
            arguments.get(1).map_or(Value::Path(None), |name| Value::Path(None).join(name))
        }
        "builtins.tuple"
        | "builtins.list"
        | "builtins.set"
        | "builtins.sorted"
        | "builtins.reversed"
        | "builtins.iter"
        | "builtins.frozenset"
        | "importlib.resources.as_file" => first.clone(),
        "builtins.int" => {
            if matches!(first, Value::Int(_)) {
                first.clone()
            } else {
                Value::Unknown
            }
        }
        "builtins.bool" => first.truth().map_or(Value::Unknown, Value::Bool),
        "builtins.next" => first.element(),
        "builtins.filter" => arguments.get(1).map_or(Value::Unknown, Value::element),
        _ => return None,
    })
}

/// A path made of a value: what it was, or computed.
fn path_like(value: &Value) -> Value {
    match value {
        Value::Unknown | Value::Imported { .. } => Value::Path(None),
        known => known.clone(),
    }
}

/// What a method returns that is called on this value.
pub(super) fn method(on: &Value, name: &str, arguments: &[Value]) -> Value {
    let first = arguments.first().unwrap_or(&Value::Unknown);
    match (on, name) {
        (Value::OneOf(_) | Value::Each(_), _) => on.map(|one| method(one, name, arguments)),
        (Value::Str(text), "lower" | "casefold") => Value::text(&text.to_lowercase()),
        (Value::Str(text), "upper") => Value::text(&text.to_uppercase()),
        (Value::Str(text), "strip") if arguments.is_empty() => Value::text(text.trim()),
        (Value::Str(text), "startswith") => affix(first, |prefix| text.starts_with(prefix)),
        (Value::Str(text), "endswith") => affix(first, |suffix| text.ends_with(suffix)),
        (Value::Str(text), "format") => fill(text, "{}", arguments),
        (Value::Str(text), "split") => match first.as_str() {
            Some(separator) if !separator.is_empty() => Value::seq(text.split(separator).map(Value::text).collect()),
            _ => Value::Unknown,
        },
        (_, "joinpath") => arguments.iter().fold(on.clone(), |path, name| path.join(name)),
        (_, "with_name") => on.join(first),
        (
            Value::Path(_) | Value::Str(_),
            "resolve" | "absolute" | "as_posix" | "expanduser" | "encode" | "decode" | "__str__",
        ) => on.clone(),
        _ => Value::Unknown,
    }
}

/// An answer about the beginning or end of a text, for one or any of several.
fn affix(affixes: &Value, fits: impl Fn(&str) -> bool) -> Value {
    match affixes {
        Value::Str(affix) => Value::Bool(fits(affix)),
        Value::Seq(parts) if parts.iter().all(|part| part.as_str().is_some()) => {
            Value::Bool(parts.iter().filter_map(Value::as_str).any(fits))
        }
        _ => Value::Unknown,
    }
}

/// A template with its placeholders replaced in order; a path where what stands before its last part is not known.
pub(super) fn fill(template: &str, placeholder: &str, arguments: &[Value]) -> Value {
    let mut arguments = arguments.iter();
    let mut parts = template.split(placeholder);
    let mut filled = parts.next().map_or(Value::Unknown, Value::text);
    for part in parts {
        let value = match arguments.next() {
            Some(Value::Int(number)) => Value::text(&number.to_string()),
            Some(value) => value.clone(),
            None => Value::Unknown,
        };
        filled = filled.plus(&value).plus(&Value::text(part));
    }
    filled
}
