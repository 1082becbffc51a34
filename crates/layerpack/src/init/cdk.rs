//! CDK applications: constructs that make a layer version, in TypeScript, JavaScript and Python, and what their functions
//! run on. The code is not run and not parsed: literals are read where they stand, and a path counts if it is there.

use lambda_compat::{Arch, RuntimeName};

use super::files::{Files, folder_of, joined};
use super::{FoundLayer, Project, Said, name_of};

const CODE: [&str; 6] = [".ts", ".mts", ".js", ".mjs", ".cjs", ".py"];
/// `new PythonLayerVersion(…)`, `_lambda.LayerVersion(…)`, and constructs that are called after them.
const CONSTRUCT: &str = "LayerVersion(";
/// Texts of a construct that are looked at, at most: a stray quotation mark makes many of one.
const MOST: usize = 40;

pub(super) fn read(files: &Files, project: &mut Project) {
    let apps: Vec<String> = files.named(&["cdk.json"]).into_iter().map(|path| folder_of(path).to_owned()).collect();
    for app in &apps {
        for path in files.ending(&CODE).filter(|path| app.is_empty() || path.starts_with(&format!("{app}/"))) {
            let Some(code) = files.text(path).filter(|code| code.contains("aws")) else { continue };
            let mut rest = String::new();
            let mut from = 0;
            while let Some(at) = code[from..].find(CONSTRUCT) {
                let start = from + at + CONSTRUCT.len();
                let arguments = arguments(&code[start..]);
                rest.push_str(&code[from..start]);
                from = start + arguments.len();
                take(files, project, app, path, arguments);
            }
            rest.push_str(&code[from..]);
            // What is outside of layers is about functions.
            if rest.contains("Function(") {
                project.runtimes.extend(runtimes(&rest).into_iter().map(|value| Said { value, by: path.to_owned() }));
                project.arches.extend(arches(&rest).into_iter().map(|value| Said { value, by: path.to_owned() }));
            }
        }
    }
}

fn take(files: &Files, project: &mut Project, app: &str, path: &str, arguments: &str) {
    let mut literals = literals(arguments);
    literals.truncate(MOST);
    // `path.join(__dirname, '..', 'layers', 'pypi')` is several that together name a folder; the longest row counts.
    let rows = (0..literals.len()).flat_map(|from| (from..literals.len()).map(move |to| (from, to)));
    let mut rows: Vec<(usize, usize)> = rows.collect();
    rows.sort_by_key(|(from, to)| std::cmp::Reverse(to - from));
    let place = |folder: &str, row: (usize, usize)| joined(folder, &literals[row.0..=row.1].join("/"));
    let sources = rows.into_iter().flat_map(|row| [place(folder_of(path), row), place(app, row)]);
    let Some(source) = sources.flatten().find(|source| source != "." && files.is_source(source)) else { return };
    let name = literals.first().map_or("a layer", String::as_str);
    let layer = FoundLayer {
        name: name_of(&source),
        runtimes: runtimes(arguments),
        arches: arches(arguments),
        by: format!("{name} of {path}"),
        source,
    };
    project.add(files, layer);
}

/// What stands between a construct's parentheses: up to the one that closes it, without those in texts.
fn arguments(code: &str) -> &str {
    let (mut depth, mut quote, mut escaped) = (1, None, false);
    for (at, c) in code.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
        if depth == 0 {
            return &code[..at];
        }
    }
    code
}

/// The texts in a piece of code, on one line each.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let quote = rest[at..].chars().next().unwrap_or('"');
        let inner = &rest[at + 1..];
        let Some(end) = inner.find(quote) else { break };
        if !inner[..end].contains('\n') {
            found.push(inner[..end].to_owned());
        }
        rest = &inner[end + 1..];
    }
    found
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
