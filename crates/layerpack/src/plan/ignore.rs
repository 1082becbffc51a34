//! Exceptions: findings that whoever runs layerpack wants left out, and which of them met anything.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use lambda_compat::{Code, Finding, Severity};
use wheel_tags::DistName;

use crate::args::JudgingArgs;
use crate::config::Config;
use crate::failure::Failure;

/// What whoever runs layerpack knows better than the judge.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    /// The file names of shared libraries that are known to be there.
    pub(crate) provided: BTreeSet<String>,
    pub(crate) ignores: Ignores,
}

impl Exceptions {
    /// Those of the command line, and the `[[ignore]]`s of the configuration.
    pub(crate) fn read(args: &JudgingArgs, config: Option<&Config>) -> Result<Self, Failure> {
        Ok(Self { provided: args.provides.iter().cloned().collect(), ignores: Ignores::read(args, config)? })
    }
}

/// All of them, as they are written: what was built with others has to be built again.
impl fmt::Display for Exceptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.provided)?;
        self.ignores.0.iter().try_for_each(|(ignore, _)| write!(f, " {ignore}"))
    }
}

/// One exception: findings of this code, of all packages or of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignore {
    code: Code,
    package: Option<DistName>,
    /// Why, where the place that it is written down asks for it.
    reason: Option<String>,
}

impl Ignore {
    /// An exception, which the archive's own structure allows none of.
    pub(crate) fn new(code: Code, package: Option<DistName>, reason: Option<String>) -> Result<Self, Failure> {
        if code.is_about_the_archive() {
            let message = format!("{code} cannot be ignored: it is about the archive itself ({})", code.title());
            return Err(Failure::new(Code::Usage, message)
                .help("nothing else that is said of such a file could be trusted: download or build it again"));
        }
        Ok(Self { code, package, reason })
    }

    /// Reads `LP131`, `131` or `LP131:numba`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let refuse = |what: String| {
            Failure::new(Code::Usage, format!("--ignore {text}: {what}"))
                .help("write a code, LP131, or a code and a package, LP131:numba; layerpack explain lists the codes")
        };
        let (code, package) = match text.split_once(':') {
            Some((code, package)) => (code, Some(package)),
            None => (text, None),
        };
        let code = code.trim().parse::<Code>().map_err(|error| refuse(error.to_string()))?;
        let package = match package {
            Some(name) => {
                let name = name.trim();
                Some(name.parse::<DistName>().map_err(|_| refuse(format!("`{name}` is no package's name")))?)
            }
            None => None,
        };
        Self::new(code, package, None)
    }

    fn meets(&self, package: Option<&DistName>, finding: &Finding) -> bool {
        self.code == finding.code && self.package.as_ref().is_none_or(|name| package == Some(name))
    }
}

/// As it is written on a command line, with its reason.
impl fmt::Display for Ignore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(package) = &self.package {
            write!(f, ":{package}")?;
        }
        match &self.reason {
            Some(reason) => write!(f, " ({reason})"),
            None => Ok(()),
        }
    }
}

/// The exceptions of a run. It remembers which of them met a finding.
#[derive(Debug, Default)]
pub(crate) struct Ignores(Vec<(Ignore, AtomicBool)>);

impl Ignores {
    /// Those of the command line, and the `[[ignore]]`s of the configuration.
    pub(crate) fn read(args: &JudgingArgs, config: Option<&Config>) -> Result<Self, Failure> {
        let typed = args.ignore.iter().map(|text| Ignore::parse(text));
        let configured = config.iter().flat_map(|config| &config.ignores).filter_map(|ignore| {
            // The configuration was read: what is a name there is one.
            let package = ignore.package.as_ref().and_then(|name| name.parse().ok());
            Some(Ignore::new(ignore.code?, package, ignore.reason.clone()))
        });
        Ok(Self::new(typed.chain(configured).collect::<Result<Vec<_>, _>>()?))
    }

    pub(crate) fn new(all: impl IntoIterator<Item = Ignore>) -> Self {
        Self(all.into_iter().map(|ignore| (ignore, AtomicBool::new(false))).collect())
    }

    /// Whether an exception is made of a package's finding.
    pub(crate) fn spare(&self, package: Option<&DistName>, finding: &Finding) -> bool {
        self.0.iter().any(|(ignore, _)| ignore.meets(package, finding))
    }

    /// Takes out of a package's findings what an exception is made of, and remembers by which.
    pub(crate) fn leave_out(&self, package: Option<&DistName>, findings: &mut Vec<Finding>) {
        for (ignore, met) in &self.0 {
            if findings.iter().any(|finding| ignore.meets(package, finding)) {
                met.store(true, Ordering::Relaxed);
            }
        }
        findings.retain(|finding| !self.spare(package, finding));
    }

    /// The exceptions that met something, as they are written.
    pub(crate) fn used(&self) -> Vec<String> {
        let used = self.0.iter().filter(|(_, met)| met.load(Ordering::Relaxed));
        used.map(|(ignore, _)| ignore.to_string()).collect()
    }

    /// One finding for each exception that met nothing. For one of a package that was not among those `checked`, that is
    /// no surprise: a hook looks only at the files that changed. Those of the configuration are for every run, and only
    /// noted where their package was looked at.
    pub(crate) fn unused(&self, checked: &BTreeSet<&DistName>) -> Vec<Finding> {
        let unused = self.0.iter().filter(|(_, met)| !met.load(Ordering::Relaxed));
        unused
            .filter_map(|(ignore, _)| {
                if ignore.reason.is_some() {
                    let there = ignore.package.as_ref().is_some_and(|name| checked.contains(name));
                    let message = format!("[[ignore]] {ignore} meets nothing: there is no such finding");
                    let note = Finding::new(Code::UnusedIgnore, Severity::Note, message);
                    return there.then(|| note.help("remove it from the configuration, if no other target needs it"));
                }
                let absent = ignore.package.as_ref().filter(|name| !checked.contains(name));
                let (severity, why) = match absent {
                    Some(name) => (Severity::Note, format!("{name} is not among what was checked")),
                    None => (Severity::Warning, "there is no such finding".to_owned()),
                };
                let unused =
                    Finding::new(Code::UnusedIgnore, severity, format!("--ignore {ignore} meets nothing: {why}"));
                Some(unused.help("remove it, or correct the code or the package"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DistName {
        text.parse().expect("a name")
    }

    #[test]
    fn codes_with_and_without_a_package_are_read() {
        let read = |text| Ignore::parse(text).map(|ignore| ignore.to_string());
        assert_eq!(read("LP131"), Ok("LP131".to_owned()));
        assert_eq!(read("131"), Ok("LP131".to_owned()));
        assert_eq!(read("lp131:Typing_Extensions"), Ok("LP131:typing-extensions".to_owned()));
        for wrong in ["", "LP", "LP999", "numba", "LP131:", "LP131:a b", "LP131:-", "LP208", "201:numba", "LP513"] {
            assert_eq!(read(wrong).map_err(|failure| failure.code), Err(Code::Usage), "{wrong}");
        }
    }

    #[test]
    fn an_exception_meets_its_code_and_package_only() {
        let found = || vec![Finding::error(Code::MissingLibrary, "a"), Finding::warning(Code::Glibc, "b")];
        let ignores =
            Ignores::new(["LP131:numba", "LP106", "LP103:absent"].map(|text| Ignore::parse(text).expect(text)));
        let mut of_another = found();
        ignores.leave_out(Some(&name("numpy")), &mut of_another);
        assert_eq!(of_another, found());
        let mut of_nobody = found();
        ignores.leave_out(None, &mut of_nobody);
        assert_eq!(of_nobody, found());
        let mut of_numba = found();
        ignores.leave_out(Some(&name("numba")), &mut of_numba);
        assert_eq!(of_numba.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::Glibc]);

        assert_eq!(ignores.used(), ["LP131:numba"]);
        let (numba, numpy) = (name("numba"), name("numpy"));
        let unused = ignores.unused(&[&numba, &numpy].into());
        let said: Vec<_> = unused.iter().map(|finding| format!("{}: {}", finding.severity, finding.message)).collect();
        assert_eq!(
            said,
            [
                "warning: --ignore LP106 meets nothing: there is no such finding",
                "note: --ignore LP103:absent meets nothing: absent is not among what was checked",
            ]
        );
    }
}
