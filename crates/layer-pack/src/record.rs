//! RECORD, written anew for what the layer holds of a distribution.

use std::fmt::Write as _;

use wheel_archive::Sha256;

/// One file of a distribution: its path from `python/` on, and what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row<'a> {
    pub(crate) path: &'a str,
    pub(crate) sha256: Sha256,
    /// Bytes, unpacked.
    pub(crate) size: u64,
}

/// The text of RECORD: one line per file, sorted by the bytes of the path, its own line without digest and size.
///
/// <https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file>
pub(crate) fn record(mut rows: Vec<Row<'_>>, own_path: &str) -> String {
    rows.sort_unstable();
    let before = rows.partition_point(|row| row.path < own_path);
    let mut text = String::with_capacity(rows.len() * 128);
    for (at, row) in rows.iter().enumerate() {
        if at == before {
            push_own(&mut text, own_path);
        }
        push_field(&mut text, row.path);
        writeln!(text, ",{},{}", row.sha256.record(), row.size).expect("writing into a String cannot fail");
    }
    if before == rows.len() {
        push_own(&mut text, own_path);
    }
    text
}

fn push_own(text: &mut String, own_path: &str) {
    push_field(text, own_path);
    text.push_str(",,\n");
}

/// Quotes as Python's `csv` reader reads it: only where it must be, inner quotes doubled.
fn push_field(text: &mut String, field: &str) {
    if field.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn sorted_and_quoted_with_its_own_line_bare() {
        let row = |path| Row { path, sha256: Sha256::of(b"x"), size: 1 };
        let rows = vec![row("foo/b.py"), row("foo/a,\"q\".py"), row("foo-1.0.dist-info/METADATA"), row("bin/foo")];
        assert_snapshot!(record(rows, "foo-1.0.dist-info/RECORD"), @r#"
        bin/foo,sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1
        foo-1.0.dist-info/METADATA,sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1
        foo-1.0.dist-info/RECORD,,
        "foo/a,""q"".py",sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1
        foo/b.py,sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1
        "#);
    }

    #[test]
    fn alone_and_last() {
        assert_eq!(record(Vec::new(), "z/RECORD"), "z/RECORD,,\n");
        let row = Row { path: "a", sha256: Sha256::of(b""), size: 0 };
        assert!(record(vec![row], "z/RECORD").ends_with("\nz/RECORD,,\n"));
    }
}
