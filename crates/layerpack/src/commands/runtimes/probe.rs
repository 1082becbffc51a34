//! `layerpack runtimes --from FILE`: what a probe says against the profile that is shipped.

use std::path::Path;

use lambda_compat::{Availability, LibraryFact, Probe, differences, runtime};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::read_probe;
use crate::report::{Console, table};

#[derive(Serialize)]
struct ProbeDocument<'a> {
    schema: u8,
    command: &'static str,
    probe: Compared<'a>,
}

#[derive(Serialize)]
struct Compared<'a> {
    runtime: String,
    arch: String,
    date: String,
    folders: Vec<Folder<'a>>,
    differences: Vec<Difference<'a>>,
}

#[derive(Serialize)]
struct Folder<'a> {
    folder: &'a str,
    files: usize,
}

#[derive(Serialize)]
struct Difference<'a> {
    file: &'a str,
    shipped: LibraryFact<'a>,
    probed: LibraryFact<'a>,
}

pub(super) fn run(path: &Path, console: &mut Console) -> Result<Exit, Failure> {
    let probe = read_probe(path)?;
    let shipped = runtime(probe.runtime);
    let probed = shipped.with_probes(std::slice::from_ref(&probe));
    let differences: Vec<_> = differences(shipped, &probed, probe.arch)
        .into_iter()
        .map(|found| Difference { file: found.name, shipped: found.before, probed: found.after })
        .collect();
    if console.is_text() {
        print(&probe, &differences, console)?;
    } else {
        let probe = Compared {
            runtime: probe.runtime.to_string(),
            arch: probe.arch.to_string(),
            date: probe.date.to_string(),
            folders: probe.folders().map(|(folder, files)| Folder { folder, files }).collect(),
            differences,
        };
        console.document(&ProbeDocument { schema: 1, command: "runtimes", probe })?;
    }
    Ok(Exit::Fine)
}

fn print(probe: &Probe, differences: &[Difference<'_>], console: &mut Console) -> Result<(), Failure> {
    console.result(&format!("{} · {}, probed {}", probe.runtime, probe.arch, probe.date))?;
    let folders: Vec<_> = probe.folders().map(|(folder, files)| format!("{files} files in {folder}")).collect();
    console.result(&format!("  {}", folders.join(", ")))?;
    if differences.is_empty() {
        return console.result("  nothing differs from what layerpack knows");
    }
    let mut rows = vec![["  library", "your probe", "layerpack"].map(str::to_owned)];
    for difference in differences {
        rows.push([format!("  {}", difference.file), place(&difference.probed), place(&difference.shipped)]);
    }
    for line in table(&rows, &[]) {
        console.result(&line)?;
    }
    Ok(())
}

fn place(fact: &LibraryFact<'_>) -> String {
    match (fact.availability, fact.folder) {
        (Availability::Present, Some(folder)) => folder.to_owned(),
        (Availability::Present, None) => "there".to_owned(),
        (Availability::Absent, _) => "not there".to_owned(),
        (Availability::Unknown, _) => "not known".to_owned(),
    }
}
