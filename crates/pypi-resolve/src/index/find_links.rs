//! `--find-links`: folders of files, and HTML pages with links, on disk or on a server.

use std::collections::BTreeMap;
use std::path::Path;

use lambda_compat::Origin;
use url::Url;
use wheel_tags::DistName;

use super::download::{local_digest, local_path};
use super::names::{kind_of, projects_of};
use super::page::{self, Files, Row};
use super::url::{FindLinks, shown};
use super::{FileKind, IndexError, IndexFile, Shared};

/// Files by project. A source distribution whose name can be split in several ways is there once for each.
pub(super) type Linked = BTreeMap<DistName, Vec<IndexFile>>;

impl Shared {
    /// The files of every place, looked up once.
    pub(super) fn linked(&self) -> Result<&Linked, IndexError> {
        self.linked.get_or_init(|| self.read_places()).as_ref().map_err(IndexError::clone)
    }

    fn read_places(&self) -> Result<Linked, IndexError> {
        let mut linked = Linked::new();
        for place in &self.settings.find_links {
            let files = match place {
                FindLinks::Local(path) => local(path)?,
                FindLinks::Page(url) => self
                    .page(url.url(), None, Origin::Unverified)?
                    .ok_or_else(|| IndexError::answer(shown(url.url()), "there is no such page (HTTP 404)"))?,
            };
            for file in files {
                for name in projects_of(&file.filename) {
                    let kind = kind_of(&file.filename, &name);
                    linked.entry(name).or_default().push(IndexFile { kind, ..file.clone() });
                }
            }
        }
        Ok(linked)
    }
}

/// The files of a folder, one file, or the links of an HTML file.
fn local(path: &Path) -> Result<Vec<IndexFile>, IndexError> {
    let read = |e| IndexError::io("read a place of --find-links", e);
    let path = std::path::absolute(path).map_err(read)?;
    let mut files = Files::new(None, Origin::Unverified);
    if path.is_dir() {
        let mut entries = fs_err::read_dir(&path).map_err(read)?.collect::<Result<Vec<_>, _>>().map_err(read)?;
        entries.sort_by_key(fs_err::DirEntry::file_name);
        for entry in entries {
            add(&mut files, &entry.path());
        }
    } else if !path.is_file() {
        return Err(IndexError::NoSuchPlace { path });
    } else if path.extension().is_some_and(|e| e == "html" || e == "htm") {
        let body = fs_err::read(&path).map_err(read)?;
        let url = Url::from_file_path(&path).map_err(|()| IndexError::NoSuchPlace { path: path.clone() })?;
        let rows = page::each_row(&mut body.as_slice(), Some("text/html"), &url, None, &mut |row| files.add(row));
        rows.map_err(|e| IndexError::Answer { url: shown(&url), why: e.why, help: e.help })?;
    } else {
        add(&mut files, &path);
    }
    Ok(files.all())
}

/// The same file, and the digest of a wheel on disk, which nobody else promises: it goes into the lock, and a `--hash` can
/// be held against it. Only the wheels of projects that are asked for are read.
pub(super) fn with_digest(file: &IndexFile) -> IndexFile {
    let mut file = file.clone();
    if let (FileKind::Wheel(_), None, true) = (&file.kind, file.sha256, file.url.starts_with("file:")) {
        // One that cannot be read is told of when it is taken; others of the project may do.
        file.sha256 = local_path(&file.url).and_then(|path| local_digest(&path)).ok();
    }
    file
}

/// Adds a file on disk; what is no regular file or has no name in UTF-8 is no distribution.
fn add(files: &mut Files<'_>, path: &Path) {
    let Some(filename) = path.file_name().and_then(|name| name.to_str()) else { return };
    let Ok(url) = Url::from_file_path(path) else { return };
    if let Ok(metadata) = fs_err::metadata(path)
        && metadata.is_file()
    {
        files.add(Row { filename, url: url.as_str(), size: Some(metadata.len()), ..Row::default() });
    }
}
