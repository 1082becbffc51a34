//! Contents that do not come out of a wheel as they are: what layerpack writes itself, and local files.

use std::sync::Arc;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use wheel_archive::{Method, Sha256};

/// A file's contents in the form in which they stand in the zip. Clones share them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub(crate) method: Method,
    /// Deflated or as they are, after `method`.
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) sha256: Sha256,
}

impl Made {
    /// Takes a file's contents; they are kept deflated where that is smaller.
    #[must_use]
    pub fn new(contents: Vec<u8>) -> Self {
        let size = contents.len() as u64;
        let crc32 = crc32fast::hash(&contents);
        let sha256 = Sha256::of(&contents);
        let deflated = deflate(&contents);
        let (method, bytes) =
            if deflated.len() < contents.len() { (Method::Deflated, deflated) } else { (Method::Stored, contents) };
        Self { method, bytes: Arc::new(bytes), size, crc32, sha256 }
    }

    /// The contents again, as they were taken.
    pub(crate) fn contents(&self) -> Vec<u8> {
        match self.method {
            Method::Stored => self.bytes.to_vec(),
            Method::Deflated => decompress_to_vec(&self.bytes).expect("what was deflated here inflates"),
        }
    }
}

/// The one encoder and level that layerpack compresses with. Its output is part of every layer's sha256: changing
/// either is a breaking release, as is a release of `miniz_oxide` (pinned for that reason) that writes other bytes.
///
/// Most of what is compressed here is RECORD, digests that hardly give way: botocore's 229 kB become 72.7 kB in 11 ms at
/// level 6 and 73.1 kB in 4 ms at level 4, which every build waits for.
fn deflate(contents: &[u8]) -> Vec<u8> {
    const LEVEL: u8 = 4;
    compress_to_vec(contents, LEVEL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn contents_come_back_and_are_never_larger(contents in prop::collection::vec(0..4_u8, 0..500)) {
            let made = Made::new(contents.clone());
            prop_assert_eq!(made.size, contents.len() as u64);
            prop_assert!(made.bytes.len() <= contents.len());
            prop_assert_eq!(made.method == Method::Stored, made.bytes.len() == contents.len());
            prop_assert_eq!(made.contents(), contents);
        }
    }
}
