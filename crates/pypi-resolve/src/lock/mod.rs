//! `pylock.toml`, the lock file of PEP 751: <https://packaging.python.org/en/latest/specifications/pylock-toml/>.
//!
//! Here live what a lock says ([`PyLock`]), reading it strictly, writing it so that one resolution gives one text, the
//! way from a [`crate::resolve::Resolution`] and back for one target, what it lacks there, and whether it still satisfies
//! its source.
//!
//! Nothing is downloaded and no version is chosen here.

mod convert;
mod error;
mod pylock;
mod read;
mod satisfied;
mod survey;
mod write;

pub use convert::LockMeta;
pub use error::LockError;
pub use pylock::{Dependency, LockedPackage, LockedWheel, PyLock, WheelPlace};
