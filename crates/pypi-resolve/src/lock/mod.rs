//! Lock files: `pylock.toml` of PEP 751 (<https://packaging.python.org/en/latest/specifications/pylock-toml/>), which
//! layerpack writes too, and `uv.lock`, `poetry.lock` and `Pipfile.lock`, which are read as they are.
//!
//! Here live what a `pylock.toml` says ([`PyLock`]), reading it strictly, writing it so that one resolution gives one
//! text, the way from a [`crate::resolve::Resolution`], and whether it still satisfies its source; and one reader for
//! each lock of others. All of them give a [`LockedSet`], what is installed on one target, and that gives the
//! resolution, and what the lock lacks there.
//!
//! Nothing is downloaded and no version is chosen here.

mod address;
mod any;
mod below;
mod changes;
mod choose;
mod condition;
mod convert;
mod entry;
mod environments;
mod error;
mod exclude;
mod kind;
mod listed;
mod locate;
mod pipfile;
mod poetry;
mod pylock;
mod read;
mod satisfied;
mod scope;
mod selection;
mod set;
mod survey;
mod uv;
mod write;

pub use any::{Beside, Lock};
pub use changes::Changes;
pub use convert::LockMeta;
pub use error::LockError;
pub use kind::LockKind;
pub use listed::Listed;
pub use pipfile::PipfileLock;
pub use poetry::PoetryLock;
pub use pylock::{Dependency, LockedPackage, LockedWheel, PyLock, WheelPlace};
pub use selection::Selection;
pub use set::LockedSet;
pub use uv::UvLock;
