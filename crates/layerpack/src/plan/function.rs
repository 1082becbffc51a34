//! `--flat` and `--include`: a source that becomes a function's zip and not a layer.

use std::path::{Path, PathBuf};

use lambda_compat::Code;
use layer_pack::Layout;

use crate::args::FunctionArgs;
use crate::failure::Failure;
use crate::plan::{LayerSource, existing};

/// Makes functions of what would be layers, where that is asked for.
pub(crate) fn as_asked(sources: &mut [LayerSource], args: &FunctionArgs) -> Result<(), Failure> {
    if !args.flat {
        return Ok(());
    }
    if sources.len() > 1 && !args.include.is_empty() {
        return Err(Failure::new(Code::Usage, "--include goes with one SOURCE").help("build each function by itself"));
    }
    for source in sources {
        source.layout = Layout::Function;
        source.includes = args.include.iter().map(|folder| folder_of_code(folder)).collect::<Result<_, _>>()?;
        if source.includes.iter().any(|folder| same(folder, &source.folder)) {
            // What lies beside the requirements is packed after all.
            source.warnings.retain(|warning| warning.code != Code::NotPacked);
        }
        for warning in source.warnings.iter_mut().filter(|warning| warning.code == Code::NotPacked) {
            warning.help = Some(format!("to have it in the function, add --include {}", source.folder.display()));
        }
    }
    Ok(())
}

fn folder_of_code(path: &Path) -> Result<PathBuf, Failure> {
    let path = existing(path.to_owned())?;
    if path.is_dir() {
        return Ok(path);
    }
    Err(Failure::new(Code::Usage, format!("--include {}: not a folder", path.display()))
        .help("name the folder that has the function's code"))
}

fn same(one: &Path, two: &Path) -> bool {
    matches!((fs_err::canonicalize(one), fs_err::canonicalize(two)), (Ok(one), Ok(two)) if one == two)
}
