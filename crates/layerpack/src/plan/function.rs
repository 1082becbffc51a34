//! `--flat` and `--include`: a source that becomes a function's zip and not a layer, and code of one's own beside the packages.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};
use layer_pack::Layout;
use wheel_archive::with_slashes;

use crate::args::FunctionArgs;
use crate::failure::Failure;
use crate::plan::{LayerSource, existing};

impl LayerSource {
    /// Makes a function of what would be a layer, where that is asked for, and has code of one's own packed too.
    pub(super) fn shape(&mut self, args: &FunctionArgs) -> Result<(), Failure> {
        if args.flat {
            self.layout = Layout::Function;
        }
        self.includes = args.include.iter().map(|folder| folder_of_code(folder)).collect::<Result<_, _>>()?;
        // What lies beside the requirements may be packed after all.
        let is_packed = |finding: &Finding| {
            let file = finding.entry.as_deref().map(Path::new).and_then(Path::file_name);
            let lies_in =
                |folder: &PathBuf| same(folder, &self.folder) || file.is_some_and(|name| folder.join(name).is_file());
            self.includes.iter().any(lies_in)
        };
        self.warnings.retain(|warning| warning.code != Code::NotPacked || !is_packed(warning));
        for warning in self.warnings.iter_mut().filter(|warning| args.flat && warning.code == Code::NotPacked) {
            warning.help = Some(format!("to have it in the function, add --include {}", with_slashes(&self.folder)));
        }
        Ok(())
    }
}

fn folder_of_code(path: &Path) -> Result<PathBuf, Failure> {
    let path = existing(path.to_owned())?;
    if path.is_dir() {
        return Ok(path);
    }
    Err(Failure::new(Code::Usage, format!("--include {}: not a folder", path.display()))
        .help("name the folder that has the code"))
}

fn same(one: &Path, two: &Path) -> bool {
    matches!((fs_err::canonicalize(one), fs_err::canonicalize(two)), (Ok(one), Ok(two)) if one == two)
}
