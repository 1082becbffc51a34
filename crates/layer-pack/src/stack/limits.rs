//! A stack against Lambda's limits, and what is packed twice in it.

use std::collections::BTreeMap;

use lambda_compat::{Code, Finding, Severity};
use wheel_tags::{DistName, Version};

use super::{Grouped, Owner, Part, Stack};
use crate::weight::ways_out;
use crate::{DIRECT_UPLOAD_LIMIT, ENTRIES_LIMIT, Layout};

/// Layers that a function may have.
pub const LAYERS_LIMIT: usize = 5;

/// Where AWS states the limits.
pub const LIMITS_PAGE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";

/// A zip with marks of zip64 that Lambda refused now and then.
pub(crate) const ZIP64_PAGE: &str = "https://github.com/sst/sst/issues/6660";

const MERGED: &str = "https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html";

/// Packages that a message lists at most.
const LISTED: usize = 5;

impl Stack {
    /// What there is to say of the limits, where everything may have `limit` bytes unzipped: LP401, LP404, LP405 and
    /// LP407; of names: LP208 and LP209; and of what is packed twice: LP408. Sorted.
    #[must_use]
    pub fn findings(&self, limit: u64) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.over(limit).into_iter().chain(self.too_many_layers()).collect();
        findings.extend(self.parts.iter().flat_map(of_part));
        findings.extend(self.twice());
        findings.sort();
        findings
    }

    fn over(&self, limit: u64) -> Option<Finding> {
        let total = self.mass().unzipped;
        let excess = total.checked_sub(limit).filter(|excess| *excess > 0)?;
        let message = format!("{total} bytes unzipped against a limit of {limit}: {excess} too many");
        let heaviest = self.groups().into_iter().filter_map(|Grouped { group, .. }| match &group.owner {
            Owner::Package { name, version, .. } => Some((format!("{name} {version}"), group.mass.unzipped)),
            Owner::Folder(_) => None,
        });
        let help = ways_out(total, limit, heaviest.take(LISTED), &self.savings());
        Some(Finding::error(Code::OverBudget, message).help(help).source(LIMITS_PAGE))
    }

    fn too_many_layers(&self) -> Option<Finding> {
        let layers = self.layers();
        (layers > LAYERS_LIMIT).then(|| {
            Finding::error(Code::TooManyLayers, format!("{layers} layers; a function may have {LAYERS_LIMIT}"))
                .help("put two layers into one, or use a container image, which has no layers")
                .source(LIMITS_PAGE)
        })
    }

    /// Of each package that several parts have, one warning.
    fn twice(&self) -> Vec<Finding> {
        let mut holders: BTreeMap<&DistName, Vec<(&Part, &Version)>> = BTreeMap::new();
        for part in &self.parts {
            for group in &part.groups {
                if let Owner::Package { name, version, .. } = &group.owner {
                    holders.entry(name).or_default().push((part, version));
                }
            }
        }
        let twice = |(name, holders): (&DistName, Vec<(&Part, &Version)>)| {
            let [(first, version), .., (_, other)] = holders.as_slice() else { return None };
            // Two in one part are that part's own trouble, which check tells.
            if holders.iter().all(|(part, _)| std::ptr::eq(*part, *first)) {
                return None;
            }
            let times = if holders.len() == 2 { "twice".to_owned() } else { format!("{} times", holders.len()) };
            let (message, help) = if holders.iter().all(|(_, other)| other == version) {
                let places: Vec<&str> = holders.iter().map(|(part, _)| part.name.as_str()).collect();
                (
                    format!("{name} {version} is packed {times}: in {}", places.join(" and in ")),
                    "leave it out of all but one: every copy counts against the limit".to_owned(),
                )
            } else {
                let places: Vec<String> =
                    holders.iter().map(|(part, version)| format!("{version} in {}", part.name)).collect();
                let whose = if holders.iter().all(|(part, _)| part.kind == Layout::Layer) {
                    "of the layers the last one wins, file by file"
                } else {
                    "the function's own is imported, whatever the layers have"
                };
                (
                    format!("{name} is packed {times}: {}", places.join(", ")),
                    format!("{whose}; keep one of {version} and {other}"),
                )
            };
            Some(Finding::warning(Code::PackedTwice, message).help(help).source(MERGED))
        };
        holders.into_iter().filter_map(twice).collect()
    }
}

/// LP404, a note, LP405 and what is said of names: of one layer or function.
fn of_part(part: &Part) -> Vec<Finding> {
    let mut findings: Vec<Finding> = part
        .names
        .iter()
        .cloned()
        .map(|mut finding| {
            finding.message = format!("{}: {}", part.name, finding.message);
            finding
        })
        .collect();
    if let Some(zip) = part.zip.filter(|zip| *zip > DIRECT_UPLOAD_LIMIT) {
        let message =
            format!("{}: the zip has {zip} bytes, more than the {DIRECT_UPLOAD_LIMIT} of a direct upload", part.name);
        findings.push(
            Finding::new(Code::DirectUpload, Severity::Note, message)
                .help("upload it to S3 and publish from there; CDK, SAM and Terraform do so themselves")
                .source(LIMITS_PAGE),
        );
    }
    if part.files.len() as u64 > ENTRIES_LIMIT {
        let message =
            format!("{}: {} files, more than the {ENTRIES_LIMIT} of a zip without zip64", part.name, part.files.len());
        findings.push(
            Finding::error(Code::TooManyEntries, message)
                .help("split it, or use a container image instead")
                .source(ZIP64_PAGE),
        );
    }
    findings
}
