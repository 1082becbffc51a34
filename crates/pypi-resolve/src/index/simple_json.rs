//! Index pages as JSON (PEP 691, PEP 700, PEP 714).

use std::borrow::Cow;

use serde::Deserialize;
use url::Url;
use wheel_tags::DistName;

use super::names::harmless;
use super::page::{PageError, Row, Sidecar, link, sha256_of};

#[derive(Deserialize)]
struct Versioned<'a> {
    #[serde(borrow)]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    files: Vec<File<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "api-version")]
    api_version: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File<'a> {
    #[serde(borrow)]
    filename: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(default)]
    hashes: Option<Hashes<'a>>,
    requires_python: Option<Cow<'a, str>>,
    size: Option<u64>,
    upload_time: Option<Cow<'a, str>>,
    yanked: Option<Yanked<'a>>,
    // PEP 714 renamed the key; an index may send either, or both.
    core_metadata: Option<CoreMetadata<'a>>,
    dist_info_metadata: Option<CoreMetadata<'a>>,
    data_dist_info_metadata: Option<CoreMetadata<'a>>,
}

#[derive(Deserialize)]
struct Hashes<'a> {
    sha256: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked<'a> {
    Flag(bool),
    Reason(Cow<'a, str>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CoreMetadata<'a> {
    Flag(bool),
    Hashes(Hashes<'a>),
}

/// Hands the files of a JSON page to `sink`.
pub(super) fn rows(
    body: &[u8],
    url: &Url,
    project: Option<&DistName>,
    sink: &mut dyn FnMut(Row<'_>),
) -> Result<(), PageError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Looked at first and apart: a page of another major version may not have the same fields at all.
    if let Ok(Versioned { meta: Some(meta) }) = serde_json::from_slice(body) {
        supported(&meta.api_version)?;
    }
    let page: Page<'_> =
        serde_json::from_slice(body).map_err(|e| PageError::new(format!("it is no JSON page: {e}")))?;
    if let (Some(name), Some(project)) = (&page.name, project)
        && name.parse::<DistName>().ok().as_ref() != Some(project)
    {
        return Err(PageError::new(format!("it is the page of `{}`, not of `{project}`", harmless(name))));
    }
    for file in &page.files {
        if let Some((url, _)) = link(url, &file.url) {
            sink(file.row(&url));
        }
    }
    Ok(())
}

/// PEP 629: another major version must not be guessed at; a newer minor version may be read.
pub(super) fn supported(version: &str) -> Result<(), PageError> {
    if version.split('.').next() == Some("1") {
        return Ok(());
    }
    let why = format!("it is written in version {} of the simple API; this release reads 1.x", harmless(version));
    Err(PageError::new(why).help("a newer layerpack may read it"))
}

impl File<'_> {
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
                Some(Yanked::Reason(reason)) => Some(reason.as_ref()).filter(|r| !r.is_empty()),
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

impl Hashes<'_> {
    fn sha256(&self) -> Option<[u8; 32]> {
        self.sha256.as_deref().and_then(sha256_of)
    }
}
