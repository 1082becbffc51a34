//! Index pages of either form to the files of a project.
//!
//! The form follows the Content-Type, and the first byte where that says nothing sure: JSON is seen served as
//! `text/html` and `text/plain`.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use lambda_compat::Origin;
use pep440_rs::{Version, VersionSpecifiers};
use serde::{Deserialize, Serialize};
use url::Url;
use wheel_archive::Sha256;
use wheel_tags::{DistName, TagSet, WheelFilename};

use super::names::{harmless, is_plain, kind_of};
use super::settings::PageLimits;
use super::url::forget_login;
use super::{FileKind, IndexFile, MetadataFile, UploadTime, simple_html, simple_json};

/// One file as a page, or a cached page, spells it. Everything is borrowed: pages have thousands of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Row<'a> {
    pub(super) filename: &'a str,
    /// Absolute, without credentials and fragment.
    pub(super) url: &'a str,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) size: Option<u64>,
    pub(super) requires_python: Option<&'a str>,
    pub(super) yanked: Option<&'a str>,
    pub(super) upload_time: Option<&'a str>,
    pub(super) metadata: Option<Sidecar>,
}

/// That there is METADATA beside a file, and its sha256 where that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Sidecar {
    pub(super) sha256: Option<[u8; 32]>,
}

/// Why an answer is no page of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageError {
    pub(super) why: String,
    pub(super) help: Option<String>,
}

impl PageError {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What to do where something else than an index answers.
pub(super) const IS_IT_AN_INDEX: &str =
    "check that the URL is that of a simple index (PEP 503), which usually ends in /simple/";

/// Bytes of a page that are read at once.
const CHUNK: usize = 64 * 1024;

/// Reads a page that was served from `url` (after redirects) as the page of `project`, or as a page of links. The body is
/// read as it comes and never held: the longest have 30 MB, and dozens come side by side. More than `most` files are an error.
pub(super) fn read(
    body: &mut dyn Read,
    content_type: Option<&str>,
    url: &Url,
    project: Option<&DistName>,
    origin: Origin,
    most: usize,
) -> Result<Vec<IndexFile>, PageError> {
    let mut files = Files::new(project, origin);
    let full = Cell::new(false);
    let mut body = Until { body, full: &full };
    let read = each_row(&mut body, content_type, url, project, &mut |row| {
        full.set(files.collected.len() >= most);
        if !full.get() {
            files.add(row);
        }
    });
    if full.get() {
        return Err(PageError::new(format!("it lists more than {most} files")));
    }
    read?;
    files.finish()
}

/// A body that breaks off when nobody wants more of it.
struct Until<'a> {
    body: &'a mut dyn Read,
    full: &'a Cell<bool>,
}

impl Read for Until<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.full.get() { Err(io::Error::other("it is not read to its end")) } else { self.body.read(buffer) }
    }
}

/// The files of a project's page, JSON (PEP 691) or HTML (PEP 503), of which the bytes are at hand; they came from `url`.
///
/// # Errors
/// Why it is no page of the project.
pub fn read_page(
    mut body: &[u8],
    content_type: Option<&str>,
    url: &str,
    project: &DistName,
) -> Result<Vec<IndexFile>, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let most = PageLimits::default().files;
    read(&mut body, content_type, &url, Some(project), Origin::PublicIndex, most).map_err(|error| error.why)
}

/// Hands every file of a page to `sink`. With a project, a JSON page must be of that project.
pub(super) fn each_row(
    body: &mut dyn Read,
    content_type: Option<&str>,
    url: &Url,
    project: Option<&DistName>,
    sink: &mut dyn FnMut(Row<'_>),
) -> Result<(), PageError> {
    let mut body = BufReader::with_capacity(CHUNK, body);
    let first = first_byte(&mut body).map_err(|e| PageError::new(e.to_string()))?;
    match form(content_type, first)? {
        Form::Json => simple_json::rows(body, url, project, sink),
        Form::Html => simple_html::rows(body, url, sink),
    }
}

enum Form {
    Json,
    Html,
}

/// The first byte that says something, which is left there: white space and a byte order mark do not.
fn first_byte(body: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let buffered = body.fill_buf()?;
        let silent = |b: &&u8| b.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(b);
        let skipped = buffered.iter().take_while(silent).count();
        let first = buffered.get(skipped).copied();
        if first.is_some() || skipped == 0 {
            body.consume(skipped);
            return Ok(first);
        }
        body.consume(skipped);
    }
}

fn form(content_type: Option<&str>, first: Option<u8>) -> Result<Form, PageError> {
    let media = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if let Some(simple) = media.strip_prefix("application/vnd.pypi.simple.") {
        return match simple {
            "v1+json" => Ok(Form::Json),
            "v1+html" => Ok(Form::Html),
            _ => Err(PageError::new(format!("it is served as {media}, which this release does not know"))
                .help("a newer layerpack may read it")),
        };
    }
    let plausible = ["", "text/html", "text/plain", "application/json", "application/xhtml+xml"];
    if !plausible.contains(&media.as_str()) && media != "application/octet-stream" {
        return Err(PageError::new(format!("it is served as {media:.80}, not as an index page")).help(IS_IT_AN_INDEX));
    }
    match first {
        Some(b'{') => Ok(Form::Json),
        Some(b'<') => Ok(Form::Html),
        _ if media == "text/html" => Ok(Form::Html),
        _ if media == "application/json" => Ok(Form::Json),
        _ => Err(PageError::new("it is neither JSON nor HTML")),
    }
}

/// `href` as an absolute URL without credentials, and its fragment; `None` for what cannot be fetched: other schemes,
/// and files of this machine named by a page from another.
pub(super) fn link<'h>(base: &Url, href: &'h str) -> Option<(String, &'h str)> {
    let href = href.trim();
    let (place, fragment) = href.split_once('#').unwrap_or((href, ""));
    let whole = place.starts_with("https://") || place.starts_with("http://");
    if whole && place.bytes().all(|b| b.is_ascii_graphic() && b != b'@' && b != b'\\') {
        return Some((place.to_owned(), fragment));
    }
    let mut url = base.join(place).ok()?;
    match url.scheme() {
        "https" | "http" => {}
        "file" if base.scheme() == "file" => {}
        _ => return None,
    }
    forget_login(&mut url);
    url.set_fragment(None);
    Some((url.into(), fragment))
}

/// The sha256 in hexadecimal digits.
pub(super) fn sha256_of(hex: &str) -> Option<[u8; 32]> {
    hex.parse::<Sha256>().ok().map(|s| *s.as_bytes())
}

/// Collects rows as the files of one project, or of whoever they belong to.
pub(super) struct Files<'p> {
    project: Option<&'p DistName>,
    origin: Origin,
    collected: Vec<IndexFile>,
    /// What files of one page share: a page may have ten thousand.
    shared: Shared,
}

/// Values that many files have, each kept once.
#[derive(Default)]
struct Shared {
    requires_python: HashMap<String, Arc<Result<VersionSpecifiers, String>>>,
    tags: HashSet<Arc<TagSet>>,
    versions: HashSet<Version>,
}

impl Shared {
    fn specifiers(&mut self, text: &str) -> Arc<Result<VersionSpecifiers, String>> {
        if let Some(known) = self.requires_python.get(text) {
            return Arc::clone(known);
        }
        let parsed = Arc::new(text.parse::<VersionSpecifiers>().map_err(|_| text.to_owned()));
        self.requires_python.insert(text.to_owned(), Arc::clone(&parsed));
        parsed
    }

    fn version(&mut self, version: &mut Version) {
        match self.versions.get(version) {
            // 1.0 and 1.0.0 are equal, and shown as they are spelt.
            Some(known) if *known.release() == *version.release() => *version = known.clone(),
            Some(_) => {}
            None => _ = self.versions.insert(version.clone()),
        }
    }

    fn kind(&mut self, kind: &mut FileKind, project: &DistName) {
        match kind {
            FileKind::Wheel(filename) => {
                self.version(&mut filename.version);
                // Equal, or it would be no wheel of the project.
                filename.name = project.clone();
                match self.tags.get(&filename.tags) {
                    Some(known) => filename.tags = Arc::clone(known),
                    None => _ = self.tags.insert(Arc::clone(&filename.tags)),
                }
            }
            FileKind::Sdist { version } => self.version(version),
            FileKind::Other { .. } => {}
        }
    }
}

impl<'p> Files<'p> {
    pub(super) fn new(project: Option<&'p DistName>, origin: Origin) -> Self {
        Self { project, origin, collected: Vec::new(), shared: Shared::default() }
    }

    pub(super) fn add(&mut self, row: Row<'_>) {
        let plain = is_plain(row.filename);
        let other = |reason: &str| FileKind::Other { reason: reason.to_owned() };
        let (filename, kind) = match self.project {
            Some(project) if plain => {
                let mut kind = kind_of(row.filename, project);
                self.shared.kind(&mut kind, project);
                let filename =
                    if let FileKind::Wheel(wheel) = &kind { wheel.shared() } else { Arc::from(row.filename) };
                (filename, kind)
            }
            None if plain => (Arc::from(row.filename), other("of a project still to be told")),
            _ => (harmless(row.filename).into(), other("an unsafe file name")),
        };
        let requires_python = row.requires_python.filter(|text| !text.trim().is_empty());
        let requires_python = requires_python.map(|text| self.shared.specifiers(text));
        self.collected.push(IndexFile {
            filename,
            kind,
            url: row.url.to_owned(),
            sha256: row.sha256.map(Sha256::from_bytes),
            size: row.size,
            requires_python,
            yanked: row.yanked.map(str::to_owned),
            upload_time: row.upload_time.map(UploadTime::new),
            metadata: row.metadata.map(|m| MetadataFile { sha256: m.sha256.map(Sha256::from_bytes) }),
            rank: 0,
            origin: self.origin,
        });
    }

    /// The files; an error where every wheel belongs to another project, for then the page does too.
    pub(super) fn finish(mut self) -> Result<Vec<IndexFile>, PageError> {
        let usable = self.collected.iter().any(|f| !matches!(f.kind, FileKind::Other { .. }));
        if let (Some(project), false) = (self.project, usable)
            && let Some(wheel) = self.collected.iter().find_map(|f| f.filename.parse::<WheelFilename>().ok())
            && wheel.name != *project
        {
            return Err(PageError::new(format!("it is the page of `{}`, not of `{project}`", wheel.name)));
        }
        self.collected.shrink_to_fit();
        Ok(self.collected)
    }

    /// The files, whoever they belong to.
    pub(super) fn all(self) -> Vec<IndexFile> {
        self.collected
    }
}

impl IndexFile {
    /// The row that gives this file again, with the texts of Requires-Python and the upload time.
    pub(super) fn row<'a>(&'a self, requires_python: Option<&'a str>, upload_time: Option<&'a str>) -> Row<'a> {
        Row {
            filename: &self.filename,
            url: &self.url,
            sha256: self.sha256.map(|s| *s.as_bytes()),
            size: self.size,
            requires_python,
            yanked: self.yanked.as_deref(),
            upload_time,
            metadata: self.metadata.as_ref().map(|m| Sidecar { sha256: m.sha256.map(|s| *s.as_bytes()) }),
        }
    }
}

#[cfg(test)]
mod tests;
