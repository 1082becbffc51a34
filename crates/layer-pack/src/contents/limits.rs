//! What Lambda refuses of a layer or function as a whole, whatever is in it: its size, the number and names of its files.

use lambda_compat::{Code, Finding, Severity};

use super::HeldFile;
use crate::stack::{LIMITS_PAGE, ZIP64_PAGE};
use crate::{DIRECT_UPLOAD_LIMIT, ENTRIES_LIMIT, Layout, UNZIPPED_LIMIT, names};

/// LP208, LP401, LP404 (a note), LP405, and of a folder LP209. `zip` are the bytes of the zip, if it is one.
pub(super) fn findings(files: &[HeldFile], zip: Option<u64>, layout: Layout) -> Vec<Finding> {
    let word = layout.word();
    let paths = || files.iter().map(|file| file.path.as_str());
    let mut findings: Vec<Finding> = paths().filter_map(|path| names::too_long(path, layout)).collect();
    if zip.is_none() {
        findings.extend(names::alike(paths().enumerate().map(|(number, path)| (path, number))));
    }
    let unzipped = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
    if unzipped > UNZIPPED_LIMIT {
        let excess = unzipped - UNZIPPED_LIMIT;
        let message =
            format!("the {word} has {unzipped} bytes unzipped against a limit of {UNZIPPED_LIMIT}: {excess} too many");
        findings.push(
            Finding::error(Code::OverBudget, message)
                .help("see what weighs most and what could go with layerpack size; a container image may have 10 GB")
                .source(LIMITS_PAGE),
        );
    }
    let Some(zip) = zip else { return findings };
    if zip > DIRECT_UPLOAD_LIMIT {
        let message = format!("the zip has {zip} bytes, more than the {DIRECT_UPLOAD_LIMIT} of a direct upload");
        findings.push(
            Finding::new(Code::DirectUpload, Severity::Note, message)
                .help("upload it to S3 and publish from there; CDK, SAM and Terraform do so themselves")
                .source(LIMITS_PAGE),
        );
    }
    if files.len() as u64 > ENTRIES_LIMIT {
        let message = format!("{} files, more than the {ENTRIES_LIMIT} of a zip without zip64", files.len());
        findings.push(
            Finding::error(Code::TooManyEntries, message)
                .help(format!("split the {word}, or use a container image instead"))
                .source(ZIP64_PAGE),
        );
    }
    findings
}
