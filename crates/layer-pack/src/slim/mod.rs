//! Slimming: files of packages that no function needs at run time are left out, rule by rule, where that is asked for.
//!
//! A rule takes the files of one [`FileKind`], which is told by the path; what of them something needs all the same stays.
//! `rule` has the rules, `exceptions` the packages that are known to read such files, `looks` what a file's own bytes say
//! of it, `imports` what the code that stays imports. What is decided here is what `plan` leaves out and what `stack`
//! promises: it is one function, [`slim`].

mod exceptions;
mod imports;
mod looks;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use wheel_tags::DistName;

pub use exceptions::{EXCEPTIONS, Exception};
pub use rule::{Slim, SlimRule, UnknownSlimRule};

use crate::{FileKind, Tally};

/// A file of a layer or function, as slimming sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlimFile<'a> {
    /// Its path from the folder on `sys.path` on; `None` outside of it.
    pub(crate) path: Option<&'a str>,
    /// The distribution that it belongs to. What belongs to none, somebody put there on purpose.
    pub(crate) package: Option<&'a DistName>,
    /// What it is for.
    pub(crate) kind: FileKind,
}

/// Gives the bytes of the file with a number; `None` where they cannot be read.
pub(crate) type ReadFile<'r> = &'r (dyn Fn(usize) -> Option<Vec<u8>> + Sync);

/// What slimming took out of a layer, and what it left there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slimmed {
    /// The rules that were asked for, each with what it took out.
    pub removed: BTreeMap<SlimRule, Tally>,
    /// What stayed though a rule would have it, by package and rule.
    pub kept: Vec<Kept>,
}

/// Files of a package that stay though a rule would have them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// The package.
    pub package: DistName,
    /// The rule.
    pub rule: SlimRule,
    /// Why: a fragment.
    pub reason: String,
    /// How many they are.
    pub files: u64,
}

/// What becomes of the files.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    /// The rule that takes each file out, in their order.
    pub(crate) removed: Vec<Option<SlimRule>>,
    pub(crate) kept: Vec<Kept>,
}

/// Decides which files go. `python` is the version that imports them, `(3, 12)`.
///
/// A file goes where a rule that is asked for has it and none of these holds:
///
/// 1. its package is known to need it (`exceptions`);
/// 2. its bytes, or those of the files that go with it, say that it is something else, or that they are read (`looks`);
/// 3. something that stays imports it, or an entry point names it, and so on from there (`imports`).
pub(crate) fn slim(files: &[SlimFile<'_>], rules: &Slim, python: (u8, u8), read: ReadFile<'_>) -> Decision {
    let mut choice = Choice::new(files, rules);
    looks::spare_by_names(&mut choice);
    looks::spare(&mut choice, read);
    imports::spare(&mut choice, python, read);
    choice.decision()
}

/// As [`slim`], where nothing but names is known: what of it would stay for what is in the files is not told.
pub(crate) fn slim_by_names(files: &[SlimFile<'_>], rules: &Slim) -> Decision {
    let mut choice = Choice::new(files, rules);
    looks::spare_by_names(&mut choice);
    choice.decision()
}

/// A Python source.
fn is_source(path: &str) -> bool {
    suffix(path) == "py"
}

/// What follows the last dot of a path.
fn suffix(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, suffix)| suffix)
}

/// The files that are to go, so far.
struct Choice<'a> {
    files: &'a [SlimFile<'a>],
    going: Vec<Option<SlimRule>>,
    /// By package and rule: the first reason, and the number of files.
    kept: BTreeMap<(&'a DistName, SlimRule), (String, u64)>,
}

impl<'a> Choice<'a> {
    /// What the rules have, without the packages of which an exception is made.
    fn new(files: &'a [SlimFile<'a>], rules: &Slim) -> Self {
        let mut choice = Self { files, going: vec![None; files.len()], kept: BTreeMap::new() };
        (0..files.len()).for_each(|number| choice.consider(number, rules));
        choice
    }

    fn decision(self) -> Decision {
        let kept = self.kept.into_iter().map(|((package, rule), (reason, files))| Kept {
            package: package.clone(),
            rule,
            reason,
            files,
        });
        Decision { kept: kept.collect(), removed: self.going }
    }

    /// Takes a file out if a rule has it and no exception is made of its package.
    fn consider(&mut self, number: usize, rules: &Slim) {
        let Some(SlimFile { path: Some(path), package: Some(package), kind }) = self.files.get(number).copied() else {
            return;
        };
        // Commands are started by their names.
        let rule = rules.of(kind).filter(|_| !path.starts_with("bin/"));
        let Some((rule, going)) = rule.zip(self.going.get_mut(number)) else { return };
        *going = Some(rule);
        if let Some(exception) = exceptions::of(package, rule) {
            self.keep(number, exception.reason);
        }
    }

    /// The rule that a file goes by.
    fn rule(&self, number: usize) -> Option<SlimRule> {
        self.going.get(number).copied().flatten()
    }

    /// The files that go by a rule, with their paths.
    fn going_by(&self, rule: SlimRule) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        let numbers = self.going.iter().enumerate().filter(move |(_, going)| **going == Some(rule));
        numbers.filter_map(|(number, _)| Some((number, self.files.get(number)?.path?)))
    }

    /// The Python sources that stay, with their paths.
    fn staying_sources(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        let staying = self.files.iter().enumerate().filter(|(number, _)| self.rule(*number).is_none());
        staying.filter_map(|(number, file)| Some((number, file.path.filter(|path| is_source(path))?)))
    }

    /// Lets a file stay that was to go.
    fn keep(&mut self, number: usize, reason: &str) {
        let Some(rule) = self.going.get_mut(number).and_then(Option::take) else { return };
        let Some(package) = self.files.get(number).and_then(|file| file.package) else { return };
        self.kept.entry((package, rule)).or_insert_with(|| (reason.to_owned(), 0)).1 += 1;
    }

    fn keep_all(&mut self, numbers: impl IntoIterator<Item = usize>, reason: &str) {
        numbers.into_iter().for_each(|number| self.keep(number, reason));
    }

    /// The packages of which some file goes by a rule.
    fn packages_by(&self, rule: SlimRule) -> BTreeSet<&'a DistName> {
        self.going_by(rule).filter_map(|(number, _)| self.files.get(number)?.package).collect()
    }
}
