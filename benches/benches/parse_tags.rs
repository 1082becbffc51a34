//! `wheel-tags` and the ranking of `lambda-compat`: 10,000 file names, as a few large projects' pages list them.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lambda_compat::{Arch, Origin, Target};
use testkit::WheelBuilder;
use wheel_tags::WheelFilename;

const NAMES: usize = 10_000;

/// What one release has for each Python 3.XX, from the best supported platforms to none at all.
const TAGS: [&str; 10] = [
    "cp3XX-cp3XX-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp3XX-cp3XX-manylinux_2_17_aarch64.manylinux2014_aarch64",
    "cp3XX-cp3XX-manylinux_2_28_x86_64",
    "cp3XX-cp3XX-manylinux_2_28_aarch64",
    "cp3XX-cp3XX-musllinux_1_2_x86_64",
    "cp3XX-cp3XX-macosx_11_0_arm64",
    "cp3XX-cp3XX-win_amd64",
    "cp3XX-abi3-manylinux_2_5_i686.manylinux1_i686.manylinux_2_17_i686.manylinux2014_i686",
    "cp3XX-cp3XXt-manylinux_2_28_x86_64",
    "py3XX-none-any",
];

/// Project after project, release after release, Python after Python.
fn file_names() -> Vec<String> {
    let of_release = |release: usize| {
        let (project, version) = (release / 40, release % 40);
        let builder =
            WheelBuilder::new(&format!("Some-Project.{project}"), &format!("{project}.{version}.0rc{version}"));
        (8..15).flat_map(move |minor| {
            let builder = builder.clone();
            TAGS.map(move |tag| builder.clone().tag(&tag.replace("3XX", &format!("3{minor}"))).filename())
        })
    };
    (0..).flat_map(of_release).take(NAMES).collect()
}

fn parse_all(names: &[String]) -> Vec<WheelFilename> {
    names.iter().map(|name| name.parse().expect("the builder names wheels properly")).collect()
}

fn parse_tags(criterion: &mut Criterion) {
    let names = file_names();
    let parsed = parse_all(&names);
    let target = Target::new("python3.12".parse().expect("a runtime"), Arch::X86_64);
    let fitting = || parsed.iter().filter(|name| target.rank(&name.tags, Origin::PublicIndex).is_ok()).count();
    assert!(
        (NAMES / 20..NAMES / 5).contains(&fitting()),
        "pure wheels up to py312 and some of cp312 fit: {}",
        fitting()
    );

    let mut group = criterion.benchmark_group("parse_tags");
    group.throughput(Throughput::Elements(NAMES as u64));
    group.bench_function("parse", |bencher| bencher.iter(|| parse_all(black_box(&names))));
    group.bench_function("rank", |bencher| {
        bencher.iter(|| {
            let best = parsed.iter().filter_map(|name| target.rank(&name.tags, Origin::PublicIndex).ok()).max();
            black_box(best)
        });
    });
    group.finish();
}

criterion_group!(group, parse_tags);
criterion_main!(group);
