//! Pages of indexes, JSON and HTML: whatever is read, every file has a name without a path in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pypi_resolve::index::{FileKind, read_page};

const TYPES: [Option<&str>; 5] = [
    Some("application/vnd.pypi.simple.v1+json"),
    Some("application/vnd.pypi.simple.v1+html"),
    Some("text/html; charset=utf-8"),
    Some("text/plain"),
    None,
];

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let media = TYPES[usize::from(*first) % TYPES.len()];
    let project = "foo".parse().expect("a name");
    for file in read_page(body, media, "https://index.example/simple/foo/", &project).unwrap_or_default() {
        if !matches!(file.kind, FileKind::Other { .. }) {
            assert!(!file.filename.contains(['/', '\\', '\0']) && !file.filename.starts_with('.'));
        }
        assert!(file.url.starts_with("https://") || file.url.starts_with("http://"), "{}", file.url);
    }
});
