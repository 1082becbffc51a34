//! Whether the files lie where Python looks, and whether it may read them.

use std::collections::{BTreeMap, HashSet};

use super::extension::ExtensionName;
use super::judge::more;
use super::sites::{LAYER_PATHS, Sites, below, site_of_minor};
use super::{FUNCTION, LAYERS, Layer, PYTHON, PlacedFile};
use crate::code::Code;
use crate::finding::{Finding, Severity};
use crate::target::Target;

const PERMISSIONS: &str = "https://repost.aws/knowledge-center/lambda-deployment-package-errors";
const FUNCTION_ZIP: &str = "https://docs.aws.amazon.com/lambda/latest/dg/python-package.html";

/// The folder of a layer that is on `sys.path`, from the layer's root.
const PYTHON_FOLDER: &str = "python";

/// Folders at a layer's root in which Python files are scripts or another language's.
const NOT_PYTHONS: [&str; 5] = ["bin", "extensions", "java", "nodejs", "ruby"];

/// LP410 to LP414.
pub(super) fn judge(layer: &Layer<'_>, target: &Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(packed_wheels(layer));
    findings.extend(places(layer, target));
    findings.extend(bare_packages(layer));
    findings.extend(unreadable(layer));
    findings
}

/// LP410: wheels that nobody has unpacked. In a package they are its data, as virtualenv's.
fn packed_wheels(layer: &Layer<'_>) -> Option<Finding> {
    let wheels = || layer.loose().iter().filter(|file| file.suffix() == Some("whl"));
    wheels().next()?;
    let packages: HashSet<&str> =
        layer.files().filter(|file| file.name() == "__init__.py").map(PlacedFile::folder).collect();
    let mut packed: Vec<&PlacedFile<'_>> = wheels().filter(|file| !packages.contains(file.folder())).collect();
    packed.sort_by_key(|file| file.entry);
    let first = packed.first()?;
    let in_layer = packed.iter().any(|file| below(&file.place, LAYERS).is_some());
    let severity = if in_layer { Severity::Error } else { Severity::Warning };
    let message =
        format!("a packed wheel, and Python does not look into wheels{}", more(packed.len(), "wheel", "wheels"));
    Some(
        Finding::new(Code::PackedWheel, severity, message)
            .at(first.entry)
            .help("unpack it below python/; layerpack build does")
            .source(LAYER_PATHS),
    )
}

/// Files of one place: how many, and the first by path.
#[derive(Default)]
struct Tally<'l> {
    count: usize,
    first: Option<&'l str>,
}

impl<'l> Tally<'l> {
    fn add(&mut self, file: &'l PlacedFile<'_>) {
        self.count += 1;
        if self.first.is_none_or(|first| file.entry < first) {
            self.first = Some(file.entry);
        }
    }

    fn files(&self) -> String {
        if self.count == 1 { "1 Python file".to_owned() } else { format!("{} Python files", self.count) }
    }
}

/// The Python files of a layer by where they lie.
#[derive(Default)]
struct Spread<'l> {
    /// Some lie where the target looks.
    found: bool,
    /// In the target's own `site-packages`.
    own_site: bool,
    /// In `python/python/`, which is no package.
    nested: Tally<'l>,
    /// In `site-packages` of another minor version.
    other_sites: BTreeMap<u8, Tally<'l>>,
    /// Anywhere else, by the folder that was meant to be looked into, from the layer's root.
    elsewhere: BTreeMap<&'l str, Tally<'l>>,
}

impl<'l> Spread<'l> {
    fn of(layer: &'l Layer<'_>, target: &Target) -> Self {
        let (_, own_minor) = target.runtime.name.python();
        let sites = Sites::of(target);
        let nested_package = format!("{PYTHON}/python/__init__.py");
        let python_is_package = layer.files().any(|file| file.place == nested_package);
        let mut spread = Self::default();
        for file in layer.files() {
            let Some(path) = below(&file.place, LAYERS) else { continue };
            let is_source = file.suffix() == Some("py");
            match below(&file.place, PYTHON) {
                Some(path) if is_source || ExtensionName::parse(file.name()).is_some() => match site_of_minor(path) {
                    Some((minor, _)) if minor == own_minor => (spread.own_site, spread.found) = (true, true),
                    Some((minor, _)) => spread.other_sites.entry(minor).or_default().add(file),
                    None if path.starts_with("python/") && !python_is_package => spread.nested.add(file),
                    None if spread.found => {}
                    None if sites.module(&file.place).is_some() => spread.found = true,
                    None if is_source => spread.elsewhere.entry(meant(&file.place)).or_default().add(file),
                    None => {}
                },
                None if is_source && !NOT_PYTHONS.iter().any(|folder| below(path, folder).is_some()) => {
                    spread.elsewhere.entry(meant(&file.place)).or_default().add(file);
                }
                _ => {}
            }
        }
        spread
    }
}

/// The folder that Python was meant to look into, from the layer's root: the innermost `site-packages` or `python` that
/// the file lies in, else the root itself, which is empty.
fn meant(place: &str) -> &str {
    let path = below(place, LAYERS).unwrap_or_default();
    let end = |name: &str| path.rfind(name).map(|at| at + name.len() - 1);
    let python = || below(path, PYTHON_FOLDER).map(|_| PYTHON_FOLDER.len());
    let site = end("site-packages/").or_else(|| end("/python/")).or_else(python);
    site.and_then(|end| path.get(..end)).unwrap_or_default()
}

/// LP411 to LP413: a layer's files that are not where Python looks.
fn places(layer: &Layer<'_>, target: &Target) -> Vec<Finding> {
    let spread = Spread::of(layer, target);
    let runtime = target.runtime.name;
    let mut findings = Vec::new();
    let mut say = |code, severity, message: String, tally: &Tally<'_>, help: &str| {
        let finding = Finding::new(code, severity, message).help(help).source(LAYER_PATHS);
        findings.push(match tally.first {
            Some(entry) => finding.at(entry),
            None => finding,
        });
    };
    // A place that is not looked into is an error where it is all there is.
    let severity = if spread.found { Severity::Warning } else { Severity::Error };
    if spread.nested.count > 0 {
        let message = format!("{} in python/python/, one folder too deep to be found", spread.nested.files());
        let help = "move what lies in python/python/ up to python/";
        say(Code::NestedPythonFolder, severity, message, &spread.nested, help);
    }
    for (minor, tally) in &spread.other_sites {
        let site = format!("python/lib/python3.{minor}/site-packages/");
        let files = tally.files();
        let help = format!("build the layer for {runtime}, or lay the files directly below python/");
        if spread.own_site {
            let message = format!("{files} in {site} for another runtime: on {runtime} they only weigh");
            say(Code::OtherSitePackages, Severity::Note, message, tally, &help);
        } else {
            let message = format!("{files} in {site}, where {runtime} does not look");
            say(Code::OtherSitePackages, severity, message, tally, &help);
        }
    }
    // Where something was found already, strays elsewhere may be scripts; where nothing is, they were meant.
    if !spread.found && spread.nested.count == 0 && spread.other_sites.is_empty() {
        let most = spread.elsewhere.iter().max_by_key(|(_, tally)| tally.count);
        if let Some((folder, tally)) = most {
            let files = tally.files();
            let (severity, message, help) = match *folder {
                "" => (
                    Severity::Error,
                    format!("no python/ at the root: {files} where Python does not look"),
                    "pack them below python/",
                ),
                // Data, perhaps.
                PYTHON_FOLDER => (
                    Severity::Warning,
                    format!("{files} in python/, none of them under a name that can be imported"),
                    "give folders and files names of letters, digits and underscores",
                ),
                folder if folder.ends_with("/python") => (
                    Severity::Error,
                    format!("{files} in {folder}/: python/ does not lie at the root"),
                    "zip what is in the folder, not the folder itself",
                ),
                folder => (
                    Severity::Error,
                    format!("{files} in {folder}/, where Python does not look"),
                    "pack them directly below python/",
                ),
            };
            say(Code::NoPythonFolder, severity, message, tally, help);
        }
    }
    findings
}

/// LP411: a function of nothing but installed distributions may be a layer that was packed without `python/`.
fn bare_packages(layer: &Layer<'_>) -> Option<Finding> {
    let is_own = |file: &PlacedFile<'_>| {
        let Some(path) = below(&file.place, FUNCTION) else { return true };
        let in_bin = path.starts_with("bin/");
        let is_code = file.suffix() == Some("py") || ExtensionName::parse(file.name()).is_some();
        let is_program = !path.contains('/') && (!path.contains('.') || file.suffix() == Some("sh"));
        !in_bin && (is_code || is_program)
    };
    let mut wheels = layer.wheels().iter().filter(|wheel| !wheel.files.is_empty()).peekable();
    wheels.peek()?;
    let bare = wheels.all(|wheel| wheel.files.iter().all(|file| below(&file.place, FUNCTION).is_some()))
        && !layer.loose().iter().any(is_own);
    bare.then(|| {
        let message =
            "installed packages lie at the root, and nothing else: a function finds them there, a layer does not";
        Finding::warning(Code::NoPythonFolder, message)
            .help("if it is to be a layer, put them below python/")
            .source(FUNCTION_ZIP)
    })
}

/// LP414: what Lambda's user may not read. An error where code is concerned, or a folder, which hides all that it holds.
fn unreadable(layer: &Layer<'_>) -> Option<Finding> {
    const READ: u32 = 0o004;
    const ENTER: u32 = 0o005;
    let folders = layer.folders().iter().filter(|folder| folder.mode & ENTER != ENTER);
    let mut hidden: Vec<(&str, u32, bool)> = folders.map(|folder| (folder.entry, folder.mode, true)).collect();
    for file in layer.files() {
        if let Some(mode) = file.mode.filter(|mode| mode & READ == 0) {
            let is_code = file.binary.is_some() || matches!(file.suffix(), Some("py" | "pyc"));
            hidden.push((file.entry, mode, is_code));
        }
    }
    hidden.sort_unstable();
    // The worst is named.
    let named = hidden.iter().find(|(_, _, grave)| *grave).or_else(|| hidden.first());
    let (entry, mode, grave) = *named?;
    let severity = if grave { Severity::Error } else { Severity::Warning };
    let mode = mode & 0o7777;
    let message = format!("mode {mode:04o}: Lambda's user may not read it{}", more(hidden.len(), "entry", "entries"));
    Some(
        Finding::new(Code::Unreadable, severity, message)
            .at(entry)
            .help("chmod -R a+rX before packing")
            .source(PERMISSIONS),
    )
}
