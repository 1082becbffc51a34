//! Fetching ahead: a map whose values are made once, and threads that make them before they are asked for.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::IndexError;

/// Requests wait on the network, not on the processor: many threads for few cores.
const MOST_THREADS: usize = 32;
/// How long dropping a pool waits for what is under way.
const DRAIN: Duration = Duration::from_millis(100);

type Made<V> = Result<Arc<V>, IndexError>;

/// Values by key, each made once per run however many ask for it; the others wait and share it, be it an error.
pub(super) struct OnceMap<K, V> {
    slots: Mutex<HashMap<K, Option<Made<V>>>>,
    made: Condvar,
}

impl<K: Eq + Hash + Clone, V> OnceMap<K, V> {
    pub(super) fn new() -> Self {
        Self { slots: Mutex::new(HashMap::new()), made: Condvar::new() }
    }

    /// The value of a key, made here unless it is there or being made.
    pub(super) fn get(&self, key: &K, maker: impl FnOnce() -> Result<V, IndexError>) -> Made<V> {
        let mut slots = locked(&self.slots);
        loop {
            match slots.get(key) {
                Some(Some(made)) => return made.clone(),
                Some(None) => slots = self.made.wait(slots).unwrap_or_else(PoisonError::into_inner),
                None => break,
            }
        }
        slots.insert(key.clone(), None);
        drop(slots);
        let mut making = Making { map: self, key, made: None };
        let made = maker().map(Arc::new);
        making.made = Some(made.clone());
        made
    }

    /// The value, where it was made without an error.
    pub(super) fn peek(&self, key: &K) -> Option<Arc<V>> {
        match locked(&self.slots).get(key) {
            Some(Some(Ok(value))) => Some(Arc::clone(value)),
            _ => None,
        }
    }

    /// Whether the value is there or being made.
    pub(super) fn has(&self, key: &K) -> bool {
        locked(&self.slots).contains_key(key)
    }
}

/// A slot that is being filled. When the maker panics, the slot is given up so that nobody waits for ever.
struct Making<'m, K: Eq + Hash + Clone, V> {
    map: &'m OnceMap<K, V>,
    key: &'m K,
    made: Option<Made<V>>,
}

impl<K: Eq + Hash + Clone, V> Drop for Making<'_, K, V> {
    fn drop(&mut self) {
        let mut slots = locked(&self.map.slots);
        match self.made.take() {
            Some(made) => slots.insert(self.key.clone(), Some(made)),
            None => slots.remove(self.key),
        };
        self.map.made.notify_all();
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// Threads that work off jobs in order. They start as jobs come and end when the pool is dropped.
pub(super) struct Pool {
    most_threads: usize,
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// A job came, or the pool was closed.
    changed: Condvar,
    /// A job was finished.
    finished: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Pool {
    /// A pool of so many threads at most.
    pub(super) fn new(jobs: Option<NonZeroUsize>) -> Self {
        let queue = Mutex::new(Queue::default());
        let most_threads = jobs.map_or(MOST_THREADS, |jobs| jobs.get().min(MOST_THREADS));
        Self { most_threads, shared: Arc::new(Shared { queue, changed: Condvar::new(), finished: Condvar::new() }) }
    }

    /// Queues a job and returns at once. A job that cannot be started is dropped: it was only to be done ahead.
    pub(super) fn submit(&self, job: impl FnOnce() + Send + 'static) {
        let mut queue = locked(&self.shared.queue);
        queue.jobs.push_back(Box::new(job));
        if queue.idle < queue.jobs.len() && queue.threads < self.most_threads {
            let shared = Arc::clone(&self.shared);
            if thread::Builder::new().name("prefetch".to_owned()).spawn(move || shared.work()).is_ok() {
                queue.threads += 1;
            }
        }
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn work(&self) {
        let mut queue = locked(&self.queue);
        while !queue.closed {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                // A panicking job must not take the count of threads with it; whoever needs its value makes it again.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
                queue = locked(&self.queue);
            } else {
                queue.idle += 1;
                self.finished.notify_all();
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
        queue.threads -= 1;
        self.finished.notify_all();
    }
}

impl Drop for Pool {
    /// Forgets what is queued. What is under way may finish its files, but nobody waits for a slow server: such a
    /// thread ends by itself after its request.
    fn drop(&mut self) {
        let mut queue = locked(&self.shared.queue);
        queue.closed = true;
        queue.jobs.clear();
        self.shared.changed.notify_all();
        let _ = self.shared.finished.wait_timeout_while(queue, DRAIN, |queue| queue.threads > 0);
    }
}

/// The guarded values are whole at every unlock, so a panic elsewhere does not spoil them.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_value_is_made_once() {
        let map = OnceMap::new();
        let made = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let value = map.get(&"key", || {
                        made.fetch_add(1, Ordering::SeqCst);
                        thread::sleep(Duration::from_millis(5));
                        Ok(7)
                    });
                    assert_eq!(value.ok().as_deref(), Some(&7));
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn errors_are_shared_and_panics_are_not() {
        let map: OnceMap<&str, u8> = OnceMap::new();
        let error = || Err(IndexError::NotCached { what: "x".to_owned() });
        assert!(map.get(&"error", error).is_err());
        assert!(map.get(&"error", || Ok(1)).is_err());
        let panicked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| map.get(&"panic", || panic!("on purpose"))));
        assert!(panicked.is_err());
        assert_eq!(map.get(&"panic", || Ok(1)).ok().as_deref(), Some(&1));
    }

    #[test]
    fn jobs_run_and_a_dropped_pool_forgets_the_rest() {
        let pool = Pool::new(None);
        let (send, receive) = mpsc::channel();
        for number in 0..100 {
            let send = send.clone();
            pool.submit(move || send.send(number).expect("the test listens"));
        }
        let mut numbers: Vec<i32> = receive.iter().take(100).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..100).collect::<Vec<_>>());
        drop(pool);
    }
}
