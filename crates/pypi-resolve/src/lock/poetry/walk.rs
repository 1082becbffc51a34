//! Locks of Poetry 1 say what depends on what, and not who wants it: this is the walk from the project along the edges
//! that hold on a target.
//!
//! Where a name has several entries, the newest that everybody on the way admits is taken, as Poetry's own solver does
//! with the locked versions. What that changes is walked again, until nothing does.

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::Target;
use pep440_rs::Version;
use pep508_rs::MarkerEnvironment;
use wheel_tags::DistName;

use super::{Edge, PoetryLock};
use crate::lock::condition::Condition;
use crate::lock::error::LockError;
use crate::lock::selection::Selection;
use crate::project::Project;
use crate::project::constraint::PoetryConstraint;
use crate::requirements::{Place, marker_environment};

/// Walks before a lock is given up.
const MOST_ROUNDS: usize = 64;
/// Edges that are looked at in one walk. Real locks have some thousand.
const MOST_STEPS: usize = 5_000_000;

/// What is reached, by the index of the package.
pub(super) type Reached = BTreeMap<usize, Node>;

/// A package that is reached.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) dependencies: BTreeSet<DistName>,
    pub(super) extras: BTreeSet<DistName>,
}

/// Which extras of packages are walked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extras {
    /// Those that somebody asks for.
    AsAsked,
    /// Nobody knows what is asked for: those that lead to packages which are locked and not optional.
    WhereLocked,
}

/// Everything that is asked of a name.
type Asked<'a> = BTreeMap<&'a DistName, Vec<&'a PoetryConstraint>>;

impl PoetryLock {
    /// What the project asks for: its main group, the groups and extras that were named.
    pub(super) fn roots(&self, selection: &Selection, project: &Project) -> Result<Vec<Edge>, LockError> {
        let brought_in: BTreeSet<&DistName> =
            selection.extras.iter().filter_map(|extra| self.extras.get(extra)).flatten().collect();
        let mut roots = Vec::new();
        for stated in project.poetry_roots(&selection.groups)? {
            if stated.optional && !brought_in.contains(&stated.name) {
                continue;
            }
            let condition = stated.marker.as_deref().map_or(Ok(Condition::always()), Condition::read);
            let condition = condition.map_err(|why| LockError::Project(project.unreadable(&stated.span, why)))?;
            roots.push(Edge { name: stated.name, constraint: stated.constraint, extras: stated.extras, condition });
        }
        Ok(roots)
    }

    /// Without a project: what nothing else depends on, and is neither optional nor for development.
    pub(super) fn guessed_roots(&self) -> Vec<Edge> {
        let wanted = |index: &usize| {
            self.packages.get(*index).is_some_and(|package| {
                !package.optional && package.category.as_deref().is_none_or(|category| category == "main")
            })
        };
        let needed: BTreeSet<&DistName> =
            self.packages.iter().flat_map(|package| &package.dependencies).map(|edge| &edge.name).collect();
        let (free, others): (Vec<usize>, Vec<usize>) = (0..self.packages.len())
            .filter(wanted)
            .partition(|&index| self.packages.get(index).is_some_and(|package| !needed.contains(&package.name)));
        let mut covered: BTreeSet<&DistName> = BTreeSet::new();
        let mut roots = Vec::new();
        // What is left after the first has its own circle.
        for package in free.into_iter().chain(others).filter_map(|index| self.packages.get(index)) {
            if covered.contains(&package.name) {
                continue;
            }
            roots.push(Edge {
                name: package.name.clone(),
                constraint: PoetryConstraint::any(),
                extras: BTreeSet::new(),
                condition: Condition::always(),
            });
            let mut queue = vec![&package.name];
            while let Some(name) = queue.pop() {
                if !covered.insert(name) {
                    continue;
                }
                let same = self.by_name.get(name).into_iter().flatten().filter_map(|&index| self.packages.get(index));
                queue.extend(same.flat_map(|package| &package.dependencies).map(|edge| &edge.name));
            }
        }
        roots
    }

    /// Everything that these edges lead to on a target.
    pub(super) fn walk(&self, target: &Target, roots: &[Edge], extras: Extras) -> Result<Reached, LockError> {
        let environment = marker_environment(target);
        let python = target.runtime.python_full.value.only_release();
        let mut asked = Asked::new();
        for _ in 0..MOST_ROUNDS {
            let chosen = self.choose(&asked, &python);
            let round = Round { lock: self, environment: &environment, chosen, extras };
            let (reached, now) = round.walk(roots)?;
            if now == asked {
                return Ok(reached);
            }
            asked = now;
        }
        Err(self.invalid("dependencies", "lead to other versions each time they are walked".to_owned()))
    }

    /// Of each name the newest entry that all constraints of the walk before, and the Python, admit.
    fn choose(&self, asked: &Asked<'_>, python: &Version) -> BTreeMap<&DistName, usize> {
        let admitted = |name: &DistName, index: &usize| {
            self.packages.get(*index).is_some_and(|package| {
                package.pythons.as_ref().is_none_or(|pythons| pythons.admits(python))
                    && asked.get(name).into_iter().flatten().all(|constraint| constraint.admits(&package.version))
            })
        };
        let newest = |indexes: &[usize], name: &DistName| {
            let admitted = indexes.iter().copied().filter(|index| admitted(name, index));
            admitted.max_by_key(|&index| self.packages.get(index).map(|package| &package.version))
        };
        self.by_name.iter().filter_map(|(name, indexes)| Some((name, newest(indexes, name)?))).collect()
    }

    fn invalid(&self, key: &'static str, why: String) -> LockError {
        let place = Place::new(self.file.display().to_string(), 0);
        LockError::Invalid { place, package: None, key, why }
    }
}

/// One walk, with the entry of each name settled before.
struct Round<'a> {
    lock: &'a PoetryLock,
    environment: &'a MarkerEnvironment,
    chosen: BTreeMap<&'a DistName, usize>,
    extras: Extras,
}

impl<'a> Round<'a> {
    fn walk(&self, roots: &'a [Edge]) -> Result<(Reached, Asked<'a>), LockError> {
        let mut reached = Reached::new();
        let mut asked = Asked::new();
        let mut seen: BTreeSet<(usize, Option<&DistName>)> = BTreeSet::new();
        let mut steps = 0_usize;
        // Packages with the extra by which they are entered; `None` at the front: the project.
        let mut queue: Vec<(Option<usize>, Option<&'a DistName>)> = vec![(None, None)];
        while let Some((from, extra)) = queue.pop() {
            let edges = match from {
                None => roots,
                Some(from) => self.lock.packages.get(from).map(|p| p.dependencies.as_slice()).unwrap_or_default(),
            };
            steps += edges.len();
            if steps > MOST_STEPS {
                return Err(self.lock.invalid("dependencies", format!("take more than {MOST_STEPS} steps to walk")));
            }
            let extras: BTreeSet<DistName> = extra.into_iter().cloned().collect();
            for edge in edges.iter().filter(|edge| self.holds(edge, &extras)) {
                let constraints = asked.entry(&edge.name).or_default();
                if !constraints.contains(&&edge.constraint) {
                    constraints.push(&edge.constraint);
                }
                let to = self.find(edge)?;
                if let Some(from) = from {
                    reached.entry(from).or_default().dependencies.insert(edge.name.clone());
                }
                reached.entry(to).or_default().extras.extend(edge.extras.iter().cloned());
                let ways = std::iter::once(None).chain(edge.extras.iter().map(Some));
                queue.extend(ways.filter(|way| seen.insert((to, *way))).map(|way| (Some(to), way)));
            }
        }
        Ok((reached, asked))
    }

    fn holds(&self, edge: &Edge, extras: &BTreeSet<DistName>) -> bool {
        if edge.condition.holds(self.environment, extras) {
            return true;
        }
        let to = self.chosen.get(&edge.name).and_then(|&index| self.lock.packages.get(index));
        let locked = to.is_some_and(|package| !package.optional);
        self.extras == Extras::WhereLocked && locked && edge.condition.may_hold(self.environment)
    }

    fn find(&self, edge: &Edge) -> Result<usize, LockError> {
        self.chosen.get(&edge.name).copied().ok_or_else(|| {
            self.lock
                .invalid("package", format!("has no {} that everybody who needs it on this target admits", edge.name))
        })
    }
}
