//! Annotations of GitHub Actions: findings as workflow commands, one line each
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use std::fmt;

use lambda_compat::{Code, Severity};
use wheel_archive::with_slashes;

/// One annotation; its text form is `::error file=…,title=…::message`.
pub(crate) struct Annotation<'a> {
    pub(crate) severity: Severity,
    pub(crate) code: Code,
    /// The file that it is about, as named on the command line.
    pub(crate) file: Option<&'a str>,
    pub(crate) message: &'a str,
    pub(crate) help: Option<&'a str>,
}

impl fmt::Display for Annotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        write!(f, "::{command} ")?;
        if let Some(file) = self.file {
            // Slashes, as in the repository, also where the path was typed on Windows.
            write!(f, "file={},", property(&with_slashes(file)))?;
        }
        write!(f, "title={}::{}", property(&format!("{} {}", self.code, self.code.title())), data(self.message))?;
        match self.help {
            Some(help) => write!(f, "{}", data(&format!("\nhelp: {help}"))),
            None => Ok(()),
        }
    }
}

/// A message, as the toolkit's `escapeData` writes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, as the toolkit's `escapeProperty` writes it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_command_is_escaped() {
        let annotation = Annotation {
            severity: Severity::Error,
            code: Code::Glibc,
            file: Some("a,b/c:100%.whl"),
            message: "needs glibc 2.28:\r\n100%, ::error::",
            help: Some("rebuild it"),
        };
        assert_eq!(
            annotation.to_string(),
            "::error file=a%2Cb/c%3A100%25.whl,title=LP103 needs a newer glibc::needs glibc 2.28:%0D%0A100%25, \
             ::error::%0Ahelp: rebuild it"
        );
        let note = Annotation { severity: Severity::Note, file: None, help: None, message: "b", ..annotation };
        assert_eq!(note.to_string(), "::notice title=LP103 needs a newer glibc::b");
    }
}
