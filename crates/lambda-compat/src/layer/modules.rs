//! Modules that hide one of the standard library.

use std::collections::BTreeMap;

use wheel_tags::DistName;

use super::judge::Surroundings;
use super::sites::{LAYER_PATHS, Module, Sites};
use super::{Layer, PlacedFile, WheelFacts};
use crate::code::Code;
use crate::finding::{Finding, Severity};
use crate::target::Target;

/// Modules that Python has in itself or has loaded before it looks into any folder: nothing can hide them.
const ALWAYS_THERE: [&str; 21] = [
    "abc",
    "atexit",
    "builtins",
    "codecs",
    "encodings",
    "errno",
    "faulthandler",
    "gc",
    "genericpath",
    "io",
    "itertools",
    "marshal",
    "os",
    "posix",
    "posixpath",
    "pwd",
    "site",
    "stat",
    "sys",
    "time",
    "zipimport",
];

/// What importing what Lambda's own client imports (aws/aws-lambda-python-runtime-interface-client awslambdaric, 4.0.1)
/// loads of the standard library.
const RUNTIME_USES: [&str; 47] = [
    "array",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "collections",
    "concurrent",
    "contextlib",
    "copyreg",
    "datetime",
    "decimal",
    "email",
    "enum",
    "functools",
    "heapq",
    "http",
    "importlib",
    "ipaddress",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "math",
    "multiprocessing",
    "numbers",
    "operator",
    "queue",
    "quopri",
    "random",
    "re",
    "reprlib",
    "select",
    "selectors",
    "socket",
    "ssl",
    "string",
    "struct",
    "textwrap",
    "threading",
    "token",
    "tokenize",
    "traceback",
    "types",
    "urllib",
    "warnings",
    "weakref",
];

/// LP421: top-level modules that a layer below has as well, of another distribution: Lambda unpacks this layer over that
/// one, and of files with one path this layer's are imported, of others each. One distribution in both is packed twice,
/// which is another finding.
pub(super) fn shadowing(layer: &Layer<'_>, target: &Target) -> Vec<Finding> {
    let sites = Sites::of(target);
    let module = |file: &PlacedFile<'_>| {
        let path = sites.importable(&file.place).filter(|path| path.split('/').count() <= 2)?;
        if path.contains('/') && !file.name().starts_with("__init__.") {
            return None;
        }
        let module = sites.module(&file.place).filter(Module::is_top_level)?;
        module.extension.is_none_or(|extension| extension.fits(target)).then_some(module.name)
    };
    let mut there: BTreeMap<String, (&str, Option<&DistName>)> = BTreeMap::new();
    for below in layer.below() {
        for name in below.files.iter().filter_map(module) {
            there.insert(name, (below.layer, below.distribution));
        }
    }
    if there.is_empty() {
        return Vec::new();
    }
    let of_wheels = layer.wheels().iter().flat_map(|wheel| wheel.files.iter().map(move |file| (Some(wheel), file)));
    let mut findings: BTreeMap<String, Finding> = BTreeMap::new();
    for (wheel, file) in of_wheels.chain(layer.loose().iter().map(|file| (None, file))) {
        let Some((name, (below, other))) = module(file).and_then(|name| there.get_key_value(&name)) else { continue };
        if wheel.is_some_and(|wheel| Some(wheel.name) == *other) || findings.contains_key(name) {
            continue;
        }
        let whose = wheel.map(|wheel| format!(" of {} {}", wheel.name, wheel.version)).unwrap_or_default();
        let others = other.map(|other| format!(" of {other}")).unwrap_or_default();
        let message = format!("{name}{whose} shadows the {name}{others} in {below}, below");
        let finding = Finding::warning(Code::ShadowsBelow, message)
            .at(file.entry)
            .help("give one of them another name, or leave it out of one of the layers: their files are mixed")
            .source(LAYER_PATHS);
        findings.insert(name.clone(), finding);
    }
    findings.into_values().collect()
}

/// LP416: top-level modules with the name of one of the standard library, which comes later on `sys.path`.
///
/// An error where the runtime's own client uses it: function and runtime then share one module, and one of them gets the
/// wrong one. Elsewhere a warning, since a backport may be there on purpose. A folder without `__init__.py` hides nothing:
/// the import system goes on looking for a module.
pub(super) fn hiding(layer: &Layer<'_>, target: &Target, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let sites = Sites::of(target);
    let mut hidden: BTreeMap<String, (Option<&WheelFacts<'_>>, &PlacedFile<'_>)> = BTreeMap::new();
    let of_wheels = layer.wheels().iter().flat_map(|wheel| wheel.files.iter().map(move |file| (Some(wheel), file)));
    for (wheel, file) in of_wheels.chain(layer.loose().iter().map(|file| (None, file))) {
        // Cheaper than naming the modules of all files.
        let Some(path) = sites.importable(&file.place).filter(|path| path.split('/').count() <= 2) else { continue };
        if path.contains('/') && !file.name().starts_with("__init__.") {
            continue;
        }
        let Some(module) = sites.module(&file.place).filter(Module::is_top_level) else { continue };
        // `test` is Python's own tests: careless wheels bring such a package, and nobody imports that of Python.
        let is_hidden = module.name != "test"
            && !ALWAYS_THERE.contains(&module.name.as_str())
            && module.extension.is_none_or(|extension| extension.fits(target))
            && (surroundings.is_standard_module)(&module.name, target);
        if is_hidden {
            hidden.entry(module.name).or_insert((wheel, file));
        }
    }
    hidden.into_iter().map(|(module, (wheel, file))| hides(&module, wheel, file, target)).collect()
}

fn hides(module: &str, wheel: Option<&WheelFacts<'_>>, file: &PlacedFile<'_>, target: &Target) -> Finding {
    let (severity, remark) = if RUNTIME_USES.contains(&module) {
        (Severity::Error, ", which Lambda's runtime uses itself")
    } else {
        (Severity::Warning, "")
    };
    let python = target.runtime.name;
    let (whose, help) = match wheel {
        Some(wheel) => (
            format!(" of {} {}", wheel.name, wheel.version),
            format!("leave {} out if it is a backport: {python} has the module", wheel.name),
        ),
        None => (String::new(), "give the module another name".to_owned()),
    };
    let message = format!("{module}{whose} hides the {module} of {python}'s standard library{remark}");
    Finding::new(Code::HidesStandardLibrary, severity, message).at(file.entry).help(help).source(LAYER_PATHS)
}
