//! What stands where a path or URL may stand: wheels on disk and on the web, what has to be built first, and everything
//! else that pip installs and a layer is not built from, each with what to do instead.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use url::Url;
use wheel_archive::Sha256;
use wheel_tags::{DistName, WheelFilename};

use super::error::Fault;
use super::fragment::Fragment;
use super::location::{Base, Reached};
use super::place::joined;
use super::requirement::{RequirementSource, name_length};
use super::source::{self, SourceTree};
use crate::index::DirectUrl;

/// Archives that pip can install; what ends so is a file even where it could be a name, as pip and uv read it.
const SOURCE_ARCHIVES: &[&str] =
    &[".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar", ".tar.lz", ".tar.lzma", ".tlz", ".egg"];

/// A wheel on disk.
#[derive(Debug)]
pub(crate) struct LocalWheel {
    pub(crate) path: PathBuf,
    pub(crate) filename: WheelFilename,
    /// From the `#sha256=…` of a URL.
    pub(crate) sha256: Option<Sha256>,
}

/// What an address says before anything is done about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// `git+https://…` and the like, with their tools' own schemes.
    VersionControl,
    /// `https://…`, `http://…`.
    Web,
    /// `file:…`
    File,
    /// Another scheme.
    OtherScheme(&'a str),
    /// A path.
    Path,
}

impl<'a> Address<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Self::Path;
        };
        let is_scheme = scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
        match scheme.to_ascii_lowercase().as_str() {
            _ if !is_scheme => Self::Path,
            "git" | "hg" | "svn" | "bzr" | "ssh" => Self::VersionControl,
            tool if ["git+", "hg+", "svn+", "bzr+"].iter().any(|prefix| tool.starts_with(prefix)) => {
                Self::VersionControl
            }
            "http" | "https" => Self::Web,
            "file" => Self::File,
            _ if rest.starts_with("//") => Self::OtherScheme(scheme),
            _ => Self::Path,
        }
    }
}

/// Whether a requirement begins with a path or URL instead of a name.
pub(crate) fn is_unnamed(text: &str) -> bool {
    let text = text.trim_start();
    if text.starts_with(['.', '/', '\\', '~']) {
        return true;
    }
    let (name, rest) = text.split_at(name_length(text));
    let is_git_remote = name == "git" && rest.starts_with('@');
    match rest.trim_start().chars().next() {
        None | Some(';' | '[') => has_archive_ending(name),
        Some('@' | '(' | '<' | '>' | '=' | '!' | '~') => is_git_remote,
        Some(_) => {
            let word = text.split(char::is_whitespace).next().unwrap_or_default();
            word.contains(['/', '\\']) || Address::of(word) != Address::Path || has_archive_ending(word)
        }
    }
}

fn has_archive_ending(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    Path::new(&name).extension().is_some_and(|ending| ending == "whl")
        || SOURCE_ARCHIVES.iter().any(|ending| name.ends_with(ending))
}

/// Splits off the marker: at `;` with whitespace on a side (a URL may contain others), in a path at the first.
pub(crate) fn split_marker(text: &str) -> (&str, Option<(usize, &str)>) {
    let is_url = Address::of(text.trim_start()) != Address::Path;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let beside_space = before.is_whitespace() || chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if c == ';' && (!is_url || beside_space) {
            return (&text[..at], Some((at + 1, &text[at + 1..])));
        }
        before = c;
    }
    (text, None)
}

/// A wheel on the web.
pub(crate) struct WebWheel {
    pub(crate) url: DirectUrl,
    pub(crate) filename: WheelFilename,
    pub(crate) fragment: Fragment,
}

/// What an address turns out to be.
pub(crate) enum Named {
    Local(Box<LocalWheel>),
    Web(Box<WebWheel>),
    /// Something that has to be built, and how it is refused where nothing may be.
    Source {
        tree: Box<SourceTree>,
        name: Option<DistName>,
        extras: BTreeSet<DistName>,
        refusal: Fault,
    },
}

/// What an address of a requirement names.
pub(crate) fn named(address: &str, base: Base<'_>, span: Range<usize>) -> Result<Named, Fault> {
    let unreadable = |why: String| Fault::unreadable(span.clone(), why);
    match Address::of(address) {
        _ if address.starts_with("git@") => Err(version_control(span)),
        Address::VersionControl => {
            let (front, fragment) = address.split_once('#').unwrap_or((address, ""));
            let fragment = Fragment::read(fragment).map_err(|error| unreadable(error.to_string()))?;
            let refusal = version_control(span.clone());
            let Some(tree) = source::git(front, fragment.subdirectory) else { return Err(refusal) };
            let (name, extras) = egg(fragment.egg.as_deref().unwrap_or_default());
            Ok(Named::Source { tree: Box::new(tree), name, extras, refusal })
        }
        Address::Web => {
            let (url, fragment) = DirectUrl::parse(address).map_err(unreadable)?;
            web(url, &fragment, span)
        }
        Address::OtherScheme(scheme) => {
            let what = format!("`{scheme}:` addresses are not supported");
            Err(Fault::unsupported(span, what, "download the wheel and name its path"))
        }
        Address::File => {
            let (front, fragment) = address.split_once('#').unwrap_or((address, ""));
            let fragment = Fragment::read(fragment).map_err(|error| unreadable(error.to_string()))?;
            let path = file_path(front).ok_or_else(|| {
                unreadable("not a file URL of this machine".to_owned()).help(
                    "write file:///absolute/path/name.whl (on Windows file:///C:/path/name.whl), or the path alone",
                )
            })?;
            match base {
                Base::Folder(folder) => local(joined(folder, &path), fragment.sha256, span),
                Base::Web(_) => Err(Fault::unsupported(
                    span,
                    "a file from the web cannot name files of this machine",
                    "write a path relative to it, or a whole https:// address",
                )),
            }
        }
        Address::Path => match base.reach(address).map_err(unreadable)? {
            Reached::File(path) => local(path, None, span),
            Reached::Web(url, fragment) => web(*url, &fragment, span),
        },
    }
}

/// Something on disk.
fn local(path: PathBuf, sha256: Option<Sha256>, span: Range<usize>) -> Result<Named, Fault> {
    let is_wheel = path.extension().is_some_and(|ending| ending == "whl");
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.filter(|_| is_wheel) else {
        let (is_archive, refusal) = not_a_wheel(&path, span);
        let name = name.filter(|_| is_archive).and_then(source::sdist_name);
        let tree = if is_archive { SourceTree::Archive(path) } else { SourceTree::Folder(path) };
        return Ok(Named::Source { tree: Box::new(tree), name, extras: BTreeSet::new(), refusal });
    };
    let filename = name
        .parse::<WheelFilename>()
        .map_err(|error| Fault::unreadable(span, format!("`{name}` is not a wheel's file name: {error}")))?;
    Ok(Named::Local(Box::new(LocalWheel { path, filename, sha256 })))
}

/// Something on the web.
fn web(url: DirectUrl, fragment: &str, span: Range<usize>) -> Result<Named, Fault> {
    let fragment = Fragment::read(fragment).map_err(|error| Fault::unreadable(span.clone(), error.to_string()))?;
    if let Some(filename) = url.wheel().map_err(|why| Fault::unreadable(span.clone(), why))? {
        return Ok(Named::Web(Box::new(WebWheel { url, filename, fragment })));
    }
    let (by_egg, extras) = egg(fragment.egg.as_deref().unwrap_or_default());
    let name = by_egg.or_else(|| source::sdist_name(&url.file_name()));
    let what = "the address is not that of a wheel";
    let help = "name the address of a .whl file, or pin a release with name==version";
    let refusal = Fault::unsupported(span, what, help);
    if !is_archive(&url.file_name()) {
        return Err(refusal);
    }
    let tree = SourceTree::Web { url, sha256: fragment.sha256, subdirectory: fragment.subdirectory };
    Ok(Named::Source { tree: Box::new(tree), name, extras, refusal })
}

/// `name[extra,other]` of `#egg=…`.
fn egg(text: &str) -> (Option<DistName>, BTreeSet<DistName>) {
    let (name, extras) = text.split_once('[').unwrap_or((text, ""));
    let extras = extras.trim_end_matches(']').split(',').filter_map(|extra| extra.trim().parse().ok());
    (name.trim().parse().ok(), extras.collect())
}

fn version_control(span: Range<usize>) -> Fault {
    Fault::unsupported(
        span,
        "version control addresses are not supported in a layer",
        "build a wheel with `pip wheel --no-deps URL` and name its path, or pin a release with name==version",
    )
}

/// Whether it is a source archive, and how that or a folder is refused.
fn not_a_wheel(path: &Path, span: Range<usize>) -> (bool, Fault) {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_archive = is_archive(&name);
    let fault = if is_archive {
        Fault::unsupported(
            span,
            "source archives are not supported: layerpack builds nothing unless told to",
            "build a wheel with `pip wheel --no-deps PATH` and name its path",
        )
    } else {
        Fault::unsupported(
            span,
            "local project folders are not supported: layerpack builds nothing unless told to",
            "build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of the source",
        )
    };
    (is_archive, fault)
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SOURCE_ARCHIVES.iter().any(|ending| name.ends_with(ending))
}

/// `file:` URLs with an absolute path on this machine, and the relative form that uv knows, `file:whl/a.whl`.
pub(crate) fn file_path(address: &str) -> Option<PathBuf> {
    match address.get("file:".len()..)? {
        path if path.starts_with('/') => Url::parse(address).ok()?.to_file_path().ok(),
        relative => Some(PathBuf::from(relative)),
    }
}

/// The direct address of a `Requires-Dist`. What to do about it is the resolver's business.
pub(crate) fn direct_url(text: &str) -> Result<RequirementSource, String> {
    let (url, fragment) = DirectUrl::parse(text)?;
    let sha256 = Fragment::read(&fragment).map_err(|error| error.to_string())?.sha256;
    Ok(RequirementSource::Url { url, sha256 })
}
