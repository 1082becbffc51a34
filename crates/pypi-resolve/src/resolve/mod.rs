//! Requirements to pins: which version and which wheel of every package, for one target.
//!
//! Here live what is wanted ([`Wants`], [`Policy`]), the choice of a wheel within a version (`candidate`), PEP 440 as
//! ranges (`versions`), what depends on what (`graph`), the search (`provider`, by `PubGrub`), why there is no answer
//! (`explain`, [`ResolveError`]), and everything that a target lacks ([`survey()`], [`NoWheel`]).
//!
//! Where packages come from is behind [`Packages`]: an index, or a map in the tests. No I/O happens here otherwise.

mod below;
mod candidate;
mod catalog;
mod cutoff;
mod error;
mod explain;
mod graph;
mod in_short;
pub(crate) mod misfit;
mod near;
mod newest;
pub(crate) mod no_wheel;
mod pins;
mod provider;
mod resolution;
mod suggest;
mod survey;
mod together;
mod versions;
mod wants;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, Scope};

use lambda_compat::Target;
use pubgrub::PubGrubError;
use wheel_archive::Metadata;
use wheel_tags::DistName;

pub use below::{BelowMetadata, BelowPackage};
pub use cutoff::{BareDate, Cutoff, Cutoffs, Moment};
pub use error::{Report, ResolveError};
pub use newest::{Newest, newest};
pub use no_wheel::{Instead, NoWheel, Reason};
pub use resolution::{Asker, HeldBack, Link, Pin, PinSource, Resolution};
pub use survey::{Survey, Unmet, survey};
pub use together::{OnTarget, Shared, Sharing, Split, Together, resolve_together};
pub use wants::{LocalWheel, Policy, Preference, Prereleases, Wants};

pub(crate) use self::pins::{ELSEWHERE, left_out_by};
pub(crate) use self::versions::admits;

use self::catalog::Catalog;
use self::explain::Explained;
use self::graph::{Graph, Package};
use self::provider::{MAX_ROUNDS, Search, Stop};
use crate::index::{Index, IndexError, IndexFile, Project};

/// Where the resolver learns which files a project has, and what they depend on.
pub trait Packages: Sync {
    /// The files of a project.
    ///
    /// # Errors
    ///
    /// [`IndexError::UnknownProject`] where nobody knows the name; any other error ends the resolution unchanged.
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError>;

    /// The core metadata of a wheel.
    ///
    /// # Errors
    ///
    /// When it cannot be fetched or read.
    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError>;

    /// Says that [`Self::project`] is likely to be asked for this name; must not block.
    fn prefetch(&self, _name: &DistName) {}

    /// Says that [`Self::metadata`] is likely to be asked for this file; must not block.
    fn prefetch_metadata(&self, _file: &IndexFile) {}
}

impl Packages for Index {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        self.files(name)
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        Self::metadata(self, file)
    }

    fn prefetch(&self, name: &DistName) {
        Self::prefetch(self, name);
    }

    fn prefetch_metadata(&self, file: &IndexFile) {
        Self::prefetch_metadata(self, file);
    }
}

/// Chooses a version and a wheel for everything that is wanted and all that it depends on.
///
/// The newest versions that go together are taken, in the order of the requirement lines where they compete. The same
/// wants and the same answers of `packages` give the same resolution.
///
/// # Errors
///
/// [`ResolveError::Unsatisfiable`] with the reasons in sentences: LP301 to LP305, LP315 for local wheels of two
/// versions, LP506 for a requirement that no wheel can meet. [`ResolveError::Index`] passes on what an index failed
/// with.
pub fn resolve(
    wants: &Wants,
    target: &Target,
    packages: &dyn Packages,
    policy: &Policy,
) -> Result<Resolution, ResolveError> {
    attempt(wants, target, packages, policy, MAX_ROUNDS)
        .map_err(|failed| error_of(failed, wants, target, packages, policy))
}

/// The error, with what would have an answer.
fn error_of(failed: Failed, wants: &Wants, target: &Target, packages: &dyn Packages, policy: &Policy) -> ResolveError {
    match failed {
        Failed::Error(error) => error,
        Failed::Unsatisfiable(explained) => suggest::improved(*explained, wants, target, packages, policy).into(),
    }
}

/// Why one search has no answer.
enum Failed {
    Error(ResolveError),
    Unsatisfiable(Box<Explained>),
}

impl From<ResolveError> for Failed {
    fn from(error: ResolveError) -> Self {
        Self::Error(error)
    }
}

impl From<IndexError> for Failed {
    fn from(error: IndexError) -> Self {
        Self::Error(error.into())
    }
}

impl From<Failed> for ResolveError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Error(error) => error,
            Failed::Unsatisfiable(explained) => explained.report.into(),
        }
    }
}

/// One search, of so many rounds at most.
fn attempt(
    wants: &Wants,
    target: &Target,
    packages: &dyn Packages,
    policy: &Policy,
    most_rounds: u64,
) -> Result<Resolution, Failed> {
    let catalog = Catalog::new(wants, target, packages, policy)?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let search = searching(scope, &catalog, &over, most_rounds);
        let outcome = solve(&search);
        over.store(true, Ordering::Relaxed);
        outcome
    })
}

/// A search, with a thread that runs ahead of it until it is over.
fn searching<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    catalog: &'env Catalog<'env>,
    over: &'env AtomicBool,
    most_rounds: u64,
) -> Search<'env> {
    let (ahead, names) = mpsc::channel();
    let run_ahead = move || fetch_ahead(catalog, names, over);
    // Where no thread can be started, METADATA is fetched when the search asks for it.
    _ = thread::Builder::new().name("resolve-ahead".to_owned()).spawn_scoped(scope, run_ahead);
    Search::new(catalog, ahead, most_rounds)
}

fn solve(search: &Search<'_>) -> Result<Resolution, Failed> {
    loop {
        let stop = match pubgrub::resolve(search, Package::Root, Graph::root_version()) {
            Ok(solution) => return Ok(pins::resolution(&search.graph, &solution.into_iter().collect())?),
            Err(PubGrubError::NoSolution(tree)) => {
                return Err(Failed::Unsatisfiable(Box::new(explain::explain(&search.graph, tree)?)));
            }
            Err(
                PubGrubError::ErrorRetrievingDependencies { source, .. }
                | PubGrubError::ErrorChoosingVersion { source, .. }
                | PubGrubError::ErrorInShouldCancel(source),
            ) => source,
        };
        match stop {
            Stop::Index(error) => return Err(error.into()),
            Stop::TooLong => return Err(ResolveError::from(explain::too_long()).into()),
            Stop::WrongOrder => search.begin_anew(),
        }
    }
}

/// Waits for the page of each name and has the METADATA fetched of the version that will probably be taken, while the
/// search is still busy with other names.
fn fetch_ahead(catalog: &Catalog<'_>, names: mpsc::Receiver<(DistName, versions::Range)>, over: &AtomicBool) {
    for (name, range) in names {
        if over.load(Ordering::Relaxed) {
            return;
        }
        // An error is not lost: the search asks for the same page and meets it there.
        if catalog.below(&name).is_some() {
            continue;
        }
        let Ok(releases) = catalog.releases(&name) else { continue };
        if let Some(wheel) = releases.usable(&range).next().and_then(|release| releases.best(release).ok()) {
            catalog.prefetch_metadata(wheel);
        }
    }
}
