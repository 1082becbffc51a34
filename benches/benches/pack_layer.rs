//! `layer-pack`: an inspected wheel of about 30 MB on disk, planned, weighed and written as a layer's zip.

mod large_wheel;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::thread;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use layer_pack::{LayerInput, LayerPlan, PlanOptions, plan, weigh, write_zip};
use wheel_archive::FileAt;

fn planned(wheel: LayerInput<'_>) -> LayerPlan<'_> {
    plan(&[wheel], &[], &PlanOptions::default()).expect("one wheel has no conflicts")
}

fn pack_layer(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (filename, bytes) = large_wheel::build();
    let path = folder.path().join(filename.to_string());
    fs_err::write(&path, &bytes).expect("the folder takes the wheel");
    drop(bytes);

    let source = FileAt::open(&path).expect("the wheel is there");
    let manifest = large_wheel::inspected(&filename, &source);
    let wheel = LayerInput { manifest: &manifest, source: &source };
    let layer = planned(wheel);
    let zip = folder.path().join("layer.zip");
    let jobs = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let written = write_zip(&layer, &zip, jobs).expect("the folder takes the zip");
    assert_eq!(written.size, weigh(&layer).zipped);

    let mut group = criterion.benchmark_group("pack_layer");
    group.bench_function("plan and weigh", |bencher| bencher.iter(|| weigh(&planned(black_box(wheel)))));
    group.sample_size(10);
    group.throughput(Throughput::Bytes(written.size));
    group.bench_function("plan, weigh and write 30 MB", |bencher| {
        bencher.iter(|| {
            let layer = planned(black_box(wheel));
            let weight = weigh(&layer);
            (weight, write_zip(&layer, &zip, jobs).expect("the folder takes the zip"))
        });
    });
    group.finish();
}

criterion_group!(group, pack_layer);
criterion_main!(group);
