//! Requirement files as they are on Windows: drives, servers, backslashes and line ends of its own.
#![cfg(windows)]

use std::io;
use std::path::Path;

use pypi_resolve::index::IndexError;
use pypi_resolve::requirements::{DirectUrl, ReadText, RequirementSource, read_requirements};

struct Files;

impl ReadText for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let text = match path.to_str() {
            Some(r"src\requirements.txt") => "-r sub\\dev.txt\r\n-f C:\\wheels\r\nC:\\w\\a-1-py3-none-any.whl\r\n",
            Some(r"src\sub\dev.txt") => {
                "file:///C:/w/b-1-py3-none-any.whl\r\nfile://server/share/c-1-py3-none-any.whl\r\n\
                 \\\\server\\share\\d-1-py3-none-any.whl\r\n.\\e-1-py3-none-any.whl\r\n"
            }
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(text.into())
    }

    fn fetch(&self, url: &DirectUrl, _limit: u64) -> Result<Vec<u8>, IndexError> {
        Err(IndexError::NotCached { what: url.to_string() })
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[test]
fn paths_of_windows() {
    let read = read_requirements(Path::new(r"src\requirements.txt"), &Files).expect("sound lines");
    let lines = read.requirements.iter().map(|requirement| match &requirement.source {
        RequirementSource::Path(path) => format!("{}   {}", path.display(), requirement.place),
        other => panic!("{other:?}"),
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    C:\w\b-1-py3-none-any.whl   src/sub/dev.txt line 1
    \\server\share\c-1-py3-none-any.whl   src/sub/dev.txt line 2
    \\server\share\d-1-py3-none-any.whl   src/sub/dev.txt line 3
    src\sub\e-1-py3-none-any.whl   src/sub/dev.txt line 4
    C:\w\a-1-py3-none-any.whl   src/requirements.txt line 3
    ");
    assert_eq!(read.options.find_links[0].value, "C:/wheels");
}
