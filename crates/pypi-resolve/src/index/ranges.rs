//! A wheel on a server, read at positions by HTTP ranges (RFC 9110, 14).
//!
//! The first request asks for the end of the file, where the central directory is and mostly METADATA too. Whatever is
//! odd about an answer (another range, another total, another `ETag`) is an [`IndexError::Answer`], upon which the
//! caller fetches the whole wheel instead: servers and proxies with broken ranges are common.

use std::io;
use std::sync::{Mutex, PoisonError};

use reqwest::header;
use url::Url;
use wheel_archive::ReadAt;

use super::IndexError;
use super::http::{Answer, Failure, Http, Request};
use super::url::shown;

/// Bytes of the first request, from the end of the wheel: as many as `wheel-archive` looks at for the end record.
const TAIL: u64 = 22 + 65_535 + 65_536;
/// Bytes that any further request asks for at least.
const STEP: u64 = 32 * 1024;
/// Bytes after which ranges are given up; a central directory of 65,535 entries fits.
const MOST: u64 = 32 * 1024 * 1024;

/// A wheel whose server answers range requests.
pub(super) struct RemoteWheel<'h> {
    http: &'h Http,
    url: Url,
    size: u64,
    etag: Option<String>,
    state: Mutex<State>,
}

struct State {
    /// Pieces that were fetched, by offset. There are few.
    pieces: Vec<(u64, Vec<u8>)>,
    /// Why the last read failed, for `io::Error` cannot carry it through.
    failure: Option<IndexError>,
}

/// What the first request gave.
pub(super) enum Opened<'h, T> {
    Ranges(Box<RemoteWheel<'h>>),
    /// The server does not do ranges and sent the whole wheel, which was read at once.
    Whole(T),
}

impl<'h> RemoteWheel<'h> {
    /// Asks for the end of a wheel; `whole` takes the answer if the server sends everything instead.
    pub(super) fn open<T>(
        http: &'h Http,
        url: &Url,
        whole: &mut dyn FnMut(Answer) -> Result<T, Failure>,
    ) -> Result<Opened<'h, T>, IndexError> {
        let request = Request::default().identity().with(header::RANGE, Some(&format!("bytes=-{TAIL}")));
        http.fetch(url, &request, &mut |answer| {
            if answer.status == 200 {
                return whole(answer).map(Opened::Whole);
            }
            let etag = strong(answer.header(&header::ETAG));
            let (start, total, bytes) = part(answer, TAIL)?;
            if start.checked_add(bytes.len() as u64) != Some(total) {
                return Err(IndexError::answer(shown(url), "it is not the end of the file, as was asked for").into());
            }
            let state = Mutex::new(State { pieces: vec![(start, bytes)], failure: None });
            Ok(Opened::Ranges(Box::new(RemoteWheel { http, url: url.clone(), size: total, etag, state })))
        })
    }

    /// Why the last read failed.
    pub(super) fn failure(&self) -> Option<IndexError> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).failure.take()
    }

    /// The whole wheel, where the first request already brought it.
    pub(super) fn everything(&self) -> Option<Vec<u8>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pieces.iter().find(|(_, bytes)| bytes.len() as u64 == self.size).map(|(_, bytes)| bytes.clone())
    }

    fn fetch(&self, start: u64, end: u64) -> Result<Vec<u8>, IndexError> {
        let range = format!("bytes={start}-{}", end.saturating_sub(1));
        let request = Request::default()
            .identity()
            .with(header::RANGE, Some(&range))
            .with(header::IF_RANGE, self.etag.as_deref());
        let (got, total, bytes) = self.http.fetch(&self.url, &request, &mut |answer| {
            let etag = strong(answer.header(&header::ETAG));
            if etag.is_some() && self.etag.is_some() && etag != self.etag {
                return Err(IndexError::answer(shown(&self.url), "the file was replaced while it was read").into());
            }
            part(answer, end - start)
        })?;
        if (got, total, bytes.len() as u64) != (start, self.size, end - start) {
            return Err(IndexError::answer(shown(&self.url), "it is another range than was asked for"));
        }
        Ok(bytes)
    }
}

impl State {
    fn copy(&self, buf: &mut [u8], offset: u64) -> bool {
        let found = self.pieces.iter().find_map(|(start, bytes)| {
            let from = usize::try_from(offset.checked_sub(*start)?).ok()?;
            bytes.get(from..from.checked_add(buf.len())?)
        });
        if let Some(found) = found {
            buf.copy_from_slice(found);
        }
        found.is_some()
    }

    /// The start of the piece that holds the last byte before `end`.
    fn piece_holding(&self, end: u64) -> Option<u64> {
        let holds = |(start, bytes): &&(u64, Vec<u8>)| *start < end && end - *start <= bytes.len() as u64;
        self.pieces.iter().find(holds).map(|(start, _)| *start)
    }

    /// Adds a piece, joined to the one that follows it.
    fn add(&mut self, start: u64, mut bytes: Vec<u8>) {
        let end = start + bytes.len() as u64;
        if let Some(at) = self.pieces.iter().position(|(next, _)| *next == end) {
            bytes.append(&mut self.pieces.swap_remove(at).1);
        }
        self.pieces.push((start, bytes));
    }
}

impl ReadAt for RemoteWheel<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = offset.checked_add(buf.len() as u64).filter(|end| *end <= self.size);
        let end = wanted.ok_or(io::ErrorKind::UnexpectedEof)?;
        if state.copy(buf, offset) {
            return Ok(());
        }
        // Only what is missing in front of a piece, else a step ahead: what is asked for next mostly follows.
        let stop = match state.piece_holding(end) {
            Some(start) if start > offset => start,
            _ => end.max(offset.saturating_add(STEP)).min(self.size),
        };
        let held: u64 = state.pieces.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let fetched = if held + (stop - offset) > MOST {
            Err(IndexError::answer(shown(&self.url), format!("METADATA is not within {MOST} bytes")))
        } else {
            self.fetch(offset, stop)
        };
        match fetched {
            Ok(bytes) => state.add(offset, bytes),
            Err(error) => {
                let message = error.to_string();
                state.failure = Some(error);
                return Err(io::Error::other(message));
            }
        }
        if state.copy(buf, offset) { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// The start, the total and the bytes of an answer with one range.
fn part(answer: Answer, limit: u64) -> Result<(u64, u64, Vec<u8>), Failure> {
    if answer.status != 206 {
        return Err(answer.refusal().into());
    }
    let url = shown(&answer.url);
    let Some((start, end, total)) = answer.header(&header::CONTENT_RANGE).and_then(content_range) else {
        return Err(IndexError::answer(url, "it is a part of the file without saying which").into());
    };
    let bytes = answer.bytes(limit)?;
    if end - start != bytes.len() as u64 {
        return Err(IndexError::answer(url, "it is a part of another length than it says").into());
    }
    Ok((start, total, bytes))
}

/// `bytes 0-9/100` as start, end (exclusive) and total.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, total) = (first.parse().ok()?, last.parse::<u64>().ok()?, total.parse().ok()?);
    (first <= last && last < total).then(|| (first, last + 1, total))
}

/// An `ETag` that may be compared byte for byte.
fn strong(etag: Option<&str>) -> Option<String> {
    etag.filter(|etag| etag.starts_with('"')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        assert_eq!(content_range("bytes 90-99/100"), Some((90, 100, 100)));
        for bad in [
            "bytes 90-100/100",
            "bytes 9-8/100",
            "bytes */100",
            "bytes 0-9/*",
            "0-9/100",
            "",
            "bytes 0-18446744073709551615/1",
        ] {
            assert_eq!(content_range(bad), None, "{bad}");
        }
    }

    #[test]
    fn pieces_join_and_answer() {
        let mut state = State { pieces: vec![(90, vec![9; 10])], failure: None };
        assert_eq!(state.piece_holding(95), Some(90));
        assert_eq!(
            (state.piece_holding(100), state.piece_holding(90), state.piece_holding(101)),
            (Some(90), None, None)
        );
        state.add(80, vec![8; 10]);
        let mut buf = [0; 4];
        assert!(state.copy(&mut buf, 88));
        assert_eq!(buf, [8, 8, 9, 9]);
        assert!(!state.copy(&mut buf, 97) && !state.copy(&mut buf, 78));
    }
}
