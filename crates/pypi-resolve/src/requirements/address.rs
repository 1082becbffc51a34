//! What stands where a path or URL may stand: local wheels, and everything else that pip installs and a layer is not
//! built from, each with what to do instead.

use std::ops::Range;
use std::path::{Path, PathBuf};

use url::Url;
use wheel_archive::Sha256;
use wheel_tags::WheelFilename;

use super::error::Fault;
use super::hash::{HashDigest, InvalidHash};
use super::place::joined;
use super::redact::mask;
use super::requirement::{RequirementSource, name_length};

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

/// The wheel on disk that an address names; every other address is refused by kind.
pub(crate) fn local_wheel(address: &str, folder: &Path, span: Range<usize>) -> Result<LocalWheel, Fault> {
    let (address, fragment) = match Address::of(address) {
        Address::Path => (address, None),
        _ => address.split_once('#').map_or((address, None), |(front, fragment)| (front, Some(fragment))),
    };
    let path = match Address::of(address) {
        _ if address.starts_with("git@") => return Err(version_control(span)),
        Address::VersionControl => return Err(version_control(span)),
        Address::Web => return Err(web(address, span)),
        Address::OtherScheme(scheme) => {
            let what = format!("`{scheme}:` addresses are not supported");
            return Err(Fault::unsupported(span, what, "download the wheel and name its path"));
        }
        Address::File => file_path(address).ok_or_else(|| {
            Fault::unreadable(span.clone(), "not a file URL of this machine")
                .help("write file:///absolute/path/name.whl, or the path alone")
        })?,
        Address::Path => PathBuf::from(address),
    };
    let is_wheel = path.extension().is_some_and(|ending| ending == "whl");
    let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| is_wheel) else {
        return Err(not_a_wheel(&path, span));
    };
    let filename = name
        .parse::<WheelFilename>()
        .map_err(|error| Fault::unreadable(span.clone(), format!("`{name}` is not a wheel's file name: {error}")))?;
    let sha256 = fragment.and_then(fragment_sha256).map(read_sha256).transpose();
    let sha256 = sha256.map_err(|error| Fault::unreadable(span, error.to_string()))?.flatten();
    Ok(LocalWheel { path: joined(folder, &path), filename, sha256 })
}

fn version_control(span: Range<usize>) -> Fault {
    Fault::unsupported(
        span,
        "version control addresses are not supported in a layer",
        "build a wheel with `pip wheel --no-deps URL` and name its path, or pin a release with name==version",
    )
}

fn web(address: &str, span: Range<usize>) -> Fault {
    let last = address.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    match last.parse::<WheelFilename>() {
        Ok(wheel) => Fault::unsupported(
            span,
            "direct addresses of wheels are not supported",
            format!("download the wheel and name its path, or pin {}=={}", wheel.name, wheel.version),
        ),
        Err(_) => Fault::unsupported(
            span,
            "direct addresses are not supported",
            "build or download a wheel and name its path, or pin a release with name==version",
        ),
    }
}

fn not_a_wheel(path: &Path, span: Range<usize>) -> Fault {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if SOURCE_ARCHIVES.iter().any(|ending| name.ends_with(ending)) {
        Fault::unsupported(
            span,
            "source archives are not supported: layerpack builds nothing",
            "build a wheel with `pip wheel --no-deps PATH` and name its path",
        )
    } else {
        Fault::unsupported(
            span,
            "local project folders are not supported: layerpack builds nothing",
            "build a wheel with `pip wheel --no-deps PATH` and name its path, or put the code under python/ of the source",
        )
    }
}

/// `file:` URLs with an absolute path on this machine, and the relative form that uv knows, `file:whl/a.whl`.
pub(crate) fn file_path(address: &str) -> Option<PathBuf> {
    match address.get("file:".len()..)? {
        path if path.starts_with('/') => Url::parse(address).ok()?.to_file_path().ok(),
        relative => Some(PathBuf::from(relative)),
    }
}

/// The digest in `#sha256=…` of a URL. Other keys (`egg`, `subdirectory`) say nothing about a wheel.
fn fragment_sha256(fragment: &str) -> Option<&str> {
    fragment.split('&').find_map(|pair| pair.strip_prefix("sha256="))
}

fn read_sha256(digest: &str) -> Result<Option<Sha256>, InvalidHash> {
    format!("sha256:{digest}").parse().map(|hash: HashDigest| hash.sha256())
}

/// The direct address of a `Requires-Dist`. What to do about it is the resolver's business.
pub(crate) fn direct_url(text: &str) -> Result<RequirementSource, String> {
    let mut url = Url::parse(text.trim()).map_err(|error| format!("`{}` is not a URL: {error}", mask(text.trim())))?;
    let sha256 = url
        .fragment()
        .and_then(fragment_sha256)
        .map(read_sha256)
        .transpose()
        .map_err(|error| error.to_string())?
        .flatten();
    url.set_fragment(None);
    Ok(RequirementSource::Url { url, sha256 })
}
