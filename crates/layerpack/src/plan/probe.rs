//! Reading a probe's output, which takes the place of what the profiles say.

use std::io::ErrorKind;
use std::path::Path;

use lambda_compat::{Code, Probe};
use wheel_archive::read_bounded;

use crate::failure::Failure;
use crate::plan::existing;

/// A listing has some 10 kB.
const LARGEST: u64 = 1024 * 1024;

/// Reads what the function of `docs/probe.md` returned.
pub(crate) fn read_probe(path: &Path) -> Result<Probe, Failure> {
    let path = existing(path.to_path_buf())?;
    let refused = |why: String| {
        Failure::new(Code::UnreadableLine, format!("{}: {why}", path.display()))
            .help("deploy the function of docs/probe.md with the runtime, and save what it returns")
    };
    let bytes = read_bounded(&path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => refused("larger than 1 MB, which no listing is".to_owned()),
        _ => Failure::io(&error),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| refused("not text in UTF-8".to_owned()))?;
    // Editors on Windows begin a file with a byte order mark.
    text.trim_start_matches('\u{feff}').parse::<Probe>().map_err(|error| refused(error.to_string()))
}
