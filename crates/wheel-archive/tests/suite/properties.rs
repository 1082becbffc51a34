//! Whatever the bytes, the inspection ends with an answer; and bytes that are accepted have one reading.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use testkit::{ElfBuilder, Machine, WheelBuilder};
use wheel_archive::{Inspection, Manifest, ReadAt, Sha256, entry_bytes, inspect, read_metadata};

use crate::support::{FOO, look};

fn wheel() -> Vec<u8> {
    let library = ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17").build();
    let wheel = WheelBuilder::new("foo", "1.0").requires("click").file("foo/__init__.py", b"answer = 42\n".repeat(20));
    wheel.script("foo", "foo:main").file("foo/x.so", library).zip().comment("by hand").build()
}

/// What a wheel holds, without what a changed byte may change: the digest of the file, and the few bits of an archive that
/// say nothing of its contents, such as modes and the padding of the last byte of a deflate stream.
fn facts(manifest: &Manifest) -> Manifest {
    let mut facts = manifest.clone();
    facts.sha256 = Sha256::of(b"");
    for entry in &mut facts.entries {
        entry.executable = false;
        entry.checksum = 0;
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_wheel_with_bytes_changed_is_refused_or_the_same(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let original = wheel();
        let mut changed = original.clone();
        for (index, byte) in changes {
            *index.get_mut(&mut changed) = byte;
        }
        if let Inspection::Sound(manifest) = look(FOO, &changed) {
            let Inspection::Sound(before) = look(FOO, &original) else { panic!("the wheel is sound") };
            prop_assert_eq!(facts(&manifest), facts(&before));
        }
    }

    #[test]
    fn a_wheel_with_a_piece_cut_out_or_doubled_is_refused(
        start in any::<prop::sample::Index>(), len in 1_usize..100, doubled in any::<bool>(),
    ) {
        let original = wheel();
        let start = start.index(original.len());
        let end = (start + len).min(original.len());
        let resume = if doubled { start } else { end };
        let changed = [&original[..if doubled { end } else { start }], &original[resume..]].concat();
        prop_assert!(matches!(look(FOO, &changed), Inspection::Malformed(_)));
    }

    #[test]
    fn arbitrary_bytes_are_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(matches!(look(FOO, &bytes), Inspection::Malformed(_)));
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 18]);
        prop_assert!(matches!(look(FOO, &bytes), Inspection::Malformed(_)));
    }

    #[test]
    fn what_was_packed_is_found(files in proptest::collection::btree_map("[a-z]{1,4}(/[a-zé]{1,4}){0,2}\\.py", proptest::collection::vec(any::<u8>(), 0..3000), 0..8)) {
        let wheel = files.iter().fold(WheelBuilder::new("foo", "1.0"), |wheel, (path, bytes)| wheel.file(path, bytes));
        let bytes = wheel.build();
        let Inspection::Sound(manifest) = look(FOO, &bytes) else { panic!("not sound: {:?}", look(FOO, &bytes)) };
        prop_assert_eq!(manifest.entries.len(), files.len() + 3);
        for (path, expected) in &files {
            let entry = manifest.entry(&path.parse().expect("a plain path")).expect("it was packed");
            prop_assert_eq!(&entry_bytes(&bytes, entry).expect("it was verified"), expected);
        }
    }
}

/// Bytes of which one reading fails.
struct Failing {
    bytes: Vec<u8>,
    /// Readings that still succeed before the one that fails.
    left: AtomicUsize,
}

impl ReadAt for Failing {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Err(io::Error::other("the disk is gone"));
        }
        self.bytes.read_exact_at(buf, offset)
    }
}

#[test]
fn an_unreadable_source_is_an_error_never_a_finding() {
    let filename = FOO.parse().expect("a wheel's name");
    let failing = |left| Failing { bytes: wheel(), left: AtomicUsize::new(left) };
    let readings = (0..1000).take_while(|left| inspect(&filename, None, &failing(*left)).is_err()).count();
    assert!(readings > 10, "every entry is read, {readings}");
    assert!(matches!(inspect(&filename, None, &failing(readings)), Ok(Inspection::Sound(_))));

    let readings = (0..1000).take_while(|left| read_metadata(&failing(*left), &filename).is_err()).count();
    assert!(matches!(read_metadata(&failing(readings), &filename), Ok(Ok(_))));
    assert_eq!(readings, 3, "the end, a header, its data");
}
