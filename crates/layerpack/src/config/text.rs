//! The text of the configuration file: where something stands in it, and what is said of what cannot be used.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use lambda_compat::Code;
use pypi_resolve::requirements::{Excerpt, mask};

use crate::args::spelled;
use crate::failure::Failure;

/// Letters of what is said of one place: values are repeated in it.
const LONGEST_MESSAGE: usize = 500;

/// A configuration file that is being read.
pub(super) struct Text {
    /// Its path, as it is shown.
    pub(super) file: PathBuf,
    pub(super) source: String,
    /// The names of its layers, which may stand where else a path does.
    pub(super) layers: BTreeSet<String>,
}

/// What cannot be used, and where it stands.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Bytes of the file.
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl Wrong {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(super) fn start(&self) -> usize {
        self.span.start
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Text {
    /// A path of the file: relative ones are relative to its folder. Addresses stay what they are.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        if path.contains("://") || path.starts_with("file:") {
            return PathBuf::from(path);
        }
        spelled(self.file.parent().unwrap_or(Path::new("")).join(path))
    }

    /// What is wrong, with its line, its column and a caret.
    pub(super) fn failure(&self, wrong: Wrong) -> Failure {
        let at = wrong.span.start.min(self.source.len());
        let before = self.source.get(..at).unwrap_or(&self.source);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let (line, column) = (before.matches('\n').count() + 1, before.get(start..).unwrap_or("").chars().count() + 1);
        let raw = self.source.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let meant = at - start..wrong.span.end.saturating_sub(start).min(raw.len());
        let excerpt = Excerpt::of(raw, &meant).map(|excerpt| format!("\n{excerpt}")).unwrap_or_default();
        let said = mask(&wrong.message);
        let cut = if said.chars().nth(LONGEST_MESSAGE).is_some() { "…" } else { "" };
        let message = format!("{} line {line}, column {column}: {said:.LONGEST_MESSAGE$}{cut}", self.file.display());
        Failure::new(Code::Configuration, format!("{message}{excerpt}")).maybe_help(wrong.help)
    }
}
