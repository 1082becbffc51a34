//! Manifests to a Lambda layer: plan, weight, deterministic zip, unpacked tree, report.
//!
//! [`plan`] decides what the layer holds, under which path and with which mode, and settles what two packages bring
//! under one path. [`weigh`] holds the plan against Lambda's limits before a byte is written. [`write_zip`] and
//! [`write_tree`] write it: the same plan gives the same bytes on any machine, whatever the umask, the time zone or the
//! number of cores. A [`Stack`] is weighed from what is finished. [`Report`] says what was written. [`read_held`] reads a finished layer or function, whoever packed it.
//!
//! Compressed bytes are copied out of the wheels as they are, so whoever calls has had the wheels inspected
//! (`wheel-archive`). Whether they load is `lambda-compat`'s business, which wheels to take `pypi-resolve`'s.

mod byte_size;
mod contents;
pub mod diff;
mod include;
mod launcher;
mod layout;
mod local;
mod made;
mod names;
mod pack_error;
mod path;
mod place;
mod plan;
mod publish;
mod record;
mod report;
mod sbom;
mod slim;
mod stack;
mod tree;
mod weight;
mod zip;

pub use byte_size::ByteSize;
pub use contents::{Held, HeldDistribution, HeldFile, HeldFolder, Listed, Trace, list_held, read_held, read_held_zip};
pub use include::{Included, find_include};
pub use layout::Layout;
pub use local::{LocalError, LocalFile, read_source};
pub use made::Made;
pub use pack_error::PackError;
pub use path::LayerPath;
pub use place::write_file;
pub use plan::{Content, Entry, LayerInput, LayerPlan, Mode, PlanError, PlanOptions, plan};
pub use publish::publish_command;
pub use report::{
    HeldBack, LeftToRuntime, Output, OutputKind, PackageSource, Report, ReportBelow, ReportError, ReportFile,
    ReportKept, ReportPackage, ReportSlimmed,
};
pub use sbom::{SbomLayer, SbomPackage, sbom};
pub use slim::{EXCEPTIONS, Exception, Kept, Slim, SlimRule, Slimmed, UnknownSlimRule};
pub use stack::{
    FileKind, Group, Grouped, LAYERS_LIMIT, LIMITS_PAGE, Mass, Owner, Part, PartFile, Reserved, Saving, SavingRule,
    Stack,
};
pub use tree::{WrittenTree, foreign_files, predict_tree, write_tree};
pub use weight::{
    Budget, DIRECT_UPLOAD_LIMIT, ENTRIES_LIMIT, OverBudget, PackageWeight, Tally, UNZIPPED_LIMIT, Weight, weigh,
};
pub use zip::{Written, predict_zip, write_zip};
