//! How the index answers: faults first, then pages and files with validators and ranges (RFC 9110).

use std::sync::Mutex;

use data_encoding::BASE64;

use super::{FakeIndexBuilder, Fault, PageFormat, gzip, lock, page, sha256};
use crate::{
    http::{Request, Response},
    wheel::normalised,
};

pub(super) fn respond(state: &Mutex<FakeIndexBuilder>, request: &Request) -> Response {
    let mut index = lock(state);
    if !index.admits(request) {
        return Response::new(401).header("WWW-Authenticate", "Basic realm=\"index\"");
    }
    let path = page::decoded(request.path.split(['?', '#']).next().unwrap_or_default());
    let fault = index.next_fault(&path);
    if let Fault::Answer(answer) = fault {
        // The closure may take its time, or change the index.
        drop(index);
        return answer(request);
    }
    let right = || index.page_or_file(&path, request);
    match fault {
        Fault::Pass | Fault::Answer(_) => right(),
        Fault::Status(status) => Response::new(status),
        Fault::RetryAfter(status, when) => Response::new(status).header("Retry-After", &when),
        Fault::Redirect(url) => Response::redirect(&url),
        Fault::Reset(bytes) => right().reset(bytes),
        Fault::Short(bytes) => right().short(bytes),
        Fault::Slow(chunk, pause) => right().trickle(chunk, pause),
        Fault::Chunked(chunk) => right().chunked(chunk),
        Fault::Endless => right().endless(),
        Fault::WrongRange => shifted_range(right()),
        Fault::IgnoreRange => {
            let mut whole = request.clone();
            whole.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Range"));
            index.page_or_file(&path, &whole)
        }
        Fault::Gzip => {
            let response = right().header("Content-Encoding", "gzip");
            let (status, body) = (response.status, gzip(&response.body));
            response.with(status, body)
        }
    }
}

impl FakeIndexBuilder {
    fn admits(&self, request: &Request) -> bool {
        self.credentials.as_ref().is_none_or(|credentials| {
            let expected = format!("Basic {}", BASE64.encode(credentials.as_bytes()));
            request.header("Authorization") == Some(&expected)
        })
    }

    fn page_or_file(&self, path: &str, request: &Request) -> Response {
        if path == "/simple/" {
            let page = page::projects(self.json_for(request), &self.projects);
            return self.validated(page, request);
        }
        if let Some(name) = path.strip_prefix("/simple/") {
            return self.project_page(name, request);
        }
        let Some(filename) = path.strip_prefix(page::FILES) else { return Response::new(404) };
        if let Some(file) = self.files.iter().find(|file| file.filename == filename) {
            return self.ranged(Response::ok("application/octet-stream", &file.bytes), request);
        }
        let owner = filename.strip_suffix(".metadata").filter(|_| self.metadata_files);
        let owner = owner.and_then(|owner| self.files.iter().find(|file| file.filename == owner));
        match owner.and_then(|file| file.metadata.as_ref()) {
            Some(metadata) => self.ranged(Response::ok("text/plain; charset=utf-8", metadata), request),
            None => Response::new(404),
        }
    }

    fn project_page(&self, name: &str, request: &Request) -> Response {
        let project = normalised(name.trim_end_matches('/'));
        if !self.projects.contains(&project) {
            return Response::new(404);
        }
        if name != format!("{project}/") {
            return Response::new(301).header("Location", &format!("/simple/{project}/"));
        }
        let files = self.files.iter().filter(|file| file.project == project).cloned().map(|mut file| {
            file.metadata = file.metadata.filter(|_| self.metadata_files);
            file
        });
        let page = page::project(self.json_for(request), &project, &files.collect::<Vec<_>>());
        self.validated(page, request)
    }

    fn json_for(&self, request: &Request) -> bool {
        match self.page_format {
            PageFormat::Json => true,
            PageFormat::Html => false,
            PageFormat::Negotiated => request.header("Accept").is_some_and(|accept| accept.contains(page::JSON)),
        }
    }

    fn validated(&self, response: Response, request: &Request) -> Response {
        let mut response = response.header("Vary", "Accept");
        if let Some(value) = &self.cache_control {
            response = response.header("Cache-Control", value);
        }
        if !self.etags {
            return response;
        }
        let etag = etag(&response.body);
        let unchanged = request.header("If-None-Match") == Some(&etag);
        let response = response.header("ETag", &etag);
        if unchanged { response.with(304, b"") } else { response }
    }

    fn ranged(&self, response: Response, request: &Request) -> Response {
        let mut response = response;
        let etag = etag(&response.body);
        if self.etags {
            response = response.header("ETag", &etag);
        }
        if !self.ranges {
            return response;
        }
        let length = response.body.len();
        let response = response.header("Accept-Ranges", "bytes");
        let same_file = request.header("If-Range").is_none_or(|validator| validator == etag);
        match request.header("Range").filter(|_| same_file).and_then(|range| parse_range(range, length)) {
            None => response,
            Some((first, last)) if first <= last && last < length => {
                let part = response.body[first..=last].to_vec();
                response.with(206, part).header("Content-Range", &format!("bytes {first}-{last}/{length}"))
            }
            Some(_) => Response::new(416).header("Content-Range", &format!("bytes */{length}")),
        }
    }
}

/// The first and last byte asked for, perhaps beyond the file; `None`: several ranges, or none that can be read.
fn parse_range(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let suffix: usize = last.parse().ok()?;
        return Some((length.saturating_sub(suffix), length.wrapping_sub(1)));
    }
    let first = first.parse().ok()?;
    let last = if last.is_empty() { usize::MAX } else { last.parse().ok()? };
    Some((first, last.min(length.saturating_sub(1))))
}

fn shifted_range(response: Response) -> Response {
    let claim = response.headers.iter().find(|(name, _)| name == "Content-Range").map(|(_, value)| value.clone());
    let Some(claim) = claim else { return response };
    let shifted: String = claim
        .split_inclusive([' ', '-', '/'])
        .enumerate()
        .map(|(position, part)| match (position, part.trim_end_matches(['-', '/']).parse::<usize>()) {
            (1, Ok(first)) => format!("{}-", first + 1),
            (2, Ok(last)) => format!("{}/", last + 1),
            _ => part.to_owned(),
        })
        .collect();
    response.header("Content-Range", &shifted)
}

fn etag(body: &[u8]) -> String {
    format!("\"{}\"", &sha256(body)[..16])
}
