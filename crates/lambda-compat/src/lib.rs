//! What AWS Lambda's Python runtimes offer, as data, and the judge: does this wheel load there?
//!
//! Here live the runtime profiles (one TOML file each, every fact with its source), the ranking of compatibility tags
//! for a target, the facts that decide loading read from the bytes of a shared object, and the verdict: facts held
//! against a profile. No I/O, no clock: whoever asks hands over bytes and today's date.
//!
//! Reading archives is `wheel-archive`'s work; this crate never sees a path on disk.

mod code;
pub mod elf;
mod finding;
mod judge;
pub mod layer;
mod profile;
pub mod python;
mod rank;
mod sdk;
mod serde_text;
mod target;

pub use code::Code;
pub use finding::{Evidence, Finding, Severity, Verdict, verdict_of};
pub use judge::{advise, advise_except, judge, judge_loose};
pub use layer::{
    Contents, ExtensionName, ExtensionSuffix, FilesBelow, Given, JudgedLayer, Layer, NeededDistribution, NoContents,
    PlacedFile, PlacedFolder, Surroundings, WheelFacts, judge_layer, judge_whole,
};
pub use profile::{
    Availability, BundledPackage, Date, Difference, Fact, Grade, InvalidDate, InvalidProbe, InvalidSymbolVersion,
    LibraryFact, Probe, Profile, RootName, RuntimeName, Stage, SymbolFact, SymbolLevel, SymbolVersion, UnknownRuntime,
    default_runtime, differences, runtime, runtimes,
};
pub use rank::{Mismatch, Origin, Rank};
pub use sdk::{SdkAsker, runtime_sdk};
pub use target::{Arch, GlibcVersion, InvalidGlibcVersion, MarkerValues, Target, UnknownArch};
