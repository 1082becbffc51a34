//! METADATA alone, as it is read over HTTP: few ranges, and as strict as they allow.

use testkit::ZipEntry;
use wheel_archive::read_metadata;

use crate::support::{FOO, Watched, foo, line};

fn metadata(bytes: &[u8]) -> Result<Vec<u8>, Vec<String>> {
    let outcome = read_metadata(&bytes, &FOO.parse().expect("a wheel's name")).expect("memory can be read");
    outcome.map_err(|findings| findings.iter().map(line).collect())
}

#[test]
fn little_of_a_large_wheel_is_read() {
    let noise: Vec<u8> = (0..3_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let wheel = foo().file("foo/large.bin", noise).stored();
    let source = Watched::new(wheel.build());
    let read = read_metadata(&source, &FOO.parse().expect("a wheel's name")).expect("memory can be read");
    assert_eq!(read, Ok(wheel.metadata()));

    let ranges = source.into_ranges();
    let bytes: usize = ranges.iter().map(|(_, len)| len).sum();
    assert!(ranges.len() <= 3 && bytes < 140_000, "{ranges:?}");
}

#[test]
fn what_the_directory_tells_is_refused() {
    let refused = |bytes: Vec<u8>| metadata(&bytes).expect_err("refused").remove(0);
    let evil = refused(foo().zip().entry(ZipEntry::stored("../evil.py", b"")).build());
    assert!(evil.starts_with("LP208 error ../evil.py"), "{evil}");
    assert!(refused(foo().zip().prefix("x").build()).starts_with("LP202 error"));
    assert!(
        refused(foo().without("METADATA").build()).starts_with("LP221 error foo-1.0.dist-info/METADATA: every wheel")
    );
    assert!(refused(foo().dist_info("bar-1.0.dist-info").build()).starts_with("LP220 error"));
    assert!(refused(foo().replace("METADATA", vec![b' '; 17 << 20]).build()).starts_with("LP221 error"));
    let path = "foo-1.0.dist-info/METADATA";
    let damaged = foo().zip().edit(path, |entry| entry.both(|fields| fields.crc32 ^= 1)).build();
    assert!(refused(damaged).starts_with("LP206 error foo-1.0.dist-info/METADATA: the data have the CRC-32"));
    let disagreeing = foo().zip().edit(path, |entry| entry.local(|fields| fields.crc32 ^= 1)).build();
    assert!(refused(disagreeing).starts_with("LP203 error foo-1.0.dist-info/METADATA"));
}
