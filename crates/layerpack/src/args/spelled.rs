//! Paths as the host spells them: on Windows, where `/` is as good as `\`, what is typed with one is not shown with both
//! once something is joined to it.

use std::any::TypeId;
use std::path::{MAIN_SEPARATOR, MAIN_SEPARATOR_STR, PathBuf};

use clap::Command;
use clap::builder::{PathBufValueParser, TypedValueParser as _};

/// The command with every path that is typed in the host's spelling.
pub(super) fn with_own_separators(command: Command) -> Command {
    if MAIN_SEPARATOR == '/' {
        return command;
    }
    let command = command.mut_args(|arg| {
        let is_path = arg.get_value_parser().type_id() == TypeId::of::<PathBuf>();
        if is_path { arg.value_parser(PathBufValueParser::new().map(spelled)) } else { arg }
    });
    command.mut_subcommands(with_own_separators)
}

/// A path in the host's spelling. Addresses stay what they are.
pub(crate) fn spelled(path: PathBuf) -> PathBuf {
    match path.to_str() {
        Some(text) if !text.contains("://") && !text.starts_with("file:") => {
            text.replace('/', MAIN_SEPARATOR_STR).into()
        }
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_separator_and_addresses_stay() {
        let said = |text: &str| spelled(PathBuf::from(text)).to_string_lossy().into_owned();
        assert_eq!(said("src/layers/pypi"), ["src", "layers", "pypi"].join(MAIN_SEPARATOR_STR));
        for address in ["https://h/r.txt", "file:///C:/r.txt", "file:r.txt", "git+https://h/r", "-"] {
            assert_eq!(said(address), address);
        }
    }
}
