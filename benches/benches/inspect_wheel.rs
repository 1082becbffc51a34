//! `wheel-archive`: a wheel of about 30 MB in memory, verified as `check` does it with nothing cached.

mod large_wheel;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wheel_archive::Sha256;

fn inspect_wheel(criterion: &mut Criterion) {
    let (filename, wheel) = large_wheel::build();
    let manifest = large_wheel::inspected(&filename, &wheel);
    assert_eq!(manifest.native().count(), 6, "every library was read");
    assert_eq!(manifest.sha256, Sha256::of(&wheel));
    assert!((27_000_000..33_000_000).contains(&wheel.len()), "about 30 MB: {}", wheel.len());

    let mut group = criterion.benchmark_group("inspect_wheel");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(wheel.len() as u64));
    group.bench_function("30 MB", |bencher| {
        bencher.iter(|| large_wheel::inspected(black_box(&filename), black_box(&wheel)));
    });
    group.finish();
}

criterion_group!(group, inspect_wheel);
criterion_main!(group);
