//! Which file the dynamic loader takes for a needed library, as [ld.so(8)] describes its search.
//!
//! Symbol versions are checked elsewhere, against the file that is found here.
//!
//! [ld.so(8)]: https://man7.org/linux/man-pages/man8/ld.so.8.html

use crate::elf::{Binary, ElfFacts, Kind};
use crate::judge::obstacle::fits_machine;
use crate::layer::{FUNCTION, Layer, PYTHON, PlacedFile};
use crate::profile::{Availability, LibraryFact};
use crate::target::Target;

/// Who brings a library.
#[derive(Debug)]
pub(super) enum Provider<'l> {
    /// A file of the layer, where the loader looks.
    Found(&'l PlacedFile<'l>),
    /// A file of the layer where the loader does not look: the package has to load it first, as many do from Python.
    Preloaded(&'l PlacedFile<'l>),
    /// The runtime.
    Runtime,
    /// Whoever asks vouches for it.
    Vouched,
    /// It may lie in this folder, which belongs to a package that was not given.
    AnotherPackage(String),
    /// Nobody that is known; what the runtime's profile says of it.
    Nobody(LibraryFact<'l>),
}

/// Who brings `library` to `file`.
pub(super) fn provider<'l>(
    layer: &'l Layer<'l>,
    target: &Target,
    file: &PlacedFile<'_>,
    facts: &ElfFacts,
    library: &str,
) -> Provider<'l> {
    let runtime = target.runtime.library(target.arch, library);
    let is_there = runtime.availability == Availability::Present;
    let own = |paths: &[String]| -> Vec<String> { paths.iter().map(|path| expand(path, file.folder())).collect() };
    let runpath = own(&facts.runpath);
    // DT_RPATH is not looked at where there is a DT_RUNPATH.
    let rpath = if runpath.is_empty() { own(&facts.rpath) } else { Vec::new() };
    let environment = &target.runtime.library_path().value;

    for folder in rpath.iter().chain(environment).chain(&runpath) {
        if let Some(found) = layer.native_at(&format!("{folder}/{library}")).filter(|found| fits(found, target)) {
            return Provider::Found(found);
        }
        if is_there && runtime.folder.is_some_and(|there| same_folder(there, folder)) {
            return Provider::Runtime;
        }
    }
    if is_there {
        return Provider::Runtime;
    }
    if layer.is_vouched_for(library) {
        return Provider::Vouched;
    }
    if let Some(found) = layer.native_named(library).find(|found| fits(found, target)) {
        return Provider::Preloaded(found);
    }
    let foreign = rpath.iter().chain(&runpath).find(|folder| may_come(layer, folder));
    foreign.map_or(Provider::Nobody(runtime), |folder| Provider::AnotherPackage(folder.clone()))
}

/// Whether a package that was not given may own this folder: it is none of the given ones' own.
fn may_come(layer: &Layer<'_>, folder: &str) -> bool {
    let Some(below) = folder.strip_prefix(PYTHON).and_then(|below| below.strip_prefix('/')) else { return false };
    if layer.is_complete() {
        return false;
    }
    let mut path = PYTHON.to_owned();
    for part in below.split('/') {
        path = format!("{path}/{part}");
        if !layer.has_folder(&path) {
            return true;
        }
        // All that lies below a regular package is its own; a namespace is shared.
        if layer.has_file(&format!("{path}/__init__.py")) {
            return false;
        }
    }
    false
}

/// The loader passes over files for another processor.
fn fits(file: &PlacedFile<'_>, target: &Target) -> bool {
    matches!(file.binary, Some(Binary::Elf(facts)) if facts.kind == Kind::Shared && fits_machine(facts, target))
}

/// `/lib64` is a link to `/usr/lib64` on Amazon Linux.
fn same_folder(one: &str, other: &str) -> bool {
    let plain = |folder: &'static str, path: &str| path == folder || path.strip_prefix("/usr") == Some(folder);
    one == other || (plain("/lib64", one) && plain("/lib64", other))
}

/// A folder of a search path: `$ORIGIN`, `$LIB` and `$PLATFORM` replaced, `.` and `..` resolved. A relative one is
/// relative to the working directory, which is the function's.
fn expand(path: &str, origin: &str) -> String {
    let mut text = path.to_owned();
    for (token, value) in [("ORIGIN", origin), ("LIB", "lib64")] {
        text = text.replace(&format!("${{{token}}}"), value).replace(&format!("${token}"), value);
    }
    if !text.starts_with('/') {
        text = format!("{FUNCTION}/{text}");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_paths_are_those_of_the_file() {
        let origin = "/opt/python/rasterio";
        for (path, folder) in [
            ("$ORIGIN", "/opt/python/rasterio"),
            ("$ORIGIN/../rasterio.libs", "/opt/python/rasterio.libs"),
            ("${ORIGIN}/./../x/", "/opt/python/x"),
            ("/usr/$LIB", "/usr/lib64"),
            ("/opt/lib", "/opt/lib"),
            ("../../../../..", "/"),
            ("libs", "/var/task/libs"),
            ("", "/var/task"),
        ] {
            assert_eq!(expand(path, origin), folder, "{path}");
        }
        assert!(same_folder("/lib64", "/usr/lib64"));
        assert!(!same_folder("/lib64", "/var/lang/lib"));
    }
}
