//! `--flat` and `--include`: a source that becomes a function's zip and not a layer.

use std::path::{Path, PathBuf};

use lambda_compat::Code;
use layer_pack::Layout;

use crate::args::FunctionArgs;
use crate::failure::Failure;
use crate::plan::{LayerSource, existing};

impl LayerSource {
    /// Makes a function of what would be a layer, where that is asked for.
    pub(super) fn shape(&mut self, args: &FunctionArgs) -> Result<(), Failure> {
        if !args.flat {
            return match args.include.first() {
                None => Ok(()),
                Some(folder) => {
                    let message = format!("--include {} goes with --flat", folder.display());
                    Err(Failure::new(Code::Usage, message)
                        .help("a layer takes what lies in the python/ folder of its source; --flat makes a function"))
                }
            };
        }
        self.layout = Layout::Function;
        self.includes = args.include.iter().map(|folder| folder_of_code(folder)).collect::<Result<_, _>>()?;
        if self.includes.iter().any(|folder| same(folder, &self.folder)) {
            // What lies beside the requirements is packed after all.
            self.warnings.retain(|warning| warning.code != Code::NotPacked);
        }
        for warning in self.warnings.iter_mut().filter(|warning| warning.code == Code::NotPacked) {
            warning.help = Some(format!("to have it in the function, add --include {}", self.folder.display()));
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
        .help("name the folder that has the function's code"))
}

fn same(one: &Path, two: &Path) -> bool {
    matches!((fs_err::canonicalize(one), fs_err::canonicalize(two)), (Ok(one), Ok(two)) if one == two)
}
