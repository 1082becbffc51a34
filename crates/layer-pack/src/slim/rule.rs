//! The rules of slimming: each a name and the kind of file that it leaves out.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::FileKind;

/// A rule by which files are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlimRule {
    /// Tests and their data.
    Tests,
    /// Type stubs.
    Pyi,
    /// Headers and declarations for compilers, of which Lambda has none.
    Headers,
    /// Compiled Python that lies beside its source.
    Pycache,
    /// Documentation.
    Docs,
}

impl SlimRule {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Tests, Self::Pyi, Self::Headers, Self::Pycache, Self::Docs];

    /// The table of the rules: name, and kind of file.
    fn row(self) -> (&'static str, FileKind) {
        match self {
            Self::Tests => ("tests", FileKind::Test),
            Self::Pyi => ("pyi", FileKind::TypeStub),
            Self::Headers => ("headers", FileKind::Header),
            Self::Pycache => ("pycache", FileKind::Bytecode),
            Self::Docs => ("docs", FileKind::Docs),
        }
    }

    /// As `--slim` spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The kind of file that it leaves out.
    #[must_use]
    pub fn kind(self) -> FileKind {
        self.row().1
    }
}

impl fmt::Display for SlimRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No rule has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rule of slimming")]
pub struct UnknownSlimRule(String);

/// The rules that are asked for; none by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slim(BTreeSet<SlimRule>);

impl Slim {
    /// Every rule.
    #[must_use]
    pub fn all() -> Self {
        Self(SlimRule::ALL.into())
    }

    /// No rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules, in their order.
    pub fn rules(&self) -> impl Iterator<Item = SlimRule> {
        self.0.iter().copied()
    }

    /// The rule that has files of a kind.
    pub(crate) fn of(&self, kind: FileKind) -> Option<SlimRule> {
        self.rules().find(|rule| rule.kind() == kind)
    }
}

/// One name, or `all`.
impl FromStr for Slim {
    type Err = UnknownSlimRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::all());
        }
        let rule = SlimRule::ALL.into_iter().find(|rule| rule.name() == text);
        rule.map(|rule| Self([rule].into())).ok_or_else(|| UnknownSlimRule(text.to_owned()))
    }
}

impl From<SlimRule> for Slim {
    fn from(rule: SlimRule) -> Self {
        Self([rule].into())
    }
}

impl FromIterator<Self> for Slim {
    fn from_iter<I: IntoIterator<Item = Self>>(several: I) -> Self {
        Self(several.into_iter().flat_map(|slim| slim.0).collect())
    }
}

/// `tests,pyi`.
impl fmt::Display for Slim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.rules().map(SlimRule::name).collect();
        f.write_str(&names.join(","))
    }
}
