//! What a wheel's native files are to its Python: which of them importing its packages loads, and which only a part.

use std::collections::{HashMap, HashSet};

use super::obstacle::{Examined, examine};
use super::reached::{Import, Reached};
use crate::layer::{Layer, PlacedFile};
use crate::target::Target;

/// How a file comes to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use<'u> {
    /// By importing this package.
    Import(&'u str),
    /// By these modules, which importing the packages leaves alone; none where nobody is known to load it.
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
        target: &Target,
        reached: &Reached,
        examined: impl Iterator<Item = &'e Examined<'l>>,
    ) -> Self
    where
        'l: 'e,
    {
        let mut uses = Self::default();
        let mut graph = Graph { layer, target, known: HashMap::new() };
        let mut own = Vec::new();
        for one in examined {
            graph.known.insert(&one.file.place, (one.needs.clone(), one.loads()));
            own.push(one.file);
        }
        let mut files = Vec::with_capacity(own.len());
        for file in own {
            let needed = graph.needed_by(file);
            let loads = needed.iter().all(|file| graph.loads(file));
            files.push((file, reached.import_of(file), loads, needed));
        }
        // Which of the ways is taken only the run time knows; where none of them loads, that does not matter.
        let is_open = |import: &Import| !import.always && import.by_name;
        let mut open = files.iter().filter(|(_, import, ..)| import.as_ref().is_some_and(is_open));
        let none_loads = open.all(|(_, _, loads, _)| !loads);
        for (file, import, _, needed) in &files {
            let import = import.as_ref().filter(|import| import.always || (none_loads && import.by_name));
            uses.followed |= import.is_some();
            // Everything that it needs is used by what uses it.
            let module = reached.module_of(file);
            for file in needed {
                match import {
                    Some(import) => {
                        uses.imported.entry(&file.place).or_insert_with(|| import.package.clone());
                    }
                    None => uses.parts.entry(&file.place).or_default().extend(module.clone()),
                }
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

/// Which file needs which.
struct Graph<'l, 't> {
    layer: &'l Layer<'l>,
    target: &'t Target,
    /// By place: the files that one needs, and whether nothing stands in its own way.
    known: HashMap<&'l str, (Vec<&'l PlacedFile<'l>>, bool)>,
}

impl<'l> Graph<'l, '_> {
    fn look(&mut self, file: &'l PlacedFile<'l>) -> &(Vec<&'l PlacedFile<'l>>, bool) {
        let (layer, target) = (self.layer, self.target);
        self.known.entry(&file.place).or_insert_with(|| {
            let examined = examine(layer, &[], file, target, None);
            let loads = examined.loads();
            (examined.needs, loads)
        })
    }

    fn loads(&mut self, file: &'l PlacedFile<'l>) -> bool {
        self.look(file).1
    }

    /// The file, and all that it needs in turn.
    fn needed_by(&mut self, file: &'l PlacedFile<'l>) -> Vec<&'l PlacedFile<'l>> {
        let (mut todo, mut seen, mut needed) = (vec![file], HashSet::new(), Vec::new());
        while let Some(file) = todo.pop() {
            if seen.insert(&*file.place) {
                needed.push(file);
                todo.extend(self.look(file).0.iter().copied());
            }
        }
        needed
    }
}
