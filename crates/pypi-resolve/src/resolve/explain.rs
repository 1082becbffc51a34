//! Why there is no solution, in sentences with the requirement lines it comes from.
//!
//! Where one requirement alone cannot be met, the report says so and what there is instead (LP301, LP302, LP304, LP305);
//! else the requirements exclude each other (LP303), and the facts that cannot all hold are listed.

mod available;
mod facts;
mod remarks;

use std::collections::BTreeSet;

use lambda_compat::Code;
use pep440_rs::Version;
use pubgrub::DerivationTree;
use wheel_tags::DistName;

pub(super) use self::available::{Elsewhere, targets_nearest_to};

use self::facts::{Fact, facts};
use super::candidate::{Files, Unfit};
use super::error::Report;
use super::graph::{Edge, Graph, Package, Unusable};
use super::versions::Range;
use crate::index::IndexError;
use crate::requirements::Requirement;

/// More facts than this are not read by anybody.
const MOST_FACTS: usize = 16;
/// More requirements of one package on another than this are told as one fact.
const MOST_ALIKE: usize = 3;

/// A report, and what takes part in it.
pub(super) struct Explained {
    pub(super) report: Report,
    /// The requirement lines that lead there, in their order.
    pub(super) lines: Vec<Requirement>,
    /// The packages that versions of others require, the last ones first.
    pub(super) required: Vec<DistName>,
    pub(super) elsewhere: Elsewhere,
    /// How many pages and METADATA were read.
    pub(super) read: usize,
}

/// The report on a tree of conflicts.
pub(super) fn explain(
    graph: &Graph<'_>,
    tree: DerivationTree<Package, Range, Unusable>,
) -> Result<Explained, IndexError> {
    let facts = facts(tree);
    let teller = Teller { graph, facts: &facts };
    let (report, elsewhere) = teller.told()?;
    Ok(Explained { report, elsewhere, lines: teller.lines()?, required: teller.required(), read: graph.count() })
}

impl Teller<'_> {
    fn told(&self) -> Result<(Report, Elsewhere), IndexError> {
        for fact in self.facts {
            if let Fact::Requires { from, versions, to, range } = fact
                && let Some(name) = to.name()
                && let Some(mut hopeless) = self.hopeless(name, range)?
            {
                if hopeless.code == Code::NoVersion {
                    hopeless.details.extend(self.left_out_by_operator(from, versions, to, range)?);
                }
                let elsewhere = std::mem::take(&mut hopeless.elsewhere);
                let asks = self.asks(from, versions, to, range)?;
                return Ok((self.report(hopeless, Some(name), &asks)?, elsewhere));
            }
        }
        let conflict = Blame {
            code: Code::Conflict,
            what: "the requirements exclude each other".to_owned(),
            details: Vec::new(),
            help: None,
            elsewhere: Elsewhere::default(),
        };
        Ok((self.report(conflict, None, &[])?, Elsewhere::default()))
    }

    /// The requirement lines among the facts.
    fn lines(&self) -> Result<Vec<Requirement>, IndexError> {
        let edges = self.graph.edges(&Package::Root, &Graph::root_version())?.unwrap_or_default();
        let leads = |edge: &Edge| {
            self.facts.iter().any(|fact| {
                matches!(fact, Fact::Requires { from: Package::Root, to, range, .. } if *to == edge.to && *range == edge.range)
            })
        };
        let mut lines: Vec<Requirement> = Vec::new();
        for line in edges.into_iter().filter(leads).filter_map(|edge| edge.requirement) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    fn required(&self) -> Vec<DistName> {
        let mut names: Vec<DistName> = Vec::new();
        for fact in self.facts.iter().rev() {
            if let Fact::Requires { from, to: Package::Name(to), .. } = fact
                && *from != Package::Root
                && !names.contains(to)
            {
                names.push(to.clone());
            }
        }
        names
    }
}

/// The way out where an index gives no upload times.
pub(super) fn free_of_cutoff(name: &DistName) -> String {
    format!(
        "ask an index that gives upload times (PEP 700), or free this package: --exclude-newer-package {name}=false"
    )
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
    elsewhere: Elsewhere,
}

struct Teller<'a> {
    graph: &'a Graph<'a>,
    facts: &'a [Fact],
}

impl Teller<'_> {
    /// Why nothing can meet a requirement, whatever else is asked for; `None` if something can.
    fn hopeless(&self, name: &DistName, range: &Range) -> Result<Option<Blame>, IndexError> {
        let releases = self.graph.catalog.releases(name)?;
        if let Files::Unknown { asked } = &releases.files {
            let help = IndexError::UnknownProject { name: name.clone(), asked: asked.clone() }.help();
            let asked = if asked.is_empty() { "none, as --no-index says".to_owned() } else { asked.join(", ") };
            return Ok(Some(Blame {
                code: Code::UnknownProject,
                what: format!("no index knows `{name}`"),
                details: vec![format!("asked: {asked}")],
                help,
                elsewhere: Elsewhere::default(),
            }));
        }
        if let Some(there) = self.graph.catalog.below(name).filter(|there| !range.contains(&there.version)) {
            return Ok(Some(Blame {
                code: Code::Conflict,
                what: format!("{}, below, has {name} {}, and another version is asked for", there.layer, there.version),
                details: Vec::new(),
                help: Some(there.help()),
                elsewhere: Elsewhere::default(),
            }));
        }
        let known = |version: &Version| self.graph.known_unusable(name, version);
        if releases.usable(range).any(|release| known(&release.version).is_none()) {
            return Ok(None);
        }
        let reasons = || {
            let in_range = releases.newest_first.iter().filter(|r| range.contains(&r.version));
            in_range.flat_map(|release| releases.best(release).err().unwrap_or_default())
        };
        let mut read = releases.usable(range).filter_map(|release| known(&release.version)).peekable();
        let has_wheels = read.peek().is_some();
        Ok(Some(if reasons().any(Unfit::is_target) || read.any(|why| matches!(why, Unusable::Python { .. })) {
            let elsewhere = available::elsewhere(name, &releases, range, &known);
            Blame {
                code: Code::NoWheelForTarget,
                what: format!("no version of {name} that will do has a wheel for {}", self.graph.catalog.target),
                details: available::files(&releases, range, &known),
                help: Some(elsewhere.to_string()),
                elsewhere,
            }
        } else if !has_wheels && reasons().next().is_some() && reasons().all(|r| matches!(r, Unfit::OnlySdist)) {
            let help = format!(
                "have uv or pip build it here: --build {name}; or build a wheel elsewhere (pip wheel --no-deps {name}) and \
                 put it beside the requirements"
            );
            Blame {
                code: Code::OnlySdists,
                what: format!("{name} has only source distributions where a wheel is needed"),
                details: Vec::new(),
                help: Some(help),
                elsewhere: Elsewhere::default(),
            }
        } else {
            Blame {
                code: Code::NoVersion,
                what: format!("no version of {name} can be taken"),
                details: available::versions(&releases, range, &known),
                help: available::way_out(&releases, range, &known),
                elsewhere: Elsewhere::default(),
            }
        }))
    }

    /// The whole report: what is wrong, the facts that lead there, and the details. `asks` is told in any case.
    fn report(&self, blame: Blame, blamed: Option<&DistName>, asks: &[String]) -> Result<Report, IndexError> {
        let mut lines: Vec<String> = Vec::new();
        let mut told = BTreeSet::new();
        for fact in self.facts {
            let sentences = match fact {
                Fact::Requires { from, to, .. } if self.is_told_as_one(from, to) => {
                    if told.insert((from, to)) {
                        self.asks_variously(from, to)?
                    } else {
                        continue;
                    }
                }
                fact => self.sentences(fact, blamed)?,
            };
            for line in sentences {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
            if lines.len() > MOST_FACTS {
                lines.truncate(MOST_FACTS);
                lines.push("and more facts of this kind".to_owned());
                break;
            }
        }
        for ask in asks {
            if !lines.contains(ask) {
                lines.push(ask.clone());
            }
        }
        lines.extend(self.no_others(blamed)?);
        lines.extend(blame.details);
        let message = std::iter::once(blame.what).chain(lines).collect::<Vec<_>>().join("\n  ");
        Ok(Report::new(blame.code, message).about(blamed).help(blame.help))
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
                let releases = self.graph.catalog.releases(name)?;
                if let Files::Unknown { .. } = releases.files {
                    return Ok(vec![format!("no index knows `{name}`")]);
                }
                // Where other facts tell of some versions, this one says no more than that there are no others.
                let known = |fact: &Fact| match fact {
                    Fact::Requires { from: package, .. } | Fact::Unusable { package, .. } => {
                        package.name() == Some(name)
                    }
                    Fact::NoVersion { .. } => false,
                };
                if self.facts.iter().any(known) {
                    return Ok(Vec::new());
                }
                Ok(available::versions(&releases, range, &|version| self.graph.known_unusable(name, version)))
            }
            Fact::Unusable { package, versions, why } => {
                Ok(vec![format!("{} {why}", self.versions_of(package, versions)?)])
            }
        }
    }

    /// The versions of one package that the facts say require another.
    fn same_arrow<'a>(&'a self, from: &'a Package, to: &'a Package) -> impl Iterator<Item = &'a Range> {
        self.facts.iter().filter_map(move |fact| match fact {
            Fact::Requires { from: from2, versions, to: to2, .. } if from == from2 && to == to2 => Some(versions),
            _ => None,
        })
    }

    /// Whether so many versions of one package require so many ranges of another that nobody would read them all.
    fn is_told_as_one(&self, from: &Package, to: &Package) -> bool {
        *from != Package::Root && self.same_arrow(from, to).nth(MOST_ALIKE).is_some()
    }

    /// `each of a 1.1 to 1.299 (299 versions) needs its own range of b: b<1.1 … b<1.299`.
    fn asks_variously(&self, from: &Package, to: &Package) -> Result<Vec<String>, IndexError> {
        let Some(name) = from.name() else { return Ok(Vec::new()) };
        let versions = self.same_arrow(from, to).fold(Range::empty(), |all, versions| all.union(versions));
        let mut wanted_by_version = Vec::new();
        let releases = self.graph.catalog.releases(name)?;
        for release in releases.newest_first.iter().rev().filter(|r| versions.contains(&r.version)) {
            if self.graph.was_read(name, &release.version) {
                let edges = self.graph.edges(from, &release.version)?.unwrap_or_default();
                let edge = edges.into_iter().find(|edge| edge.to == *to);
                wanted_by_version.extend(edge.and_then(|edge| edge.requirement).map(|r| r.wanted()));
            }
        }
        let (Some(oldest), Some(newest)) = (wanted_by_version.first(), wanted_by_version.last()) else {
            return Ok(Vec::new());
        };
        let versions = self.versions_of(from, &versions)?;
        Ok(vec![format!("each of {versions} needs its own range of {to}: {oldest} … {newest}")])
    }

    /// Who asks for a range of a package: requirement lines, or versions of another package.
    fn asks(&self, from: &Package, versions: &Range, to: &Package, range: &Range) -> Result<Vec<String>, IndexError> {
        let the_same = |edge: &Edge| edge.to == *to && edge.range == *range;
        if *from == Package::Root {
            let edges = self.graph.edges(from, &Graph::root_version())?.unwrap_or_default();
            let tell = |edge: Edge| match edge.requirement {
                Some(line) => format!("{} asks for {}", line.place, line.wanted()),
                None => format!("{} is to be packed", self.graph.catalog.local_file(to)),
            };
            return Ok(edges.into_iter().filter(the_same).map(tell).collect());
        }
        let Some(name) = from.name() else { return Ok(Vec::new()) };
        let releases = self.graph.catalog.releases(name)?;
        let mut texts = BTreeSet::new();
        for release in releases.newest_first.iter().filter(|r| versions.contains(&r.version)) {
            // Only versions that were looked at: the others' METADATA would have to be fetched for the message.
            if !self.graph.was_read(name, &release.version) {
                continue;
            }
            let edges = self.graph.edges(from, &release.version)?.unwrap_or_default();
            texts.extend(
                edges.iter().filter(|e| the_same(e)).filter_map(|e| e.requirement.as_ref()).map(Requirement::wanted),
            );
        }
        let texts: Vec<_> = texts.into_iter().collect();
        Ok(vec![format!("{} needs {}", self.versions_of(from, versions)?, texts.join(" and "))])
    }

    /// `every version of a`, `a 1.0`, `a 1.0 and 1.1`, `a 1.0 to 2.3 (12 versions)`.
    fn versions_of(&self, package: &Package, range: &Range) -> Result<String, IndexError> {
        let Some(name) = package.name() else { return Ok(package.to_string()) };
        let releases = self.graph.catalog.releases(name)?;
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
