//! Where a build writes what.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Target};

use crate::args::{BuildOutputArgs, Emit};
use crate::failure::Failure;

/// Where the outputs of one layer on one target go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `--out-dir`: whatever `--emit` names, called `<name>-<runtime>-<arch>`.
    Folder {
        zip: Option<PathBuf>,
        tree: Option<PathBuf>,
        sbom: Option<PathBuf>,
        html: Option<PathBuf>,
        report: PathBuf,
        write_report: bool,
    },
    /// `-o X.zip`: that one zip and nothing else.
    Zip(PathBuf),
    /// `-o FOLDER`: the layer's root and nothing else.
    Tree(PathBuf),
}

/// Where a build writes that nobody tells where.
pub(super) const OUT_DIR: &str = "dist";
/// What it writes where nobody says.
const EMIT: [Emit; 3] = [Emit::Zip, Emit::Tree, Emit::Report];

/// `--out-dir`, `-o` and `--emit`, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputPlan {
    out_dir: PathBuf,
    output: Option<PathBuf>,
    emit: Vec<Emit>,
}

impl OutputPlan {
    /// `count` is how many pairs of layer and target will be built.
    pub(crate) fn new(args: &BuildOutputArgs, count: usize) -> Result<Self, Failure> {
        if args.output.is_some() && count != 1 {
            return Err(Failure::new(Code::Usage, format!("-o names one output, and {count} would be built"))
                .help("use --out-dir FOLDER, which gives each layer and target its own files"));
        }
        let out_dir = args.out_dir.clone().unwrap_or_else(|| PathBuf::from(OUT_DIR));
        let folder = match &args.output {
            Some(path) if is_zip(path) => path.parent().unwrap_or(path),
            Some(path) => path,
            None => &out_dir,
        };
        if let Some(file) = folder.ancestors().find(|place| place.is_file()) {
            return Err(Failure::new(Code::ForeignOutput, format!("{} is a file, not a folder", file.display()))
                .help("name another place for the output"));
        }
        let emit = if args.emit.is_empty() { EMIT.to_vec() } else { args.emit.clone() };
        Ok(Self { out_dir, output: args.output.clone(), emit })
    }

    /// Where anything is written at all.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        vec![self.output.clone().unwrap_or_else(|| self.out_dir.clone())]
    }

    /// The places for one layer on one target.
    pub(crate) fn destination(&self, layer: &str, target: &Target) -> Destination {
        match &self.output {
            Some(path) if is_zip(path) => Destination::Zip(path.clone()),
            Some(path) => Destination::Tree(path.clone()),
            None => {
                let stem = stem(layer, target);
                let wanted = |emit, suffix: &str| {
                    self.emit.contains(&emit).then(|| self.out_dir.join(format!("{stem}{suffix}")))
                };
                Destination::Folder {
                    zip: wanted(Emit::Zip, ".zip"),
                    tree: wanted(Emit::Tree, ""),
                    sbom: wanted(Emit::Sbom, ".cdx.json"),
                    html: wanted(Emit::Html, ".html"),
                    report: self.out_dir.join(format!("{stem}.json")),
                    write_report: self.emit.contains(&Emit::Report),
                }
            }
        }
    }
}

/// How the outputs of a layer are called, but for their endings.
pub(crate) fn stem(layer: &str, target: &Target) -> String {
    format!("{layer}-{}-{}", target.runtime.name, target.arch)
}

/// A path without links and dots, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let there = absolute.ancestors().find_map(|place| Some((place, fs_err::canonicalize(place).ok()?)));
    let Some((place, real)) = there else { return absolute };
    absolute.strip_prefix(place).map_or(real.clone(), |rest| real.join(rest))
}

fn is_zip(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

impl Destination {
    /// Whether a report stands beside the other outputs.
    pub(crate) fn reports(&self) -> bool {
        matches!(self, Self::Folder { write_report: true, .. })
    }

    /// Refuses a place in what is packed: the next build would pack this one's outputs.
    pub(crate) fn is_outside_of(&self, packed: &[&Path]) -> Result<(), Failure> {
        let places = match self {
            Self::Folder { report, .. } => report,
            Self::Zip(path) | Self::Tree(path) => path,
        };
        let place = real(places);
        match packed.iter().find(|folder| place.starts_with(real(folder))) {
            Some(folder) => {
                let message = format!("{} lies in {}, which is packed", places.display(), folder.display());
                Err(Failure::new(Code::Usage, message).help("name another place for the output"))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn zip(&self) -> Option<&Path> {
        match self {
            Self::Folder { zip, .. } => zip.as_deref(),
            Self::Zip(path) => Some(path),
            Self::Tree(_) => None,
        }
    }

    pub(crate) fn tree(&self) -> Option<&Path> {
        match self {
            Self::Folder { tree, .. } => tree.as_deref(),
            Self::Tree(path) => Some(path),
            Self::Zip(_) => None,
        }
    }

    pub(crate) fn sbom(&self) -> Option<&Path> {
        match self {
            Self::Folder { sbom, .. } => sbom.as_deref(),
            Self::Zip(_) | Self::Tree(_) => None,
        }
    }

    pub(crate) fn html(&self) -> Option<&Path> {
        match self {
            Self::Folder { html, .. } => html.as_deref(),
            Self::Zip(_) | Self::Tree(_) => None,
        }
    }
}
