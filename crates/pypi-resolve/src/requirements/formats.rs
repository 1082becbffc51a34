//! `--only-binary` and `--no-binary`: of which packages wheels will do, and which are to be built.

use std::collections::BTreeMap;

use wheel_tags::DistName;

use super::place::Place;

/// What these options name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Packages {
    /// `:all:`
    All,
    /// One project.
    One(DistName),
}

/// What the options of both kinds come to, each with the line that says it. A later one takes back what an earlier one
/// of the other kind says, as pip has it.
///
/// <https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-only-binary>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formats {
    no_binary: Named,
    only_binary: Named,
}

impl Formats {
    /// `--no-binary VALUE`: `:all:`, `:none:` or names, separated by commas.
    ///
    /// # Errors
    ///
    /// A fragment, where something is no name.
    pub fn no_binary(&mut self, value: &str, place: &Place) -> Result<(), String> {
        merge(value, place, &mut self.no_binary, &mut self.only_binary)
    }

    /// `--only-binary VALUE`.
    ///
    /// # Errors
    ///
    /// A fragment, where something is no name.
    pub fn only_binary(&mut self, value: &str, place: &Place) -> Result<(), String> {
        merge(value, place, &mut self.only_binary, &mut self.no_binary)
    }

    /// Adds what a file says that is read after others.
    pub fn join(&mut self, later: Self) {
        overlay(&mut self.no_binary, &mut self.only_binary, later.no_binary);
        overlay(&mut self.only_binary, &mut self.no_binary, later.only_binary);
    }

    /// The line that wants a package built, though it may have wheels.
    #[must_use]
    pub fn built(&self, name: &DistName) -> Option<&Place> {
        let one = Packages::One(name.clone());
        if self.only_binary.contains_key(&one) {
            return None;
        }
        self.no_binary.get(&one).or_else(|| self.no_binary.get(&Packages::All))
    }

    /// Whether nothing but a wheel of a package will do.
    #[must_use]
    pub fn never_built(&self, name: &DistName) -> bool {
        let one = Packages::One(name.clone());
        self.only_binary.contains_key(&one)
            || (!self.no_binary.contains_key(&one) && self.only_binary.contains_key(&Packages::All))
    }

    /// Everything that is to be built, with the lines that say so.
    pub fn all_built(&self) -> impl Iterator<Item = (&Packages, &Place)> {
        self.no_binary.iter()
    }
}

type Named = BTreeMap<Packages, Place>;

fn overlay(target: &mut Named, other: &mut Named, later: Named) {
    for (packages, place) in later {
        add(target, other, packages, place);
    }
}

fn add(target: &mut Named, other: &mut Named, packages: Packages, place: Place) {
    if packages == Packages::All {
        other.clear();
        target.clear();
    }
    other.remove(&packages);
    target.insert(packages, place);
}

fn merge(value: &str, place: &Place, target: &mut Named, other: &mut Named) -> Result<(), String> {
    for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word {
            ":all:" => add(target, other, Packages::All, place.clone()),
            ":none:" => target.clear(),
            name => {
                let name = name.parse().map_err(|_| format!("`{name}` is no name, and neither :all: nor :none:"))?;
                add(target, other, Packages::One(name), place.clone());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of `a` and `b` are to be built, and which never.
    fn read(options: &[(&str, &str)]) -> (String, String) {
        let mut formats = Formats::default();
        for (kind, value) in options {
            let place = Place::new("r.txt", 1);
            match *kind {
                "no" => formats.no_binary(value, &place).expect("names"),
                _ => formats.only_binary(value, &place).expect("names"),
            }
        }
        let names: Vec<DistName> = ["a", "b"].iter().map(|name| name.parse().expect("a name")).collect();
        let listed = |holds: &dyn Fn(&DistName) -> bool| {
            names.iter().filter(|name| holds(name)).map(ToString::to_string).collect::<String>()
        };
        (listed(&|name| formats.built(name).is_some()), listed(&|name| formats.never_built(name)))
    }

    #[test]
    fn later_options_win_as_in_pip() {
        type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);
        let cases: &[Case] = &[
            (&[], "", ""),
            (&[("no", "a")], "a", ""),
            (&[("no", ":all:")], "ab", ""),
            (&[("no", ":all:"), ("no", ":none:")], "", ""),
            (&[("no", "a,b"), ("no", ":none:,a")], "a", ""),
            (&[("no", "a"), ("only", "A")], "", "a"),
            (&[("only", ":all:")], "", "ab"),
            (&[("only", ":all:"), ("no", "a")], "a", "b"),
            (&[("no", "a"), ("only", ":all:")], "", "ab"),
            (&[("no", ":all:"), ("only", "a")], "b", "a"),
        ];
        for (options, built, never) in cases {
            assert_eq!(read(options), ((*built).to_owned(), (*never).to_owned()), "{options:?}");
        }
        assert!(Formats::default().no_binary("-x", &Place::default()).is_err());
    }
}
