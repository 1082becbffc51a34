//! Index pages as JSON (PEP 691, PEP 700, PEP 714), file by file as they come.

use std::fmt;
use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use url::Url;
use wheel_tags::DistName;

use super::names::harmless;
use super::page::{PageError, Row, Sidecar, link, sha256_of};

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: Option<Hashes>,
    requires_python: Option<String>,
    size: Option<u64>,
    upload_time: Option<String>,
    yanked: Option<Yanked>,
    // PEP 714 renamed the key; an index may send either, or both.
    core_metadata: Option<CoreMetadata>,
    dist_info_metadata: Option<CoreMetadata>,
    data_dist_info_metadata: Option<CoreMetadata>,
}

#[derive(Deserialize)]
struct Hashes {
    sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Flag(bool),
    Reason(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CoreMetadata {
    Flag(bool),
    Hashes(Hashes),
}

/// Hands the files of a JSON page to `sink`.
pub(super) fn rows(
    body: BufReader<&mut dyn Read>,
    url: &Url,
    project: Option<&DistName>,
    sink: &mut dyn FnMut(Row<'_>),
) -> Result<(), PageError> {
    let mut refused = None;
    let mut json = serde_json::Deserializer::from_reader(body);
    let page = Page { url, project, sink, refused: &mut refused };
    let read = page.deserialize(&mut json).and_then(|()| json.end());
    match refused {
        Some(refused) => Err(refused),
        None => read.map_err(|e| PageError::new(format!("it is no JSON page: {e}"))),
    }
}

/// PEP 629: another major version must not be guessed at; a newer minor version may be read.
pub(super) fn supported(version: &str) -> Result<(), PageError> {
    if version.split('.').next() == Some("1") {
        return Ok(());
    }
    let why = format!("it is written in version {} of the simple API; this release reads 1.x", harmless(version));
    Err(PageError::new(why).help("a newer layerpack may read it"))
}

/// Reads a page without keeping it.
struct Page<'a> {
    url: &'a Url,
    project: Option<&'a DistName>,
    sink: &'a mut dyn FnMut(Row<'_>),
    /// Why it is no page of the project, where its JSON is sound.
    refused: &'a mut Option<PageError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    Meta,
    Name,
    Files,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Page<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Page<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the page of a project")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut has_files = false;
        while let Some(key) = map.next_key()? {
            let fine = match key {
                Key::Meta => {
                    let version = map.next_value::<Option<Meta>>()?.and_then(|meta| meta.api_version);
                    version.map_or(Ok(()), |version| supported(&version))
                }
                Key::Name => map.next_value::<Option<String>>()?.map_or(Ok(()), |name| self.is_its_name(&name)),
                Key::Files => {
                    has_files = true;
                    map.next_value_seed(Files { url: self.url, sink: &mut *self.sink })?;
                    Ok(())
                }
                Key::Other => map.next_value::<IgnoredAny>().map(|_| Ok(()))?,
            };
            if let Err(error) = fine {
                *self.refused = Some(error);
                return Err(A::Error::custom("refused"));
            }
        }
        if has_files { Ok(()) } else { Err(A::Error::missing_field("files")) }
    }
}

impl Page<'_> {
    fn is_its_name(&self, name: &str) -> Result<(), PageError> {
        match self.project {
            Some(project) if name.parse::<DistName>().ok().as_ref() != Some(project) => {
                Err(PageError::new(format!("it is the page of `{}`, not of `{project}`", harmless(name))))
            }
            _ => Ok(()),
        }
    }
}

struct Files<'a> {
    url: &'a Url,
    sink: &'a mut dyn FnMut(Row<'_>),
}

impl<'de> DeserializeSeed<'de> for Files<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Files<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list of files")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut files: A) -> Result<(), A::Error> {
        while let Some(file) = files.next_element::<File>()? {
            if let Some((url, _)) = link(self.url, &file.url) {
                (self.sink)(file.row(&url));
            }
        }
        Ok(())
    }
}

impl File {
    fn row<'r>(&'r self, url: &'r str) -> Row<'r> {
        let metadata = [&self.core_metadata, &self.dist_info_metadata, &self.data_dist_info_metadata];
        Row {
            filename: &self.filename,
            url,
            sha256: self.hashes.as_ref().and_then(Hashes::sha256),
            size: self.size,
            requires_python: self.requires_python.as_deref(),
            yanked: match &self.yanked {
                None | Some(Yanked::Flag(false)) => None,
                Some(Yanked::Flag(true)) => Some(""),
                // PEP 691: a reason is a non-empty string.
                Some(Yanked::Reason(reason)) => Some(reason.as_str()).filter(|r| !r.is_empty()),
            },
            upload_time: self.upload_time.as_deref(),
            metadata: metadata.into_iter().flatten().next().and_then(|m| match m {
                CoreMetadata::Flag(true) => Some(Sidecar::default()),
                CoreMetadata::Flag(false) => None,
                CoreMetadata::Hashes(hashes) => Some(Sidecar { sha256: hashes.sha256() }),
            }),
        }
    }
}

impl Hashes {
    fn sha256(&self) -> Option<[u8; 32]> {
        self.sha256.as_deref().and_then(sha256_of)
    }
}
