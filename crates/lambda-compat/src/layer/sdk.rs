//! A part of the AWS SDK in the layer, beside the rest of it in the runtime.
//!
//! Every runtime brings boto3 with all it requires, and a layer comes before it on `sys.path`: a layer that has, say, a
//! `urllib3` of its own and no boto3 has the runtime's boto3 use that one
//! (<https://github.com/boto/boto3/issues/4579>, <https://github.com/aws/aws-lambda-base-images/issues/118>).

use wheel_tags::{DistName, Version};

use super::{Layer, WheelFacts};
use crate::code::Code;
use crate::finding::{Finding, Severity};
use crate::profile::BundledPackage;
use crate::target::Target;

const MIXED: &str = "https://github.com/boto/boto3/issues/4579";

/// LP417: the SDK's parts in a layer without boto3. A warning where the runtime's SDK excludes the version; of urllib3,
/// which many packages bring, a note where it admits it.
pub(super) fn judge(layer: &Layer<'_>, target: &Target, below: &[(DistName, Version)]) -> Vec<Finding> {
    let packed = |name: &str| layer.wheels().iter().find(|wheel| wheel.name.as_str() == name);
    let own = |name: &str| target.runtime.sdk.iter().find(|package| package.name.as_str() == name);
    let is_below = || below.iter().any(|(name, _)| name.as_str() == "boto3");
    let Some(boto3) = own("boto3").filter(|_| packed("boto3").is_none() && !is_below()) else { return Vec::new() };
    let parts = ["botocore", "s3transfer", "jmespath", "python-dateutil", "urllib3"];
    parts.iter().filter_map(|part| mixed(packed(part)?, own(part)?, boto3, target)).collect()
}

fn mixed(wheel: &WheelFacts<'_>, own: &BundledPackage, boto3: &BundledPackage, target: &Target) -> Option<Finding> {
    let WheelFacts { name, version, .. } = wheel;
    let of = format!("the runtime's own boto3 {} uses the layer's {name} {version}", boto3.version);
    let (severity, message) = if admits(name, version, own, target) {
        if name.as_str() != "urllib3" || *version == &own.version {
            return None;
        }
        (Severity::Note, format!("{of} instead of {}, which it admits", own.version))
    } else {
        (Severity::Warning, format!("{of}, which it excludes; the runtime has {}", own.version))
    };
    let finding = Finding::new(Code::MixedSdk, severity, message)
        .help("pack boto3 as well, so that all of it is of one kind")
        .source(MIXED);
    Some(match wheel.files.iter().find(|file| file.place.ends_with(".dist-info/METADATA")) {
        Some(file) => finding.at(file.entry),
        None => finding,
    })
}

/// Whether the runtime's SDK admits this version of one of its parts, by the `Requires-Dist` of boto3 and botocore (the
/// same from 1.34 to 1.42): botocore and s3transfer from the runtime's own on, within the same minor version.
fn admits(name: &DistName, version: &Version, own: &BundledPackage, target: &Target) -> bool {
    let series = |version: &Version| (version.release().first().copied(), version.release().get(1).copied());
    let major = version.release().first().copied().unwrap_or_default();
    match name.as_str() {
        "botocore" | "s3transfer" => *version >= own.version && series(version) == series(&own.version),
        "urllib3" if target.runtime.name.python() < (3, 10) => {
            series(version) >= (Some(1), Some(25)) && series(version) < (Some(1), Some(27))
        }
        "urllib3" => series(version) >= (Some(1), Some(25)) && major < 3 && version.release() != [2, 2, 0],
        "python-dateutil" => (2..3).contains(&major),
        "jmespath" => major < 2,
        _ => true,
    }
}
