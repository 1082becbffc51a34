//! What importing a wheel's packages reaches: the wheel's Python as `python` follows it, in the places that a layer gives
//! its files.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::layer::{Layer, PlacedFile, Sites, WheelFacts};
use crate::python::{Context, ModuleTree, Reach, Reason, SitePackages, module_name};
use crate::target::Target;

/// What importing a wheel's packages loads.
pub(super) struct Reached {
    reach: Reach,
    sites: Sites,
    /// The wheel has Python source.
    has_source: bool,
}

/// How sure it is that a file is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// The top-level package or module that does it.
    pub(super) package: String,
    /// Nothing that only the run time knows stands before it.
    pub(super) always: bool,
    /// The file is meant by name, not as one of those in reach of a computed path.
    pub(super) by_name: bool,
}

impl Reached {
    /// Follows the wheel's imports through everything that the layer has.
    pub(super) fn of(layer: &Layer<'_>, wheel: &WheelFacts<'_>, target: &Target) -> Self {
        let sites = Sites::of(target);
        let mut places = HashMap::new();
        for file in layer.files_and_below() {
            if let Some(path) = sites.importable(&file.place) {
                places.entry(path).or_insert(&*file.place);
            }
        }
        let tree = Tree { layer, places };
        let own: Vec<&str> = wheel.files.iter().filter_map(|file| sites.importable(&file.place)).collect();
        let has_source = own.iter().any(|path| path.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "py"));
        let reach = SitePackages::new(&tree, target.runtime.name.python()).reach(own);
        Self { reach, sites, has_source }
    }

    /// The import that loads a file.
    pub(super) fn import_of(&self, file: &PlacedFile<'_>) -> Option<Import> {
        let path = self.sites.importable(&file.place)?;
        let reason = self.reach.reaches(path)?;
        let by = match &reason {
            Reason::Imported { by, .. } => by.as_ref(),
            Reason::Opened { by, .. } | Reason::Beside { by, .. } => Some(by),
        };
        // An extension module in a namespace folder is for whoever imports it, where the wheel has other Python.
        if by.is_none() && path.contains('/') && self.has_source {
            return None;
        }
        let from = by.map_or(path, |site| site.path.as_str());
        let by_name = !matches!(reason, Reason::Beside { .. });
        Some(Import { package: top_level(from), always: reason.context() == Context::Always, by_name })
    }

    /// The top-level package whose import executes what this source opens; `None` where it is not reached.
    pub(super) fn opens(&self, path: &str) -> Option<String> {
        let happens = |context| matches!(context, Context::Always | Context::Conditional);
        let reached =
            self.reach.loads.iter().find(|reached| reached.module == path && happens(reached.load.context))?;
        Some(top_level(&reached.module))
    }

    /// The module that a file is, by its path: `rdkit.Chem.Draw.rdMolDraw2D`.
    pub(super) fn module_of(&self, file: &PlacedFile<'_>) -> Option<String> {
        module_name(self.sites.importable(&file.place)?)
    }
}

/// The package or module that a path begins with: `numpy/_core/a.py`, `six.py`.
fn top_level(path: &str) -> String {
    path.split(['/', '.']).next().unwrap_or(path).to_owned()
}

/// The layer's files by their path below a folder of `sys.path`.
struct Tree<'l> {
    layer: &'l Layer<'l>,
    places: HashMap<&'l str, &'l str>,
}

impl ModuleTree for Tree<'_> {
    fn files(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.places.keys().copied())
    }

    fn source(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        self.layer.read(self.places.get(path)?).map(Cow::Owned)
    }
}
