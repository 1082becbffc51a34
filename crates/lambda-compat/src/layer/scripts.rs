//! Scripts and programs that Lambda starts itself: a function's `bootstrap` or `run.sh`, a layer's wrapper script, and
//! its extensions.

use super::{FUNCTION, LAYERS, Layer, PlacedFile};
use crate::code::Code;
use crate::finding::{Finding, Severity};

/// Everything in this folder is started: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>.
const EXTENSIONS: &str = "/opt/extensions";
/// Bytes of a script that are looked at.
const HEAD: usize = 64 << 10;
/// Files at the root that are read: nobody puts many scripts there.
const MOST: usize = 64;

const PERMISSIONS: &str = "https://repost.aws/knowledge-center/lambda-deployment-package-errors";
const WRAPPERS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html";

/// LP419 and LP420.
pub(super) fn judge(layer: &Layer<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let at_root = |file: &&PlacedFile<'_>| [FUNCTION, LAYERS].contains(&file.folder()) && may_be_script(file);
    for file in layer.files().filter(at_root).take(MOST) {
        let Some(mut bytes) = layer.read(&file.place) else { continue };
        bytes.truncate(HEAD);
        if !bytes.starts_with(b"#!") {
            continue;
        }
        let severity = severity(file);
        findings.extend(not_executable(file, severity));
        if bytes.windows(2).any(|pair| pair == b"\r\n") {
            let message = "a script with Windows line ends: Linux takes the carriage return for a part of each line";
            findings.push(
                Finding::new(Code::WindowsLineEnds, severity, message)
                    .at(file.entry)
                    .help("save it with Unix line ends (dos2unix; `*.sh text eol=lf` in .gitattributes)")
                    .source(WRAPPERS),
            );
        }
    }
    let extensions = layer.files().filter(|file| file.folder() == EXTENSIONS);
    findings.extend(extensions.filter_map(|file| not_executable(file, Severity::Error)));
    findings
}

/// By its name: modules, texts and data at a function's root are not started, whatever their first line says.
fn may_be_script(file: &PlacedFile<'_>) -> bool {
    file.binary.is_none() && matches!(file.suffix(), None | Some("sh" | "bash"))
}

/// Under these names Lambda, or its Web Adapter, starts a script; any other may never be.
fn severity(file: &PlacedFile<'_>) -> Severity {
    if matches!(file.name(), "bootstrap" | "run.sh") { Severity::Error } else { Severity::Warning }
}

fn not_executable(file: &PlacedFile<'_>, severity: Severity) -> Option<Finding> {
    let mode = file.mode.filter(|mode| mode & 0o111 == 0)?;
    let message = format!("a script without x bit (mode {:04o}): it cannot be started", mode & 0o7777);
    let help = format!("chmod 755 {} before packing", file.entry);
    Some(Finding::new(Code::NotExecutable, severity, message).at(file.entry).help(help).source(PERMISSIONS))
}
