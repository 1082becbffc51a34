//! The files of native code in a wheel, held against a target: what stands in their way, and whether that breaks the
//! wheel's import or only a part of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::obstacle::{Amount, Examined, Obstacle, What, examine, machine_name};
use super::reached::Reached;
use super::use_of::{Use, Uses};
use crate::code::Code;
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

pub(super) fn judge<'r>(
    layer: &Layer<'_>,
    wheel: &WheelFacts<'_>,
    target: &Target,
    promise: Option<GlibcVersion>,
    reached: impl FnOnce() -> &'r Reached,
) -> Vec<Finding> {
    let mut examined: Vec<(Role, Examined<'_>)> = wheel
        .native()
        .map(|(file, binary)| (role(file, binary), file))
        .filter(|(role, _)| *role != Role::Bystander)
        .map(|(role, file)| (role, examine(layer, &wheel.files, file, target, promise)))
        .collect();
    let own: HashSet<&str> = examined.iter().map(|(_, examined)| &*examined.file.place).collect();
    for (_, examined) in &mut examined {
        examined.obstacles.extend(broken_need(layer, &own, examined, target));
    }
    if examined.iter().all(|(_, examined)| examined.obstacles.is_empty()) {
        return Vec::new();
    }
    let together = Together {
        some_load: examined.iter().any(|(_, examined)| examined.loads()),
        one_system: wheel.native().filter_map(|(_, binary)| system(binary)).collect::<BTreeSet<_>>().len() <= 1,
    };
    let certain = examined.iter().any(|(_, examined)| !examined.loads());
    let uses = if certain { Uses::of(layer, target, reached(), examined.iter().map(|(_, e)| e)) } else { Uses::none() };

    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (role, Examined { file, obstacles, .. }) in examined {
        for obstacle in obstacles {
            let severity = together.weigh(role, &obstacle, uses.of_file(file));
            groups.entry((obstacle.code, obstacle.what.clone(), severity)).or_default().push((role, file, obstacle));
        }
    }
    let report = |((_, _, severity), group)| report(severity, group, &together, &uses);
    groups.into_iter().filter_map(report).collect()
}

/// A file of another wheel that this one needs and that does not load, itself or by what it needs in turn.
fn broken_need<'l>(
    layer: &'l Layer<'l>,
    own: &HashSet<&str>,
    examined: &Examined<'l>,
    target: &Target,
) -> Option<Obstacle> {
    let others = |needs: &[&'l PlacedFile<'l>]| -> Vec<_> {
        needs.iter().copied().filter(|need| !own.contains(&*need.place)).collect()
    };
    let mut todo = others(&examined.needs);
    let mut seen = HashSet::new();
    while let Some(file) = todo.pop() {
        if !seen.insert(&*file.place) {
            continue;
        }
        let examined = examine(layer, &[], file, target, None);
        if let Some(obstacle) = examined.obstacles.iter().find(|obstacle| obstacle.certain) {
            return Some(Obstacle {
                code: Code::MissingLibrary,
                certain: true,
                what: What::Broken(file.entry.to_owned()),
                amount: Amount::All,
                message: format!("needs {}, which does not load: {}", file.entry, obstacle.describe()),
                evidence: obstacle.evidence.clone(),
            });
        }
        todo.extend(others(&examined.needs));
    }
    None
}

/// The libraries that nobody brings and that the wheel's files need, themselves or by what they need in turn.
pub(super) fn missing(layer: &Layer<'_>, wheel: &WheelFacts<'_>, target: &Target) -> BTreeSet<String> {
    let mut todo: Vec<&PlacedFile<'_>> = wheel.native().map(|(file, _)| file).collect();
    let (mut seen, mut libraries) = (HashSet::new(), BTreeSet::new());
    while let Some(file) = todo.pop() {
        if !seen.insert(&*file.place) {
            continue;
        }
        let examined = examine(layer, &[], file, target, None);
        let names = examined.obstacles.into_iter().filter_map(|obstacle| match obstacle.amount {
            Amount::Library(name) => Some(name),
            _ => None,
        });
        libraries.extend(names);
        todo.extend(examined.needs);
    }
    libraries
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

impl Together {
    fn weigh(&self, role: Role, obstacle: &Obstacle, used: Use<'_>) -> Severity {
        if !obstacle.certain {
            return if obstacle.what == What::Stack { Severity::Note } else { Severity::Warning };
        }
        // Not for Lambda at all: where nothing of it is, the wheel was built for something else.
        let foreign = matches!(obstacle.what, What::System(_) | What::Machine(_) | What::Damage | What::Module(_));
        let nothing_loads = role == Role::Library && self.one_system && !self.some_load;
        match used {
            // Of files for several systems the package chooses when it runs.
            Use::Import(_) if self.one_system || !foreign => Severity::Error,
            Use::Part(_) if foreign && nothing_loads => Severity::Error,
            // No import could be followed.
            Use::Unknown if nothing_loads => Severity::Error,
            // A file for another system is no mistake in those for this one.
            _ if matches!(obstacle.what, What::System(_)) => Severity::Note,
            _ => Severity::Warning,
        }
    }

    /// Why an obstacle weighs no more than it does.
    fn remark(&self, role: Role) -> &'static str {
        match role {
            _ if self.some_load => "other native files of the wheel load",
            Role::Library => "the wheel has files for several systems to choose from",
            Role::Program | Role::Bystander => "a program or data, not a library",
        }
    }
}

type Group<'l> = Vec<(Role, &'l PlacedFile<'l>, Obstacle)>;

/// One finding for all files with the same obstacle, about the one that asks for most.
fn report(severity: Severity, mut group: Group<'_>, together: &Together, uses: &Uses<'_>) -> Option<Finding> {
    group.sort_by(|(_, a, left), (_, b, right)| {
        let most = || right.amount.cmp(&left.amount);
        let libraries = matches!(left.what, What::Missing);
        (if libraries { left.amount.cmp(&right.amount) } else { most() }).then_with(|| a.entry.cmp(b.entry))
    });
    let files: BTreeSet<&str> = group.iter().map(|(_, file, _)| file.entry).collect();
    let more = match files.len() {
        0 | 1 => String::new(),
        2 => "; 1 more file too".to_owned(),
        files => format!("; {} more files too", files - 1),
    };
    let (role, file, obstacle) = group.first()?;
    let what = match obstacle.what {
        What::Missing => format!("needs {}, {}", libraries(&group), obstacle.message),
        _ => obstacle.describe(),
    };
    let consequence = if obstacle.certain { consequence(severity, &group, uses) } else { None };
    let remark = match consequence {
        Some(consequence) => format!(": {consequence}"),
        None if obstacle.certain && severity != Severity::Error => format!("; {}", together.remark(*role)),
        None => String::new(),
    };
    let finding = Finding::new(obstacle.code, severity, format!("{what}{more}{remark}"));
    Some(finding.at(file.entry).evidence(obstacle.evidence.clone()))
}

/// `libGL.so.1, libSM.so.6 and libX11.so.6`
fn libraries(group: &Group<'_>) -> String {
    let names: BTreeSet<&str> = group
        .iter()
        .filter_map(|(_, _, obstacle)| if let Amount::Library(name) = &obstacle.amount { Some(&**name) } else { None })
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// What does not work because of it.
fn consequence(severity: Severity, group: &Group<'_>, uses: &Uses<'_>) -> Option<String> {
    const NAMED: usize = 3;
    let imports = group.iter().find_map(|(_, file, _)| match uses.of_file(file) {
        Use::Import(package) => Some(format!("`import {package}` fails")),
        _ => None,
    });
    if severity == Severity::Error {
        // Only of libraries is it a question: what is not for Lambda at all does not load, whoever imports it.
        let (_, _, obstacle) = group.first()?;
        return imports.filter(|_| matches!(obstacle.what, What::Missing | What::Broken(_) | What::Version(_)));
    }
    let parts: BTreeSet<&str> = group
        .iter()
        .flat_map(|(_, file, _)| if let Use::Part(parts) = uses.of_file(file) { parts } else { &[] })
        .map(String::as_str)
        .collect();
    let named: Vec<&str> = parts.iter().copied().take(NAMED).collect();
    let more = parts.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!named.is_empty()).then(|| format!("fails when {}{more} is used", named.join(", ")))
}
