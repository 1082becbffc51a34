//! A layer that is decided is written, or what would be is foretold: zip, tree, bill of materials, page, report.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;

use lambda_compat::Finding;
use layer_pack::{
    ByteSize, HeldBack, Layout, Output, OutputKind, PackError, PackageSource, Part, PlanError, Report, ReportBelow,
    SbomLayer, SbomPackage, Stack, WrittenTree, foreign_files, predict_tree, predict_zip, publish_command, sbom,
    write_file, write_tree, write_zip,
};
use pypi_resolve::resolve::PinSource;
use wheel_archive::{FileAt, Sha256, entry_bytes, licence_of, with_slashes};
use wheel_tags::WheelFilename;

use crate::failure::Failure;
use crate::layer::Stamp;
use crate::layer::decide::Decided;
use crate::layer::kept::tree_list;
use crate::plan::{Destination, stem};
use crate::report::{json, packages, size_page};
use crate::source_build::Built;

impl Decided<'_> {
    /// Writes what the destination asks for.
    pub(super) fn write(&self, destination: &Destination) -> Result<Stamp, Stopped> {
        let outputs = self.outputs(destination)?;
        let Self { order, chosen, wheels, weight, .. } = self;
        let zip = outputs.iter().find(|output| output.kind == "zip");
        let document = json::BuiltLayer {
            layer: order.asked.source.name.clone(),
            on_top_of: self.below.iter().map(|below| below.name.clone()).collect(),
            unchanged: false,
            dry_run: !order.writes,
            unzipped: Some(weight.unzipped),
            publish: zip.and_then(|zip| self.publish_command(&zip.path, zip.size)),
            outputs,
            packages: wheels.iter().map(|wheel| json::ResolvedPackage::from(&wheel.pin)).collect(),
            left_out: json::LeftOut::new(self.plan.slimmed(), &chosen.left_to_runtime),
            findings: self.all_findings(),
        };
        Ok(Stamp { summary: self.summary(), document })
    }

    /// What was said of it, and of packages that were built here, which was said with the resolution.
    fn all_findings(&self) -> Vec<Finding> {
        let is_packed = |built: &&Built| self.wheels.iter().any(|wheel| wheel.pin.wheel == built.filename);
        let built = self.order.asked.built.iter().filter(is_packed).map(Built::fact);
        self.findings.iter().cloned().chain(built).collect()
    }

    /// The lines that say what the layer holds and weighs.
    fn summary(&self) -> Vec<String> {
        let held_back: Vec<String> = self
            .wheels
            .iter()
            .filter_map(|wheel| {
                let held_back = wheel.pin.held_back.as_ref()?;
                let why = held_back.reasons.join("; ");
                Some(format!("{} {} ({} is newer: {why})", wheel.pin.name, wheel.pin.version, held_back.newest))
            })
            .collect();
        let count = packages(self.wheels.len());
        let mut lines = vec![match held_back.len() {
            0 => count,
            held_back => format!("{count}, {held_back} held back:"),
        }];
        lines.extend(held_back.into_iter().map(|line| format!("  {line}")));
        let (unzipped, zipped) = (self.function().in_words(&self.weight), ByteSize(self.weight.zipped));
        lines.push(format!("{unzipped} unzipped · {zipped} zipped"));
        lines
    }

    /// The report comes last, so that it never speaks of what is not there.
    fn outputs(&self, destination: &Destination) -> Result<Vec<json::Output>, Stopped> {
        let jobs = self.order.jobs;
        // A tree's place that is not ours is refused before anything is written.
        let known = match destination.tree() {
            Some(root) => self.known_files(root, destination)?,
            None => BTreeSet::new(),
        };
        // What the report says of them.
        let (mut reported, mut publish) = (Vec::new(), None);
        let mut outputs = Vec::new();
        if let Some(path) = destination.zip() {
            let write = if self.order.writes { write_zip } else { predict_zip };
            let written = write(&self.plan, path, jobs)?;
            outputs.push(json::Output::file("zip", path, written.size, written.sha256));
            let zip = Output::from(&written);
            publish = self.publish_command(&zip.file, zip.size);
            reported.push(zip);
        }
        if let Some(root) = destination.tree() {
            let written = self.tree((root, &known), destination.reports(), jobs)?;
            outputs.push(json::Output {
                kind: "tree".to_owned(),
                path: with_slashes(root),
                size: written.size,
                sha256: None,
                sha256_base64: None,
            });
            reported.push(Output::from(&written));
        }
        if let Some(path) = destination.sbom() {
            let (size, sha256) = self.file(path, &self.sbom()?)?;
            outputs.push(json::Output::file("sbom", path, size, sha256));
            reported.push(Output::file(OutputKind::Sbom, path, size, sha256));
        }
        if let Some(path) = destination.html() {
            let (size, sha256) = self.file(path, &self.page()?)?;
            outputs.push(json::Output::file("html", path, size, sha256));
            reported.push(Output::file(OutputKind::Html, path, size, sha256));
        }
        if let Destination::Folder { report: path, write_report: true, .. } = destination {
            let mut report = self.report();
            (report.publish, report.outputs) = (publish, reported);
            let (size, sha256) = self.file(path, &report.to_json())?;
            outputs.push(json::Output::file("report", path, size, sha256));
        }
        Ok(outputs)
    }

    /// The command of the AWS CLI that publishes the zip at this path; a function is not published so.
    fn publish_command(&self, zip: &str, size: u64) -> Option<String> {
        let source = &self.order.asked.source;
        let is_layer = source.layout == Layout::Layer;
        is_layer.then(|| publish_command(&source.name, self.target.runtime.name, self.target.arch, zip, size))
    }

    fn tree(
        &self,
        (root, known): (&Path, &BTreeSet<String>),
        reported: bool,
        jobs: NonZeroUsize,
    ) -> Result<WrittenTree, Stopped> {
        if !self.order.writes {
            return Ok(predict_tree(&self.plan, root, known)?);
        }
        // The list is written first: a tree that is interrupted is still known as ours. A cache that can only be read
        // serves as well, where the report tells the same.
        if let Err(failure) = self.remember_files(root, known) {
            if !reported {
                return Err(failure.into());
            }
            tracing::warn!("the files of {} are known by its report alone: {}", root.display(), failure.message);
        }
        Ok(write_tree(&self.plan, root, known, jobs)?)
    }

    /// Writes a file of text; gives its bytes and its digest.
    fn file(&self, path: &Path, text: &str) -> Result<(u64, Sha256), Stopped> {
        if self.order.writes {
            write_file(path, text.as_bytes())?;
        }
        Ok((text.len() as u64, Sha256::of(text.as_bytes())))
    }

    /// The layer as a treemap. It is called as in the other outputs' names.
    fn page(&self) -> Result<String, Stopped> {
        let name = stem(&self.order.asked.source.name, self.target);
        let stack = Stack { parts: vec![Part::of_plan(&name, &self.plan)?], reserved: Vec::new() };
        Ok(size_page(&stack, self.order.limit)?)
    }

    fn report(&self) -> Report {
        let sources: BTreeMap<_, _> = self
            .wheels
            .iter()
            .map(|wheel| {
                let source = match &wheel.pin.source {
                    PinSource::Index { url } | PinSource::Url(url) => PackageSource::url(url),
                    PinSource::Path(path) => PackageSource::file(path),
                };
                (wheel.pin.name.clone(), source)
            })
            .collect();
        let (runtime, arch) = (self.target.runtime.name, self.target.arch);
        let mut report = Report::new(&self.order.asked.source.name, runtime, arch, &self.plan, &self.weight, &sources);
        report.held_back.extend(self.wheels.iter().filter_map(|wheel| {
            let held_back = wheel.pin.held_back.as_ref()?;
            Some(HeldBack {
                name: wheel.pin.name.clone(),
                taken: wheel.pin.version.clone(),
                newest: held_back.newest.clone(),
                reasons: held_back.reasons.clone(),
            })
        }));
        report.left_to_runtime.clone_from(&self.chosen.left_to_runtime);
        let below = self.below.iter().map(|below| ReportBelow { name: below.name.clone(), unzipped: below.unzipped });
        report.below = below.collect();
        report.findings = self.all_findings();
        report.findings.sort();
        report
    }

    /// The packages as a bill of materials.
    fn sbom(&self) -> Result<String, Failure> {
        let mut packages = Vec::new();
        for wheel in self.wheels {
            let path = wheel.manifest.dist_info.as_str();
            let entry = wheel
                .manifest
                .entries
                .iter()
                .find(|entry| entry.path.as_str().strip_prefix(path).is_some_and(|rest| rest == "/METADATA"));
            let metadata = entry.map(|entry| entry_bytes(&wheel.open()?, entry).map_err(Failure::from)).transpose()?;
            packages.push(SbomPackage {
                name: wheel.pin.name.clone(),
                version: wheel.pin.version.clone(),
                sha256: wheel.manifest.sha256,
                licence: metadata.and_then(|metadata| licence_of(&metadata)),
                dependencies: wheel.pin.dependencies.clone(),
            });
        }
        let (runtime, arch) = (self.target.runtime.name.to_string(), self.target.arch.to_string());
        let layerpack = env!("CARGO_PKG_VERSION");
        let layer = SbomLayer { name: &self.order.asked.source.name, runtime: &runtime, arch: &arch, layerpack };
        Ok(sbom(&layer, &packages))
    }

    /// The files of a tree's place that layerpack wrote there before.
    fn known_files(&self, root: &Path, destination: &Destination) -> Result<BTreeSet<String>, Stopped> {
        let mut known: BTreeSet<String> = BTreeSet::new();
        if let Destination::Folder { report, .. } = destination {
            // A report that cannot be read knows nothing: what lies there is then refused, not replaced.
            if let Ok(report) = Report::read(report) {
                known.extend(report.paths().map(str::to_owned));
            }
        }
        if let Ok(list) = FileAt::read(tree_list(&self.order.asked.cache_dir, root)) {
            known.extend(String::from_utf8_lossy(&list).lines().map(str::to_owned));
        }
        let files = foreign_files(root, &known).map_err(Failure::from)?;
        if files.is_empty() {
            return Ok(known);
        }
        Err(PackError::Foreign { root: root.to_owned(), files }.into())
    }

    /// Keeps the list of a tree's files in the cache: the report may be missing, or older than the tree.
    fn remember_files(&self, root: &Path, known: &BTreeSet<String>) -> Result<(), Failure> {
        let mut list: BTreeSet<&str> = known.iter().map(String::as_str).collect();
        list.extend(self.plan.entries().iter().map(|entry| entry.path.as_str()));
        let text: Vec<&str> = list.into_iter().collect();
        Ok(write_file(&tree_list(&self.order.asked.cache_dir, root), text.join("\n").as_bytes())?)
    }
}

/// Why a layer was not written.
pub(crate) enum Stopped {
    /// A wheel's bytes are not those that were inspected.
    Damaged {
        filename: Box<WheelFilename>,
        sha256: Sha256,
    },
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<PlanError> for Stopped {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Damaged { filename, sha256 } => Self::Damaged { filename, sha256 },
            other => Self::Failed(Failure::from(other)),
        }
    }
}

impl From<PackError> for Stopped {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Damaged { filename, sha256 } => Self::Damaged { filename, sha256 },
            other => Self::Failed(Failure::from(other)),
        }
    }
}
