//! Why there is no solution, in sentences with the requirement lines it comes from.
//!
//! Where one requirement alone cannot be met, the report says so and what there is instead (LP301, LP302, LP304, LP305);
//! else the requirements exclude each other (LP303), and the facts that cannot all hold are listed.

mod available;
mod facts;

use std::collections::BTreeSet;

use lambda_compat::Code;
use pep440_rs::Version;
use pubgrub::DerivationTree;
use wheel_tags::DistName;

use self::facts::{Fact, facts};
use super::candidate::{Files, Unfit};
use super::error::Report;
use super::provider::{Edge, Package, Search, Unusable};
use super::versions::Range;
use crate::index::IndexError;

/// More facts than this are not read by anybody.
const MOST_FACTS: usize = 16;

/// The report on a tree of conflicts.
pub(super) fn explain(
    search: &Search<'_>,
    tree: DerivationTree<Package, Range, Unusable>,
) -> Result<Report, IndexError> {
    let facts = facts(tree);
    let teller = Teller { search, facts: &facts };
    for fact in &facts {
        if let Fact::Requires { from, versions, to, range } = fact
            && let Some(name) = to.name()
            && let Some(hopeless) = teller.hopeless(name, range)?
        {
            return teller.report(hopeless, Some(name), &teller.asks(from, versions, to, range)?);
        }
    }
    let conflict = Blame { code: Code::Conflict, what: "the requirements exclude each other".to_owned(), details: Vec::new(), help: None };
    teller.report(conflict, None, &[])
}

/// The search went on and on.
pub(super) fn too_long() -> Report {
    let message = "gave up: too many combinations of versions were tried and none goes together";
    let help = "narrow the requirements: pin, with ==, the packages that you know to go together";
    Report::new(Code::Conflict, message).help(Some(help.to_owned()))
}

/// What one requirement founders on.
struct Blame {
    code: Code,
    what: String,
    details: Vec<String>,
    help: Option<String>,
}

struct Teller<'a> {
    search: &'a Search<'a>,
    facts: &'a [Fact],
}

impl Teller<'_> {
    /// Why nothing can meet a requirement, whatever else is asked for; `None` if something can.
    fn hopeless(&self, name: &DistName, range: &Range) -> Result<Option<Blame>, IndexError> {
        let releases = self.search.catalog.releases(name)?;
        if let Files::Unknown { asked } = &releases.files {
            let asked = if asked.is_empty() { "none, as --no-index says".to_owned() } else { asked.join(", ") };
            let help = "check the spelling; if it is on a private index, name that with --index or --extra-index-url";
            return Ok(Some(Blame {
                code: Code::UnknownProject,
                what: format!("no index knows `{name}`"),
                details: vec![format!("asked: {asked}")],
                help: Some(help.to_owned()),
            }));
        }
        let known = |version: &Version| self.search.known_unusable(name, version);
        if releases.usable(range).any(|release| known(&release.version).is_none()) {
            return Ok(None);
        }
        let reasons = || {
            let in_range = releases.releases.iter().filter(|r| range.contains(&r.version));
            in_range.flat_map(|release| releases.best(release).err().unwrap_or_default())
        };
        let unread = releases.releases.iter().any(|r| range.contains(&r.version) && releases.best(r).is_ok());
        Ok(Some(if reasons().any(Unfit::is_target) {
            Blame {
                code: Code::NoWheelForTarget,
                what: format!("no version of {name} that will do has a wheel for {}", self.search.catalog.target),
                details: available::files(&releases, range),
                help: Some(available::elsewhere(name, &releases, range)),
            }
        } else if !unread && reasons().next().is_some() && reasons().all(|r| matches!(r, Unfit::OnlySdist)) {
            let help = format!("build a wheel (pip wheel --no-deps {name}) and put it beside the requirements");
            Blame {
                code: Code::OnlySdists,
                what: format!("{name} has only source distributions where a wheel is needed"),
                details: Vec::new(),
                help: Some(help),
            }
        } else {
            Blame {
                code: Code::NoVersion,
                what: format!("no version of {name} can be taken"),
                details: available::versions(&releases, range, &known),
                help: available::way_out(&releases, range),
            }
        }))
    }

    /// The whole report: what is wrong, the facts that lead there, and the details. `asks` is told in any case.
    fn report(&self, blame: Blame, blamed: Option<&DistName>, asks: &[String]) -> Result<Report, IndexError> {
        let mut lines: Vec<String> = Vec::new();
        for fact in self.facts {
            for line in self.sentences(fact, blamed)? {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        let more = lines.len().saturating_sub(MOST_FACTS);
        lines.truncate(MOST_FACTS);
        if more > 0 {
            lines.push(format!("and {more} more facts of this kind"));
        }
        for ask in asks {
            if !lines.contains(ask) {
                lines.push(ask.clone());
            }
        }
        lines.extend(blame.details);
        let message = std::iter::once(blame.what).chain(lines).collect::<Vec<_>>().join("\n  ");
        Ok(Report::new(blame.code, message).help(blame.help))
    }

    fn sentences(&self, fact: &Fact, blamed: Option<&DistName>) -> Result<Vec<String>, IndexError> {
        match fact {
            Fact::Requires { from, versions, to, range } => self.asks(from, versions, to, range),
            // The details tell of these.
            Fact::NoVersion { package, .. } | Fact::Unusable { package, .. } if package.name() == blamed => {
                Ok(Vec::new())
            }
            Fact::NoVersion { package, range } => {
                let Some(name) = package.name() else { return Ok(Vec::new()) };
                let releases = self.search.catalog.releases(name)?;
                if let Files::Unknown { .. } = releases.files {
                    return Ok(vec![format!("no index knows `{name}`")]);
                }
                // Where other facts tell of some versions, this one says no more than that there are no others.
                let known = |fact: &Fact| match fact {
                    Fact::Requires { from: package, .. } | Fact::Unusable { package, .. } => package.name() == Some(name),
                    Fact::NoVersion { .. } => false,
                };
                if self.facts.iter().any(known) {
                    return Ok(Vec::new());
                }
                Ok(available::versions(&releases, range, &|version| self.search.known_unusable(name, version)))
            }
            Fact::Unusable { package, versions, why } => {
                Ok(vec![format!("{} {why}", self.versions_of(package, versions)?)])
            }
        }
    }

    /// Who asks for a range of a package: requirement lines, or versions of another package.
    fn asks(&self, from: &Package, versions: &Range, to: &Package, range: &Range) -> Result<Vec<String>, IndexError> {
        let the_same = |edge: &Edge| edge.to == *to && edge.range == *range;
        if *from == Package::Root {
            let edges = self.search.edges(from, &Search::root_version())?.unwrap_or_default();
            let tell = |edge: Edge| match edge.requirement {
                Some(line) => format!("{} asks for {}", line.place, wanted(&line)),
                None => format!("{} is to be packed", self.search.catalog.local_file(to)),
            };
            return Ok(edges.into_iter().filter(the_same).map(tell).collect());
        }
        let Some(name) = from.name() else { return Ok(Vec::new()) };
        let releases = self.search.catalog.releases(name)?;
        let mut texts = BTreeSet::new();
        for release in releases.releases.iter().filter(|r| versions.contains(&r.version)) {
            // Only versions that were looked at: the others' METADATA would have to be fetched for the message.
            if !self.search.was_read(name, &release.version) {
                continue;
            }
            let edges = self.search.edges(from, &release.version)?.unwrap_or_default();
            texts.extend(edges.iter().filter(|e| the_same(e)).filter_map(|e| e.requirement.as_ref()).map(wanted));
        }
        let texts: Vec<_> = texts.into_iter().collect();
        Ok(vec![format!("{} needs {}", self.versions_of(from, versions)?, texts.join(" and "))])
    }

    /// `every version of a`, `a 1.0`, `a 1.0 and 1.1`, `a 1.0 to 2.3 (12 versions)`.
    fn versions_of(&self, package: &Package, range: &Range) -> Result<String, IndexError> {
        let Some(name) = package.name() else { return Ok(package.to_string()) };
        let releases = self.search.catalog.releases(name)?;
        let takeable: Vec<_> = releases.usable(&Range::full()).map(|r| r.version.clone()).collect();
        let mut named: Vec<_> = takeable.iter().filter(|version| range.contains(version)).collect();
        named.sort();
        Ok(match *named.as_slice() {
            [only] => format!("{package} {only}"),
            ref all if !all.is_empty() && all.len() == takeable.len() => format!("every version of {package}"),
            [low, high] => format!("{package} {low} and {high}"),
            [low, .., high] => format!("{package} {low} to {high} ({} versions)", named.len()),
            [] => package.to_string(),
        })
    }
}

/// A requirement without its marker, which holds or it would not be asked for.
fn wanted(requirement: &crate::requirements::Requirement) -> String {
    let extras = requirement.extras.iter().map(DistName::as_str).collect::<Vec<_>>().join(",");
    let extras = if extras.is_empty() { extras } else { format!("[{extras}]") };
    format!("{}{extras}{}", requirement.name, requirement.specifiers).replace(", ", ",")
}
