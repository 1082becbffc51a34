//! How much a layer weighs, held against Lambda's limits. No I/O: the zip's size is known before it is written.
//!
//! The limits are AWS's: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>. AWS counts k, M and
//! G as powers of 1,024; so do the texts here, which give bytes wherever a limit is judged.

use std::collections::BTreeMap;
use std::fmt;

use lambda_compat::{Code, Finding, Severity};
use serde::{Deserialize, Serialize};
use wheel_tags::{DistName, Version};

use crate::stack::{LIMITS_PAGE, Saving, SavingRule, ZIP64_PAGE};
use crate::zip::{DIRECTORY_END, directory_record_len, local_header_len};
use crate::{ByteSize, Entry, LayerPlan, Layout};

/// Bytes that a function and all its layers may have unpacked.
pub const UNZIPPED_LIMIT: u64 = 262_144_000;

/// Bytes of zip that `PublishLayerVersion` takes in the request itself; larger ones go through S3.
pub const DIRECT_UPLOAD_LIMIT: u64 = 52_428_800;

/// Entries that a zip can have without zip64, which Lambda has been seen to reject.
pub const ENTRIES_LIMIT: u64 = 65_535;

/// What a number of files weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Bytes, unpacked.
    pub unzipped: u64,
    /// Bytes in the zip, headers included.
    pub zipped: u64,
    /// Number of files.
    pub files: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, entry: &Entry<'_>) {
        let headers = local_header_len(&entry.path) + directory_record_len(&entry.path);
        self.unzipped = self.unzipped.saturating_add(entry.content.size());
        self.zipped = self.zipped.saturating_add(entry.content.compressed()).saturating_add(headers);
        self.files += 1;
    }
}

/// What one distribution adds to the layer. A file that several bring counts for the first of them by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageWeight {
    /// The distribution.
    pub name: DistName,
    /// Its version.
    pub version: Version,
    /// Bytes, unpacked.
    pub unzipped: u64,
    /// Bytes in the zip, headers included.
    pub zipped: u64,
    /// Number of files.
    pub files: u64,
}

/// What a layer weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// Layer or function.
    pub layout: Layout,
    /// Bytes, unpacked: what Lambda's limit counts.
    pub unzipped: u64,
    /// Bytes of the zip: exactly the size of the file that [`write_zip`](crate::write_zip) writes.
    pub zipped: u64,
    /// Number of files.
    pub files: u64,
    /// The distributions, heaviest first.
    pub packages: Vec<PackageWeight>,
    /// The files of the layer's source.
    pub own_files: Tally,
}

/// Weighs a layer.
#[must_use]
pub fn weigh(plan: &LayerPlan<'_>) -> Weight {
    let mut total = Tally::default();
    let mut own_files = Tally::default();
    let mut by_name: BTreeMap<&DistName, Tally> = BTreeMap::new();
    for entry in plan.entries() {
        total.add(entry);
        match entry.package {
            Some(name) => by_name.entry(name).or_default().add(entry),
            None => own_files.add(entry),
        }
    }
    let mut packages: Vec<PackageWeight> = plan
        .packages()
        .map(|manifest| {
            let name = manifest.metadata.name.clone();
            let Tally { unzipped, zipped, files } = by_name.get(&name).copied().unwrap_or_default();
            PackageWeight { name, version: manifest.metadata.version.clone(), unzipped, zipped, files }
        })
        .collect();
    packages.sort_by(|a, b| b.unzipped.cmp(&a.unzipped).then_with(|| a.name.cmp(&b.name)));
    let zipped = total.zipped.saturating_add(DIRECTORY_END);
    Weight { layout: plan.layout(), unzipped: total.unzipped, zipped, files: total.files, packages, own_files }
}

impl Weight {
    /// What is to be said of the zip's size and number of entries: LP404, a note, and LP405, an error.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.zipped > DIRECT_UPLOAD_LIMIT {
            let message =
                format!("the zip has {} bytes, more than the {DIRECT_UPLOAD_LIMIT} of a direct upload", self.zipped);
            findings.push(
                Finding::new(Code::DirectUpload, Severity::Note, message)
                    .help(format!(
                        "upload it to S3 and {} from there; CDK, SAM and Terraform do so themselves",
                        self.published()
                    ))
                    .source(LIMITS_PAGE),
            );
        }
        if self.files > ENTRIES_LIMIT {
            let message = format!(
                "the {} has {} files, more than the {ENTRIES_LIMIT} of a zip without zip64",
                self.layout.word(),
                self.files
            );
            findings.push(
                Finding::error(Code::TooManyEntries, message)
                    .help(format!("split the {}, or use a container image instead", self.layout.word()))
                    .source(ZIP64_PAGE),
            );
        }
        findings
    }

    fn published(&self) -> &'static str {
        match self.layout {
            Layout::Layer => "publish the layer",
            Layout::Function => "deploy the function",
        }
    }
}

/// How much a layer may weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes, unpacked, for everything that shares the budget.
    pub bytes: u64,
    /// Bytes of it that other layers and the function take.
    pub taken: u64,
}

impl Default for Budget {
    /// Lambda's limit, all of it for this layer.
    fn default() -> Self {
        Self { bytes: UNZIPPED_LIMIT, taken: 0 }
    }
}

impl Budget {
    /// What there is to say if the layer is over budget.
    #[must_use]
    pub fn over(&self, weight: &Weight) -> Option<OverBudget> {
        let total = weight.unzipped.saturating_add(self.taken);
        (total > self.bytes).then(|| OverBudget {
            budget: *self,
            layout: weight.layout,
            unzipped: weight.unzipped,
            excess: total - self.bytes,
            heaviest: weight.packages.iter().take(OverBudget::LISTED).cloned().collect(),
        })
    }
}

/// A layer over its budget. `Display` is the message, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverBudget {
    /// The budget.
    pub budget: Budget,
    /// Layer or function.
    pub layout: Layout,
    /// Bytes of it, unpacked.
    pub unzipped: u64,
    /// Bytes over the budget.
    pub excess: u64,
    /// The heaviest packages, heaviest first, no more than a few.
    pub heaviest: Vec<PackageWeight>,
}

impl OverBudget {
    const LISTED: usize = 5;

    /// The heaviest packages with what is left without each, what the savings would bring, and the way out.
    #[must_use]
    pub fn help(&self, savings: &[Saving]) -> String {
        let total = self.unzipped.saturating_add(self.budget.taken);
        let heaviest =
            self.heaviest.iter().map(|package| (format!("{} {}", package.name, package.version), package.unzipped));
        ways_out(total, self.budget.bytes, heaviest, savings)
    }

    /// LP401. `savings` are what could be left out of it.
    #[must_use]
    pub fn finding(&self, savings: &[Saving]) -> Finding {
        Finding::error(Code::OverBudget, self.to_string()).help(self.help(savings)).source(LIMITS_PAGE)
    }
}

/// What weighs most, with what is left of `total` bytes without each; what flags of `build` would leave of them; and the
/// way out.
pub(crate) fn ways_out(
    total: u64,
    limit: u64,
    heaviest: impl Iterator<Item = (String, u64)>,
    savings: &[Saving],
) -> String {
    let left = |bytes: u64| {
        let rest = total.saturating_sub(bytes);
        let fits = if rest <= limit { ", which fits" } else { "" };
        (ByteSize(rest), fits)
    };
    let listed: Vec<String> = heaviest
        .map(|(name, bytes)| format!("{name} takes {} (without it {})", ByteSize(bytes), left(bytes).0))
        .collect();
    let of_rule = |saving: &Saving| match saving.rule {
        SavingRule::Slim(rule) => Some((rule.name(), saving.mass.unzipped)),
        SavingRule::RuntimeSdk | SavingRule::SecondCopies => None,
    };
    let all: u64 = savings.iter().filter_map(of_rule).map(|(_, bytes)| bytes).sum();
    // A rule that brings next to nothing only makes the line longer.
    let (rules, bytes): (Vec<&str>, Vec<u64>) =
        savings.iter().filter_map(of_rule).filter(|(_, bytes)| *bytes >= all / 100).unzip();
    let mut flags: Vec<(String, u64)> = Vec::new();
    if !rules.is_empty() {
        flags.push((format!("--slim {}", rules.join(",")), bytes.iter().sum()));
    }
    let sdk = savings.iter().find(|saving| saving.rule == SavingRule::RuntimeSdk);
    flags.extend(sdk.map(|saving| ("--exclude-runtime-sdk".to_owned(), saving.mass.unzipped)));
    let flags: Vec<String> = flags
        .into_iter()
        .map(|(flag, bytes)| {
            let (rest, fits) = left(bytes);
            format!("{flag} would leave {rest}{fits}")
        })
        .collect();
    let ways = [listed.join(", "), flags.join(", "), "a container image may have 10 GB".to_owned()];
    ways.into_iter().filter(|way| !way.is_empty()).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} has {} bytes unzipped", self.layout.word(), self.unzipped)?;
        if self.budget.taken > 0 {
            let others = match self.layout {
                Layout::Layer => "other layers and the function",
                Layout::Function => "its layers",
            };
            write!(f, ", with {} of {others},", self.budget.taken)?;
        }
        write!(f, " against a limit of {}: {} too many", self.budget.bytes, self.excess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn package(name: &str, unzipped: u64) -> PackageWeight {
        PackageWeight {
            name: name.parse().expect("a valid name"),
            version: "1.0".parse().expect("a valid version"),
            unzipped,
            zipped: unzipped / 3,
            files: 10,
        }
    }

    fn weight(unzipped: u64) -> Weight {
        let packages = vec![package("pyarrow", unzipped / 2), package("numpy", unzipped / 4)];
        let layout = Layout::Layer;
        Weight { layout, unzipped, zipped: unzipped / 3, files: 20, packages, own_files: Tally::default() }
    }

    #[test]
    fn the_limit_itself_is_within_budget() {
        assert_eq!(Budget::default().over(&weight(UNZIPPED_LIMIT)), None);
        let over = Budget::default().over(&weight(UNZIPPED_LIMIT + 1)).expect("one byte too many");
        assert_eq!(over.excess, 1);
    }

    #[test]
    fn over_budget_says_what_weighs_most_and_the_way_out() {
        let over = Budget::default().over(&weight(300_000_000)).expect("over budget").finding(&[]);
        assert_eq!(over.code, Code::OverBudget);
        assert_snapshot!(over.message, @"the layer has 300000000 bytes unzipped against a limit of 262144000: 37856000 too many");
        assert_snapshot!(over.help.unwrap_or_default(), @"pyarrow 1.0 takes 143.1 MB (without it 143.1 MB), numpy 1.0 takes 71.5 MB (without it 214.6 MB); a container image may have 10 GB");
    }

    #[test]
    fn what_others_take_counts() {
        let budget = Budget { bytes: UNZIPPED_LIMIT, taken: 200_000_000 };
        let over = budget.over(&weight(62_144_001)).expect("over budget");
        assert_snapshot!(over, @"the layer has 62144001 bytes unzipped, with 200000000 of other layers and the function, against a limit of 262144000: 1 too many");
        assert_eq!(budget.over(&weight(62_144_000)), None);
    }

    #[test]
    fn zip_findings_start_above_their_limits() {
        let codes = |zipped, files| {
            let weight = Weight { zipped, files, ..weight(1) };
            weight.findings().iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(DIRECT_UPLOAD_LIMIT, ENTRIES_LIMIT), []);
        assert_eq!(codes(DIRECT_UPLOAD_LIMIT + 1, ENTRIES_LIMIT), [Code::DirectUpload]);
        assert_eq!(codes(1, ENTRIES_LIMIT + 1), [Code::TooManyEntries]);
    }
}
