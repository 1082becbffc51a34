//! What each PATH of the command line is, and what it counts as.

use std::path::{Path, PathBuf};

use lambda_compat::Code;
use layer_pack::Layout;
use wheel_archive::with_slashes;

use crate::failure::Failure;
use crate::plan::{PACKAGES_FILES, existing, expand, is_wheel};

/// One layer or function to weigh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    /// As it is called in messages.
    pub(super) name: String,
    pub(super) what: What,
    /// Layer or function, where that was said.
    pub(super) kind: Option<Layout>,
}

/// What it is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A zip, or an unpacked folder.
    Held(PathBuf),
    /// The report of a build.
    Report(PathBuf),
    /// Wheels, as a layer would have them.
    Wheels(Vec<PathBuf>),
}

const READS: &str =
    "size reads layer and function zips, unpacked trees, reports of build (*.json), wheels, and folders of wheels";

/// What the paths are, in their order; wheels that are named one by one are one layer, where the first of them stands.
pub(super) fn read_inputs(paths: &[PathBuf], function: Option<&Path>) -> Result<Vec<Input>, Failure> {
    let kind = function.map(|_| Layout::Layer);
    let mut inputs: Vec<Input> = Vec::new();
    let mut wheels: Option<(usize, Vec<PathBuf>)> = None;
    for path in expand(paths)? {
        if function.is_some_and(|function| same(function, &path)) {
            continue;
        }
        let path = existing(path)?;
        if is_wheel(&path) && path.is_file() {
            wheels.get_or_insert_with(|| (inputs.len(), Vec::new())).1.push(path);
        } else {
            inputs.push(read_path(path, kind)?);
        }
    }
    if let Some((place, wheels)) = wheels {
        inputs.insert(place, of_wheels(wheels, kind));
    }
    if let Some(function) = function {
        let path = existing(function.to_owned())?;
        let input = if is_wheel(&path) { None } else { Some(read_path(path, Some(Layout::Function))?) };
        let is_tree = |input: &Input| matches!(input.what, What::Held(_));
        let input = input.filter(is_tree).ok_or_else(|| {
            let message = format!("--function {}: not a function's zip or folder", function.display());
            Failure::new(Code::Usage, message).help("pack it, or name the folder that is packed")
        })?;
        inputs.push(input);
    }
    Ok(inputs)
}

fn same(one: &Path, two: &Path) -> bool {
    one == two || matches!((fs_err::canonicalize(one), fs_err::canonicalize(two)), (Ok(one), Ok(two)) if one == two)
}

fn of_wheels(wheels: Vec<PathBuf>, kind: Option<Layout>) -> Input {
    let name = match wheels.as_slice() {
        [wheel] => with_slashes(wheel),
        several => format!("{} wheels", several.len()),
    };
    Input { name, what: What::Wheels(wheels), kind }
}

pub(super) fn read_path(path: PathBuf, kind: Option<Layout>) -> Result<Input, Failure> {
    let name = with_slashes(&path);
    if !path.is_dir() {
        let is_report = has_extension(&path, "json");
        if !is_report && is_list(&path) {
            return Err(only_names(&name));
        }
        let what = if is_report { What::Report(path) } else { What::Held(path) };
        return Ok(Input { name, what, kind });
    }
    let inside = entries(&path)?;
    if inside.is_empty() {
        return Err(Failure::new(Code::Unsupported, format!("{name}: an empty folder")).help(READS));
    }
    let wheels: Vec<PathBuf> = inside.iter().filter(|path| is_wheel(path) && path.is_file()).cloned().collect();
    if !wheels.is_empty() {
        return Ok(Input { name, what: What::Wheels(wheels), kind });
    }
    let named_list = inside.iter().any(|path| PACKAGES_FILES.iter().any(|name| path.ends_with(name)));
    if kind != Some(Layout::Function) && !has_code(&path, &inside, named_list) {
        if named_list {
            return Err(only_names(&name));
        }
        if inside.iter().any(|path| has_extension(path, "zip")) {
            let message = format!("{name}: a folder of zips, which may be one layer several times over");
            let help = format!("name them: layerpack size {name}/*.zip");
            return Err(Failure::new(Code::Unsupported, message).help(help));
        }
    }
    Ok(Input { name, what: What::Held(path), kind })
}

/// What lies directly in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut inside = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        inside.push(entry?.path());
    }
    inside.sort();
    Ok(inside)
}

/// Modules, or packages where Python looks. `python/` beside a requirements file is a source's own, unless packages are
/// installed in it.
fn has_code(folder: &Path, inside: &[PathBuf], has_list: bool) -> bool {
    let installed = |paths: &[PathBuf]| paths.iter().any(|path| has_extension(path, "dist-info"));
    let python = entries(&folder.join("python"));
    installed(inside)
        || inside.iter().any(|path| has_extension(path, "py"))
        || python.is_ok_and(|python| !has_list || installed(&python))
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// A requirements file or a lock names packages; what they weigh is known once they are there.
fn only_names(name: &str) -> Failure {
    Failure::new(Code::Unsupported, format!("{name}: names packages, and holds none"))
        .help("run `layerpack build` and weigh what it wrote into dist/")
}

fn is_list(path: &Path) -> bool {
    path.file_name().is_some_and(|name| PACKAGES_FILES.contains(&name.to_string_lossy().as_ref()))
        || has_extension(path, "txt")
        || has_extension(path, "toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PATHs of a folder with these files are.
    fn inputs(files: &[&str], paths: &[&str], function: Option<&str>) -> String {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        for name in files {
            let file = scratch.path().join(name);
            fs_err::create_dir_all(file.parent().expect("a folder")).expect("new folders");
            fs_err::write(file, "").expect("a new file");
        }
        let paths: Vec<_> = paths.iter().map(|path| scratch.path().join(path)).collect();
        let function = function.map(|path| scratch.path().join(path));
        let said = match read_inputs(&paths, function.as_deref()) {
            Ok(inputs) => {
                let line = |input: &Input| format!("{:?} {} {:?}", input.kind, input.name, input.what);
                inputs.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            Err(failure) => format!("{}: {}", failure.code, failure.message),
        };
        testkit::slashed(&said).replace(&testkit::slashed(&scratch.path().display().to_string()), "")
    }

    #[test]
    fn paths_are_known_by_name_and_content() {
        let files = [
            "l.zip",
            "l.json",
            "tree/python/a.py",
            "a.whl",
            "b.whl",
            "folder/c.whl",
            "src/app/app.py",
            "src/app/uv.lock",
        ];
        insta::assert_snapshot!(inputs(&files, &["a.whl", "l.zip", "tree", "b.whl", "folder", "l.json", "src/app"], None), @r#"
        None 2 wheels Wheels(["/a.whl", "/b.whl"])
        None /l.zip Held("/l.zip")
        None /tree Held("/tree")
        None /folder Wheels(["/folder/c.whl"])
        None /l.json Report("/l.json")
        None /src/app Held("/src/app")
        "#);
        insta::assert_snapshot!(inputs(&files, &["tree", "src/app"], Some("src/../src/app")), @r#"
        Some(Layer) /tree Held("/tree")
        Some(Function) /src/../src/app Held("/src/../src/app")
        "#);
        insta::assert_snapshot!(inputs(&files, &[], Some("src/app")), @r#"Some(Function) /src/app Held("/src/app")"#);
    }

    #[test]
    fn what_holds_nothing_to_weigh_is_refused() {
        for (files, path, said) in [
            (&["src/requirements.txt", "src/python/own.py"][..], "src", "LP506: /src: names packages, and holds none"),
            (&["src/requirements.txt"], "src/requirements.txt", "LP506: /src/requirements.txt: names packages"),
            (&["dist/a.zip", "dist/b.zip"], "dist", "LP506: /dist: a folder of zips"),
            (&[], "", "LP506: /: an empty folder"),
            (&[], "nowhere", "LP502: /nowhere"),
        ] {
            let refused = inputs(files, &[path], None);
            assert!(refused.starts_with(said), "{refused}");
        }
        assert!(inputs(&["a.whl"], &[], Some("a.whl")).starts_with("LP501: --function /a.whl: not a function's"));
    }
}
