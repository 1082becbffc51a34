//! Environment markers: reading them within bounds, and the environment that a target is.
//!
//! `pep508_rs` reads and evaluates markers. It recurses into parentheses, slices by characters where it means bytes and
//! keeps markers as decision diagrams that can grow exponentially, so what reaches it is checked first.

use lambda_compat::Target;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree, MarkerWarningKind};

use super::error::Fault;

/// Bytes of a marker. The longest on PyPI are lists of extras with some 5 kB.
const LONGEST: usize = 16 * 1024;
/// Open parentheses at a time.
const DEEPEST: usize = 64;
/// `and`s and `or`s together: a marker with both in great number can need a diagram of 2^n nodes.
const MOST_ALTERNATIONS: usize = 12;

/// What `pep508_rs` had to ignore in a marker.
#[derive(Debug)]
pub(crate) struct Ignored(pub(crate) String);

/// Reads a marker; spans of the fault are those of `text`. Comparisons that mean nothing count as true, and the first
/// of them is returned.
pub(crate) fn read_marker(text: &str) -> Result<(MarkerTree, Option<Ignored>), Fault> {
    check(text)?;
    let mut ignored = None;
    let mut reporter = |kind: MarkerWarningKind, why: String| {
        let harmless = matches!(
            kind,
            MarkerWarningKind::DeprecatedMarkerName | MarkerWarningKind::LexicographicComparison if !why.contains("ignored")
        );
        if !harmless && ignored.is_none() {
            ignored = Some(Ignored(one_line(&why).replace(", will be ignored", "")));
        }
    };
    match MarkerTree::parse_reporter(text, &mut reporter) {
        Ok(marker) => Ok((marker, ignored)),
        Err(error) => {
            let start = error.start.min(text.len());
            let end = (start + error.len).clamp(start, text.len());
            Err(Fault::unreadable(
                start..end,
                format!("the marker cannot be read: {}", one_line(&error.message.to_string())),
            ))
        }
    }
}

/// Lower-cases the first letter and joins the lines that the crate's messages are broken into.
fn one_line(message: &str) -> String {
    let mut joined = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(first) = joined.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    joined
}

/// Refuses what `pep508_rs` could not take: see the module.
fn check(text: &str) -> Result<(), Fault> {
    if text.len() > LONGEST {
        return Err(Fault::unreadable(0..text.len(), format!("the marker is longer than {LONGEST} bytes")));
    }
    // PEP 508: "we do not define non-ASCII character support: all the runtime variables we are referencing are expected
    // to be ASCII-only".
    if let Some((at, c)) = text.char_indices().find(|&(_, c)| !c.is_ascii() || (c.is_ascii_control() && c != '\t')) {
        return Err(Fault::unreadable(at..at + c.len_utf8(), format!("markers are ASCII; {c:?} is not allowed")));
    }
    let mut quote = None;
    let mut depth = 0_usize;
    let mut outside = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) => {
                if c == open {
                    quote = None;
                }
                outside.push(' ');
            }
            None => {
                match c {
                    '\'' | '"' => quote = Some(c),
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                outside.push(if c == '(' || c == ')' { ' ' } else { c });
                if depth > DEEPEST {
                    return Err(Fault::unreadable(at..at + 1, format!("more than {DEEPEST} nested parentheses")));
                }
            }
        }
    }
    // The diagram branches on python_version and the like once per variable; `in` and `extra` are a variable each.
    let count = |wanted: &str| outside.split_whitespace().filter(|&word| word == wanted).count();
    let variables = count("in") + outside.matches("extra").count();
    if variables > 2 * MOST_ALTERNATIONS && count("and").min(count("or")) > MOST_ALTERNATIONS {
        return Err(Fault::unreadable(0..text.len(), "the marker combines too many alternatives"));
    }
    Ok(())
}

/// The environment in which markers are judged: that of the target, never of the machine.
#[must_use]
pub fn marker_environment(target: &Target) -> MarkerEnvironment {
    let values = target.markers();
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: &values.implementation_name,
        implementation_version: &values.implementation_version,
        os_name: &values.os_name,
        platform_machine: &values.platform_machine,
        platform_python_implementation: &values.platform_python_implementation,
        platform_release: &values.platform_release,
        platform_system: &values.platform_system,
        platform_version: &values.platform_version,
        python_full_version: &values.python_full_version,
        python_version: &values.python_version,
        sys_platform: &values.sys_platform,
    })
    .expect("a profile's Python version is a PEP 440 version")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn refused(text: &str) -> String {
        read_marker(text).map_err(|fault| format!("{:?} {}", fault.span, fault.problem)).expect_err("refused")
    }

    #[test]
    fn hostile_markers_are_refused() {
        assert!(refused(&"(".repeat(100_000)).contains("longer than"));
        assert!(refused(&"(".repeat(1000)).contains("nested parentheses"));
        assert!(refused("os_name == 'a' é").starts_with("15..17 markers are ASCII"));
        assert!(refused("os_name == 'é'").contains("ASCII"));
        assert!(refused("os_name = 'a'").contains("the marker cannot be read"));
        assert!(refused("").contains("expected marker value, found end"));
    }

    #[test]
    fn alternatives_stay_within_bounds() {
        let worst = |n: usize| {
            let pairs: Vec<_> = (0..n).map(|i| format!("(extra == 'a{i}' and extra == 'b{i}')")).collect();
            pairs.join(" or ")
        };
        assert!(refused(&worst(40)).contains("too many alternatives"));
        let started = Instant::now();
        assert!(read_marker(&worst(MOST_ALTERNATIONS)).is_ok());
        assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
        let extras: Vec<_> = (0..300).map(|i| format!("extra == 'e{i}'")).collect();
        assert!(read_marker(&format!("python_version > '3' and ({})", extras.join(" or "))).is_ok());
    }

    #[test]
    fn comparisons_without_meaning_are_reported() {
        let ignored = |text: &str| read_marker(text).ok().and_then(|(_, ignored)| ignored).map(|ignored| ignored.0);
        assert!(ignored("python_version > 'x'").is_some());
        assert!(ignored("'a' == 'b'").is_some());
        assert!(ignored("os_name ~= 'x'").is_some());
        assert_eq!(ignored("os.name == 'posix' and platform_version >= '2'"), None);
    }
}
