//! What the command line means: which sources, which targets, which indexes, where the output goes. Each is worked out
//! once, here; the commands only see the result.

mod age;
mod ignore;
mod outputs;
mod packages_file;
mod policy;
mod probe;
mod settings;
mod size;
mod source;
mod targets;

pub(crate) use age::parse_age;
pub(crate) use ignore::{Exceptions, Ignores};
pub(crate) use outputs::{Destination, OutputPlan};
pub(crate) use packages_file::PACKAGES_FILES;
pub(crate) use policy::policy;
pub(crate) use probe::read_probe;
pub(crate) use settings::{cache_dir, settle_index};
pub(crate) use size::parse_size;
pub(crate) use source::{LayerSource, existing, expand, is_wheel, read_file, read_sources};
pub(crate) use targets::{Asker, CheckTargets, Targets, check_targets, one_target, runtime_dates, source_targets};
