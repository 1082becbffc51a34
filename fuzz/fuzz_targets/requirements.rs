//! A requirements file: no text may panic, hang or include without bound, and every error names a line.

#![no_main]

use std::io;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use pypi_resolve::requirements::{ReadText, read_requirements};

/// Every file has the same text, so that it may include itself.
struct Everywhere<'a>(&'a [u8]);

impl ReadText for Everywhere<'_> {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.to_vec())
    }
}

fuzz_target!(|data: &[u8]| {
    match read_requirements(Path::new("requirements.txt"), &Everywhere(data)) {
        Ok(file) => assert!(file.requirements.iter().all(|line| line.place.line > 0)),
        // A line that there is, or the file as a whole.
        Err(errors) => assert!(errors.iter().all(|error| error.place().line <= data.len())),
    }
});
