//! The roots: the libraries in the file system that several runtimes share. One TOML file each in `profiles/roots/`,
//! read when it is first asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::listing::{Absence, Listing};
use super::{Fact, SymbolLevel};

/// The name of a root that the profiles know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RootName {
    /// Amazon Linux 2 as Lambda has it.
    #[serde(rename = "amazon-linux-2")]
    AmazonLinux2,
    /// Amazon Linux 2023 as Lambda has it.
    #[serde(rename = "amazon-linux-2023")]
    AmazonLinux2023,
}

impl fmt::Display for RootName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AmazonLinux2 => "amazon-linux-2",
            Self::AmazonLinux2023 => "amazon-linux-2023",
        })
    }
}

/// The libraries of a system as Lambda has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Root {
    pub(super) name: RootName,
    /// The folders, in the order in which the loader looks.
    pub(super) listing: Vec<Listing>,
    /// What is missing and has been missed.
    pub(super) absent: Vec<Absence>,
    /// The newest symbol versions of its libraries, by file name and prefix (`ZLIB_`).
    pub(super) symbols: BTreeMap<String, BTreeMap<String, Fact<SymbolLevel>>>,
}

impl RootName {
    /// Every root.
    #[cfg(test)]
    pub(super) const ALL: [Self; 2] = [Self::AmazonLinux2, Self::AmazonLinux2023];

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::AmazonLinux2 => include_str!("../../profiles/roots/amazon-linux-2.toml"),
            Self::AmazonLinux2023 => include_str!("../../profiles/roots/amazon-linux-2023.toml"),
        }
    }

    pub(super) fn root(self) -> &'static Root {
        static AMAZON_LINUX_2: OnceLock<Root> = OnceLock::new();
        static AMAZON_LINUX_2023: OnceLock<Root> = OnceLock::new();
        let cell = match self {
            Self::AmazonLinux2 => &AMAZON_LINUX_2,
            Self::AmazonLinux2023 => &AMAZON_LINUX_2023,
        };
        cell.get_or_init(|| toml::from_str(self.text()).expect("the roots are part of the program"))
    }
}
