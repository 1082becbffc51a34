//! Where the entries of one wheel go.
//!
//! As `pip install --target` lays them, which is an installation with pip's `home` scheme (`posix_home` of Python's
//! `sysconfig`) whose folders are then moved to the target (`_handle_target_dir` in pip's `commands/install.py`):
//!
//! | in the wheel | in the layer |
//! | --- | --- |
//! | the root, `.data/purelib`, `.data/platlib` | `python/` |
//! | `.data/data` | `python/` |
//! | `.data/headers` | `python/include/python/<name>/` |
//! | `.data/scripts`, entry points | `python/bin/` |
//!
//! In a function all of it is the same without `python/`.
//!
//! In one thing pip is not followed: when a wheel has `.data/data/lib/…`, pip's move drops it, since its own `lib`
//! folder is in the way. Here it is kept, as uv does.

use wheel_archive::{Entry as WheelEntry, EntryPath, Manifest};

use super::{Content, Entry, LayerInput, PlanError, PlanOptions, mode_of};
use crate::launcher::{launcher, with_interpreter};
use crate::{LayerPath, Layout, Made};

/// Where the layer has the distribution's RECORD.
pub(super) fn record_path(manifest: &Manifest, layout: Layout) -> LayerPath {
    LayerPath::on_sys_path(layout, &manifest.dist_info).child("RECORD")
}

/// Adds everything that the wheel brings, RECORD left out: it has to be written anew.
pub(super) fn lay<'a>(
    wheel: LayerInput<'a>,
    options: &PlanOptions,
    laid: &mut Vec<Entry<'a>>,
) -> Result<(), PlanError> {
    let (manifest, layout) = (wheel.manifest, options.layout);
    laid.reserve(manifest.entries.len() + manifest.entry_points.len());
    for entry in &manifest.entries {
        if is_record(manifest, &entry.path) {
            continue;
        }
        let path = match entry.path.data_scheme() {
            None => LayerPath::on_sys_path(layout, &entry.path),
            Some((scheme, below)) => {
                let below: EntryPath = below.parse().map_err(|_| unknown_scheme(manifest, entry))?;
                match scheme {
                    "purelib" | "platlib" | "data" => LayerPath::on_sys_path(layout, &below),
                    "headers" => {
                        let name: EntryPath =
                            manifest.metadata.name.as_str().parse().map_err(|_| unknown_scheme(manifest, entry))?;
                        LayerPath::in_folder(layout, "include/python", &name).join(&below)
                    }
                    // Old setuptools puts its own launchers here as well; pip leaves them out, too.
                    "scripts" if is_entry_point(manifest, &below) => continue,
                    "scripts" => {
                        laid.push(script(wheel, entry, &below, options)?);
                        continue;
                    }
                    _ => return Err(unknown_scheme(manifest, entry)),
                }
            }
        };
        laid.push(Entry {
            mode: mode_of(&path, entry.executable),
            path,
            content: Content::Copied { wheel, entry },
            package: Some(&manifest.metadata.name),
        });
    }
    for entry_point in &manifest.entry_points {
        let name: EntryPath = entry_point.name.parse().map_err(|_| PlanError::EntryPoint {
            wheel: manifest.filename.to_string(),
            name: entry_point.name.clone(),
        })?;
        let path = LayerPath::in_folder(layout, "bin", &name);
        laid.push(Entry {
            mode: mode_of(&path, true),
            path,
            content: Content::Made(Made::new(launcher(&options.interpreter, entry_point))),
            package: Some(&manifest.metadata.name),
        });
    }
    Ok(())
}

/// RECORD, and the signatures of it that PEP 427 allowed for: they sign a text that the layer does not hold.
fn is_record(manifest: &Manifest, path: &EntryPath) -> bool {
    path.as_str()
        .strip_prefix(manifest.dist_info.as_str())
        .is_some_and(|name| matches!(name, "/RECORD" | "/RECORD.jws" | "/RECORD.p7s"))
}

fn is_entry_point(manifest: &Manifest, script: &EntryPath) -> bool {
    manifest.entry_points.iter().any(|entry_point| entry_point.name == script.as_str())
}

fn script<'a>(
    wheel: LayerInput<'a>,
    entry: &'a WheelEntry,
    below: &EntryPath,
    options: &PlanOptions,
) -> Result<Entry<'a>, PlanError> {
    // Programs are shipped as scripts too, tens of megabytes of them: what is known to be one is not read.
    let copied = Content::Copied { wheel, entry };
    let rewritten = if entry.binary.is_some() { None } else { with_interpreter(&options.interpreter, &copied.read()?) };
    let path = LayerPath::in_folder(options.layout, "bin", below);
    Ok(Entry {
        mode: mode_of(&path, true),
        path,
        content: rewritten.map_or(copied, |bytes| Content::Made(Made::new(bytes))),
        package: Some(&wheel.manifest.metadata.name),
    })
}

fn unknown_scheme(manifest: &Manifest, entry: &WheelEntry) -> PlanError {
    PlanError::DataScheme { wheel: manifest.filename.to_string(), entry: entry.path.clone() }
}
