//! Ctrl-C and its like: the process stops at once, and what it was making is cleared away.
//!
//! No signal handler of ours runs: a thread of `ctrlc` waits for SIGINT, SIGTERM and SIGHUP (on Windows for Ctrl-C and
//! Ctrl-Break), so that wherever the run waits, for a server or for a lock, it is stopped.

use std::io::{self, Write as _};
use std::thread;

use wheel_archive::{clear_temporaries, is_clearing};

use crate::exit::Exit;

/// From now on the process ends when it is told to stop, and leaves nothing half done.
pub(crate) fn listen() {
    if let Err(error) = ctrlc::set_handler(stop) {
        tracing::debug!("a run that is stopped may leave temporary files: {error}");
    }
}

#[expect(clippy::exit, reason = "the run's own thread may wait for anything, and must not be waited for")]
fn stop() {
    clear_temporaries();
    // The line that Ctrl-C was pressed in may be a progress bar's.
    let _ = writeln!(io::stderr());
    std::process::exit(Exit::Interrupted.code().into());
}

/// Waits for the end, where the process was told to stop: what fails while everything is cleared away is not told.
pub(crate) fn wait_if_stopping() {
    while is_clearing() {
        thread::park();
    }
}
