//! Where credentials may be looked for: the `.netrc` file, and the `keyring` program.

use std::path::PathBuf;

use lambda_compat::{Code, Finding};
use pypi_resolve::index::Netrc;
use wheel_archive::with_slashes;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::indexes::files::read;

/// The user's `.netrc`: `NETRC`, else `~/.netrc`, else `~/_netrc`. One that cannot be read is a warning, since no index
/// may need it.
pub(super) fn netrc(environment: &Environment, warnings: &mut Vec<Finding>) -> Option<Netrc> {
    let warn = |message: String| Finding::warning(Code::UnreadableLine, message);
    let file = match environment.var("NETRC").map(PathBuf::from) {
        Some(file) => file,
        None => environment.home()?.join(".netrc"),
    };
    let beside = file.with_file_name("_netrc");
    let file = if !file.exists() && environment.var("NETRC").is_none() { beside } else { file };
    match read(&file) {
        Err(error) => warnings.push(warn(format!("{}; it is not used", error.message))),
        Ok(None) => {}
        Ok(Some(text)) => match Netrc::parse(&text) {
            Ok(netrc) => return Some(netrc),
            Err(error) => {
                let message = format!("{} {error}; the file is not used", with_slashes(file));
                warnings.push(warn(message).help("mend the line: curl, pip and uv stumble over it too"));
            }
        },
    }
    None
}

/// The program of the provider that was named, where it may be asked.
pub(super) fn keyring(
    provider: Option<&str>,
    environment: &Environment,
    warnings: &mut Vec<Finding>,
) -> Result<Option<PathBuf>, Failure> {
    match provider {
        // pip's `auto` asks nobody where there is no Python to import the library from.
        None | Some("disabled" | "auto") => Ok(None),
        // pip's `import` is the same store, asked from within Python.
        Some("subprocess" | "import") => {
            let program = environment.program("keyring");
            if program.is_none() {
                let message = "keyring is not asked for credentials: there is no program `keyring` on PATH";
                warnings.push(
                    Finding::warning(Code::Credentials, message)
                        .help("install it, for example with uv tool install keyring, or leave --keyring-provider out"),
                );
            }
            Ok(program)
        }
        Some(other) => Err(Failure::new(Code::Usage, format!("`{other}` is no keyring provider"))
            .help("layerpack knows subprocess and disabled")),
    }
}
