//! `-v` and `-vv`: what the libraries trace, on stderr.

use std::io::{self, Write};

use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::report::harmless::harmless;

/// Starts the log: nothing without `-v`, debug lines with one, everything with two, and how long each phase took. Lines
/// carry no time of day, so that two runs can be compared.
pub(crate) fn start_log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => Level::DEBUG,
        _ => Level::TRACE,
    };
    // The HTTP and TLS libraries trace secrets' lengths and every frame: only layerpack's own crates are let through.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(|| Lines(io::stderr()))
        .without_time()
        .with_ansi(false)
        .with_span_events(if verbose > 1 { FmtSpan::CLOSE } else { FmtSpan::NONE })
        .finish();
    let own = tracing_subscriber::filter::Targets::new()
        .with_target("wheel_archive", level)
        .with_target("pypi_resolve", level)
        .with_target("layer_pack", level)
        .with_target("layerpack", level);
    // Only a second start could fail, and there is none.
    let _ = tracing::subscriber::set_global_default(subscriber.with(own));
}

/// Names and URLs of others stand in these lines too. Each is written at once.
struct Lines(io::Stderr);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(harmless(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
