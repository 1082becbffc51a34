//! The files of a project: who is asked, what the cache still knows, and what `--find-links` adds.

use lambda_compat::Origin;
use reqwest::header;
use url::Url;
use wheel_tags::DistName;

use super::cache::{CachedPage, Head, Storing, seconds, storing};
use super::find_links::with_digest;
use super::http::{Answer, Failure, Request};
use super::page::{self, Files};
use super::settings::IndexStrategy;
use super::url::{IndexUrl, shown};
use super::{IndexError, IndexFile, Project, Shared, Source};

/// PEP 691: JSON is preferred, HTML is understood.
const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1, */*;q=0.01";

/// What a request for a page gave.
enum Fetched {
    /// There is no such page (HTTP 404, 410).
    Absent,
    /// The cached page still holds (HTTP 304).
    Unchanged {
        head: Option<Head>,
    },
    Page {
        files: Vec<IndexFile>,
        head: Option<Head>,
    },
}

impl Shared {
    /// The files of a project, from the index that it is pinned to or those that the strategy says, and from all
    /// `--find-links`.
    pub(super) fn read_project(&self, name: &DistName, pinned: Option<&IndexUrl>) -> Result<Project, IndexError> {
        let linked = self.linked()?.get(name).map(|files| files.iter().map(with_digest).collect::<Vec<_>>());
        let indexes: &[IndexUrl] = match pinned {
            _ if self.settings.no_index => &[],
            Some(index) => std::slice::from_ref(index),
            None => &self.settings.indexes,
        };
        if let Some(index) = pinned {
            self.http.learn(index);
        }
        let found = match self.served(name, indexes) {
            // Offline, the links may be all that there is.
            Err(IndexError::NotCached { .. }) if linked.is_some() => None,
            other => other?,
        };
        if found.is_none() && linked.is_none() {
            return Err(IndexError::UnknownProject { name: name.clone(), asked: self.asked(indexes) });
        }
        let (from, mut files) =
            found.map_or((Source::FindLinks, Vec::new()), |(index, files)| (Source::Index(shown(index.url())), files));
        files.extend(linked.into_iter().flatten());
        let earlier_first = self.settings.strategy == IndexStrategy::UnsafeFirstMatch;
        Ok(Project { name: name.clone(), files, from, earlier_first })
    }

    /// The first index that knows the name serves it: a name on a private index is never looked up on a public one. The
    /// unsafe strategies ask all of them; then one that refuses access is passed over, as uv does, unless nobody else
    /// knows the name.
    fn served<'i>(
        &self,
        name: &DistName,
        indexes: &'i [IndexUrl],
    ) -> Result<Option<(&'i IndexUrl, Vec<IndexFile>)>, IndexError> {
        let first_alone = self.settings.strategy == IndexStrategy::FirstIndex;
        let mut found: Option<(&IndexUrl, Vec<IndexFile>)> = None;
        let mut refused = None;
        for (rank, index) in (0..).zip(indexes) {
            let origin = if index.is_default() { Origin::PublicIndex } else { Origin::Unverified };
            let mut files = match self.page(&index.page(name), Some(name), origin) {
                Ok(Some(files)) => files,
                Ok(None) => continue,
                Err(IndexError::Credentials { status, .. }) if index.passes_over(status) => continue,
                Err(error @ IndexError::Credentials { .. }) if !first_alone => {
                    tracing::warn!("{index} is passed over: {error}");
                    refused.get_or_insert(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            for file in &mut files {
                file.rank = rank;
            }
            match &mut found {
                None => found = Some((index, files)),
                Some((_, all)) => all.extend(files),
            }
            if first_alone {
                break;
            }
        }
        match (found, refused) {
            (None, Some(refused)) => Err(refused),
            (found, _) => Ok(found),
        }
    }

    fn asked(&self, indexes: &[IndexUrl]) -> Vec<String> {
        let indexes = indexes.iter().map(ToString::to_string);
        indexes.chain(self.settings.find_links.iter().map(ToString::to_string)).collect()
    }

    /// The files of a page, of a project's or of a page of links; `None` where there is no such page.
    pub(super) fn page(
        &self,
        url: &Url,
        project: Option<&DistName>,
        origin: Origin,
    ) -> Result<Option<Vec<IndexFile>>, IndexError> {
        let cached = self.cache.page(url);
        let usable = cached.as_ref().filter(|cached| {
            self.settings.offline || (!self.settings.refresh && cached.head.is_fresh(self.settings.now))
        });
        if let Some(cached) = usable {
            if cached.head.absent {
                return Ok(None);
            }
            if let Some(files) = from_cache(cached, project, origin) {
                return Ok(Some(files));
            }
        }
        // A page that cannot be read must not be confirmed.
        let known = cached.as_ref().filter(|cached| !cached.head.absent && cached.each_row(drop).is_some());
        let request = Request::default()
            .accept(ACCEPT)
            .with(header::IF_NONE_MATCH, known.and_then(|k| k.head.etag.as_deref()))
            .with(header::IF_MODIFIED_SINCE, known.and_then(|k| k.head.last_modified.as_deref()));
        match self.http.fetch(url, &request, &mut |answer| self.take_page(answer, project, origin))? {
            Fetched::Absent => {
                let head = Head { fetched: seconds(self.settings.now), absent: true, ..Head::default() };
                self.cache.keep_page(url, &head, &[]);
                Ok(None)
            }
            Fetched::Unchanged { head } => {
                let files = known.and_then(|known| {
                    if let Some(head) = head {
                        // A confirmation may leave the validators out (RFC 9110, 15.4.5).
                        let etag = head.etag.or_else(|| known.head.etag.clone());
                        let last_modified = head.last_modified.or_else(|| known.head.last_modified.clone());
                        let max_age = head.max_age.or(known.head.max_age);
                        self.cache.confirm_page(url, &Head { max_age, etag, last_modified, ..head }, known);
                    }
                    from_cache(known, project, origin)
                });
                let unasked = || IndexError::answer(shown(url), "HTTP 304 to a request without conditions");
                files.map(Some).ok_or_else(unasked)
            }
            Fetched::Page { files, head } => {
                if let Some(head) = head {
                    self.cache.keep_page(url, &head, &files);
                }
                Ok(Some(files))
            }
        }
    }

    fn take_page(&self, answer: Answer, project: Option<&DistName>, origin: Origin) -> Result<Fetched, Failure> {
        let head = match storing(answer.header(&header::CACHE_CONTROL)) {
            Storing::Forbidden => None,
            Storing::Allowed(max_age) => Some(Head {
                fetched: seconds(self.settings.now),
                max_age,
                etag: answer.header(&header::ETAG).map(str::to_owned),
                last_modified: answer.header(&header::LAST_MODIFIED).map(str::to_owned),
                absent: false,
            }),
        };
        match answer.status {
            404 | 410 => Ok(Fetched::Absent),
            304 => Ok(Fetched::Unchanged { head }),
            200 => {
                let content_type = answer.header(&header::CONTENT_TYPE).map(str::to_owned);
                let url = answer.url.clone();
                let limits = self.settings.page_limits;
                let mut body = answer.body(limits.bytes);
                let read = page::read(&mut body, content_type.as_deref(), &url, project, origin, limits.files);
                if let Some(failure) = body.failure() {
                    return Err(failure);
                }
                let files = read.map_err(|e| IndexError::Answer { url: shown(&url), why: e.why, help: e.help })?;
                Ok(Fetched::Page { files, head })
            }
            _ => Err(answer.refusal().into()),
        }
    }
}

fn from_cache(cached: &CachedPage, project: Option<&DistName>, origin: Origin) -> Option<Vec<IndexFile>> {
    let mut files = Files::new(project, origin);
    cached.each_row(|row| files.add(row))?;
    files.finish().ok()
}
