//! Names near one that nobody knows: candidates by rule, each asked for before it is suggested.

use wheel_tags::DistName;

use super::Packages;

/// `names.txt`: names that are mistaken for those of projects, and projects that many use.
const NAMES: &str = include_str!("names.txt");
/// Candidates that an index is asked for.
const MOST_ASKED: usize = 6;
/// A name shorter than this is one letter away from too many.
const SHORTEST: usize = 4;

/// A project that is known under another name than its module's, or that builds another's wheels.
pub(super) fn stand_in(name: &DistName) -> Option<DistName> {
    let mut pairs = lines().filter_map(|line| line.split_once(' '));
    pairs.find(|(written, _)| parsed(written).as_ref() == Some(name)).and_then(|(_, project)| parsed(project))
}

/// The project that was probably meant: the first candidate that the indexes have. `others` are names that are known to
/// this run.
pub(super) fn near(name: &DistName, others: &[DistName], packages: &dyn Packages) -> Option<DistName> {
    let candidates = candidates(name, others);
    for candidate in &candidates {
        packages.prefetch(candidate);
    }
    let there = |name: &DistName| packages.project(name).is_ok_and(|project| !project.files.is_empty());
    candidates.into_iter().find(there)
}

/// The likeliest first.
fn candidates(name: &DistName, others: &[DistName]) -> Vec<DistName> {
    let spelt = name.as_str();
    let known = || {
        let listed = lines().filter_map(|line| parsed(line.split(' ').next_back().unwrap_or(line)));
        others.iter().cloned().chain(listed)
    };
    let mut found: Vec<DistName> = stand_in(name).into_iter().collect();
    found.extend(known().filter(|other| core(other.as_str()) == core(spelt)));
    found.extend(known().filter(|other| spelt.len() >= SHORTEST && one_edit(spelt, other.as_str())));
    let joined = spelt.replace('-', "");
    let rest = |prefix: &str| spelt.strip_prefix(prefix).unwrap_or_default().to_owned();
    let by_rule = [joined, format!("python-{spelt}"), rest("python-"), rest("py-"), format!("py{spelt}"), rest("py")];
    found.extend(by_rule.iter().filter_map(|text| parsed(text)));
    let mut unique: Vec<DistName> = Vec::new();
    for candidate in found {
        if candidate != *name && !unique.contains(&candidate) {
            unique.push(candidate);
        }
    }
    unique.truncate(MOST_ASKED);
    unique
}

fn lines() -> impl Iterator<Item = &'static str> {
    NAMES.lines().filter(|line| !line.starts_with('#'))
}

fn parsed(text: &str) -> Option<DistName> {
    text.parse().ok()
}

/// A name without what is often added to it or left out: separators, `python-`, `py`.
fn core(name: &str) -> String {
    let bare = name.strip_prefix("python-").or_else(|| name.strip_suffix("-python")).unwrap_or(name);
    let bare = bare.replace('-', "");
    bare.strip_prefix("py").map_or(bare.clone(), str::to_owned)
}

/// Whether one letter more, less, other, or two letters the other way round make one of the other.
fn one_edit(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let rest = |text: &[u8], from: usize| text.get(from..).unwrap_or_default().to_vec();
    match long.len() - short.len() {
        0 if same == short.len() => false,
        0 => {
            let swapped = short.get(same) == long.get(same + 1) && short.get(same + 1) == long.get(same);
            rest(short, same + 1) == rest(long, same + 1) || swapped && rest(short, same + 2) == rest(long, same + 2)
        }
        1 => rest(short, same) == rest(long, same + 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_names_projects() {
        for line in lines() {
            assert!(line.split(' ').all(|name| parsed(name).is_some()) && line.split(' ').count() <= 2, "{line}");
        }
    }

    #[test]
    fn one_edit_and_no_more() {
        for (a, b) in [("reqests", "requests"), ("requessts", "requests"), ("reqeusts", "requests"), ("nunpy", "numpy")]
        {
            assert!(one_edit(a, b) && one_edit(b, a), "{a} {b}");
        }
        for (a, b) in [("requests", "requests"), ("resqeuts", "requests"), ("numpy", "num"), ("", "ab")] {
            assert!(!one_edit(a, b) && !one_edit(b, a), "{a} {b}");
        }
    }

    #[test]
    fn the_likeliest_comes_first() {
        let first = |name: &str| candidates(&parsed(name).expect("a name"), &[]).first().map(ToString::to_string);
        let cases = [
            ("cv2", "opencv-python"),
            ("PIL", "pillow"),
            ("py-yaml", "pyyaml"),
            ("python-requests", "requests"),
            ("scikitlearn", "scikit-learn"),
            ("reqeusts", "requests"),
            ("djngo", "django"),
        ];
        for (name, expected) in cases {
            assert_eq!(first(name).as_deref(), Some(expected), "{name}");
        }
        assert!(candidates(&parsed("x").expect("a name"), &[]).len() <= MOST_ASKED);
    }
}
