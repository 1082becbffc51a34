//! Builders for the tests: wheels, zip archives, ELF files, and a package index on loopback with certificates for it.
//!
//! Everything is made from what a test says and nothing else: no clock, no randomness (but the keys of certificates), no
//! files but the ones asked for, so that the same calls give the same bytes anywhere. The crate knows no other crate of the workspace: what it writes
//! is a second opinion on the formats, not the code under test run backwards. It panics freely, since it serves tests.

#![expect(clippy::missing_panics_doc, reason = "a panic here is a mistake of the test that calls")]

mod elf;
mod host;
mod http;
mod index;
mod tls;
mod tree;
mod wheel;
mod zip;

pub use elf::{ElfBuilder, MACHO_64, MACHO_FAT, Machine, PE};
pub use host::slashed;
pub use http::{Request, Response};
pub use index::{FakeIndex, FakeIndexBuilder, Fault, IndexFile, PageFormat};
pub use tls::{Authority, Tls};
pub use tree::{Tree, zip_listing};
pub use wheel::WheelBuilder;
pub use zip::{
    Descriptor, End, Fields, METHOD_DEFLATED, METHOD_STORED, Zip64End, ZipBuilder, ZipEntry, deflate, extra_field,
    zip64_extra,
};
