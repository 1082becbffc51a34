//! Libraries that Python opens by name at run time: `ctypes`, cffi, `find_library`.
//!
//! No loader checks these when the package is installed, and no tag tells: the source names them.

use std::collections::BTreeMap;

use super::reached::Reached;
use crate::code::Code;
use crate::finding::{Evidence, Finding, Severity};
use crate::layer::{Layer, PlacedFile, Sites, WheelFacts};
use crate::profile::Availability;
use crate::python::{Context, How, LibraryLoad, LibraryName, Place, read};
use crate::target::Target;

/// Libraries named by the wheel's sources that nobody brings: one finding for each. What importing the wheel's packages
/// opens is a warning; what another of its modules opens is a note.
pub(super) fn judge<'r>(
    layer: &Layer<'_>,
    wheel: &WheelFacts<'_>,
    target: &Target,
    reached: impl FnOnce() -> &'r Reached,
) -> Vec<Finding> {
    let sites = Sites::of(target);
    let mut in_vain = Vec::new();
    for file in wheel.files.iter().filter(|file| file.opens_libraries) {
        let Some(path) = sites.importable(&file.place) else { continue };
        in_vain.extend(missing_of(layer, file, path, target).into_iter().map(|missing| (file, path, missing)));
    }
    if in_vain.is_empty() {
        return Vec::new();
    }
    let reached = reached();
    let runtime = target.runtime.name;
    let mut findings: BTreeMap<String, Finding> = BTreeMap::new();
    for (file, path, InVain { line, library, by_soname, evidence }) in in_vain {
        let (severity, when) = match reached.opens(path) {
            Some(package) => (Severity::Warning, format!("`import {package}` fails")),
            // A short name in a module that is not reached may be another system's.
            None if !by_soname => continue,
            None => (Severity::Note, "importing that module fails".to_owned()),
        };
        let message = format!("line {line} opens {library}, which {runtime} lacks: {when}");
        let help = format!("put it into the layer as opt/lib/{library}; if it is there, say so: --provides {library}");
        let finding = Finding::new(Code::RuntimeLoad, severity, message).at(file.entry).help(help).evidence(evidence);
        match findings.get(&library) {
            Some(known) if known.severity >= severity => {}
            _ => {
                findings.insert(library, finding);
            }
        }
    }
    findings.into_values().collect()
}

/// A library that is opened, and is not there.
struct InVain {
    line: u32,
    library: String,
    /// As the loader takes names, not as the linker does.
    by_soname: bool,
    evidence: Evidence,
}

/// What one source opens in vain, with the name to say and where it is known from.
fn missing_of(layer: &Layer<'_>, file: &PlacedFile<'_>, path: &str, target: &Target) -> Vec<InVain> {
    let Some(bytes) = layer.read(&file.place) else { return Vec::new() };
    let module = path.strip_suffix(".py").unwrap_or(path);
    let package = module.strip_suffix("/__init__");
    let name = package.unwrap_or(module).replace('/', ".");
    let place = Place { name: &name, package: package.is_some(), python: target.runtime.name.python() };
    // A source that cannot be read says nothing.
    let Ok(facts) = read(&bytes, &place) else { return Vec::new() };
    let in_vain = |load: LibraryLoad| {
        // What is only looked for, or may fail, does no harm.
        let happens = matches!(load.context, Context::Always | Context::Conditional);
        if load.computed || load.how == How::Find || !happens {
            return None;
        }
        // As the loader takes it, where one of the names is such.
        let is_soname = |name: &&LibraryName| matches!(name, LibraryName::Soname(_));
        let first = load.names.iter().find(is_soname).or(load.names.first())?;
        let (by_soname, library) = (is_soname(&first), spelt(first)?);
        let is_there = load.names.iter().any(|name| is_there(layer, name, target));
        if is_there {
            return None;
        }
        let fact = target.runtime.library(target.arch, &library);
        let absent = fact.availability == Availability::Absent;
        absent.then(|| InVain { line: load.line, library, by_soname, evidence: fact.into() })
    };
    facts.loads().into_iter().filter_map(in_vain).collect()
}

/// A library's name as people know it.
fn spelt(name: &LibraryName) -> Option<String> {
    match name {
        LibraryName::Short(name) => Some(format!("lib{}.so", name.strip_prefix("lib").unwrap_or(name))),
        // A path is the package's own affair, and what has no `.so` in it is for another system.
        LibraryName::Soname(name) => (name.contains(".so") && !name.contains('/')).then(|| name.clone()),
        LibraryName::File(_) => None,
    }
}

fn is_there(layer: &Layer<'_>, name: &LibraryName, target: &Target) -> bool {
    let runtime = target.runtime;
    match name {
        LibraryName::Short(name) => {
            let stem = format!("lib{name}.so");
            runtime.finds_by_ldconfig(target.arch, name).availability != Availability::Absent
                || layer.native_names().any(|name| name.starts_with(&stem))
                || layer.is_vouched_for(&stem)
        }
        LibraryName::Soname(name) => {
            let file = name.rsplit('/').next().unwrap_or(name);
            runtime.library(target.arch, file).availability != Availability::Absent
                || layer.native_named(file).next().is_some()
                || layer.is_vouched_for(file)
        }
        // The package brings it, or computes more than can be told.
        LibraryName::File(_) => true,
    }
}
