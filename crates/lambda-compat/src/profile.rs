//! The runtime profiles: what each of Lambda's Python runtimes offers. One TOML file per runtime in `profiles/`, one per
//! root that several share, every fact with its source and the day it was checked. Nothing is said in code that a profile
//! could say.

mod fact;
mod library;
mod listing;
mod name;
mod probe;
mod root;
mod standard;
mod symbols;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use wheel_tags::{DistName, Version};

pub use fact::{Date, Fact, InvalidDate};
pub use library::{Availability, Grade, LibraryFact, SymbolFact};
pub use name::{RuntimeName, UnknownRuntime};
pub use probe::{Difference, InvalidProbe, Probe, differences};
pub use root::RootName;
pub use symbols::{InvalidSymbolVersion, SymbolLevel, SymbolVersion};

use crate::target::{Arch, GlibcVersion};
use listing::{Doubt, Listing};

/// The profiles by the minor version of their Python, oldest first.
const SOURCES: [(u8, &str); 8] = [
    (8, include_str!("../profiles/python3.8.toml")),
    (9, include_str!("../profiles/python3.9.toml")),
    (10, include_str!("../profiles/python3.10.toml")),
    (11, include_str!("../profiles/python3.11.toml")),
    (12, include_str!("../profiles/python3.12.toml")),
    (13, include_str!("../profiles/python3.13.toml")),
    (14, include_str!("../profiles/python3.14.toml")),
    (15, include_str!("../profiles/python3.15.toml")),
];

/// Whether a runtime is meant for production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Released, whether or not it has been deprecated since: dates say that.
    GenerallyAvailable,
    /// There, but not for production; its Python may still change its ABI.
    Preview,
}

/// A package that the runtime brings along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledPackage {
    /// Its name.
    pub name: DistName,
    /// The version last seen; AWS raises it without notice, region by region.
    pub version: Version,
    /// Where it was seen.
    pub source: String,
    /// When the source was last looked at.
    pub checked: Date,
    /// How sure it is, and what else to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What one of Lambda's Python runtimes offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// AWS's identifier.
    pub name: RuntimeName,
    /// Whether it is meant for production.
    pub stage: Fact<Stage>,
    /// The newest patch of its Python that was seen there; for a preview, the release that it leads to.
    pub python_full: Fact<Version>,
    /// The operating system, `Amazon Linux 2`.
    pub os: Fact<String>,
    /// The C library.
    pub glibc: Fact<GlibcVersion>,
    /// The newest `GLIBCXX_` symbols of `libstdc++.so.6`.
    pub glibcxx: Fact<SymbolLevel>,
    /// The newest `CXXABI_` symbols of `libstdc++.so.6`.
    pub cxxabi: Fact<SymbolLevel>,
    /// The newest `GCC_` symbols of `libgcc_s.so.1`: its numbering differs by architecture.
    pub libgcc: Fact<BTreeMap<Arch, SymbolLevel>>,
    /// The interpreter's path.
    pub interpreter: Fact<String>,
    /// The architectures that it runs on.
    pub arches: Fact<Vec<Arch>>,
    /// When it became generally available.
    pub released: Option<Fact<Date>>,
    /// From when on AWS no longer patches it.
    pub deprecated: Option<Fact<Date>>,
    /// From when on no function can be created with it.
    pub block_create: Option<Fact<Date>>,
    /// From when on no function that uses it can be updated.
    pub block_update: Option<Fact<Date>>,
    /// The folders of `LD_LIBRARY_PATH`.
    library_path: Fact<Vec<String>>,
    /// The system's files, which several runtimes share.
    pub root: Fact<RootName>,
    /// The libraries that come with its Python.
    libraries: Listing,
    /// What nobody has looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<Doubt>,
    /// What the user's own probes list: the folders in the order in which the loader looks.
    #[serde(skip_deserializing, skip_serializing_if = "BTreeMap::is_empty")]
    probes: BTreeMap<Arch, Vec<Listing>>,
    /// The AWS SDK and what comes with it, sorted by name.
    pub sdk: Vec<BundledPackage>,
}

impl Profile {
    /// Generally available and, on that day, not past its deprecation date.
    #[must_use]
    pub fn is_live(&self, today: Date) -> bool {
        self.stage.value == Stage::GenerallyAvailable && self.deprecated.as_ref().is_none_or(|d| today <= d.value)
    }
}

/// Every profile, from python3.8 to the newest.
///
/// # Panics
///
/// Never: the profiles are part of the program, and a test reads them.
#[must_use]
pub fn runtimes() -> &'static [Profile] {
    static PROFILES: OnceLock<Vec<Profile>> = OnceLock::new();
    PROFILES.get_or_init(|| {
        let parse = |&(_, text): &(u8, &str)| toml::from_str(text).expect("the profiles are part of the program");
        SOURCES.iter().map(parse).collect()
    })
}

/// The profile of a runtime.
///
/// # Panics
///
/// Never: a [`RuntimeName`] is the name of a profile.
#[must_use]
pub fn runtime(name: RuntimeName) -> &'static Profile {
    runtimes().iter().find(|profile| profile.name == name).expect("a runtime's name is the name of a profile")
}

/// The newest generally available runtime of this release: what is built for when nobody names one.
///
/// # Panics
///
/// Never: some profile is generally available.
#[must_use]
pub fn default_runtime() -> &'static Profile {
    let available = |profile: &&Profile| profile.stage.value == Stage::GenerallyAvailable;
    runtimes().iter().rev().find(available).expect("some profile is generally available")
}

#[cfg(test)]
mod tests;
