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
use super::candidate::{Files, Releases, Unfit};
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
    let teller = Teller { search };
    for fact in &facts {
        if let Fact::Requires { from, versions, to, range } = fact
            && let Some(name) = to.name()
        {
            let releases = search.catalog.releases(name)?;
            if let Some(report) = teller.hopeless(name, &releases, range, &teller.asks(from, versions, to, range)?)? {
                return teller.with_facts(report, &facts, Some(to));
            }
        }
    }
    let report = Report::new(Code::Conflict, "the requirements exclude each other");
    teller.with_facts(report, &facts, None)
}

/// The search went on and on.
pub(super) fn too_long() -> Report {
    let message = "gave up: too many combinations of versions were tried and none goes together";
    let help = "narrow the requirements: pin, with ==, the packages that you know to go together";
    Report::new(Code::Conflict, message).help(help.to_owned())
}

struct Teller<'a> {
    search: &'a Search<'a>,
}

impl Teller<'_> {
    /// The report on a requirement that nothing can meet, whatever else is asked for; `None` if something can.
    fn hopeless(
        &self,
        name: &DistName,
        releases: &Releases,
        range: &Range,
        asks: &[String],
    ) -> Result<Option<Report>, IndexError> {
        if let Files::Unknown { asked } = &releases.files {
            let asked = if asked.is_empty() { "none, as --no-index says".to_owned() } else { asked.join(", ") };
            let message = format!("no index knows `{name}`\n  {}\n  asked: {asked}", asks.join("\n  "));
            let help = "check the spelling; if it is on a private index, name that with --index or --extra-index-url";
            return Ok(Some(Report::new(Code::UnknownProject, message).help(help.to_owned())));
        }
        let known = |version: &Version| self.search.known_unusable(name, version);
        if releases.usable(range).any(|release| known(&release.version).is_none()) {
            return Ok(None);
        }
        let in_range: Vec<_> = releases.releases.iter().filter(|r| range.contains(&r.version)).collect();
        let of_target = |release| match releases.best(release) {
            Ok(_) => false,
            Err(reasons) => reasons.iter().any(Unfit::is_target),
        };
        let only_sdist = |release| matches!(releases.best(release), Err(reasons) if reasons.iter().all(|r| matches!(r, Unfit::OnlySdist)));
        let mut lines = asks.to_vec();
        let report = if in_range.iter().any(|r| of_target(r)) {
            lines.extend(available::files(releases, range));
            let message = format!("no wheel of {name} that may be taken loads on {}", self.search.catalog.target);
            Report::new(Code::NoWheelForTarget, message).help(available::elsewhere(name, releases, range))
        } else if !in_range.is_empty() && in_range.iter().all(|r| only_sdist(r)) {
            let message = format!("{name} has only source distributions where a wheel is needed");
            let help = format!("build a wheel (pip wheel --no-deps {name}) and put it beside the requirements");
            Report::new(Code::OnlySdists, message).help(help)
        } else {
            lines.extend(available::versions(releases, range, &known));
            Report::new(Code::NoVersion, format!("no version of {name} can be taken"))
        };
        let message = format!("{}\n  {}", report.message, lines.join("\n  "));
        Ok(Some(Report { message, ..report }))
    }

    /// The report followed by the facts; those about `told` are already in it.
    fn with_facts(&self, report: Report, facts: &[Fact], told: Option<&Package>) -> Result<Report, IndexError> {
        let mut lines: Vec<String> = Vec::new();
        for fact in facts {
            for line in self.sentences(fact, told)? {
                if !lines.contains(&line) && !report.message.contains(&line) {
                    lines.push(line);
                }
            }
        }
        let more = lines.len().saturating_sub(MOST_FACTS);
        lines.truncate(MOST_FACTS);
        if more > 0 {
            lines.push(format!("and {more} more facts of this kind"));
        }
        let message = std::iter::once(report.message.clone()).chain(lines).collect::<Vec<_>>().join("\n  ");
        Ok(Report { message, ..report })
    }

    fn sentences(&self, fact: &Fact, told: Option<&Package>) -> Result<Vec<String>, IndexError> {
        match fact {
            Fact::Requires { from, versions, to, range } => self.asks(from, versions, to, range),
            Fact::NoVersion { package, .. } | Fact::Unusable { package, .. } if told == Some(package) => Ok(Vec::new()),
            Fact::NoVersion { package, range } => {
                let Some(name) = package.name() else { return Ok(Vec::new()) };
                let releases = self.search.catalog.releases(name)?;
                if let Files::Unknown { .. } = releases.files {
                    return Ok(vec![format!("no index knows {name}")]);
                }
                let known = |version: &Version| self.search.known_unusable(name, version);
                Ok(available::versions(&releases, range, &known))
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
                None => format!("the local wheel of {to} is to be packed"),
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
