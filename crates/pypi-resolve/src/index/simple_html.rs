//! Index pages and pages of links as HTML (PEP 503, with the attributes of PEP 592, 629, 658 and 714), tag by tag as they
//! come.

use std::cell::Cell;
use std::convert::Infallible;
use std::io::{self, Read};

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{IoReader, Span, Tokenizer};
use url::Url;

use super::names::name_in_url;
use super::page::{IS_IT_AN_INDEX, PageError, Row, Sidecar, link, sha256_of};
use super::simple_json::supported;

/// Bytes of a page before its first file, and between one file and the next: a text or a tag is held until it ends, and character
/// references take 25 ns a byte. Whole web pages for people have less.
const LONGEST_STRETCH: usize = 4 << 20;

/// Hands the files that an HTML page links to `sink`.
pub(super) fn rows(body: impl Read, url: &Url, sink: &mut dyn FnMut(Row<'_>)) -> Result<(), PageError> {
    let left = Cell::new(LONGEST_STRETCH);
    let sink = &mut |row: Row<'_>| {
        left.set(LONGEST_STRETCH);
        sink(row);
    };
    let mut page = Page {
        base: url.clone(),
        based: false,
        tag: Tag::Other,
        attributes: Vec::new(),
        wanted: false,
        seen: Seen::default(),
    };
    let mut emitter = CallbackEmitter::<_, Infallible>::new(|event: CallbackEvent<'_>, _: Span<()>| {
        page.event(&event, sink);
        None
    });
    // Text that looks like links inside <script> and <style> is none.
    emitter.naively_switch_states(true);
    let body = Stretch { body, left: &left };
    let read = Tokenizer::new_with_emitter(IoReader::new(body), emitter).finish();
    if left.get() == 0 {
        return Err(PageError::new(format!("it has {LONGEST_STRETCH} bytes in a row that link to no file"))
            .help(IS_IT_AN_INDEX));
    }
    read.map_err(|e| PageError::new(e.to_string()))?;
    let Seen { version, password_field, files, form_or_script } = page.seen;
    if let Some(version) = version {
        supported(&version)?;
    }
    if password_field || (files == 0 && form_or_script) {
        return Err(PageError::new("it is a web page for people, probably a login page, not an index page")
            .help("check the credentials in the index URL, and that it is the URL of a simple index (PEP 503)"));
    }
    Ok(())
}

/// A body that breaks off where it has gone on for too long without a file.
struct Stretch<'a, R> {
    body: R,
    left: &'a Cell<usize>,
}

impl<R: Read> Read for Stretch<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("it is not read to its end"));
        }
        let most = buffer.len().min(left);
        let read = self.body.read(&mut buffer[..most])?;
        self.left.set(left.saturating_sub(read));
        Ok(read)
    }
}

struct Page {
    base: Url,
    /// Whether `<base>` was seen: the first counts.
    based: bool,
    tag: Tag,
    /// The attributes of the current tag that say something. The first of two with one name counts, as in HTML.
    attributes: Vec<(Attribute, String)>,
    /// Whether the value that comes next belongs to the last of them.
    wanted: bool,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    version: Option<String>,
    password_field: bool,
    form_or_script: bool,
    files: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Anchor,
    Base,
    Meta,
    Input,
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    Href,
    RequiresPython,
    Yanked,
    CoreMetadata,
    DistInfoMetadata,
    UploadTime,
    Name,
    Content,
    Type,
    Other,
}

impl Attribute {
    fn of(name: &[u8]) -> Self {
        match name {
            b"href" => Self::Href,
            b"data-requires-python" => Self::RequiresPython,
            b"data-yanked" => Self::Yanked,
            b"data-core-metadata" => Self::CoreMetadata,
            b"data-dist-info-metadata" => Self::DistInfoMetadata,
            // In no standard; some mirrors send it.
            b"data-upload-time" => Self::UploadTime,
            b"name" => Self::Name,
            b"content" => Self::Content,
            b"type" => Self::Type,
            _ => Self::Other,
        }
    }
}

impl Page {
    fn event(&mut self, event: &CallbackEvent<'_>, sink: &mut dyn FnMut(Row<'_>)) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.attributes.clear();
                self.tag = match *name {
                    b"a" => Tag::Anchor,
                    b"base" => Tag::Base,
                    b"meta" => Tag::Meta,
                    b"input" => Tag::Input,
                    _ => Tag::Other,
                };
                self.seen.form_or_script |= matches!(*name, b"form" | b"script");
            }
            _ if self.tag == Tag::Other => {}
            // An attribute without a value has no event for the value.
            CallbackEvent::AttributeName { name } => {
                let attribute = Attribute::of(name);
                self.wanted = attribute != Attribute::Other && self.get(attribute).is_none();
                if self.wanted {
                    self.attributes.push((attribute, String::new()));
                }
            }
            CallbackEvent::AttributeValue { value } if self.wanted => {
                if let Some((_, text)) = self.attributes.last_mut() {
                    *text = String::from_utf8_lossy(value).into_owned();
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                self.close(sink);
                self.tag = Tag::Other;
            }
            _ => {}
        }
    }

    fn get(&self, wanted: Attribute) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, text)| text.as_str())
    }

    fn close(&mut self, sink: &mut dyn FnMut(Row<'_>)) {
        match self.tag {
            Tag::Anchor => {
                let sent = self.get(Attribute::Href).is_some_and(|href| self.anchor(href, sink));
                self.seen.files += usize::from(sent);
            }
            Tag::Base if !self.based => {
                self.based = true;
                let base = self.get(Attribute::Href).and_then(|href| self.base.join(href.trim()).ok());
                // A page from another machine must not make its links files of this one.
                if let Some(base) = base.filter(|base| base.scheme() != "file" || self.base.scheme() == "file") {
                    self.base = base;
                }
            }
            Tag::Meta if self.get(Attribute::Name) == Some("pypi:repository-version") => {
                self.seen.version = self.get(Attribute::Content).map(str::to_owned);
            }
            Tag::Input if self.get(Attribute::Type).is_some_and(|t| t.eq_ignore_ascii_case("password")) => {
                self.seen.password_field = true;
            }
            Tag::Base | Tag::Meta | Tag::Input | Tag::Other => {}
        }
    }

    /// Sends the file that an anchor links to; `false` where it links to none (`../`, `mailto:`).
    fn anchor(&self, href: &str, sink: &mut dyn FnMut(Row<'_>)) -> bool {
        let Some((url, fragment)) = link(&self.base, href) else { return false };
        let Some(filename) = name_in_url(&url).filter(|name| !name.is_empty()) else { return false };
        let sha256 = fragment.split('&').find_map(|part| part.strip_prefix("sha256=")).and_then(sha256_of);
        let metadata = self.get(Attribute::CoreMetadata).or_else(|| self.get(Attribute::DistInfoMetadata));
        sink(Row {
            filename: &filename,
            url: &url,
            sha256,
            size: None,
            requires_python: self.get(Attribute::RequiresPython),
            yanked: self.get(Attribute::Yanked),
            upload_time: self.get(Attribute::UploadTime),
            metadata: metadata
                .filter(|m| *m != "false")
                .map(|m| Sidecar { sha256: m.strip_prefix("sha256=").and_then(sha256_of) }),
        });
        true
    }
}
