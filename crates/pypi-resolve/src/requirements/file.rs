//! Requirement files and what they include.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::address::{Address, file_path};
use super::error::{Fault, Problem, RequirementsError};
use super::hash::HashDigest;
use super::lines::{LogicalLine, logical_lines};
use super::option::{Given, OptionName, options_start, read_options};
use super::place::{Located, Place, joined};
use super::requirement::{Requirement, read_requirement};
use super::specifier::trimmed_span;
use super::text::decode;

/// Bytes of one file.
const LARGEST_FILE: usize = 8 << 20;
/// Files inside files.
const DEEPEST: usize = 32;
/// Files in all: includes that include twice would double at each level.
const MOST_FILES: usize = 1000;

/// All that a requirements file and the files it includes say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequirementsFile {
    /// What is asked for, in the order of the lines.
    pub requirements: Vec<Requirement>,
    /// What limits versions without asking for anything: all lines of `-c` files.
    pub constraints: Vec<Requirement>,
    /// Its option lines.
    pub options: IndexOptions,
    /// Options that have no effect on a layer, each with the reason.
    pub ignored: Vec<Ignored>,
}

impl RequirementsFile {
    /// Where hash checking was turned on for every package, if it was.
    #[must_use]
    pub fn hashes_required(&self) -> Option<&Place> {
        self.options.require_hashes.as_ref()
    }
}

/// The option lines that say where packages come from and which of them will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexOptions {
    /// Asked before the default index, in order: uv's `index` and Poetry's primary sources. No line of a requirements
    /// file says this.
    pub first_index_urls: Vec<Located<String>>,
    /// `--index-url`; the last one wins, as with pip.
    pub index_url: Option<Located<String>>,
    /// `--extra-index-url`, in order.
    pub extra_index_urls: Vec<Located<String>>,
    /// `--find-links`, in order: URLs, and paths joined to the folder of the file that names them.
    pub find_links: Vec<Located<String>>,
    /// `--no-index`.
    pub no_index: Option<Place>,
    /// `--pre`.
    pub pre: Option<Place>,
    /// `--require-hashes`, or the first `--hash` of a requirement: pip then wants one for every package.
    pub require_hashes: Option<Place>,
    /// `--trusted-host`, in order.
    pub trusted_hosts: Vec<Located<String>>,
}

/// An option that was read and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// As written, without its value.
    pub option: String,
    /// Why: a fragment.
    pub reason: &'static str,
    /// Where.
    pub place: Place,
}

/// Where the text of files comes from.
pub trait ReadText {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// Those of reading; [`io::ErrorKind::NotFound`] where there is no such file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// Files on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl ReadText for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        use io::Read as _;
        let mut bytes = Vec::new();
        fs_err::File::open(path)?.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a requirements file and all that it includes. `${VARIABLES}` in it count as unset.
///
/// # Errors
///
/// The first line that cannot be read or is not supported; see [`RequirementsError`].
pub fn read_requirements(path: &Path, files: &dyn ReadText) -> Result<RequirementsFile, RequirementsError> {
    read_requirements_with(path, files, &|_| None)
}

/// Reads a requirements file and all that it includes, asking `variable` for the environment variables that its URLs
/// and paths name as `${NAME}` (capital letters, digits and `_`, as pip expands them).
///
/// # Errors
///
/// The first line that cannot be read or is not supported; see [`RequirementsError`].
pub fn read_requirements_with(
    path: &Path,
    files: &dyn ReadText,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<RequirementsFile, RequirementsError> {
    let mut reader = Reader { files, variable, open: Vec::new(), opened: 0, found: RequirementsFile::default() };
    match reader.read(path, Role::Requirements) {
        Ok(()) => Ok(reader.found),
        Err(ReadError::Line(error)) => Err(error),
        Err(ReadError::Open(problem)) => Err(RequirementsError::new(Place::new(shown(path), 0), problem, None)),
    }
}

/// What a file was included as. Whatever a constraints file includes are constraints too, as with uv.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Requirements,
    Constraints,
}

enum ReadError {
    /// The file could not be opened: the line that includes it is to blame.
    Open(Problem),
    Line(RequirementsError),
}

impl From<RequirementsError> for ReadError {
    fn from(error: RequirementsError) -> Self {
        Self::Line(error)
    }
}

struct Reader<'a> {
    files: &'a dyn ReadText,
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// The files that are being read, outermost first.
    open: Vec<PathBuf>,
    opened: usize,
    found: RequirementsFile,
}

impl Reader<'_> {
    fn read(&mut self, path: &Path, role: Role) -> Result<(), ReadError> {
        let identity = plain(path);
        // The file that was named keeps its spelling.
        let name = shown(if self.open.is_empty() { path } else { &identity });
        if self.open.contains(&identity) {
            return Err(ReadError::Open(Problem::Unreadable(format!("{name} includes itself"))));
        }
        self.opened += 1;
        if self.open.len() >= DEEPEST || self.opened > MOST_FILES {
            let why = format!("more than {DEEPEST} files inside each other, or {MOST_FILES} in all");
            return Err(ReadError::Open(Problem::Unreadable(why)));
        }
        let bytes = self.files.read(path).map_err(|error| {
            ReadError::Open(match error.kind() {
                io::ErrorKind::NotFound => Problem::Missing(name.clone()),
                _ => Problem::Io { path: name.clone(), error },
            })
        })?;
        if bytes.len() > LARGEST_FILE {
            return Err(ReadError::Open(Problem::Unreadable(format!(
                "{name} is larger than {} MB",
                LARGEST_FILE >> 20
            ))));
        }
        let text = decode(&bytes).map_err(|undecodable| {
            let place = Place::new(&name, undecodable.line);
            RequirementsError::new(place, Problem::Unreadable(undecodable.reason), Some("save the file as UTF-8"))
        })?;
        self.open.push(identity);
        let folder = path.parent().unwrap_or(Path::new(""));
        for line in logical_lines(&text) {
            let line = line.map_err(|spot| {
                let fault =
                    Fault::unreadable(0..0, "this line continues the comment above it, and pip would ignore it");
                RequirementsError::at(&name, &spot, fault.help("remove the `\\` at the end of the comment"))
            })?;
            self.read_line(&line, &name, folder, role).map_err(|stop| match stop {
                Stop::Here(fault) => RequirementsError::at(&name, &line.spot(&fault.span), fault),
                Stop::Included(error) => error,
            })?;
        }
        self.open.pop();
        Ok(())
    }

    fn read_line(&mut self, line: &LogicalLine<'_>, file: &str, folder: &Path, role: Role) -> Result<(), Stop> {
        let place = Place::new(file, line.number());
        let start = options_start(&line.text);
        let options = read_options(&line.text, start)?;
        let asked = line.text.get(..start).unwrap_or_default();
        if asked.trim().is_empty() {
            return options.into_iter().try_for_each(|option| self.apply(option, &place, folder, role));
        }

        let mut requirement = read_requirement(asked, place, folder, &|text| expanded(text, self.variable))?;
        for option in options {
            self.apply_to(&mut requirement, option)?;
        }
        // Indexes publish sha256 alone: by any other digest no wheel could be chosen before it is fetched.
        if !requirement.hashes.is_empty() && !requirement.hashes.iter().any(|hash| hash.sha256().is_some()) {
            let what = "only a sha256 can be held against an index, and the line has none";
            let fault =
                Fault::unsupported(start..line.text.trim_end().len(), what, "add the --hash=sha256:… of the wheels");
            return Err(fault.into());
        }
        match role {
            Role::Requirements => self.found.requirements.push(requirement),
            Role::Constraints if requirement.extras.is_empty() => self.found.constraints.push(requirement),
            Role::Constraints => {
                let span = trimmed_span(asked, 0);
                let fault =
                    Fault::unsupported(span, "a constraint cannot have extras", "ask for extras in the requirements");
                return Err(fault.into());
            }
        }
        Ok(())
    }

    /// An option behind a requirement.
    fn apply_to(&mut self, requirement: &mut Requirement, option: Given) -> Result<(), Fault> {
        match option.name {
            OptionName::Hash => {
                let hash = option.value.parse::<HashDigest>();
                requirement.hashes.push(hash.map_err(|error| Fault::unreadable(option.value_span, error.to_string()))?);
                self.found.options.require_hashes.get_or_insert_with(|| requirement.place.clone());
            }
            OptionName::ConfigSettings | OptionName::GlobalOption => {
                let reason = "it configures builds, and layerpack builds nothing";
                self.found.ignored.push(Ignored { option: option.spelt, reason, place: requirement.place.clone() });
            }
            _ => {
                let why = format!("`{}` stands behind a requirement", option.spelt);
                return Err(Fault::unreadable(option.span, why).help("put the option on a line of its own"));
            }
        }
        Ok(())
    }

    /// An option on a line of its own.
    fn apply(&mut self, option: Given, place: &Place, folder: &Path, role: Role) -> Result<(), Stop> {
        let located = |value: String| Located { value, place: place.clone() };
        let value =
            expanded(&option.value, self.variable).map_err(|why| Fault::unreadable(option.value_span.clone(), why))?;
        let options = &mut self.found.options;
        let mut ignore = |reason| {
            self.found.ignored.push(Ignored { option: option.spelt.clone(), reason, place: place.clone() });
        };
        match option.name {
            OptionName::Requirement => return self.include(&value, option, folder, role),
            OptionName::Constraint => return self.include(&value, option, folder, Role::Constraints),
            OptionName::IndexUrl => options.index_url = Some(located(value)),
            OptionName::ExtraIndexUrl => options.extra_index_urls.push(located(value)),
            OptionName::FindLinks => {
                let place = match Address::of(&value) {
                    Address::Path => shown(&joined(folder, Path::new(&value))),
                    _ => value,
                };
                options.find_links.push(located(place));
            }
            OptionName::NoIndex => options.no_index = Some(place.clone()),
            OptionName::Pre => options.pre = Some(place.clone()),
            OptionName::RequireHashes => _ = options.require_hashes.get_or_insert_with(|| place.clone()),
            OptionName::TrustedHost => options.trusted_hosts.push(located(value)),
            OptionName::OnlyBinary | OptionName::PreferBinary => ignore("layerpack takes nothing but wheels"),
            OptionName::NoBinary if value == ":none:" => ignore("layerpack takes nothing but wheels"),
            OptionName::UseFeature => ignore("it switches a feature of pip itself"),
            OptionName::NoBinary => {
                let help = "remove the line, or build a wheel with `pip wheel --no-binary NAME NAME` and name its path";
                let what = format!("`--no-binary {value}` asks for a build from source, and layerpack builds nothing");
                return Err(Fault::unsupported(option.span, what, help).into());
            }
            OptionName::Editable => {
                let help = "build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of the source";
                return Err(
                    Fault::unsupported(option.span, "editable installs are not supported in a layer", help).into()
                );
            }
            OptionName::Hash | OptionName::ConfigSettings | OptionName::GlobalOption => {
                let why = format!("`{}` belongs behind a requirement", option.spelt);
                return Err(Fault::unreadable(option.span, why).into());
            }
        }
        Ok(())
    }

    fn include(&mut self, target: &str, option: Given, folder: &Path, role: Role) -> Result<(), Stop> {
        let path = match Address::of(target) {
            Address::Path if !target.contains("://") => Some(PathBuf::from(target)),
            Address::File => file_path(target),
            _ => None,
        };
        if target.is_empty() {
            return Err(Fault::unreadable(option.span, format!("`{}` needs the name of a file", option.spelt)).into());
        }
        let Some(path) = path else {
            let fault = Fault::unsupported(
                option.value_span,
                "only files on this machine can be included",
                "download the file and name its path",
            );
            return Err(fault.into());
        };
        self.read(&joined(folder, &path), role).map_err(|error| match error {
            ReadError::Open(problem) => Stop::Here(Fault { problem, span: option.value_span, help: None }),
            ReadError::Line(error) => Stop::Included(error),
        })
    }
}

/// Why the lines of a file cannot be read on.
enum Stop {
    Here(Fault),
    /// In a file that this one includes.
    Included(RequirementsError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Here(fault)
    }
}

/// Fills in `${NAME}`. pip leaves what is unset as it stands, which then fails as a strange URL; that is an error here.
fn expanded(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        result.push_str(before);
        let length = after.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        match length.map(|length| after.split_at(length)) {
            Some((name, after)) if !name.is_empty() && after.starts_with('}') => {
                let value = variable(name).filter(|value| !value.is_empty());
                result.push_str(&value.ok_or_else(|| format!("the environment variable `{name}` is not set"))?);
                rest = after.get(1..).unwrap_or_default();
            }
            _ => {
                result.push_str("${");
                rest = after;
            }
        }
    }
    result.push_str(rest);
    Ok(result)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The path without `.` and `x/..`, to tell whether two are one file. Links may hide that; the depth is bounded too.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
