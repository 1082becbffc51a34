//! What a wheel's native files are to its Python: which of them importing its packages loads, and which only a part.

use std::collections::{HashMap, HashSet};

use super::obstacle::{Examined, examine};
use super::reached::{Import, Reached};
use crate::layer::{Layer, PlacedFile};
use crate::target::Target;

/// Modules of which it is known that a file is a part of them. What has so many, all that it needs has as well, so that
/// no file is walked past more often.
const MOST_MODULES: usize = 1000;

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
        graph.look_at_all(own.clone());
        let barred = graph.barred();
        let files: Vec<_> = own.into_iter().map(|file| (file, reached.import_of(file))).collect();
        // Which of the ways is taken only the run time knows; where none of them loads, that does not matter.
        let is_open = |import: &Import| !import.always && import.by_name;
        let mut open = files.iter().filter(|(_, import)| import.as_ref().is_some_and(is_open));
        let none_loads = open.all(|(file, _)| barred.contains(&*file.place));
        for (file, import) in files {
            // Everything that it needs is used by what uses it.
            if let Some(import) = import.filter(|import| import.always || (none_loads && import.by_name)) {
                uses.followed = true;
                let imported = &mut uses.imported;
                graph.walk(file, |place| {
                    let is_new = !imported.contains_key(place);
                    if is_new {
                        imported.insert(place, import.package.clone());
                    }
                    is_new
                });
            } else if let Some(module) = reached.module_of(file) {
                let (parts, mut seen) = (&mut uses.parts, HashSet::new());
                graph.walk(file, |place| {
                    let modules = parts.entry(place).or_default();
                    let goes_on = seen.insert(place) && modules.len() < MOST_MODULES;
                    if goes_on {
                        modules.push(module.clone());
                    }
                    goes_on
                });
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
    /// Looks at the files and at all that they need in turn.
    fn look_at_all(&mut self, mut todo: Vec<&'l PlacedFile<'l>>) {
        let (layer, target, mut seen) = (self.layer, self.target, HashSet::new());
        while let Some(file) = todo.pop() {
            if seen.insert(&*file.place) {
                let (needs, _) = self.known.entry(&file.place).or_insert_with(|| {
                    let examined = examine(layer, &[], file, target, None);
                    let loads = examined.loads();
                    (examined.needs, loads)
                });
                todo.extend(needs.iter().copied());
            }
        }
    }

    /// The places of those that do not load, or that need one that does not.
    fn barred(&self) -> HashSet<&'l str> {
        let mut needed_by: HashMap<&str, Vec<&'l str>> = HashMap::new();
        for (place, (needs, _)) in &self.known {
            for need in needs {
                needed_by.entry(&*need.place).or_default().push(place);
            }
        }
        let mut todo: Vec<_> = self.known.iter().filter(|(_, (_, loads))| !loads).map(|(place, _)| *place).collect();
        let mut barred = HashSet::new();
        while let Some(place) = todo.pop() {
            if barred.insert(place) {
                todo.extend(needed_by.get(place).into_iter().flatten());
            }
        }
        barred
    }

    /// Goes to the file and to all that it needs in turn, past those only where `goes_on` says so.
    fn walk(&self, file: &'l PlacedFile<'l>, mut goes_on: impl FnMut(&'l str) -> bool) {
        let mut todo = vec![file];
        while let Some(file) = todo.pop() {
            if goes_on(&file.place)
                && let Some((needs, _)) = self.known.get(&*file.place)
            {
                todo.extend(needs.iter().copied());
            }
        }
    }
}
