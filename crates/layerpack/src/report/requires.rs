//! Who asks for what in a resolution: the tree below the requirement lines, and the ways that lead to one package.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use layer_pack::ByteSize;
use pypi_resolve::resolve::{Asker, Link, Pin, Resolution};
use wheel_tags::DistName;

use crate::report::style::FAINT;

/// Ways to a package that are shown; the shortest come first.
const MOST_WAYS: usize = 12;
/// Beginnings of ways that are looked at.
const MOST_STEPS: usize = 20_000;

/// A resolution, looked at along its links.
pub(crate) struct Requires<'a> {
    pins: BTreeMap<&'a DistName, &'a Pin>,
    /// In the order of the requirement lines.
    roots: Vec<&'a Link>,
    of_package: BTreeMap<&'a DistName, Vec<&'a Link>>,
    to_package: BTreeMap<&'a DistName, Vec<&'a Link>>,
}

/// A part of the tree that is still to be written.
struct Branch<'a> {
    link: &'a Link,
    /// What stands before it and what before its own branches.
    lead: String,
    under: String,
}

impl<'a> Requires<'a> {
    pub(crate) fn new(resolution: &'a Resolution) -> Self {
        let mut requires = Self {
            pins: resolution.pins.iter().map(|pin| (&pin.name, pin)).collect(),
            roots: Vec::new(),
            of_package: BTreeMap::new(),
            to_package: BTreeMap::new(),
        };
        for link in resolution.links.iter().filter(|link| requires.pins.contains_key(&link.to)) {
            match &link.from {
                Asker::Line(_) => requires.roots.push(link),
                Asker::Package(name, _) => requires.of_package.entry(name).or_default().push(link),
            }
            requires.to_package.entry(&link.to).or_default().push(link);
        }
        requires
    }

    /// A line for each package below each requirement line. What was shown before is marked `(*)` and not shown again.
    pub(crate) fn tree(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut shown: BTreeSet<&DistName> = BTreeSet::new();
        let root = |link: &&'a Link| Branch { link, lead: String::new(), under: String::new() };
        let mut open: Vec<Branch<'a>> = self.roots.iter().rev().map(root).collect();
        while let Some(Branch { link, lead, under }) = open.pop() {
            let Some(pin) = self.pins.get(&link.to) else { continue };
            let below = self.below(&link.to);
            let again = !shown.insert(&pin.name) && !below.is_empty();
            let mut line = format!("{lead}{} {}", spelt(link), pin.version);
            if again {
                line.push_str(" (*)");
            } else {
                line = format!("{line}  {}", self.weight(pin));
            }
            if let Asker::Line(place) = &link.from {
                line = format!("{line}  {FAINT}{place}{FAINT:#}");
            }
            lines.push(line);
            if again {
                continue;
            }
            let last = below.len().saturating_sub(1);
            for (at, link) in below.into_iter().enumerate().rev() {
                let (arm, gap) = if at == last { ("└── ", "    ") } else { ("├── ", "│   ") };
                open.push(Branch { link, lead: format!("{under}{arm}"), under: format!("{under}{gap}") });
            }
        }
        lines
    }

    /// What a package asks for, each package once: of two extras that ask for one, the first.
    fn below(&self, name: &DistName) -> Vec<&'a Link> {
        let mut seen = BTreeSet::new();
        let links = self.of_package.get(name).into_iter().flatten().copied();
        links.filter(|link| link.to != *name && seen.insert(&link.to)).collect()
    }

    /// `2.1 MB, 14.0 MB in all`: its wheel, and with all that it needs.
    fn weight(&self, pin: &Pin) -> String {
        let own = pin.size.map_or_else(|| "size not known".to_owned(), |bytes| ByteSize(bytes).to_string());
        let mut reached: BTreeSet<&DistName> = [&pin.name].into();
        let mut queue = vec![&pin.name];
        while let Some(name) = queue.pop() {
            for link in self.of_package.get(name).into_iter().flatten() {
                if reached.insert(&link.to) {
                    queue.push(&link.to);
                }
            }
        }
        if reached.len() == 1 {
            return own;
        }
        let sizes = || reached.iter().filter_map(|name| self.pins.get(name)).map(|pin| pin.size);
        let all = ByteSize(sizes().flatten().sum());
        let least = if sizes().all(|size| size.is_some()) { "" } else { "at least " };
        format!("{own}, {least}{all} in all")
    }

    /// The ways from requirement lines to a package, the shortest first, each from the line on; `None` where the package
    /// is not there. The flag says whether there are more.
    pub(crate) fn why(&self, name: &DistName) -> Option<(Vec<Vec<String>>, bool)> {
        let target = self.pins.keys().find(|known| **known == name)?;
        let mut ways = Vec::new();
        let mut queue: VecDeque<Vec<&Link>> = [Vec::new()].into();
        for _ in 0..MOST_STEPS {
            let Some(way) = queue.pop_front() else { return Some((ways, false)) };
            let from = match way.last().map(|link| &link.from) {
                None => *target,
                Some(Asker::Package(name, _)) => name,
                Some(Asker::Line(_)) => {
                    if ways.len() == MOST_WAYS {
                        return Some((ways, true));
                    }
                    ways.push(way.iter().rev().map(|link| self.step(link)).collect());
                    continue;
                }
            };
            for link in self.to_package.get(from).into_iter().flatten() {
                // A way that comes by a package twice says nothing new.
                let asks = |name: &DistName| name == *target || way.iter().any(|link| link.to == *name);
                if !matches!(&link.from, Asker::Package(name, _) if asks(name)) {
                    queue.push_back(way.iter().copied().chain([*link]).collect());
                }
            }
        }
        Some((ways, true))
    }

    /// `requirements.txt line 1 asks for web`, `web[fast] 1.2 requires loop>=1`.
    fn step(&self, link: &Link) -> String {
        match &link.from {
            Asker::Line(place) => format!("{place} asks for {}", link.wanted),
            Asker::Package(name, extra) => {
                let extra = extra.as_ref().map(|extra| format!("[{extra}]")).unwrap_or_default();
                let version = self.pins.get(name).map(|pin| format!(" {}", pin.version)).unwrap_or_default();
                format!("{name}{extra}{version} requires {}", link.wanted)
            }
        }
    }

    /// The ways as lines: each step under the one before.
    pub(crate) fn ways(&self, name: &DistName) -> Option<Vec<String>> {
        let (ways, more) = self.why(name)?;
        let version = self.pins.get(name).map(|pin| pin.version.to_string()).unwrap_or_default();
        let mut lines = vec![format!("{name} {version}")];
        for way in ways {
            let steps = way.into_iter().enumerate();
            lines.extend(steps.map(|(depth, step)| format!("{}{step}", "  ".repeat(depth + 1))));
        }
        if more {
            lines.push("  and more ways, which are longer".to_owned());
        }
        Some(lines)
    }
}

/// The name with the extras that this one asks for.
fn spelt(link: &Link) -> &str {
    link.wanted.split_once(']').map_or(link.to.as_str(), |(name, _)| link.wanted.get(..=name.len()).unwrap_or(name))
}
