//! Progress bars, on a terminal only.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use pypi_resolve::index::Progress;

use crate::report::harmless::harmless;

/// Where progress is shown: a line for each thing that is under way. Clones share the place.
#[derive(Clone)]
pub(crate) struct Bars(MultiProgress);

impl Bars {
    /// `stderr()` draws nothing where stderr is no terminal; log lines and bars would tear each other.
    pub(super) fn new(quiet: bool, verbose: u8) -> Self {
        let hidden = quiet || verbose > 0;
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        Self(MultiProgress::with_draw_target(target))
    }

    /// Does something, printing mostly, while no bar is drawn.
    pub(super) fn away<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.0.is_hidden() { work() } else { self.0.suspend(work) }
    }

    fn add(&self, bar: ProgressBar) -> Bar {
        Bar { bar: self.0.add(bar), all: self.0.clone() }
    }
}

/// A line of its own, gone when it is dropped.
struct Bar {
    bar: ProgressBar,
    all: MultiProgress,
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.all.remove(&self.bar);
    }
}

/// The downloads of one layer.
pub(crate) struct Downloading<'a> {
    bars: &'a Bars,
    name: &'a str,
    /// There is none before the first byte is asked for.
    bar: Mutex<Option<Bar>>,
}

impl<'a> Downloading<'a> {
    /// Of the layer with this name.
    pub(crate) fn new(bars: &'a Bars, name: &'a str) -> Self {
        Self { bars, name, bar: Mutex::default() }
    }

    fn bar(&self) -> MutexGuard<'_, Option<Bar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Downloading<'_> {
    fn begin(&self, files: usize, bytes: Option<u64>) {
        let wheels = if files == 1 { "1 wheel".to_owned() } else { format!("{files} wheels") };
        let template = if bytes.is_some() {
            "downloading {msg}  {bar:24} {bytes} of {total_bytes}  {bytes_per_sec}"
        } else {
            "downloading {msg}  {spinner} {bytes}  {bytes_per_sec}"
        };
        let line = self.bars.add(ProgressBar::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            line.bar.set_style(style.progress_chars("=> "));
        }
        if let Some(bytes) = bytes {
            line.bar.set_length(bytes);
        }
        line.bar.set_message(format!("{wheels} for {}", harmless(self.name)));
        line.bar.enable_steady_tick(Duration::from_millis(100));
        *self.bar() = Some(line);
    }

    fn advance(&self, bytes: u64) {
        if let Some(line) = &*self.bar() {
            line.bar.inc(bytes);
        }
    }

    fn finish(&self) {
        *self.bar() = None;
    }
}

/// A spinner while something of unknown length is done; gone when it is dropped.
pub(crate) struct Busy {
    _line: Bar,
}

impl Busy {
    pub(crate) fn new(bars: &Bars, what: &str) -> Self {
        let line = bars.add(ProgressBar::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            line.bar.set_style(style);
        }
        line.bar.set_message(harmless(what).into_owned());
        // What is answered from the cache must not flicker.
        line.bar.enable_steady_tick(Duration::from_millis(150));
        Self { _line: line }
    }
}

/// A bar for checking so many bytes; gone when it is dropped.
pub(crate) struct Verifying(Bar);

impl Verifying {
    pub(crate) fn new(bars: &Bars, bytes: u64) -> Self {
        let line = bars.add(ProgressBar::hidden());
        line.bar.set_length(bytes);
        if let Ok(style) = ProgressStyle::with_template("checking  {bar:24} {bytes} of {total_bytes}  {bytes_per_sec}")
        {
            line.bar.set_style(style.progress_chars("=> "));
        }
        Self(line)
    }

    pub(crate) fn advance(&self, bytes: u64) {
        self.0.bar.inc(bytes);
    }
}
