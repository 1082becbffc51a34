//! What the command line means: which sources, which targets, which indexes, where the output goes. Each is worked out
//! once, here; the commands only see the result.

mod age;
mod built;
mod checked;
mod function;
mod ignore;
mod indexes;
mod jobs;
mod layers;
mod leave_out;
mod outputs;
mod packages_file;
mod platform;
mod policy;
mod probe;
mod size;
mod sizes;
mod source;
mod targets;

pub(crate) use age::parse_age;
pub(crate) use built::{BuiltBelow, FinishedBelow};
pub(crate) use checked::{CheckedPath, plan_checked, plan_file};
pub(crate) use ignore::{Exceptions, Ignores};
pub(crate) use indexes::{Choosing, Places, run_cache_dir, settle_index};
pub(crate) use jobs::Jobs;
pub(crate) use layers::{Configured, PlannedBelow, PlannedLayer, plan_layers};
pub(crate) use leave_out::slim;
pub(crate) use outputs::{Destination, OutputPlan, stem};
pub(crate) use packages_file::PACKAGES_FILES;
pub(crate) use platform::platform_notes;
pub(crate) use policy::policy;
pub(crate) use probe::read_probe;
pub(crate) use size::{parse_reserved, parse_size};
pub(crate) use sizes::plan_sizes;
pub(crate) use source::{LayerSource, existing, expand, is_wheel, located};
pub(crate) use targets::{
    Asker, CheckTargets, Targets, check_targets, each_once, one_target, runtime_dates, source_targets,
};
