//! One layer of a run: what its source asks for (`Asked`), what it takes on a target (`Chosen`), its wheels on disk, and
//! what is written of it. The commands put these steps together.

mod asked;
mod below;
mod built;
mod by_target;
mod common;
mod decide;
mod earlier;
mod function;
mod held_against;
mod job;
mod judge;
mod kept;
mod local;
mod lock_file;
mod lock_index;
mod own_files;
mod pinned;
mod requirements;
mod runtime_sdk;
mod several;
mod stamp;
mod survey;
mod together;
mod wheels;
mod write;

pub(crate) use asked::{Asked, Chosen, Reading};
pub(crate) use below::{Below, Brought, Finished, FinishedLayers};
pub(crate) use common::Common;
pub(crate) use earlier::{EarlierLock, Upgrade};
use function::Function;
pub(crate) use job::{Job, Made, Order};
pub(crate) use judge::{Together, UnmetAre, judge_all, needed, surroundings};
pub(crate) use kept::all_cache_parts;
pub(crate) use lock_file::LockFile;
pub(crate) use requirements::excluded;
pub(crate) use several::{OnTarget, Several};
pub(crate) use stamp::Stamp;
use stamp::StampKey;
pub(crate) use survey::NotSurveyed;
pub(crate) use wheels::{LayerWheel, download, inputs_of, learn_digests, open_wheels};
use write::Stopped;
