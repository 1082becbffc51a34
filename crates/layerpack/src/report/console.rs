//! The two streams: results on stdout; progress, warnings, the summary and errors on stderr.

use std::borrow::Cow;
use std::io::{self, Stderr, Stdout, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use lambda_compat::{Finding, Severity};
use serde::Serialize;
use terminal_size::{Height, Width, terminal_size_of};

use crate::args::{ColorArg, Format, GlobalArgs};
use crate::failure::Failure;
use crate::report::findings::{labelled, placed};
use crate::report::fold::fold;
use crate::report::github::Annotation;
use crate::report::harmless::{harmless, harmless_json, own_command};
use crate::report::json;
use crate::report::progress::Bars;
use crate::report::shortened::shortened;
use crate::report::style::{ERROR, HELP};

/// Everything that layerpack prints goes through here.
pub(crate) struct Console {
    pub(crate) format: Format,
    pub(crate) quiet: bool,
    pub(crate) verbose: u8,
    /// They make way for whatever is printed.
    pub(crate) bars: Bars,
    stdout: AutoStream<Stdout>,
    stderr: AutoStream<Stderr>,
    /// Columns of the terminal that stdout is, if it is one.
    pub(crate) columns: Option<usize>,
    stderr_columns: Option<usize>,
}

impl Console {
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        let choose = |auto: ColorChoice| match global.color {
            ColorArg::Auto => auto,
            ColorArg::Always => ColorChoice::Always,
            ColorArg::Never => ColorChoice::Never,
        };
        // AutoStream::choice knows NO_COLOR, CLICOLOR_FORCE, TERM=dumb and whether this is a terminal.
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let (columns, stderr_columns) = (columns(terminal_size_of(&stdout)), columns(terminal_size_of(&stderr)));
        let (out, err) = (choose(AutoStream::choice(&stdout)), choose(AutoStream::choice(&stderr)));
        Self {
            format: global.format,
            quiet: global.quiet,
            verbose: global.verbose,
            bars: Bars::new(global.quiet, global.verbose),
            stdout: AutoStream::new(stdout, out),
            stderr: AutoStream::new(stderr, err),
            columns,
            stderr_columns,
        }
    }

    /// Results are for people, not one JSON document. (Annotations go between them.)
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.format, Format::Text | Format::Github)
    }

    /// Text of the result for people, on stdout, folded at the terminal's edge.
    pub(crate) fn prose(&mut self, text: &str) -> Result<(), Failure> {
        match self.columns {
            Some(columns) => self.result(&fold(text, columns)),
            None => self.result(text),
        }
    }

    /// A line of the result, not folded, on stdout. A reader that has gone away is no error (`layerpack … | head`).
    pub(crate) fn result(&mut self, line: &str) -> Result<(), Failure> {
        self.write(&harmless(line))
    }

    /// What has been made harmless, on stdout.
    fn write(&mut self, line: &str) -> Result<(), Failure> {
        let Self { bars, stdout, .. } = self;
        match bars.away(|| writeln!(stdout, "{line}").and_then(|()| stdout.flush())) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io(&error)),
            _ => Ok(()),
        }
    }

    /// One JSON document on stdout.
    pub(crate) fn document(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(document).map_err(|e| Failure::io(&io::Error::from(e)))?;
        self.write(&harmless_json(&text))
    }

    /// A line of the summary, on stderr.
    pub(crate) fn summary(&mut self, line: &str) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// A line on stderr that somebody will copy: it is not folded.
    pub(crate) fn verbatim(&mut self, line: &str) {
        let line = harmless(line);
        let Self { bars, stderr, .. } = self;
        let _ = bars.away(|| writeln!(stderr, "{line}"));
    }

    /// A finding that does not end the run, on stderr.
    pub(crate) fn finding(&mut self, finding: &Finding) {
        if self.quiet && finding.severity != Severity::Error {
            return;
        }
        if self.format == Format::Github {
            self.annotate(&Annotation {
                severity: finding.severity,
                code: finding.code,
                file: None,
                message: &shortened(&placed(finding.entry.as_deref(), &finding.message)),
                help: finding.help.as_deref(),
            });
        } else {
            self.say(&labelled(finding, self.verbose > 0));
        }
    }

    /// An annotation of GitHub Actions, on stdout.
    pub(crate) fn annotate(&mut self, annotation: &Annotation<'_>) {
        // That nobody reads them any more is no reason to stop.
        let _ = self.write(&own_command(&annotation.to_string()));
    }

    /// Why the run stopped, on stderr; under `--format json` and `github` on stdout as well.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.complaint(failure);
        for other in &failure.others {
            self.complaint(other);
        }
        if self.format == Format::Json {
            // The exit code already says that the run failed; a closed stdout adds nothing.
            let _ = self.document(&json::ErrorDocument::new(failure));
        }
    }

    /// What could not be looked at, while the run goes on: on stderr, and as an annotation where those are wanted.
    pub(crate) fn complaint(&mut self, failure: &Failure) {
        let mut text = format!("{ERROR}error[{}]:{ERROR:#} {}", failure.code, shortened(&failure.message));
        if let Some(help) = &failure.help {
            let help = shortened(help).replace('\n', "\n        ");
            text = format!("{text}\n  {HELP}help:{HELP:#} {help}");
        }
        self.say(&text);
        if self.format == Format::Github {
            self.annotate(&Annotation {
                severity: Severity::Error,
                code: failure.code,
                file: None,
                message: &shortened(&failure.message),
                help: failure.help.as_deref(),
            });
        }
    }

    /// stderr going away must not end a run.
    fn say(&mut self, line: &str) {
        let folded = self.stderr_columns.map(|columns| fold(line, columns));
        self.verbatim(folded.as_deref().unwrap_or(line));
    }
}

fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// Prints what clap says of arguments, or the help that they ask for. Patterns put file names among arguments.
pub(crate) fn usage_error(error: &clap::Error) -> ExitCode {
    let plain = error.render().to_string();
    // Where nobody reads it, nobody can be told.
    let _ = match harmless(&plain) {
        Cow::Owned(shown) if error.use_stderr() && shown != plain => write!(io::stderr(), "{shown}"),
        _ => error.print(),
    };
    u8::try_from(error.exit_code()).unwrap_or(2).into()
}
