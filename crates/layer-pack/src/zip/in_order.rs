//! A file made in pieces by several threads and handed on in order, in bounded memory.
//!
//! Readers fill chunks in any order; the caller's thread takes them in order, checks and writes them; one more thread
//! hashes them behind it. Measured on 108 MB on two cores, the file written in order this way is as fast as writing
//! from the readers at their own offsets (both 95 ms, of which SHA-256 alone takes 85), and hashing and writing in one
//! thread is slower (120 ms).

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use sha2::{Digest as _, Sha256 as Hasher};
use wheel_archive::Sha256;

use crate::PackError;

/// Makes `len` bytes in chunks of `chunk` bytes: `fill` from `jobs` threads in any order, then `take` in order on this
/// thread; one job does everything on this thread. Gives the digest of it all, or the error that comes first in the file.
pub(super) fn in_order(
    len: u64,
    chunk: usize,
    jobs: NonZeroUsize,
    fill: impl Fn(u64, &mut [u8]) -> Result<(), PackError> + Sync,
    mut take: impl FnMut(u64, &[u8]) -> Result<(), PackError>,
) -> Result<Sha256, PackError> {
    if jobs == NonZeroUsize::MIN {
        return alone(len, chunk, fill, take);
    }
    let chunks = len.div_ceil(chunk as u64);
    let next = AtomicU64::new(0);
    let (spare, spares) = channel();
    // Every reader has one in hand and one done; the last two are being written and hashed.
    for _ in 0..jobs.get().saturating_mul(2).saturating_add(2) {
        spare.send(Vec::new()).expect("the receiver is in this function's hands");
    }
    let spares = Mutex::new(spares);

    thread::scope(|scope| {
        let (filled, arrived) = channel();
        for _ in 0..jobs.get() {
            let filled = filled.clone();
            let (spares, next, fill) = (&spares, &next, &fill);
            let reader = move || read_chunks(len, chunk, spares, next, fill, &filled);
            thread::Builder::new().spawn_scoped(scope, reader).map_err(|source| PackError::Thread { source })?;
        }
        drop(filled);
        let (written, to_hash) = channel();
        let hasher = thread::Builder::new()
            .spawn_scoped(scope, move || hash_chunks(&to_hash, &spare))
            .map_err(|source| PackError::Thread { source })?;

        let mut early = BTreeMap::new();
        for index in 0..chunks {
            let bytes = loop {
                if let Some(bytes) = early.remove(&index) {
                    break bytes?;
                }
                let Ok((arrival, bytes)) = arrived.recv() else { return Err(PackError::Stopped) };
                early.insert(arrival, bytes);
            };
            take(index * chunk as u64, &bytes)?;
            if written.send(bytes).is_err() {
                return Err(PackError::Stopped);
            }
        }
        drop(written);
        hasher.join().map_err(|_| PackError::Stopped)
    })
}

/// Fills, takes and hashes one chunk after the other.
fn alone(
    len: u64,
    chunk: usize,
    fill: impl Fn(u64, &mut [u8]) -> Result<(), PackError>,
    mut take: impl FnMut(u64, &[u8]) -> Result<(), PackError>,
) -> Result<Sha256, PackError> {
    let mut hasher = Hasher::new();
    let (mut buffer, mut offset) = (Vec::new(), 0);
    while let Some(length) = length_at(len, chunk, offset) {
        buffer.resize(length, 0);
        fill(offset, &mut buffer)?;
        take(offset, &buffer)?;
        hasher.update(&buffer);
        offset += length as u64;
    }
    Ok(Sha256::from_bytes(hasher.finalize().into()))
}

/// Bytes of the chunk that begins there; `None` at the end.
fn length_at(len: u64, chunk: usize, offset: u64) -> Option<usize> {
    let left = len.checked_sub(offset).filter(|left| *left > 0)?;
    Some(usize::try_from(left).map_or(chunk, |left| left.min(chunk)))
}

/// Fills one chunk after the other until none is left or nobody wants them.
fn read_chunks(
    len: u64,
    chunk: usize,
    spares: &Mutex<Receiver<Vec<u8>>>,
    next: &AtomicU64,
    fill: &impl Fn(u64, &mut [u8]) -> Result<(), PackError>,
    filled: &Sender<(u64, Result<Vec<u8>, PackError>)>,
) {
    loop {
        // A buffer first, then a number: whoever has the lowest number can always finish it.
        let Ok(spares) = spares.lock() else { return };
        let Ok(mut buffer) = spares.recv() else { return };
        let index = next.fetch_add(1, Ordering::Relaxed);
        drop(spares);

        let offset = index.saturating_mul(chunk as u64);
        let Some(length) = length_at(len, chunk, offset) else { return };
        buffer.resize(length, 0);
        let result = fill(offset, &mut buffer).map(|()| buffer);
        if filled.send((index, result)).is_err() {
            return;
        }
    }
}

fn hash_chunks(chunks: &Receiver<Vec<u8>>, spare: &Sender<Vec<u8>>) -> Sha256 {
    let mut hasher = Hasher::new();
    for chunk in chunks {
        hasher.update(&chunk);
        spare.send(chunk).expect("the receiver outlives the scope of the threads");
    }
    Sha256::from_bytes(hasher.finalize().into())
}
