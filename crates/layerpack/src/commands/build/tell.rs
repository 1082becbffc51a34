//! What is said of the layers that are built, in the order of the run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lambda_compat::{Code, Date, Finding, Target};
use layer_pack::Layout;
use wheel_archive::with_slashes;

use super::groups::Done;
use crate::failure::Failure;
use crate::layer::{Asked, Job, Made, Stamp};
use crate::plan::runtime_dates;
use crate::report::{Console, about, json, slimmed_lines};

/// Layers as they are done, each told when it is its turn.
pub(super) struct Telling<'a> {
    jobs: &'a [Job<'a>],
    today: Date,
    /// What was done before its turn.
    early: BTreeMap<usize, Done>,
    /// Whose turn it is.
    due: usize,
    built: Vec<(Target, json::BuiltLayer)>,
    failures: Vec<Failure>,
}

impl<'a> Telling<'a> {
    /// Nothing is done yet; `failures` are those of layers that could not be read.
    pub(super) fn begin(jobs: &'a [Job<'a>], failures: Vec<Failure>, today: Date, console: &mut Console) -> Self {
        let telling = Self { jobs, today, early: BTreeMap::new(), due: 0, built: Vec::new(), failures };
        telling.layer_begins(console);
        telling
    }

    /// Takes what was done, and tells as much as is due.
    pub(super) fn take(&mut self, done: Vec<Done>, console: &mut Console) -> Result<(), Failure> {
        self.early.extend(done.into_iter().map(|one| (one.number, one)));
        while let Some((job, done)) = self.jobs.get(self.due).zip(self.early.remove(&self.due)) {
            for finding in &done.told {
                console.finding(finding);
            }
            match done.made {
                Ok(Made::Layer(stamp)) => self.tell(job, *stamp, console)?,
                // The stack says why.
                Ok(Made::Withheld(_)) => {}
                // A layer fails as the one below it has failed.
                Err(failure) if self.failures.contains(&failure) => {}
                Err(failure) => self.failures.push(failure),
            }
            self.due += 1;
            let is_last = self.jobs.get(self.due).is_none_or(|next| !std::ptr::eq(next.order, job.order));
            if let Some(advice) = differing(job.order.asked, &self.built).filter(|_| is_last) {
                console.summary(&advice);
            }
            self.layer_begins(console);
        }
        Ok(())
    }

    /// What was built, and what is wrong with the rest.
    pub(super) fn end(self) -> (Vec<(Target, json::BuiltLayer)>, Vec<Failure>) {
        (self.built, self.failures)
    }

    /// Before the first target of a layer, what there is to say of all of them.
    fn layer_begins(&self, console: &mut Console) {
        let Some(job) = self.jobs.get(self.due) else { return };
        let before = self.due.checked_sub(1).and_then(|before| self.jobs.get(before));
        if before.is_some_and(|before| std::ptr::eq(before.order, job.order)) {
            return;
        }
        for finding in runtime_dates(&job.order.asked.targets.all, self.today) {
            console.finding(&finding);
        }
    }

    fn tell(&mut self, job: &Job<'_>, mut stamp: Stamp, console: &mut Console) -> Result<(), Failure> {
        if console.is_text() {
            announce(job.order.asked, job.target, &stamp, console)?;
        }
        stamp.document.findings.extend(advice(job.order.asked));
        self.built.push((*job.target, stamp.document));
        Ok(())
    }
}

/// That nobody named a target.
fn advice(asked: &Asked) -> Option<Finding> {
    asked.targets.advice().map(|advice| Finding::warning(Code::DefaultTarget, advice))
}

/// The summary goes to stderr, the paths that were written to stdout.
fn announce(asked: &Asked, target: &Target, layer: &Stamp, console: &mut Console) -> Result<(), Failure> {
    let lock = asked.lock.as_ref().map(|lock| &lock.path);
    let files: Vec<String> = asked.config.iter().chain(lock).map(with_slashes).collect();
    let files = if files.is_empty() { String::new() } else { format!("   ({})", files.join(", ")) };
    let kind = if asked.source.layout == Layout::Function { "   function" } else { "" };
    console.summary(&format!("{}   {target}{kind}{files}", asked.source.name));
    for line in &layer.summary {
        console.summary(line);
    }
    for line in slimmed_lines(&layer.document.left_out, console.verbose > 0) {
        console.summary(&line);
    }
    match (layer.document.unchanged, layer.document.dry_run) {
        (true, false) => console.summary("nothing has changed, nothing was written"),
        (true, true) => console.summary("nothing has changed, nothing would be written"),
        (false, true) => console.summary("a dry run: this would be written"),
        (false, false) => {}
    }
    for output in &layer.document.outputs {
        let mut line = output.path.clone();
        if let Some(sha256) = &output.sha256 {
            let _ = write!(line, "   sha256 {sha256}");
        }
        // As a plan of Terraform wants it.
        if let Some(base64) = output.sha256_base64.as_ref().filter(|_| layer.document.dry_run) {
            let _ = write!(line, "   base64 {base64}");
        }
        console.result(&line)?;
    }
    if let Some(publish) = layer.document.publish.as_ref().filter(|_| console.verbose > 0) {
        console.verbatim(publish);
    }
    Ok(())
}

/// That the targets of one layer got different versions, and how they get the same.
fn differing(asked: &Asked, built: &[(Target, json::BuiltLayer)]) -> Option<String> {
    let every = &asked.targets.all;
    let own = built.iter().filter(|(_, layer)| layer.layer == asked.source.name);
    let mut versions: BTreeMap<&str, BTreeMap<&str, Vec<Target>>> = BTreeMap::new();
    for (target, layer) in own {
        for package in &layer.packages {
            versions.entry(&package.name).or_default().entry(&package.version).or_default().push(*target);
        }
    }
    versions.retain(|_, versions| versions.len() > 1);
    if versions.is_empty() || asked.lock.is_some() {
        return None;
    }
    let told = versions.iter().map(|(name, versions)| {
        let each = versions.iter().map(|(version, targets)| match about(targets, every) {
            Some(on) => format!("{version} on {on}"),
            None => (*version).to_owned(),
        });
        format!("  {name}: {}", each.collect::<Vec<_>>().join(", "))
    });
    let mut arches: Vec<String> = every.iter().map(|target| target.arch.to_string()).collect();
    let mut runtimes: Vec<String> = every.iter().map(|target| target.runtime.name.to_string()).collect();
    arches.dedup();
    runtimes.sort();
    runtimes.dedup();
    arches.sort();
    arches.dedup();
    let (runtimes, arches) = (runtimes.join(","), arches.join(","));
    let source = asked.source.text();
    let lines = told.collect::<Vec<_>>().join("\n");
    Some(format!(
        "the targets of {} got different versions:\n{lines}\n  layerpack lock {source} --runtime {runtimes} --arch {arches} takes \
         one version where one fits all",
        asked.source.name
    ))
}
