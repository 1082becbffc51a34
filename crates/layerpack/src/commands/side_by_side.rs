//! Several things at once, told in their order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use lambda_compat::Code;

use crate::args::JobsArgs;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::Jobs;

/// Has all that inspects and compresses keep to what is asked for. Once a run, before there is anything to inspect.
pub(super) fn keep_to(args: JobsArgs, environment: &Environment) -> Result<Jobs, Failure> {
    let jobs = Jobs::read(args, environment)?;
    if let Some(asked) = jobs.asked() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(asked.get());
        let failed = |error| Failure::new(Code::Io, format!("could not start {asked} threads: {error}"));
        pool.build_global().map_err(failed)?;
    }
    Ok(jobs)
}

/// Works on every item, so many at a time and begun in their order. `done` is handed what came of each, in that order as
/// well, while others are still worked on; where it fails, nothing further is begun.
pub(super) fn in_order<I: Sync, T: Send>(
    items: &[I],
    at_once: NonZeroUsize,
    work: impl Fn(&I) -> T + Sync,
    mut done: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let (made, all_made) = mpsc::channel();
    let run = |made: mpsc::Sender<(usize, T)>| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            if made.send((at, work(item))).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..items.len().min(at_once.get()) {
            let (run, made) = (&run, made.clone());
            scope.spawn(move || run(made));
        }
        drop(made);
        let (mut early, mut due) = (BTreeMap::new(), 0);
        for (at, made) in all_made {
            early.insert(at, made);
            while let Some(made) = early.remove(&due) {
                done(made)?;
                due += 1;
            }
        }
        Ok(())
    })
}

/// How many may work at once, where more than these wait for each other.
pub(super) struct Permits {
    free: Mutex<usize>,
    given_back: Condvar,
}

/// Given back when it is dropped.
pub(super) struct Permit<'a>(&'a Permits);

impl Permits {
    pub(super) fn new(count: NonZeroUsize) -> Self {
        Self { free: Mutex::new(count.get()), given_back: Condvar::new() }
    }

    /// Waits until one is free.
    pub(super) fn take(&self) -> Permit<'_> {
        let mut free =
            self.given_back.wait_while(self.free(), |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit(self)
    }

    fn free(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.free() += 1;
        self.0.given_back.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn so_many(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).expect("above zero")
    }

    #[test]
    fn what_is_done_early_waits_for_its_turn() {
        let items: Vec<u64> = (0..20).collect();
        for at_once in [1, 3, 40] {
            let mut told = Vec::new();
            let work = |item: &u64| {
                thread::sleep(Duration::from_millis(if item.is_multiple_of(3) { 3 } else { 0 }));
                *item
            };
            in_order(&items, so_many(at_once), work, |item| {
                told.push(item);
                Ok(())
            })
            .expect("nothing fails");
            assert_eq!(told, items);
        }
    }

    #[test]
    fn nothing_is_begun_after_a_failure() {
        let begun = AtomicUsize::new(0);
        let work = |_: &usize| {
            thread::sleep(Duration::from_millis(1));
            begun.fetch_add(1, Ordering::SeqCst)
        };
        let fails = |_| Err(Failure::new(Code::Io, "full"));
        // Ten seconds' worth, of which the first is refused.
        let items: Vec<usize> = (0..10_000).collect();
        assert!(in_order(&items, so_many(1), work, fails).is_err());
        assert!(begun.into_inner() < items.len());
    }

    #[test]
    fn no_more_than_the_permits_work_at_once() {
        let permits = Permits::new(so_many(2));
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _permit = permits.take();
                    most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(2));
                    working.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.into_inner(), 2);
    }
}
