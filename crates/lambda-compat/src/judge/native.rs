//! The files of native code in a wheel, held against a target.
//!
//! Which of them an import reaches is not known here. So a file that cannot load is an error only where nothing else in the
//! wheel loads and the wheel is built for one system; otherwise it may be a stray, an optional part, or one of several
//! for different systems among which the package chooses when it runs.

use std::collections::{BTreeMap, BTreeSet};

use super::obstacle::{Obstacle, What, find, machine_name};
use crate::elf::{Binary, Kind};
use crate::finding::{Finding, Severity};
use crate::layer::{Layer, PlacedFile, WheelFacts};
use crate::target::{GlibcVersion, Target};

/// What becomes of a file when its package is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Something loads it: an extension module or a library.
    Library,
    /// Something may start it.
    Program,
    /// Nothing on Linux looks at it: an object file, a launcher or library for Windows.
    Bystander,
}

pub(super) fn judge(
    layer: &Layer<'_>,
    wheel: &WheelFacts<'_>,
    target: &Target,
    promise: Option<GlibcVersion>,
) -> Vec<Finding> {
    let judged: Vec<_> = wheel
        .native()
        .filter(|(file, binary)| role(file, binary) != Role::Bystander)
        .map(|(file, binary)| (file, binary, find(binary, layer, target, promise)))
        .collect();
    let together = Together {
        some_load: judged.iter().any(|(_, _, obstacles)| obstacles.iter().all(|obstacle| !obstacle.certain)),
        one_system: wheel.native().filter_map(|(_, binary)| system(binary)).collect::<BTreeSet<_>>().len() <= 1,
    };

    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (file, binary, obstacles) in judged {
        for obstacle in obstacles {
            let weight = together.weigh(role(file, binary), &obstacle);
            groups.entry((obstacle.code, obstacle.what.clone(), weight)).or_default().push((file.entry, obstacle));
        }
    }
    groups.into_iter().filter_map(|((_, _, weight), group)| report(weight, group)).collect()
}

fn role(file: &PlacedFile<'_>, binary: &Binary) -> Role {
    let name = file.name();
    // `_a.cpython-312-x86_64-linux-gnu.so`, `liba.so.1`, `liba.dylib`, `_a.cp312-win_amd64.pyd`.
    let is_called = |suffix: &str| name.split('.').skip(1).any(|part| part == suffix);
    match binary {
        Binary::Elf(facts) => match facts.kind {
            Kind::Shared => Role::Library,
            Kind::Executable => Role::Program,
            Kind::Relocatable | Kind::Core | Kind::Other(_) => Role::Bystander,
        },
        Binary::Damaged(_) | Binary::MachO if is_called("so") || is_called("dylib") => Role::Library,
        Binary::Damaged(_) | Binary::MachO => Role::Program,
        // Pure wheels carry launchers (setuptools, pip) and libraries (pythonnet) that Linux never opens.
        Binary::Pe if is_called("pyd") => Role::Library,
        Binary::Pe => Role::Bystander,
    }
}

fn system(binary: &Binary) -> Option<&'static str> {
    match binary {
        Binary::Elf(facts) if matches!(facts.kind, Kind::Shared | Kind::Executable) => Some(machine_name(facts)),
        Binary::MachO => Some("macOS"),
        Binary::Pe => Some("Windows"),
        Binary::Elf(_) | Binary::Damaged(_) => None,
    }
}

/// What the wheel's files say together.
struct Together {
    /// Some file loads on the target.
    some_load: bool,
    /// All files are for one system and processor.
    one_system: bool,
}

/// How much an obstacle weighs, and why no more than that.
type Weight = (Severity, Option<&'static str>);

impl Together {
    fn weigh(&self, role: Role, obstacle: &Obstacle<'_>) -> Weight {
        if !obstacle.certain {
            return (Severity::Warning, None);
        }
        if role == Role::Library && self.one_system && !self.some_load {
            return (Severity::Error, None);
        }
        // A file for another system is no mistake in those for this one.
        let foreign = matches!(obstacle.what, What::System(_));
        let severity = if foreign { Severity::Note } else { Severity::Warning };
        let remark = match role {
            _ if self.some_load => "other native files of the wheel load",
            Role::Library => "the wheel has files for several systems to choose from",
            Role::Program | Role::Bystander => "a program or data, not a library",
        };
        (severity, Some(remark))
    }
}

/// One finding for all files with the same obstacle, about the one that asks for most.
fn report((severity, remark): Weight, mut group: Vec<(&str, Obstacle<'_>)>) -> Option<Finding> {
    group.sort_by(|(a, left), (b, right)| right.amount.cmp(&left.amount).then_with(|| a.cmp(b)));
    let more = match group.len() {
        0 | 1 => String::new(),
        2 => "; 1 more file too".to_owned(),
        files => format!("; {} more files too", files - 1),
    };
    let (entry, obstacle) = group.into_iter().next()?;
    let remark = remark.map(|remark| format!("; {remark}")).unwrap_or_default();
    let finding = Finding::new(obstacle.code, severity, format!("{}{more}{remark}", obstacle.message));
    Some(finding.at(entry).source(obstacle.source))
}
