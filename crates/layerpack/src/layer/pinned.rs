//! Who is asked for a package: the index that the project pins it to, else all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lambda_compat::{Code, Target};
use pypi_resolve::index::{DEFAULT_INDEX, Index, IndexError, IndexFile, IndexUrl, Project};
use pypi_resolve::project::IndexPin;
use pypi_resolve::requirements::marker_environment;
use pypi_resolve::resolve::Packages;
use wheel_archive::Metadata;
use wheel_tags::DistName;

use crate::failure::Failure;

/// Every pin of the project, with its index.
pub(super) struct Pins(Vec<(IndexPin, IndexUrl)>);

impl Pins {
    /// Looks up the names of the indexes.
    pub(super) fn new(pins: Vec<IndexPin>, named: &BTreeMap<String, IndexUrl>) -> Result<Self, Failure> {
        let found = pins.into_iter().map(|pin| {
            if let Some(index) = find(&pin.index, named) {
                return Ok((pin, index));
            }
            let IndexPin { name, index, place, .. } = pin;
            let message = format!("{place}: {name} comes from the index `{index}`, which has no URL");
            Err(Failure::new(Code::Usage, message)
                .help(format!("name it beside the pin, as [[tool.uv.index]], or give --index {index}=URL")))
        });
        found.collect::<Result<_, _>>().map(Self)
    }

    /// What decides whether a lock was made from them, line by line.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(pin, index)| {
            let marker = pin.marker.try_to_string().unwrap_or_default();
            format!("{} from {} ; {marker}", pin.name, index.without_credentials())
        })
    }

    /// Who is asked for a target.
    pub(super) fn on<'a>(&self, target: &Target, all: &'a Index) -> PinnedPackages<'a> {
        let environment = marker_environment(target);
        let mut by_name = BTreeMap::new();
        for (pin, index) in self.0.iter().filter(|(pin, _)| pin.marker.evaluate(&environment, &[])) {
            by_name.entry(pin.name.clone()).or_insert_with(|| index.clone());
        }
        PinnedPackages { all, by_name }
    }
}

/// The index of a name. Poetry makes no difference of case, and knows the public index without being told.
fn find(name: &str, named: &BTreeMap<String, IndexUrl>) -> Option<IndexUrl> {
    let in_any_case = || named.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, index)| index);
    let public = || DEFAULT_INDEX.parse().ok().filter(|_| name.eq_ignore_ascii_case("pypi"));
    named.get(name).or_else(in_any_case).cloned().or_else(public)
}

/// The indexes of one target.
pub(crate) struct PinnedPackages<'a> {
    all: &'a Index,
    by_name: BTreeMap<DistName, IndexUrl>,
}

impl PinnedPackages<'_> {
    /// The index that a package is pinned to.
    pub(crate) fn pinned(&self, name: &DistName) -> Option<&IndexUrl> {
        self.by_name.get(name)
    }
}

impl Packages for PinnedPackages<'_> {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        match self.pinned(name) {
            Some(index) => self.all.files_from(name, index),
            None => self.all.files(name),
        }
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        self.all.metadata(file)
    }

    fn prefetch(&self, name: &DistName) {
        match self.pinned(name) {
            Some(index) => self.all.prefetch_from(name, index),
            None => self.all.prefetch(name),
        }
    }

    fn prefetch_metadata(&self, file: &IndexFile) {
        self.all.prefetch_metadata(file);
    }
}
