//! CDK applications: constructs that make a layer version, in TypeScript, JavaScript and Python, and what their functions
//! run on. The code is not run and not parsed: literals are read where they stand, and a path counts if it is there.

use lambda_compat::{Arch, RuntimeName};

use super::code::{self, arguments, assigned_to, is_name, listed, literals, own_name};
use super::files::{Files, folder_of, joined};
use super::stacks::{Function, Used};
use super::{FoundLayer, Project, Said, name_of};

const CODE: [&str; 6] = [".ts", ".mts", ".js", ".mjs", ".cjs", ".py"];
/// `new PythonLayerVersion(…)`, `_lambda.LayerVersion(…)`, and constructs that are called after them.
const CONSTRUCT: &str = "LayerVersion(";
/// `new Function(…)`, `PythonFunction(…)`.
const FUNCTION: &str = "Function(";
/// Texts of a construct that are looked at, at most: a stray quotation mark makes many of one.
const MOST: usize = 40;

pub(super) fn read(files: &Files, project: &mut Project) {
    let apps: Vec<String> = files.named(&["cdk.json"]).into_iter().map(|path| folder_of(path).to_owned()).collect();
    for app in &apps {
        for path in files.ending(&CODE).filter(|path| app.is_empty() || path.starts_with(&format!("{app}/"))) {
            let Some(code) = files.text(path).filter(|code| code.contains("aws")) else { continue };
            let file = File { files, app, path };
            let (rest, names) = file.layers(project, &code);
            // What is outside of layers is about functions.
            if rest.contains(FUNCTION) {
                project.runtimes.extend(runtimes(&rest).into_iter().map(|value| Said { value, by: path.to_owned() }));
                project.arches.extend(arches(&rest).into_iter().map(|value| Said { value, by: path.to_owned() }));
                file.functions(project, &rest, &names);
            }
        }
    }
}

/// A file of an app's code.
struct File<'a> {
    files: &'a Files,
    /// The folder of cdk.json.
    app: &'a str,
    path: &'a str,
}

/// What values of the code are called, and the sources of the layers that they are.
type Names = Vec<(String, String)>;

impl File<'_> {
    /// Takes the layers. Gives the code without what layers are made with, and what the layers are called in it.
    fn layers(&self, project: &mut Project, code: &str) -> (String, Names) {
        let (mut rest, mut names, mut from) = (String::new(), Names::new(), 0);
        while let Some(at) = code[from..].find(CONSTRUCT) {
            let start = from + at + CONSTRUCT.len();
            let arguments = arguments(&code[start..]);
            if let Some(source) = self.layer(project, arguments, &names) {
                names.extend(assigned_to(&code[..start - 1]).map(|name| (name.to_owned(), source)));
            }
            rest.push_str(&code[from..start]);
            from = start + arguments.len();
        }
        rest.push_str(&code[from..]);
        (rest, names)
    }

    fn layer(&self, project: &mut Project, arguments: &str, names: &Names) -> Option<String> {
        let literals = literals(arguments);
        let source = self.place(&literals, |place| place != "." && self.files.is_source(place))?;
        let name = literals.first().map_or("a layer", String::as_str);
        let below = listed(arguments, "onTopOf").or_else(|| listed(arguments, "on_top_of")).unwrap_or_default();
        let layer = FoundLayer {
            name: name_of(&source),
            runtimes: runtimes(arguments),
            arches: arches(arguments),
            on_top_of: below.into_iter().filter_map(|name| called(names, name)).collect(),
            by: format!("{name} of {}", self.path),
            source: source.clone(),
        };
        project.add(self.files, layer);
        Some(source)
    }

    /// The place that texts name together: `path.join(__dirname, '..', 'layers', 'pypi')` is several; the longest row counts.
    /// They stand for a path from the file or from cdk.json. From a folder with a name in the code they are the end of a path,
    /// of which there must be one only.
    fn place(&self, literals: &[String], will_do: impl Fn(&str) -> bool) -> Option<String> {
        let rows = rows(literals);
        let whole = rows.iter().flat_map(|row| [joined(folder_of(self.path), row), joined(self.app, row)]);
        whole.flatten().find(|place| will_do(place)).or_else(|| self.end(&rows, will_do))
    }

    fn end(&self, rows: &[String], will_do: impl Fn(&str) -> bool) -> Option<String> {
        let mut ends = rows.iter().filter_map(|row| joined("", row));
        ends.find_map(|end| self.files.ending_in(&end, &will_do).map(str::to_owned))
    }

    /// The folder of a function's code. Any folder would do, so a path that begins with a name must not be read as a whole one.
    fn code(&self, argument: &str) -> Option<String> {
        let literals = literals(argument);
        let will_do = |place: &str| self.files.is_code(place);
        let is_whole = argument.trim_start().starts_with(['"', '\'', '`'])
            || ["__dirname", "__file__"].iter().any(|here| argument.contains(here));
        if is_whole { self.place(&literals, will_do) } else { self.end(&rows(&literals), will_do) }
    }

    /// Takes what functions have, where their layers are a list of names.
    fn functions(&self, project: &mut Project, rest: &str, names: &Names) {
        for (at, _) in rest.match_indices(FUNCTION) {
            let arguments = arguments(&rest[at + FUNCTION.len()..]);
            let Some(name) = literals(arguments).into_iter().next() else { continue };
            let Some(items) = listed(arguments, "layers") else { continue };
            let used = |item: &&str| {
                let source = called(names, item);
                // A call that makes a layer has a name for it; what another value is cannot be told.
                let other = || item.contains('(').then(|| literals(item).into_iter().next()).flatten();
                source.map(Used::Source).or_else(|| other().map(Used::Other))
            };
            let Some(layers) = items.iter().map(used).collect() else { continue };
            let code = ["fromAsset(", "from_asset("].into_iter().find_map(|call| {
                let at = arguments.find(call)?;
                self.code(code::arguments(&arguments[at + call.len()..]))
            });
            project.functions.push(Function { name, layers, code, file: self.path.to_owned() });
        }
    }
}

/// The source of the layer that is called so in the code.
fn called(names: &Names, code: &str) -> Option<String> {
    let found = names.iter().find(|(name, _)| is_name(code) && name == own_name(code));
    found.map(|(_, source)| source.clone())
}

/// Every row of texts as a path, the longest first.
fn rows(literals: &[String]) -> Vec<String> {
    let literals = &literals[..literals.len().min(MOST)];
    let mut rows: Vec<&[String]> =
        (0..literals.len()).flat_map(|from| (from..literals.len()).map(move |to| &literals[from..=to])).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.len()));
    rows.into_iter().map(|row| row.join("/")).collect()
}

/// `Runtime.PYTHON_3_13`, `Runtime.of("python3.13")`.
fn runtimes(code: &str) -> Vec<RuntimeName> {
    let constants = code.split("PYTHON_3_").skip(1).filter_map(|after| {
        let minor: String = after.chars().take_while(char::is_ascii_digit).collect();
        format!("3.{minor}").parse().ok()
    });
    let names =
        literals(code).into_iter().filter(|text| text.starts_with("python3.")).filter_map(|text| text.parse().ok());
    let mut all: Vec<RuntimeName> = constants.chain(names).collect();
    all.dedup();
    all
}

/// `Architecture.ARM_64`.
fn arches(code: &str) -> Vec<Arch> {
    let named = [("Architecture.ARM_64", Arch::Arm64), ("Architecture.X86_64", Arch::X86_64)];
    named.into_iter().filter(|(name, _)| code.contains(name)).map(|(_, arch)| arch).collect()
}
