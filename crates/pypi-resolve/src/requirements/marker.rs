//! Environment markers: reading them within bounds, and the environment that a target is.
//!
//! `pep508_rs` reads and evaluates markers. It recurses into parentheses, slices by characters where it means bytes and
//! keeps markers as decision diagrams that can grow exponentially, so what reaches it is checked first.

use std::borrow::Cow;

use lambda_compat::Target;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree, MarkerWarningKind};

use super::error::Fault;

/// Bytes of a marker. The longest on PyPI are lists of extras with some 5 kB.
const LONGEST: usize = 16 * 1024;
/// Open parentheses at a time.
const DEEPEST: usize = 64;
/// `and`s and `or`s together: a marker with both in great number can need a diagram of 2^n nodes.
const MOST_ALTERNATIONS: usize = 12;

/// Digits of a version's number: what certainly fits into 64 bits.
const LONGEST_NUMBER: usize = 18;

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
    match MarkerTree::parse_reporter(&with_plain_compatible_releases(text), &mut reporter) {
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

/// Writes `~= '3.8.0'` as `== '3.8.*'`, which says the same (PEP 440) in as many characters.
///
/// `pep508_rs` drops zeros at a version's end first, and would read it as `~= '3.8'`: any Python 3 from 3.8 on.
fn with_plain_compatible_releases(text: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(text);
    for (at, _) in text.match_indices("~=") {
        let after = &text[at + 2..];
        let quoted = after.trim_start();
        let Some(quote) = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"')) else { continue };
        let version = quoted[1..].split(quote).next().unwrap_or_default();
        let is_release = version.chars().all(|c| c.is_ascii_digit() || c == '.') && version.matches('.').count() >= 2;
        if is_release && version.ends_with(".0") {
            let zero = at + 2 + (after.len() - quoted.len()) + version.len();
            plain.to_mut().replace_range(zero..=zero, "*");
            plain.to_mut().replace_range(at..at + 2, "==");
        }
    }
    plain
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
    // Their upper bound is one more in the last place, which must not overflow.
    if let Some((at, number)) = numbers(text).find(|(_, number)| number.len() > LONGEST_NUMBER) {
        return Err(Fault::unreadable(at..at + number.len(), "a number in the marker is too large"));
    }
    let mut quote = None;
    let mut depth = 0_usize;
    let mut outside = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            quote = Some(open).filter(|&open| c != open);
            outside.push(' ');
            continue;
        }
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
    // `'x' ~= os_name` is unreachable code to pep508_rs. `outside` has a blank for every character of a quoted string.
    for (at, _) in outside.match_indices("~=") {
        if text[..at].trim_end().ends_with(['\'', '"']) {
            return Err(Fault::unreadable(at..at + 2, "`~=` has its variable on the left"));
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

/// The runs of digits of a text, each with its offset.
fn numbers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|c: char| !c.is_ascii_digit()).map(move |number| {
        let start = at;
        at += number.len() + 1;
        (start, number)
    })
}

/// The environment in which markers are judged: that of the target, never of the machine.
///
/// # Panics
///
/// Never: the versions of every profile are PEP 440 versions.
#[must_use]
pub fn marker_environment(target: &Target) -> MarkerEnvironment {
    let values = target.markers();
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: values.implementation_name,
        implementation_version: &values.implementation_version,
        os_name: values.os_name,
        platform_machine: values.platform_machine,
        platform_python_implementation: values.platform_python_implementation,
        platform_release: values.platform_release,
        platform_system: values.platform_system,
        platform_version: values.platform_version,
        python_full_version: &values.python_full_version,
        python_version: &values.python_version,
        sys_platform: values.sys_platform,
    })
    .expect("a profile's Python version is a PEP 440 version")
}

#[cfg(test)]
mod tests;
