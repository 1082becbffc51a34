//! Progress bars, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pypi_resolve::index::Progress;

use crate::report::Console;

/// One bar for the downloads.
pub(crate) struct Bars {
    bar: ProgressBar,
}

impl Bars {
    pub(crate) fn new(console: &Console) -> Self {
        Self { bar: ProgressBar::with_draw_target(None, draw_target(console)) }
    }
}

impl Progress for Bars {
    fn begin(&self, files: usize, bytes: Option<u64>) {
        let wheels = if files == 1 { "1 wheel".to_owned() } else { format!("{files} wheels") };
        let template = if bytes.is_some() {
            "downloading {msg}  {bar:24} {bytes} of {total_bytes}  {bytes_per_sec}"
        } else {
            "downloading {msg}  {spinner} {bytes}  {bytes_per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
        if let Some(bytes) = bytes {
            self.bar.set_length(bytes);
        }
        self.bar.set_message(wheels);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A spinner while something of unknown length is done; gone when it is dropped.
pub(crate) struct Busy(ProgressBar);

impl Busy {
    pub(crate) fn new(console: &Console, what: String) -> Self {
        let bar = ProgressBar::with_draw_target(None, draw_target(console)).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        // What is answered from the cache must not flicker.
        bar.enable_steady_tick(Duration::from_millis(150));
        Self(bar)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A bar for checking so many bytes; gone when it is dropped.
pub(crate) struct Verifying(ProgressBar);

impl Verifying {
    pub(crate) fn new(console: &Console, bytes: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes), draw_target(console));
        if let Ok(style) = ProgressStyle::with_template("checking  {bar:24} {bytes} of {total_bytes}  {bytes_per_sec}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }

    pub(crate) fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Verifying {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// `stderr()` draws nothing where stderr is no terminal; log lines and bars would tear each other.
fn draw_target(console: &Console) -> ProgressDrawTarget {
    if console.quiet || console.verbose > 0 { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}
