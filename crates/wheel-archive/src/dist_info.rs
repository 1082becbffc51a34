//! The folders at a wheel's root that mean something: one `.dist-info`, and the `.data` schemes
//! ([binary distribution format](https://packaging.python.org/en/latest/specifications/binary-distribution-format/#the-dist-info-directory)).

use std::collections::{BTreeMap, BTreeSet};

use lambda_compat::{Code, Finding};
use wheel_tags::{DistName, Version, WheelFilename};

use crate::EntryPath;
use crate::entry_points::is_interpreter;

/// The schemes that installers know (PEP 427).
const SCHEMES: [&str; 5] = ["purelib", "platlib", "headers", "scripts", "data"];

/// The one `.dist-info` folder among the paths, which must be the file name's project and version.
pub(crate) fn find<'a>(
    paths: impl Iterator<Item = &'a EntryPath>,
    filename: &WheelFilename,
) -> Result<EntryPath, Finding> {
    let folders: BTreeSet<&str> = paths
        .filter_map(|path| path.as_str().split_once('/'))
        .map(|(top, _)| top)
        .filter(|top| top.ends_with(".dist-info"))
        .collect();
    let mut folders = folders.into_iter();
    let Some(folder) = folders.next() else {
        // Not a malformed wheel: a zip of something else.
        let message = "a zip archive, but not a wheel: it has no .dist-info folder";
        return Err(
            Finding::error(Code::NotAWheel, message).help("build a wheel from the project (`pip wheel .`, `uv build`)")
        );
    };
    if let Some(other) = folders.next() {
        let message = format!("two .dist-info folders, `{folder}` and `{other}`: a wheel is one project");
        return Err(Finding::error(Code::DistInfo, message));
    }
    if let Err(what) = agrees(folder.strip_suffix(".dist-info").unwrap_or(folder), filename) {
        let message = format!("`{folder}` is {what}, not of `{}`", filename.as_str());
        return Err(Finding::error(Code::DistInfo, message).help("give the file back the name it was built with"));
    }
    folder.parse().map_err(|error| Finding::error(Code::DistInfo, format!("refused: {error}")))
}

/// Every `.data` folder must be the wheel's own, with known schemes; nothing in it may take the interpreter's place.
pub(crate) fn check_data<'a>(paths: impl Iterator<Item = &'a EntryPath>, filename: &WheelFilename) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in paths {
        let mut parts = path.components();
        let Some(project) = parts.next().and_then(|top| top.strip_suffix(".data")) else { continue };
        let (scheme, rest) = (parts.next(), parts.collect::<Vec<_>>());
        let Some(scheme) = scheme else {
            if agrees(project, filename).is_ok() {
                let message = "a file where the .data folder of the wheel belongs";
                findings.push(Finding::error(Code::DataScheme, message).at(path.as_str()));
            }
            continue;
        };
        let message = if let Err(what) = agrees(project, filename) {
            format!("the .data folder is {what}, not of `{}`", filename.as_str())
        } else if !SCHEMES.contains(&scheme) {
            format!("`{}` is no installation scheme; {} are", scheme.escape_debug(), SCHEMES.join(", "))
        } else {
            match (scheme, rest.as_slice()) {
                (_, []) => format!("a file where the folder of the scheme {scheme} belongs"),
                ("scripts", [name]) | ("data", ["bin", name]) if is_interpreter(name) => {
                    format!("the script `{name}` would take the interpreter's place")
                }
                _ => continue,
            }
        };
        findings.push(Finding::error(Code::DataScheme, message).at(path.as_str()));
    }
    findings
}

/// What lies at the root and in the schemes for modules ends up in one folder: no two may have one place there.
pub(crate) fn check_places<'a>(paths: impl Iterator<Item = &'a EntryPath> + Clone) -> Vec<Finding> {
    let modules = |path: &&EntryPath| matches!(path.data_scheme(), Some(("purelib" | "platlib", _)));
    if !paths.clone().any(|path| modules(&path)) {
        return Vec::new();
    }
    let mut places = BTreeMap::new();
    let mut findings = Vec::new();
    for path in paths.filter(|path| path.data_scheme().is_none() || modules(path)) {
        if let Some(first) = places.insert(path.installed(), path) {
            let message =
                format!("goes to the place of `{first}`: which of them is imported, no two installers agree on");
            findings.push(Finding::error(Code::DuplicateEntry, message).at(path.as_str()));
        }
    }
    findings
}

/// Whether `{name}-{version}` means the file name's, however it is spelt; `Err` says what it is instead.
fn agrees(text: &str, filename: &WheelFilename) -> Result<(), String> {
    // A dash inside a name or a version is an underscore in folder names, but not every builder knows.
    let splits = [text.split_once('-'), text.rsplit_once('-')];
    let mut readings = splits.into_iter().flatten().filter_map(|(name, version)| {
        let name: DistName = name.parse().ok()?;
        let version: Version = version.replace('_', "-").parse().ok()?;
        Some((name, version))
    });
    let Some((name, version)) = readings.next() else { return Err("no name and version".to_owned()) };
    if (&name, &version) == (&filename.name, &filename.version)
        || readings.any(|(n, v)| (&n, &v) == (&filename.name, &filename.version))
    {
        Ok(())
    } else if name == filename.name {
        Err(format!("of version {version}"))
    } else {
        Err(format!("of the project `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> Vec<EntryPath> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    fn folder(texts: &[&str]) -> Result<String, String> {
        let filename = "foo_bar-1.0+a.1-py3-none-any.whl".parse().expect("a wheel's name");
        let found = find(paths(texts).iter(), &filename);
        found
            .map(|folder| folder.as_str().to_owned())
            .map_err(|finding| format!("{} {}", finding.code, finding.message))
    }

    #[test]
    fn one_folder_of_the_right_project() {
        for name in ["foo_bar-1.0+a.1", "Foo.Bar-1.0+A.1", "foo-bar-1.0+a.1", "foo_bar-1.0+a_1", "foo_bar-1.0.0+a.1"] {
            let folder_name = format!("{name}.dist-info");
            assert_eq!(folder(&["a.py", &format!("{folder_name}/WHEEL")]).as_deref(), Ok(folder_name.as_str()));
        }
        let error = |texts: &[&str]| folder(texts).expect_err("refused");
        assert!(error(&["a.py"]).starts_with("LP512 a zip archive, but not a wheel"));
        assert!(error(&["x.dist-info"]).contains("not a wheel"));
        assert!(error(&["x/foo_bar-1.0.dist-info/WHEEL"]).contains("not a wheel"));
        assert!(error(&["a-1.dist-info/x", "b-1.dist-info/x"]).contains("two .dist-info folders"));
        assert!(error(&["bar-1.0+a.1.dist-info/x"]).contains("of the project `bar`"));
        assert!(error(&["foo_bar-1.0.dist-info/x"]).contains("of version 1.0"));
        assert!(error(&["foo.dist-info/x"]).contains("no name and version"));
    }

    #[test]
    fn one_place_for_each_module() {
        let found = |texts: &[&str]| check_places(paths(texts).iter()).pop().map(|finding| finding.message);
        assert_eq!(found(&["foo/a.py", "foo/b.py", "foo-1.data/purelib/foo/c.py", "foo-1.data/data/foo/a.py"]), None);
        for other in ["foo/a.py", "foo-1.data/platlib/foo/a.py"] {
            let message = found(&[other, "foo-1.data/purelib/foo/a.py"]).expect("two of one place");
            assert!(message.starts_with(&format!("goes to the place of `{other}`")), "{message}");
        }
    }

    #[test]
    fn data_schemes() {
        let filename = "foo-1.0-py3-none-any.whl".parse().expect("a wheel's name");
        let found = |text: &str| check_data(paths(&[text]).iter(), &filename).pop().map(|finding| finding.message);
        for fine in
            ["foo-1.0.data/purelib/x.py", "foo-1.0.data/scripts/python-x", "Foo-1.0.0.data/data/a/b", "weights.data"]
        {
            assert_eq!(found(fine), None, "{fine}");
        }
        let refused = |text| found(text).expect(text);
        assert!(refused("foo-1.0.data/unknown/x").contains("no installation scheme"));
        assert!(refused("foo-1.0.data/purelib").contains("a file where"));
        assert!(refused("foo-1.0.data").contains("a file where"));
        assert!(refused("bar-1.0.data/purelib/x").contains("of the project `bar`"));
        assert!(refused("foo-1.1.data/purelib/x").contains("of version 1.1"));
        assert!(refused("foo-1.0.data/scripts/python").contains("interpreter"));
        assert!(refused("foo-1.0.data/data/bin/Python.exe").contains("interpreter"));
    }
}
