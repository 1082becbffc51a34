//! Modules by their names: those that only another Python finds, and those that hide one of the standard library.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::extension::{ExtensionName, ExtensionSuffix};
use super::judge::{Surroundings, more};
use super::sites::{LAYER_PATHS, Module, Sites};
use super::{Layer, PlacedFile, WheelFacts};
use crate::code::Code;
use crate::finding::{Finding, Severity};
use crate::target::Target;

const TAGGED_NAMES: &str = "https://peps.python.org/pep-3149/";

/// An extension module with a file name that the target's Python does not look for.
struct Unfit<'l> {
    module: String,
    name: ExtensionName<'l>,
    entry: &'l str,
}

/// LP110: extension modules of which there are only files for another Python, or for another platform.
///
/// A file beside one that fits, or beside the same module as source, is no loss: the import system passes it over.
pub(super) fn for_other_python(layer: &Layer<'_>, target: &Target) -> Vec<Finding> {
    let sites = Sites::of(target);
    let mut groups: Vec<(Vec<Unfit<'_>>, bool)> = Vec::new();
    // What the tags say already need not be said of every file.
    for wheel in layer.wheels().iter().filter(|wheel| target.rank(&wheel.tags, wheel.origin).is_ok()) {
        groups.push(unfit(wheel.files.iter(), &sites, target));
    }
    let mut packages: BTreeMap<&str, Vec<&PlacedFile<'_>>> = BTreeMap::new();
    for file in layer.loose() {
        let top = sites.importable(&file.place).and_then(|path| path.split(['/', '.']).next());
        packages.entry(top.unwrap_or_default()).or_default().push(file);
    }
    groups.extend(packages.into_values().map(|files| unfit(files.into_iter(), &sites, target)));
    groups.retain(|(unfit, _)| !unfit.is_empty());
    if groups.is_empty() {
        return Vec::new();
    }

    let found: HashSet<String> = layer
        .files()
        .filter_map(|file| sites.module(&file.place))
        .filter(|module| module.extension.is_none_or(|extension| extension.fits(target)))
        .map(|module| module.name)
        .collect();
    let mut findings = Vec::new();
    for (mut unfit, others_fit) in groups {
        unfit.retain(|unfit| !found.contains(&unfit.module));
        findings.extend(report(&unfit, others_fit, target));
    }
    findings
}

/// The extension modules among these files that do not fit; and whether some do that are made for this very Python: then
/// the package may choose among several when it runs.
fn unfit<'l>(
    files: impl Iterator<Item = &'l PlacedFile<'l>>,
    sites: &Sites,
    target: &Target,
) -> (Vec<Unfit<'l>>, bool) {
    let mut others_fit = false;
    let mut unfit = Vec::new();
    for file in files {
        let Some(name) = ExtensionName::parse(file.name()) else { continue };
        if name.fits(target) {
            others_fit |= matches!(name.suffix, ExtensionSuffix::CPython { .. });
        } else if let Some(Module { name: module, .. }) = sites.module(&file.place) {
            // What mypyc shares among its modules: they load it, and each has its source beside it.
            if !name.module.ends_with("__mypyc") {
                unfit.push(Unfit { module, name, entry: file.entry });
            }
        }
    }
    (unfit, others_fit)
}

/// One finding for the modules of one package.
fn report(unfit: &[Unfit<'_>], others_fit: bool, target: &Target) -> Option<Finding> {
    let modules: BTreeSet<&str> = unfit.iter().map(|unfit| unfit.module.as_str()).collect();
    let first = *modules.first()?;
    let of_first = || unfit.iter().filter(|unfit| unfit.module == first);
    let mut suffixes: Vec<ExtensionName<'_>> = of_first().map(|unfit| unfit.name).collect();
    suffixes.sort_by_key(|name| name.suffix);
    let mut wanted: Vec<String> = suffixes.iter().map(|name| name.wanted_by(target)).collect();
    wanted.dedup();
    let (severity, remark) = if others_fit {
        (Severity::Warning, "; other modules of the package are for this one")
    } else {
        (Severity::Error, "")
    };
    let message = format!(
        "{first} is there for {} only; the target is {target}{}{remark}",
        wanted.join(", "),
        more(modules.len(), "module", "modules")
    );
    let entry = of_first().map(|unfit| unfit.entry).min()?;
    Some(
        Finding::new(Code::ModuleForOtherPython, severity, message)
            .at(entry)
            .help("pack a build of the package that is made for the target")
            .source(TAGGED_NAMES),
    )
}

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
