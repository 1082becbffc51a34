//! What importing a wheel's packages reaches, and what may be asked about that.

use super::fact::{Context, LibraryLoad, LibraryName};
use super::file_name::module_name;
use super::source::Unreadable;

/// What importing a wheel's packages reaches when nothing goes wrong.
#[derive(Debug, Default)]
pub struct Reach {
    /// Extension modules that are imported, each with the surest way there.
    pub extensions: Vec<ReachedFile>,
    /// Libraries that reached modules open by name, also those that only a function or a fallback would.
    pub loads: Vec<ReachedLoad>,
    /// Where reached modules import or execute something that only the run time knows: that may reach more.
    pub dynamic: Vec<Site>,
    /// Reached source files that could not be read: what they import is missing here.
    pub unreadable: Vec<(String, Unreadable)>,
    /// There was more than the limits allow, or a source that the tree did not give: what is reached may be more.
    pub incomplete: bool,
    /// Source files followed.
    pub followed: usize,
}

/// An extension module that is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedFile {
    /// Its path below the `sys.path` folder.
    pub path: String,
    /// The import; `None` for a wheel's own top-level module.
    pub by: Option<Site>,
    /// `Always` or `Conditional`.
    pub context: Context,
}

/// A library opened by a reached module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedLoad {
    /// The path of the source file.
    pub module: String,
    /// What is opened, with the context that the walk gave it.
    pub load: LibraryLoad,
}

/// A line of a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its path below the `sys.path` folder.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// Why importing a wheel needs a shared object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is an extension module that is imported.
    Imported {
        /// The import; `None` for the wheel's own top-level module.
        by: Option<Site>,
        /// `Always` or `Conditional`.
        context: Context,
    },
    /// A module opens it by its name.
    Opened {
        /// Where.
        by: Site,
        /// `Always` or `Conditional`.
        context: Context,
    },
    /// A module opens a path that it computes, and the library is in that module's package.
    Beside {
        /// Where.
        by: Site,
        /// `Always` or `Conditional`.
        context: Context,
    },
}

impl Reason {
    /// How sure it is: `Always` or `Conditional`.
    #[must_use]
    pub fn context(&self) -> Context {
        match self {
            Self::Imported { context, .. } | Self::Opened { context, .. } | Self::Beside { context, .. } => *context,
        }
    }
}

impl Reach {
    /// Whether the import needs the shared object at this path, and why: the surest reason. `None` where it is needed
    /// only when something more is used.
    #[must_use]
    pub fn reaches(&self, path: &str) -> Option<Reason> {
        let imported = self.extensions.iter().filter(|file| file.path == path);
        let imported = imported.map(|file| Reason::Imported { by: file.by.clone(), context: file.context });
        imported.chain(self.loads.iter().filter_map(|reached| reached.reason(path))).min_by_key(Reason::context)
    }
}

impl ReachedLoad {
    fn reason(&self, path: &str) -> Option<Reason> {
        let (context, by) = (self.load.context, Site { path: self.module.clone(), line: self.load.line });
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        // A module at the top has no package of its own: only files beside it are its.
        let beside = match self.module.rsplit_once('/') {
            Some((package, _)) => path.strip_prefix(package).is_some_and(|below| below.starts_with('/')),
            None => folder.is_empty(),
        };
        if context > Context::Conditional {
            return None;
        }
        let named = |name: &LibraryName| match name {
            LibraryName::Short(name) => file
                .strip_prefix("lib")
                .and_then(|rest| rest.strip_prefix(name.as_str()))
                .is_some_and(|end| end.starts_with(".so")),
            LibraryName::Soname(name) => name.rsplit('/').next() == Some(file),
            LibraryName::File(name) => name == file && (beside || !self.module.contains('/')),
        };
        if self.load.names.iter().any(named) {
            return Some(Reason::Opened { by, context });
        }
        (self.load.computed && beside && module_name(path).is_none()).then_some(Reason::Beside { by, context })
    }
}
