//! Wheel bytes to manifest.
//!
//! Here live strict zip reading ([`inspect`], through the [`ReadAt`] trait), what a wheel says of itself (METADATA, WHEEL,
//! RECORD, entry points), the facts of its shared objects, and the content-addressed [`Store`] of wheels and manifests.
//! [`read_archive`] reads any other zip that Lambda unpacks as strictly; [`list_archive`] reads its directory only.
//! A manifest holds facts, never a verdict: whether a wheel loads is `lambda-compat`'s judgement. No network: who reads
//! over HTTP brings a [`ReadAt`].

mod alike;
mod archive;
mod cache;
mod digest;
mod dist_info;
mod entry_path;
mod entry_points;
mod fault;
mod headers;
mod inflate;
mod inspect;
mod installed;
mod licence;
mod listing;
mod manifest;
mod metadata;
mod native;
mod read_at;
mod record;
mod slashes;
mod store;
mod temporary;
mod verify;
mod wheel_file;
mod words;
mod zip;

pub use alike::{alike, folded};
pub use archive::{Archive, ArchivedFile, ArchivedFolder, read_archive};
pub use cache::{
    CacheFile, CacheKind, CacheListing, CachePart, Keeping, Layout, list_cache, mark_used, temporary_in_cache,
};
pub use digest::{InvalidSha256, Sha256};
pub use entry_path::{EntryPath, UnsafePath};
pub use entry_points::{EntryPoint, ScriptKind};
pub use fault::settled;
pub use inspect::{Inspection, hash, inspect, read_metadata};
pub use installed::Installed;
pub use licence::{Licence, licence_of};
pub use listing::{ListedFile, Listing, list_archive};
pub use manifest::{Entry, Manifest, Unpacker, entry_bytes};
pub use metadata::{MAX_METADATA, Metadata, MetadataError};
pub use native::native_facts;
pub use read_at::{FileAt, ReadAt, read_bounded};
pub use record::{Recorded, recorded, recorded_paths};
pub use slashes::with_slashes;
pub use store::{Incoming, ReceiveError, Store, StoreLock, StoredWheel};
pub use temporary::{TemporaryFile, TemporaryFolder, clear_left_behind, clear_temporaries, is_clearing};
pub use wheel_file::WheelInfo;
pub use words::opens_libraries;
pub use zip::{Method, not_a_zip};
