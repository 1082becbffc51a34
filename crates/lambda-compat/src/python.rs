//! What Python source files import and load, and which files an `import` of a wheel's packages reaches when nothing goes
//! wrong.
//!
//! [`read`] follows one source file: imports, libraries opened by name, and which of that really happens at import time
//! on Linux and `CPython`. [`SitePackages`] walks from the packages of a wheel through all that they import. Nothing is
//! run, and nothing is said for certain that hangs on a test or on data that only the run time knows.
//!
//! Whether a shared object loads is the judge's business; this module tells whether the import of its package needs it.

mod call;
mod eval;
mod fact;
mod file_name;
mod frame;
mod function;
mod guard;
mod known;
mod parse;
mod place;
mod reach;
mod reader;
mod roots;
mod site_packages;
mod source;
mod value;
mod walk;

#[cfg(test)]
mod tests;

pub use fact::{Context, How, Import, LibraryLoad, LibraryName, ModuleFacts, Taken};
pub use file_name::module_name;
pub use place::Place;
pub use reach::{Reach, ReachedFile, ReachedLoad, Reason, Site};
pub use site_packages::{ModuleTree, SitePackages};
pub use source::Unreadable;

/// What a source file does when it is imported at this place.
///
/// # Errors
///
/// Where the file is too large or too deeply nested to be read, or is not Python 3: then nothing of it is known.
pub fn read(bytes: &[u8], place: &Place<'_>) -> Result<ModuleFacts, Unreadable> {
    let text = source::decode(bytes)?;
    parse::parse(&text, |body| reader::Reader::new(place, source::Lines::of(&text)).module(body))
}
