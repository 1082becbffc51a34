//! How many requests are under way at once, whoever makes them: threads that fetch ahead, the resolver's own, downloads.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Lets so many through at once; without a number, all.
pub(super) struct Gate {
    free: Option<Mutex<usize>>,
    left: Condvar,
}

/// Leaves when it is dropped.
pub(super) struct Inside<'g>(&'g Gate);

impl Gate {
    pub(super) fn new(most: Option<NonZeroUsize>) -> Self {
        Self { free: most.map(|most| Mutex::new(most.get())), left: Condvar::new() }
    }

    /// Waits until there is room. Who is inside must not enter again.
    pub(super) fn enter(&self) -> Inside<'_> {
        if let Some(free) = &self.free {
            let free = self.left.wait_while(locked(free), |free| *free == 0);
            *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        }
        Inside(self)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some(free) = &self.0.free {
            *locked(free) += 1;
            self.0.left.notify_one();
        }
    }
}

fn locked(free: &Mutex<usize>) -> MutexGuard<'_, usize> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}
