//! What a wheel's native files are to its Python: which of them importing its packages loads, and which only a part.

use std::collections::{HashMap, HashSet};

use super::obstacle::{Examined, examine};
use crate::layer::{Layer, PlacedFile, WheelFacts};
use crate::target::Target;

/// How a file comes to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use<'u> {
    /// By importing this package.
    Import(&'u str),
    /// By these modules or files, which importing the packages leaves alone; none where nobody is known to load it.
    Part(&'u [String]),
    /// No import could be followed to any native code.
    Unknown,
}

/// The uses of a wheel's files, by place.
#[derive(Debug, Default)]
pub(super) struct Uses<'l> {
    /// The package whose import loads it.
    imported: HashMap<&'l str, String>,
    parts: HashMap<&'l str, Vec<String>>,
    followed: bool,
}

impl<'l> Uses<'l> {
    /// Nobody asks.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Follows the imports of the wheel's packages, and from the files that they load to those which these need.
    pub(super) fn of<'e>(
        layer: &'l Layer<'l>,
        wheel: &WheelFacts<'_>,
        target: &Target,
        examined: impl Iterator<Item = &'e Examined<'l>>,
    ) -> Self
    where
        'l: 'e,
    {
        let mut uses = Self::default();
        let mut needs: HashMap<&'l str, Vec<&'l PlacedFile<'l>>> = HashMap::new();
        let mut own = Vec::new();
        for one in examined {
            needs.insert(&one.file.place, one.needs.clone());
            own.push(one.file);
        }
        let reached = Reached::of(layer, wheel, target);
        for file in own {
            let import = reached.import_of(&file.place);
            uses.followed |= import.is_some();
            // Everything that it needs is used by what uses it.
            let name = reached.module_of(file).unwrap_or_else(|| file.entry.to_owned());
            let (mut todo, mut seen) = (vec![file], HashSet::new());
            while let Some(file) = todo.pop() {
                if !seen.insert(&*file.place) {
                    continue;
                }
                match import {
                    Some(package) => {
                        uses.imported.entry(&file.place).or_insert_with(|| package.to_owned());
                    }
                    None => uses.parts.entry(&file.place).or_default().push(name.clone()),
                }
                let further = needs.entry(&file.place).or_insert_with(|| examine(layer, &[], file, target, None).needs);
                todo.extend(further.iter().copied());
            }
        }
        uses
    }

    pub(super) fn of_file(&self, file: &PlacedFile<'_>) -> Use<'_> {
        if let Some(package) = self.imported.get(&*file.place) {
            Use::Import(package)
        } else if self.followed {
            Use::Part(self.parts.get(&*file.place).map(Vec::as_slice).unwrap_or_default())
        } else {
            Use::Unknown
        }
    }
}

/// What importing a wheel's packages loads.
struct Reached;

impl Reached {
    fn of(_layer: &Layer<'_>, _wheel: &WheelFacts<'_>, _target: &Target) -> Self {
        Self
    }

    fn import_of(&self, _place: &str) -> Option<&str> {
        None
    }

    fn module_of(&self, _file: &PlacedFile<'_>) -> Option<String> {
        None
    }
}
