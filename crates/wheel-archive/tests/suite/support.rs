//! What the tests of this crate share: inspecting bytes that lie in memory.

use std::io;
use std::sync::Mutex;

use lambda_compat::{Finding, Severity};
use testkit::{WheelBuilder, ZipEntry};
use wheel_archive::{Inspection, Manifest, ReadAt, inspect};

/// What inspecting these bytes under this name finds.
pub(crate) fn look(filename: &str, bytes: &[u8]) -> Inspection {
    let filename = filename.parse().expect("a wheel's file name");
    inspect(&filename, None, &bytes).expect("memory can be read")
}

/// The manifest of bytes that are a sound wheel.
pub(crate) fn sound(filename: &str, bytes: &[u8]) -> Manifest {
    match look(filename, bytes) {
        Inspection::Sound(manifest) => *manifest,
        Inspection::Malformed(findings) => panic!("not sound: {findings:#?}"),
    }
}

/// What stands against bytes that are not a sound wheel, errors before warnings.
pub(crate) fn malformed(filename: &str, bytes: &[u8]) -> Vec<Finding> {
    match look(filename, bytes) {
        Inspection::Sound(manifest) => panic!("sound: {manifest:#?}"),
        Inspection::Malformed(mut findings) => {
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            findings
        }
    }
}

/// A finding as one line.
pub(crate) fn line(finding: &Finding) -> String {
    let entry = finding.entry.as_ref().map(|entry| format!(" {entry}:")).unwrap_or_default();
    format!("{} {}{entry} {}", finding.code, finding.severity, finding.message)
}

/// A wheel with one module, called `foo-1.0-py3-none-any.whl`.
pub(crate) fn foo() -> WheelBuilder {
    WheelBuilder::new("foo", "1.0").file("foo/__init__.py", b"answer = 42\n")
}

/// Its file name.
pub(crate) const FOO: &str = "foo-1.0-py3-none-any.whl";

/// Each of these bytes is refused with this first finding, every time.
pub(crate) fn refused(cases: &[(&str, Vec<u8>, &str)]) {
    for (case, bytes, expected) in cases {
        let findings = malformed(FOO, bytes);
        let first = line(&findings[0]);
        assert!(first.starts_with(expected), "case {case}: {first}");
        assert_eq!(findings[0].severity, Severity::Error, "case {case}");
        assert!(!first.contains(char::is_control), "case {case}: {first:?}");
        assert_eq!(malformed(FOO, bytes), findings, "case {case}");
    }
}

/// A sound wheel with one entry more at its front; RECORD does not know of it, but the archive comes first.
pub(crate) fn with(entry: ZipEntry) -> Vec<u8> {
    foo().zip().first(entry).build()
}

/// Bytes that remember which ranges were asked for.
pub(crate) struct Watched {
    bytes: Vec<u8>,
    ranges: Mutex<Vec<(u64, usize)>>,
}

impl Watched {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, ranges: Mutex::default() }
    }

    /// The offset and length of every reading so far.
    pub(crate) fn into_ranges(self) -> Vec<(u64, usize)> {
        self.ranges.into_inner().expect("nobody panics")
    }
}

impl ReadAt for Watched {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.ranges.lock().expect("nobody panics").push((offset, buf.len()));
        self.bytes.read_exact_at(buf, offset)
    }
}
