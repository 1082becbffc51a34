//! What stands behind the `#` of an address.

use wheel_archive::Sha256;

use super::hash::{HashDigest, InvalidHash};

/// `sha256=…&egg=…&subdirectory=…`, as pip has it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fragment {
    pub(crate) sha256: Option<Sha256>,
    pub(crate) egg: Option<String>,
    pub(crate) subdirectory: Option<String>,
    /// The algorithm of the first digest by which nothing is checked here.
    pub(crate) unchecked: Option<String>,
}

impl Fragment {
    /// Other digests are noted, other keys mean nothing.
    pub(crate) fn read(text: &str) -> Result<Self, InvalidHash> {
        let mut read = Self::default();
        for (key, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "sha256" if read.sha256.is_none() => {
                    read.sha256 = format!("sha256:{value}").parse::<HashDigest>()?.sha256();
                }
                "egg" => read.egg = Some(value.to_owned()),
                "subdirectory" => read.subdirectory = Some(value.to_owned()),
                "md5" | "sha1" | "sha224" | "sha384" | "sha512" => {
                    read.unchecked.get_or_insert_with(|| key.to_owned());
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments() {
        let digest = "0".repeat(64);
        let fragment = Fragment::read(&format!("egg=x&subdirectory=a/b&sha256={digest}&md5=1")).expect("a digest");
        assert_eq!(fragment.sha256.map(|sha256| sha256.to_string()), Some(digest));
        assert_eq!((fragment.egg.as_deref(), fragment.subdirectory.as_deref()), (Some("x"), Some("a/b")));
        assert_eq!(fragment.unchecked.as_deref(), Some("md5"));
        assert_eq!(Fragment::read("a.whl"), Ok(Fragment::default()));
        assert!(Fragment::read("sha256=00").is_err());
    }
}
