//! `size --format json`, schema 1. Fields are added, never renamed or removed, within a schema.

use std::path::Path;

use lambda_compat::Finding;
use layer_pack::{
    DIRECT_UPLOAD_LIMIT, FileKind, Group, LAYERS_LIMIT, LIMITS_PAGE, Mass, Owner, Part, PartFile, Reserved, Saving,
    SavingRule, Stack, UNZIPPED_LIMIT,
};
use serde::Serialize;
use wheel_archive::with_slashes;

use crate::report::SCHEMA;

/// What a stack weighs.
#[derive(Serialize)]
pub(crate) struct SizeDocument<'a> {
    schema: u8,
    command: &'static str,
    /// Lambda's own.
    limits: Limits,
    /// Bytes unzipped that everything may have: Lambda's limit, or `--budget`.
    budget: u64,
    #[serde(flatten)]
    mass: Sizes,
    /// Layers, reserved ones included.
    layers: usize,
    inputs: Vec<InputFields<'a>>,
    reserved: Vec<ReservedFields<'a>>,
    kinds: Vec<KindFields>,
    /// The largest files, as many as were asked for.
    largest: Vec<FileFields<'a>>,
    savings: Vec<SavingFields>,
    /// The page that was written.
    html: Option<String>,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct Limits {
    unzipped: u64,
    layers: usize,
    /// Bytes of one zip.
    direct_upload: u64,
    source: &'static str,
}

/// Bytes, and number of files.
#[derive(Serialize)]
struct Sizes {
    unzipped: u64,
    /// Where it is known of all of them.
    zipped: Option<u64>,
    files: u64,
}

#[derive(Serialize)]
struct InputFields<'a> {
    path: &'a str,
    /// `layer` or `function`.
    kind: &'static str,
    #[serde(flatten)]
    mass: Sizes,
    packages: Vec<PackageFields>,
    /// Files of no package, by their top folder.
    folders: Vec<FolderFields<'a>>,
}

#[derive(Serialize)]
struct PackageFields {
    name: String,
    version: String,
    #[serde(flatten)]
    mass: Sizes,
}

#[derive(Serialize)]
struct FolderFields<'a> {
    folder: &'a str,
    #[serde(flatten)]
    mass: Sizes,
}

#[derive(Serialize)]
struct ReservedFields<'a> {
    name: &'a str,
    unzipped: u64,
}

#[derive(Serialize)]
struct KindFields {
    kind: FileKind,
    #[serde(flatten)]
    mass: Sizes,
}

#[derive(Serialize)]
struct FileFields<'a> {
    /// The input that has it.
    input: &'a str,
    path: &'a str,
    kind: FileKind,
    /// The package it belongs to, if any.
    package: Option<String>,
    unzipped: u64,
    zipped: Option<u64>,
}

#[derive(Serialize)]
struct SavingFields {
    /// `tests`, `pyi`, `headers`, `pycache`, `docs`, `runtime-sdk` or `second-copies`.
    rule: &'static str,
    #[serde(flatten)]
    mass: Sizes,
    /// The packages that would go; none where it is files of all of them.
    packages: Vec<String>,
}

impl<'a> SizeDocument<'a> {
    pub(crate) fn new(
        stack: &'a Stack,
        budget: u64,
        findings: &'a [Finding],
        files: usize,
        html: Option<&Path>,
    ) -> Self {
        let reserved = |reserved: &'a Reserved| ReservedFields { name: &reserved.name, unzipped: reserved.bytes };
        Self {
            schema: SCHEMA,
            command: "size",
            limits: Limits {
                unzipped: UNZIPPED_LIMIT,
                layers: LAYERS_LIMIT,
                direct_upload: DIRECT_UPLOAD_LIMIT,
                source: LIMITS_PAGE,
            },
            budget,
            mass: stack.mass().into(),
            layers: stack.layers(),
            inputs: stack.parts.iter().map(input).collect(),
            reserved: stack.reserved.iter().map(reserved).collect(),
            kinds: stack.kinds().into_iter().map(|(kind, mass)| KindFields { kind, mass: mass.into() }).collect(),
            largest: stack.largest(files).into_iter().map(file).collect(),
            savings: stack.savings().iter().map(saving).collect(),
            html: html.map(with_slashes),
            findings,
        }
    }
}

impl From<Mass> for Sizes {
    fn from(Mass { unzipped, zipped, files }: Mass) -> Self {
        Self { unzipped, zipped, files }
    }
}

fn input(part: &Part) -> InputFields<'_> {
    let package = |Group { owner, mass }: &Group| match owner {
        Owner::Package { name, version, .. } => {
            Some(PackageFields { name: name.to_string(), version: version.to_string(), mass: (*mass).into() })
        }
        Owner::Folder(_) => None,
    };
    let mut folders = Vec::new();
    for Group { owner, mass } in &part.groups {
        if let Owner::Folder(folder) = owner {
            folders.push(FolderFields { folder, mass: (*mass).into() });
        }
    }
    InputFields {
        path: &part.name,
        kind: part.kind.word(),
        mass: part.mass().into(),
        packages: part.groups.iter().filter_map(package).collect(),
        folders,
    }
}

fn file<'a>((part, file): (&'a Part, &'a PartFile)) -> FileFields<'a> {
    let package = part.groups.get(file.group).and_then(|group| match &group.owner {
        Owner::Package { name, .. } => Some(name.to_string()),
        Owner::Folder(_) => None,
    });
    let Mass { unzipped, zipped, .. } = file.mass;
    FileFields { input: &part.name, path: file.path.as_str(), kind: file.kind, package, unzipped, zipped }
}

/// As the rules of slimming are called.
fn saving(saving: &Saving) -> SavingFields {
    let rule = match saving.rule {
        SavingRule::Slim(rule) => rule.name(),
        SavingRule::RuntimeSdk => "runtime-sdk",
        SavingRule::SecondCopies => "second-copies",
    };
    let packages = saving.packages.iter().map(ToString::to_string).collect();
    SavingFields { rule, mass: saving.mass.into(), packages }
}
