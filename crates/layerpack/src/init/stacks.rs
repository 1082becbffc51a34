//! What functions have together, as far as a project's files say: their layers, and the folder of their code.

use super::Project;

/// What a function has, as a file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    /// As its file calls it.
    pub(super) name: String,
    pub(super) layers: Vec<Used>,
    /// The folder of its code below the project's folder.
    pub(super) code: Option<String>,
    /// Which file.
    pub(super) file: String,
}

/// A layer of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Used {
    /// One that is built from this source.
    Source(String),
    /// A zip that is built before, by its path: it is a layer's where it has the name that `build` gives.
    Zip { path: String, name: String },
    /// One that is not built here, by its name: it has a slot and a weight that no file tells.
    Other(String),
}

/// What functions with the same layers have together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundStack {
    pub(crate) name: String,
    /// The names of layers that are built.
    pub(crate) layers: Vec<String>,
    /// The names of those that are not.
    pub(crate) others: Vec<String>,
    /// The folder of the code, where all these functions have the same.
    pub(crate) function: Option<String>,
    /// Whose it is: `Api and Worker of template.yaml`.
    pub(crate) by: String,
}

/// The stacks of these functions: one for those that have the same layers. A layer alone has a limit by itself.
pub(super) fn together(project: &Project) -> Vec<FoundStack> {
    let mut groups: Vec<Vec<&Function>> = Vec::new();
    for function in &project.functions {
        match groups.iter_mut().find(|group| same_layers(group[0], function)) {
            Some(group) => group.push(function),
            None => groups.push(vec![function]),
        }
    }
    let mut stacks: Vec<FoundStack> = groups.into_iter().filter_map(|group| stack(project, &group)).collect();
    for at in 0..stacks.len() {
        // Two files may call their functions the same.
        let name = stacks[at].name.clone();
        if stacks[..at].iter().any(|other| other.name == name) {
            stacks[at].name = format!("{name}-{}", at + 1);
        }
    }
    stacks
}

fn same_layers(one: &Function, other: &Function) -> bool {
    one.file == other.file && one.layers == other.layers
}

fn stack(project: &Project, functions: &[&Function]) -> Option<FoundStack> {
    let first = functions[0];
    let (mut layers, mut others) = (Vec::new(), Vec::new());
    for used in &first.layers {
        match used {
            Used::Source(source) => layers.push(project.layers.iter().find(|one| one.source == *source)?.name.clone()),
            Used::Zip { path, name } => match project.layers.iter().find(|one| is_zip_of(path, &one.name)) {
                Some(layer) => layers.push(layer.name.clone()),
                None => others.push(name.clone()),
            },
            Used::Other(name) => others.push(name.clone()),
        }
    }
    let same = functions.iter().all(|function| function.code == first.code);
    let function = first.code.clone().filter(|_| same);
    if layers.is_empty() || (layers.len() + others.len() < 2 && function.is_none()) {
        return None;
    }
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let by = match names.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{} and {last} of {}", all.join(", "), first.file),
        _ => format!("{} of {}", first.name, first.file),
    };
    Some(FoundStack { name: super::name_of(&first.name.replace('.', "-")), layers, others, function, by })
}

/// `dist/pypi-python3.13-arm64.zip` is what `build` makes of the layer `pypi`.
fn is_zip_of(path: &str, layer: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_prefix(layer).is_some_and(|rest| rest.starts_with("-python3."))
}

/// Whether a path is that of a zip: there is nothing to build of it.
pub(super) fn is_zip(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "zip")
}

/// The name in a layer's ARN, `arn:aws:lambda:eu-west-1:1:layer:Adapter:30`, whatever stands for its other parts.
pub(super) fn name_in_arn(arn: &str) -> Option<String> {
    let (_, after) = arn.split_once(":layer:")?;
    Some(after.split(':').next().unwrap_or(after).to_owned()).filter(|name| !name.is_empty())
}
