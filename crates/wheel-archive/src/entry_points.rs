//! `entry_points.txt`: the commands a wheel installs
//! ([entry points](https://packaging.python.org/en/latest/specifications/entry-points/)).
//!
//! Only `console_scripts` and `gui_scripts` are read: they become files in `bin/`, so their names must stay there.

use lambda_compat::{Code, Finding};
use serde::{Deserialize, Serialize};

const SOURCE: &str = "https://packaging.python.org/en/latest/specifications/entry-points/#file-format";

/// Which kind of command an entry point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ScriptKind {
    /// `console_scripts`.
    Console,
    /// `gui_scripts`: alike everywhere but on Windows.
    Gui,
}

/// A command: a name in `bin/` that calls `module:attribute`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryPoint {
    /// Its group.
    pub group: ScriptKind,
    /// The file's name in `bin/`: letters, digits, `_`, `.` and `-`.
    pub name: String,
    /// The module, dotted identifiers.
    pub module: String,
    /// What is called in it, dotted identifiers.
    pub attribute: String,
}

/// Reads `entry_points.txt`; ordered by group and name. All that is wrong with the commands is found at once.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<EntryPoint>, Vec<Finding>> {
    let text = str::from_utf8(bytes).map_err(|_| vec![error("entry_points.txt is not UTF-8".to_owned())])?;
    let mut findings = Vec::new();
    let mut points: Vec<EntryPoint> = Vec::new();
    for setting in settings(text)? {
        let line = setting.line;
        match setting.point() {
            Ok(point) => match points.iter().find(|other| (other.group, &other.name) == (point.group, &point.name)) {
                Some(other) if *other == point => {}
                Some(_) => findings.push(error(format!("line {line}: `{}` is defined twice, differently", point.name))),
                None => points.push(point),
            },
            Err(message) => findings.push(error(format!("line {line}: {message}"))),
        }
    }
    points.sort();
    if findings.is_empty() { Ok(points) } else { Err(findings) }
}

/// A name in `bin/` that would shadow the interpreter, in whatever case: `python`, `Python3.exe`, `pythonw`.
pub(crate) fn is_interpreter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let rest = name.strip_prefix("python").map(|rest| rest.strip_prefix('w').unwrap_or(rest));
    // A version, with the `t` of a free-threaded build or the `d` of a debug one.
    rest.is_some_and(|rest| {
        let version = rest.trim_end_matches(['t', 'd']);
        version.is_empty() == rest.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

/// Commands at most; points are compared with each other, and no distribution has a hundred.
const MAX_COMMANDS: usize = 5_000;

/// One `name = value` of the two groups.
struct Setting<'a> {
    /// Counted from 1.
    line: usize,
    group: ScriptKind,
    name: &'a str,
    /// Continuation lines are in it, each after a line end.
    value: String,
}

/// The settings of the two groups: the format of Python's `configparser`, with `=` as the only delimiter and names kept in
/// their case.
fn settings(text: &str) -> Result<Vec<Setting<'_>>, Vec<Finding>> {
    enum Section {
        None,
        Other,
        Scripts(ScriptKind),
    }
    let mut settings: Vec<Setting<'_>> = Vec::new();
    let mut section = Section::None;
    // The indentation of the last setting: a line further in continues it.
    let mut setting_indent = None;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if setting_indent.is_some_and(|setting| indent > setting) {
            if let (Section::Scripts(_), Some(last)) = (&section, settings.last_mut()) {
                last.value.push('\n');
                last.value.push_str(content);
            }
            continue;
        }
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name.trim())
        {
            setting_indent = None;
            section = match name {
                "console_scripts" => Section::Scripts(ScriptKind::Console),
                "gui_scripts" => Section::Scripts(ScriptKind::Gui),
                _ => Section::Other,
            };
            continue;
        }
        setting_indent = Some(indent);
        match section {
            Section::None => return Err(vec![error(format!("line {number}: text before the first group"))]),
            Section::Other => {}
            Section::Scripts(group) => {
                let (name, value) = content
                    .split_once('=')
                    .ok_or_else(|| vec![error(format!("line {number}: `{}` has no `=`", content.escape_debug()))])?;
                settings.push(Setting { line: number, group, name: name.trim(), value: value.trim().to_owned() });
                if settings.len() > MAX_COMMANDS {
                    return Err(vec![error(format!("more than {MAX_COMMANDS} commands"))]);
                }
            }
        }
    }
    Ok(settings)
}

impl Setting<'_> {
    fn point(&self) -> Result<EntryPoint, String> {
        let Self { group, name, value, .. } = self;
        // The rule PyPI has for them: they become file names.
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        if name.is_empty() || !name.chars().all(is_plain) || matches!(*name, "." | "..") {
            let name = name.escape_debug();
            return Err(format!("`{name}` is not a command's name: letters, digits, `_`, `.` and `-` are allowed"));
        }
        if is_interpreter(name) {
            return Err(format!("the command `{name}` would take the interpreter's place"));
        }
        // Extras after the reference are allowed and no longer mean anything.
        let reference = match value.trim_end().strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            Some((reference, _)) => reference,
            None => value.as_str(),
        };
        let parts = reference.split_once(':').map(|(module, attribute)| (module.trim(), attribute.trim()));
        let Some((module, attribute)) = parts.filter(|(module, attribute)| is_dotted(module) && is_dotted(attribute))
        else {
            return Err(format!("`{name}` should call `module:function`, not `{}`", value.escape_debug()));
        };
        Ok(EntryPoint {
            group: *group,
            name: (*name).to_owned(),
            module: module.to_owned(),
            attribute: attribute.to_owned(),
        })
    }
}

/// Identifiers joined by dots: they are written into a script, where anything else would be code.
fn is_dotted(reference: &str) -> bool {
    reference.split('.').all(|part| {
        let start = part.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
        start && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

fn error(message: String) -> Finding {
    Finding::error(Code::EntryPoint, message).source(SOURCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(ScriptKind, String, String)> {
        let points = parse(text.as_bytes()).expect(text).into_iter();
        points.map(|p| (p.group, p.name, format!("{}:{}", p.module, p.attribute))).collect()
    }

    fn console(name: &str, reference: &str) -> (ScriptKind, String, String) {
        (ScriptKind::Console, name.to_owned(), reference.to_owned())
    }

    #[test]
    fn commands_of_both_groups() {
        assert_eq!(
            read(
                "# c\n[console_scripts]\nhello=a.b:c.d\n; c\nzwei.2-x = m : f [extra, other]\n[other]\n../x = y\n\n[gui_scripts]\nw = a:b\n"
            ),
            [
                console("hello", "a.b:c.d"),
                console("zwei.2-x", "m:f"),
                (ScriptKind::Gui, "w".to_owned(), "a:b".to_owned())
            ]
        );
        assert_eq!(read(""), []);
        assert_eq!(read("[console_scripts]\n"), []);
    }

    #[test]
    fn indentation_as_configparser_reads_it() {
        assert_eq!(
            read("\n    [console_scripts]\n    x = a:b\n    y = c:d\n    "),
            [console("x", "a:b"), console("y", "c:d")]
        );
        assert_eq!(read("[console_scripts]\nx =\n  a:b\ny = c:d"), [console("x", "a:b"), console("y", "c:d")]);
        assert_eq!(read("[other]\nx = 1\n  [console_scripts]\n[console_scripts]\nx = a:b"), [console("x", "a:b")]);
    }

    #[test]
    fn commands_that_leave_bin_or_are_none() {
        for option in [
            "../../x = a:b",
            "/x = a:b",
            "C:\\x = a:b",
            ".. = a:b",
            ". = a:b",
            "a b = a:b",
            " = a:b",
            "a/b = a:b",
            "python = a:b",
            "Python3 = a:b",
            "python3.12 = a:b",
            "pythonw.exe = a:b",
            "python3.13t = a:b",
            "hello =",
            "hello = a",
            "hello = a:",
            "hello = :b",
            "hello = a:b()",
            "hello = a:b; import os",
            "hello = 1:b",
            "hello = a.:b",
            "hello = a:b\n  c",
            "hello",
        ] {
            let text = format!("[console_scripts]\n{option}\n");
            let findings = parse(text.as_bytes()).expect_err(option);
            assert!(findings[0].message.starts_with("line 2: "), "{option}: {findings:?}");
        }
        assert!(parse(b"x = a:b\n").is_err());
        assert!(parse(b"[console_scripts]\nx = a:\xff\n").is_err());
        assert!(parse(b"[console_scripts]\nx = a:b\nx = a:c\n").is_err());
        assert_eq!(read("[console_scripts]\nx = a:b\nx = a:b\n"), [console("x", "a:b")]);
    }

    #[test]
    fn names_that_only_look_like_the_interpreter() {
        for name in ["python-argcomplete", "pythonize", "ipython", "pythonw2x"] {
            assert!(!is_interpreter(name), "{name}");
        }
    }
}
