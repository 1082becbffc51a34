//! `pypi-resolve`: 200 projects of 50 versions each, held in memory, resolved for one target.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use benches::SplitMix;
use criterion::{Criterion, criterion_group, criterion_main};
use lambda_compat::{Arch, Origin, Target};
use pypi_resolve::index::{IndexError, IndexFile, Project, Source};
use pypi_resolve::requirements::{Place, Requirement};
use pypi_resolve::resolve::{Packages, Policy, Resolution, Wants, resolve};
use testkit::WheelBuilder;
use wheel_archive::Metadata;
use wheel_tags::DistName;

const PROJECTS: u32 = 200;
const VERSIONS: u32 = 50;
/// Every 20th project takes others up to this version only, while the newest of the rest ask for newer ones.
const HELD_AT: u32 = 40;
const ROOTS: u32 = 8;

const NATIVE: [&str; 6] = [
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64",
    "cp313-cp313-manylinux_2_28_x86_64",
    "cp312-cp312-musllinux_1_2_x86_64",
    "cp312-cp312-macosx_11_0_arm64",
    "cp312-cp312-win_amd64",
];

/// An index that answers at once.
struct Memory {
    projects: BTreeMap<DistName, Arc<Project>>,
    metadata: BTreeMap<String, Arc<Metadata>>,
}

impl Packages for Memory {
    fn project(&self, name: &DistName) -> Result<Arc<Project>, IndexError> {
        let unknown = || IndexError::UnknownProject { name: name.clone(), asked: Vec::new() };
        self.projects.get(name).cloned().ok_or_else(unknown)
    }

    fn metadata(&self, file: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        let missing = || IndexError::NotCached { what: file.filename.to_string() };
        self.metadata.get(&*file.filename).cloned().ok_or_else(missing)
    }
}

/// Version `n` of everything goes with version `n` of everything else, for `n` up to [`HELD_AT`]: there is a solution.
fn release(project: u32, version: u32, random: &mut SplitMix) -> WheelBuilder {
    let mut wheel = WheelBuilder::new(&format!("project-{project}"), &format!("{version}.0")).requires_python(">=3.8");
    for _ in 0..2 + random.below(5) {
        let other = random.below(PROJECTS);
        let oldest = version - random.below(version.min(8));
        let newest = if project.is_multiple_of(20) { HELD_AT } else { version + random.below(20) };
        let marker = *random.pick(&["", "", " ; python_version >= '3.9'", " ; sys_platform == 'win32'"]);
        wheel = wheel.requires(&format!("project-{other}>={},<={newest}.0{marker}", oldest.min(newest)));
    }
    wheel
}

fn memory() -> Memory {
    let mut random = SplitMix::new(200);
    let mut memory = Memory { projects: BTreeMap::new(), metadata: BTreeMap::new() };
    for project in 0..PROJECTS {
        let name: DistName = format!("project-{project}").parse().expect("a name");
        let mut files = Vec::new();
        for version in 1..=VERSIONS {
            let release = release(project, version, &mut random);
            let metadata = Arc::new(Metadata::parse(&release.metadata()).expect("the builder's METADATA are sound"));
            // A third of the projects is compiled.
            for tag in if project.is_multiple_of(3) { &NATIVE[..] } else { &["py3-none-any"] } {
                let filename = release.clone().tag(tag).filename();
                let url = format!("https://index.example/{filename}");
                memory.metadata.insert(filename.clone(), Arc::clone(&metadata));
                let filename = filename.parse().expect("the builder names wheels properly");
                files.push(IndexFile::wheel(filename, url, Origin::PublicIndex));
            }
        }
        let from = Source::Index("https://index.example/simple/".to_owned());
        memory.projects.insert(name.clone(), Arc::new(Project { name, files, from, earlier_first: false }));
    }
    memory
}

fn resolve_graph(criterion: &mut Criterion) {
    let memory = memory();
    let root = |number: u32| {
        let place = Place::new("requirements.txt", number as usize);
        Requirement::parse(&format!("project-{number}"), &place, Path::new("/src")).expect("a requirement")
    };
    let requirements = (1..=ROOTS).map(root).collect();
    let wants = Wants { requirements, ..Wants::default() };
    let target = Target::new("python3.12".parse().expect("a runtime"), Arch::X86_64);
    let run = || -> Resolution {
        resolve(black_box(&wants), &target, &memory, &Policy::default()).expect("there is a solution")
    };
    let resolution = run();
    assert!(resolution.pins.len() > 100, "most of the graph is reached: {} pins", resolution.pins.len());
    let gave_up_the_newest = resolution.pins.iter().any(|pin| pin.version.to_string() != format!("{VERSIONS}.0"));
    assert!(gave_up_the_newest, "without conflicts there is nothing to search");

    let mut group = criterion.benchmark_group("resolve_graph");
    group.sample_size(20);
    group.bench_function("200 projects, 50 versions", |bencher| bencher.iter(run));
    group.finish();
}

criterion_group!(group, resolve_graph);
criterion_main!(group);
