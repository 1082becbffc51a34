//! `layerpack init`: a layerpack.toml for what a project already says about its layers.

use std::io::Write as _;
use std::path::Path;

use lambda_compat::Code;
use wheel_archive::with_slashes;

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::init::{Files, Project, configuration};
use crate::report::{Console, table};

const NAME: &str = "layerpack.toml";

pub(crate) fn run(args: &InitArgs, console: &mut Console) -> Result<Exit, Failure> {
    let place = args.folder.join(NAME);
    if !args.dry_run {
        refuse_second(&args.folder, &place)?;
    }
    let project = Project::survey(&Files::below(&args.folder)?);
    if project.layers.is_empty() {
        let message = format!("{}: nothing to make a layer of was found", args.folder.display());
        return Err(Failure::new(Code::NothingToBuild, message).help(
            "put a requirements.txt, a lock or wheels into a folder of their own, src/layers/pypi/requirements.txt",
        ));
    }
    tell(&project, console);
    let text = configuration(&project);
    if args.dry_run {
        console.result(text.trim_end())?;
        return Ok(Exit::Fine);
    }
    // Never over a file that has come since.
    let mut file = fs_err::File::create_new(&place)?;
    file.write_all(text.as_bytes())?;
    console.result(&shown(&place))?;
    console.summary("layerpack build builds all of it");
    Ok(Exit::Fine)
}

/// There is one configuration for a project.
fn refuse_second(folder: &Path, place: &Path) -> Result<(), Failure> {
    let taken = |what: String| {
        Err(Failure::new(Code::Usage, format!("{what}, and is left as it is"))
            .help("layerpack init --dry-run prints what it would write"))
    };
    if place.exists() {
        return taken(format!("{} is already there", shown(place)));
    }
    let project = folder.join("pyproject.toml");
    let text = if project.is_file() { fs_err::read_to_string(&project)? } else { String::new() };
    // What cannot be read as TOML is not layerpack's.
    let table: toml::Table = text.parse().unwrap_or_default();
    if table.get("tool").and_then(|tool| tool.get("layerpack")).is_some() {
        return taken(format!("{} has [tool.layerpack]", shown(&project)));
    }
    Ok(())
}

/// What was found and who says so, on stderr.
fn tell(project: &Project, console: &mut Console) {
    let mut rows: Vec<[String; 3]> = Vec::new();
    rows.extend(project.runtime().map(|said| ["runtime".to_owned(), said.value.to_string(), said.by]));
    rows.extend(project.arch().map(|said| ["arch".to_owned(), said.value.to_string(), said.by]));
    for layer in &project.layers {
        rows.push([format!("layer {}", layer.name), layer.source.clone(), layer.by.clone()]);
    }
    for stack in project.stacks() {
        rows.push([format!("stack {}", stack.name), stack.layers.join(", "), stack.by]);
    }
    for line in table(&rows, &[]) {
        console.summary(&line);
    }
    for reason in &project.left_out {
        console.summary(&format!("left out: {reason}"));
    }
}

/// A path without the `./` of the folder that nobody named.
fn shown(path: &Path) -> String {
    with_slashes(path.strip_prefix(".").unwrap_or(path))
}
