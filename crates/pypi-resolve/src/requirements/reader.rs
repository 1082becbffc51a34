//! Reading requirement files and what they include, line by line. A line that cannot be read does not keep the others
//! from being read: whoever mends a file wants to see all of it.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Component;

use wheel_archive::with_slashes;
use wheel_tags::DistName;

use super::address::{Address, file_path};
use super::error::{Fault, Problem, RequirementsError, RequirementsErrors};
use super::file::{Ignored, LARGEST_FILE, ReadText, RequirementsFile};
use super::hash::HashDigest;
use super::lines::{LogicalLine, logical_lines};
use super::location::{Base, Location, Reached};
use super::option::{Given, OptionName, options_start, read_options};
use super::place::{Located, Place, joined, of_parts};
use super::redact::mask;
use super::requirement::{Asked, read_requirement};
use super::source::SourceRequirement;
use super::specifier::trimmed_span;
use super::text::decode;
use crate::index::{DirectUrl, IndexError};

/// Files inside files.
const DEEPEST: usize = 32;
/// Files in all: includes that include twice would double at each level.
const MOST_FILES: usize = 1000;
/// Nobody mends more than so many lines at a time, and a file that is no requirements file has one in every line.
const MOST_ERRORS: usize = 100;
/// Requirements and constraints in all: whoever locks a thousand packages has a thousand.
const MOST_LINES: usize = 20_000;
/// Lines of one package: the search holds each against all the others.
const MOST_OF_ONE_NAME: usize = 256;

const ONLY_WHEELS: &str = "layerpack takes nothing but wheels";
const BUILD_WHEEL: &str = "remove the line, or build a wheel with `pip wheel --no-binary NAME NAME` and name its path";

/// How requirement files are read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Where their text comes from.
    pub files: &'a dyn ReadText,
    /// The environment variables that URLs and paths name as `${NAME}` (capital letters, digits and `_`, as pip expands
    /// them).
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Take what has to be built first; else it is refused.
    pub builds: bool,
}

impl Reader<'_> {
    /// Reads a requirements file and all that it includes.
    ///
    /// # Errors
    ///
    /// Every line that cannot be read or is not supported.
    pub fn read(&self, at: &Location) -> Result<RequirementsFile, RequirementsErrors> {
        let mut run = Run {
            reader: *self,
            open: Vec::new(),
            opened: 0,
            found: RequirementsFile::default(),
            lines: BTreeMap::new(),
            errors: Vec::new(),
            refused: 0,
            unbuilt: Vec::new(),
        };
        if let Err(problem) = run.read(at, Role::Requirements) {
            let help = not_fetched(&problem);
            run.errors.push(RequirementsError::new(Place::new(at.to_string(), 0), problem, help.as_deref()));
        }
        // A later option may have taken it back.
        let Run { found, mut errors, refused, unbuilt, .. } = run;
        let kept = |place: &Place| found.formats.all_built().any(|(_, kept)| kept == place);
        errors.extend(unbuilt.into_iter().filter(|refusal| kept(refusal.place())));
        let only_unbuilt = errors.len() == refused;
        match RequirementsErrors::of(errors) {
            None => Ok(found),
            Some(errors) if only_unbuilt => Err(errors.with_rest(found)),
            Some(errors) => Err(errors),
        }
    }
}

/// What a file was included as. Whatever a constraints file includes are constraints too, as with uv.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Requirements,
    Constraints,
}

struct Run<'a> {
    reader: Reader<'a>,
    /// The files that are being read, outermost first.
    open: Vec<Location>,
    opened: usize,
    found: RequirementsFile,
    /// How many lines ask for each package.
    lines: BTreeMap<DistName, usize>,
    errors: Vec<RequirementsError>,
    /// How many of these are sources, where nothing is built.
    refused: usize,
    /// What `--no-binary` asks for where nothing is built.
    unbuilt: Vec<RequirementsError>,
}

impl Run<'_> {
    /// Reads a file. The problem is that it could not be opened, for which the line that includes it is to blame.
    fn read(&mut self, at: &Location, role: Role) -> Result<(), Problem> {
        let identity = plain(at);
        // The file that was named keeps its spelling.
        let name = if self.open.is_empty() { at.to_string() } else { identity.to_string() };
        // A path may be an address that was mistyped.
        let name = if matches!(at, Location::File(_)) { mask(&name) } else { name };
        if self.open.contains(&identity) {
            return Err(Problem::Unreadable(format!("{name} includes itself")));
        }
        self.opened += 1;
        if self.open.len() >= DEEPEST || self.opened > MOST_FILES {
            let why = format!("more than {DEEPEST} files inside each other, or {MOST_FILES} in all");
            return Err(Problem::Unreadable(why));
        }
        let bytes = self.bytes(at, &name)?;
        if bytes.len() > LARGEST_FILE {
            return Err(Problem::Unreadable(format!("{name} is larger than {} MB", LARGEST_FILE >> 20)));
        }
        let text = match decode(&bytes) {
            Ok(text) => text,
            Err(undecodable) => {
                let (place, problem) = (Place::new(&name, undecodable.line), Problem::Unreadable(undecodable.reason));
                self.errors.push(RequirementsError::new(place, problem, Some("save the file as UTF-8")));
                return Ok(());
            }
        };
        self.open.push(identity);
        for line in logical_lines(&text) {
            let error = match line {
                Ok(line) => match self.read_line(&line, &name, at.base(), role) {
                    Ok(()) => continue,
                    Err(fault) => RequirementsError::at(&name, &line.spot(&fault.span), fault),
                },
                Err(spot) => {
                    let why = "this line continues the comment above it, and pip would ignore it";
                    let fault = Fault::unreadable(0..0, why).help("remove the `\\` at the end of the comment");
                    RequirementsError::at(&name, &spot, fault)
                }
            };
            self.errors.push(error);
            if self.errors.len() >= MOST_ERRORS {
                break;
            }
        }
        self.open.pop();
        Ok(())
    }

    fn bytes(&self, at: &Location, name: &str) -> Result<Vec<u8>, Problem> {
        let read = match at {
            Location::File(path) => self.reader.files.read(path),
            Location::Stdin => self.reader.files.stdin(),
            Location::Web(url) => {
                return self
                    .reader
                    .files
                    .fetch(url, LARGEST_FILE as u64)
                    .map_err(|error| Problem::Fetch(Box::new(error)));
            }
        };
        read.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Problem::Missing(name.to_owned()),
            // The working folder, which is no file.
            _ if name.is_empty() => Problem::Io { path: at.to_string(), error },
            _ => Problem::Io { path: name.to_owned(), error },
        })
    }

    fn read_line(&mut self, line: &LogicalLine<'_>, file: &str, base: Base<'_>, role: Role) -> Result<(), Fault> {
        let place = Place::new(file, line.number());
        let start = options_start(&line.text);
        let options = read_options(&line.text, start)?;
        let asked = line.text.get(..start).unwrap_or_default();
        if asked.trim().is_empty() {
            return options.into_iter().try_for_each(|option| self.apply(option, &place, line, base, role));
        }

        let expand = |text: &str| expanded(text, self.reader.variable);
        let read = read_requirement(asked, place.clone(), base, &expand)?;
        if let Some(algorithm) = read.unchecked {
            let (option, reason) = (format!("#{algorithm}="), "only sha256 is checked: write #sha256=…");
            self.found.ignored.push(Ignored { option, reason, place: place.clone() });
        }
        let mut hashes = Vec::new();
        for option in options {
            hashes.extend(self.apply_to(option, &place)?);
        }
        // Indexes publish sha256 alone: by any other digest no wheel could be chosen before it is fetched.
        if !hashes.is_empty() && !hashes.iter().any(|hash| hash.sha256().is_some()) {
            let what = "only a sha256 can be held against an index, and the line has none";
            let help = "add the --hash=sha256:… of the wheels";
            return Err(Fault::unsupported(start..line.text.trim_end().len(), what, help));
        }
        let in_constraints = |what, help| Err(Fault::unsupported(trimmed_span(asked, 0), what, help));
        match (read.what, role) {
            (Asked::Source(source, refusal), Role::Constraints) if !self.reader.builds => {
                Err(or_build(source.name.as_ref(), refusal))
            }
            (Asked::Source(..), Role::Constraints) => in_constraints(
                "a constraint cannot be something that has to be built",
                "ask for it in the requirements, or constrain its version",
            ),
            (Asked::Source(mut source, refusal), Role::Requirements) => {
                source.hashes = hashes;
                self.take_source(*source, refusal, line);
                Ok(())
            }
            (Asked::Wheel(requirement), Role::Constraints) if !requirement.extras.is_empty() => {
                in_constraints("a constraint cannot have extras", "ask for extras in the requirements")
            }
            (Asked::Wheel(mut requirement), role) => {
                self.count(&requirement.name, trimmed_span(asked, 0))?;
                requirement.hashes.extend(hashes);
                match role {
                    Role::Requirements => self.found.requirements.push(*requirement),
                    Role::Constraints => self.found.constraints.push(*requirement),
                }
                Ok(())
            }
        }
    }

    fn count(&mut self, name: &DistName, span: Range<usize>) -> Result<(), Fault> {
        let lines = self.found.requirements.len() + self.found.constraints.len();
        if lines >= MOST_LINES {
            return Err(Fault::unreadable(span, format!("more than {MOST_LINES} requirements in all")));
        }
        let of_it = self.lines.entry(name.clone()).or_default();
        *of_it += 1;
        if *of_it > MOST_OF_ONE_NAME {
            let why = format!("more than {MOST_OF_ONE_NAME} lines ask for `{name}`");
            return Err(Fault::unreadable(span, why).help("write its specifiers into one line, with commas between"));
        }
        Ok(())
    }

    /// Something that has to be built, which is an error where nothing is.
    fn take_source(&mut self, source: SourceRequirement, refusal: Fault, line: &LogicalLine<'_>) {
        if !self.reader.builds {
            let fault = or_build(source.name.as_ref(), refusal);
            self.refused += 1;
            self.errors.push(RequirementsError::at(&source.place.file, &line.spot(&fault.span), fault));
        }
        self.found.sources.push(source);
    }

    /// An option behind a requirement; the digest where it is one.
    fn apply_to(&mut self, option: Given, place: &Place) -> Result<Option<HashDigest>, Fault> {
        match option.name {
            OptionName::Hash => {
                let hash = option.value.parse::<HashDigest>();
                let hash = hash.map_err(|error| Fault::unreadable(option.value_span, error.to_string()))?;
                self.found.options.require_hashes.get_or_insert_with(|| place.clone());
                Ok(Some(hash))
            }
            OptionName::ConfigSettings | OptionName::GlobalOption => {
                let reason = "it configures builds, and the wheel is built already";
                self.found.ignored.push(Ignored { option: option.spelt, reason, place: place.clone() });
                Ok(None)
            }
            _ => {
                let why = format!("`{}` stands behind a requirement", option.spelt);
                Err(Fault::unreadable(option.span, why).help("put the option on a line of its own"))
            }
        }
    }

    /// An option on a line of its own.
    fn apply(
        &mut self,
        option: Given,
        place: &Place,
        line: &LogicalLine<'_>,
        base: Base<'_>,
        role: Role,
    ) -> Result<(), Fault> {
        let located = |value: String| Located { value, place: place.clone() };
        let unreadable = |why| Fault::unreadable(option.value_span.clone(), why);
        let value = expanded(&option.value, self.reader.variable).map_err(unreadable)?;
        let options = &mut self.found.options;
        let mut ignore = |reason| {
            self.found.ignored.push(Ignored { option: option.spelt.clone(), reason, place: place.clone() });
        };
        match option.name {
            OptionName::Requirement => return self.include(&value, option, base, role),
            OptionName::Constraint => return self.include(&value, option, base, Role::Constraints),
            OptionName::IndexUrl => options.index_url = Some(located(value)),
            OptionName::ExtraIndexUrl => options.extra_index_urls.push(located(value)),
            OptionName::FindLinks => {
                let place = match Address::of(&value) {
                    Address::Path => match base.reach(&value).map_err(unreadable)? {
                        Reached::File(path) => with_slashes(path),
                        Reached::Web(url, _) => url.as_str().to_owned(),
                    },
                    _ => value,
                };
                options.find_links.push(located(place));
            }
            OptionName::NoIndex => options.no_index = Some(place.clone()),
            OptionName::Pre => options.pre = Some(place.clone()),
            OptionName::RequireHashes => _ = options.require_hashes.get_or_insert_with(|| place.clone()),
            OptionName::TrustedHost => options.trusted_hosts.push(located(value)),
            OptionName::PreferBinary => ignore(ONLY_WHEELS),
            OptionName::OnlyBinary => {
                self.found.formats.only_binary(&value, place).map_err(unreadable)?;
                if !self.reader.builds {
                    ignore(ONLY_WHEELS);
                }
            }
            OptionName::NoBinary => {
                self.found.formats.no_binary(&value, place).map_err(unreadable)?;
                if !self.reader.builds {
                    let what = format!("`--no-binary {value}` asks for a build from source");
                    let name = value.split(',').next().and_then(|name| name.trim().parse().ok());
                    let fault = or_build(name.as_ref(), Fault::unsupported(option.span, what, BUILD_WHEEL));
                    self.unbuilt.push(RequirementsError::at(&place.file, &line.spot(&fault.span), fault));
                }
            }
            // pip 26: like --pre and its opposite, for single packages.
            OptionName::AllReleases if value == ":all:" => options.pre = Some(place.clone()),
            OptionName::OnlyFinal if value == ":none:" => ignore("it names no package"),
            OptionName::AllReleases | OptionName::OnlyFinal => {
                let what = format!("`{}` for single packages is not supported", option.spelt);
                let help = "write --pre for all packages, or name a pre-release in its requirement: name>=2.0rc1";
                return Err(Fault::unsupported(option.span, what, help));
            }
            OptionName::UseFeature => ignore("it switches a feature of pip itself"),
            OptionName::Editable => return self.editable(&value, &option, line, (place, base), role),
            OptionName::Hash | OptionName::ConfigSettings | OptionName::GlobalOption => {
                let why = format!("`{}` belongs behind a requirement", option.spelt);
                return Err(Fault::unreadable(option.span, why));
            }
        }
        Ok(())
    }

    /// `-e PATH`: a project that is built as any other, since a layer holds copies.
    fn editable(
        &mut self,
        value: &str,
        option: &Given,
        line: &LogicalLine<'_>,
        (place, base): (&Place, Base<'_>),
        role: Role,
    ) -> Result<(), Fault> {
        let help = "build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of \
                    the source";
        let fault = |what| Fault::unsupported(option.span.clone(), what, help);
        let refused = |what| Err(fault(what));
        // A folder is a folder here even where a requirement line would take the word for a name.
        let is_name = Address::of(value) == Address::Path && !value.contains(['@', '/', '\\', '.']);
        let text = if is_name { format!("./{value}") } else { value.to_owned() };
        let what = "editable installs are not supported in a layer";
        // Where nothing is built, what exactly it names does not matter.
        let at_value = |error: Fault| {
            if self.reader.builds {
                Fault { span: option.value_span.clone(), ..error }
            } else {
                or_build(None, fault(what))
            }
        };
        match read_requirement(&text, place.clone(), base, &|text| Ok(text.to_owned())).map_err(at_value)?.what {
            Asked::Source(source, _) if role == Role::Requirements => {
                self.take_source(*source, fault(what), line);
                Ok(())
            }
            Asked::Source(..) => refused("a constraint cannot be editable"),
            Asked::Wheel(_) => refused("a wheel or a name cannot be editable"),
        }
    }

    fn include(&mut self, target: &str, option: Given, base: Base<'_>, role: Role) -> Result<(), Fault> {
        if target.is_empty() {
            return Err(Fault::unreadable(option.span, format!("`{}` needs the name of a file", option.spelt)));
        }
        let refused = || {
            let what = "only files and web addresses can be included";
            Fault::unsupported(option.value_span.clone(), what, "download the file and name its path")
        };
        let unreadable = |why| Fault::unreadable(option.value_span.clone(), why);
        let at = match (Address::of(target), base) {
            (Address::Path, _) if !target.contains("://") => match base.reach(target).map_err(unreadable)? {
                Reached::File(path) => Location::File(path),
                Reached::Web(url, _) => Location::Web(*url),
            },
            (Address::Web, _) => Location::Web(DirectUrl::parse(target).map_err(unreadable)?.0),
            // What comes from the web reads no file of this machine.
            (Address::File, Base::Folder(folder)) => {
                Location::File(joined(folder, &file_path(target).ok_or_else(refused)?))
            }
            _ => return Err(refused()),
        };
        self.read(&at, role).map_err(|problem| {
            let help = not_fetched(&problem);
            Fault { problem, span: option.value_span, help }
        })
    }
}

/// What to do where a file on the web is not to be had.
fn not_fetched(problem: &Problem) -> Option<String> {
    let Problem::Fetch(error) = problem else { return None };
    match **error {
        IndexError::NotCached { .. } => {
            Some("requirement files are not cached: download it and name its path".to_owned())
        }
        _ => error.help(),
    }
}

/// A refusal with the other way out.
fn or_build(name: Option<&DistName>, mut refusal: Fault) -> Fault {
    let flag = name.map_or(":all:", DistName::as_str);
    let help = refusal.help.take().map(|help| format!("{help}; or have uv or pip build it here: --build {flag}"));
    Fault { help, ..refusal }
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

/// The path without `.` and `x/..`, to tell whether two are one file. Links may hide that; the depth is bounded too.
fn plain(at: &Location) -> Location {
    let Location::File(path) = at else { return at.clone() };
    let mut plain = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.last(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    Location::File(of_parts(plain))
}
